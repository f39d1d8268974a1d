//! What becomes of a packet from outside at the node or the pod that it was brought to, by a load balancer's network or another: the node's rules
//! for its port, the way on to another node, and the policies of the pod.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::place::Place;
use super::policies::{Listings, Seen, Side, judge};
use super::{Asked, Ways};
use crate::flow::packet_path::node::machines::Machines;
use crate::flow::packet_path::vpc::Network;
use crate::flow::packet_path::{Endpoint, Protocol, Query};
use crate::flow::policy::Matrix;
use crate::flow::{Next, Outcome, Step, Values, Verdict};
use crate::model::Model;

/// Who sent the packet, as who takes it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The source's address; `None` where it is anybody's.
    pub source: Option<IpAddr>,
    /// The source in words.
    pub words: String,
    /// Whether it is out in the Internet.
    pub internet: bool,
}

impl Taken {
    /// An address of the same family that stands for anybody's: of a block that nobody has (RFC 1112, section 4; RFC 3849).
    fn address(&self, to: IpAddr) -> IpAddr {
        self.source.unwrap_or(match to {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::new(240, 0, 0, 1)),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1)),
        })
    }

    /// Puts the words in the place of an address that stands for anybody's.
    fn name(&self, outcome: &mut Outcome, stands: IpAddr) {
        if self.source.is_some() {
            return;
        }
        let stands = stands.to_string();
        let rename = |values: &mut Values| {
            for (_, value) in values.iter_mut().filter(|(_, value)| *value == stands) {
                value.clone_from(&self.words);
            }
        };
        let steps = outcome.back.iter_mut().flat_map(|back| back.steps.iter_mut());
        for step in outcome.steps.iter_mut().chain(steps) {
            rename(&mut step.before);
            rename(&mut step.after);
        }
        if outcome.source_seen.as_ref() == Some(&stands) {
            outcome.source_seen = None;
        }
    }
}

/// The cluster behind a load balancer.
pub struct Behind<'m, 'a> {
    model: &'m Model<'a>,
    matrix: Matrix<'a>,
    listings: Listings<'m, 'a>,
}

/// What the policies of a pod say of a packet from outside.
pub struct Judgement {
    /// The step into the pod.
    pub step: Step,
    /// Whether a policy that was not pasted may say something else.
    pub open: bool,
    /// What would tell.
    pub next: Vec<Next>,
}

impl<'m, 'a> Behind<'m, 'a> {
    /// Reads the policies once.
    pub fn new(model: &'m Model<'a>) -> Self {
        Self {
            model,
            matrix: Matrix::new(model),
            listings: Listings::new(model),
        }
    }

    /// The ways from a node's port; `None` where nothing that was pasted is about it.
    pub fn node_port(
        &self,
        network: &Network<'a>,
        taken: &Taken,
        node: &str,
        (address, port): (IpAddr, u16),
        protocol: Protocol,
    ) -> Option<Ways> {
        let source = taken.address(address);
        let query = Query {
            from: Endpoint::Ip {
                address: source,
                port: None,
            },
            to: Endpoint::Ip {
                address,
                port: Some(port),
            },
            protocol,
            at: Some(node.to_owned()),
        };
        let from = Place {
            name: taken.words.clone(),
            address: Some(source),
            evidence: Vec::new(),
            port: None,
            node: Some(node.to_owned()),
            home: None,
            workload: None,
            pod: None,
            internet: taken.internet && taken.source.is_none(),
            missing: None,
            standing: None,
        };
        // What the network brought to a node stays on its way by the rules of that node alone.
        let machines = Machines::default();
        let asked = Asked {
            model: self.model,
            query: &query,
            from,
            matrix: &self.matrix,
            listings: &self.listings,
            network,
            machines: &machines,
            brought: true,
            onward: false,
        };
        let (mut outcomes, mut next) = asked.at_node(source, address, port)?;
        for outcome in &mut outcomes {
            next.extend(asked.go_on(outcome));
            taken.name(outcome, source);
        }
        Some((outcomes, next))
    }

    /// What the policies of the pod that has an address say; `None` where none was pasted, or no pod that was pasted has it.
    pub fn at_pod(
        &self,
        taken: &Taken,
        (address, port): (IpAddr, Option<u16>),
        protocol: Protocol,
    ) -> Option<Judgement> {
        let to = Place::at(self.model, &self.matrix, address, port);
        let workload = self.matrix.workloads.get(to.workload?)?;
        let none = self.matrix.policies.all.is_empty() && self.matrix.policies.unread.is_empty();
        if none && !workload.labels_told {
            return None;
        }
        let from = Side {
            name: taken.words.clone(),
            workload: None,
            is_pod: false,
            address: taken.source,
            internet: taken.internet,
            node: None,
            evidence: Vec::new(),
        };
        let query = Query {
            from: Endpoint::Internet,
            to: Endpoint::Ip { address, port },
            protocol,
            at: None,
        };
        let ends = (&from, &to.side());
        let judged = judge(&self.listings, &self.matrix, ends, Seen::Itself, &query, port);
        let mut step = judged.ingress?;
        if judged.open && step.verdict == Verdict::Assumed {
            step.note =
                Some("No policy that was pasted selects the pod; whether all were pasted is not known.".to_owned());
        }
        Some(Judgement {
            step,
            open: judged.open,
            next: judged.next,
        })
    }
}
