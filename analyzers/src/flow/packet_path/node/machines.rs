//! The machines and pods of which outputs were pasted, each with its own.
//!
//! Whose an output is, is told by the command that reached into the machine (`ssh`, `kubectl debug node/…`, `kubectl exec`), else by the
//! prompt. What nobody names is one machine's as long as its addresses do not say otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::dumps::{Dump, Dumps, is_on_node, label};
use super::machine::addresses_of;
use super::routes::Routes;
use crate::artifact::{Node, Value};
use crate::evidence::{Evidence, Fact};
use crate::model::{Model, Pod, ip_in_name};
use crate::segment::{CommandLine, Segment};
use crate::text::SourceId;

/// Whose outputs they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The machine that a prompt or a command names.
    Machine(String),
    /// A pod, by namespace and name.
    Pod(String, String),
    /// Nobody says.
    Unnamed(SourceId),
}

/// What was pasted of one machine.
pub struct Outputs<'a> {
    /// Whose it is.
    pub owner: Owner,
    /// The outputs.
    pub dumps: Dumps<'a>,
    /// Addresses of its own.
    pub own: BTreeSet<IpAddr>,
}

/// All machines.
#[derive(Default)]
pub struct Machines<'a>(Vec<Outputs<'a>>);

/// Who ran a command in a segment, and thus whose output it is; `None` of a container that is no pod's, and of a pod that is not named.
pub fn owner(model: &Model<'_>, segment: &Segment) -> Option<Owner> {
    let mut owner = match &segment.at {
        Some(at) => Owner::Machine(label(at).to_owned()),
        None => Owner::Unnamed(segment.span.source),
    };
    let typed = segment.command.as_ref().map(|command| command.text.as_str());
    for command in segment.within.iter().map(String::as_str).chain(typed) {
        owner = reached(model, command, owner)?;
    }
    Some(owner)
}

/// Whom a command reaches, from where `owner` is.
fn reached(model: &Model<'_>, command: &str, owner: Owner) -> Option<Owner> {
    let line = CommandLine::new(command);
    if line.program == "ssh" {
        const WITH_VALUE: [&str; 9] = ["-i", "-l", "-p", "-o", "-J", "-F", "-L", "-R", "-D"];
        let mut args = line.args.iter().map(String::as_str);
        while let Some(arg) = args.next() {
            if WITH_VALUE.contains(&arg) {
                args.next();
            } else if !arg.starts_with('-') {
                let host = arg.rsplit('@').next().unwrap_or(arg);
                let name = if host.parse::<IpAddr>().is_ok() {
                    host
                } else {
                    label(host)
                };
                return Some(Owner::Machine(name.to_owned()));
            }
        }
        return None;
    }
    if line.is_kubectl() {
        let words = line.positional();
        let (verb, what) = (words.first().copied(), words.get(1).copied());
        match (verb, what) {
            (Some("debug"), Some(what)) if what.starts_with("node/") => {
                return what
                    .strip_prefix("node/")
                    .map(|name| Owner::Machine(label(name).to_owned()));
            }
            (Some("exec" | "rsh"), Some(what)) => {
                let name = what
                    .strip_prefix("pod/")
                    .or_else(|| what.strip_prefix("pods/"))
                    .unwrap_or(what);
                return pod(model, &line, name, command);
            }
            _ => return Some(owner),
        }
    }
    is_on_node(command).then_some(owner)
}

/// A pod; where it has its node's network, the node.
fn pod(model: &Model<'_>, line: &CommandLine, name: &str, command: &str) -> Option<Owner> {
    let named = line.name(&["-n", "--namespace"]);
    let entity = match named {
        Some(namespace) => model.get("Pod", namespace, name),
        None => model.get("Pod", "default", name),
    };
    let entity = entity.or_else(|| {
        let mut same = model.all("Pod").filter(|pod| pod.name == name);
        let only = same.next().filter(|_| named.is_none());
        only.filter(|_| same.next().is_none())
    });
    let of_host = entity.and_then(|entity| Pod(entity).host_network(model)).map_or_else(
        || is_on_node(command) || name.starts_with("kube-flannel-ds"),
        |fact| fact.value,
    );
    if of_host {
        let node = entity.and_then(|entity| Pod(entity).node_name())?;
        return Some(Owner::Machine(label(&node.value).to_owned()));
    }
    let namespace = entity.map_or(named.unwrap_or("default"), |entity| entity.namespace);
    (!name.contains('/')).then(|| Owner::Pod(namespace.to_owned(), name.to_owned()))
}

