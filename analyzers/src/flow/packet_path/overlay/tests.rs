//! Three nodes with flannel, as their shells, kubectl and aws-cli print them.

use crate::analysis::{Input, read};
use crate::flow::packet_path::{Protocol, Query, compute, propose};
use crate::flow::{Flow, Reason, Step, Verdict};

const PODS: &str = "\
NAME     READY   STATUS    RESTARTS   AGE   IP           NODE            NOMINATED NODE   READINESS GATES
web-0    1/1     Running   0          9d    10.244.0.7   ip-10-42-1-7    <none>           <none>
cart-0   1/1     Running   0          9d    10.244.1.5   ip-10-42-2-9    <none>           <none>
";

const NODES: &str = "\
NAME           STATUS   ROLES    AGE   VERSION   INTERNAL-IP   EXTERNAL-IP   OS-IMAGE                       KERNEL-VERSION                    CONTAINER-RUNTIME
ip-10-42-1-7   Ready    <none>   9d    v1.31.4   10.42.1.7     <none>        Amazon Linux 2023.6.20250107   6.1.119-129.201.amzn2023.x86_64   containerd://1.7.23
ip-10-42-2-9   Ready    <none>   9d    v1.31.4   10.42.2.9     <none>        Amazon Linux 2023.6.20250107   6.1.119-129.201.amzn2023.x86_64   containerd://1.7.23
ip-10-42-3-4   Ready    <none>   9d    v1.31.4   10.42.3.4     <none>        Amazon Linux 2023.6.20250107   6.1.119-129.201.amzn2023.x86_64   containerd://1.7.23
";

const ROUTES_1: &str = "\
default via 10.42.1.1 dev eth0 proto dhcp src 10.42.1.7 metric 512
10.42.1.0/24 dev eth0 proto kernel scope link src 10.42.1.7 metric 512
10.244.0.0/24 dev cni0 proto kernel scope link src 10.244.0.1
10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink
10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink
";

const ROUTES_2: &str = "\
default via 10.42.2.1 dev eth0 proto dhcp src 10.42.2.9 metric 512
10.42.2.0/24 dev eth0 proto kernel scope link src 10.42.2.9 metric 512
10.244.0.0/24 via 10.244.0.0 dev flannel.1 onlink
10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1
10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink
";

const NEIGHBOURS_1: &str = "\
10.244.1.0 lladdr 6e:0c:11:52:9f:3a PERMANENT
10.244.2.0 lladdr 2a:91:7d:04:c8:55 PERMANENT
";

const NEIGHBOURS_2: &str = "\
10.244.0.0 lladdr c6:3f:80:1b:e2:90 PERMANENT
10.244.2.0 lladdr 2a:91:7d:04:c8:55 PERMANENT
";

const FORWARDING_1: &str = "\
6e:0c:11:52:9f:3a dst 10.42.2.9 self permanent
2a:91:7d:04:c8:55 dst 10.42.3.4 self permanent
";

const FORWARDING_2: &str = "\
c6:3f:80:1b:e2:90 dst 10.42.1.7 self permanent
2a:91:7d:04:c8:55 dst 10.42.3.4 self permanent
";

fn link(mac: &str, address: &str) -> String {
    format!(
        "5: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 8951 qdisc noqueue state UNKNOWN mode DEFAULT group default\n    \
         link/ether {mac} brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 65535\n    \
         vxlan id 1 local {address} dev eth0 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300 udpcsum noudp6zerocsumtx noudp6zerocsumrx addrgenmode eui64 numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535\n"
    )
}

const INTERFACES: &str = "{'NetworkInterfaces': [
 {'NetworkInterfaceId': 'eni-0one', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0one', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0one', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0one'}], 'PrivateIpAddress': '10.42.1.7',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.42.1.7'}], 'Ipv6Addresses': []},
 {'NetworkInterfaceId': 'eni-0two', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0two', 'AvailabilityZone': 'eu-west-1b', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0two', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0two'}], 'PrivateIpAddress': '10.42.2.9',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.42.2.9'}], 'Ipv6Addresses': []}]}";

const INSTANCES: &str = "{'Reservations': [{'Instances': [
 {'InstanceId': 'i-0one', 'State': {'Code': 16, 'Name': 'running'}}, {'InstanceId': 'i-0two', 'State': {'Code': 16, 'Name': 'running'}}]}]}";

