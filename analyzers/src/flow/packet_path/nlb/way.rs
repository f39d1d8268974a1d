//! One way through the load balancer: there, and back.

use super::{Balancer, Hairpin, Mechanism};
use crate::evidence::Evidence;
use crate::flow::packet_path::client::same_host;
use crate::flow::packet_path::{Client, Sign, joined};
use crate::flow::{Actor, ActorKind, Next, Outcome, Reason, Return, Step, Verdict};
use crate::model::aws::elbv2::{Preserve, Target, TargetType};
use crate::model::{Host, Model};

/// A way, with what it shows.
pub struct Way {
    /// The steps there and back.
    pub outcome: Outcome,
    /// Where the packet comes back to its own host.
    pub hairpin: Option<Hairpin>,
    /// What would settle it.
    pub next: Vec<Next>,
}

struct Builder<'b, 'a> {
    model: &'b Model<'b>,
    balancer: &'b Balancer<'a>,
    client: &'b Client,
    target: &'b Target<'a>,
    host: Option<&'b Host>,
    asked: &'b str,
}

/// The way to the target of that index.
pub fn compute(
    model: &Model<'_>,
    balancer: &Balancer<'_>,
    client: &Client,
    target: usize,
    share: f64,
    asked: &str,
) -> Way {
    let Some(chosen) = balancer.targets.get(target) else {
        return Way {
            outcome: Outcome::new("", share, Verdict::Unknown),
            hairpin: None,
            next: Vec::new(),
        };
    };
    Builder {
        model,
        balancer,
        client,
        target: chosen,
        host: balancer.hosts.get(target).and_then(Option::as_ref),
        asked,
    }
    .way(share)
}

impl Builder<'_, '_> {
    fn way(&self, share: f64) -> Way {
        let kind = self.balancer.target_type.as_ref().map(|fact| fact.value);
        let itself =
            self.target.address().is_some() && self.client.ip.as_ref().map(|ip| ip.value) == self.target.address();
        let same = if itself {
            Some(true)
        } else {
            self.host.and_then(|host| same_host(&self.client.host, host))
        };
        let label = match self.host {
            Some(host) => format!("through node {}", host.label()),
            None => format!("through target {}", self.target.id),
        };
        let mut way = Outcome::new(label, share, Verdict::Assumed);
        let mut next = Vec::new();
        way.steps.push(self.connects());
        let preserve = self.balancer.preserve.value();
        let keeps = preserve == Some(true) && !self.balancer.faces_internet();
        way.steps.push(self.picks(keeps, preserve));
        way.snat = preserve == Some(false);
        way.source_seen = if keeps { self.client_address() } else { None };
        way.ends_at = Some(self.target_address());
        let mut hairpin = None;
        match (keeps, same) {
            (true, Some(true)) if !self.client.branch_interface => {
                let datagram = self.balancer.is_datagram();
                let mechanism = match kind {
                    // What a datagram's client does with an answer from another address is up to the client.
                    Some(TargetType::Ip) if datagram && !itself => None,
                    Some(TargetType::Ip) if itself => Some(Mechanism::MartianPod),
                    Some(TargetType::Ip) => Some(Mechanism::ShortCutPod),
                    _ => match self.client.host_network.as_ref().map(|fact| fact.value) {
                        Some(true) => Some(Mechanism::MartianHost),
                        Some(false) if !datagram => Some(Mechanism::ShortCut),
                        _ => None,
                    },
                };
                if let Some(mechanism) = mechanism {
                    self.astray(&mut way, mechanism);
                    if !self.is_kept_for_sure() {
                        rests_on_default(&mut way);
                    }
                    hairpin = Some(self.hairpin(mechanism));
                } else if datagram && self.client.host_network.is_some() {
                    way.verdict = Verdict::Unknown;
                    way.steps.push(self.unknown(
                        "The answer comes straight from the target, past the load balancer; what the client makes of a datagram from an address that it did not ask is up to the client",
                    ));
                } else {
                    way.verdict = Verdict::Unknown;
                    way.steps
                        .push(self.unknown("Whether the pod uses its node's network is not pasted"));
                    next.push(ask(
                        format!("kubectl get pod {} -o yaml", self.client.flags()),
                        "Whether the pod uses its node's network (`hostNetwork`) decides what its node does.",
                    ));
                }
            }
            (true, None) => {
                way.verdict = Verdict::Unknown;
                way.steps
                    .push(self.unknown("Whether the target is on the client's node is not pasted"));
                next.push(self.which_node());
            }
            _ if preserve.is_none() => {
                way.verdict = Verdict::Unknown;
                way.steps
                    .push(self.unknown("Whether the source address is kept is not pasted"));
            }
            _ => {
                self.arrives(&mut way);
                way.back = Some(self.answers_through(preserve == Some(false)));
                // A target on the client's own host is reached or not by whether the address is kept, which a default alone does not prove.
                let by_default = matches!(self.balancer.preserve, Preserve::Default(..));
                if by_default && same == Some(true) && !self.client.branch_interface && !self.balancer.faces_internet()
                {
                    way.verdict = Verdict::Unknown;
                }
            }
        }
        Way {
            outcome: way,
            hairpin,
            next,
        }
    }

