//! What kube-proxy's answer depends on, where it was not pasted: which command tells it.

use super::choice::Lacks;
use super::services::Here;
use super::{Answer, Packet};
use crate::evidence::Evidence;
use crate::flow::Next;
use crate::model::service::Policy;
use crate::model::{Entity, Model};

fn ask(command: String, why: String) -> Next {
    Next {
        command,
        decides: Vec::new(),
        why,
    }
}

/// Who serves a Service.
pub fn endpoints(service: &Entity<'_>, why: String) -> Next {
    let command = format!(
        "kubectl get endpointslices -n {} -l kubernetes.io/service-name={} -o yaml",
        service.namespace, service.name
    );
    ask(command, why)
}

/// A Service's own settings.
pub fn settings(service: &Entity<'_>, policy: Policy) -> Next {
    let command = format!("kubectl get service {} -n {} -o yaml", service.name, service.namespace);
    ask(
        command,
        format!("{} of {} was not pasted.", policy.field(), service.path()),
    )
}

/// The answer where something is missing.
pub fn answer(
    lacks: Lacks,
    model: &Model<'_>,
    here: &Here<'_>,
    packet: &Packet,
    service: &Entity<'_>,
    evidence: Vec<Evidence>,
) -> Answer {
    let of = service.path();
    let (action, next) = match lacks {
        Lacks::Endpoints => (
            format!("the address is that of Service {of}: who serves it was not pasted"),
            endpoints(service, format!("Who serves {of} is not pasted.")),
        ),
        Lacks::Node => (
            format!("which endpoints of Service {of} get the packet depends on the node that it comes to first"),
            client(model, packet),
        ),
        Lacks::EndpointNodes => (
            format!("which endpoints of Service {of} get the packet depends on the nodes that they are on"),
            endpoints(service, format!("The nodes of the endpoints of {of} were not pasted.")),
        ),
        Lacks::Zone => {
            let node = here.name.unwrap_or("NODE");
            (
                format!(
                    "which endpoints of Service {of} get the packet depends on the zone of the node: they have hints for zones"
                ),
                ask(
                    format!("kubectl get node {node} -L topology.kubernetes.io/zone"),
                    format!("The zone of {node} was not pasted."),
                ),
            )
        }
        Lacks::Policy => (
            format!("whether the packet has to stay on this node depends on the externalTrafficPolicy of Service {of}"),
            settings(service, Policy::External),
        ),
    };
    Answer::NotKnown {
        action,
        next: Box::new(next),
        evidence,
    }
}

/// What tells the node of who sends.
fn client(model: &Model<'_>, packet: &Packet) -> Next {
    let why = "The rules of the sender's own node see the packet first.".to_owned();
    match model.pod_by_ip(packet.source) {
        Some(pod) => ask(
            format!("kubectl get pod {} -n {} -o wide", pod.name, pod.namespace),
            why,
        ),
        None => ask(
            format!(
                "kubectl get pods -A -o wide --field-selector status.podIP={}",
                packet.source
            ),
            why,
        ),
    }
}
