//! Out of a pod, and out of its node.

use std::net::IpAddr;

use super::super::cluster::snat::{self, Source};
use super::super::node::packet::{Interface, Packet};
use super::super::node::routes::{Decision, Hop};
use super::super::node::{self};
use super::mark::{self, Mark};
use super::{Guest, Inside, Passed, in_vain, is_veth, pod_actor, told, values};
use crate::flow::{Next, Reason, Step, Verdict};

/// A decision, and what it rests on beside the node's own outputs.
struct Decided {
    decision: Decision,
    /// A default that was assumed.
    note: Option<String>,
    evidence: Vec<crate::evidence::Evidence>,
    next: Vec<Next>,
}

impl Decided {
    fn of(decision: Decision) -> Self {
        Self {
            decision,
            note: None,
            evidence: Vec::new(),
            next: Vec::new(),
        }
    }
}

impl Inside<'_> {
    /// From a guest to an address. `first`: the packet as it was sent, and where its way ends, where the node's packet filter may have
    /// rewritten it.
    pub fn leave(&self, guest: &Guest<'_>, to: IpAddr, first: Option<(&Packet, &str)>, mark: &Mark) -> Passed {
        let mut passed = Passed::default();
        let Some(routes) = self.routes() else {
            return self.not_told(guest, to, self.all_tables());
        };
        let behind = routes.behind(guest.address);
        let incoming = match (&behind, guest.host) {
            (_, true) => Interface::Named("lo".to_owned()),
            (Some((veth, ..)), false) => Interface::Named((*veth).to_owned()),
            (None, false) => Interface::Unknown,
        };
        if let (Some((veth, _, evidence)), false) = (&behind, guest.host) {
            let action = format!("out of its eth0 into the node, where the other end of the pair is {veth}");
            let mut step = Step::new(pod_actor(guest), action, Verdict::Passes);
            (step.before, step.after) = (values(guest.address, to), values(guest.address, to));
            step.note = Some(
                "A pod's only route leads to 169.254.1.1 (fe80::1), which stands for the node's end of its veth pair \
                 (amazon-vpc-cni-k8s, `setupVeth`)."
                    .to_owned(),
            );
            step.evidence.push(evidence.clone());
            passed.steps.push(step);
        }
        if self.machine.is_local(to) == Some(true)
            && self.first_decided(guest.address, to, &incoming, guest.host).is_none()
        {
            passed.stays = true;
            return passed;
        }
        let decided = self.decided(guest, to, first, mark, &incoming);
        self.judge(guest, to, decided, &mut passed);
        passed
    }

    fn first_decided(&self, from: IpAddr, to: IpAddr, incoming: &Interface, own: bool) -> Option<Decision> {
        let mut packet = Packet::new(from, to, 0, "tcp");
        packet.incoming = incoming.clone();
        self.machine.decided_first(&packet, own)
    }

    /// What the rules and the tables make of it.
    fn decided(
        &self,
        guest: &Guest<'_>,
        to: IpAddr,
        first: Option<(&Packet, &str)>,
        mark: &Mark,
        incoming: &Interface,
    ) -> Decided {
        if let Some((packet, end)) = first
            && let Some(decisions) = node::decisions(&self.dumps, self.told.clone(), packet, end)
        {
            let mut all = decisions.into_iter();
            if let Some(decision) = all.next()
                && all.all(|other| other.hop == decision.hop)
            {
                return Decided::of(decision);
            }
        }
        let with = |mark: u32| {
            let mut packet = Packet::new(guest.address, to, 0, "tcp");
            packet.incoming = incoming.clone();
            packet.mark = mark;
            self.machine.decide(&packet, guest.host).unwrap_or_else(Decision::hop)
        };
        // Rules that mark what pods send are about interfaces called `eni…` alone.
        let marks =
            matches!(incoming, Interface::Named(name) if name.starts_with("eni")) || *incoming == Interface::Unknown;
        let plain = with(0);
        let Mark::Outbound(outside, source) = mark else {
            return Decided::of(plain);
        };
        let marked = with(mark::DEFAULT);
        if guest.host || !marks || plain.hop == marked.hop || *outside == Some(false) {
            return Decided::of(plain);
        }
        match (outside, source) {
            (_, Source::Kept(because, evidence)) => Decided {
                note: Some(format!("It carries no mark: {because}.")),
                evidence: evidence.clone(),
                ..Decided::of(plain)
            },
            (Some(true), Source::Node(evidence)) => Decided {
                note: Some("What leaves the VPC is marked, and rule 1024 sends it by the first interface.".to_owned()),
                evidence: evidence.clone(),
                ..Decided::of(marked)
            },
            (Some(true), Source::NotTold) => Decided {
                note: Some(
                    "By default what leaves the VPC is marked, and rule 1024 sends it by the first interface \
                     (AWS_VPC_K8S_CNI_EXTERNALSNAT is false); the settings were not pasted."
                        .to_owned(),
                ),
                next: vec![self.ask(snat::COMMAND)],
                ..Decided::of(Decision::assumed(marked))
            },
            (None | Some(false), _) => Decided {
                note: Some(
                    "Whether the packet leaves the VPC decides whether it is marked, and so which rule is about it."
                        .to_owned(),
                ),
                next: vec![self.ask("sudo iptables-save")],
                ..Decided::of(Decision::hop(Hop::Unknown))
            },
        }
    }

    fn judge(&self, guest: &Guest<'_>, to: IpAddr, decided: Decided, passed: &mut Passed) {
        let Decided {
            decision,
            note,
            evidence,
            next,
        } = decided;
        let packet = (guest.address, to);
        passed.next.extend(next);
        let way = told(&decision);
        let mut step = match &decision.hop {
            Hop::By { interface, .. } => {
                let host = decision.to_host && is_veth(interface);
                passed.stays = host;
                if !host {
                    passed.by = Some(interface.clone());
                    passed.address = self.routes().and_then(|routes| routes.address_on(interface));
                }
                let mut step = self.step(way, Verdict::Passes, packet);
                if let Some(vain) = in_vain(&decision) {
                    step.action = format!("{vain}; then {}", step.action);
                    step.verdict = Verdict::Unknown;
                    step.note = Some(format!(
                        "The packet leaves by an interface that its rules do not mean: the network drops what has an address of another \
                         interface (SourceDestCheck), unless {interface} has it."
                    ));
                    passed.next.push(Next {
                        command: format!(
                            "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values={}",
                            guest.address
                        ),
                        decides: Vec::new(),
                        why: "Which interface has the pod's address decides whether the packet may leave by this one."
                            .to_owned(),
                    });
                } else if !decision.whole && !decision.to_host {
                    step.verdict = Verdict::Unknown;
                    step.note =
                        Some("Not all routes of the table were pasted: a longer prefix may lead elsewhere.".to_owned());
                    passed.next.push(self.ask(self.all_tables()));
                } else if decision.assumed || decision.priority.is_none() {
                    step.verdict = Verdict::Assumed;
                }
                if decision.priority.is_none() && !guest.host && !decision.to_host {
                    step.verdict = Verdict::Unknown;
                    step.note = Some("Rules choose the table by the pod's address; they were not pasted.".to_owned());
                    passed.next.push(self.ask(self.rule()));
                }
                step
            }
            Hop::Stopped(kind, _) => {
                let mut step = self.step(format!("{way}: the route is `{kind}`"), Verdict::Blocked, packet);
                step.reason = Some(Reason::BlackholeRoute);
                step
            }
            Hop::Nowhere(_) => {
                let mut step = self.step(format!("the node has no route to {to}"), Verdict::Blocked, packet);
                step.reason = Some(Reason::NoRoute);
                step
            }
            Hop::Local => {
                passed.stays = true;
                return;
            }
            Hop::Unknown => {
                let action = "by which interface the packet leaves the node was not pasted".to_owned();
                let command = decision.asks.clone().unwrap_or_else(|| self.rule().to_owned());
                if passed.next.is_empty() {
                    passed.next.push(self.ask(&command));
                }
                self.step(action, Verdict::Unknown, packet)
            }
        };
        step.evidence.extend(decision.evidence);
        step.evidence.extend(evidence);
        step.note = match (step.note, note) {
            (Some(one), Some(other)) => Some(format!("{one} {other}")),
            (one, other) => one.or(other),
        };
        passed.steps.push(step);
    }

    pub(super) fn rule(&self) -> &'static str {
        if self.six { "ip -6 rule" } else { "ip rule" }
    }

    fn not_told(&self, guest: &Guest<'_>, to: IpAddr, command: &str) -> Passed {
        let step = self.step(
            "by which interface the packet leaves the node was not pasted".to_owned(),
            Verdict::Unknown,
            (guest.address, to),
        );
        Passed {
            steps: vec![step],
            next: vec![self.ask(command)],
            ..Passed::default()
        }
    }
}