    /// Whether it was pasted, or seen in a capture, that the target gets the client's address as the source.
    fn is_kept_for_sure(&self) -> bool {
        let seen = match &self.client.sign {
            Sign::Capture(attempt) => {
                let own = self.target_address();
                let stranger = attempt.stranger.iter().map(|(from, _)| from);
                let ends = attempt.rewritten.iter().map(|(to, _)| to).chain(stranger);
                ends.into_iter().any(|end| end.to_string() == own)
            }
            _ => false,
        };
        seen || matches!(self.balancer.preserve, Preserve::Set(_))
    }

    // ---- actors

    fn zones_of(&self, host: Option<&Host>) -> Vec<String> {
        let mut zones = vec![self.vpc()];
        if let Some(host) = host {
            if let Some(zone) = &host.zone {
                zones.push(zone.value.clone());
            }
            let mut label = format!("node {}", short(&host.label()));
            if let (Some(_), Some(instance)) = (&host.name, &host.instance)
                && !label.contains(&instance.value)
            {
                label = format!("{label} · {}", instance.value);
            }
            zones.push(label);
        }
        zones
    }

    fn vpc(&self) -> String {
        let id = self
            .balancer
            .lb
            .as_ref()
            .and_then(|lb| lb.node.str_of("VpcId"))
            .or_else(|| self.balancer.group.node.as_ref().and_then(|node| node.str_of("VpcId")));
        id.map_or_else(|| "VPC".to_owned(), |id| format!("VPC {id}"))
    }

    fn client_actor(&self) -> Actor {
        let mut details = Vec::new();
        details.push(if self.client.namespace.is_empty() {
            "pod".to_owned()
        } else {
            format!("pod {}", self.client.namespace)
        });
        if let Some(ip) = &self.client.ip {
            let own = self.client.host_network.as_ref().is_some_and(|fact| fact.value);
            details.push(if own {
                format!("{} · hostNetwork", ip.value)
            } else {
                ip.value.to_string()
            });
        }
        Actor {
            id: format!("pod:{}/{}", self.client.namespace, self.client.name),
            kind: ActorKind::Pod,
            name: self.client.name.clone(),
            details,
            zones: self.zones_of(Some(&self.client.host)),
        }
    }

    fn lb_actor(&self) -> Actor {
        let scheme = if self.balancer.faces_internet() {
            "internet-facing"
        } else {
            "internal"
        };
        let protocol = self.balancer.group.protocol().unwrap_or("TCP");
        let mut details = vec![match self.balancer.port.as_ref() {
            Some(port) => format!("{scheme} · {protocol}:{}", port.value),
            None => scheme.to_owned(),
        }];
        if self.asked.starts_with(|c: char| c.is_ascii_digit()) {
            details.push(self.asked.to_owned());
        }
        Actor {
            id: format!("lb:{}", self.balancer.name),
            kind: ActorKind::LoadBalancer,
            name: format!("NLB {}", self.balancer.name),
            details,
            zones: vec![self.vpc()],
        }
    }