impl<'a> Machines<'a> {
    /// What a paste tells of machines.
    pub fn new(model: &Model<'a>) -> Self {
        let mut groups: BTreeMap<Owner, Vec<Dump<'a>>> = BTreeMap::new();
        for (artifact, root) in model.artifacts.roots() {
            let Some(dump) = Dump::new(model, artifact, root) else {
                continue;
            };
            let Some(segment) = model.segments.get(artifact.segment) else {
                continue;
            };
            if let Some(owner) = owner(model, segment) {
                groups.entry(owner).or_default().push(dump);
            }
        }
        let all = groups.into_iter().filter_map(|(owner, all)| {
            let (own, mixed) = own_addresses(&all);
            // Two machines' outputs under the same bare prompt: which neighbours and devices are whose, nothing tells.
            let told = !(mixed && matches!(owner, Owner::Unnamed(_)));
            told.then(|| Outputs {
                owner,
                dumps: Dumps::together(all),
                own,
            })
        });
        Self(all.collect())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Outputs<'a>> {
        self.0.iter()
    }

    /// The machine that has an address.
    pub fn at(&self, address: IpAddr) -> Option<&Outputs<'a>> {
        self.0.iter().find(|one| one.own.contains(&address)).or_else(|| {
            self.0.iter().find(|one| match &one.owner {
                Owner::Machine(name) => {
                    name.parse() == Ok(address) || one.own.is_empty() && ip_in_name(name) == Some(address)
                }
                _ => false,
            })
        })
    }

    /// The machine of that name, or with one of these addresses.
    pub fn of(&self, name: Option<&str>, addresses: &[IpAddr]) -> Option<&Outputs<'a>> {
        let named = name.and_then(|name| {
            self.0
                .iter()
                .find(|one| matches!(&one.owner, Owner::Machine(own) if own == label(name)))
        });
        named.or_else(|| addresses.iter().find_map(|address| self.at(*address)))
    }

    /// What was printed in a pod.
    pub fn in_pod(&self, namespace: &str, name: &str) -> Option<&Outputs<'a>> {
        self.0
            .iter()
            .find(|one| matches!(&one.owner, Owner::Pod(of, own) if of == namespace && own == name))
    }
}

/// The addresses that the outputs show to be the machine's own, but those that every machine has; and whether they are of several machines.
fn own_addresses(all: &[Dump<'_>]) -> (BTreeSet<IpAddr>, bool) {
    let (mut own, mut known) = (BTreeSet::new(), BTreeSet::new());
    let mut mixed = false;
    for dump in all {
        let alone = Dumps::together(vec![dump.clone()]);
        let mut its: BTreeSet<IpAddr> = alone
            .of("ip-addr")
            .flat_map(|dump| addresses_of(&dump.root))
            .map(|own| own.address)
            .collect();
        // What lists one interface alone need not share an address with what lists another.
        let whole = its.iter().any(IpAddr::is_loopback) || its.is_empty();
        for six in [false, true] {
            its.extend(Routes::new(&alone, six).iter().flat_map(Routes::own_addresses));
        }
        its.retain(is_particular);
        let four: BTreeSet<IpAddr> = its.iter().copied().filter(IpAddr::is_ipv4).collect();
        if whole && !four.is_empty() {
            mixed |= !known.is_empty() && known.is_disjoint(&four);
            known.extend(four);
        }
        own.extend(its);
    }
    (own, mixed)
}

/// Whether only one machine has such an address: loopback addresses, link-local ones and Docker's bridge say nothing.
fn is_particular(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            !address.is_loopback() && !address.is_link_local() && !matches!(address.octets(), [172, 17, 0, 1])
        }
        IpAddr::V6(address) => !address.is_loopback() && !address.is_unicast_link_local(),
    }
}

/// An interface as `ip link` or `ip addr` prints it.
#[derive(Debug, Clone)]
pub struct Device<'a>(pub Node<'a>);

impl<'a> Device<'a> {
    /// Its name.
    pub fn name(&self) -> Option<&'a str> {
        self.0.str_of("ifname")
    }

    /// Its MTU.
    pub fn mtu(&self) -> Option<Fact<u32>> {
        let mtu = self.0.get("mtu")?;
        Some(Fact::new(u32::try_from(mtu.number()?).ok()?, mtu.evidence()))
    }

    /// Its Ethernet address.
    pub fn mac(&self) -> Option<Fact<String>> {
        self.0.get("address")?.fact()
    }

    /// What `-d` tells of its kind: `vxlan`, with its own settings.
    pub fn info(&self) -> Option<(&'a str, Option<Node<'a>>)> {
        let info = self.0.get("linkinfo")?;
        Some((info.str_of("info_kind")?, info.get("info_data")))
    }

    /// Its addresses.
    pub fn addresses(&self) -> Vec<(IpAddr, Evidence)> {
        let list = self.0.list("addr_info");
        list.iter()
            .filter_map(|info| {
                let address = info.value().get("local").and_then(Value::as_str)?.parse().ok()?;
                Some((address, info.evidence()))
            })
            .collect()
    }
}

