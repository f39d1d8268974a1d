//! How large a packet may be along a way, and what does not fit.
//!
//! What is said of a way: the limits of the places on it, and what fits. A way is stopped for this reason only where a packet of a known size
//! was sent that must not be fragmented, and a place on the way does not take it; smaller packets go on.

mod black_hole;
mod limit;
#[cfg(test)]
mod tests;
mod tried;

use std::net::{IpAddr, SocketAddr};

use self::limit::{Limit, VPC, of_gateways, smallest};
use self::tried::{Fate, Found, Tried};
use super::node::machines::Machines;
use super::node::packet::Interface;
use super::{Details, Endpoint, Protocol, Query, joined};
use crate::evidence::Fact;
use crate::flow::{self, Actor, ActorKind, Check, Flow, FlowKind, Next, Outcome, Reason, Step, Verdict};
use crate::model::Model;
use crate::model::workload::env;

/// What a paste tells of sizes.
pub struct Sizes<'m, 'a> {
    model: &'m Model<'a>,
    machines: Machines<'a>,
    tried: Vec<Tried>,
    found: Vec<Found>,
}

/// So many packets that did not fit are shown as ways of their own.
const SHOWN: usize = 3;

impl<'m, 'a> Sizes<'m, 'a> {
    /// Reads what there is.
    pub fn new(model: &'m Model<'a>) -> Self {
        let machines = Machines::new(model);
        let mut tried = tried::pings(model, &machines);
        tried.extend(model.captures().flat_map(|(_, capture)| black_hole::stalled(capture)));
        Self {
            tried,
            found: tried::found(model, &machines),
            machines,
            model,
        }
    }

    /// Says of a way what fits.
    pub fn annotate(&self, flow: &mut Flow) {
        let mut fits: Vec<(Option<u32>, Option<u32>, bool)> = Vec::new();
        for outcome in &mut flow.outcomes {
            let Some((from, to)) = ends(outcome) else { continue };
            let limits = self.limits(outcome, from, to);
            for limit in &limits {
                note(outcome, limit);
            }
            if let Some(asks) = self.unexplained(&limits, from, to)
                && flow.verdict != Verdict::Blocked
                && !flow.next.contains(&asks)
            {
                flow.next.push(asks);
            }
            if outcome.ends_at.is_some() {
                let (sure, most) = smallest(&limits);
                fits.push((sure.filter(|_| !limits.is_empty()), most, from.is_ipv6()));
            }
        }
        fits.sort_unstable();
        fits.dedup();
        let [(sure, most, six)] = *fits.as_slice() else { return };
        let words = match (sure, most) {
            (Some(sure), Some(most)) if sure == most => {
                format!(
                    "packets of up to {sure} bytes fit: TCP segments of {}",
                    segment(sure, six)
                )
            }
            (Some(sure), _) if sure < VPC => format!("packets of up to {sure} bytes fit for sure"),
            (_, Some(most)) if most < VPC => format!("packets of more than {most} bytes do not fit"),
            _ => return,
        };
        flow.subtitle = if flow.subtitle.is_empty() {
            words
        } else {
            format!("{} · {words}", flow.subtitle)
        };
    }

    /// What would tell where large packets are lost, where small ones are answered and no place on the way explains it.
    fn unexplained(&self, limits: &[Limit], from: IpAddr, to: Option<IpAddr>) -> Option<Next> {
        let to = to?;
        let own = || self.tried.iter().filter(|tried| tried.is_between(from, to));
        let most = smallest(limits).1;
        let lost = own().any(|tried| {
            let fits = tried.size.is_some_and(|size| most.is_none_or(|most| size <= most));
            tried.whole && tried.fate == Fate::Lost && fits
        });
        (lost && own().any(|tried| tried.fate == Fate::Answered)).then(|| Next {
            command: format!("tracepath -n {to}"),
            decides: vec!["PKT-007".to_owned()],
            why:
                "Small packets are answered and large ones are not: it tells how large they may be, and from where on."
                    .to_owned(),
        })
    }

