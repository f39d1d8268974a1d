//! Flows: packet path, DNS, auth. They differ in their steps, not in their machinery, so that one diagram module, one
//! exporter and one evidence panel serve all of them.

pub mod addresses;
pub mod auth;
pub mod dns;
pub mod packet_path;
pub mod policy;
mod reason;
pub mod report;

use serde::Serialize;

use crate::evidence::Evidence;

pub use reason::Reason;

/// What is known of a step, or of a whole flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The evidence shows that it works.
    Passes,
    /// It should work by a documented default, which the step names; nothing pasted says otherwise.
    Assumed,
    /// The pasted text does not tell; the flow names the command that would.
    Unknown,
    /// The evidence shows that it stops here.
    Blocked,
}

impl Verdict {
    /// The word that is shown and exported.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Assumed => "assumed",
            Self::Unknown => "unknown",
            Self::Blocked => "blocked",
        }
    }

    /// The verdict of a whole made of parts: one that blocks blocks all, then one unknown, then one assumed.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().max().unwrap_or(Self::Passes)
    }
}

/// Which picture explains a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlowKind {
    /// Which way does the packet go.
    PacketPath,
    /// Which server was asked what.
    Dns,
    /// Who is asking, how is it proved, what may it do.
    Auth,
    /// Who may talk to whom under the network policies.
    Policies,
    /// Whose the addresses of the nodes' interfaces are.
    Addresses,
}

impl FlowKind {
    /// Whether its steps are the cells of a table, which has no verdict as a whole.
    pub fn is_table(self) -> bool {
        matches!(self, Self::Policies | Self::Addresses)
    }

    /// The name that is exported.
    pub fn name(self) -> &'static str {
        match self {
            Self::PacketPath => "packet-path",
            Self::Dns => "dns",
            Self::Auth => "auth",
            Self::Policies => "policies",
            Self::Addresses => "addresses",
        }
    }
}

/// A command whose output would settle something that is unknown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Next {
    /// The command, ready to run.
    pub command: String,
    /// What it decides: rule codes, most important first.
    pub decides: Vec<String>,
    /// Why it is needed, in one sentence.
    pub why: String,
}

/// What something is, which decides how it is drawn and where it nests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ActorKind {
    /// A pod, or the program in it.
    Pod,
    /// The kernel of a node: its routing, connection tracking and packet filter.
    Node,
    /// A virtual machine that is no node, or not known to be one.
    Instance,
    /// A network interface that is not of an instance.
    Interface,
    /// A subnet: its network ACL and its router.
    Subnet,
    /// A gateway, a peering connection, an endpoint: what leads from one network to another.
    Gateway,
    /// A load balancer.
    LoadBalancer,
    /// A Service.
    Service,
    /// A server that is asked: a resolver, an API.
    Server,
    /// A credential or a document that is shown to a server.
    Credential,
    /// Something outside that is not modelled.
    Other,
}

/// Who acts in a step. Two steps with the same `id` are drawn at the same place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// Stable within the flow: `pod:shop/checkout`, `node:ip-10-0-1-7`, `lb:shop-api`, `dns:10.100.0.10`.
    pub id: String,
    /// What it is.
    pub kind: ActorKind,
    /// Its name as the reader knows it.
    pub name: String,
    /// One or two short lines below the name: address, namespace, port.
    pub details: Vec<String>,
    /// What it is in, outermost first: VPC, zone, node. Actors that share a prefix are drawn in the same box.
    pub zones: Vec<String>,
}

/// Named values before or after a step: `src` and `dst` of a packet, `name` and `type` of a question, `sub` and `aud` of a token.
pub type Values = Vec<(&'static str, String)>;

/// A comparison that a step rests on, both sides shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What is compared: `sub`, `aud`, `issuer`, a security group rule.
    pub what: String,
    /// Whose value the first one is: `token says`.
    pub has_label: String,
    /// The value that is there; `None` where it was not pasted.
    pub has: Option<String>,
    /// Whose value the second one is: `policy wants`.
    pub wants_label: String,
    /// The values that would pass; empty where nothing was pasted that says so.
    pub wants: Vec<String>,
    /// The outcome.
    pub verdict: Verdict,
    /// Where both were read.
    pub evidence: Vec<Evidence>,
}

