//! Mutual TLS between sidecars: what the receiver demands, and what the sender speaks.
//!
//! Istio: "PeerAuthentication" (the policy of the workload, else of its namespace, else of the root namespace counts; `PERMISSIVE` where none
//! says otherwise), "DestinationRule" (`ClientTLSSettings`), and "Understanding TLS configuration", section "Auto mTLS".

use super::{Settings, Sidecar, shows, sidecar, text, unknown_pod};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::packet_path::joined;
use crate::flow::{Next, Reason, Step, Verdict};
use crate::model::{Entity, Model};

/// Istio's own namespace, whose policies are the whole mesh's, where `meshConfig.rootNamespace` does not say otherwise.
const ROOT: &str = "istio-system";

/// Both ends of a connection.
#[derive(Debug, Clone)]
pub struct Ends<'e> {
    /// The pod that sends, where it is one, and where that is read.
    pub from: Option<&'e (String, String)>,
    /// What shows who sends.
    pub sender: &'e [Evidence],
    /// Whether what it sends there goes through its sidecar, if it has one.
    pub through: bool,
    /// The pod that receives.
    pub to: &'e (String, String),
    /// The port there.
    pub port: u16,
    /// The Service that was asked, where it was one.
    pub service: Option<(&'e str, &'e str)>,
}

/// What the sender speaks.
enum Speaks {
    /// No TLS of the mesh.
    Plain(String, Vec<Evidence>),
    /// Mutual TLS, because a DestinationRule says so, or because Istio chooses it by itself wherever the receiver can.
    Mutual(Vec<Evidence>),
    Automatic,
    /// That was not pasted.
    Untold(String, Vec<Next>),
}

