//! The mesh's sidecar in the path: what a pod sends and gets is redirected to Envoy, which chooses the endpoint itself and speaks mutual TLS.
//!
//! Istio: "Architecture of sidecar injection" and `tools/istio-iptables/pkg/capture/run.go` (`ISTIO_OUTPUT`, `ISTIO_REDIRECT`,
//! `ISTIO_INBOUND`, `ISTIO_IN_REDIRECT`); "Resource annotations", `traffic.sidecar.istio.io/…`.

mod mtls;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use super::end;
use crate::artifact::{Node, Value};
use crate::evidence::Evidence;
use crate::flow::policy::addresses::Addresses;
use crate::flow::{Actor, ActorKind, Next, Outcome, Step, Verdict};
use crate::model::service::ServicePort;
use crate::model::{Entity, Model};

pub use self::mtls::{Ends, arrival};

/// Whether a pod has a sidecar.
#[derive(Debug, Clone, PartialEq)]
pub enum Sidecar {
    /// It has.
    Yes(Box<Settings>),
    /// It has none, which the whole pod shows.
    No(Vec<Evidence>),
    /// The pod was not pasted, or as a row of a table alone.
    Untold,
}

/// What is redirected to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Namespace and name of the pod.
    pub pod: (String, String),
    /// Where the sidecar and its settings stand.
    pub evidence: Vec<Evidence>,
    /// Where it takes what the pod sends, and what the pod gets.
    outbound: String,
    inbound: String,
    include_ranges: String,
    exclude_ranges: String,
    include_ports: String,
    exclude_ports: String,
    inbound_ports: String,
    not_inbound_ports: String,
}

/// The ports of the sidecar's own that the injection template leaves out: metrics, health, and the agent's.
const OWN_PORTS: &str = "15090,15021,15020";

/// The command that shows a pod whole.
pub fn shows(pod: &(String, String)) -> Next {
    let (namespace, name) = pod;
    Next {
        command: format!("kubectl get pod {name} -n {namespace} -o yaml"),
        decides: Vec::new(),
        why: "Whether the pod has a sidecar, and what is redirected to it, decides what it sends and takes.".to_owned(),
    }
}

/// Whether a pod has a sidecar.
pub fn sidecar(model: &Model<'_>, pod: &(String, String)) -> Sidecar {
    let Some(entity) = model.get("Pod", &pod.0, &pod.1) else {
        return Sidecar::Untold;
    };
    let spec = entity.at(&["spec"]);
    // A native sidecar is an init container that goes on (Kubernetes, "Sidecar Containers").
    let all: Vec<Node<'_>> = ["containers", "initContainers"]
        .iter()
        .flat_map(|list| spec.as_ref().map(|spec| spec.list(list)).unwrap_or_default())
        .collect();
    let called = |name: &str| all.iter().find(|container| container.str_of("name") == Some(name));
    let status = entity.at(&["metadata", "annotations", "sidecar.istio.io/status"]);
    let proxy = called("istio-proxy").and_then(|proxy| proxy.get("name"));
    let Some(proof) = proxy.or(status) else {
        let whole = entity
            .complete()
            .then(|| spec.as_ref().and_then(|spec| spec.get("containers")))
            .flatten();
        return whole.map_or(Sidecar::Untold, |list| Sidecar::No(vec![list.evidence()]));
    };
    let mut settings = Settings {
        pod: pod.clone(),
        evidence: vec![proof.evidence()],
        outbound: "15001".to_owned(),
        inbound: "15006".to_owned(),
        include_ranges: "*".to_owned(),
        exclude_ranges: String::new(),
        include_ports: String::new(),
        exclude_ports: String::new(),
        inbound_ports: "*".to_owned(),
        not_inbound_ports: OWN_PORTS.to_owned(),
    };
    // Where the CNI plugin redirects there is no such container, and it goes by the annotations.
    match called("istio-init") {
        Some(init) => settings.take_arguments(init),
        None => settings.take_annotations(entity),
    }
    Sidecar::Yes(Box::new(settings))
}

impl Settings {
    /// `istio-iptables -p 15001 -z 15006 -u 1337 -m REDIRECT -i * -x  -b * -d 15090,15021,15020`
    fn take_arguments(&mut self, init: &Node<'_>) {
        let words = init.list("args");
        for pair in words.windows(2) {
            let [option, value] = pair else { continue };
            let (Some(option), Some(text)) = (option.str(), value.str()) else {
                continue;
            };
            if self.take(option, text) {
                self.evidence.push(value.evidence());
            }
        }
    }

    /// Returns whether something is redirected otherwise than usual by it.
    fn take(&mut self, option: &str, text: &str) -> bool {
        let (field, usual) = match option {
            "-p" | "--envoy-port" => (&mut self.outbound, "15001"),
            "-z" | "--inbound-capture-port" => (&mut self.inbound, "15006"),
            "-i" | "--istio-service-cidr" => (&mut self.include_ranges, "*"),
            "-x" | "--istio-service-exclude-cidr" => (&mut self.exclude_ranges, ""),
            "-q" | "--istio-outbound-ports" => (&mut self.include_ports, ""),
            "-o" | "--istio-local-outbound-ports-exclude" => (&mut self.exclude_ports, ""),
            "-b" | "--istio-inbound-ports" => (&mut self.inbound_ports, "*"),
            "-d" | "--istio-local-exclude-ports" => (&mut self.not_inbound_ports, OWN_PORTS),
            _ => return false,
        };
        text.clone_into(field);
        text != usual
    }