    fn target_actor(&self) -> Actor {
        let port = self.balancer.port_of(self.target);
        if let Some(address) = self.target.address() {
            let pod = self.model.pod_by_ip(address);
            if pod.is_some_and(|pod| pod.name == self.client.name && pod.namespace == self.client.namespace) {
                return self.client_actor();
            }
            return Actor {
                id: format!("target:{address}"),
                kind: ActorKind::Pod,
                name: pod.map_or_else(|| address.to_string(), |pod| pod.name.to_owned()),
                details: vec![self.target_address()],
                zones: self.zones_of(self.host),
            };
        }
        let name = port.map_or_else(|| "node port".to_owned(), |port| format!("node port {port}"));
        let mut details = Vec::new();
        if let Some(ip) = self.host.and_then(|host| host.ip.as_ref()) {
            details.push(ip.value.to_string());
        }
        if let Some(service) = self.balancer.service {
            details.push(format!("service {}", service.path()));
        }
        Actor {
            id: format!("target:{}", self.target.id),
            kind: ActorKind::Node,
            name,
            details,
            zones: self.zones_of(self.host),
        }
    }

    // ---- addresses

    fn client_address(&self) -> Option<String> {
        if let Sign::Capture(attempt) = &self.client.sign {
            return Some(attempt.client.to_string());
        }
        self.client.ip.as_ref().map(|ip| ip.value.to_string())
    }

    fn source(&self) -> String {
        self.client_address().unwrap_or_else(|| self.client.name.clone())
    }

    fn target_address(&self) -> String {
        let address = self
            .target
            .address()
            .map(|address| address.to_string())
            .or_else(|| Some(self.host?.ip.as_ref()?.value.to_string()))
            .unwrap_or_else(|| self.target.id.clone());
        match self.balancer.port_of(self.target) {
            Some(port) => format!("{address}:{port}"),
            None => address,
        }
    }

    // ---- steps

    fn connects(&self) -> Step {
        let mut step = Step::new(self.client_actor(), "connects", Verdict::Assumed);
        step.to = Some(self.lb_actor());
        step.before = vec![("src", self.source()), ("dst", self.asked.to_owned())];
        step.after.clone_from(&step.before);
        step.evidence = joined(self.client.ip.iter().map(|ip| ip.evidence.clone()));
        match &self.client.sign {
            Sign::Capture(attempt) => {
                step.verdict = Verdict::Passes;
                step.seen = true;
                step.evidence = joined(
                    attempt
                        .syns
                        .iter()
                        .map(|span| Evidence::Text(*span))
                        .chain(step.evidence.drain(..)),
                );
            }
            Sign::Words(words) => {
                step.verdict = Verdict::Passes;
                step.evidence = joined(words.iter().cloned().chain(step.evidence.drain(..)));
            }
            Sign::Complaint(_) | Sign::None => {
                step.note =
                    Some("nothing pasted shows that this pod connects; it stands for the pods of its node".into());
            }
        }
        step
    }

