//! Its listeners and their rules: those of all members in their order, path by path.

use super::Builder;
use crate::artifact::Node;
use crate::model::aws::elbv2::rule::{Action, Does, Forward, GroupRef, Redirect, Rule, Weighted};
use crate::model::decided::{By, Decided};
use crate::model::load_balancer_controller::action::{self, Asked, To};
use crate::model::load_balancer_controller::annotation::Annotations;
use crate::model::load_balancer_controller::attribute::{evidence, listed, merged, pairs};
use crate::model::load_balancer_controller::backend::Backend;
use crate::model::load_balancer_controller::condition::conditions;
use crate::model::load_balancer_controller::optimizer::optimized;
use crate::model::load_balancer_controller::stack::{Listener, ListenerRule, LoadBalancer, Pairs};
use crate::model::load_balancer_controller::{Member, Refusal, tag};

type Result<T> = std::result::Result<T, Refusal>;

impl<'m, 'a> Builder<'_, 'm, 'a> {
    fn members_on(&self, port: u16) -> Vec<Member<'m, 'a>> {
        let places = self.members.get(&port).map(Vec::as_slice).unwrap_or_default();
        places
            .iter()
            .filter_map(|place| self.group.members.get(*place).cloned())
            .collect()
    }

    pub(super) fn listener(&mut self, port: u16, load_balancer: &LoadBalancer) -> Result<Option<Listener>> {
        let Some(config) = self.ports.get(&port).cloned() else {
            return Ok(None);
        };
        let members = self.members_on(port);
        let secure = config.protocol.value == "HTTPS";
        // Plain requests are all sent away: no rule is made for them.
        let sent_away = self.ssl_redirect.clone().filter(|_| !secure);
        let default_actions = match &sent_away {
            Some(to) => vec![redirect_to(to)],
            None => self.default_actions(&members, secure, load_balancer)?,
        };
        let attributes = attributes(&members, &config.protocol.value, port)?;
        let tags = tag::of_group(&members, self.settings)?;
        let rules = if sent_away.is_some() {
            Vec::new()
        } else {
            self.rules(&members, port, &config.protocol.value, load_balancer)?
        };
        Ok(Some(Listener {
            port: config.protocol.clone().map(|_| port),
            protocol: config.protocol,
            certificates: config.certificates,
            certificates_by_host: config.certificates_by_host,
            ssl_policy: config.ssl_policy,
            alpn_policy: None,
            mutual_authentication: config.mutual_authentication,
            default_actions,
            rules,
            attributes,
            tags,
        }))
    }

    /// That of the only member with a default backend, or an answer that nothing was found.
    fn default_actions(
        &mut self,
        members: &[Member<'m, 'a>],
        secure: bool,
        load_balancer: &LoadBalancer,
    ) -> Result<Vec<Action>> {
        let mut with = members
            .iter()
            .filter_map(|member| Some((member, member.ingress.at(&["spec", "defaultBackend"])?)));
        let Some((member, node)) = with.next() else {
            return Ok(vec![Action {
                does: action::not_found(),
                by: By::Default("without a default backend the controller answers 404"),
            }]);
        };
        if let Some((other, second)) = with.next() {
            return Err(Refusal::new(
                format!(
                    "multiple ingress defined default backend: [{} {}]",
                    member.ingress.path(),
                    other.ingress.path()
                ),
                [node.evidence(), second.evidence()],
            ));
        }
        let backend = Backend::new(self.model, member.ingress, &node, self.settings)?;
        self.actions(member, backend, secure, load_balancer)
    }

    fn rules(
        &mut self,
        members: &[Member<'m, 'a>],
        port: u16,
        protocol: &str,
        load_balancer: &LoadBalancer,
    ) -> Result<Vec<ListenerRule>> {
        let mut all: Vec<(Rule, Pairs)> = Vec::new();
        for member in members {
            let within = |refusal: Refusal| refusal.within(&format!("ingress: {}", member.ingress.path()));
            let annotations = Annotations::of_ingress(member.ingress);
            let rules = member.ingress.at(&["spec", "rules"]).map(|rules| rules.items());
            for rule in rules.unwrap_or_default() {
                let paths = rule.get("http").map(|http| http.list("paths")).unwrap_or_default();
                for path in in_order(paths)? {
                    let node = path.get("backend").unwrap_or_else(|| path.clone());
                    let backend = Backend::new(self.model, member.ingress, &node, self.settings).map_err(within)?;
                    let conditions = conditions(&annotations, &rule, &path, &backend.name).map_err(within)?;
                    let transforms = backend.transforms.clone();
                    let actions = self
                        .actions(member, backend, protocol == "HTTPS", load_balancer)
                        .map_err(within)?;
                    let made = Rule {
                        priority: None,
                        conditions,
                        actions,
                        transforms,
                        by: By::Read(path.evidence()),
                    };
                    all.push((made, tag::of_rule(member, self.settings).map_err(within)?));
                }
            }
        }
        let left = optimized(port, protocol, all);
        Ok((1..)
            .zip(left)
            .map(|(priority, (rule, tags))| ListenerRule {
                rule: Rule {
                    priority: Some(priority),
                    ..rule
                },
                tags,
            })
            .collect())
    }

    /// What a backend asks for: signing in first, with HTTPS.
    fn actions(
        &mut self,
        member: &Member<'m, 'a>,
        backend: Backend,
        secure: bool,
        load_balancer: &LoadBalancer,
    ) -> Result<Vec<Action>> {
        let mut all = if secure { backend.before } else { Vec::new() };
        if let [_, second, ..] = all.as_slice() {
            return Err(Refusal::new(
                "authentication and jwt validation can't both be configured",
                second.by.evidence().cloned(),
            ));
        }
        let does = match backend.asked {
            Asked::Done(does) => does,
            Asked::Forward {
                to,
                sticky,
                sticky_seconds,
            } => {
                let mut groups = Vec::new();
                for tuple in to {
                    let group = match tuple.to {
                        To::Arn(arn) => GroupRef::Arn(arn),
                        To::Name(name) => GroupRef::Name(name),
                        To::Service(name, port) => self.target_group(member, &name, &port, load_balancer)?,
                    };
                    groups.push(Weighted {
                        group,
                        weight: tuple.weight,
                    });
                }
                Does::Forward(Forward {
                    groups,
                    sticky,
                    sticky_seconds,
                })
            }
        };
        all.push(Action { does, by: backend.by });
        Ok(all)
    }
}

