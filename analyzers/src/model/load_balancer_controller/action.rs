//! Actions as annotations write them: `actions.NAME` of an Ingress whose backend is `NAME:use-annotation` (documentation, "Custom actions").

use serde_json::Value as Json;

use super::Refusal;
use super::annotation::{Annotations, member};
use super::service_port::parsed;
use super::stack::Port;
use crate::evidence::{Evidence, Fact};
use crate::model::aws::elbv2::rule::{Authenticate, Does, FixedResponse, Redirect};

/// What a backend asks for, before its Services are looked up.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// Requests go to these.
    Forward {
        /// In their order.
        to: Vec<Tuple>,
        /// `targetGroupStickinessConfig.enabled`
        sticky: Option<bool>,
        /// `targetGroupStickinessConfig.durationSeconds`
        sticky_seconds: Option<i64>,
    },
    /// Something that needs no target.
    Done(Does),
}

/// One of those that share the requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tuple {
    /// Who.
    pub to: To,
    /// `weight`
    pub weight: Option<u32>,
    /// `decrypt`, of a Service's listener: the load balancer ends TLS.
    pub decrypt: bool,
}

/// Who gets requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// `serviceName`, `servicePort`
    Service(String, Port),
    /// `targetGroupARN`
    Arn(String),
    /// `targetGroupName`
    Name(String),
}

/// What is answered where a backend names an action that no annotation describes.
pub fn missing_action() -> Does {
    unavailable("Backend action does not exist")
}

fn unavailable(words: &str) -> Does {
    Does::FixedResponse(FixedResponse {
        status_code: "503".to_owned(),
        content_type: Some("text/plain".to_owned()),
        message_body: Some(words.to_owned()),
    })
}

/// What is answered where no rule of a listener fits and no Ingress has a default backend.
pub fn not_found() -> Does {
    Does::FixedResponse(FixedResponse {
        status_code: "404".to_owned(),
        content_type: Some("text/plain".to_owned()),
        message_body: None,
    })
}

/// The action of that name; `None` where no annotation describes it.
///
/// # Errors
/// It describes none.
pub fn named(annotations: &Annotations<'_, '_>, name: &str) -> Result<Option<(Asked, Evidence)>, Refusal> {
    let Some(fact) = annotations.json(&format!("actions.{name}"))? else {
        return Ok(None);
    };
    Ok(Some((read(&fact)?, fact.evidence)))
}

fn text(object: &Json, name: &str) -> Option<String> {
    let value = member(object, name)?;
    match value.as_str() {
        Some(text) => Some(text.to_owned()),
        None => value.as_i64().map(|number| number.to_string()),
    }
}

/// An action.
///
/// # Errors
/// It describes none.
pub fn read(fact: &Fact<Json>) -> Result<Asked, Refusal> {
    let action = &fact.value;
    let refused = |message: &str| Refusal::new(message, [fact.evidence.clone()]);
    let status = |config: &Json| text(config, "statusCode").filter(|code| !code.is_empty());
    match text(action, "type").as_deref() {
        Some("fixed-response") => {
            let config = member(action, "fixedResponseConfig").ok_or_else(|| refused("missing FixedResponseConfig"))?;
            Ok(Asked::Done(Does::FixedResponse(FixedResponse {
                status_code: status(config)
                    .ok_or_else(|| refused("invalid FixedResponseConfig: statusCode is required"))?,
                content_type: text(config, "contentType"),
                message_body: text(config, "messageBody"),
            })))
        }
        Some("redirect") => {
            let config = member(action, "redirectConfig").ok_or_else(|| refused("missing RedirectConfig"))?;
            Ok(Asked::Done(Does::Redirect(Redirect {
                protocol: text(config, "protocol"),
                port: text(config, "port"),
                host: text(config, "host"),
                path: text(config, "path"),
                query: text(config, "query"),
                status_code: status(config).ok_or_else(|| refused("invalid RedirectConfig: statusCode is required"))?,
            })))
        }
        Some("forward") => forward(action, &refused),
        Some(other) => Err(refused(&format!("unknown action type: {other}"))),
        None => Err(refused("unknown action type: ")),
    }
}

fn forward(action: &Json, refused: &dyn Fn(&str) -> Refusal) -> Result<Asked, Refusal> {
    let config = member(action, "forwardConfig");
    let simple = text(action, "targetGroupARN")
        .map(To::Arn)
        .or_else(|| text(action, "targetGroupName").map(To::Name));
    let config = match (config, simple) {
        (Some(_), Some(_)) => {
            return Err(refused(
                "either ForwardConfig or TargetGroupARN/TargetGroupName can be specified",
            ));
        }
        (None, None) => return Err(refused("missing ForwardConfig or TargetGroupARN/TargetGroupName")),
        (None, Some(to)) => {
            return Ok(Asked::Forward {
                to: vec![Tuple {
                    to,
                    weight: None,
                    decrypt: false,
                }],
                sticky: None,
                sticky_seconds: None,
            });
        }
        (Some(config), None) => config,
    };
    let mut to = Vec::new();
    for tuple in member(config, "targetGroups")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
    {
        to.push(self::tuple(tuple).map_err(|words| refused(&format!("invalid ForwardConfig: {words}")))?);
    }
    if to.len() > 1 && to.iter().any(|tuple| tuple.weight.is_none()) {
        return Err(refused(
            "invalid ForwardConfig: weight must be set when route to multiple target groups",
        ));
    }
    let stickiness = member(config, "targetGroupStickinessConfig");
    Ok(Asked::Forward {
        to,
        sticky: stickiness.and_then(|config| member(config, "enabled")?.as_bool()),
        sticky_seconds: stickiness.and_then(|config| member(config, "durationSeconds")?.as_i64()),
    })
}

