//! A shop on two nodes, as kubectl and aws-cli print it: `web` on the first asks Service `cart`, whose pod is on the second.

use crate::analysis::{Input, read};
use crate::flow::packet_path::{Protocol, Query, compute};
use crate::flow::{Flow, Reason, Verdict};

const PODS: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {nodeName: ip-10-20-1-20.ec2.internal, containers: [{name: web}]}
status: {podIP: 10.20.1.21}
---
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop, labels: {app: cart}}
spec: {nodeName: ip-10-20-2-30.ec2.internal, containers: [{name: cart, ports: [{name: http, containerPort: 8080}]}]}
status: {podIP: 10.20.2.31}
";

const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {clusterIP: 172.20.8.8, selector: {app: cart}, ports: [{name: http, port: 80, targetPort: http, protocol: TCP}]}
";

const SLICE: &str = "\
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: cart-x7b2f, namespace: shop, labels: {kubernetes.io/service-name: cart}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints:
- addresses: [10.20.2.31]
  conditions: {ready: true, serving: true, terminating: false}
  nodeName: ip-10-20-2-30.ec2.internal
";

const POLICY: &str = "\
apiVersion: v1
kind: List
items:
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: cart, namespace: shop}
  spec: {podSelector: {matchLabels: {app: cart}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]}
";

const INTERFACES: &str = "{'NetworkInterfaces': [
 {'NetworkInterfaceId': 'eni-0one', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0one', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0one', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0one'}], 'PrivateIpAddress': '10.20.1.20',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.20.1.20'}, {'Primary': false, 'PrivateIpAddress': '10.20.1.21'}]},
 {'NetworkInterfaceId': 'eni-0two', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0two', 'AvailabilityZone': 'eu-west-1b', 'Status': 'in-use',
  'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0two', 'DeviceIndex': 0},
  'Groups': [{'GroupId': 'sg-0two'}], 'PrivateIpAddress': '10.20.2.30',
  'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.20.2.30'}, {'Primary': false, 'PrivateIpAddress': '10.20.2.31'}]}]}";

const GROUPS: &str = "{'SecurityGroups': [
 {'GroupId': 'sg-0one', 'VpcId': 'vpc-0aaa', 'IpPermissions': [],
  'IpPermissionsEgress': [{'IpProtocol': '-1', 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}]},
 {'GroupId': 'sg-0two', 'VpcId': 'vpc-0aaa', 'IpPermissionsEgress': [],
  'IpPermissions': [{'IpProtocol': 'tcp', 'FromPort': 8080, 'ToPort': 8080, 'UserIdGroupPairs': [{'GroupId': 'sg-0one'}]}]}]}";

const ACLS: &str = "{'NetworkAcls': [
 {'NetworkAclId': 'acl-0one', 'VpcId': 'vpc-0aaa', 'Associations': [{'SubnetId': 'subnet-0one'}], 'Entries': [
  {'Egress': false, 'RuleNumber': 100, 'Protocol': '6', 'PortRange': {'From': 1024, 'To': 65535}, 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'}]},
 {'NetworkAclId': 'acl-0two', 'VpcId': 'vpc-0aaa', 'Associations': [{'SubnetId': 'subnet-0two'}], 'Entries': [
  {'Egress': false, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'}]}]}";

const VPCS: &str = "{'Vpcs': [{'VpcId': 'vpc-0aaa', 'CidrBlock': '10.20.0.0/16',
 'CidrBlockAssociationSet': [{'CidrBlock': '10.20.0.0/16'}]}]}";

const GATEWAYS: &str = "{'InternetGateways': [{'InternetGatewayId': 'igw-0aaa', 'Attachments': [{'VpcId': 'vpc-0aaa', 'State': 'available'}]}]}";

const PLUGIN: &str = "\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: aws-node, namespace: kube-system}
spec: {template: {metadata: {labels: {k8s-app: aws-node}}, spec: {containers: [{name: aws-node, env: [{name: AWS_VPC_K8S_CNI_EXTERNALSNAT, value: 'false'}]}]}}}
";

const NODES: &str = "\
apiVersion: v1
kind: Node
metadata: {name: ip-10-20-1-20.ec2.internal}
status: {addresses: [{type: InternalIP, address: 10.20.1.20}]}
";

const ROUTES: &str =
    "{'RouteTables': [{'RouteTableId': 'rtb-0aaa', 'VpcId': 'vpc-0aaa', 'Associations': [{'Main': true}],
 'Routes': [{'DestinationCidrBlock': '10.20.0.0/16', 'GatewayId': 'local', 'State': 'active'}]}]}";

