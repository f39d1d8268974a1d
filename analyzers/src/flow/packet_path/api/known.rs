//! What was pasted of who asks an API server, and of the addresses that its name led to.

use std::net::IpAddr;

use super::super::nlb::is_private;
use super::super::vpc::Network;
use super::super::{Endpoint, Query};
use crate::evidence::{Evidence, Fact};
use crate::model::Model;
use crate::model::aws::eks::Cluster;

/// Where the caller is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// In the cluster's own VPC.
    Inside,
    /// In another network, with a private address.
    Elsewhere,
    /// Out in the Internet, perhaps with this address.
    Outside(Option<IpAddr>),
    /// That was not pasted.
    NotKnown {
        /// What tells.
        command: String,
        /// Why.
        why: String,
    },
}

/// Where who asks is.
pub fn caller(network: &Network<'_>, query: &Query, cluster: &Cluster<'_>) -> Caller {
    let by_interface = |at: Option<usize>, command: String| {
        let Some(at) = at else {
            return Caller::NotKnown {
                command,
                why: format!("{} was not pasted.", query.from),
            };
        };
        match cluster.vpc() {
            Some(own) if own == network.vpc_of(at) => Caller::Inside,
            Some(_) => Caller::Elsewhere,
            None => Caller::NotKnown {
                command: format!(
                    "aws eks describe-cluster --name {}",
                    cluster.name().unwrap_or_else(|| "CLUSTER".to_owned())
                ),
                why: "The VPC of the cluster was not pasted.".to_owned(),
            },
        }
    };
    match &query.from {
        // The control plane knows its nodes by the VPC that they are in.
        Endpoint::Pod { .. } | Endpoint::Node { .. } => Caller::Inside,
        Endpoint::Instance { id, .. } => by_interface(
            network.interface_of(id),
            format!("aws ec2 describe-network-interfaces --filters Name=attachment.instance-id,Values={id}"),
        ),
        Endpoint::Interface { id, .. } => by_interface(
            network.interface_by_id(id),
            format!("aws ec2 describe-network-interfaces --network-interface-ids {id}"),
        ),
        Endpoint::Ip { address, .. } => {
            if let [only] = network.interfaces_at(*address).as_slice() {
                return by_interface(Some(*only), String::new());
            }
            if let Some((at, _)) = network.interface_by_public(*address) {
                return by_interface(Some(at), String::new());
            }
            if !is_private(*address) {
                return Caller::Outside(Some(*address));
            }
            let vpcs = network.vpcs_at(*address);
            match (cluster.vpc(), vpcs.as_slice()) {
                (Some(own), [only]) if own == *only => Caller::Inside,
                (Some(own), _) if network.knows_blocks(own) => Caller::Elsewhere,
                (own, _) => Caller::NotKnown {
                    command: format!("aws ec2 describe-vpcs --vpc-ids {}", own.unwrap_or("VPC_ID")),
                    why: format!("Whether {address} is in the VPC of the cluster was not pasted."),
                },
            }
        }
        _ => Caller::Outside(None),
    }
}

/// The addresses that the endpoint's name led to.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    all: Vec<Fact<IpAddr>>,
}

impl Answers {
    /// What `dig`, `nslookup`, `host` and `getent` answered, and the addresses that `kubectl` tried.
    pub fn new(model: &Model<'_>, cluster: &Cluster<'_>) -> Self {
        let mut answers = Self::default();
        let host = cluster.host().map(|host| host.value).unwrap_or_default();
        let alone = model.clusters().len() == 1;
        for segment in model.segments {
            let Some(command) = segment.command.as_ref().filter(|command| command.typed()) else {
                continue;
            };
            let line = command.line();
            let lower = command.text.to_lowercase();
            let asks = matches!(line.program.as_str(), "dig" | "nslookup" | "host" | "getent")
                && !host.is_empty()
                && lower.contains(&host);
            for (span, text) in model.sources.lines_in(segment.body) {
                if asks {
                    answers.learn(text, span);
                } else if line.is_kubectl() && alone {
                    answers.extend(tried(text), span);
                }
            }
        }
        answers
    }

    /// The addresses of a line of an answer; not those of the resolver itself.
    fn learn(&mut self, text: &str, span: crate::text::Span) {
        let lower = text.to_lowercase();
        if text.starts_with(';') || lower.starts_with("server:") || text.contains('#') {
            return;
        }
        let words = text.split(|c: char| c.is_whitespace() || c == ',');
        let all: Vec<IpAddr> = words.filter_map(|word| word.parse().ok()).collect();
        self.extend(all, span);
    }

    fn extend(&mut self, all: impl IntoIterator<Item = IpAddr>, span: crate::text::Span) {
        for address in all {
            if self.all.iter().all(|known| known.value != address) {
                self.all.push(Fact::new(address, Evidence::Text(span)));
            }
        }
    }

    /// The private ones, or the public ones.
    pub fn of(&self, private: bool) -> impl Iterator<Item = &Fact<IpAddr>> {
        self.all.iter().filter(move |fact| is_private(fact.value) == private)
    }
}

/// The address in `dial tcp 10.42.3.17:443: i/o timeout` (Go, `net.OpError`).
pub fn tried(line: &str) -> Option<IpAddr> {
    let (_, rest) = line.split_once("dial tcp ")?;
    let end = rest.split(": ").next()?.trim();
    let socket: std::net::SocketAddr = end.parse().ok()?;
    (socket.port() == super::PORT).then(|| socket.ip())
}
