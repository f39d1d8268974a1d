//! The Network Load Balancer of a Service of type LoadBalancer.

mod listener;
mod load_balancer;
mod target_group;

use std::collections::{BTreeMap, BTreeSet};

use super::annotation::Annotations;
use super::security_group::SecurityGroups;
use super::stack::{Listener, LoadBalancer, Stack};
use super::{Made, Refusal, Settings, Surroundings};
use crate::model::{Entity, Model};

pub(super) use target_group::{empty_port, target_port, word};

/// What the controller makes of a Service.
///
/// # Errors
/// It makes nothing, because the Service asks for something that it does not take.
pub fn build(
    model: &Model<'_>,
    service: &Entity<'_>,
    settings: &Settings,
    surroundings: &Surroundings,
) -> Result<Made, Refusal> {
    let annotations = Annotations::of_service(service);
    if let Some(why) = not_ours(service, &annotations, settings) {
        protected(service, &annotations)?;
        return Ok(Made::Nothing(why));
    }
    let mut builder = Builder {
        model,
        service,
        annotations,
        settings,
        surroundings,
        security_groups: SecurityGroups::default(),
        preserves: false,
        stack: None,
    };
    builder.run()?;
    Ok(match builder.stack {
        Some(stack) => Made::Stack(Box::new(stack)),
        None => Made::Nothing("it has no port".to_owned()),
    })
}

/// Why a Service is not the controller's.
fn not_ours(service: &Entity<'_>, annotations: &Annotations<'_, '_>, settings: &Settings) -> Option<String> {
    if service.at(&["metadata", "deletionTimestamp"]).is_some() {
        return Some("it is being deleted".to_owned());
    }
    let kind = service.str(&["spec", "type"]).unwrap_or("ClusterIP");
    if settings.load_balancer_services_only && kind != "LoadBalancer" {
        return Some(format!("its type is {kind}"));
    }
    if let Some(class) = service.str(&["spec", "loadBalancerClass"]) {
        return (class != settings.load_balancer_class).then(|| format!("its loadBalancerClass is {class}"));
    }
    let text = |suffix: &str| annotations.text(suffix).map(|fact| fact.value);
    let of_type = text("aws-load-balancer-type");
    let targets = text("aws-load-balancer-nlb-target-type");
    match (of_type.as_deref(), targets.as_deref()) {
        (Some("nlb-ip"), _) | (Some("external"), Some("ip" | "instance")) => None,
        (Some("external"), _) => {
            Some("its annotation aws-load-balancer-type is external, but aws-load-balancer-nlb-target-type is neither ip nor instance".to_owned())
        }
        _ => Some("neither loadBalancerClass nor the annotation aws-load-balancer-type gives it to the controller".to_owned()),
    }
}

/// A load balancer that is protected is not taken away with its Service.
fn protected(service: &Entity<'_>, annotations: &Annotations<'_, '_>) -> Result<(), Refusal> {
    let held = service.at(&["metadata", "finalizers"]).is_some_and(|list| {
        list.items()
            .iter()
            .any(|item| item.str() == Some("service.k8s.aws/resources"))
    });
    if !held {
        return Ok(());
    }
    let attributes = annotations.map("aws-load-balancer-attributes")?;
    match attributes {
        Some(fact) if fact.value.get("deletion_protection.enabled").map(String::as_str) == Some("true") => {
            Err(Refusal::new(
                format!(
                    "deletion_protection is enabled, cannot delete the service: {}",
                    service.name
                ),
                [fact.evidence],
            ))
        }
        _ => Ok(()),
    }
}

struct Builder<'x, 'm, 'a> {
    model: &'m Model<'a>,
    service: &'m Entity<'a>,
    annotations: Annotations<'m, 'a>,
    settings: &'x Settings,
    surroundings: &'x Surroundings,
    security_groups: SecurityGroups,
    /// Whether the targets of the group that was made last see the clients' addresses.
    preserves: bool,
    stack: Option<Stack>,
}

impl Builder<'_, '_, '_> {
    fn run(&mut self) -> Result<(), Refusal> {
        let load_balancer = self.load_balancer()?;
        self.stack = Some(Stack {
            id: self.service.path(),
            security_group: self.managed_security_group(&load_balancer)?,
            load_balancer,
            listeners: Vec::new(),
            target_groups: BTreeMap::new(),
            add_ons: Vec::new(),
            unread: Vec::new(),
            missing_services: BTreeSet::new(),
        });
        // The last one that is made of a port stays.
        let listeners: BTreeMap<u16, Listener> = self
            .listeners()?
            .into_iter()
            .map(|listener| (listener.port.value, listener))
            .collect();
        if let Some(stack) = &mut self.stack {
            stack.listeners = listeners.into_values().collect();
        }
        Ok(())
    }

    fn balancer(&self) -> Option<&LoadBalancer> {
        Some(&self.stack.as_ref()?.load_balancer)
    }

    /// The object's identity, which hashes are made of; `None` where it was not pasted.
    fn uid(&self) -> Option<String> {
        self.service.str(&["metadata", "uid"]).map(str::to_owned)
    }
}
