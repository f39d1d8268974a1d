//! What load balancers and their target groups are told.

use serde_json::json;

use super::{Candidate, Stop, at, places, reach, root};
use crate::artifact::Node;
use crate::model::{Entity, Model};

/// The annotation of the AWS Load Balancer Controller for Services.
const GROUP_ATTRIBUTES: &str = "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes";
const PRESERVE: &str = "preserve_client_ip.enabled";

/// The load balancer puts its own address in, so that answers come back through it.
pub fn preserve_client_ip(model: &Model<'_>, stop: &Stop<'_>) -> Vec<Candidate> {
    let mut all = Vec::new();
    for (artifact, pointer) in stop.before.iter().flat_map(|step| places(&step.evidence)) {
        let Some(root) = root(model, *artifact) else { continue };
        if let Some(attribute) = attribute(&root, pointer, PRESERVE) {
            let command = model
                .artifacts
                .get(*artifact)
                .and_then(|artifact| model.command_of(artifact));
            let arn = command.and_then(|command| command.option("--target-group-arn"));
            all.push(Candidate {
                change: at(
                    &attribute,
                    "/Value",
                    json!("false"),
                    format!("{PRESERVE} of the target group were false"),
                ),
                command: arn.map(|arn| {
                    format!(
                        "aws elbv2 modify-target-group-attributes --target-group-arn {arn} --attributes Key={PRESERVE},Value=false"
                    )
                }),
            });
        }
    }
    all.extend(model.all("Service").filter_map(annotated));
    all.truncate(3);
    all
}

/// The same said by the Service, where it says anything of the kind.
fn annotated(service: &Entity<'_>) -> Option<Candidate> {
    let view = service.views.first()?;
    let said = service.fact(&["metadata", "annotations", GROUP_ATTRIBUTES])?.value;
    let mut others: Vec<&str> = said
        .split(',')
        .filter(|pair| !pair.trim().starts_with(PRESERVE))
        .collect();
    let own = format!("{PRESERVE}=false");
    others.push(&own);
    let value = others.join(",");
    let namespace = if service.namespace.is_empty() {
        String::new()
    } else {
        format!(" -n {}", service.namespace)
    };
    Some(Candidate {
        change: at(
            view,
            &format!("/metadata/annotations/{}", GROUP_ATTRIBUTES.replace('/', "~1")),
            json!(value),
            format!("Service {} had {own} in its target-group-attributes", service.path()),
        ),
        command: Some(format!(
            "kubectl annotate svc {}{namespace} --overwrite {GROUP_ATTRIBUTES}={value}",
            service.name
        )),
    })
}

/// The element of `Attributes` that a pointer leads into, where it has that key.
fn attribute<'a>(root: &Node<'a>, pointer: &str, key: &str) -> Option<Node<'a>> {
    if !pointer.starts_with("/Attributes/") {
        return None;
    }
    let attribute = reach(root, pointer, 2);
    (attribute.str_of("Key") == Some(key)).then_some(attribute)
}

/// Nodes of all zones serve those who ask in any.
pub fn cross_zone(model: &Model<'_>, _: &Stop<'_>) -> Vec<Candidate> {
    const KEY: &str = "load_balancing.cross_zone.enabled";
    model
        .aws_list("Attributes")
        .into_iter()
        .filter(|(_, attribute)| attribute.str_of("Key") == Some(KEY) && attribute.str_of("Value") != Some("true"))
        .take(2)
        .map(|(command, attribute)| {
            let of = |option: &str, verb: &str| {
                let arn = command?.option(option)?;
                Some(format!(
                    "aws elbv2 {verb} {option} {arn} --attributes Key={KEY},Value=true"
                ))
            };
            Candidate {
                change: at(&attribute, "/Value", json!("true"), format!("{KEY} were true")),
                command: of("--target-group-arn", "modify-target-group-attributes")
                    .or_else(|| of("--load-balancer-arn", "modify-load-balancer-attributes")),
            }
        })
        .collect()
}

/// The health check passed: is there anything else in the way?
pub fn healthy(model: &Model<'_>, stop: &Stop<'_>) -> Vec<Candidate> {
    stop.places()
        .filter(|(_, pointer)| pointer.starts_with("/TargetHealthDescriptions/"))
        .filter_map(|(artifact, pointer)| {
            let described = reach(&root(model, *artifact)?, pointer, 2);
            let id = described.at(&["Target", "Id"])?.str()?;
            Some(Candidate {
                change: at(
                    &described,
                    "/TargetHealth/State",
                    json!("healthy"),
                    format!("the target {id} were healthy"),
                ),
                command: None,
            })
        })
        .take(3)
        .collect()
}