impl<'a> Outputs<'a> {
    /// The views of an interface: those of `ip link`, `ip addr` and their like.
    pub fn devices(&self, name: &str) -> Vec<Device<'a>> {
        self.every_device()
            .filter(|device| device.name() == Some(name))
            .collect()
    }

    /// The views of all interfaces.
    pub fn every_device(&self) -> impl Iterator<Item = Device<'a>> {
        ["ip-link", "ip-addr"]
            .into_iter()
            .flat_map(|kind| self.dumps.of(kind))
            .flat_map(|dump| dump.root.items())
            .map(Device)
    }

    /// The MTU of an interface.
    pub fn mtu(&self, name: &str) -> Option<Fact<u32>> {
        self.devices(name).iter().find_map(Device::mtu)
    }

    /// The interface that has an address.
    pub fn device_with(&self, address: IpAddr) -> Option<Device<'a>> {
        self.every_device()
            .find(|device| device.addresses().iter().any(|(own, _)| *own == address))
    }

    /// Its routes.
    pub fn routes(&self, six: bool) -> Option<Routes<'a>> {
        Routes::new(&self.dumps, six)
    }

    /// The name that a prompt or a command gives the machine.
    pub fn name(&self) -> Option<&str> {
        match &self.owner {
            Owner::Machine(name) => Some(name),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Machines, Owner};
    use crate::Input;
    use crate::analysis::read;

    const ROUTE_1: &str = "default via 10.42.1.1 dev eth0 proto dhcp src 10.42.1.7 metric 512\n10.42.1.0/24 dev eth0 proto kernel scope link src 10.42.1.7\n";
    const ROUTE_2: &str = "default via 10.42.2.1 dev eth0 proto dhcp src 10.42.2.9 metric 512\n10.42.2.0/24 dev eth0 proto kernel scope link src 10.42.2.9\n";

    fn owners(text: &str) -> Vec<(Owner, usize)> {
        let input = Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let analysis = read(vec![input], &mut |_| {});
        let model = analysis.model();
        Machines::new(&model)
            .iter()
            .map(|one| (one.owner.clone(), one.own.len()))
            .collect()
    }

    fn machine(name: &str) -> Owner {
        Owner::Machine(name.to_owned())
    }

    #[test]
    fn prompts_and_commands_tell_whose_an_output_is() {
        let text = format!(
            "[ec2-user@ip-10-42-1-7 ~]$ ip route\n{ROUTE_1}[ec2-user@ip-10-42-1-7 ~]$ ssh ip-10-42-2-9.ec2.internal ip route\n{ROUTE_2}\
             [ec2-user@ip-10-42-1-7 ~]$ ssh ec2-user@10.42.3.4 ip neigh\n10.42.3.1 dev eth0 lladdr 0a:58:9f:11:20:01 REACHABLE\n"
        );
        assert_eq!(
            owners(&text),
            [
                (machine("10.42.3.4"), 0),
                (machine("ip-10-42-1-7"), 1),
                (machine("ip-10-42-2-9"), 1)
            ]
        );
    }

    #[test]
    fn a_pods_output_is_its_own_and_that_of_a_host_network_pod_is_its_nodes() {
        let text = format!(
            "$ kubectl get pods -A -o wide\n\
             NAMESPACE      NAME                    READY   STATUS    RESTARTS   AGE   IP           NODE                        NOMINATED NODE   READINESS GATES\n\
             kube-flannel   kube-flannel-ds-x7k2p   1/1     Running   0          9d    10.42.2.9    ip-10-42-2-9.ec2.internal   <none>           <none>\n\
             shop           cart-0                  1/1     Running   0          9d    10.244.2.4   ip-10-42-2-9.ec2.internal   <none>           <none>\n\
             $ kubectl exec -n kube-flannel kube-flannel-ds-x7k2p -- ip route\n{ROUTE_2}\
             $ kubectl exec -n shop cart-0 -- ip route\ndefault via 10.244.2.1 dev eth0\n10.244.2.0/24 dev eth0 proto kernel scope link src 10.244.2.4\n"
        );
        assert_eq!(
            owners(&text),
            [
                (machine("ip-10-42-2-9"), 1),
                (Owner::Pod("shop".to_owned(), "cart-0".to_owned()), 1)
            ]
        );
    }

    #[test]
    fn two_machines_below_a_bare_prompt_are_not_told_apart() {
        assert_eq!(owners(&format!("$ ip route\n{ROUTE_1}\n$ ip -d link\n")).len(), 1);
        assert_eq!(
            owners(&format!(
                "$ ip route\n{ROUTE_1}$ hostname\nother\n$ ip route show table main\n{ROUTE_2}"
            )),
            []
        );
    }
}
