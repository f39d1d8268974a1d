//! Whose the addresses are that a node's network interfaces hold: a step an address. The VPC CNI attaches interfaces with addresses, or
//! with prefixes of sixteen, before pods need them (aws/amazon-vpc-cni-k8s, `docs/eni-and-ip-target.md`).

mod settings;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use self::settings::Settings;
use super::{Actor, ActorKind, Details, Flow, FlowKind, Next, Outcome, Step, Verdict};
use crate::evidence::Evidence;
use crate::model::aws::cidr::Cidr;
use crate::model::aws::ec2::Interface;
use crate::model::aws::listing::{self, Described};
use crate::model::{Model, Pod};

/// No more nodes than this are drawn; how many there are more is told.
const NODES: usize = 24;
/// No more addresses than this are drawn of an interface.
const ADDRESSES: usize = 320;

/// What an address is used for, as cells say it.
pub const OWN: &str = "own";
/// A pod's.
pub const POD: &str = "pod";
/// Nobody's.
pub const FREE: &str = "free";

/// The map, where interfaces with more than one address each were pasted, which is how pods get theirs.
pub fn propose(model: &Model<'_>) -> Option<Flow> {
    let interfaces = interfaces(model);
    let for_pods = |interface: &Interface<'_>| interface.addresses.len() > 1 || !interface.prefixes.is_empty();
    interfaces
        .values()
        .flatten()
        .any(for_pods)
        .then(|| flow(model, &interfaces))
}

/// Those attached to instances, by instance and in the order of their devices.
fn interfaces<'a>(model: &Model<'a>) -> BTreeMap<String, Vec<Interface<'a>>> {
    let described = Described::read(&listing::roots(model), "NetworkInterfaces", "NetworkInterfaceId");
    let mut all: BTreeMap<&str, Interface<'a>> = BTreeMap::new();
    for instance in model.instances() {
        let id = instance.str_of("InstanceId");
        for node in &instance.list("NetworkInterfaces") {
            if let Some(interface) = Interface::new(node, id) {
                all.insert(interface.id, interface);
            }
        }
    }
    // By themselves they are shown with more.
    for (_, node) in described.all() {
        if let Some(interface) = Interface::new(node, None) {
            all.insert(interface.id, interface);
        }
    }
    let mut by_instance: BTreeMap<String, Vec<Interface<'a>>> = BTreeMap::new();
    for interface in all.into_values() {
        if let Some(instance) = interface.instance {
            by_instance.entry(instance.to_owned()).or_default().push(interface);
        }
    }
    for interfaces in by_instance.values_mut() {
        interfaces.sort_by_key(|interface| (device(interface), interface.id));
    }
    by_instance
}

/// `Attachment.DeviceIndex`: the instance's first interface has 0.
fn device(interface: &Interface<'_>) -> Option<i64> {
    interface.node.at(&["Attachment", "DeviceIndex"])?.number()
}

/// What is known of pods.
struct Pods {
    by_address: BTreeMap<IpAddr, (String, Vec<Evidence>)>,
    /// Whether all of them were asked for, so that an address without a pod is nobody's.
    all: bool,
    /// The nodes that they are said to be on.
    nodes: BTreeSet<String>,
}

impl Pods {
    fn new(model: &Model<'_>) -> Self {
        let (mut by_address, mut nodes) = (BTreeMap::new(), BTreeSet::new());
        for entity in model.all("Pod") {
            let pod = Pod(entity);
            nodes.extend(pod.node_name().map(|node| node.value));
            // Those on their node's network have its address.
            let own = pod.host_network(model).is_none_or(|uses| !uses.value);
            if let Some(ip) = pod.ip().filter(|_| own && pod.is_alive()) {
                by_address.insert(ip.value, (entity.path(), vec![ip.evidence]));
            }
        }
        Self {
            by_address,
            all: model.asked_everywhere("Pod"),
            nodes,
        }
    }

    /// The node whose name holds an address (EC2 User Guide, "EC2 instance hostnames and domains").
    fn node_at(&self, address: IpAddr) -> Option<String> {
        let label = format!("ip-{}.", address.to_string().replace('.', "-"));
        self.nodes.iter().find(|node| node.starts_with(&label)).cloned()
    }
}