fn redirect_to(port: &Decided<u16>) -> Action {
    Action {
        does: Does::Redirect(Redirect {
            protocol: Some("HTTPS".to_owned()),
            port: Some(port.value.to_string()),
            status_code: "HTTP_301".to_owned(),
            ..Redirect::default()
        }),
        by: port.by.clone(),
    }
}

/// Exact paths first, then prefixes, the longest first, then the others as they are written.
fn in_order(paths: Vec<Node<'_>>) -> Result<Vec<Node<'_>>> {
    let (mut exact, mut prefixes, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        match path.str_of("pathType").unwrap_or("ImplementationSpecific") {
            "Exact" => exact.push(path),
            "Prefix" => prefixes.push(path),
            "ImplementationSpecific" => others.push(path),
            _ => {
                let words = format!("unknown pathType for path {}", path.str_of("path").unwrap_or_default());
                return Err(Refusal::new(words, [path.evidence()]));
            }
        }
    }
    prefixes.sort_by_key(|path| std::cmp::Reverse(path.str_of("path").unwrap_or_default().len()));
    exact.append(&mut prefixes);
    exact.append(&mut others);
    Ok(exact)
}

/// `listener-attributes.PROTOCOL-PORT` of members, which have to be the same; where a class says something, that stands.
fn attributes(members: &[Member<'_, '_>], protocol: &str, port: u16) -> Result<Pairs> {
    let of_class = members
        .first()
        .and_then(|member| member.parameter("listeners"))
        .into_iter()
        .flat_map(|listeners| listeners.items())
        .find(|listener| {
            listener.str_of("protocol") == Some(protocol)
                && listener.get("port").and_then(|port| port.number()) == Some(i64::from(port))
        })
        .map(|listener| listed(&listener.list("listenerAttributes")))
        .unwrap_or_default();
    let mut all = Pairs::new();
    for member in members {
        let own = Annotations::of_ingress(member.ingress).map(&format!("listener-attributes.{protocol}-{port}"))?;
        for (key, value) in pairs(own) {
            if let Some(known) = all.get(&key)
                && known.value != value.value
                && !of_class.contains_key(&key)
            {
                return Err(Refusal::new(
                    format!(
                        "conflicting listener attributes {key}: {} | {} for ingress {}",
                        known.value,
                        value.value,
                        member.ingress.path()
                    ),
                    evidence(known).into_iter().chain(evidence(&value)),
                ));
            }
            all.insert(key, value);
        }
    }
    Ok(merged(of_class, all))
}
