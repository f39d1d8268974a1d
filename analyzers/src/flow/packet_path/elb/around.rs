//! The network before a load balancer: the way from who asks to each of its interfaces, one in each zone that it is enabled in.

use super::Walk;
use crate::evidence::Evidence;
use crate::flow::packet_path::vpc::packet::{Address, Packet};
use crate::flow::packet_path::vpc::{self, Mouth, Network};
use crate::flow::packet_path::{Endpoint, Query, cluster};
use crate::flow::{Actor, ActorKind, Flow, Next, Outcome, Reason, Return, Step, Verdict};
use crate::model::Model;
use crate::model::aws::elbv2::listener::path_of;

/// The network around a load balancer.
pub(super) struct Around<'a> {
    pub network: Network<'a>,
    /// The ways to it, one for each interface.
    pub fronts: Vec<Front>,
}

/// The way to one of its interfaces.
#[derive(Debug, Clone)]
pub(super) struct Front {
    /// The interface; `None` where it was not pasted.
    pub mouth: Option<Mouth>,
    /// How many interfaces it stands for.
    pub stands_for: usize,
    /// The load balancer, as it stands there.
    pub actor: Actor,
    pub steps: Vec<Step>,
    pub back: Option<Return>,
    pub verdict: Verdict,
    pub reason: Option<Reason>,
    /// The source that the load balancer sees, where it is known.
    pub source: Option<std::net::IpAddr>,
}

/// Whether anything that filters or routes in a VPC was pasted: who pastes such a thing asks about it.
pub(super) fn asks(model: &Model<'_>, vpc: Option<&str>) -> bool {
    ["SecurityGroups", "SecurityGroupRules", "NetworkAcls", "RouteTables"]
        .iter()
        .flat_map(|list| model.aws_list(list))
        // The elements of some lists name no VPC, and only those of the others are told apart.
        .any(|(_, node)| match (node.str_of("VpcId"), vpc) {
            (Some(own), Some(vpc)) => own == vpc,
            _ => true,
        })
}

impl<'a> Around<'a> {
    /// Asks the network, where it was pasted.
    pub fn new(walk: &mut Walk<'_, '_, 'a>) -> Option<Self> {
        let path = path_of(walk.front.arn.as_deref()?)?;
        let vpc = walk.front.described.as_ref().and_then(|lb| lb.node.str_of("VpcId"));
        if !asks(walk.model, vpc) {
            return None;
        }
        let network = Network::new(walk.model);
        let mouths = network.mouths(&path);
        let command = format!(
            "aws ec2 describe-network-interfaces --filters 'Name=description,Values=ELB {}/*'",
            path.rsplit_once('/').map_or(path.as_str(), |(path, _)| path)
        );
        let mut fronts: Vec<Front> = mouths.into_iter().map(|mouth| front(walk, mouth)).collect();
        let zones = walk
            .front
            .described
            .as_ref()
            .map(|lb| lb.node.list("AvailabilityZones").len())
            .unwrap_or_default();
        let missing = zones.saturating_sub(fronts.len());
        if missing > 0 || fronts.is_empty() {
            walk.ask(
                command,
                "The interfaces of the load balancer decide which subnets' routes and network ACLs count, and what stands for them in rules.",
            );
            fronts.push(not_pasted(walk, &network, missing.max(1)));
        }
        Some(Self { network, fronts })
    }
}

/// The question for the way to an address of the load balancer.
fn ask(walk: &Walk<'_, '_, '_>, mouth: &Mouth) -> Option<Flow> {
    let asked = walk.asked.query;
    let open = walk
        .front
        .scheme()
        .is_none_or(|scheme| scheme.value == "internet-facing");
    let address = mouth.public.filter(|_| open).unwrap_or(mouth.private);
    let query = Query {
        from: asked.from.clone(),
        to: Endpoint::Ip {
            address,
            port: walk.port,
        },
        protocol: asked.protocol,
        at: asked.at.clone(),
    };
    match &asked.from {
        Endpoint::Pod { .. } | Endpoint::Node { .. } => cluster::between(walk.model, &query),
        _ => vpc::between(walk.model, &query),
    }
}

/// The way to an interface.
fn front(walk: &mut Walk<'_, '_, '_>, mouth: Mouth) -> Front {
    // In life it is in each of its zones; so it is drawn.
    let balancer = walk.balancer();
    let actor = Actor {
        id: format!("{}@{}", balancer.id, mouth.actor.id),
        zones: mouth.actor.zones.clone(),
        ..balancer
    };
    let flow = ask(walk, &mouth);
    let mut front = Front {
        actor,
        stands_for: 1,
        steps: vec![resolves(walk, &mouth)],
        back: None,
        verdict: Verdict::Unknown,
        reason: None,
        source: None,
        mouth: Some(mouth),
    };
    let Some(flow) = flow else {
        front.steps.push(unknown(walk, front.actor.clone(), None));
        return front;
    };
    // How somebody gets into the network who is no part of it that was pasted.
    if flow.verdict == Verdict::Unknown
        && flow.next.is_empty()
        && let Endpoint::Ip { address, .. } = &walk.asked.query.from
    {
        walk.ask(
            format!("aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values={address}"),
            format!("Where {address} is, and how it gets into the VPC, does not show."),
        );
    }
    for next in flow.next {
        // Its listeners are looked at by others.
        if !next.command.contains("describe-listeners") {
            walk.ask(next.command, next.why);
        }
    }
    let Some(mut outcome) = flow.outcomes.into_iter().next() else {
        front.steps.push(unknown(walk, front.actor.clone(), None));
        return front;
    };
    // What the last step says of its listeners others say better.
    if outcome.ends_at.is_some() || outcome.reason == Some(Reason::NoListener) {
        outcome.steps.pop();
    }
    front.source = outcome.source_seen.as_deref().and_then(|source| source.parse().ok());
    front.take(outcome);
    front
}