fn flow(model: &Model<'_>, interfaces: &BTreeMap<String, Vec<Interface<'_>>>) -> Flow {
    let pods = Pods::new(model);
    let settings = Settings::new(model);
    let free = free_in_subnets(model);
    let mut outcomes = Vec::new();
    let (mut used, mut unused, mut known) = (0, 0, true);
    let interfaces_all = interfaces;
    for (instance, interfaces) in interfaces.iter().take(NODES) {
        let first = interfaces.first().and_then(Interface::primary);
        // An address may be that of two machines, in two networks.
        let named = || {
            first
                .filter(|address| !is_shared(interfaces_all, *address))
                .and_then(|address| pods.node_at(address))
        };
        let name = model.host_by_instance(instance).name.or_else(named);
        // Only of a node of this cluster it is known that no pod has what no pod of the cluster has.
        let all = pods.all && name.as_deref().is_some_and(|name| is_node(model, &pods, name));
        let zone = match name {
            Some(name) => format!("{name} · {instance}"),
            None => instance.clone(),
        };
        let steps: Vec<Step> = interfaces
            .iter()
            .flat_map(|interface| of_interface(interface, &zone, (&pods, all), &free))
            .collect();
        let count = |what: &str| steps.iter().filter(|step| use_of(step) == what).count();
        let (of_pods, of_nobody) = (count(POD), count(FREE));
        used += of_pods;
        unused += of_nobody;
        known &= all;
        let verdict = if all { Verdict::Passes } else { Verdict::Unknown };
        let mut outcome = Outcome::new(zone, 0.0, verdict);
        outcome.steps = steps;
        outcomes.push(outcome);
    }
    let nodes = outcomes.len();
    #[allow(clippy::cast_precision_loss, reason = "a share of a few dozen nodes")]
    let share = 1.0 / nodes.max(1) as f64;
    for outcome in &mut outcomes {
        outcome.share = share;
    }
    let mut parts = vec![
        if nodes == 1 {
            "1 node".to_owned()
        } else {
            format!("{nodes} nodes")
        },
        format!("{used} addresses with a pod"),
        format!(
            "{unused} {}",
            if known { "free" } else { "without a pod that was pasted" }
        ),
    ];
    if interfaces.len() > NODES {
        parts.push(format!("{} nodes not drawn", interfaces.len() - NODES));
    }
    parts.push(settings.keeps());
    Flow {
        kind: FlowKind::Addresses,
        title: "Addresses of the nodes' interfaces".to_owned(),
        subtitle: parts.join(" · "),
        verdict: Verdict::all(outcomes.iter().map(|outcome| outcome.verdict)),
        outcomes,
        next: next(
            &pods,
            &settings,
            (
                matters(model, &pods, &settings, &free),
                known || model.all("Node").next().is_some(),
            ),
        ),
        details: Details::Addresses,
    }
}

/// Whether addresses are what the paste is about: somebody says that there are none left, a subnet has next to none, or somebody has pasted
/// some of what tells whose they are. Interfaces alone are pasted for many reasons.
fn matters(model: &Model<'_>, pods: &Pods, settings: &Settings, free: &BTreeMap<String, (i64, Evidence)>) -> bool {
    // A node takes up to a prefix of sixteen at once.
    let short = free.values().any(|(left, _)| *left < 16);
    // Who looks for the way of a packet pastes what filters and routes it.
    let looks_for_a_way = ["RouteTables", "SecurityGroups", "SecurityGroupRules", "NetworkAcls"]
        .iter()
        .any(|list| !model.aws_list(list).is_empty());
    let half = pods.all && !free.is_empty() && !looks_for_a_way;
    short || half || !settings.evidence.is_empty() || says_none_left(model)
}

/// Whether an event or a line of a log says that there are no addresses: what the VPC CNI's plugin tells the kubelet, what `ipamd` and EC2
/// say (amazon-vpc-cni-k8s, `cmd/routed-eni-cni-plugin/cni.go`, `pkg/ipamd/`; EC2 API, error codes).
fn says_none_left(model: &Model<'_>) -> bool {
    const WORDS: [&str; 4] = [
        "failed to assign an IP address to container",
        "InsufficientFreeAddressesInSubnet",
        "no available IP",
        "InsufficientCidrBlocks",
    ];
    let says = |text: &str| WORDS.iter().any(|words| text.contains(words));
    let event = |event: &crate::model::Entity<'_>| {
        let message = event.str(&["message"]).or_else(|| event.str(&["note"]));
        message.is_some_and(says)
    };
    model.all("Event").any(event) || model.lines().any(|(_, line)| says(line))
}

fn next(pods: &Pods, settings: &Settings, (matters, nodes): (bool, bool)) -> Vec<Next> {
    let mut next = Vec::new();
    if !matters {
        return next;
    }
    if pods.all && !nodes {
        next.push(Next {
            command: "kubectl get nodes -o wide".to_owned(),
            decides: Vec::new(),
            why: "An instance that is no node of this cluster has pods of another one.".to_owned(),
        });
    }
    if !pods.all {
        next.push(Next {
            command: "kubectl get pods -A -o wide".to_owned(),
            decides: Vec::new(),
            why: "Pods that were not pasted may have the addresses that seem to be nobody's.".to_owned(),
        });
    }
    if settings.evidence.is_empty() {
        next.push(Next {
            command: "kubectl get daemonset aws-node -n kube-system -o yaml".to_owned(),
            decides: Vec::new(),
            why: "Its settings say how many addresses each node keeps free.".to_owned(),
        });
    }
    next
}

/// Whether a name is that of a node of the cluster whose pods were pasted: one of them is on it, or its object says so.
fn is_node(model: &Model<'_>, pods: &Pods, name: &str) -> bool {
    pods.nodes.contains(name) || model.get("Node", "", name).is_some()
}