    /// The limits of the places on a way that are smaller than what a VPC takes, and those that were pasted.
    fn limits(&self, outcome: &Outcome, from: IpAddr, to: Option<IpAddr>) -> Vec<Limit> {
        let mut all: Vec<Limit> = self.sender(outcome, from, to).into_iter().collect();
        self.nodes(outcome, from, to, &mut all);
        all.extend(
            of_gateways(self.model, &outcome.steps)
                .into_iter()
                .filter(|limit| limit.most != Some(VPC)),
        );
        all.extend(
            self.found
                .iter()
                .filter(|found| Some(found.to) == to && found.from.is_none_or(|own| own == from))
                .map(|found| Limit {
                    at: found.by.map_or_else(String::new, |by| format!("ip:{by}")),
                    name: found.by.map_or_else(|| "the path".to_owned(), |by| by.to_string()),
                    sure: Some(found.mtu),
                    most: Some(found.mtu),
                    told: "seen".to_owned(),
                    evidence: vec![found.evidence.clone()],
                }),
        );
        all
    }

    /// What the devices take by which nodes send the packet on: what is larger is not forwarded (`ip_forward` in the kernel's
    /// `net/ipv4/ip_forward.c`).
    fn nodes(&self, outcome: &Outcome, from: IpAddr, to: Option<IpAddr>, all: &mut Vec<Limit>) {
        for step in &outcome.steps {
            let actor = &step.actor;
            if actor.kind != ActorKind::Node || all.iter().any(|known| known.at == actor.id) {
                continue;
            }
            let told = self.machines.of(Some(&actor.name), &[]).and_then(|machine| {
                let routes = machine.routes(from.is_ipv6())?;
                let route = routes.pick(to?, Some(from), 0, &Interface::Unknown).ok()?;
                let device = route.interface?;
                Some((machine.mtu(device)?, device.to_owned()))
            });
            if let Some((mtu, told)) = told {
                all.push(Limit {
                    at: actor.id.clone(),
                    name: actor.name.clone(),
                    sure: Some(mtu.value),
                    most: Some(mtu.value),
                    told,
                    evidence: vec![mtu.evidence],
                });
            }
        }
    }

    /// What the sender's own interface, or its route, takes.
    fn sender(&self, outcome: &Outcome, from: IpAddr, to: Option<IpAddr>) -> Option<Limit> {
        let first = &outcome.steps.first()?.actor;
        let (mtu, told) = self.of_machine(from, to).or_else(|| self.of_pod(from))?;
        Some(Limit {
            at: first.id.clone(),
            name: first.name.clone(),
            sure: Some(mtu.value),
            most: Some(mtu.value),
            told,
            evidence: vec![mtu.evidence],
        })
    }

    /// The MTU by which a machine sends from an address of its own.
    fn of_machine(&self, from: IpAddr, to: Option<IpAddr>) -> Option<(Fact<u32>, String)> {
        let machine = self.machines.at(from)?;
        let routes = machine.routes(from.is_ipv6());
        let route = routes
            .as_ref()
            .and_then(|routes| routes.pick(to?, Some(from), 0, &Interface::None).ok());
        // A route's own MTU is smaller than its interface's, or it would not count (ip-route(8), `mtu`).
        let metric = route.and_then(|route| {
            let metrics = route.node.get("metrics")?.items();
            let mtu = metrics.iter().find_map(|metric| metric.get("mtu"))?;
            Some(Fact::new(u32::try_from(mtu.number()?).ok()?, mtu.evidence()))
        });
        let by_route = route.and_then(|route| route.interface);
        let device = by_route.map(str::to_owned).or_else(|| {
            let device = machine.device_with(from)?;
            device.name().map(str::to_owned)
        });
        let own = device.as_deref().and_then(|name| machine.mtu(name));
        let device = device.unwrap_or_default();
        match (metric, own) {
            (Some(metric), Some(own)) if own.value <= metric.value => Some((own, device)),
            (Some(metric), _) => Some((metric, "the route's own MTU".to_owned())),
            (None, own) => Some((own?, device)),
        }
    }

    /// The MTU of a pod's interface: as it was printed in the pod, else what the VPC CNI is set to give it.
    fn of_pod(&self, from: IpAddr) -> Option<(Fact<u32>, String)> {
        let pod = self.model.pod_by_ip(from)?;
        let printed = self.machines.in_pod(pod.namespace, pod.name).and_then(|inside| {
            let device = inside
                .device_with(from)
                .or_else(|| inside.devices("eth0").into_iter().next())?;
            device.mtu()
        });
        if let Some(mtu) = printed {
            return Some((mtu, "eth0".to_owned()));
        }
        let set = self.model.get("DaemonSet", "kube-system", "aws-node")?;
        let spec = set.at(&["spec", "template", "spec"])?;
        let containers = spec.list("containers");
        let container = containers
            .iter()
            .find(|container| container.str_of("name") == Some("aws-node"))?;
        // The README of amazon-vpc-cni-k8s: POD_MTU is that of the interfaces' where it is not set.
        ["POD_MTU", "AWS_VPC_ENI_MTU"].iter().find_map(|name| {
            let value = env(container, name)?;
            let mtu = value.value().as_str().and_then(|text| text.parse().ok());
            let mtu = mtu.or_else(|| u32::try_from(value.value().as_i64()?).ok())?;
            Some((Fact::new(mtu, value.evidence()), format!("{name} of the VPC CNI")))
        })
    }