impl Front {
    /// Takes what was answered for its own, with the load balancer in the place of its interface.
    fn take(&mut self, outcome: Outcome) {
        let own = self.mouth.as_ref().map(|mouth| mouth.actor.id.clone());
        // Who asks is known by more than an address.
        if let (Some(connects), Some(first)) = (self.steps.first_mut(), outcome.steps.first())
            && is_client(&first.actor)
        {
            connects.actor = first.actor.clone();
        }
        self.steps.extend(outcome.steps);
        self.back = outcome.back;
        let back = self.back.iter_mut().flat_map(|back| back.steps.iter_mut());
        for step in self.steps.iter_mut().chain(back) {
            if Some(&step.actor.id) == own.as_ref() {
                step.actor = self.actor.clone();
            }
        }
        let stops = |steps: &[Step]| {
            steps
                .iter()
                .find(|step| step.verdict == Verdict::Blocked)
                .and_then(|step| step.reason)
        };
        self.verdict = Verdict::all(
            self.steps
                .iter()
                .map(|step| step.verdict)
                .chain(self.back.iter().map(|back| back.verdict)),
        );
        self.reason = stops(&self.steps).or_else(|| self.back.as_ref().and_then(|back| stops(&back.steps)));
    }

    /// Whether the packet gets no further, or its answer never comes back.
    pub fn stops(&self) -> bool {
        self.verdict == Verdict::Blocked
    }

    /// What makes it like another one.
    pub fn likeness(&self) -> (Verdict, Option<Reason>, String) {
        let stop = self
            .steps
            .iter()
            .chain(self.back.iter().flat_map(|back| &back.steps))
            .find(|step| step.verdict == self.verdict);
        let words = match stop {
            Some(step) if self.stops() => step.action.clone(),
            _ => String::new(),
        };
        (self.verdict, self.reason, words)
    }

    /// The zone that it is in, in words.
    pub fn place(&self) -> Option<String> {
        let mouth = self.mouth.as_ref()?;
        Some(mouth.zone.clone().unwrap_or_else(|| mouth.subnet.clone()))
    }
}

/// Whether somebody may be who asks: not what a packet from elsewhere meets first.
pub(in super::super) fn is_client(actor: &Actor) -> bool {
    matches!(
        actor.kind,
        ActorKind::Instance | ActorKind::Interface | ActorKind::Pod | ActorKind::Node
    )
}

/// The client finds the address.
fn resolves(walk: &Walk<'_, '_, '_>, mouth: &Mouth) -> Step {
    let mut step = walk.connects();
    let address = mouth.public.unwrap_or(mouth.private);
    step.to = None;
    step.action = format!("connects to {address}, an address of the load balancer");
    step.verdict = Verdict::Passes;
    step.evidence = vec![mouth.evidence.clone()];
    step.note = None;
    step.after = vec![
        ("src", walk.asked.from.words.clone()),
        (
            "dst",
            walk.port.map_or_else(
                || address.to_string(),
                |port| crate::flow::packet_path::end(address, port),
            ),
        ),
    ];
    step
}

/// What the network makes of the connection is not known.
fn unknown(walk: &Walk<'_, '_, '_>, to: Actor, evidence: Option<Evidence>) -> Step {
    let mut step = walk.connects();
    "connects, if the network lets it".clone_into(&mut step.action);
    step.to = Some(to);
    step.verdict = Verdict::Unknown;
    step.note = Some("What of the network decides about it was not pasted.".to_owned());
    step.evidence.extend(evidence);
    step
}

/// The interfaces that were not pasted: the security groups that the load balancer names are asked all the same.
fn not_pasted<'a>(walk: &mut Walk<'_, '_, 'a>, network: &Network<'a>, stands_for: usize) -> Front {
    let mut front = Front {
        mouth: None,
        stands_for,
        actor: walk.balancer(),
        steps: vec![unknown(walk, walk.balancer(), None)],
        back: None,
        verdict: Verdict::Unknown,
        reason: None,
        source: walk.asked.from.address,
    };
    let source = match walk.asked.from.address {
        Some(address) => Some(Address::Ip(address)),
        None => walk.asked.from.outside.then_some(Address::Internet),
    };
    let described = walk.front.described.as_ref();
    if let (Some(source), Some(lb)) = (source, described)
        && let Some(lb) = network.balancer(lb.arn())
    {
        let packet = Packet::new(source, Address::Internet, walk.asked.query.protocol, walk.port);
        let name = lb.str_of("LoadBalancerName").unwrap_or_default();
        if let Some((mut step, next)) = network.at_groups_of(&lb, name, &packet, front.actor.clone()) {
            step.before = walk.arriving();
            if step.verdict != Verdict::Blocked {
                step.after = walk.arriving();
            }
            front.steps.push(step);
            for one in next {
                walk.ask(one.command, one.why);
            }
        }
    }
    front.verdict = Verdict::all(front.steps.iter().map(|step| step.verdict));
    let stop = front.steps.iter().find(|step| step.verdict == Verdict::Blocked);
    front.reason = stop.and_then(|step| step.reason);
    front
}

/// Something to run.
pub(super) fn ask_all(walk: &mut Walk<'_, '_, '_>, next: Vec<Next>) {
    for one in next {
        walk.ask(one.command, one.why);
    }
}
