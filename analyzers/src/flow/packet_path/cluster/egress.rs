//! From a pod with an address of IPv6 to an address of IPv4: the VPC CNI gives the pod an address of its node's own, and the node puts its
//! address in that one's place (aws/amazon-vpc-cni-k8s, `cmd/egress-cni-plugin`; `ENABLE_V4_EGRESS` of its `README.md`).

use std::net::IpAddr;

use super::place::Place;
use super::{Asked, Ways, snat};
use crate::flow::packet_path::end;
use crate::flow::packet_path::vpc_cni::settings::{AGENT, setting};
use crate::flow::{Actor, ActorKind, Next, Outcome, Step, Verdict};
use crate::model::ip_in_name;

/// The addresses of pods for that, the same on each node.
const POOL: &str = "169.254.172.0/22";

impl Asked<'_, '_> {
    /// The way where both ends are of different families; `None` where they are of one.
    pub(super) fn other_family(&self, to: &Place) -> Option<Ways> {
        let (source, destination) = (self.from.address?, to.address?);
        let pod = self.from.pod.as_ref()?;
        let workload = self.from.workload.and_then(|at| self.matrix.workloads.get(at));
        let host = workload.is_some_and(|workload| workload.host_network == Some(true));
        if source.is_ipv4() || destination.is_ipv6() || host {
            return None;
        }
        let told = setting(self.model, AGENT, "ENABLE_V4_EGRESS");
        let pod_ip = Next {
            command: format!("kubectl exec -n {} {} -- ip addr", pod.0, pod.1),
            decides: Vec::new(),
            why: format!(
                "An interface v4if0 with an address of {POOL} shows that the pod can reach addresses of IPv4."
            ),
        };
        let mut out = Step::new(
            self.pod_actor(),
            format!("out by its interface v4if0, with an address of {POOL} that counts on its node alone"),
            Verdict::Assumed,
        );
        out.before = vec![("src", source.to_string()), ("dst", destination.to_string())];
        out.note = Some(
            "In clusters of IPv6 the VPC CNI gives pods that interface, unless ENABLE_V4_EGRESS is false.".to_owned(),
        );
        let mut next = Vec::new();
        match told {
            Some(told) if told.is("false") => {
                out.verdict = Verdict::Unknown;
                "the pod has no address of IPv4, if it was made since ENABLE_V4_EGRESS is false"
                    .clone_into(&mut out.action);
                out.evidence = told.evidence;
                next.push(pod_ip);
            }
            Some(told) => out.evidence = told.evidence,
            None => next.push(Next {
                command: snat::COMMAND.to_owned(),
                decides: Vec::new(),
                why: "ENABLE_V4_EGRESS decides whether pods can reach addresses of IPv4.".to_owned(),
            }),
        }
        let own = self.own_v4();
        let name = self.from.node.clone().unwrap_or_else(|| "the node".to_owned());
        let actor = Actor {
            id: format!("node:{name}"),
            kind: ActorKind::Node,
            name,
            details: Vec::new(),
            zones: Vec::new(),
        };
        let put = own.map_or_else(
            || "puts its own address of IPv4 in the pod's place".to_owned(),
            |own| format!("puts its own address {own} in the pod's place"),
        );
        let mut node = Step::new(actor, put, Verdict::Assumed);
        node.before = vec![
            ("src", format!("an address of {POOL}")),
            ("dst", destination.to_string()),
        ];
        node.after = vec![
            ("src", own.map_or_else(|| "the node".to_owned(), |own| own.to_string())),
            ("dst", destination.to_string()),
        ];
        node.note = Some("A rule of the pod's own does so (chain CNI-E4-… in `iptables-save`).".to_owned());
        if own.is_none() {
            node.verdict = Verdict::Unknown;
            next.push(Next {
                command: format!(
                    "aws ec2 describe-instances --filters Name=private-dns-name,Values={}",
                    self.from.node.as_deref().unwrap_or("NODE")
                ),
                decides: Vec::new(),
                why: "The packet leaves with the node's address of IPv4.".to_owned(),
            });
        }
        let verdict = Verdict::all([out.verdict, node.verdict]);
        let mut outcome = Outcome::new("with the node's address of IPv4", 1.0, verdict);
        outcome.steps = vec![out, node];
        outcome.snat = true;
        outcome.source_seen = own.map(|own| own.to_string());
        outcome.ends_at = Some(
            to.port
                .map_or_else(|| destination.to_string(), |port| end(destination, port)),
        );
        Some((vec![outcome], next))
    }

    /// The first address of IPv4 of the sender's node: its instance's, or that in its name.
    fn own_v4(&self) -> Option<IpAddr> {
        let name = self.from.node.as_deref()?;
        let host = self.model.host_by_node(name);
        let by_instance = host.instance.as_ref().and_then(|id| {
            let instance = self.model.instances().iter();
            let mut own = instance.filter(|one| one.str_of("InstanceId") == Some(id.value.as_str()));
            own.next()?.str_of("PrivateIpAddress")?.parse().ok()
        });
        host.ip
            .map(|ip| ip.value)
            .filter(IpAddr::is_ipv4)
            .or(by_instance)
            .or_else(|| ip_in_name(name))
    }

    fn pod_actor(&self) -> Actor {
        Actor {
            id: self.from.name.clone(),
            kind: ActorKind::Pod,
            name: self.from.name.clone(),
            details: Vec::new(),
            zones: Vec::new(),
        }
    }
}