    /// The ways of packets that somebody sent and that do not fit; `way` tells the way of smaller ones.
    pub fn propose(&self, way: impl Fn(&Query) -> Flow) -> Vec<Flow> {
        let mut all: Vec<Flow> = Vec::new();
        for tried in self
            .tried
            .iter()
            .filter(|tried| tried.whole && tried.fate != Fate::Answered)
        {
            if all.len() >= SHOWN {
                break;
            }
            let Some(flow) = self.sized(tried, &way) else { continue };
            if !all
                .iter()
                .any(|known| known.title == flow.title && known.subtitle == flow.subtitle)
            {
                all.push(flow);
            }
        }
        all
    }

    /// The way of a packet of a known size, where it is known to stop.
    fn sized(&self, tried: &Tried, way: &impl Fn(&Query) -> Flow) -> Option<Flow> {
        let size = tried.size?;
        let (protocol, port) = tried.carries;
        let to = Endpoint::Ip {
            address: tried.to,
            port,
        };
        let base = tried.from.map(|from| {
            way(&Query {
                from: Endpoint::Ip {
                    address: from,
                    port: None,
                },
                to: to.clone(),
                protocol,
                at: None,
            })
        });
        let outcome = base
            .and_then(|flow| flow.outcomes.into_iter().next())
            // A filter stops small packets, too.
            .filter(|outcome| outcome.steps.iter().all(|step| step.verdict != Verdict::Blocked));
        let (mut outcome, mtu) = self.stopped(tried, size, outcome)?;
        outcome.verdict = Verdict::Blocked;
        outcome.reason = Some(Reason::Mtu);
        "too large for the way".clone_into(&mut outcome.label);
        (outcome.ends_at, outcome.source_seen, outcome.back) = (None, None, None);
        let from = tried
            .from
            .map_or_else(|| "the sender".to_owned(), |from| from.to_string());
        Some(Flow {
            kind: FlowKind::PacketPath,
            title: format!("{from} → {to}, {size} bytes"),
            subtitle: format!(
                "{} of {size} bytes that must not be fragmented · packets of up to {mtu} bytes: TCP segments of {}",
                if protocol == Protocol::Icmp {
                    "ICMP echo"
                } else {
                    "TCP packets"
                },
                segment(mtu, tried.to.is_ipv6())
            ),
            verdict: Verdict::Blocked,
            outcomes: vec![outcome],
            next: Vec::new(),
            details: flow::Details::PacketPath(Details::default()),
        })
    }

    /// The way as far as the packet goes, and what would fit.
    fn stopped(&self, tried: &Tried, size: u32, way: Option<Outcome>) -> Option<(Outcome, u32)> {
        let limits = match (&way, tried.from) {
            (Some(way), Some(from)) => self.limits(way, from, Some(tried.to)),
            _ => Vec::new(),
        };
        let mut way = way.unwrap_or_else(|| Outcome::new("", 1.0, Verdict::Blocked));
        let fits = |limit: &&Limit| limit.most.is_some_and(|most| size > most);
        let (mtu, told) = match tried.fate {
            Fate::Answered => return None,
            Fate::Local(mtu) => (mtu, None),
            Fate::Refused(by, mtu) => (Some(mtu), Some(by)),
            Fate::Lost => (None, None),
        };
        if mtu.is_some_and(|mtu| size <= mtu) {
            return None;
        }
        // Where a message tells the size, the place is the one that takes so much; else the first that does not take the packet.
        let place = match mtu {
            Some(mtu) => limits.iter().find(|limit| limit.most == Some(mtu) && size > mtu),
            None => limits.iter().find(fits),
        };
        let known = place.and_then(|limit| Some((limit, way.steps.iter().position(|step| step.actor.id == limit.at)?)));
        let (actor, mtu, limit) = match (known, mtu) {
            (Some((limit, at)), _) => {
                let actor = way.steps.get(at).map(|step| step.actor.clone())?;
                // What comes in at the place is still shown.
                way.steps.truncate(at);
                (actor, mtu.or(limit.most)?, Some(limit))
            }
            (None, Some(mtu)) => {
                way.steps.clear();
                (self.teller(tried, told), mtu, place)
            }
            (None, None) => return None,
        };
        way.steps.push(step(tried, size, mtu, actor, limit));
        Some((way, mtu))
    }