    fn picks(&self, keeps: bool, preserve: Option<bool>) -> Step {
        let (action, verdict) = match (preserve, keeps) {
            (Some(true), true) => ("picks this target and keeps the source address", Verdict::Passes),
            (Some(false), _) => (
                "picks this target and puts its own address as the source",
                Verdict::Passes,
            ),
            _ => ("picks this target", Verdict::Unknown),
        };
        let mut step = Step::new(self.lb_actor(), action, verdict);
        step.to = Some(self.target_actor());
        step.before = vec![("src", self.source()), ("dst", self.asked.to_owned())];
        let source = match preserve {
            Some(true) if keeps => self.source(),
            Some(false) => self
                .balancer
                .address
                .as_ref()
                .map_or_else(|| "the load balancer's".to_owned(), |address| address.value.to_string()),
            _ => "not known".to_owned(),
        };
        step.after = vec![("src", source), ("dst", self.target_address())];
        step.evidence.push(self.target.evidence());
        match &self.balancer.preserve {
            Preserve::Set(fact) => step.evidence.push(fact.evidence.clone()),
            Preserve::Default(_, note) => {
                if step.verdict == Verdict::Passes {
                    step.verdict = Verdict::Assumed;
                }
                step.note = Some((*note).to_owned());
            }
            Preserve::Unknown => {}
        }
        step
    }

    /// kube-proxy's rewrite of a node port, where the target is an instance.
    fn arrives(&self, way: &mut Outcome) {
        if self.target.address().is_some() {
            let mut step = Step::new(self.target_actor(), "takes the connection", Verdict::Assumed);
            step.before = way.steps.last().map(|step| step.after.clone()).unwrap_or_default();
            step.note = Some("the load balancer reaches it: its health check passes".to_owned());
            step.evidence = self.health();
            way.steps.push(step);
            return;
        }
        let mut step = Step::new(
            self.target_actor(),
            "kube-proxy sends it on to a pod of the Service",
            Verdict::Assumed,
        );
        step.before = way.steps.last().map(|step| step.after.clone()).unwrap_or_default();
        if let Some((address, evidence)) = self.backend() {
            step.after = vec![
                ("src", "the node's, unless externalTrafficPolicy is Local".to_owned()),
                ("dst", address.clone()),
            ];
            step.evidence.push(evidence);
            way.ends_at = Some(address);
        }
        step.note = Some("the node's rules are not pasted; its health check passes".to_owned());
        step.evidence.extend(self.health());
        way.steps.push(step);
    }

    fn health(&self) -> Vec<Evidence> {
        self.target.state().map(|state| state.evidence).into_iter().collect()
    }

    /// The one pod behind the Service, where there is exactly one.
    fn backend(&self) -> Option<(String, Evidence)> {
        let service = self.balancer.service?;
        let slices = self.model.all("EndpointSlice").filter(|slice| {
            slice.namespace == service.namespace
                && slice
                    .fact(&["metadata", "labels", "kubernetes.io/service-name"])
                    .is_some_and(|name| name.value == service.name)
        });
        let mut addresses = slices.flat_map(|slice| {
            let port = slice
                .at(&["ports"])
                .and_then(|ports| ports.items().first()?.get("port")?.number());
            slice
                .at(&["endpoints"])
                .map(|endpoints| endpoints.items())
                .unwrap_or_default()
                .into_iter()
                .flat_map(|endpoint| endpoint.list("addresses"))
                .filter_map(move |address| {
                    let text = address.str()?;
                    let text = port.map_or_else(|| text.to_owned(), |port| format!("{text}:{port}"));
                    Some((text, address.evidence()))
                })
                .collect::<Vec<_>>()
        });
        let first = addresses.next()?;
        addresses.next().is_none().then_some(first)
    }

    fn answers_through(&self, own_source: bool) -> Return {
        let mut step = Step::new(
            self.target_actor(),
            "answers back through the load balancer",
            Verdict::Assumed,
        );
        step.to = Some(self.client_actor());
        step.before = vec![("src", self.target_address()), ("dst", self.source())];
        step.after = vec![("src", self.asked.to_owned()), ("dst", self.source())];
        step.note = Some(if own_source {
            "the target answers the load balancer's address, so the answer cannot miss it".to_owned()
        } else {
            "the target is on another host than the client, so the answer leaves it and the VPC hands it to the load \
             balancer"
                .to_owned()
        });
        step.evidence = joined(
            self.client
                .node_evidence
                .iter()
                .cloned()
                .chain(self.host.map(|host| host.evidence.clone()).unwrap_or_default()),
        );
        Return {
            verdict: Verdict::Assumed,
            reason: None,
            steps: vec![step],
        }
    }