/// The documents, each below the command that prints it.
#[derive(Clone)]
struct Shop(Vec<(&'static str, String)>);

impl Shop {
    fn new() -> Self {
        let aws = |text: &str| text.replace('\'', "\"");
        Self(vec![
            ("kubectl get pods -n shop -o yaml", PODS.to_owned()),
            ("kubectl get service cart -n shop -o yaml", SERVICE.to_owned()),
            ("kubectl get endpointslices -n shop -o yaml", SLICE.to_owned()),
            ("kubectl get networkpolicies -A -o yaml", POLICY.to_owned()),
            ("aws ec2 describe-network-interfaces", aws(INTERFACES)),
            ("aws ec2 describe-security-groups", aws(GROUPS)),
            ("aws ec2 describe-network-acls", aws(ACLS)),
            ("aws ec2 describe-route-tables", aws(ROUTES)),
        ])
    }

    fn edit(mut self, what: &str, with: &str) -> Self {
        let mut found = false;
        for (_, text) in &mut self.0 {
            found |= text.contains(what);
            *text = text.replace(what, with);
        }
        assert!(found, "{what}");
        self
    }

    /// The way out of the VPC: the first node has a public address on its own, its pods have none.
    fn with_outside() -> Self {
        let aws = |text: &str| text.replace('\'', "\"");
        let mut shop = Self::new()
            .edit(
                &aws("'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.20.1.20'}"),
                &aws("'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.20.1.20', 'Association': {'PublicIp': '203.0.113.20'}}"),
            )
            .edit(
                &aws("'Routes': ["),
                &aws("'Routes': [{'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-0aaa', 'State': 'active'}, "),
            );
        shop.0.push(("aws ec2 describe-vpcs", aws(VPCS)));
        shop.0.push(("aws ec2 describe-internet-gateways", aws(GATEWAYS)));
        shop.0.push(("kubectl get nodes -o yaml", NODES.to_owned()));
        shop.0
            .push(("kubectl get daemonsets -n kube-system -o yaml", PLUGIN.to_owned()));
        shop
    }

    fn only_cluster(mut self) -> Self {
        self.0.retain(|(command, _)| command.starts_with("kubectl"));
        self
    }

    fn ask(&self, from: &str, to: &str) -> Flow {
        self.ask_by(Protocol::Tcp, from, to)
    }

    fn ask_by(&self, protocol: Protocol, from: &str, to: &str) -> Flow {
        let parts: Vec<String> = self
            .0
            .iter()
            .map(|(command, text)| format!("$ {command}\n{text}\n"))
            .collect();
        let text = parts.concat();
        let input = Input {
            name: "paste".to_owned(),
            bytes: text.into_bytes(),
        };
        let analysis = read(vec![input], &mut |_| {});
        let query = Query {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            protocol,
            at: None,
        };
        compute(&analysis.model(), &query)
    }
}

fn ended(flow: &Flow) -> (Verdict, Option<Reason>, Option<&str>) {
    let [only] = flow.outcomes.as_slice() else {
        panic!("{flow:#?}")
    };
    assert_eq!(only.verdict, flow.verdict);
    (only.verdict, only.reason, only.ends_at.as_deref())
}

const WEB: &str = "pod:shop/web";
const CART: &str = "svc:shop/cart:80";

#[test]
fn a_pod_reaches_a_service_through_policies_and_the_network_there_and_back() {
    let flow = Shop::new().ask(WEB, CART);
    // kube-proxy's part is assumed: no rules of the node were pasted.
    assert_eq!(ended(&flow), (Verdict::Assumed, None, Some("10.20.2.31:8080")));
    let steps = &flow.outcomes[0].steps;
    let at = |words: &str| {
        steps
            .iter()
            .position(|step| step.action.contains(words))
            .unwrap_or_else(|| panic!("{words}: {steps:#?}"))
    };
    assert!(at("out of the pod") < at("to an endpoint") && at("to an endpoint") < at("into the pod"));
    assert!(
        steps
            .iter()
            .any(|step| step.actor.name.contains("sg-0two") || step.action.contains("sg-0two"))
    );
    assert!(
        steps
            .iter()
            .filter(|step| step.verdict == Verdict::Passes)
            .all(|step| !step.evidence.is_empty())
    );
    assert_eq!(
        flow.outcomes[0].back.as_ref().map(|back| back.verdict),
        Some(Verdict::Passes)
    );
}

#[test]
fn whatever_stops_it_is_named() {
    for (what, with, reason) in [
        (
            "matchLabels: {app: web}",
            "matchLabels: {app: api}",
            Reason::PolicyIngress,
        ),
        (
            "'FromPort': 8080, 'ToPort': 8080",
            "'FromPort': 80, 'ToPort': 80",
            Reason::SgIngress,
        ),
        (
            "'-1', 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]",
            "'17', 'IpRanges': []",
            Reason::SgEgress,
        ),
        // The answer goes to a port of 32768 to 60999, and the ACL of the client's subnet lets none of them in.
        (
            "'From': 1024, 'To': 65535",
            "'From': 443, 'To': 443",
            Reason::NaclIngress,
        ),
        (
            "conditions: {ready: true, serving: true",
            "conditions: {ready: false, serving: false",
            Reason::NoEndpoints,
        ),
        ("port: 80, targetPort", "port: 8000, targetPort", Reason::WrongPort),
    ] {
        let edit = |text: &str| text.replace('\'', "\"");
        let flow = Shop::new().edit(&edit(what), &edit(with)).ask(WEB, CART);
        let (verdict, found, _) = ended(&flow);
        assert_eq!(
            (verdict, found),
            (Verdict::Blocked, Some(reason)),
            "{what}: {:#?}",
            flow.outcomes
        );
    }
}

/// Nothing is invented: without one of its documents an answer is the same, or unknown with a command that brings it back.
#[test]
fn without_a_document_the_answer_is_the_same_or_unknown() {
    let edit = |text: &str| text.replace('\'', "\"");
    let cases = [
        Shop::new(),
        Shop::new().edit("matchLabels: {app: web}", "matchLabels: {app: api}"),
        Shop::new().edit(
            &edit("'FromPort': 8080, 'ToPort': 8080"),
            &edit("'FromPort': 80, 'ToPort': 80"),
        ),
        Shop::new().edit(&edit("'From': 1024, 'To': 65535"), &edit("'From': 443, 'To': 443")),
    ];
    for (number, shop) in cases.iter().enumerate() {
        let whole = shop.ask(WEB, CART);
        for left_out in 0..shop.0.len() {
            let mut less = shop.clone();
            let (command, _) = less.0.remove(left_out);
            let flow = less.ask(WEB, CART);
            if flow.verdict == whole.verdict {
                continue;
            }
            assert_eq!(flow.verdict, Verdict::Unknown, "{number} without {command}: {flow:#?}");
            let kind = command.split(' ').nth(2).unwrap().trim_end_matches('s');
            assert!(
                flow.next.iter().any(|next| next.command.contains(kind)),
                "{number} without {command}: {:?}",
                flow.next
            );
        }
    }
}

#[test]
fn without_a_network_that_is_assumed_to_carry() {
    let flow = Shop::new().only_cluster().ask(WEB, CART);
    assert_eq!(ended(&flow).0, Verdict::Assumed);
    let carried = flow.steps().find(|step| step.action.starts_with("carries")).unwrap();
    assert!(carried.note.as_deref().unwrap().contains("were not pasted"));
    let near = Shop::new()
        .only_cluster()
        .edit(
            "nodeName: ip-10-20-2-30.ec2.internal, containers",
            "nodeName: ip-10-20-1-20.ec2.internal, containers",
        )
        .ask(WEB, CART);
    let stays = near
        .steps()
        .find(|step| step.action.contains("does not leave it"))
        .unwrap();
    assert_eq!((stays.verdict, stays.evidence.len()), (Verdict::Passes, 4));
}

#[test]
fn names_that_no_node_rewrites() {
    let headless = Shop::new()
        .only_cluster()
        .edit("clusterIP: 172.20.8.8", "clusterIP: None")
        .edit(", ports: [{port: 8080}]", "");
    // Nobody rewrites the port of a headless Service: that the pod serves 8080 says nothing of 80.
    let flow = headless.ask(WEB, CART);
    assert_eq!(
        (flow.verdict, flow.outcomes[0].ends_at.as_deref()),
        (Verdict::Unknown, Some("10.20.2.31:80"))
    );
    let same = headless
        .edit("port: 80, targetPort", "port: 8080, targetPort")
        .ask(WEB, "svc:shop/cart:8080");
    assert_eq!(ended(&same), (Verdict::Assumed, None, Some("10.20.2.31:8080")));
    let other = Shop::new()
        .only_cluster()
        .edit(
            "clusterIP: 172.20.8.8, selector: {app: cart}",
            "type: ExternalName, externalName: cart.example.com",
        )
        .ask(WEB, CART);
    assert_eq!(other.verdict, Verdict::Unknown);
    assert_eq!(other.next[0].command, "dig +short cart.example.com");
    let missing = Shop::new().ask(WEB, "svc:shop/basket:80");
    assert_eq!(
        (missing.verdict, missing.next[0].command.as_str()),
        (Verdict::Unknown, "kubectl get service basket -n shop -o yaml")
    );
}

#[test]
fn pods_nodes_and_addresses_are_ends_too() {
    assert_eq!(
        ended(&Shop::new().ask(WEB, "pod:shop/cart:8080")),
        (Verdict::Assumed, None, Some("10.20.2.31:8080"))
    );
    // The policy lets `web` in alone, and an address outside of the cluster is not `web`.
    let flow = Shop::new().ask("ip:10.20.2.99", "pod:shop/cart:8080");
    assert_eq!(ended(&flow).1, Some(Reason::PolicyIngress));
    let flow = Shop::new().ask("pod:shop/nobody", CART);
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert_eq!(flow.next[0].command, "kubectl get pod nobody -n shop -o yaml");
}

#[test]
fn the_ports_of_a_node_that_puts_its_address_in_are_any() {
    let edit = |text: &str| text.replace('\'', "\"");
    let open = |ports: &str| {
        let shop = Shop::with_outside().edit(&edit("'From': 1024, 'To': 65535"), &edit(ports));
        shop.ask(WEB, "ip:93.184.215.14:443").verdict
    };
    assert_eq!(open("'From': 1024, 'To': 65535"), Verdict::Assumed);
    // The range of Linux' clients is not that of the plugin's rule.
    assert_eq!(open("'From': 32768, 'To': 61000"), Verdict::Unknown);
}

#[test]
fn what_leaves_the_vpc_has_the_nodes_address() {
    let shop = Shop::with_outside();
    for (to, end) in [
        ("ip:93.184.215.14:443", "93.184.215.14:443"),
        ("internet", "the Internet"),
    ] {
        let flow = shop.ask(WEB, to);
        let only = &flow.outcomes[0];
        assert_eq!(
            (only.verdict, only.reason, only.ends_at.as_deref()),
            (Verdict::Assumed, None, Some(end)),
            "{flow:#?}"
        );
        // The Internet gateway makes a public address of the node's.
        assert_eq!((only.source_seen.as_deref(), only.snat), (Some("203.0.113.20"), true));
        assert!(only.steps.iter().any(|step| {
            step.action
                .contains("puts its own address 10.20.1.20 in the pod's place")
        }));
    }
    let external = Shop::with_outside().edit("value: 'false'", "value: 'true'");
    assert_eq!(
        ended(&external.ask(WEB, "ip:93.184.215.14:443")),
        (Verdict::Blocked, Some(Reason::NoPublicAddress), None)
    );
    // Inside the VPC the pod's address stays.
    let inside = shop.ask(WEB, "ip:10.20.2.30:8080");
    assert_eq!(inside.outcomes[0].source_seen.as_deref(), Some("10.20.1.21"));
    // The route table's local route tells the VPC's block, too.
    let mut less = shop.clone();
    less.0.retain(|(known, _)| *known != "aws ec2 describe-vpcs");
    assert_eq!(less.ask(WEB, "ip:93.184.215.14:443").verdict, Verdict::Assumed);
    for (without, command) in [
        (
            "kubectl get daemonsets",
            "kubectl get daemonset aws-node -n kube-system -o yaml",
        ),
        (
            "kubectl get nodes",
            "kubectl get node ip-10-20-1-20.ec2.internal -o wide",
        ),
    ] {
        let mut less = shop.clone();
        less.0.retain(|(known, _)| !known.starts_with(without));
        let flow = less.ask(WEB, "ip:93.184.215.14:443");
        assert_eq!(flow.verdict, Verdict::Unknown, "without {without}: {flow:#?}");
        assert!(
            flow.next.iter().any(|next| next.command == command),
            "without {without}: {:?}",
            flow.next
        );
    }
}

/// Nodes rewrite the ports of a Service; whether its address answers a ping is another matter.
#[test]
fn a_ping_of_a_service_tells_nothing() {
    let shop = Shop::new().only_cluster();
    for to in [CART, "ip:172.20.8.8"] {
        let flow = shop.ask_by(Protocol::Icmp, WEB, to);
        assert_eq!(
            (flow.verdict, flow.outcomes[0].reason),
            (Verdict::Unknown, None),
            "{to}"
        );
        assert_eq!(flow.next[0].command, "ping -c 3 172.20.8.8");
    }
}

/// The policy is asked about who sent the packet and about the node that put its own address in: which counts the plugin decides.
#[test]
fn where_a_node_puts_its_address_in_both_count() {
    let shop = Shop::new().only_cluster().edit(
        "clusterIP: 172.20.8.8, selector: {app: cart}, ports: [{name: http, port: 80,",
        "type: NodePort, clusterIP: 172.20.8.8, selector: {app: cart}, ports: [{name: http, port: 80, nodePort: 31080,",
    );
    let mut shop = shop;
    shop.0.push((
        "kubectl get nodes -o yaml",
        format!("{NODES}---\n{}", NODES.replace("1-20", "2-30").replace("1.20", "2.30")),
    ));
    let from = |peer: &str, node: &str| {
        let shop = shop.clone().edit("podSelector: {matchLabels: {app: web}}", peer);
        shop.ask("ip:203.0.113.7", &format!("node:{node}.ec2.internal:31080"))
    };
    let (other, own) = ("ip-10-20-1-20", "ip-10-20-2-30");
    let client = "ipBlock: {cidr: 203.0.113.0/24}";
    let flow = from(client, other);
    assert!(flow.outcomes[0].snat || flow.verdict == Verdict::Unknown, "{flow:#?}");
    assert_eq!(
        (flow.verdict, flow.outcomes[0].reason),
        (Verdict::Unknown, None),
        "{flow:#?}"
    );
    assert!(!flow.next.is_empty());
    // Both are let in; the pod's own node always is.
    assert_eq!(from("ipBlock: {cidr: 0.0.0.0/0}", other).verdict, Verdict::Assumed);
    assert_eq!(from(client, own).verdict, Verdict::Assumed);
    // Neither is.
    let closed = from("ipBlock: {cidr: 198.51.100.0/24}", other);
    assert_eq!(
        (closed.verdict, closed.outcomes[0].reason),
        (Verdict::Blocked, Some(Reason::PolicyIngress))
    );
}

/// What a table says of pods that do not run.
#[test]
fn a_pod_that_does_not_run_is_not_reached() {
    let ask = |row: &str| {
        let table = format!(
            "$ kubectl get pods -n shop -o wide --show-labels\n\
             NAME   READY   STATUS             RESTARTS        AGE   IP           NODE                         NOMINATED NODE   READINESS GATES   LABELS\n\
             web    1/1     Running            0               3d    10.20.1.21   ip-10-20-1-20.ec2.internal   <none>           <none>            app=web\n\
             {row}\n\
             $ kubectl get networkpolicies -A\nNo resources found\n"
        );
        let input = Input {
            name: "paste".to_owned(),
            bytes: table.into_bytes(),
        };
        let analysis = read(vec![input], &mut |_| {});
        let query = Query {
            from: WEB.parse().unwrap(),
            to: "pod:shop/job:80".parse().unwrap(),
            protocol: Protocol::Tcp,
            at: None,
        };
        compute(&analysis.model(), &query)
    };
    let node = "ip-10-20-1-20.ec2.internal   <none>           <none>            app=job";
    for (row, verdict, reason, command) in [
        (
            "job    0/1     Pending            0               9s    <none>       <none>                       <none>           <none>            app=job".to_owned(),
            Verdict::Blocked,
            Some(Reason::State),
            Some("kubectl describe pod job -n shop"),
        ),
        (
            format!("job    0/1     Evicted            0               3d    10.20.1.22   {node}"),
            Verdict::Blocked,
            Some(Reason::State),
            None,
        ),
        (
            format!("job    0/1     ImagePullBackOff   0               3d    10.20.1.22   {node}"),
            Verdict::Blocked,
            Some(Reason::State),
            Some("kubectl describe pod job -n shop"),
        ),
        (
            format!("job    0/1     CrashLoopBackOff   99 (12s ago)    3d    10.20.1.22   {node}"),
            Verdict::Unknown,
            None,
            Some("kubectl logs job -n shop --previous"),
        ),
        (
            format!("job    0/1     Completed          0               3d    10.20.1.22   {node}"),
            Verdict::Unknown,
            None,
            Some("kubectl get pod job -n shop -o yaml"),
        ),
        // A container that crashes says nothing of the other.
        (
            format!("job    1/2     CrashLoopBackOff   99 (12s ago)    3d    10.20.1.22   {node}"),
            Verdict::Assumed,
            None,
            None,
        ),
        (
            format!("job    1/1     Running            0               3d    10.20.1.22   {node}"),
            Verdict::Assumed,
            None,
            None,
        ),
    ] {
        let flow = ask(&row);
        assert_eq!((flow.verdict, flow.outcomes[0].reason), (verdict, reason), "{row}: {flow:#?}");
        assert_eq!(flow.next.first().map(|next| next.command.as_str()), command, "{row}");
        if verdict == Verdict::Blocked {
            assert!(flow.steps().all(|step| !step.evidence.is_empty()), "{row}");
        }
    }
}
