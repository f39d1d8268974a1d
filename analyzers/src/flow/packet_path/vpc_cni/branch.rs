//! Pods with security groups of their own: each has a branch of the node's trunk interface, which a VLAN of the node leads to
//! (amazon-vpc-cni-k8s, `SetupBranchENIPodNetwork`; `POD_SECURITY_GROUP_ENFORCING_MODE` and `DISABLE_TCP_EARLY_DEMUX` of its `README.md`).

use std::net::IpAddr;

use super::super::node::dumps::{Dumps, Known};
use super::settings::{AGENT, INIT, setting};
use super::{Passed, addresses, values};
use crate::evidence::Evidence;
use crate::flow::{Actor, ActorKind, Check, Next, Reason, Step, Verdict};
use crate::model::{Entity, Model};

/// The branch of a pod, as the controller writes it in the annotation `vpc.amazonaws.com/pod-eni` (`PodENIData`, `pkg/ipamd/rpc_handler.go`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The interface's id.
    pub interface: Option<String>,
    /// The VLAN's number on the trunk.
    pub vlan: Option<i64>,
    /// Where it stands.
    pub evidence: Evidence,
}

impl Branch {
    /// That of a pod; `None` where the pod has none, or it was not pasted.
    pub fn of(pod: &Entity<'_>) -> Option<Self> {
        let annotation = pod.at(&["metadata", "annotations", "vpc.amazonaws.com/pod-eni"])?;
        let all: Option<serde_json::Value> = annotation.str().and_then(|text| serde_json::from_str(text).ok());
        let first = all.as_ref().and_then(|all| all.get(0));
        let id = first.and_then(|first| first.get("eniId")?.as_str());
        Some(Self {
            interface: id.map(str::to_owned),
            vlan: first.and_then(|first| first.get("vlanId")?.as_i64()),
            evidence: annotation.evidence(),
        })
    }

    /// `its branch interface eni-0b1c (vlan.eth.1)`
    pub fn words(&self) -> String {
        let vlan = self.vlan.map(|vlan| format!(" (vlan.eth.{vlan})")).unwrap_or_default();
        match &self.interface {
            Some(id) => format!("its branch interface {id}{vlan}"),
            None => format!("its branch interface{vlan}"),
        }
    }
}

/// When a pod's own security groups are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mode {
    /// Always: whatever goes to the pod or comes from it passes its branch. Else not between ends on one node, nor where the node's address
    /// takes the pod's place.
    pub strict: bool,
    /// Where that stands; empty where nothing tells, and the default is taken.
    pub evidence: Vec<Evidence>,
}

/// The mode that is set.
pub fn mode(model: &Model<'_>) -> Mode {
    let told = setting(model, AGENT, "POD_SECURITY_GROUP_ENFORCING_MODE");
    Mode {
        strict: !told.as_ref().is_some_and(|told| told.is("standard")),
        evidence: told.map(|told| told.evidence).unwrap_or_default(),
    }
}

/// The mode in words.
pub fn in_words(mode: &Mode) -> &'static str {
    match (mode.strict, mode.evidence.is_empty()) {
        (true, true) => {
            "POD_SECURITY_GROUP_ENFORCING_MODE was not pasted; it is strict by default: the pod's own security groups are asked for \
             everything."
        }
        (true, false) => {
            "POD_SECURITY_GROUP_ENFORCING_MODE is strict: the pod's own security groups are asked for everything."
        }
        (false, _) => {
            "POD_SECURITY_GROUP_ENFORCING_MODE is standard: the pod's own security groups are asked where the packet goes to another host \
             of the VPC, or comes from one; not between ends on one node, and not where the node's address takes the pod's place."
        }
    }
}

/// A packet between two ends of one node of which one is behind a branch, where the node's routes were not pasted. `own`: the branch's pod.
pub fn beside(model: &Model<'_>, node: &str, branch: &Branch, packet: (IpAddr, IpAddr), out_of_branch: bool) -> Passed {
    let mode = mode(model);
    let action = match (mode.strict, out_of_branch) {
        (true, true) => format!(
            "what the pod sends leaves the node by {}, also to the same node",
            branch.words()
        ),
        (true, false) => format!(
            "sends the packet out to the network: the pod is behind {}",
            branch.words()
        ),
        (false, _) => {
            "hands the packet to the other end: no security group is asked between ends on one node".to_owned()
        }
    };
    let actor = Actor {
        id: format!("node:{node}"),
        kind: ActorKind::Node,
        name: node.to_owned(),
        details: Vec::new(),
        zones: Vec::new(),
    };
    let verdict = if mode.evidence.is_empty() {
        Verdict::Assumed
    } else {
        Verdict::Passes
    };
    let mut step = Step::new(actor, action, verdict);
    (step.before, step.after) = (values(packet.0, packet.1), values(packet.0, packet.1));
    step.note = Some(in_words(&mode).to_owned());
    step.evidence.push(branch.evidence.clone());
    let unsure = mode.evidence.is_empty();
    step.evidence.extend(mode.evidence);
    let next = unsure.then(|| Next {
        command: super::super::cluster::snat::COMMAND.to_owned(),
        decides: Vec::new(),
        why: "POD_SECURITY_GROUP_ENFORCING_MODE decides whether a packet between ends on one node passes the branch and its security groups."
            .to_owned(),
    });
    let vlan = branch.vlan.map(|vlan| format!("vlan.eth.{vlan}"));
    Passed {
        steps: vec![step],
        by: mode
            .strict
            .then(|| vlan.filter(|_| out_of_branch).unwrap_or_else(|| "eth0".to_owned())),
        stays: !mode.strict,
        next: next.into_iter().collect(),
        unsure,
        address: None,
    }
}