/// What the receiver demands.
enum Demands {
    Strict(Vec<Evidence>),
    /// It takes both, or does not look.
    Any(&'static str, Vec<Evidence>),
    Untold(Vec<Next>),
}

/// What the receiver's sidecar makes of a connection; nothing where there is none, as far as is known.
pub fn arrival(model: &Model<'_>, ends: &Ends<'_>) -> (Vec<Step>, Vec<Next>) {
    let settings = match sidecar(model, ends.to) {
        Sidecar::Yes(settings) => settings,
        Sidecar::Untold if model.all("PeerAuthentication").next().is_some() => {
            let mut step = Step::new(
                unknown_pod(ends.to),
                "takes the connection, if it has a sidecar that lets it in",
                Verdict::Unknown,
            );
            step.note = Some("Policies for mutual TLS were pasted, and the pod was not.".to_owned());
            return (vec![step], vec![shows(ends.to)]);
        }
        Sidecar::No(_) | Sidecar::Untold => return (Vec::new(), Vec::new()),
    };
    let envoy = settings.envoy(&settings.inbound);
    if !settings.takes(ends.port) {
        let mut step = Step::new(
            envoy,
            format!(
                "port {} is not redirected to Envoy: the program takes the connection itself",
                ends.port
            ),
            Verdict::Passes,
        );
        step.evidence.clone_from(&settings.evidence);
        return (vec![step], Vec::new());
    }
    let mut taken = Step::new(
        envoy,
        format!(
            "what comes for port {} is redirected to Envoy on port {} (`ISTIO_IN_REDIRECT`)",
            ends.port, settings.inbound
        ),
        Verdict::Passes,
    );
    taken.evidence.clone_from(&settings.evidence);
    let (judged, next) = judge(&settings, speaks(model, ends), demands(model, ends));
    (vec![taken, judged], next)
}

fn judge(settings: &Settings, speaks: Speaks, demands: Demands) -> (Step, Vec<Next>) {
    let step = |action: String, verdict: Verdict, evidence: Vec<Evidence>| {
        let mut step = Step::new(settings.envoy(&settings.inbound), action, verdict);
        step.evidence = joined(evidence);
        step
    };
    match (speaks, demands) {
        (Speaks::Plain(why, sender), Demands::Strict(policy)) => {
            let mut step = step(
                format!("refuses the connection: the policy demands mutual TLS (STRICT), and {why}"),
                Verdict::Blocked,
                policy.into_iter().chain(sender).collect(),
            );
            // Envoy finds no filter chain for a connection without TLS and resets it: of the contract's words, the one for who is told at once.
            step.reason = Some(Reason::Reject);
            step.note = Some("The sender sees its connection reset as soon as it says something.".to_owned());
            (step, Vec::new())
        }
        (Speaks::Plain(why, sender), Demands::Any(mode, policy)) => {
            let mut step = step(
                format!("lets the connection in without mutual TLS ({mode}): {why}"),
                Verdict::Passes,
                policy.into_iter().chain(sender).collect(),
            );
            if step.evidence.is_empty() {
                step.verdict = Verdict::Assumed;
            }
            (step, Vec::new())
        }
        (Speaks::Plain(why, sender), Demands::Untold(next)) => {
            let mut step = step(
                format!("lets the connection in, unless a policy demands mutual TLS: {why}"),
                Verdict::Unknown,
                sender,
            );
            step.note = Some("A PeerAuthentication of the pod, of its namespace or of the mesh decides.".to_owned());
            (step, next)
        }
        (Speaks::Automatic, _) => {
            let mut step = step(
                "takes what the sender's Envoy sends: it speaks mutual TLS wherever the receiver takes it".to_owned(),
                Verdict::Assumed,
                Vec::new(),
            );
            step.note = Some(
                "Istio's default (`enableAutoMtls`), where no DestinationRule for the host says otherwise; none was pasted.".to_owned(),
            );
            (step, Vec::new())
        }
        (Speaks::Mutual(rule), Demands::Any(mode, policy)) if mode == DISABLE => {
            let mut step = step(
                "gets mutual TLS, and leaves it to the program (DISABLE)".to_owned(),
                Verdict::Unknown,
                rule.into_iter().chain(policy).collect(),
            );
            step.note = Some(
                "A DestinationRule demands TLS of the sender, and the receiver's Envoy does not take it off."
                    .to_owned(),
            );
            (step, Vec::new())
        }
        (Speaks::Mutual(rule), Demands::Strict(policy) | Demands::Any(_, policy)) => {
            let all = rule.into_iter().chain(policy).collect();
            (
                step(
                    "takes the connection: it is mutual TLS".to_owned(),
                    Verdict::Passes,
                    all,
                ),
                Vec::new(),
            )
        }
        (Speaks::Mutual(rule), Demands::Untold(_)) => (
            step(
                "takes the connection: it is mutual TLS, unless a policy says DISABLE".to_owned(),
                Verdict::Assumed,
                rule,
            ),
            Vec::new(),
        ),
        (Speaks::Untold(..), Demands::Any(mode, policy)) if mode == PERMISSIVE => {
            let verdict = if policy.is_empty() {
                Verdict::Assumed
            } else {
                Verdict::Passes
            };
            (
                step(
                    format!("takes the connection, with or without mutual TLS ({mode})"),
                    verdict,
                    policy,
                ),
                Vec::new(),
            )
        }
        (Speaks::Untold(why, mut next), demands) => {
            let (evidence, more) = demands.shown();
            next.extend(more);
            let action = format!("takes the connection, if it is what the policy wants: {why}");
            (step(action, Verdict::Unknown, evidence), next)
        }
    }
}

impl Demands {
    /// The lines that tell it, or what would.
    fn shown(self) -> (Vec<Evidence>, Vec<Next>) {
        match self {
            Self::Strict(policy) | Self::Any(_, policy) => (policy, Vec::new()),
            Self::Untold(next) => (Vec::new(), next),
        }
    }
}

const PERMISSIVE: &str = "PERMISSIVE";
const DISABLE: &str = "DISABLE";

fn speaks(model: &Model<'_>, ends: &Ends<'_>) -> Speaks {
    let Some(pod) = ends.from else {
        return Speaks::Plain("the sender is no pod of the mesh".to_owned(), ends.sender.to_vec());
    };
    let settings = match sidecar(model, pod) {
        Sidecar::No(evidence) => {
            return Speaks::Plain(
                format!("{}/{} has no sidecar that could speak it", pod.0, pod.1),
                evidence,
            );
        }
        Sidecar::Untold => {
            let why = format!("whether {}/{} has a sidecar was not pasted", pod.0, pod.1);
            return Speaks::Untold(why, vec![shows(pod)]);
        }
        Sidecar::Yes(settings) => settings,
    };
    if !ends.through {
        let why = "what the sender sends there is not redirected to its sidecar".to_owned();
        return Speaks::Plain(why, settings.evidence.clone());
    }
    let Some(service) = ends.service else {
        let why = "the sender's Envoy was asked for a pod's own address, and sends on what it gets".to_owned();
        return Speaks::Untold(why, Vec::new());
    };
    match tls_of_rule(model, &pod.0, service) {
        None => Speaks::Automatic,
        Some((mode, evidence)) if mode == "ISTIO_MUTUAL" => Speaks::Mutual(evidence),
        Some((mode, evidence)) if mode == "DISABLE" => Speaks::Plain(
            "a DestinationRule tells the sender not to (DISABLE)".to_owned(),
            evidence,
        ),
        Some((mode, _)) => Speaks::Untold(
            format!("a DestinationRule lets the sender speak TLS of its own ({mode})"),
            Vec::new(),
        ),
    }
}

/// What a DestinationRule for a Service's host says of TLS: those of the client's namespace come first, then the Service's, then the root's.
fn tls_of_rule(model: &Model<'_>, client: &str, service: (&str, &str)) -> Option<(String, Vec<Evidence>)> {
    [client, service.0, ROOT].iter().find_map(|namespace| {
        model
            .all("DestinationRule")
            .filter(|rule| rule.namespace == *namespace)
            .filter(|rule| {
                rule.str(&["spec", "host"])
                    .is_some_and(|host| is_host(host, rule.namespace, service))
            })
            .find_map(|rule| {
                let mode = rule.fact(&["spec", "trafficPolicy", "tls", "mode"])?;
                Some((mode.value, vec![mode.evidence]))
            })
    })
}

/// Whether a host of a rule is a Service's: short names are of the rule's own namespace.
fn is_host(host: &str, namespace: &str, (of, name): (&str, &str)) -> bool {
    let full = format!("{name}.{of}.svc.cluster.local");
    if let Some(end) = host.strip_prefix('*') {
        return full.ends_with(end);
    }
    host == full
        || host == format!("{name}.{of}")
        || host == format!("{name}.{of}.svc")
        || host == name && namespace == of
}

fn demands(model: &Model<'_>, ends: &Ends<'_>) -> Demands {
    let (namespace, name) = ends.to;
    let labels = model
        .get("Pod", namespace, name)
        .and_then(|pod| pod.at(&["metadata", "labels"]));
    let all: Vec<&Entity<'_>> = model.all("PeerAuthentication").collect();
    let own = |policy: &&&Entity<'_>| selects(policy, labels.as_ref());
    let selected = all.iter().filter(|policy| policy.namespace == namespace).find(own);
    if let Some(found) = selected.and_then(|policy| mode_of(policy, Some(ends.port))) {
        return found;
    }
    let unknown = || {
        Demands::Untold(vec![Next {
            command: "kubectl get peerauthentication -A -o yaml".to_owned(),
            decides: Vec::new(),
            why: "The policy of the pod, of its namespace or of the mesh decides whether mutual TLS is demanded."
                .to_owned(),
        }])
    };
    // A policy for the pod alone comes before its namespace's.
    let listed = |namespace: &str| model.all_listed("PeerAuthentication", namespace);
    let Some(here) = listed(namespace) else {
        return unknown();
    };
    let wide = |of: &str| {
        let mut policies = all
            .iter()
            .filter(|policy| policy.namespace == of && !has_selector(policy));
        policies.find_map(|policy| mode_of(policy, None))
    };
    if let Some(found) = wide(namespace) {
        return found;
    }
    let Some(root) = listed(ROOT) else { return unknown() };
    wide(ROOT).unwrap_or_else(|| Demands::Any(PERMISSIVE, joined([here, root])))
}

fn has_selector(policy: &Entity<'_>) -> bool {
    let labels = policy.at(&["spec", "selector", "matchLabels"]);
    labels.is_some_and(|labels| !labels.members().is_empty())
}

/// Whether a policy is for the workload with these labels.
fn selects(policy: &Entity<'_>, labels: Option<&Node<'_>>) -> bool {
    let wanted = policy
        .at(&["spec", "selector", "matchLabels"])
        .map(|wanted| wanted.members());
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else {
        return false;
    };
    wanted.iter().all(|(key, value)| {
        labels.is_some_and(|labels| value.str().is_some() && text(labels.value(), key) == value.str())
    })
}

/// What a policy says; `None` where it says nothing (`UNSET`) and the wider one counts.
fn mode_of(policy: &Entity<'_>, port: Option<u16>) -> Option<Demands> {
    let number = port.map(|port| port.to_string());
    let by_port = number.and_then(|number| policy.fact(&["spec", "portLevelMtls", &number, "mode"]));
    let fact = by_port.or_else(|| policy.fact(&["spec", "mtls", "mode"]))?;
    let evidence = vec![fact.evidence];
    match fact.value.as_str() {
        "STRICT" => Some(Demands::Strict(evidence)),
        "PERMISSIVE" => Some(Demands::Any(PERMISSIVE, evidence)),
        "DISABLE" => Some(Demands::Any(DISABLE, evidence)),
        _ => None,
    }
}