    fn astray(&self, way: &mut Outcome, mechanism: Mechanism) {
        let own = self.target_address();
        way.verdict = Verdict::Blocked;
        way.reason = Some(Reason::Hairpin);
        match mechanism {
            Mechanism::MartianHost | Mechanism::MartianPod => {
                let action = if mechanism == Mechanism::MartianHost {
                    "the node drops it: its source address is the node's own (martian)"
                } else {
                    "the pod's network drops it: its source address is the pod's own (martian)"
                };
                let mut step = Step::new(self.target_actor(), action, Verdict::Blocked);
                step.before = vec![("src", self.source()), ("dst", own)];
                step.reason = Some(Reason::Hairpin);
                step.evidence = self.same_host();
                way.steps.push(step);
                way.ends_at = None;
            }
            Mechanism::ShortCut | Mechanism::ShortCutPod => {
                if mechanism == Mechanism::ShortCut {
                    self.arrives(way);
                }
                way.ends_at.get_or_insert_with(|| own.clone());
                let mut answer = Step::new(
                    self.target_actor(),
                    "the answer is for an address on this node: the kernel hands it straight to the pod",
                    Verdict::Passes,
                );
                answer.to = Some(self.client_actor());
                answer.before = vec![("src", own.clone()), ("dst", self.source())];
                answer.after.clone_from(&answer.before);
                answer.evidence = self.same_host();
                let mut reset = Step::new(
                    self.client_actor(),
                    "resets the answer: it did not ask that address",
                    Verdict::Blocked,
                );
                reset.before = vec![("src", own), ("dst", self.source())];
                reset.reason = Some(Reason::Asymmetric);
                reset.evidence = joined(self.client.ip.iter().map(|ip| ip.evidence.clone()));
                if let Sign::Capture(attempt) = &self.client.sign {
                    if let Some((_, span)) = attempt.stranger {
                        answer.seen = true;
                        answer.evidence.insert(0, Evidence::Text(span));
                    }
                    if let Some(span) = attempt.reset {
                        reset.seen = true;
                        reset.evidence.insert(0, Evidence::Text(span));
                    }
                }
                way.back = Some(Return {
                    verdict: Verdict::Blocked,
                    reason: Some(Reason::Asymmetric),
                    steps: vec![answer, reset],
                });
            }
        }
    }

    fn unknown(&self, why: &str) -> Step {
        let mut step = Step::new(self.target_actor(), "arrives", Verdict::Unknown);
        step.note = Some(why.to_owned());
        step
    }

    // ---- what it shows, and what would settle it

    fn same_host(&self) -> Vec<Evidence> {
        joined(
            self.client
                .node_evidence
                .iter()
                .cloned()
                .chain(self.host.map(|host| host.evidence.clone()).unwrap_or_default())
                .chain([self.target.evidence()]),
        )
    }

