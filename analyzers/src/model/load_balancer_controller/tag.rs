//! The tags that the controller gives, beside those by which it knows its own.

use super::annotation::Annotations;
use super::attribute::{evidence, listed, merged, pairs};
use super::stack::Pairs;
use super::{Member, Refusal, Settings};
use crate::model::Entity;
use crate::model::decided::Decided;

/// Those of an Ingress group's load balancer, security group and, of those Ingresses that ask for a listener, of the listener.
///
/// # Errors
/// Two members disagree, or one asks for a tag that the controller is told to leave alone.
pub fn of_group(members: &[Member<'_, '_>], settings: &Settings) -> Result<Pairs, Refusal> {
    let mut all = Pairs::new();
    for member in members {
        for (key, value) in of_member(member, settings)? {
            if let Some(known) = all.get(&key)
                && known.value != value.value
            {
                return Err(Refusal::new(
                    format!("conflicting tag {key}: {} | {}", known.value, value.value),
                    evidence(known).into_iter().chain(evidence(&value)),
                ));
            }
            all.insert(key, value);
        }
    }
    Ok(with_defaults(all, settings))
}

/// Those of a rule that an Ingress asks for.
///
/// # Errors
/// It asks for a tag that the controller is told to leave alone.
pub fn of_rule(member: &Member<'_, '_>, settings: &Settings) -> Result<Pairs, Refusal> {
    Ok(with_defaults(of_member(member, settings)?, settings))
}

/// Those of the target group of an Ingress and its backend.
///
/// # Errors
/// One of both asks for a tag that the controller is told to leave alone.
pub fn of_backend(
    member: &Member<'_, '_>,
    service: Option<&Entity<'_>>,
    settings: &Settings,
) -> Result<Pairs, Refusal> {
    let own = match service {
        Some(service) => pairs(super::annotation::Annotations::of_backend(None, service).map("tags")?),
        None => Pairs::new(),
    };
    let ingress = pairs(Annotations::of_ingress(member.ingress).map("tags")?);
    let asked = allowed(merged(own, ingress), settings)?;
    Ok(with_defaults(merged(of_class(member, settings)?, asked), settings))
}

/// Those that a Service of type LoadBalancer asks for.
///
/// # Errors
/// It asks for a tag that the controller is told to leave alone.
pub fn of_service(annotations: &Annotations<'_, '_>, settings: &Settings) -> Result<Pairs, Refusal> {
    let asked = pairs(annotations.map("aws-load-balancer-additional-resource-tags")?);
    Ok(with_defaults(allowed(asked, settings)?, settings))
}

fn of_member(member: &Member<'_, '_>, settings: &Settings) -> Result<Pairs, Refusal> {
    let asked = pairs(Annotations::of_ingress(member.ingress).map("tags")?);
    Ok(merged(of_class(member, settings)?, allowed(asked, settings)?))
}

fn of_class(member: &Member<'_, '_>, settings: &Settings) -> Result<Pairs, Refusal> {
    let tags = member.parameter("tags").map(|tags| listed(&tags.items()));
    allowed(tags.unwrap_or_default(), settings)
}

fn allowed(tags: Pairs, settings: &Settings) -> Result<Pairs, Refusal> {
    match tags
        .iter()
        .find(|(key, _)| settings.external_managed_tags.contains(*key))
    {
        Some((key, value)) => Err(Refusal::new(
            format!("external managed tag key {key} cannot be specified"),
            evidence(value),
        )),
        None => Ok(tags),
    }
}

/// With `--default-tags`, which come first unless the gate `EnableDefaultTagsLowPriority` is open.
fn with_defaults(asked: Pairs, settings: &Settings) -> Pairs {
    let defaults = settings
        .default_tags
        .iter()
        .map(|(key, value)| {
            let value = match &settings.evidence {
                Some(evidence) => Decided::read(value.clone(), evidence.clone()),
                None => Decided::default(value.clone(), "the controller's --default-tags"),
            };
            (key.clone(), value)
        })
        .collect();
    if settings.default_tags_last {
        merged(asked, defaults)
    } else {
        merged(defaults, asked)
    }
}