/// One step of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Who acts.
    pub actor: Actor,
    /// To whom, where the step is a message; `None` where the actor does something by itself.
    pub to: Option<Actor>,
    /// What is done, in a few words.
    pub action: String,
    /// The values as they arrive.
    pub before: Values,
    /// The values as they leave.
    pub after: Values,
    /// What is known of it.
    pub verdict: Verdict,
    /// Why it stops, where it does.
    pub reason: Option<Reason>,
    /// The comparisons that decided.
    pub checks: Vec<Check>,
    /// For `assumed`: the documented default that it rests on. For others, a remark.
    pub note: Option<String>,
    /// Whether the step was needless: drawn grey and counted.
    pub waste: bool,
    /// How long it took, in microseconds, where it was measured.
    pub took: Option<i64>,
    /// Whether it was computed from configuration (`false`) or seen in a capture or a log (`true`).
    pub seen: bool,
    /// The lines that prove it; empty only where the step is `assumed` or `unknown`.
    pub evidence: Vec<Evidence>,
}

impl Step {
    /// A step that `actor` does, with nothing known of it yet.
    pub fn new(actor: Actor, action: impl Into<String>, verdict: Verdict) -> Self {
        Self {
            actor,
            to: None,
            action: action.into(),
            before: Vec::new(),
            after: Vec::new(),
            verdict,
            reason: None,
            checks: Vec::new(),
            note: None,
            waste: false,
            took: None,
            seen: false,
            evidence: Vec::new(),
        }
    }
}

impl Outcome {
    /// A way of which nothing more is known yet.
    pub fn new(label: impl Into<String>, share: f64, verdict: Verdict) -> Self {
        Self {
            label: label.into(),
            share,
            verdict,
            reason: None,
            ends_at: None,
            source_seen: None,
            snat: false,
            steps: Vec::new(),
            back: None,
        }
    }
}

/// The way of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// What is known of it.
    pub verdict: Verdict,
    /// Why it stops, where it does.
    pub reason: Option<Reason>,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// One way that a flow can go. Load balancing makes several; their shares add up to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// A short name that tells the ways apart: `through node ip-10-0-1-7`.
    pub label: String,
    /// How often, from 0 to 1.
    pub share: f64,
    /// The verdict there and back.
    pub verdict: Verdict,
    /// Why it stops, where it does.
    pub reason: Option<Reason>,
    /// Packets: the address and port at which it arrives, or `local`.
    pub ends_at: Option<String>,
    /// Packets: the source address that the receiver sees.
    pub source_seen: Option<String>,
    /// Packets: whether the source was rewritten on the way.
    pub snat: bool,
    /// The steps there.
    pub steps: Vec<Step>,
    /// The steps back, where they matter.
    pub back: Option<Return>,
}

/// A flow: one question answered for the reader's own case.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Which picture explains it.
    pub kind: FlowKind,
    /// `pod shop/checkout → lb shop-api:443`.
    pub title: String,
    /// One line more: `TCP 443 · 2 ways`.
    pub subtitle: String,
    /// The verdict over all ways.
    pub verdict: Verdict,
    /// The ways, the worst first.
    pub outcomes: Vec<Outcome>,
    /// What to run to settle what is unknown.
    pub next: Vec<Next>,
    /// The details that only one kind of flow has.
    pub details: Details,
}

impl Flow {
    /// All steps of all ways, there and back, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.outcomes.iter().flat_map(|outcome| {
            outcome
                .steps
                .iter()
                .chain(outcome.back.iter().flat_map(|back| &back.steps))
        })
    }
}

/// The details that only one kind of flow has.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "an analysis has a handful of flows")]
pub enum Details {
    /// Packet path.
    PacketPath(packet_path::Details),
    /// DNS.
    Dns(dns::Details),
    /// Auth.
    Auth(auth::Details),
    /// The table of network policies: its steps say all.
    Policies,
    /// The map of addresses: its steps say all.
    Addresses,
}

/// All flows of an analysis.
#[derive(Debug, Clone, Default)]
pub struct Flows {
    /// Packet paths, DNS flows, auth flows, the table of policies and the map of addresses, in this order.
    pub all: Vec<Flow>,
}

impl Flows {
    /// The flows of one kind with their index in [`Flows::all`].
    pub fn of(&self, kind: FlowKind) -> impl Iterator<Item = (usize, &Flow)> {
        self.all.iter().enumerate().filter(move |(_, flow)| flow.kind == kind)
    }
}

/// The flows that the pasted text itself asks about.
pub fn propose(model: &crate::model::Model<'_>) -> Flows {
    let mut all = packet_path::propose(model);
    all.extend(dns::propose(model));
    all.extend(auth::propose(model));
    all.extend(policy::grid::propose(model));
    all.extend(addresses::propose(model));
    Flows { all }
}