    fn hairpin(&self, mechanism: Mechanism) -> Hairpin {
        let attempt = match &self.client.sign {
            Sign::Capture(attempt) => Some(attempt),
            _ => None,
        };
        let private = attempt.filter(|attempt| attempt.tied && super::who::is_private(attempt.asked.address));
        Hairpin {
            mechanism,
            client: self.client.subject.clone(),
            client_ip: self.client.ip.clone().map(|fact| fact.map(|ip| ip.to_string())),
            client_shell: self.client.shell(),
            node: self.host.map_or_else(|| self.client.host.label(), Host::label),
            same_host: self.same_host(),
            target: match (self.target.address(), self.balancer.port_of(self.target)) {
                (None, Some(port)) => format!("{} port {port}", self.target.id),
                _ => self.target_address(),
            },
            target_evidence: vec![self.target.evidence()],
            answers_from: self.target_address(),
            balancer: self.balancer.name.clone(),
            asked: self.asked.to_owned(),
            callable: self.callable(),
            group: self.balancer.group.name().to_owned(),
            group_arn: self.balancer.group.arn.clone(),
            service: self.balancer.service.map(|service| {
                if service.namespace.is_empty() {
                    service.name.to_owned()
                } else {
                    format!("-n {} {}", service.namespace, service.name)
                }
            }),
            preserve: match &self.balancer.preserve {
                Preserve::Set(fact) => Some(fact.evidence.clone()),
                _ => None,
            },
            preserve_default: match &self.balancer.preserve {
                Preserve::Default(_, note) => Some(note),
                _ => None,
            },
            internal: self
                .balancer
                .internal()
                .or_else(|| private.and_then(|attempt| attempt.syns.first().map(|span| Evidence::Text(*span)))),
            ways: (1, 1),
            all_targets: true,
            unanswered: attempt
                .filter(|attempt| attempt.unanswered())
                .map(|attempt| attempt.syns.iter().map(|span| Evidence::Text(*span)).collect())
                .unwrap_or_default(),
            arrived: attempt
                .map(|attempt| {
                    let here = |(to, _): &&(crate::artifact::Endpoint, _)| to.to_string() == self.target_address();
                    attempt
                        .rewritten
                        .iter()
                        .filter(here)
                        .map(|(_, span)| Evidence::Text(*span))
                        .collect()
                })
                .unwrap_or_default(),
            stranger: attempt
                .and_then(|attempt| attempt.stranger)
                .filter(|(from, _)| from.to_string() == self.target_address())
                .map(|(_, span)| vec![Evidence::Text(span)])
                .unwrap_or_default(),
            reset: attempt
                .and_then(|attempt| attempt.reset)
                .map(|span| vec![Evidence::Text(span)])
                .unwrap_or_default(),
            words: match &self.client.sign {
                Sign::Words(words) => words.clone(),
                _ => Vec::new(),
            },
            supposed: attempt.is_some_and(|attempt| !attempt.tied),
            complaint: match &self.client.sign {
                Sign::Complaint(words) => words.clone(),
                _ => Vec::new(),
            },
        }
    }

    /// What was asked, with the DNS name in the place of the load balancer's name, which no resolver knows.
    fn callable(&self) -> String {
        let port = self.asked.strip_prefix(self.balancer.name.as_str());
        match (port, self.balancer.dns_name()) {
            (Some(port), Some(dns)) => format!("{dns}{port}"),
            (Some(port), None) => format!("LOAD_BALANCER{port}"),
            (None, _) => self.asked.to_owned(),
        }
    }

    fn which_node(&self) -> Next {
        if let Some(address) = self.target.address() {
            return ask(
                "kubectl get pods -A -o wide".to_owned(),
                &format!("Whose address {address} is, and on which node, is not pasted."),
            );
        }
        if self.client.host.name.is_none() {
            return ask(
                format!("kubectl get pod {} -o wide", self.client.flags()),
                "The client's node is not pasted.",
            );
        }
        ask(
            format!("aws ec2 describe-instances --instance-ids {}", self.target.id),
            "Which node that instance is, and so whether client and target are the same host, is not pasted.",
        )
    }
}

/// Where a way would stop by a default that nothing pasted confirms, nobody knows whether it does.
fn rests_on_default(way: &mut Outcome) {
    way.verdict = Verdict::Unknown;
    way.reason = None;
    let back = way.back.iter_mut().flat_map(|back| {
        back.verdict = Verdict::Unknown;
        back.reason = None;
        &mut back.steps
    });
    for step in way.steps.iter_mut().chain(back) {
        if step.verdict == Verdict::Blocked {
            step.verdict = Verdict::Unknown;
            step.reason = None;
            step.note = Some("so it is where the client's address is kept, as it is by default".to_owned());
        }
    }
}

/// The first label of a DNS name.
fn short(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn ask(command: String, why: &str) -> Next {
    Next {
        command,
        decides: vec!["LB-011".to_owned()],
        why: why.to_owned(),
    }
}
