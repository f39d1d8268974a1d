//! Packets of a certain size that somebody sent, and what became of them: `ping -M do -s SIZE`, `tracepath`, ICMP's own messages.

use std::net::IpAddr;

use crate::artifact::{Artifact, Node, Transport, Value};
use crate::evidence::Evidence;
use crate::flow::packet_path::Protocol;
use crate::flow::packet_path::node::machines::{Machines, Owner, owner};
use crate::model::{Model, Pod, ip_in_name};
use crate::segment::CommandLine;

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It was answered.
    Answered,
    /// The sender's own kernel does not send what is larger than this.
    Local(Option<u32>),
    /// A router on the way says that it takes no more than this.
    Refused(IpAddr, u32),
    /// Nothing came back.
    Lost,
}

/// A packet of a certain size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Who sent it, as far as that is known.
    pub from: Option<IpAddr>,
    /// Who was to get it.
    pub to: IpAddr,
    /// Its size with IP's header, where that is known.
    pub size: Option<u32>,
    /// Whether it must not be fragmented.
    pub whole: bool,
    /// What became of it.
    pub fate: Fate,
    /// Where that stands.
    pub evidence: Vec<Evidence>,
    /// Whose command it was.
    pub owner: Option<Owner>,
    /// What it carried, and to which port.
    pub carries: (Protocol, Option<u16>),
}

impl Tried {
    /// Whether it is about a way between these two.
    pub fn is_between(&self, from: IpAddr, to: IpAddr) -> bool {
        self.to == to && self.from == Some(from)
    }
}

/// What a path's MTU was found to be, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// From whom.
    pub from: Option<IpAddr>,
    /// To whom.
    pub to: IpAddr,
    /// What fits.
    pub mtu: u32,
    /// Whether larger packets are known not to fit: ICMP's messages say so of the place that they come from.
    pub by: Option<IpAddr>,
    /// Where that stands.
    pub evidence: Evidence,
}

/// The pings of a paste.
pub fn pings(model: &Model<'_>, machines: &Machines<'_>) -> Vec<Tried> {
    of_kind(model, "ping")
        .filter_map(|(artifact, root)| ping(model, machines, artifact, &root))
        .collect()
}

fn of_kind<'a>(model: &Model<'a>, kind: &'static str) -> impl Iterator<Item = (&'a Artifact, Node<'a>)> {
    model
        .artifacts
        .roots()
        .filter(move |(artifact, _)| artifact.kinds.iter().any(|(own, _)| own == kind))
}

/// Who typed the command of an artifact, and from which address.
fn sender(
    model: &Model<'_>,
    machines: &Machines<'_>,
    artifact: &Artifact,
    to: IpAddr,
) -> (Option<Owner>, Option<IpAddr>) {
    let Some(segment) = model.segments.get(artifact.segment) else {
        return (None, None);
    };
    let owner = owner(model, segment);
    let address = match &owner {
        Some(Owner::Pod(namespace, name)) => model
            .get("Pod", namespace, name)
            .and_then(|pod| Pod(pod).ip())
            .map(|fact| fact.value),
        Some(Owner::Machine(name)) => name
            .parse()
            .ok()
            .or_else(|| ip_in_name(name))
            .or_else(|| model.host_by_node(name).ip.map(|fact| fact.value))
            .or_else(|| only_address(machines, owner.as_ref(), to)),
        _ => only_address(machines, owner.as_ref(), to),
    };
    (owner, address.filter(|address| address.is_ipv6() == to.is_ipv6()))
}

/// The source that the machine's route to a destination names.
fn only_address(machines: &Machines<'_>, owner: Option<&Owner>, to: IpAddr) -> Option<IpAddr> {
    let machine = machines.iter().find(|one| Some(&one.owner) == owner)?;
    let routes = machine.routes(to.is_ipv6())?;
    let route = routes
        .pick(to, None, 0, &crate::flow::packet_path::node::packet::Interface::None)
        .ok()?;
    let source = route.node.value().get("prefsrc").and_then(Value::as_str);
    source.and_then(|source| source.parse().ok())
}

