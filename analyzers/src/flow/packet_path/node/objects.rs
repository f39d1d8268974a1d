//! What the cluster's objects say of those whom the rules send packets to.

use std::net::SocketAddr;

use super::answer::is_beyond;
use super::ask;
use super::packet::Packet;
use crate::flow::{Flow, Verdict};
use crate::model::Model;
use crate::model::service::Service;

/// Marks the ways to ends that none of the Service's EndpointSlices has: nobody says that somebody is there.
pub fn doubt(model: &Model<'_>, packet: &Packet, flow: &mut Flow) {
    let (address, port) = packet.asked;
    let six = address.is_ipv6();
    let serving = model.all("Service").find_map(|entity| {
        let service = Service(entity);
        if !service.cluster_addresses().iter().any(|own| own.value == address) {
            return None;
        }
        let ports = service.ports();
        let own = ports
            .iter()
            .find(|one| one.port == port && one.protocol.eq_ignore_ascii_case(packet.protocol))?;
        Some(model.serving(entity.namespace, entity.name, own.name, own.protocol, six))
    });
    let told = serving.filter(|serving| serving.known && serving.all.iter().all(|endpoint| endpoint.told));
    let Some(serving) = told else { return };
    let mut doubted = false;
    for outcome in &mut flow.outcomes {
        let Some(end) = outcome
            .ends_at
            .as_deref()
            .and_then(|end| end.parse::<SocketAddr>().ok())
        else {
            continue;
        };
        let is_known = serving
            .all
            .iter()
            .any(|endpoint| (endpoint.address, endpoint.port) == (end.ip(), end.port()));
        let Some(step) = outcome.steps.last_mut().filter(|step| !is_known && is_beyond(step)) else {
            continue;
        };
        step.verdict = step.verdict.max(Verdict::Unknown);
        step.note = Some(format!(
            "None of the Service's EndpointSlices has {end}: whether somebody is there still is not known."
        ));
        outcome.verdict = outcome.verdict.max(Verdict::Unknown);
        flow.next.push(ask(
            &format!("kubectl get pods -A -o wide --field-selector status.podIP={}", end.ip()),
            "The rules send packets to an address that the Service's EndpointSlices do not have.",
        ));
        doubted = true;
    }
    if doubted {
        flow.verdict = flow.verdict.max(Verdict::Unknown);
        flow.outcomes
            .sort_by(|a, b| (b.verdict, &a.label).cmp(&(a.verdict, &b.label)));
    }
}