    /// Who says that a packet is too large, where nothing else tells its place.
    fn teller(&self, tried: &Tried, by: Option<IpAddr>) -> Actor {
        let (id, kind, name) = match (by, tried.from) {
            (Some(by), _) => (format!("ip:{by}"), ActorKind::Other, by.to_string()),
            (None, Some(from)) => {
                let machine = self.machines.at(from).and_then(|machine| machine.name());
                let name = machine.map_or_else(|| from.to_string(), str::to_owned);
                (format!("ip:{from}"), ActorKind::Instance, name)
            }
            (None, None) => ("ip:sender".to_owned(), ActorKind::Other, "the sender".to_owned()),
        };
        Actor {
            id,
            kind,
            name,
            details: Vec::new(),
            zones: Vec::new(),
        }
    }
}

/// The step at which a packet is too large.
fn step(tried: &Tried, size: u32, mtu: u32, actor: Actor, limit: Option<&Limit>) -> Step {
    let words = match tried.fate {
        Fate::Local(_) => format!("does not send {size} bytes in one packet: {mtu} fit"),
        _ => format!("takes packets of up to {mtu} bytes, and this one has {size} and must not be fragmented"),
    };
    let mut step = Step::new(actor, words, Verdict::Blocked);
    step.reason = Some(Reason::Mtu);
    let values = [
        ("src", tried.from.map(|from| from.to_string())),
        ("dst", Some(tried.to.to_string())),
    ];
    step.before = values
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    let own = limit.into_iter().flat_map(|limit| limit.evidence.clone());
    step.evidence = joined(tried.evidence.iter().cloned().chain(own));
    step.checks.push(Check {
        what: "packet size".to_owned(),
        has_label: "sent".to_owned(),
        has: Some(size.to_string()),
        wants_label: "fits".to_owned(),
        wants: vec![format!("up to {mtu}")],
        verdict: Verdict::Blocked,
        evidence: step.evidence.clone(),
    });
    let source = limit
        .filter(|limit| limit.told.contains('"'))
        .map(|limit| limit.told.clone());
    let lost = "Nothing came back: whoever sends such packets does not learn that they are too large, and sends them again. Smaller ones pass.";
    let told = "Smaller packets pass.";
    let words = if tried.fate == Fate::Lost { lost } else { told };
    step.note = Some(source.map_or_else(|| words.to_owned(), |source| format!("{source}. {words}")));
    step
}

/// Between which addresses a way is; no one address stands for the Internet.
fn ends(outcome: &Outcome) -> Option<(IpAddr, Option<IpAddr>)> {
    let of = |name: &str| {
        outcome
            .steps
            .iter()
            .flat_map(|step| &step.before)
            .find(|(own, _)| *own == name)
            .and_then(|(_, text)| address(text))
    };
    Some((of("src")?, of("dst")))
}

fn address(text: &str) -> Option<IpAddr> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

/// TCP's largest segment in a packet: without the headers (RFC 9293, section 3.7.1).
fn segment(mtu: u32, six: bool) -> u32 {
    mtu.saturating_sub(if six { 60 } else { 40 })
}

/// Says at its place how much a way takes.
fn note(outcome: &mut Outcome, limit: &Limit) {
    let Some(most) = limit.most else { return };
    let Some(step) = outcome.steps.iter_mut().find(|step| step.actor.id == limit.at) else {
        return;
    };
    let words = if limit.told.is_empty() {
        format!("Takes packets of up to {most} bytes.")
    } else {
        format!("Takes packets of up to {most} bytes ({}).", limit.told)
    };
    step.note = Some(
        step.note
            .as_ref()
            .map_or(words.clone(), |note| format!("{note} {words}")),
    );
    let is_pasted = !limit.told.contains('"');
    step.evidence
        .extend(limit.evidence.iter().filter(|_| is_pasted).cloned());
    step.evidence = joined(std::mem::take(&mut step.evidence));
}
