//! Its listeners: one a port of the Service.

use std::collections::{BTreeMap, BTreeSet};

use super::Builder;
use crate::model::aws::elbv2::rule::{Action, Does, Forward, GroupRef, Weighted};
use crate::model::decided::{By, Decided};
use crate::model::load_balancer_controller::action::{self, Asked, To};
use crate::model::load_balancer_controller::attribute::pairs;
use crate::model::load_balancer_controller::service_port::{ServicePort, lookup, ports};
use crate::model::load_balancer_controller::stack::Listener;
use crate::model::load_balancer_controller::{Refusal, tag};

/// What the annotations say of all listeners.
struct Wanted {
    certificates: Vec<Decided<String>>,
    /// The ports with TLS, by number or name; all where it is empty.
    secure: Vec<String>,
    /// The ports with QUIC.
    quic: Vec<String>,
    /// The ports that have TCP and UDP.
    both: BTreeSet<u16>,
    ssl_policy: Decided<String>,
    /// Whether targets speak TLS too.
    encrypts_again: bool,
}

impl Builder<'_, '_, '_> {
    pub(super) fn listeners(&mut self) -> Result<Vec<Listener>, Refusal> {
        let all = ports(self.service);
        let joined = self
            .annotations
            .boolean("aws-load-balancer-enable-tcp-udp-listener")
            .ok()
            .flatten()
            .map_or(self.settings.tcp_udp_listeners, |fact| fact.value);
        let mut by_port: BTreeMap<u16, Vec<&ServicePort<'_>>> = BTreeMap::new();
        for port in &all {
            by_port.entry(port.port).or_default().push(port);
        }
        let mut both = BTreeSet::new();
        if joined {
            for (number, ports) in by_port.iter().filter(|(_, ports)| ports.len() > 1) {
                joinable(ports)?;
                both.insert(*number);
            }
        }
        let wanted = self.wanted(&all, both)?;
        let mut listeners = Vec::new();
        let mut seen = BTreeSet::new();
        for port in &all {
            if joined && !seen.insert(port.port) {
                continue;
            }
            listeners.push(self.listener(port, &wanted)?);
        }
        Ok(listeners)
    }

    fn wanted(&self, ports: &[ServicePort<'_>], both: BTreeSet<u16>) -> Result<Wanted, Refusal> {
        let list = |suffix: &str| self.annotations.list(suffix);
        let certificates = list("aws-load-balancer-ssl-cert")
            .map(|list| {
                let one = |value: &String| Decided::read(value.clone(), list.evidence.clone());
                list.value.iter().map(one).collect()
            })
            .unwrap_or_default();
        let mut secure = Vec::new();
        if let Some(list) = list("aws-load-balancer-ssl-ports") {
            let unused: Vec<&str> = list
                .value
                .iter()
                .filter(|wanted| !ports.iter().any(|port| is(port, wanted)))
                .map(String::as_str)
                .collect();
            if !unused.is_empty() {
                return Err(Refusal::new(
                    format!("Unused port in ssl-ports annotation [{}]", unused.join(" ")),
                    [list.evidence],
                ));
            }
            secure = list.value;
        }
        Ok(Wanted {
            certificates,
            secure,
            quic: list("aws-load-balancer-quic-enabled-ports")
                .map(|list| list.value)
                .unwrap_or_default(),
            both,
            ssl_policy: Decided::or_default(
                self.annotations.text("aws-load-balancer-ssl-negotiation-policy"),
                self.settings.default_ssl_policy.clone(),
                "the controller's --default-ssl-policy",
            ),
            encrypts_again: self
                .annotations
                .text("aws-load-balancer-backend-protocol")
                .is_some_and(|fact| fact.value == "ssl"),
        })
    }

    fn listener(&mut self, port: &ServicePort<'_>, wanted: &Wanted) -> Result<Listener, Refusal> {
        let (mut listens, mut speaks) = if wanted.both.contains(&port.port) {
            ("TCP_UDP", "TCP_UDP")
        } else {
            (port.protocol, port.protocol)
        };
        let datagrams = matches!(speaks, "UDP" | "TCP_UDP");
        let for_this = wanted.secure.is_empty() || wanted.secure.iter().any(|wanted| is(port, wanted));
        if !datagrams && !wanted.certificates.is_empty() && for_this {
            listens = "TLS";
            if wanted.encrypts_again {
                speaks = "TLS";
            }
        }
        if wanted.quic.iter().any(|wanted| is(port, wanted)) {
            let quic = match listens {
                "UDP" => "QUIC",
                "TCP_UDP" => "TCP_QUIC",
                other => {
                    return Err(Refusal::new(
                        format!("Unsupported QUIC upgrade for protocol {other}"),
                        [port.evidence.clone()],
                    ));
                }
            };
            (listens, speaks) = (quic, quic);
        }
        let default_actions = self.actions(port, listens, speaks)?;
        let secure = listens == "TLS";
        let attributes = format!("aws-load-balancer-listener-attributes.{listens}-{}", port.port);
        Ok(Listener {
            port: Decided::read(port.port, port.evidence.clone()),
            protocol: Decided::read(listens.to_owned(), port.evidence.clone()),
            certificates: if secure {
                wanted.certificates.clone()
            } else {
                Vec::new()
            },
            certificates_by_host: false,
            ssl_policy: secure.then(|| wanted.ssl_policy.clone()),
            alpn_policy: if secure { self.alpn_policy()? } else { None },
            mutual_authentication: None,
            default_actions,
            rules: Vec::new(),
            attributes: pairs(self.annotations.map(&attributes)?),
            tags: tag::of_service(&self.annotations, self.settings)?,
        })
    }

    fn alpn_policy(&self) -> Result<Option<Decided<String>>, Refusal> {
        let known = ["None", "HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred"];
        match self.annotations.text("aws-load-balancer-alpn-policy") {
            Some(fact) if !known.contains(&fact.value.as_str()) => Err(Refusal::new(
                format!(
                    "invalid ALPN policy {}, policy must be one of [{}]",
                    fact.value,
                    known.join(", ")
                ),
                [fact.evidence],
            )),
            fact => Ok(fact.map(Decided::from)),
        }
    }

    /// To the Service's own target group, or to those that `actions.PROTOCOL-PORT` shares the connections among.
    fn actions(&mut self, port: &ServicePort<'_>, listens: &str, speaks: &str) -> Result<Vec<Action>, Refusal> {
        let own = self.target_group(None, self.service, port, speaks)?;
        let asked = self.annotations.json(&format!("actions.{listens}-{}", port.port))?;
        let Some(fact) = asked else {
            let groups = vec![Weighted {
                group: own,
                weight: None,
            }];
            return Ok(vec![Action {
                does: Does::Forward(Forward {
                    groups,
                    ..Forward::default()
                }),
                by: By::Read(port.evidence.clone()),
            }]);
        };
        let base = action::base_weight(&fact.value);
        let mut groups = vec![Weighted {
            group: own,
            weight: base,
        }];
        let Asked::Forward { to, sticky, .. } = action::read(&fact)? else {
            return Err(Refusal::new("missing ForwardConfig", [fact.evidence]));
        };
        for tuple in to {
            let group = match tuple.to {
                To::Arn(arn) => GroupRef::Arn(arn),
                To::Name(name) => GroupRef::Name(name),
                To::Service(name, wanted) => {
                    let speaks = if listens == "TLS" && tuple.decrypt {
                        "TCP"
                    } else {
                        listens
                    };
                    match self.model.get("Service", self.service.namespace, &name) {
                        Some(service) => {
                            let port = lookup(service, &wanted)?;
                            self.target_group(Some(self.service), service, &port, speaks)?
                        }
                        // Whether it is there, and what it looks like, was not pasted.
                        None => GroupRef::Made(format!("{}/{name}:{wanted}", self.service.namespace)),
                    }
                }
            };
            groups.push(Weighted {
                group,
                weight: tuple.weight,
            });
        }
        Ok(vec![Action {
            does: Does::Forward(Forward {
                groups,
                sticky,
                sticky_seconds: None,
            }),
            by: By::Read(fact.evidence),
        }])
    }
}

/// Whether an annotation means that port.
fn is(port: &ServicePort<'_>, wanted: &str) -> bool {
    port.name == wanted || port.port.to_string() == wanted
}

/// Only one port for TCP and one for UDP can be one listener.
fn joinable(ports: &[&ServicePort<'_>]) -> Result<(), Refusal> {
    let evidence = || ports.iter().map(|port| port.evidence.clone());
    let [a, b] = ports else {
        return Err(Refusal::new(
            format!("can only merge two ports, not {}", ports.len()),
            evidence(),
        ));
    };
    if let Some(other) = ports.iter().find(|port| !matches!(port.protocol, "TCP" | "UDP")) {
        return Err(Refusal::new(
            format!("unsupported protocol for merging: {}", other.protocol),
            evidence(),
        ));
    }
    if a.protocol == b.protocol {
        return Err(Refusal::new(
            format!("protocols can't match for merging: {}", a.protocol),
            evidence(),
        ));
    }
    Ok(())
}
