//! SVC-015: a node's rules send what is for a Service elsewhere than its EndpointSlices say.
//!
//! What may differ without a fault is left out: endpoints of other nodes with `internalTrafficPolicy: Local`, of other zones with hints or
//! `trafficDistribution`, pods that end, Services that another proxy serves. What is left may still be a matter of time: the page says so.

use std::net::IpAddr;

use crate::evidence::Evidence;
use crate::finding::{Class, Hit, Rule};
use crate::flow::packet_path::{Ruled, Sending, end, joined};
use crate::flow::{FlowKind, Flows, Next};
use crate::model::endpoint_slice::{ServingEndpoint, ServingEndpoints};
use crate::model::service::{Policy, Service, ServicePort};
use crate::model::{Entity, Model};

/// The rule.
pub static RULE: Rule = Rule { code: "SVC-015", check };

/// The lines that are cited of each kind.
const CITED: usize = 6;

/// A Service with this label is another proxy's (Kubernetes API, well-known labels).
const OTHER_PROXY: &str = "service.kubernetes.io/service-proxy-name";

fn check(model: &Model<'_>, flows: &Flows) -> Vec<Hit> {
    if model.all("Service").next().is_none() {
        return Vec::new();
    }
    let families = [false, true].map(|six| Ruled::new(model, six));
    let mut hits = Vec::new();
    for entity in model.all("Service") {
        let service = Service(entity);
        let elsewhere = entity.str(&["metadata", "labels", OTHER_PROXY]).is_some();
        if service.kind() == "ExternalName" || elsewhere {
            continue;
        }
        for address in service.cluster_addresses() {
            let [four, six] = &families;
            let ruled = if address.value.is_ipv6() { six } else { four };
            let Some(ruled) = ruled else { continue };
            for port in service.ports() {
                let compared = Compared {
                    model,
                    ruled,
                    service,
                    port: &port,
                    address: address.value,
                };
                hits.extend(compared.hit(flows));
            }
        }
    }
    // One question is enough.
    let mut asked = false;
    hits.retain(|hit| !hit.open || !std::mem::replace(&mut asked, true));
    hits
}