/// Whether the first interfaces of several instances have an address.
fn is_shared(interfaces: &BTreeMap<String, Vec<Interface<'_>>>, address: IpAddr) -> bool {
    let first = |all: &&Vec<Interface<'_>>| all.first().and_then(Interface::primary) == Some(address);
    interfaces.values().filter(first).take(2).count() > 1
}

/// The addresses that each subnet has left (`AvailableIpAddressCount`).
fn free_in_subnets(model: &Model<'_>) -> BTreeMap<String, (i64, Evidence)> {
    let subnets = Described::read(&listing::roots(model), "Subnets", "SubnetId");
    subnets
        .all()
        .filter_map(|(id, node)| {
            let count = node.get("AvailableIpAddressCount")?;
            Some((id.to_owned(), (count.number()?, count.evidence())))
        })
        .collect()
}

fn of_interface(
    interface: &Interface<'_>,
    zone: &str,
    (pods, all): (&Pods, bool),
    free: &BTreeMap<String, (i64, Evidence)>,
) -> Vec<Step> {
    let mut details = Vec::new();
    if let Some(device) = device(interface) {
        details.push(if device == 0 {
            "first interface".to_owned()
        } else {
            format!("device {device}")
        });
    }
    if interface.kind != "interface" {
        details.push(interface.kind.to_owned());
    }
    if !interface.subnet.is_empty() {
        details.push(match free.get(interface.subnet) {
            Some((count, _)) => format!("{} ({count} left)", interface.subnet),
            None => interface.subnet.to_owned(),
        });
    }
    let actor = Actor {
        id: format!("eni:{}", interface.id),
        kind: ActorKind::Other,
        name: interface.id.to_owned(),
        details,
        zones: vec![zone.to_owned()],
    };
    let own = interface.primary();
    let subnet = free.get(interface.subnet).map(|(_, evidence)| evidence.clone());
    let told = |address: IpAddr, block: &str, evidence: Evidence| {
        let mut step = address_step(&actor, address, block, own == Some(address), evidence, (pods, all));
        if use_of(&step) == FREE {
            step.evidence.extend(subnet.clone());
        }
        step
    };
    let mut steps: Vec<Step> = interface
        .addresses
        .iter()
        .map(|address| told(address.ip, "", address.node.evidence()))
        .collect();
    for prefix in &interface.prefixes {
        let block = prefix.to_string();
        steps.extend(members(prefix).map(|address| told(address, &block, interface.evidence())));
    }
    steps.truncate(ADDRESSES);
    steps
}

/// The addresses of an IPv4 prefix. One of IPv6 has more than anybody counts.
fn members(prefix: &Cidr) -> impl Iterator<Item = IpAddr> {
    let first = match prefix.address {
        IpAddr::V4(first) if prefix.bits >= 24 => Some((u32::from(first), prefix.bits)),
        _ => None,
    };
    first.into_iter().flat_map(|(first, bits)| {
        let last = first | (u32::MAX.checked_shr(bits.into()).unwrap_or(0));
        (first..=last).map(|address| IpAddr::V4(address.into()))
    })
}

fn address_step(
    actor: &Actor,
    address: IpAddr,
    block: &str,
    own: bool,
    evidence: Evidence,
    (pods, all): (&Pods, bool),
) -> Step {
    let pod = pods.by_address.get(&address);
    // Pods never get an interface's first address; those on their node's network are shown with it.
    let pod = pod.filter(|_| !own);
    let (kind, action, verdict) = match pod {
        Some((pod, _)) => (POD, format!("{address}: pod {pod}"), Verdict::Passes),
        None if own => (OWN, format!("{address}: the interface's own"), Verdict::Passes),
        None if all => (FREE, format!("{address}: free"), Verdict::Assumed),
        None => (
            FREE,
            format!("{address}: no pod that was pasted has it"),
            Verdict::Unknown,
        ),
    };
    let mut step = Step::new(actor.clone(), action, verdict);
    step.after = vec![("address", address.to_string()), ("use", kind.to_owned())];
    if !block.is_empty() {
        step.after.push(("prefix", block.to_owned()));
    }
    step.evidence = vec![evidence];
    step.evidence
        .extend(pod.into_iter().flat_map(|(_, evidence)| evidence.iter().cloned()));
    if kind == FREE {
        step.note = Some(
            "The VPC CNI keeps free addresses for pods to come; one that a pod had cools down for 30 seconds \
             (amazon-vpc-cni-k8s, `IP_COOLDOWN_PERIOD`)."
                .to_owned(),
        );
    }
    step
}

/// What an address is used for: [`OWN`], [`POD`] or [`FREE`].
pub fn use_of(step: &Step) -> &str {
    value(step, "use")
}

/// A value of a step.
pub fn value<'s>(step: &'s Step, name: &str) -> &'s str {
    let value = step.after.iter().find(|(known, _)| *known == name);
    value.map_or("", |(_, value)| value.as_str())
}
