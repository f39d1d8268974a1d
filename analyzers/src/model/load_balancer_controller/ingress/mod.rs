//! The Application Load Balancer of a group of Ingresses.

mod listener;
mod load_balancer;
mod target_group;

use std::collections::BTreeMap;

use super::annotation::Annotations;
use super::listen_port::{self, ListenPorts};
use super::security_group::{self, SecurityGroups};
use super::stack::Stack;
use super::{Group, Made, Refusal, Settings, Surroundings, tag};
use crate::model::Model;
use crate::model::decided::Decided;

/// What the controller makes of a group.
///
/// # Errors
/// It makes nothing, because a member asks for something that it does not take, or members disagree.
pub fn build(
    model: &Model<'_>,
    group: &Group<'_, '_>,
    settings: &Settings,
    surroundings: &Surroundings,
) -> Result<Made, Refusal> {
    protected(group)?;
    if group.members.is_empty() {
        return Ok(Made::Nothing("no Ingress is left in its group".to_owned()));
    }
    let (ports, members) = listen_port::of_group(group, settings)?;
    let mut builder = Builder {
        model,
        group,
        settings,
        surroundings,
        ports,
        members,
        security_groups: SecurityGroups::default(),
        ssl_redirect: None,
        target_groups: BTreeMap::new(),
        missing_services: std::collections::BTreeSet::new(),
    };
    builder.run().map(|stack| Made::Stack(Box::new(stack)))
}

/// A load balancer that is protected is not taken away with its last Ingress.
fn protected(group: &Group<'_, '_>) -> Result<(), Refusal> {
    for ingress in &group.leaving {
        if ingress.at(&["metadata", "deletionTimestamp"]).is_none() {
            continue;
        }
        let attributes = Annotations::of_ingress(ingress).map("load-balancer-attributes")?;
        if let Some(fact) = attributes
            && fact.value.get("deletion_protection.enabled").map(String::as_str) == Some("true")
        {
            return Err(Refusal::new(
                format!(
                    "deletion_protection is enabled, cannot delete the ingress: {}",
                    ingress.name
                ),
                [fact.evidence],
            ));
        }
    }
    Ok(())
}

struct Builder<'x, 'm, 'a> {
    model: &'m Model<'a>,
    group: &'x Group<'m, 'a>,
    settings: &'x Settings,
    surroundings: &'x Surroundings,
    ports: ListenPorts,
    /// Which members listen on each port.
    members: BTreeMap<u16, Vec<usize>>,
    security_groups: SecurityGroups,
    ssl_redirect: Option<Decided<u16>>,
    target_groups: BTreeMap<String, super::stack::TargetGroup>,
    missing_services: std::collections::BTreeSet<(String, String)>,
}

impl Builder<'_, '_, '_> {
    fn run(&mut self) -> Result<Stack, Refusal> {
        let load_balancer = self.load_balancer()?;
        let security_group = if self.security_groups.makes_one {
            let six = load_balancer.ip_address_type.value != "ipv4";
            let tags = tag::of_group(&self.group.members, self.settings)?;
            Some(security_group::of_ingresses(
                self.group,
                &self.ports,
                six,
                self.settings,
                tags,
            ))
        } else {
            None
        };
        self.ssl_redirect = listen_port::ssl_redirect(self.group, &self.ports)?;
        let mut listeners = Vec::new();
        for port in self.ports.keys().copied().collect::<Vec<_>>() {
            listeners.extend(self.listener(port, &load_balancer)?);
        }
        Ok(Stack {
            id: self.group.id.to_string(),
            load_balancer,
            listeners,
            target_groups: std::mem::take(&mut self.target_groups),
            security_group,
            add_ons: self.add_ons()?,
            unread: self.unread(),
            missing_services: std::mem::take(&mut self.missing_services),
        })
    }
}
