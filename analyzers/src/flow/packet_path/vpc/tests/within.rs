//! What groups, ACLs and routes never see.

use super::lab::{Lab, arrives, stopped};
use crate::flow::packet_path::Protocol;
use crate::flow::{Reason, Verdict};

#[test]
fn neither_groups_nor_acls_filter_what_the_host_answers() {
    let closed = Lab::new()
        .edit(
            "'FromPort': 8080, 'ToPort': 8090",
            "'FromPort': 8080, 'ToPort': 8091",
        )
        .edit(
            "{'Egress': true, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},\n  {'Egress': true, 'RuleNumber': 101",
            "{'Egress': true, 'RuleNumber': 100, 'Protocol': '6', 'PortRange': {'From': 443, 'To': 443}, 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},\n  {'Egress': true, 'RuleNumber': 101",
        );
    let ask = |to: &str| closed.ask_by("instance:i-0app", to, Protocol::Udp);
    stopped(&ask("ip:10.20.0.3:53"), Reason::NaclEgress, "subnet-0pra", false);
    arrives(&ask("ip:10.20.0.2:53"), Verdict::Assumed, "10.20.0.2:53");
    arrives(&ask("ip:169.254.169.253:53"), Verdict::Assumed, "169.254.169.253:53");
    arrives(&ask("ip:[fd00:ec2::253]:53"), Verdict::Assumed, "[fd00:ec2::253]:53");
    let metadata = Lab::new().ask("instance:i-0dbs", "ip:[fd00:ec2::254]:80");
    arrives(&metadata, Verdict::Assumed, "[fd00:ec2::254]:80");
    // The second address of a block that was added later is nobody's resolver.
    let added = Lab::new().edit(
        "'CidrBlockAssociationSet': [{'CidrBlock': '10.20.0.0/16'}]",
        "'CidrBlockAssociationSet': [{'CidrBlock': '10.20.0.0/16'}, {'CidrBlock': '100.64.0.0/16'}]",
    );
    let flow = added.ask_by("instance:i-0app", "ip:100.64.0.2:53", Protocol::Udp);
    assert!(flow.steps().all(|step| !step.action.contains("resolver")));
}

#[test]
fn what_is_for_the_sender_itself_does_not_leave_it() {
    let lab = Lab::new();
    arrives(
        &lab.ask("instance:i-0app", "ip:10.20.1.20:8080"),
        Verdict::Passes,
        "10.20.1.20:8080",
    );
    stopped(
        &lab.ask("instance:i-0web", "ip:10.20.2.30:8080"),
        Reason::SgIngress,
        "i-0dbs",
        false,
    );
    // Another interface of the same instance.
    let second = lab.edit(
        "'Attachment': {'InstanceId': 'i-0dbs', 'DeviceIndex': 0}",
        "'Attachment': {'InstanceId': 'i-0web', 'DeviceIndex': 1}",
    );
    arrives(
        &second.ask("instance:i-0web", "ip:10.20.2.30:8080"),
        Verdict::Passes,
        "10.20.2.30:8080",
    );
}

const NODE: &str = "{'apiVersion': 'v1', 'kind': 'Node', 'metadata': {'name': 'ip-10-20-1-20.eu-west-1.compute.internal'},
  'status': {'addresses': [{'type': 'InternalIP', 'address': '10.20.1.20'}], 'conditions': [{'type': 'Ready', 'status': 'True'}]}}";
const SERVICE: &str = "{'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': 'kube-dns', 'namespace': 'kube-system'},
  'spec': {'type': 'ClusterIP', 'clusterIP': '172.20.0.10', 'clusterIPs': ['172.20.0.10'], 'selector': {'k8s-app': 'kube-dns'},
           'ports': [{'name': 'dns', 'protocol': 'UDP', 'port': 53, 'targetPort': 53}]}}";

#[test]
fn a_services_address_is_the_nodes_own_affair() {
    let node = "kubectl get node ip-10-20-1-20.eu-west-1.compute.internal -o json";
    let lab = Lab::new().with("kubectl get svc kube-dns -n kube-system -o json", SERVICE);
    let ask = |lab: &Lab, from: &str| lab.ask_by(from, "ip:172.20.0.10:53", Protocol::Udp);
    // Nobody says whether the instance is a node.
    assert_eq!(ask(&lab, "instance:i-0app").verdict, Verdict::Unknown);
    let with_node = lab.with(node, NODE);
    let flow = ask(&with_node, "instance:i-0app");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(!flow.next.is_empty());
    assert!(flow.steps().all(|step| !step.action.contains("Internet")));
    // Another instance knows no Services: its routes lead to the Internet, which has no such address.
    let outside = ask(&with_node, "instance:i-0dbs");
    assert_ne!(outside.verdict, Verdict::Passes);
    assert!(
        outside
            .steps()
            .any(|step| step.actor.name == "subnet-0prb" || step.actor.name == "i-0dbs")
    );
}

#[test]
fn a_pods_address_that_no_vpc_has_is_carried_inside_of_other_packets() {
    let pod = "{'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'cart-7d9f8c6b5d-x2x8k', 'namespace': 'shop'},
      'spec': {'nodeName': 'ip-10-20-2-30.eu-west-1.compute.internal', 'containers': [{'name': 'cart'}]},
      'status': {'phase': 'Running', 'podIP': '10.244.1.7', 'podIPs': [{'ip': '10.244.1.7'}]}}";
    let lab = Lab::new().with("kubectl get pod cart-7d9f8c6b5d-x2x8k -n shop -o json", pod);
    let flow = lab.ask("instance:i-0app", "ip:10.244.1.7:8080");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert_eq!(flow.next[0].command, "ip route");
}