fn tuple(tuple: &Json) -> Result<Tuple, &'static str> {
    let group = text(tuple, "targetGroupARN")
        .map(To::Arn)
        .or_else(|| text(tuple, "targetGroupName").map(To::Name));
    let to = match (group, text(tuple, "serviceName")) {
        (Some(_), Some(_)) => {
            return Err(
                "invalid TargetGroupTuple: either serviceName or targetGroupARN/targetGroupName can be specified",
            );
        }
        (None, None) => {
            return Err("invalid TargetGroupTuple: missing serviceName or targetGroupARN/targetGroupName");
        }
        (Some(group), None) => group,
        (None, Some(name)) => {
            let port = text(tuple, "servicePort").ok_or("invalid TargetGroupTuple: missing servicePort")?;
            To::Service(name, parsed(&port))
        }
    };
    Ok(Tuple {
        to,
        weight: member(tuple, "weight")
            .and_then(Json::as_u64)
            .and_then(|weight| u32::try_from(weight).ok()),
        decrypt: member(tuple, "decrypt").and_then(Json::as_bool).unwrap_or(false),
    })
}

/// `forwardConfig.baseServiceWeight`, of a Service's listener: the share of the Service itself.
pub fn base_weight(action: &Json) -> Option<u32> {
    let config = member(action, "forwardConfig")?;
    u32::try_from(member(config, "baseServiceWeight")?.as_u64()?).ok()
}

/// `auth-type`: how somebody is made to sign in before a request goes on.
///
/// # Errors
/// It is none, or its configuration is missing.
pub fn authenticate(annotations: &Annotations<'_, '_>) -> Result<Option<(Authenticate, Evidence)>, Refusal> {
    let Some(kind) = annotations.text("auth-type") else {
        return Ok(None);
    };
    let (config, missing) = match kind.value.as_str() {
        "none" => return Ok(None),
        "cognito" => ("auth-idp-cognito", "missing IDPConfigCognito"),
        "oidc" => ("auth-idp-oidc", "missing IDPConfigOIDC"),
        other => return Err(Refusal::new(format!("unknown authType: {other}"), [kind.evidence])),
    };
    if annotations.json(config)?.is_none() {
        return Err(Refusal::new(missing, [kind.evidence]));
    }
    let on_unauthenticated_request = annotations
        .text("auth-on-unauthenticated-request")
        .map_or_else(|| "authenticate".to_owned(), |fact| fact.value);
    Ok(Some((
        Authenticate {
            with: kind.value,
            on_unauthenticated_request,
        },
        kind.evidence,
    )))
}

#[cfg(test)]
mod tests {
    use super::{Asked, To, Tuple, read};
    use crate::artifact::ArtifactId;
    use crate::evidence::{Evidence, Fact};
    use crate::model::aws::elbv2::rule::{Does, Redirect};
    use crate::model::load_balancer_controller::stack::Port;

    fn action(text: &str) -> Result<Asked, String> {
        let evidence = Evidence::Node {
            artifact: ArtifactId(0),
            pointer: "/metadata/annotations".to_owned(),
        };
        let value = serde_json::from_str(text).expect("JSON");
        read(&Fact::new(value, evidence)).map_err(|refusal| refusal.message)
    }

    #[test]
    fn weights_are_read_and_a_port_may_be_written_in_quotes() {
        let text = r#"{"type":"forward","forwardConfig":{"targetGroups":[
            {"serviceName":"blue","servicePort":"80","weight":80},
            {"serviceName":"green","servicePort":"http","weight":20}],
            "targetGroupStickinessConfig":{"enabled":true,"durationSeconds":200}}}"#;
        let tuple = |name: &str, port: Port, weight: u32| Tuple {
            to: To::Service(name.to_owned(), port),
            weight: Some(weight),
            decrypt: false,
        };
        assert_eq!(
            action(text),
            Ok(Asked::Forward {
                to: vec![
                    tuple("blue", Port::Number(80), 80),
                    tuple("green", Port::Name("http".to_owned()), 20)
                ],
                sticky: Some(true),
                sticky_seconds: Some(200),
            })
        );
    }

    #[test]
    fn the_redirect_of_older_examples_is_read() {
        let text = r#"{"Type":"redirect","RedirectConfig":{"Protocol":"HTTPS","Port":"443","StatusCode":"HTTP_301"}}"#;
        assert_eq!(
            action(text),
            Ok(Asked::Done(Does::Redirect(Redirect {
                protocol: Some("HTTPS".to_owned()),
                port: Some("443".to_owned()),
                status_code: "HTTP_301".to_owned(),
                ..Redirect::default()
            })))
        );
    }

    #[test]
    fn what_the_controller_refuses_is_refused_in_its_words() {
        for (text, words) in [
            (
                r#"{"type":"forward"}"#,
                "missing ForwardConfig or TargetGroupARN/TargetGroupName",
            ),
            (
                r#"{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a","servicePort":80},{"serviceName":"b","servicePort":80}]}}"#,
                "invalid ForwardConfig: weight must be set when route to multiple target groups",
            ),
            (
                r#"{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a"}]}}"#,
                "invalid ForwardConfig: invalid TargetGroupTuple: missing servicePort",
            ),
            (
                r#"{"type":"redirect","redirectConfig":{}}"#,
                "invalid RedirectConfig: statusCode is required",
            ),
            (r#"{"type":"proxy"}"#, "unknown action type: proxy"),
        ] {
            assert_eq!(action(text), Err(words.to_owned()));
        }
    }
}