/// The protocol as the kernel names it.
fn protocol(port: &ServicePort<'_>) -> Option<&'static str> {
    Some(match port.protocol {
        "TCP" => "tcp",
        "UDP" => "udp",
        "SCTP" => "sctp",
        _ => return None,
    })
}

/// A port of a Service, seen from both sides.
struct Compared<'c, 'a> {
    model: &'c Model<'a>,
    ruled: &'c Ruled<'a>,
    service: Service<'c, 'a>,
    port: &'c ServicePort<'a>,
    address: IpAddr,
}

/// What one side has and the other has not.
struct Difference<'d> {
    /// Sent to, and in no slice.
    strange: Vec<&'d Sending>,
    /// Sent to, and not ready.
    unready: Vec<(&'d Sending, Evidence)>,
    /// Ready, and not sent to.
    missing: Vec<(String, Evidence)>,
    /// Whether no rule is about the Service at all.
    absent: bool,
}

impl Compared<'_, '_> {
    fn hit(&self, flows: &Flows) -> Option<Hit> {
        let entity = self.service.0;
        let six = self.address.is_ipv6();
        let serving = self
            .model
            .serving(entity.namespace, entity.name, self.port.name, self.port.protocol, six);
        if !serving.known {
            return None;
        }
        let sent = self.ruled.send(self.address, self.port.port, protocol(self.port)?)?;
        let difference = self.difference(&serving, &sent.ends, sent.known)?;
        let told = serving.all.iter().all(|endpoint| endpoint.told);
        let strange = !difference.strange.is_empty();
        // A table's row shows some of the addresses and no conditions, and another slice may have what this one has not.
        if !told || strange && !self.has_all(entity) {
            return Some(Self::question(entity));
        }
        Some(self.found(flows, &serving, &sent.ends, &difference))
    }

    fn difference<'d>(
        &self,
        serving: &'d ServingEndpoints<'_>,
        ends: &'d [Sending],
        known: bool,
    ) -> Option<Difference<'d>> {
        let is = |end: &Sending, endpoint: &ServingEndpoint<'_>| {
            (end.address, end.port) == (endpoint.address, endpoint.port)
        };
        let of = |end: &Sending| serving.all.iter().find(|endpoint| is(end, endpoint));
        let ready = || serving.all.iter().filter(|endpoint| endpoint.ready);
        // Endpoints that a table counts and does not show are no strangers.
        let all_shown = serving.more == 0 && !serving.partial;
        let strange: Vec<&Sending> = ends.iter().filter(|end| all_shown && of(end).is_none()).collect();
        let unready: Vec<(&Sending, Evidence)> = ends
            .iter()
            .filter_map(|end| Some((end, of(end)?)))
            // Pods that end are left within seconds, and serve on where no other is ready.
            .filter(|(_, endpoint)| !endpoint.ready && !endpoint.terminating)
            .map(|(end, endpoint)| (end, endpoint.evidence.clone()))
            .collect();
        let hinted = serving
            .all
            .iter()
            .any(|endpoint| !endpoint.zones.is_empty() || !endpoint.nodes.is_empty());
        let near = self.service.0.at(&["spec", "trafficDistribution"]).is_some();
        // What may be chosen from is not told where the policy may be there and was not pasted.
        let some = self.service.is_local(Policy::Internal) != Some(false) || hinted || near;
        let missing: Vec<(String, Evidence)> = ready()
            .filter(|endpoint| !some && !ends.iter().any(|end| is(end, endpoint)))
            .map(|endpoint| (end(endpoint.address, endpoint.port), endpoint.evidence.clone()))
            .collect();
        let absent = !known && !missing.is_empty();
        let same = strange.is_empty() && unready.is_empty() && missing.is_empty();
        (!same).then_some(Difference {
            strange,
            unready,
            missing,
            absent,
        })
    }

    /// Whether all slices of the Service were pasted.
    fn has_all(&self, entity: &Entity<'_>) -> bool {
        let kinds = ["EndpointSlice", "Endpoints"];
        let of_service = format!("kubernetes.io/service-name={}", entity.name);
        let selected = self
            .model
            .all("EndpointSlice")
            .filter(|slice| slice.namespace == entity.namespace);
        let mut commands = selected.filter_map(|slice| {
            let artifact = self.model.artifacts.get(slice.views.first()?.artifact())?;
            self.model.command_of(artifact)
        });
        kinds
            .iter()
            .any(|kind| self.model.all_listed(kind, entity.namespace).is_some())
            || self.model.listed_beside(entity, "EndpointSlice").is_some()
            || self.model.all("EndpointSlice").next().is_none()
            || commands.any(|command| {
                let line = command.line();
                line.written(&["-l", "--selector"]) == Some(of_service.as_str()) && !line.filtered()
            })
    }

    fn question(entity: &Entity<'_>) -> Hit {
        Hit::open(vec![Next {
            command: format!(
                "kubectl get endpointslices -n {} -l kubernetes.io/service-name={} -o yaml",
                entity.namespace, entity.name
            ),
            decides: vec![RULE.code.to_owned()],
            why: format!(
                "The node's rules send what is for {} elsewhere than the endpoints that were pasted; whether these are all, and ready, is not shown.",
                entity.path()
            ),
        }])
    }

    fn found(
        &self,
        flows: &Flows,
        serving: &ServingEndpoints<'_>,
        ends: &[Sending],
        difference: &Difference<'_>,
    ) -> Hit {
        let entity = self.service.0;
        let address = end(self.address, self.port.port);
        let names = |ends: &[&Sending]| -> String {
            let all: Vec<String> = ends.iter().map(|one| end(one.address, one.port)).collect();
            all.join(", ")
        };
        let mut hit = Hit::new(Class::Note, format!("Service {}", entity.path()))
            .with("service", format!("{}:{}", entity.path(), self.port.port))
            .with("namespace", entity.namespace)
            .with("name", entity.name)
            .with("address", &address)
            .with("node", self.ruled.node.unwrap_or("the node"))
            .with("sent", ends.len().to_string())
            .with("known", serving.all.len().to_string())
            .cite("slices", joined(serving.evidence.iter().take(CITED).cloned()))
            .cite("port", [self.port.evidence.clone()]);
        if let Some(node) = self.ruled.node {
            hit = hit.with("host", node);
        }
        if difference.absent {
            hit.variant = Some("absent");
        } else if !difference.strange.is_empty() {
            hit = hit.with("strange", names(&difference.strange));
            hit = hit.cite("strange_rules", rules_of(&difference.strange));
        } else if !difference.unready.is_empty() {
            hit.variant = Some("unready");
        } else {
            hit.variant = Some("missing");
            let all: Vec<&Sending> = ends.iter().collect();
            hit = hit.cite("rules", rules_of(&all));
        }
        if !difference.unready.is_empty() {
            let ends: Vec<&Sending> = difference.unready.iter().map(|(end, _)| *end).collect();
            let lines = difference.unready.iter().map(|(_, evidence)| evidence.clone());
            hit = hit
                .with("unready", names(&ends))
                .cite("unready_rules", rules_of(&ends))
                .cite("unready_lines", joined(lines.take(CITED)));
        }
        if !difference.missing.is_empty() {
            let words: Vec<&str> = difference.missing.iter().map(|(one, _)| one.as_str()).collect();
            let lines = difference.missing.iter().map(|(_, evidence)| evidence.clone());
            hit = hit
                .with("missing", words.join(", "))
                .cite("missing_lines", joined(lines.take(CITED)));
        }
        hit.flow = flows
            .of(FlowKind::PacketPath)
            .find(|(_, flow)| flow.title.contains(&address))
            .map(|(index, _)| index);
        hit
    }
}

fn rules_of(ends: &[&Sending]) -> Vec<Evidence> {
    joined(ends.iter().flat_map(|end| end.evidence.iter().cloned()).take(CITED))
}