    fn take_annotations(&mut self, entity: &Entity<'_>) {
        for (name, option) in [
            ("includeOutboundIPRanges", "-i"),
            ("excludeOutboundIPRanges", "-x"),
            ("includeOutboundPorts", "-q"),
            ("excludeOutboundPorts", "-o"),
            ("includeInboundPorts", "-b"),
            ("excludeInboundPorts", "-d"),
        ] {
            let key = format!("traffic.sidecar.istio.io/{name}");
            if let Some(fact) = entity.fact(&["metadata", "annotations", &key])
                && self.take(option, &fact.value)
            {
                self.evidence.push(fact.evidence);
            }
        }
    }

    /// Whether what the pod sends there goes through the sidecar. The loopback interface and the sidecar's own user, 1337, are left out
    /// always.
    pub fn sends(&self, to: IpAddr, port: u16) -> bool {
        if to.is_loopback() || has_port(&self.exclude_ports, port) || has_address(&self.exclude_ranges, to) {
            return false;
        }
        has_port(&self.include_ports, port) || has_address(&self.include_ranges, to)
    }

    /// Whether what comes for a port of the pod goes through the sidecar.
    pub fn takes(&self, port: u16) -> bool {
        has_port(&self.inbound_ports, port) && !has_port(&self.not_inbound_ports, port)
    }

    fn envoy(&self, port: &str) -> Actor {
        let (namespace, name) = &self.pod;
        Actor {
            id: format!("pod:{namespace}/{name}/istio-proxy"),
            kind: ActorKind::Pod,
            name: format!("istio-proxy of {name}"),
            details: vec![format!("Envoy, port {port}")],
            zones: Vec::new(),
        }
    }

    /// What the pod sends to another pod's own address, or to what is no Service, goes through it as it is.
    pub fn passes_on(&self) -> Step {
        let action = format!(
            "what the program sends is redirected to Envoy on port {} (`ISTIO_REDIRECT`), which sends it on to the address that was asked",
            self.outbound
        );
        let mut step = Step::new(self.envoy(&self.outbound), action, Verdict::Assumed);
        step.evidence.clone_from(&self.evidence);
        step.note = Some(
            "An address that is no Service's goes through Envoy's passthrough cluster, where `outboundTrafficPolicy` does not forbid that."
                .to_owned(),
        );
        step
    }

    /// The ways from the pod to a Service's endpoints: Envoy chooses one itself, and no node rewrites anything.
    pub fn ways(
        &self,
        model: &Model<'_>,
        (entity, port): (&Entity<'_>, &ServicePort<'_>),
        asked: IpAddr,
    ) -> Option<(Vec<Outcome>, Vec<Next>)> {
        let six = asked.is_ipv6();
        let serving = model.serving(entity.namespace, entity.name, port.name, port.protocol, six);
        let ready: Vec<_> = serving.all.iter().filter(|one| one.ready).collect();
        if !serving.known || ready.is_empty() {
            // Who serves is a question without a sidecar, too.
            return None;
        }
        #[allow(clippy::cast_precision_loss, reason = "nobody has 2^52 endpoints")]
        let share = 1.0 / ready.len() as f64;
        let routed = model.all("VirtualService").next().is_some();
        let verdict = if routed { Verdict::Unknown } else { Verdict::Assumed };
        let ways = ready.into_iter().map(|one| {
            let to = end(one.address, one.port);
            let action = format!(
                "what the program sends is redirected to Envoy on port {} (`ISTIO_REDIRECT`), which sends it to an endpoint of Service {} \
                 itself",
                self.outbound,
                entity.path()
            );
            let mut step = Step::new(self.envoy(&self.outbound), action, verdict);
            step.before = vec![("dst", end(asked, port.port))];
            step.after = vec![("dst", to.clone())];
            step.evidence.clone_from(&self.evidence);
            step.evidence.push(one.evidence.clone());
            step.note = Some(if routed {
                "VirtualServices were pasted: they may send it elsewhere, and are not looked at yet.".to_owned()
            } else {
                "Envoy knows the endpoints from istiod; `istioctl proxy-config endpoints` shows them. VirtualServices may send it elsewhere."
                    .to_owned()
            });
            let mut outcome = Outcome::new(format!("to {to}"), share, verdict);
            outcome.ends_at = Some(to);
            outcome.steps.push(step);
            outcome
        });
        let next = routed.then(|| Next {
            command: format!("istioctl proxy-config routes {} -n {} -o json", self.pod.1, self.pod.0),
            decides: Vec::new(),
            why: "Envoy's routes say where a request for the host goes.".to_owned(),
        });
        Some((ways.collect(), next.into_iter().collect()))
    }
}

/// A pod of which it is not known whether it has one.
fn unknown_pod((namespace, name): &(String, String)) -> Actor {
    Actor {
        id: format!("pod:{namespace}/{name}"),
        kind: ActorKind::Pod,
        name: name.clone(),
        details: vec![format!("namespace {namespace}")],
        zones: Vec::new(),
    }
}

/// `*`, `80,443`
fn has_port(list: &str, port: u16) -> bool {
    list.split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.parse() == Ok(port))
}

/// `*`, `10.0.0.0/8,172.20.0.0/16`
fn has_address(list: &str, address: IpAddr) -> bool {
    list.split(',')
        .map(str::trim)
        .any(|one| one == "*" || Addresses::block(one).is_some_and(|block| block.contains(address)))
}

/// A member's text.
fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}
