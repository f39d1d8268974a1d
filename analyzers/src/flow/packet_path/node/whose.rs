//! Whose an output is: of the node that is asked about, of another one, or of one that nothing tells.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::dumps::{Dump, label, own_addresses};
use crate::artifact::{Node as Read, Value};
use crate::model::{Model, Node, Pod, ip_in_name};

/// Whose an output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The node's that is asked about.
    Own,
    /// Another node's.
    Others,
    /// Nothing tells.
    NotTold,
}

/// The nodes that were pasted, or that pods are said to be on.
pub struct Nodes<'n> {
    /// The one that is asked about.
    name: &'n str,
    own: BTreeSet<IpAddr>,
    /// The labels of the others' names, and their addresses.
    others: BTreeSet<&'n str>,
    addresses: BTreeSet<IpAddr>,
}

impl<'n> Nodes<'n> {
    /// The nodes beside the one of that name, which has these addresses.
    pub fn new(model: &'n Model<'_>, name: &'n str, addresses: &[IpAddr]) -> Self {
        let mut all: BTreeMap<&str, Vec<IpAddr>> = BTreeMap::new();
        for entity in model.all("Node") {
            let told = Node(entity).internal_ips().into_iter().map(|ip| ip.value);
            all.entry(entity.name).or_default().extend(told);
        }
        for entity in model.all("Pod") {
            if let Some(node) = Pod(entity).0.str(&["spec", "nodeName"]) {
                all.entry(node).or_default();
            }
        }
        let mut own: BTreeSet<IpAddr> = addresses.iter().copied().chain(ip_in_name(name)).collect();
        let (mut others, mut theirs) = (BTreeSet::new(), BTreeSet::new());
        for (other, addresses) in all {
            if label(other) == label(name) {
                own.extend(addresses);
            } else {
                others.insert(label(other));
                theirs.extend(addresses.into_iter().chain(ip_in_name(other)));
            }
        }
        Self {
            name,
            own,
            others,
            addresses: theirs,
        }
    }

    /// Whether there are others, so that an output without a sign may be theirs.
    pub fn are_several(&self) -> bool {
        !self.others.is_empty()
    }

    /// Whose an output is, by the prompt's host, else by the addresses in it that a node has alone.
    pub fn whose(&self, dump: &Dump<'_>, at: Option<&str>) -> Whose {
        if let Some(at) = at.map(label) {
            if at == label(self.name) || ip_in_name(at).is_some_and(|address| self.own.contains(&address)) {
                return Whose::Own;
            }
            if self.others.contains(at) || ip_in_name(at).is_some_and(|address| self.addresses.contains(&address)) {
                return Whose::Others;
            }
        }
        let signs = signs(dump);
        if signs.iter().any(|address| self.own.contains(address)) {
            return Whose::Own;
        }
        if signs.iter().any(|address| self.addresses.contains(address)) {
            return Whose::Others;
        }
        Whose::NotTold
    }
}

/// Addresses that only one node's output has.
fn signs(dump: &Dump<'_>) -> BTreeSet<IpAddr> {
    match dump.kind() {
        "iptables-save" => snat(&dump.root),
        // What listens is bound to addresses of its own machine.
        "ss" => dump
            .root
            .list("sockets")
            .iter()
            .filter_map(|socket| {
                let bound = socket.str_of("localAddress")?;
                let address: IpAddr = bound.split('%').next()?.trim_matches(['[', ']']).parse().ok()?;
                (!address.is_loopback() && !address.is_unspecified()).then_some(address)
            })
            .collect(),
        _ => own_addresses(dump),
    }
}

