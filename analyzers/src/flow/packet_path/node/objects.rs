//! What the cluster's objects say of those whom the rules send packets to.

use std::net::SocketAddr;

use super::answer::is_beyond;
use super::ask;
use super::packet::Packet;
use crate::flow::Flow;
use crate::model::Model;
use crate::model::service::Service;

/// Says of which ends none of the Service's EndpointSlices knows. That is no proof: slices and rules may be of different times (SVC-015).
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
        step.note = Some(format!(
            "None of the Service's EndpointSlices has {end}: whether somebody is there still is not known."
        ));
        flow.next.push(ask(
            &format!("kubectl get pods -A -o wide --field-selector status.podIP={}", end.ip()),
            "The rules send packets to an address that the Service's EndpointSlices do not have.",
        ));
    }
}
