//! How targets are tested: the `healthcheck-*` annotations and their defaults (documentation, "Health Check" of Ingress and Service
//! annotations).

use super::annotation::Annotations;
use super::service_port::{lookup, parsed};
use super::stack::{HealthCheck, Port, TRAFFIC_PORT};
use super::{Refusal, Settings};
use crate::evidence::Fact;
use crate::model::Entity;
use crate::model::aws::elbv2::TargetType;
use crate::model::decided::Decided;

/// The values where annotations say nothing.
struct Defaults {
    port: Decided<Port>,
    protocol: &'static str,
    path: &'static str,
    matcher: &'static str,
    interval: i64,
    timeout: i64,
    healthy: i64,
    unhealthy: i64,
    rests_on: &'static str,
}

fn traffic_port(rests_on: &'static str) -> Decided<Port> {
    Decided::default(Port::Name(TRAFFIC_PORT.to_owned()), rests_on)
}

/// Those of a Network Load Balancer's targets.
///
/// # Errors
/// An annotation has a value that the controller does not take.
pub fn of_service(
    service: &Entity<'_>,
    annotations: &Annotations<'_, '_>,
    target_type: TargetType,
    settings: &Settings,
) -> Result<HealthCheck, Refusal> {
    let local = target_type == TargetType::Instance
        && service.str(&["spec", "externalTrafficPolicy"]) == Some("Local")
        && service.str(&["spec", "type"]) == Some("LoadBalancer");
    let defaults = if local {
        // kube-proxy answers there whether the node has an endpoint.
        let node = service.at(&["spec", "healthCheckNodePort"]);
        let port = node.and_then(|node| Some(Decided::read(u16::try_from(node.number()?).ok()?, node.evidence())));
        let rests_on = "the controller's defaults for instance targets with externalTrafficPolicy Local";
        Defaults {
            port: port.unwrap_or(Decided::default(0, rests_on)).map(Port::Number),
            protocol: "HTTP",
            path: "/healthz",
            matcher: "200-399",
            interval: 10,
            timeout: 6,
            healthy: 2,
            unhealthy: 2,
            rests_on,
        }
    } else {
        let rests_on = "the controller's defaults for Network Load Balancers";
        Defaults {
            port: traffic_port(rests_on),
            protocol: "TCP",
            path: "/",
            matcher: "200-399",
            interval: 10,
            timeout: 10,
            healthy: 3,
            unhealthy: 3,
            rests_on,
        }
    };
    let name = |suffix: &str| format!("aws-load-balancer-healthcheck-{suffix}");
    let protocol = match annotations.text(&name("protocol")) {
        None => Decided::default(defaults.protocol.to_owned(), defaults.rests_on),
        Some(fact) => {
            let upper = fact.value.to_ascii_uppercase();
            if !matches!(upper.as_str(), "TCP" | "HTTP" | "HTTPS") {
                return Err(Refusal::new(
                    format!("unsupported health check protocol {}", fact.value),
                    [fact.evidence],
                ));
            }
            Decided::read(upper, fact.evidence)
        }
    };
    let speaks_http = protocol.value != "TCP";
    let text = |suffix: &str, default: &'static str| {
        let fact = annotations.text(&name(suffix));
        Decided::or_default(fact, default.to_owned(), defaults.rests_on)
    };
    let count = |suffix: &str, default: i64| -> Result<Decided<i64>, Refusal> {
        let fact = annotations.number(&name(suffix))?;
        Ok(Decided::or_default(fact, default, defaults.rests_on))
    };
    let advanced = settings.nlb_advanced_health_checks;
    Ok(HealthCheck {
        port: match annotations.text(&name("port")) {
            Some(asked) => port(&asked, service, target_type)?,
            None => defaults.port,
        },
        path: speaks_http.then(|| text("path", defaults.path)),
        matcher: (speaks_http && advanced).then(|| text("success-codes", defaults.matcher)),
        grpc: false,
        interval_seconds: count("interval", defaults.interval)?,
        timeout_seconds: if advanced {
            count("timeout", defaults.timeout)?
        } else {
            Decided::default(defaults.timeout, defaults.rests_on)
        },
        healthy_threshold: count("healthy-threshold", defaults.healthy)?,
        unhealthy_threshold: count("unhealthy-threshold", defaults.unhealthy)?,
        protocol,
    })
}

/// Those of an Application Load Balancer's targets.
///
/// # Errors
/// An annotation has a value that the controller does not take.
pub fn of_backend(
    service: &Entity<'_>,
    annotations: &Annotations<'_, '_>,
    target_type: TargetType,
    protocol: &Decided<String>,
    protocol_version: &str,
) -> Result<HealthCheck, Refusal> {
    const RESTS_ON: &str = "the controller's defaults for Application Load Balancers";
    let grpc = protocol_version == "GRPC";
    let own = match annotations.text("healthcheck-protocol") {
        None => protocol.clone(),
        Some(fact) if matches!(fact.value.as_str(), "HTTP" | "HTTPS") => fact.into(),
        Some(fact) => {
            return Err(Refusal::new(
                "healthCheckProtocol must be within [HTTP, HTTPS]",
                [fact.evidence],
            ));
        }
    };
    let text =
        |suffix: &str, default: &str| Decided::or_default(annotations.text(suffix), default.to_owned(), RESTS_ON);
    let count = |suffix: &str, default: i64| -> Result<Decided<i64>, Refusal> {
        Ok(Decided::or_default(annotations.number(suffix)?, default, RESTS_ON))
    };
    Ok(HealthCheck {
        port: match annotations.text("healthcheck-port") {
            Some(asked) => port(&asked, service, target_type)?,
            None => traffic_port(RESTS_ON),
        },
        protocol: own,
        path: Some(text(
            "healthcheck-path",
            if grpc { "/AWS.ALB/healthcheck" } else { "/" },
        )),
        matcher: Some(text("success-codes", if grpc { "12" } else { "200" })),
        grpc,
        interval_seconds: count("healthcheck-interval-seconds", 15)?,
        timeout_seconds: count("healthcheck-timeout-seconds", 5)?,
        healthy_threshold: count("healthy-threshold-count", 2)?,
        unhealthy_threshold: count("unhealthy-threshold-count", 2)?,
    })
}

/// A number, [`TRAFFIC_PORT`], or the name of a port of the Service.
fn port(asked: &Fact<String>, service: &Entity<'_>, target_type: TargetType) -> Result<Decided<Port>, Refusal> {
    let port = match parsed(&asked.value) {
        Port::Name(name) if name != TRAFFIC_PORT => {
            let own = lookup(service, &Port::Name(name)).map_err(|refusal| {
                let mut refusal = refusal.within("failed to resolve healthCheckPort");
                refusal.evidence.push(asked.evidence.clone());
                refusal
            })?;
            match (target_type, own.target) {
                (TargetType::Instance, _) => Port::Number(own.node_port.unwrap_or_default()),
                (_, target @ Port::Number(_)) => target,
                (_, Port::Name(_)) => {
                    return Err(Refusal::new(
                        "cannot use named healthCheckPort for IP TargetType when service's targetPort is a named port",
                        [asked.evidence.clone(), own.evidence],
                    ));
                }
            }
        }
        port => port,
    };
    Ok(Decided::read(port, asked.evidence.clone()))
}