/// What becomes of a pod's answer to a connection of its own node, in strict mode: it comes in by the pod's veth pair, and has to go out by
/// the VLAN. With TCP early demux the kernel gives it to the node's socket before it is routed, and what has a socket is not forwarded
/// (amazon-vpc-cni-k8s, pull request 1212; `tcp_v4_early_demux` and `ip_forward` of Linux).
pub fn early_demux(model: &Model<'_>, node: &str, packet: (IpAddr, IpAddr)) -> (Step, Option<Next>) {
    let actor = Actor {
        id: format!("node:{node}"),
        kind: ActorKind::Node,
        name: node.to_owned(),
        details: Vec::new(),
        zones: Vec::new(),
    };
    let by_kernel = of_kernel(model, node);
    let by_plugin =
        setting(model, INIT, "DISABLE_TCP_EARLY_DEMUX").map(|set| (!set.is("true"), set.evidence, set.value));
    let (on, evidence, has) = match (by_kernel, by_plugin) {
        (Some((on, evidence)), _) => (
            Some(on),
            vec![evidence],
            Some(("net.ipv4.tcp_early_demux", i64::from(on).to_string())),
        ),
        (None, Some((on, evidence, value))) => (
            Some(on),
            evidence,
            Some((
                "DISABLE_TCP_EARLY_DEMUX",
                value.unwrap_or_else(|| "false (the default)".to_owned()),
            )),
        ),
        (None, None) => (None, Vec::new(), None),
    };
    let (action, verdict) = match on {
        Some(true) => (
            "drops the pod's answer: TCP early demux takes it for the node's own",
            Verdict::Blocked,
        ),
        Some(false) => (
            "forwards the pod's answer to its branch: TCP early demux is off",
            Verdict::Passes,
        ),
        None => (
            "forwards the pod's answer to its branch, unless TCP early demux takes it for its own",
            Verdict::Unknown,
        ),
    };
    let mut step = Step::new(actor, action, verdict);
    step.before = values(packet.0, packet.1);
    if let Some((what, has)) = has {
        let wants = if what.starts_with("net.") { "0" } else { "true" };
        step.checks.push(Check {
            what: what.to_owned(),
            has_label: "the node has".to_owned(),
            has: Some(has),
            wants_label: "a pod with a branch needs".to_owned(),
            wants: vec![wants.to_owned()],
            verdict,
            evidence: evidence.clone(),
        });
    }
    step.evidence = evidence;
    step.reason = (verdict == Verdict::Blocked).then_some(Reason::Drop);
    step.note = Some(
        "With early demux the kernel gives the answer to the node's own socket before it is routed, and what has a socket is not forwarded to \
         the branch. kubelet's TCP and HTTP probes of pods with security groups of their own need DISABLE_TCP_EARLY_DEMUX=true in the init \
         container of aws-node (strict mode alone; amazon-vpc-cni-k8s, README)."
            .to_owned(),
    );
    let next = on.is_none().then(|| Next {
        command: super::super::cluster::snat::COMMAND.to_owned(),
        decides: Vec::new(),
        why:
            "DISABLE_TCP_EARLY_DEMUX of the init container decides whether the pod's answer to its own node is dropped."
                .to_owned(),
    });
    (step, next)
}

/// `net.ipv4.tcp_early_demux` of a node, where it was pasted.
fn of_kernel(model: &Model<'_>, node: &str) -> Option<(bool, Evidence)> {
    let known = Known {
        name: node,
        addresses: addresses(model, node),
    };
    let dumps = Dumps::surely(model, &known)?;
    dumps.of("sysctl").find_map(|dump| {
        let value = dump.root.get("net.ipv4.tcp_early_demux")?;
        let on = value.number().or_else(|| value.str()?.trim().parse().ok())?;
        Some((on != 0, value.evidence()))
    })
}
