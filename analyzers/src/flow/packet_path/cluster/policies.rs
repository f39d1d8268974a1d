//! What the network policies say on both ends of a way.

mod listing;
mod step;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr};

pub use self::listing::Listings;
use self::step::{Judge, Ruling};
use crate::evidence::Evidence;
use crate::flow::packet_path::Query;
use crate::flow::policy::{Matrix, Way};
use crate::flow::{Next, Step, Verdict};
use crate::model::workload::Workload;

/// One end of a way, as policies see it.
#[derive(Debug, Clone)]
pub struct Side {
    /// As the reader knows it.
    pub name: String,
    /// The number of the workload, where a pod is meant.
    pub workload: Option<usize>,
    /// Whether it is a pod.
    pub is_pod: bool,
    /// The address that a pod's policies are asked about, where the other end is no pod.
    pub address: Option<IpAddr>,
    /// Whether it is anywhere in the Internet.
    pub internet: bool,
    /// The node that it is on, or that it is.
    pub node: Option<String>,
    /// Where address and node were read.
    pub evidence: Vec<Evidence>,
}

/// An address that nobody has (RFC 5737), for one anywhere in the Internet.
const ANYWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));

/// What the policies say.
#[derive(Debug, Default)]
pub struct Judged {
    /// Out of the pod that sends.
    pub egress: Option<Step>,
    /// Into the pod that receives, where the packet gets there.
    pub ingress: Option<Step>,
    /// What would tell more.
    pub next: Vec<Next>,
    /// Whether a policy that was not pasted, or not read, may say something else.
    pub open: bool,
}

/// From whom a packet comes that arrives.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'s> {
    /// From who sent it.
    Itself,
    /// From the address that a node put in; `None` where that is not known.
    As(Option<&'s Side>),
}

/// Asks the policies about a packet from one side to the other, to a port there.
pub fn judge(
    listings: &Listings<'_, '_>,
    matrix: &Matrix<'_>,
    (source, destination): (&Side, &Side),
    seen: Seen<'_>,
    query: &Query,
    port: Option<u16>,
) -> Judged {
    let mut judged = Judged::default();
    let judge = Judge {
        matrix,
        ends: (source, destination),
        query,
        port,
    };
    for way in [Way::Egress, Way::Ingress] {
        let (own, other) = match way {
            Way::Egress => (source, destination),
            Way::Ingress => (destination, source),
        };
        let Some(at) = own.workload else { continue };
        let Some(mut ruling) = judge.rule(at, way, own, other) else {
            continue;
        };
        if let (Way::Ingress, Seen::As(seen)) = (way, seen) {
            let as_seen = seen.and_then(|seen| judge.rule(at, way, own, seen));
            ruling.compare(as_seen, || judge.tried());
        }
        let Ruling {
            mut step,
            next,
            settled,
        } = ruling;
        judged.next.extend(next);
        if !settled {
            let open = listings.ask(matrix, at, &mut step);
            // A policy can open what others closed, and close what they left open.
            judged.open |= !open.is_empty();
            judged.next.extend(open);
        }
        let stops = step.verdict == Verdict::Blocked;
        match way {
            Way::Egress => judged.egress = Some(step),
            Way::Ingress => judged.ingress = Some(step),
        }
        if stops {
            break;
        }
    }
    judged
}

/// A pod by its name; where its workload's template stands for it, a StatefulSet's by the ordinal in it, another's as `name[Kind]`.
pub fn place(matrix: &Matrix<'_>, namespace: &str, name: &str) -> Option<usize> {
    let is = |workload: &Workload<'_>| {
        workload.namespace == namespace
            && match workload.kind {
                "Pod" => workload.name == name,
                "StatefulSet" => name
                    .strip_prefix(workload.name)
                    .and_then(|rest| rest.strip_prefix('-'))
                    .is_some_and(|ordinal| !ordinal.is_empty() && ordinal.bytes().all(|byte| byte.is_ascii_digit())),
                _ => false,
            }
    };
    let called = |workload: &Workload<'_>| {
        workload.namespace == namespace && format!("{}[{}]", workload.owner.1, workload.owner.0) == name
    };
    let find = |is: &dyn Fn(&Workload<'_>) -> bool| matrix.workloads.iter().position(is);
    find(&is).or_else(|| find(&called))
}