/// The address that the VPC CNI puts in the place of a pod's: the first one of the node itself (`AWS-SNAT-CHAIN-0 … -j SNAT --to-source`,
/// amazon-vpc-cni-k8s `pkg/networkutils/network.go`).
fn snat(root: &Read<'_>) -> BTreeSet<IpAddr> {
    let mut found = BTreeSet::new();
    for table in root.list("tables") {
        if table.str_of("name").is_some_and(|name| name != "nat") {
            continue;
        }
        let rules = table.value().get("rules").and_then(Value::as_array);
        for rule in rules.into_iter().flatten() {
            let chain = rule.get("chain").and_then(Value::as_str).unwrap_or_default();
            if !chain.starts_with("AWS-SNAT-CHAIN") {
                continue;
            }
            let to = rule
                .get("target")
                .and_then(|target| target.get("options")?.get("to-source")?.as_array()?.first()?.as_str());
            found.extend(to.and_then(|to| to.parse::<IpAddr>().ok()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::Input;
    use crate::analysis::read;
    use crate::flow::packet_path::{Protocol, Query, compute};
    use crate::flow::{Flow, Reason, Verdict};

    const NODES: &str = "\
$ kubectl get nodes -o wide
NAME                       STATUS   ROLES    AGE   VERSION               INTERNAL-IP   EXTERNAL-IP   OS-IMAGE            KERNEL-VERSION                  CONTAINER-RUNTIME
ip-10-0-1-7.ec2.internal   Ready    <none>   3d    v1.33.1-eks-1234567   10.0.1.7      <none>        Amazon Linux 2023   6.1.0-20.amzn2023.x86_64   containerd://1.7.27
ip-10-0-2-9.ec2.internal   Ready    <none>   3d    v1.33.1-eks-1234567   10.0.2.9      <none>        Amazon Linux 2023   6.1.0-20.amzn2023.x86_64   containerd://1.7.27
";
    const FIRST: &str = "ip-10-0-1-7.ec2.internal";
    const SNAT: &str = "-A AWS-SNAT-CHAIN-0 ! -d 10.0.0.0/16 -j SNAT --to-source 10.0.2.9\n";

    fn rules(prompt: &str, nat: &str, filter: &str) -> String {
        format!(
            "{prompt} sudo iptables-save\n*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:AWS-SNAT-CHAIN-0 - [0:0]\n\
             -A POSTROUTING -j AWS-SNAT-CHAIN-0\n-A PREROUTING -d 172.20.7.9/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.2.30:8080\n\
             {nat}COMMIT\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n{filter}COMMIT\n"
        )
    }

    fn path(text: &str, to: &str, at: Option<&str>) -> Flow {
        let input = Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let query = Query {
            from: "ip:10.0.1.20".parse().unwrap(),
            to: to.parse().unwrap(),
            protocol: Protocol::Tcp,
            at: at.map(str::to_owned),
        };
        compute(&read(vec![input], &mut |_| {}).model(), &query)
    }

    fn end(flow: &Flow) -> Option<&str> {
        flow.outcomes.first()?.ends_at.as_deref()
    }

    const SERVICE: &str = "ip:172.20.7.9:80";
    const END: Option<&str> = Some("10.0.2.30:8080");

    #[test]
    fn the_address_in_the_vpc_cnis_rule_tells_whose_rules_they_are() {
        let text = format!("{NODES}{}", rules("$", SNAT, ""));
        assert_eq!(end(&path(&text, SERVICE, Some("ip-10-0-2-9.ec2.internal"))), END);
        // They are not those of the first node.
        assert_ne!(end(&path(&text, SERVICE, Some(FIRST))), END);
        let own = text.replace("--to-source 10.0.2.9", "--to-source 10.0.1.7");
        let flow = path(&own, SERVICE, Some(FIRST));
        assert_eq!((end(&flow), flow.outcomes[0].steps[0].verdict), (END, Verdict::Passes));
    }

    #[test]
    fn rules_without_a_sign_are_anybodys_where_there_are_several_nodes() {
        let text = format!("{NODES}{}", rules("$", "", ""));
        let flow = path(&text, SERVICE, Some(FIRST));
        assert_eq!((end(&flow), flow.outcomes[0].steps[0].verdict), (END, Verdict::Assumed));
        assert!(
            flow.next.iter().any(|next| next.why.contains("prompt")),
            "{:?}",
            flow.next
        );
        // What stops on an unknown node does not stop on this one for sure.
        let drops = format!("{NODES}{}", rules("$", "", "-A FORWARD -d 10.0.2.30/32 -j DROP\n"));
        assert_eq!(path(&drops, SERVICE, Some(FIRST)).verdict, Verdict::Unknown);
        // A host in the prompt tells; and so it is where only one node is known.
        let prompt = "[ec2-user@ip-10-0-1-7 ~]$";
        let named = path(&format!("{NODES}{}", rules(prompt, "", "")), SERVICE, Some(FIRST));
        assert_eq!(named.outcomes[0].steps[0].verdict, Verdict::Passes);
        let alone = path(&rules("$", "", ""), SERVICE, Some(FIRST));
        assert_eq!(alone.outcomes[0].steps[0].verdict, Verdict::Passes);
    }

    #[test]
    fn rules_below_another_nodes_prompt_are_not_asked_about_a_node() {
        let text = format!(
            "{NODES}{}",
            rules("[ec2-user@ip-10-0-1-7 ~]$", "", "-A INPUT -p tcp -j DROP\n")
        );
        let flow = path(&text, "ip:10.0.2.9:22", None);
        assert_ne!(flow.verdict, Verdict::Blocked);
        let own = path(&text, "ip:10.0.1.7:22", None);
        assert_eq!(own.verdict, Verdict::Blocked);
    }

    #[test]
    fn sockets_without_a_sign_prove_no_absence() {
        let open = rules("[ec2-user@ip-10-0-1-7 ~]$", "", "");
        let sockets = |prompt: &str, bound: &str| {
            format!(
                "{NODES}{open}{prompt} ss -ltnp\nState  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n\
                 LISTEN 0      128          {bound}:22        0.0.0.0:*\n"
            )
        };
        let asked = |text: &str| {
            let flow = path(text, "ip:10.0.1.7:9999", None);
            (flow.verdict, flow.outcomes[0].reason.map(Reason::code))
        };
        assert_eq!(asked(&sockets("$", "0.0.0.0")), (Verdict::Unknown, None));
        let blocked = (Verdict::Blocked, Some("not-listening"));
        assert_eq!(asked(&sockets("[ec2-user@ip-10-0-1-7 ~]$", "0.0.0.0")), blocked);
        assert_eq!(asked(&sockets("$", "10.0.1.7")), blocked);
        assert_eq!(asked(&sockets("$", "10.0.2.9")), (Verdict::Unknown, None));
    }
}