fn ping(model: &Model<'_>, machines: &Machines<'_>, artifact: &Artifact, root: &Node<'_>) -> Option<Tried> {
    let command = model.command_of(artifact)?;
    let outer = CommandLine::new(&command.text);
    let line = outer.inner().unwrap_or(outer);
    let address = |name: &str| root.str_of(name).and_then(|text| text.parse::<IpAddr>().ok());
    let asked = || line.args.iter().rev().find_map(|word| word.parse().ok());
    let to = address("address").or_else(|| address("target")).or_else(asked)?;
    let (owner, from) = sender(model, machines, artifact, to);
    let from = address("source").or(from);
    let head: u32 = if to.is_ipv6() { 48 } else { 28 };
    // iputils and BusyBox send 56 bytes behind ICMP's header.
    let payload = line.option(&["-s"]).map_or(Some(56), |size| size.parse::<u32>().ok());
    let whole = line.option(&["-M"]) == Some("do");
    let (fate, evidence) = fate(root)?;
    Some(Tried {
        from,
        to,
        size: payload.and_then(|payload| payload.checked_add(head)),
        whole,
        fate,
        evidence,
        owner,
        carries: (Protocol::Icmp, None),
    })
}

fn fate(root: &Node<'_>) -> Option<(Fate, Vec<Evidence>)> {
    if let Some(reply) = root.list("replies").first() {
        return Some((Fate::Answered, vec![reply.evidence()]));
    }
    let mtu = |node: &Node<'_>| node.get("mtu").and_then(|mtu| u32::try_from(mtu.number()?).ok());
    // Once a router has told, the sender's kernel knows it, too, and says so of what is sent then.
    for refusal in root.list("refusals") {
        let by = refusal.str_of("from").and_then(|from| from.parse().ok());
        if let (Some(mtu), Some(by)) = (mtu(&refusal).filter(|mtu| *mtu > 0), by) {
            return Some((Fate::Refused(by, mtu), vec![refusal.evidence()]));
        }
    }
    for error in root.list("errors") {
        let message = error.str_of("message").unwrap_or_default().to_lowercase();
        if message.contains("message too long") {
            return Some((Fate::Local(mtu(&error)), vec![error.evidence()]));
        }
    }
    let silent = root.list("refusals").is_empty() && root.list("errors").is_empty();
    let none = root.get("received").and_then(|count| count.number()) == Some(0);
    let loss = root.get("loss").or_else(|| root.get("received"));
    (silent && none).then(|| (Fate::Lost, loss.iter().map(Node::evidence).collect()))
}

/// What `tracepath` and ICMP's messages in captures say of a path.
pub fn found(model: &Model<'_>, machines: &Machines<'_>) -> Vec<Found> {
    let mut all = Vec::new();
    for (artifact, root) in of_kind(model, "tracepath") {
        all.extend(traced(model, machines, artifact, &root));
    }
    for (_, capture) in model.captures() {
        for packet in &capture.packets {
            let Transport::Icmp(icmp) = &packet.transport else {
                continue;
            };
            let about = icmp.quoted.and_then(|quoted| quoted.destination);
            if let (Some(mtu), Some(about)) = (icmp.mtu.filter(|mtu| *mtu > 0), about) {
                all.push(Found {
                    from: Some(packet.destination.address),
                    to: about.address,
                    mtu,
                    by: Some(packet.source.address),
                    evidence: Evidence::Text(packet.span),
                });
            }
        }
    }
    all
}

fn traced(model: &Model<'_>, machines: &Machines<'_>, artifact: &Artifact, root: &Node<'_>) -> Option<Found> {
    let command = model.command_of(artifact)?;
    let outer = CommandLine::new(&command.text);
    let line = outer.inner().unwrap_or(outer);
    let to = line.args.iter().find_map(|word| word.parse().ok())?;
    let mtu = root.at(&["resume", "pmtu"])?;
    // Without an answer from the end it is what the path had as far as it was seen.
    let hops = root.list("hops");
    let reached = hops
        .iter()
        .any(|hop| hop.str_of("address").and_then(|text| text.parse().ok()) == Some(to));
    let (_, from) = sender(model, machines, artifact, to);
    reached.then_some(Found {
        from,
        to,
        mtu: u32::try_from(mtu.number()?).ok()?,
        by: None,
        evidence: mtu.evidence(),
    })
}