const GROUPS: &str = "{'SecurityGroups': [
 {'GroupId': 'sg-0one', 'VpcId': 'vpc-0aaa',
  'IpPermissions': [{'IpProtocol': 'udp', 'FromPort': 8472, 'ToPort': 8472, 'IpRanges': [{'CidrIp': '10.42.0.0/16'}]}],
  'IpPermissionsEgress': [{'IpProtocol': '-1', 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}]},
 {'GroupId': 'sg-0two', 'VpcId': 'vpc-0aaa',
  'IpPermissions': [{'IpProtocol': 'udp', 'FromPort': 8472, 'ToPort': 8472, 'IpRanges': [{'CidrIp': '10.42.1.7/32'}]}],
  'IpPermissionsEgress': [{'IpProtocol': '-1', 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}]}]}";

const TABLES: &str =
    "{'RouteTables': [{'RouteTableId': 'rtb-0aaa', 'VpcId': 'vpc-0aaa', 'Associations': [{'Main': true}],
 'Routes': [{'DestinationCidrBlock': '10.42.0.0/16', 'GatewayId': 'local', 'State': 'active'}]}]}";

const ACLS: &str = "{'NetworkAcls': [{'NetworkAclId': 'acl-0aaa', 'VpcId': 'vpc-0aaa',
 'Associations': [{'SubnetId': 'subnet-0one'}, {'SubnetId': 'subnet-0two'}], 'Entries': [
  {'Egress': false, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'}]}]}";

/// The documents: a prompt with a command, and what it prints.
#[derive(Clone)]
struct Lab(Vec<(String, String)>);

const ONE: &str = "[ec2-user@ip-10-42-1-7 ~]$ ";
const TWO: &str = "[ec2-user@ip-10-42-2-9 ~]$ ";

impl Lab {
    fn new() -> Self {
        Self(
            [
                ("$ ", "kubectl get pods -n shop -o wide", PODS.to_owned()),
                ("$ ", "kubectl get nodes -o wide", NODES.to_owned()),
                (ONE, "ip route", ROUTES_1.to_owned()),
                (ONE, "ip neigh show dev flannel.1", NEIGHBOURS_1.to_owned()),
                (ONE, "bridge fdb show dev flannel.1", FORWARDING_1.to_owned()),
                (ONE, "ip -d link show flannel.1", link("c6:3f:80:1b:e2:90", "10.42.1.7")),
                (TWO, "ip route", ROUTES_2.to_owned()),
                (TWO, "ip neigh show dev flannel.1", NEIGHBOURS_2.to_owned()),
                (TWO, "bridge fdb show dev flannel.1", FORWARDING_2.to_owned()),
                (TWO, "ip -d link show flannel.1", link("6e:0c:11:52:9f:3a", "10.42.2.9")),
            ]
            .map(|(prompt, command, output)| (format!("{prompt}{command}"), output))
            .to_vec(),
        )
    }

    /// The same with the network of AWS between the nodes.
    fn in_vpc(mut self) -> Self {
        for (command, text) in [
            ("$ aws ec2 describe-network-interfaces", INTERFACES),
            ("$ aws ec2 describe-instances", INSTANCES),
            ("$ aws ec2 describe-security-groups", GROUPS),
            ("$ aws ec2 describe-route-tables", TABLES),
            ("$ aws ec2 describe-network-acls", ACLS),
        ] {
            self.0.push((command.to_owned(), text.replace('\'', "\"")));
        }
        self
    }

    /// The same where an output of `command` says something else.
    fn edit(mut self, command: &str, was: &str, is: &str) -> Self {
        let (was, is) = (was.replace('\'', "\""), is.replace('\'', "\""));
        let (_, text) = self
            .0
            .iter_mut()
            .find(|(own, _)| own.ends_with(command))
            .expect("the command");
        assert!(text.contains(&was), "{command} does not say {was}");
        *text = text.replacen(&was, &is, 1);
        self
    }

    fn text(&self) -> String {
        self.0.iter().fold(String::new(), |mut text, (command, output)| {
            text.extend([command.as_str(), "\n", output.as_str(), "\n"]);
            text
        })
    }

    fn ask(&self, from: &str, to: &str) -> Flow {
        let input = Input {
            name: "paste 1".to_owned(),
            bytes: self.text().into_bytes(),
        };
        let analysis = read(vec![input], &mut |_| {});
        assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
        let query = Query {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            protocol: Protocol::Tcp,
            at: None,
        };
        compute(&analysis.model(), &query)
    }

    fn web_to_cart(&self) -> Flow {
        self.ask("pod:shop/web-0", "pod:shop/cart-0:8080")
    }
}

fn words(flow: &Flow) -> Vec<String> {
    flow.steps()
        .map(|step| format!("{} {}: {}", step.verdict.word(), step.actor.name, step.action))
        .collect()
}

fn blocked(flow: &Flow) -> Option<&Step> {
    flow.steps().find(|step| step.verdict == Verdict::Blocked)
}

/// That a flow stops at a node for a reason, on the way there or back, and lines prove it.
fn stops(flow: &Flow, at: &str, reason: Reason, back: bool) {
    assert_eq!(flow.verdict, Verdict::Blocked, "{:#?}", words(flow));
    assert_eq!(flow.outcomes[0].reason, Some(reason), "{:#?}", words(flow));
    let step = blocked(flow).unwrap();
    assert_eq!(step.actor.name, at, "{:#?}", words(flow));
    assert!(!step.evidence.is_empty(), "{:#?}", words(flow));
    let on_the_way_back = flow.outcomes[0]
        .back
        .as_ref()
        .is_some_and(|way| way.reason == Some(reason));
    assert_eq!(on_the_way_back, back, "{:#?}", words(flow));
}

fn asks(flow: &Flow, command: &str) {
    assert_eq!(flow.verdict, Verdict::Unknown, "{:#?}", words(flow));
    let commands: Vec<&str> = flow.next.iter().map(|next| next.command.as_str()).collect();
    assert!(
        commands.iter().any(|own| own.starts_with(command)),
        "{commands:#?} {:#?}",
        words(flow)
    );
}

#[test]
fn a_packet_is_wrapped_on_its_way_to_the_other_node_and_its_answer_too() {
    let flow = Lab::new().web_to_cart();
    assert_eq!(flow.verdict, Verdict::Assumed, "{:#?}", words(&flow));
    assert_eq!(flow.outcomes[0].ends_at.as_deref(), Some("10.244.1.5:8080"));
    let outer = |from: &str, to: &str| vec![("src", from.to_owned()), ("dst", to.to_owned())];
    let wrap = flow.outcomes[0]
        .steps
        .iter()
        .find(|step| step.action.starts_with("wraps"))
        .unwrap();
    assert_eq!(wrap.action, "wraps it in VXLAN 1 (UDP 8472) to 10.42.2.9");
    assert_eq!(wrap.before, outer("10.244.0.7", "10.244.1.5:8080"));
    assert_eq!(wrap.after, outer("10.42.1.7", "10.42.2.9:8472"));
    assert_eq!(
        wrap.note.as_deref(),
        Some("flannel.1 takes packets of up to 8951 bytes; wrapped they have 50 more.")
    );
    assert_eq!(
        flow.subtitle,
        "TCP · packets of up to 8951 bytes fit: TCP segments of 8911"
    );
    let back = flow.outcomes[0].back.as_ref().unwrap();
    let wrap = back.steps.iter().find(|step| step.action.starts_with("wraps")).unwrap();
    assert_eq!(wrap.after, outer("10.42.2.9", "10.42.1.7:8472"));
    let last: Vec<&str> = back
        .steps
        .iter()
        .rev()
        .take(2)
        .map(|step| step.action.as_str())
        .collect();
    assert_eq!(
        last,
        ["gets the answer", "the route 10.244.0.0/24 leads to the pod, by cni0"]
    );
}

#[test]
fn addresses_alone_are_found_on_their_nodes_by_the_routes() {
    let mut lab = Lab::new();
    lab.0.drain(..2);
    let flow = lab.ask("ip:10.244.0.7", "ip:10.244.1.5:8080");
    assert_eq!(flow.verdict, Verdict::Assumed, "{:#?}", words(&flow));
    assert!(
        words(&flow)
            .iter()
            .any(|step| step.contains("ip-10-42-2-9: the route 10.244.1.0/24 leads to the pod"))
    );
    let flow = lab
        .edit(
            "ip-10-42-1-7 ~]$ bridge fdb show dev flannel.1",
            "6e:0c:11:52:9f:3a dst 10.42.2.9 self permanent\n",
            "",
        )
        .ask("ip:10.244.0.7", "ip:10.244.1.5:8080");
    stops(&flow, "ip-10-42-1-7", Reason::NoRoute, false);
}

#[test]
fn without_its_entry_the_forwarding_database_drops_the_frame() {
    let entry = "6e:0c:11:52:9f:3a dst 10.42.2.9 self permanent\n";
    let lab = Lab::new().edit("1-7 ~]$ bridge fdb show dev flannel.1", entry, "");
    let flow = lab.web_to_cart();
    stops(&flow, "ip-10-42-1-7", Reason::NoRoute, false);
    assert_eq!(
        blocked(&flow).unwrap().action,
        "flannel.1 drops it: no machine is known for 6e:0c:11:52:9f:3a (10.244.1.0)"
    );
    // An entry for all takes what no other one does.
    let all = lab.edit(
        "1-7 ~]$ bridge fdb show dev flannel.1",
        "2a:91",
        "00:00:00:00:00:00 dst 10.42.2.9 self permanent\n2a:91",
    );
    assert_eq!(all.web_to_cart().verdict, Verdict::Assumed);
    // The other node's entry is missed by the answer.
    let entry = "c6:3f:80:1b:e2:90 dst 10.42.1.7 self permanent\n";
    let flow = Lab::new()
        .edit("2-9 ~]$ bridge fdb show dev flannel.1", entry, "")
        .web_to_cart();
    stops(&flow, "ip-10-42-2-9", Reason::NoRoute, true);
}

#[test]
fn a_part_of_a_table_proves_nothing() {
    for command in [
        "bridge fdb show dev flannel.1 | grep 10.42.3",
        "bridge fdb show dev flannel.1 vlan 1",
    ] {
        let mut lab = Lab::new().edit(
            "1-7 ~]$ bridge fdb show dev flannel.1",
            "6e:0c:11:52:9f:3a dst 10.42.2.9 self permanent\n",
            "",
        );
        for (own, _) in &mut lab.0 {
            if own.starts_with(ONE) && own.contains("bridge fdb") {
                *own = format!("{ONE}{command}");
            }
        }
        asks(&lab.web_to_cart(), "bridge fdb show dev flannel.1");
    }
    // What was pasted without its command may be a part, too.
    let mut lab = Lab::new().edit(
        "1-7 ~]$ ip neigh show dev flannel.1",
        "10.244.1.0 lladdr 6e:0c:11:52:9f:3a PERMANENT\n",
        "",
    );
    for (own, _) in &mut lab.0 {
        if own.starts_with(ONE) && own.contains("ip neigh") {
            *own = format!("{ONE}ip neigh show dev flannel.1 10.244.2.0");
        }
    }
    asks(&lab.web_to_cart(), "ip neigh show dev flannel.1");
}

#[test]
fn without_a_neighbour_nobody_is_asked() {
    let neighbours = "1-7 ~]$ ip neigh show dev flannel.1";
    let lab = Lab::new().edit(neighbours, "10.244.1.0 lladdr 6e:0c:11:52:9f:3a PERMANENT\n", "");
    stops(&lab.web_to_cart(), "ip-10-42-1-7", Reason::NoRoute, false);
    // Where the forwarding database has an entry for all, the question reaches somebody.
    let flooded = lab.edit(
        "1-7 ~]$ bridge fdb show dev flannel.1",
        "2a:91",
        "00:00:00:00:00:00 dst 10.42.2.9 self permanent\n2a:91",
    );
    assert_ne!(flooded.web_to_cart().verdict, Verdict::Blocked);
    let failed = Lab::new().edit(
        neighbours,
        "10.244.1.0 lladdr 6e:0c:11:52:9f:3a PERMANENT",
        "10.244.1.0  FAILED",
    );
    stops(&failed.web_to_cart(), "ip-10-42-1-7", Reason::NoRoute, false);
}

#[test]
fn without_its_route_a_packet_leaves_as_it_is() {
    let route = "10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink\n";
    let lab = Lab::new().edit("1-7 ~]$ ip route", route, "");
    // What the network makes of pods' addresses was not pasted.
    asks(&lab.web_to_cart(), "aws ec2 describe-network-interfaces");
    stops(
        &lab.clone().in_vpc().web_to_cart(),
        "ip-10-42-1-7",
        Reason::NoRoute,
        false,
    );
    // Without a default route the kernel itself refuses.
    let default = "default via 10.42.1.1 dev eth0 proto dhcp src 10.42.1.7 metric 512\n";
    stops(
        &lab.edit("1-7 ~]$ ip route", default, "").web_to_cart(),
        "ip-10-42-1-7",
        Reason::NoRoute,
        false,
    );
    let mut selected = Lab::new()
        .edit("1-7 ~]$ ip route", route, "")
        .edit("1-7 ~]$ ip route", default, "");
    for (own, _) in &mut selected.0 {
        if own == &format!("{ONE}ip route") {
            *own = format!("{ONE}ip route show | grep -v default");
        }
    }
    asks(&selected.web_to_cart(), "ip route");
}

#[test]
fn entries_that_are_not_true_any_more() {
    let stale = Lab::new().edit(
        "1-7 ~]$ bridge fdb show dev flannel.1",
        "dst 10.42.2.9",
        "dst 10.42.3.4",
    );
    let flow = stale.web_to_cart();
    stops(&flow, "ip-10-42-1-7", Reason::NoRoute, false);
    assert!(
        blocked(&flow).unwrap().action.contains("10.42.3.4 is ip-10-42-3-4"),
        "{:#?}",
        words(&flow)
    );
    // An address that nobody is known to have may be another one of the node's.
    let other = Lab::new().edit(
        "1-7 ~]$ bridge fdb show dev flannel.1",
        "dst 10.42.2.9",
        "dst 10.42.2.77",
    );
    asks(&other.web_to_cart(), "ip addr");
    let made_anew = Lab::new().edit(
        "2-9 ~]$ ip -d link show flannel.1",
        "6e:0c:11:52:9f:3a",
        "9a:41:f0:77:3d:12",
    );
    stops(&made_anew.web_to_cart(), "ip-10-42-2-9", Reason::Drop, false);
    let port = Lab::new().edit("2-9 ~]$ ip -d link show flannel.1", "dstport 8472", "dstport 4789");
    stops(&port.web_to_cart(), "ip-10-42-2-9", Reason::NotListening, false);
    let number = Lab::new().edit("2-9 ~]$ ip -d link show flannel.1", "vxlan id 1 ", "vxlan id 4096 ");
    stops(&number.web_to_cart(), "ip-10-42-2-9", Reason::Drop, false);
}

#[test]
fn the_network_between_judges_the_packet_around() {
    let flow = Lab::new().in_vpc().web_to_cart();
    assert_ne!(flow.verdict, Verdict::Blocked, "{:#?}", words(&flow));
    assert!(
        words(&flow).iter().any(|step| step.contains("subnet-0two")),
        "{:#?}",
        words(&flow)
    );
    let lab = Lab::new().in_vpc();
    let closed = lab
        .clone()
        .edit("describe-security-groups", "10.42.1.7/32", "10.42.3.4/32");
    stops(&closed.web_to_cart(), "i-0two", Reason::SgIngress, false);
    // The answer's packet is another connection: the other group has to let it in, too.
    let closed = lab.edit("describe-security-groups", "10.42.0.0/16", "10.42.3.0/24");
    stops(&closed.web_to_cart(), "i-0one", Reason::SgIngress, true);
    // The port was not pasted: it may be another one.
    let mut untold = Lab::new()
        .in_vpc()
        .edit("describe-security-groups", "10.42.1.7/32", "10.42.3.4/32");
    untold
        .0
        .retain(|(command, _)| command != &format!("{ONE}ip -d link show flannel.1"));
    asks(&untold.web_to_cart(), "ip -d link show flannel.1");
}

/// Calico, in IP.
fn calico() -> Lab {
    let mut lab = Lab::new();
    let routes = |own: &str, other: &str, at: &str, pod: &str| {
        format!(
            "default via 10.42.{own}.1 dev eth0 proto dhcp src 10.42.{own}.{at} metric 512\n\
             10.42.{own}.0/24 dev eth0 proto kernel scope link src 10.42.{own}.{at} metric 512\n\
             {other}\n\
             {pod}\n"
        )
    };
    lab.0.retain(|(command, _)| command.starts_with("$ "));
    let one = routes(
        "1",
        "10.244.1.0/26 via 10.42.2.9 dev tunl0 proto bird onlink",
        "7",
        "10.244.0.7 dev cali8d3f6c1b2a4 scope link\nblackhole 10.244.0.0/26 proto bird",
    );
    let two = routes(
        "2",
        "10.244.0.0/26 via 10.42.1.7 dev tunl0 proto bird onlink",
        "9",
        "10.244.1.5 dev cali1f9e0d7c5b3 scope link\nblackhole 10.244.1.0/26 proto bird",
    );
    lab.0.push((format!("{ONE}ip route"), one));
    lab.0.push((format!("{TWO}ip route"), two));
    lab
}

#[test]
fn calico_wraps_in_ip_and_security_groups_know_the_answer() {
    let flow = calico().web_to_cart();
    assert_eq!(flow.verdict, Verdict::Assumed, "{:#?}", words(&flow));
    let wrap = flow.steps().find(|step| step.action.starts_with("wraps")).unwrap();
    assert_eq!(wrap.action, "wraps it in IP in IP (protocol 4) to 10.42.2.9");
    assert_eq!(
        wrap.after,
        vec![("src", "10.42.1.7".to_owned()), ("dst", "10.42.2.9".to_owned())]
    );
    let lab = calico().in_vpc();
    stops(&lab.web_to_cart(), "i-0two", Reason::SgIngress, false);
    let open = lab.edit(
        "describe-security-groups",
        "'IpProtocol': 'udp', 'FromPort': 8472, 'ToPort': 8472, 'IpRanges': [{'CidrIp': '10.42.1.7/32'}]",
        "'IpProtocol': '4', 'IpRanges': [{'CidrIp': '10.42.1.7/32'}]",
    );
    assert_ne!(
        open.web_to_cart().verdict,
        Verdict::Blocked,
        "{:#?}",
        words(&open.web_to_cart())
    );
    // A block is the node's, and the pod is gone.
    let gone = calico().edit("2-9 ~]$ ip route", "10.244.1.5 dev cali1f9e0d7c5b3 scope link\n", "");
    stops(&gone.web_to_cart(), "ip-10-42-2-9", Reason::BlackholeRoute, false);
}

#[test]
fn host_gateways_need_interfaces_that_do_not_check_addresses() {
    let lab = Lab::new()
        .edit(
            "1-7 ~]$ ip route",
            "via 10.244.1.0 dev flannel.1 onlink",
            "via 10.42.2.9 dev eth0",
        )
        .edit(
            "2-9 ~]$ ip route",
            "via 10.244.0.0 dev flannel.1 onlink",
            "via 10.42.1.7 dev eth0",
        );
    let flow = lab.web_to_cart();
    assert_eq!(flow.verdict, Verdict::Assumed, "{:#?}", words(&flow));
    assert!(!words(&flow).iter().any(|step| step.contains("wraps")));
    stops(
        &lab.clone().in_vpc().web_to_cart(),
        "ip-10-42-1-7",
        Reason::SourceDestCheck,
        false,
    );
    let off = lab
        .in_vpc()
        .edit(
            "describe-network-interfaces",
            "'SourceDestCheck': true",
            "'SourceDestCheck': false",
        )
        .edit(
            "describe-network-interfaces",
            "'SourceDestCheck': true",
            "'SourceDestCheck': false",
        );
    assert_eq!(
        off.web_to_cart().verdict,
        Verdict::Assumed,
        "{:#?}",
        words(&off.web_to_cart())
    );
}

#[test]
fn a_connection_that_was_tried_in_a_pod_is_a_question() {
    let entry = "6e:0c:11:52:9f:3a dst 10.42.2.9 self permanent\n";
    let mut lab = Lab::new().edit("1-7 ~]$ bridge fdb show dev flannel.1", entry, "");
    let command = "$ kubectl exec -n shop web-0 -- nc -zv -w 3 10.244.1.5 8080";
    lab.0.push((
        command.to_owned(),
        "nc: 10.244.1.5 (10.244.1.5:8080): Connection timed out\ncommand terminated with exit code 1".to_owned(),
    ));
    let input = Input {
        name: "paste 1".to_owned(),
        bytes: lab.text().into_bytes(),
    };
    let analysis = read(vec![input], &mut |_| {});
    let flows = propose(&analysis.model());
    assert_eq!(flows.len(), 1);
    assert_eq!(flows[0].title, "pod shop/web-0 → 10.244.1.5:8080");
    stops(&flows[0], "ip-10-42-1-7", Reason::NoRoute, false);
}

/// What each of these says of it without one of its documents: the same, or that it is not known, with a command that would tell.
#[test]
fn without_a_document_the_verdict_stays_or_is_not_known() {
    let entry = "6e:0c:11:52:9f:3a dst 10.42.2.9 self permanent\n";
    let neighbour = "10.244.1.0 lladdr 6e:0c:11:52:9f:3a PERMANENT\n";
    let route = "10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink\n";
    let back = "c6:3f:80:1b:e2:90 dst 10.42.1.7 self permanent\n";
    let groups = ("describe-security-groups", "10.42.1.7/32", "10.42.3.4/32");
    for lab in [
        Lab::new().edit("1-7 ~]$ bridge fdb show dev flannel.1", entry, ""),
        Lab::new().edit("2-9 ~]$ bridge fdb show dev flannel.1", back, ""),
        Lab::new().edit("1-7 ~]$ ip neigh show dev flannel.1", neighbour, ""),
        Lab::new().edit("1-7 ~]$ ip route", route, "").in_vpc(),
        Lab::new().edit(
            "1-7 ~]$ bridge fdb show dev flannel.1",
            "dst 10.42.2.9",
            "dst 10.42.3.4",
        ),
        Lab::new().edit("2-9 ~]$ ip -d link show flannel.1", "dstport 8472", "dstport 4789"),
        Lab::new().in_vpc().edit(groups.0, groups.1, groups.2),
        calico().in_vpc(),
    ] {
        let whole = lab.web_to_cart();
        assert_eq!(whole.verdict, Verdict::Blocked, "{:#?}", words(&whole));
        for at in 0..lab.0.len() {
            let mut left = lab.clone();
            let (command, _) = left.0.remove(at);
            let flow = left.web_to_cart();
            match flow.verdict {
                Verdict::Blocked => assert!(
                    blocked(&flow).is_some_and(|step| !step.evidence.is_empty()),
                    "without {command}: {:#?}",
                    words(&flow)
                ),
                Verdict::Unknown => assert!(!flow.next.is_empty(), "without {command}: {:#?}", words(&flow)),
                // What is left of it is a way by another network, on a documented default.
                other => panic!("{} without {command}: {:#?}", other.word(), words(&flow)),
            }
        }
    }
}

/// The sample of a support call, without any one of its outputs.
#[test]
fn the_sample_stays_stopped_or_is_not_known() {
    let text = include_str!("../../../../samples/P9.txt");
    let mut parts: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with("$ ") || line.starts_with('[') || parts.is_empty() {
            parts.push(String::new());
        }
        parts.last_mut().unwrap().extend([line, "\n"]);
    }
    assert_eq!(parts.len(), 10);
    for at in 0..=parts.len() {
        let left: String = parts
            .iter()
            .enumerate()
            .filter(|(own, _)| *own != at)
            .map(|(_, part)| part.as_str())
            .collect();
        let input = Input {
            name: "paste 1".to_owned(),
            bytes: left.into_bytes(),
        };
        let analysis = read(vec![input], &mut |_| {});
        let query = Query {
            from: "pod:shop/checkout-7f8d59c6b4-m2q8w".parse().unwrap(),
            to: "ip:10.244.1.5:8080".parse().unwrap(),
            protocol: Protocol::Tcp,
            at: None,
        };
        let flow = compute(&analysis.model(), &query);
        match flow.verdict {
            Verdict::Blocked => stops(&flow, "ip-10-42-1-7", Reason::NoRoute, false),
            Verdict::Unknown => assert!(
                !flow.next.is_empty(),
                "without {:?}: {:#?}",
                parts.get(at),
                words(&flow)
            ),
            other => panic!("{} without {:?}: {:#?}", other.word(), parts.get(at), words(&flow)),
        }
        assert!(at < parts.len() || flow.verdict == Verdict::Blocked);
    }
}
