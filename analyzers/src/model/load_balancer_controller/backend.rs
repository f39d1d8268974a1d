//! A backend of an Ingress, with all that annotations say of it.

use super::action::{self, Asked, To, Tuple};
use super::annotation::{Annotations, member as json_member};
use super::service_port::port;
use super::{Refusal, Settings};
use crate::artifact::Node;
use crate::model::aws::elbv2::rule::{Action, Does};
use crate::model::decided::By;
use crate::model::{Entity, Model};

/// A backend.
#[derive(Debug, Clone, PartialEq)]
pub struct Backend {
    /// Its name: the Service's, or the action's.
    pub name: String,
    /// What it asks for.
    pub asked: Asked,
    /// Where that stands.
    pub by: By,
    /// What is done before, with a listener for HTTPS.
    pub before: Vec<Action>,
    /// The kinds of rewriting that are done before.
    pub transforms: Vec<String>,
}

/// The name of a port that stands for an annotation.
const USE_ANNOTATION: &str = "use-annotation";

impl Backend {
    /// Reads one.
    ///
    /// # Errors
    /// It asks for something that the controller does not take.
    pub fn new(model: &Model<'_>, ingress: &Entity<'_>, node: &Node<'_>, settings: &Settings) -> Result<Self, Refusal> {
        let annotations = Annotations::of_ingress(ingress);
        let service = node
            .get("service")
            .ok_or_else(|| Refusal::new("missing required \"service\" field", [node.evidence()]))?;
        let name = service.str_of("name").unwrap_or_default().to_owned();
        let wanted = service.get("port");
        let by_name = wanted.as_ref().and_then(|port| port.get("name"));
        let mut by = By::Read(service.evidence());
        let asked = if by_name.as_ref().and_then(Node::str) == Some(USE_ANNOTATION) {
            match action::named(&annotations, &name)? {
                Some((asked, evidence)) => {
                    by = By::Read(evidence);
                    asked
                }
                None if settings.tolerates_missing_action => Asked::Done(action::missing_action()),
                None => {
                    return Err(Refusal::new(
                        format!("missing actions.{name} configuration"),
                        [service.evidence()],
                    ));
                }
            }
        } else {
            let number = || wanted.as_ref().and_then(|wanted| wanted.get("number"));
            // A name is a name, also where it looks like a number.
            let wanted = match by_name.as_ref().and_then(Node::str).filter(|name| !name.is_empty()) {
                Some(name) => super::stack::Port::Name(name.to_owned()),
                None => number()
                    .as_ref()
                    .and_then(port)
                    .unwrap_or(super::stack::Port::Number(0)),
            };
            Asked::Forward {
                to: vec![Tuple {
                    to: To::Service(name.clone(), wanted),
                    weight: None,
                    decrypt: false,
                }],
                sticky: None,
                sticky_seconds: None,
            }
        };
        Ok(Self {
            before: before(model, ingress, &asked)?,
            transforms: transforms(&annotations, &name)?,
            name,
            asked,
            by,
        })
    }
}

/// Signing in, or a token that has to be shown: annotations of the Ingress, and before them those of the only Service that is forwarded to.
fn before(model: &Model<'_>, ingress: &Entity<'_>, asked: &Asked) -> Result<Vec<Action>, Refusal> {
    let only = match asked {
        Asked::Forward { to, .. } => match to.as_slice() {
            [
                Tuple {
                    to: To::Service(name, _),
                    ..
                },
            ] => model.get("Service", ingress.namespace, name),
            _ => None,
        },
        Asked::Done(_) => None,
    };
    let mut all = Vec::new();
    if let Some((how, evidence)) = action::authenticate(&Annotations::of_backend(only, ingress))? {
        all.push(Action {
            does: Does::Authenticate(how),
            by: By::Read(evidence),
        });
    }
    if let Some(fact) = Annotations::of_ingress(ingress).json("jwt-validation")? {
        let missing = ["jwksEndpoint", "issuer"]
            .into_iter()
            .find(|name| json_member(&fact.value, name).is_none());
        if let Some(name) = missing {
            return Err(Refusal::new(
                format!("{name} is a required field for jwt validation"),
                [fact.evidence],
            ));
        }
        all.push(Action {
            does: Does::JwtValidation,
            by: By::Read(fact.evidence),
        });
    }
    Ok(all)
}

/// The kinds of `transforms.NAME`.
fn transforms(annotations: &Annotations<'_, '_>, name: &str) -> Result<Vec<String>, Refusal> {
    let Some(fact) = annotations.json(&format!("transforms.{name}"))? else {
        return Ok(Vec::new());
    };
    let mut kinds = Vec::new();
    for transform in fact.value.as_array().into_iter().flatten() {
        let kind = json_member(transform, "type")
            .and_then(|kind| kind.as_str())
            .unwrap_or_default();
        if !matches!(kind, "url-rewrite" | "host-header-rewrite") {
            return Err(Refusal::new(
                format!("unknown transform type: {kind}"),
                [fact.evidence.clone()],
            ));
        }
        kinds.push(kind.to_owned());
    }
    Ok(kinds)
}
