//! The network before a load balancer and behind it.

use super::lab::{ATTRIBUTES, Lab, said, stays_honest, stopped};
use crate::flow::{Reason, Verdict};

const ALB: &str = "lb:shop:443";
const NLB: &str = "lb:shop:443";
const TIMEOUT: &str =
    "'TargetHealth': {'State': 'unhealthy', 'Reason': 'Target.Timeout', 'Description': 'Request timed out'}";

/// All targets answer nothing.
fn ill(lab: Lab) -> Lab {
    lab.each("'TargetHealth': {'State': 'healthy'}", TIMEOUT)
}

#[test]
fn from_the_internet_to_the_pods_and_back() {
    let flow = Lab::alb().ask("internet", ALB);
    let said = said(&flow);
    assert_eq!((flow.verdict, flow.outcomes.len()), (Verdict::Assumed, 2), "{said:#?}");
    let mut ways: Vec<_> = flow
        .outcomes
        .iter()
        .map(|outcome| (outcome.ends_at.as_deref(), outcome.source_seen.as_deref(), outcome.snat))
        .collect();
    ways.sort_unstable();
    assert_eq!(
        ways,
        [
            (Some("10.42.1.87:8080"), Some("10.42.0.21"), true),
            (Some("10.42.2.99:8080"), Some("10.42.0.21"), true)
        ],
        "{said:#?}"
    );
    for words in [
        "passes ALB shop: sg-0bal lets TCP 443 in",
        "passes i-0noa: sg-0nod lets TCP 8080 in",
        "passes api-6c8f9b7d5c-9k2lm: takes the connection: it answers its health check at this port",
        "passes igw-0aaa: igw-0aaa puts 203.0.113.21 in the place of 10.42.0.21",
    ] {
        assert!(said.iter().any(|own| own == words), "{words}: {said:#?}");
    }
    assert!(flow.next.is_empty(), "{said:#?}");
}

#[test]
fn what_stops_before_the_load_balancer() {
    let lab = Lab::alb;
    let closed = lab().edit("security-groups", "'CidrIp': '0.0.0.0/0'", "'CidrIp': '10.0.0.0/8'");
    stopped(&closed.ask("internet", ALB), Reason::SgIngress, "ALB shop", false);
    assert_eq!(closed.ask("internet", ALB).outcomes.len(), 1);
    // The interfaces need not be known to see that.
    let blind = closed.without("aws ec2 describe-network-interfaces");
    stopped(&blind.ask("internet", ALB), Reason::SgIngress, "ALB shop", false);
    let deny = |egress: bool| {
        let was = format!("{{'Egress': {egress}, 'RuleNumber': 100, 'Protocol': '-1'");
        let ports = if egress {
            "'From': 1024, 'To': 65535"
        } else {
            "'From': 443, 'To': 443"
        };
        let more = format!(
            "{{'Egress': {egress}, 'RuleNumber': 90, 'Protocol': '6', 'PortRange': {{{ports}}}, 'RuleAction': 'deny', 'CidrBlock': '0.0.0.0/0'}}, {was}"
        );
        lab().edit("network-acls", &was, &more)
    };
    stopped(
        &deny(false).ask("internet", ALB),
        Reason::NaclIngress,
        "subnet-0pua",
        false,
    );
    stopped(
        &deny(true).ask("internet", ALB),
        Reason::NaclEgress,
        "subnet-0pua",
        true,
    );
}

#[test]
fn a_zone_without_a_way_back_stops_its_share() {
    let lab = Lab::alb().edit(
        "route-tables",
        "'SubnetId': 'subnet-0pub'}], 'Routes': [
  {'DestinationCidrBlock': '10.42.0.0/16', 'GatewayId': 'local', 'State': 'active'},
  {'DestinationCidrBlock': '10.60.0.0/16', 'VpcPeeringConnectionId': 'pcx-0aaa', 'State': 'active'},
  {'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-0aaa', 'State': 'active'}",
        "'SubnetId': 'subnet-0pub'}], 'Routes': [
  {'DestinationCidrBlock': '10.42.0.0/16', 'GatewayId': 'local', 'State': 'active'}",
    );
    let flow = lab.ask("internet", ALB);
    stopped(&flow, Reason::NoRoute, "subnet-0pub", true);
    assert_eq!(flow.outcomes[0].label, "by the load balancer's interface in eu-west-1b");
    assert!((flow.outcomes[0].share - 0.5).abs() < 1e-9);
    let sum: f64 = flow.outcomes.iter().map(|outcome| outcome.share).sum();
    assert!((sum - 1.0).abs() < 1e-9);
}

#[test]
fn what_stops_behind_the_load_balancer_is_why_no_target_is_well() {
    let pair = "'UserIdGroupPairs': [{'GroupId': 'sg-0bal'}]";
    let lab = ill(Lab::alb().edit("security-groups", pair, "'UserIdGroupPairs': [{'GroupId': 'sg-0cli'}]"));
    stopped(&lab.ask("internet", ALB), Reason::SgIngress, "i-0noa", false);
    let egress = "'UserIdGroupPairs': [], 'IpRanges': [{'CidrIp': '10.42.9.0/24'}]";
    let lab = ill(Lab::alb()).edit(
        "security-groups",
        "'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}]},",
        &format!("{egress}}}]}},"),
    );
    stopped(&lab.ask("internet", ALB), Reason::SgEgress, "ALB shop", false);
    // Where the network lets it through, something else is wrong with the target.
    let flow = ill(Lab::alb()).ask("internet", ALB);
    stopped(&flow, Reason::TargetUnhealthy, "ALB shop", false);
}

#[test]
fn a_target_that_is_well_and_cannot_be_reached_is_a_contradiction() {
    let pair = "'UserIdGroupPairs': [{'GroupId': 'sg-0bal'}]";
    let lab = Lab::alb().edit("security-groups", pair, "'UserIdGroupPairs': [{'GroupId': 'sg-0cli'}]");
    let flow = lab.ask("internet", ALB);
    assert_eq!(flow.verdict, Verdict::Unknown, "{:#?}", said(&flow));
    assert!(
        flow.next
            .iter()
            .any(|next| next.command.contains("describe-target-health"))
    );
}

#[test]
fn a_policy_of_the_pod_is_asked() {
    let policy = "apiVersion: v1
kind: List
items:
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: api, namespace: shop}
  spec: {podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 10.99.0.0/16}}]}]}
";
    let lab = Lab::alb()
        .without("kubectl get networkpolicies -A -o yaml")
        .with("kubectl get networkpolicies -A -o yaml", policy);
    // Which pods it selects their labels tell, and a table has them where they are asked for.
    let blind = ill(lab.clone()).ask("internet", ALB);
    assert!(
        blind.next.iter().any(|next| next.command.contains("--show-labels")),
        "{:#?}",
        said(&blind)
    );
    let lab = lab.labelled();
    // Well targets and a policy that lets nobody in do not fit.
    let flow = lab.ask("internet", ALB);
    assert_eq!(flow.verdict, Verdict::Unknown, "{:#?}", said(&flow));
    stopped(
        &ill(lab).ask("internet", ALB),
        Reason::PolicyIngress,
        "pod shop/api-6c8f9b7d5c-9k2lm:8080",
        false,
    );
}

#[test]
fn a_client_of_a_peered_vpc_reaches_the_pod_behind_its_node_port() {
    let flow = Lab::nlb().ask("instance:i-0cli", NLB);
    let said = said(&flow);
    assert_eq!((flow.verdict, flow.outcomes.len()), (Verdict::Assumed, 1), "{said:#?}");
    let outcome = &flow.outcomes[0];
    assert_eq!(outcome.ends_at.as_deref(), Some("10.42.1.87:8080"), "{said:#?}");
    assert_eq!(outcome.source_seen.as_deref(), Some("10.60.4.15"), "{said:#?}");
    assert!(!outcome.snat);
}

#[test]
fn a_group_of_the_targets_has_to_let_the_clients_in_where_their_addresses_are_preserved() {
    let lab = Lab::nlb().edit("security-groups", ", {'CidrIp': '10.60.0.0/16'}", "");
    let flow = lab.ask("instance:i-0cli", NLB);
    stopped(&flow, Reason::SgIngress, "i-0noa", false);
    let stop = flow.steps().find(|step| step.verdict == Verdict::Blocked).unwrap();
    assert!(
        stop.note
            .as_deref()
            .unwrap_or_default()
            .contains("healthy all the same"),
        "{:?}",
        stop.note
    );
    // With the load balancer's own address as the source it passes.
    let off = lab.each("'Value': 'true'", "'Value': 'false'");
    let flow = off.ask("instance:i-0cli", NLB);
    assert_eq!(flow.verdict, Verdict::Assumed, "{:#?}", said(&flow));
}

#[test]
fn a_rule_may_name_the_group_of_a_network_load_balancer() {
    let range = "'IpRanges': [{'CidrIp': '10.42.0.0/16'}, {'CidrIp': '10.60.0.0/16'}]";
    let lab = Lab::nlb()
        .each("'Groups': []", "'Groups': [{'GroupId': 'sg-0bal'}]")
        .edit("security-groups", range, "'UserIdGroupPairs': [{'GroupId': 'sg-0bal'}]");
    let flow = lab.ask("instance:i-0cli", NLB);
    assert_eq!(flow.verdict, Verdict::Assumed, "{:#?}", said(&flow));
    // The client's own group does not stand for it.
    let lab = lab.edit(
        "security-groups",
        "'UserIdGroupPairs': [{'GroupId': 'sg-0bal'}]",
        "'UserIdGroupPairs': [{'GroupId': 'sg-0cli'}]",
    );
    stopped(&lab.ask("instance:i-0cli", NLB), Reason::SgIngress, "i-0noa", false);
}

#[test]
fn a_node_without_an_endpoint_of_a_service_that_stays_local_drops_the_packet() {
    let ill = "'TargetHealth': {'State': 'unhealthy', 'Reason': 'Target.FailedHealthChecks', 'Description': 'Health checks failed'}";
    let lab = Lab::nlb().each(ill, "'TargetHealth': {'State': 'healthy'}");
    let flow = lab.ask("instance:i-0cli", NLB);
    stopped(
        &flow,
        Reason::NoLocalEndpoint,
        "ip-10-42-2-41.eu-west-1.compute.internal",
        false,
    );
    assert!((flow.outcomes[0].share - 0.5).abs() < 1e-9, "{:#?}", said(&flow));
}

#[test]
fn nothing_may_stand_between_where_client_addresses_are_preserved() {
    let let_in = "'VpcId': 'vpc-0bbb', 'IpPermissions': [{'IpProtocol': 'tcp', 'FromPort': 8443, 'ToPort': 8443, 'IpRanges': [{'CidrIp': '10.42.0.0/16'}]}]";
    let lab = Lab::nlb()
        .each("'VpcPeeringConnectionId': 'pcx-0aaa', 'State'", "'TransitGatewayId': 'tgw-0aaa', 'State'")
        .each("'TargetType': 'instance'", "'TargetType': 'ip'")
        .each("'Id': 'i-0noa', 'Port': 31443}", "'Id': '10.60.4.15', 'Port': 8443, 'AvailabilityZone': 'all'}")
        .edit("security-groups", "'VpcId': 'vpc-0bbb', 'IpPermissions': []", let_in)
        .with(
            "aws ec2 describe-transit-gateway-attachments",
            "{'TransitGatewayAttachments': [
 {'TransitGatewayAttachmentId': 'tgw-attach-0aaa', 'TransitGatewayId': 'tgw-0aaa', 'ResourceType': 'vpc', 'ResourceId': 'vpc-0aaa',
  'State': 'available', 'Association': {'TransitGatewayRouteTableId': 'tgw-rtb-0aaa', 'State': 'associated'}},
 {'TransitGatewayAttachmentId': 'tgw-attach-0bbb', 'TransitGatewayId': 'tgw-0aaa', 'ResourceType': 'vpc', 'ResourceId': 'vpc-0bbb',
  'State': 'available', 'Association': {'TransitGatewayRouteTableId': 'tgw-rtb-0aaa', 'State': 'associated'}}]}",
        )
        .with(
            "aws ec2 describe-transit-gateway-vpc-attachments",
            "{'TransitGatewayVpcAttachments': [
 {'TransitGatewayAttachmentId': 'tgw-attach-0aaa', 'TransitGatewayId': 'tgw-0aaa', 'VpcId': 'vpc-0aaa', 'State': 'available',
  'SubnetIds': ['subnet-0pra', 'subnet-0prb']},
 {'TransitGatewayAttachmentId': 'tgw-attach-0bbb', 'TransitGatewayId': 'tgw-0aaa', 'VpcId': 'vpc-0bbb', 'State': 'available',
  'SubnetIds': ['subnet-0bba']}]}",
        )
        .with(
            "aws ec2 search-transit-gateway-routes --transit-gateway-route-table-id tgw-rtb-0aaa --filters Name=state,Values=active,blackhole",
            "{'Routes': [
 {'DestinationCidrBlock': '10.42.0.0/16', 'Type': 'propagated', 'State': 'active',
  'TransitGatewayAttachments': [{'ResourceId': 'vpc-0aaa', 'TransitGatewayAttachmentId': 'tgw-attach-0aaa', 'ResourceType': 'vpc'}]},
 {'DestinationCidrBlock': '10.60.0.0/16', 'Type': 'propagated', 'State': 'active',
  'TransitGatewayAttachments': [{'ResourceId': 'vpc-0bbb', 'TransitGatewayAttachmentId': 'tgw-attach-0bbb', 'ResourceType': 'vpc'}]}],
 'AdditionalRoutesAvailable': false}",
        );
    stopped(&lab.ask("instance:i-0nob", NLB), Reason::Asymmetric, "i-0cli", true);
    let off = lab.clone().each("'Value': 'true'", "'Value': 'false'");
    let flow = off.ask("instance:i-0nob", NLB);
    assert!(flow.verdict < Verdict::Unknown, "{:#?}", said(&flow));
    // The default is off, and on would end otherwise.
    let flow = lab.without(ATTRIBUTES).ask("instance:i-0nob", NLB);
    assert_eq!(flow.verdict, Verdict::Unknown, "{:#?}", said(&flow));
    assert!(flow.next.iter().any(|next| next.command == ATTRIBUTES));
}

#[test]
fn a_pod_that_asks_a_network_load_balancer_asks_the_network() {
    let client = "apiVersion: v1
kind: Pod
metadata: {name: batch-0, namespace: shop, labels: {app: batch}}
spec: {nodeName: ip-10-42-2-41.eu-west-1.compute.internal, containers: [{name: batch}]}
status: {podIP: 10.42.2.99, phase: Running}
";
    let lab = Lab::nlb().with("kubectl get pod -n shop batch-0 -o yaml", client);
    let narrow = lab.edit(
        "security-groups",
        "'IpRanges': [{'CidrIp': '10.42.0.0/16'}, {'CidrIp': '10.60.0.0/16'}]",
        "'IpRanges': [{'CidrIp': '10.60.0.0/16'}]",
    );
    let narrow = narrow.edit(
        "security-groups",
        "{'IpProtocol': '-1', 'UserIdGroupPairs': [{'GroupId': 'sg-0nod'}]}",
        "{'IpProtocol': 'tcp', 'FromPort': 22, 'ToPort': 22, 'UserIdGroupPairs': [{'GroupId': 'sg-0nod'}]}",
    );
    stopped(&narrow.ask("pod:shop/batch-0", NLB), Reason::SgIngress, "i-0noa", false);
}

#[test]
fn notes_tell_of_the_header_and_of_silence() {
    let lab = Lab::nlb()
        .edit(
            "target-group-attributes",
            "{'Key'",
            "{'Key': 'proxy_protocol_v2.enabled', 'Value': 'true'}, {'Key'",
        )
        .with(
            "aws elbv2 describe-listener-attributes --listener-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/net/shop/0011223344556677/8899aabbccddeeff",
            "{'Attributes': [{'Key': 'tcp.idle_timeout.seconds', 'Value': '900'}]}",
        );
    let flow = lab.ask("instance:i-0cli", NLB);
    let notes: Vec<&str> = flow.steps().filter_map(|step| step.note.as_deref()).collect();
    assert!(notes.iter().any(|note| note.contains("PROXY protocol")), "{notes:#?}");
    assert!(
        notes.iter().any(|note| note.contains("silent for 900 seconds")),
        "{notes:#?}"
    );
    let plain = Lab::nlb().ask("instance:i-0cli", NLB);
    let notes: Vec<&str> = plain.steps().filter_map(|step| step.note.as_deref()).collect();
    assert!(
        notes.iter().any(|note| note.contains("silent for 350 seconds")),
        "{notes:#?}"
    );
    assert!(!notes.iter().any(|note| note.contains("PROXY protocol")), "{notes:#?}");
}

/// The samples without each of their documents: stopped for the same reason, or unknown with something to run.
#[test]
fn without_a_document_a_sample_stays_stopped_or_is_unknown() {
    for (text, reason) in [
        (include_str!("../../../../../samples/P5.txt"), Reason::SgIngress),
        (include_str!("../../../../../samples/P7.txt"), Reason::NoLocalEndpoint),
    ] {
        let parts: Vec<&str> = text.split_inclusive("\n$ ").collect();
        let mut needed = 0;
        for at in 1..parts.len() {
            let mut left = parts.clone();
            left.remove(at);
            let input = crate::Input {
                name: "paste 1".to_owned(),
                bytes: left.concat().into_bytes(),
            };
            let analysis = crate::analysis::read(vec![input], &mut |_| {});
            let flows = crate::flow::packet_path::propose(&analysis.model());
            let Some(flow) = flows.first() else {
                needed += 1;
                continue;
            };
            let said = said(flow);
            match flow.verdict {
                Verdict::Blocked => {
                    let open = flow.steps().any(|step| step.verdict == Verdict::Unknown);
                    assert!(
                        open || flow.outcomes[0].reason == Some(reason),
                        "without {}: {said:#?}",
                        parts[at]
                    );
                }
                Verdict::Unknown => {
                    needed += 1;
                    assert!(!flow.next.is_empty(), "without {}: {said:#?}", parts[at]);
                }
                other => panic!("{} without {}: {said:#?}", other.word(), parts[at]),
            }
        }
        assert!(needed > 0);
    }
}

#[test]
fn without_a_document_the_ways_stay_or_are_unknown() {
    assert!(stays_honest(&Lab::alb(), "internet", ALB) > 2);
    assert!(stays_honest(&Lab::nlb(), "instance:i-0cli", NLB) > 2);
    let closed = Lab::alb().edit("security-groups", "'CidrIp': '0.0.0.0/0'", "'CidrIp': '10.0.0.0/8'");
    assert!(stays_honest(&closed, "internet", ALB) > 0);
    let narrow = Lab::nlb().edit("security-groups", ", {'CidrIp': '10.60.0.0/16'}", "");
    assert!(stays_honest(&narrow, "instance:i-0cli", NLB) > 0);
}

#[test]
fn a_nodes_port_answers_where_the_policy_lets_it() {
    let to = "svc:shop/api:31443";
    // Straight to the nodes their subnets need a way back.
    let main = "'Associations': [{'Main': true}], 'Routes': [
  {'DestinationCidrBlock': '10.42.0.0/16', 'GatewayId': 'local', 'State': 'active'}";
    let pcx = format!(
        "{main}, {{'DestinationCidrBlock': '10.60.0.0/16', 'VpcPeeringConnectionId': 'pcx-0aaa', 'State': 'active'}}"
    );
    stopped(
        &Lab::nlb().ask("ip:10.60.4.15", to),
        Reason::NoRoute,
        "subnet-0pra",
        true,
    );
    let lab = || Lab::nlb().edit("route-tables", main, &pcx);
    let flow = lab().ask("ip:10.60.4.15", to);
    stopped(
        &flow,
        Reason::NoLocalEndpoint,
        "ip-10-42-2-41.eu-west-1.compute.internal",
        false,
    );
    let kept = &flow.outcomes[1];
    assert_eq!(kept.source_seen.as_deref(), Some("10.60.4.15"), "{:#?}", said(&flow));
    assert!((kept.share - 0.5).abs() < 1e-9 && !kept.snat);
    let note = flow
        .steps()
        .find_map(|step| step.note.as_deref()?.split_once("answer: "));
    assert!(note.is_some_and(|(_, nodes)| nodes.starts_with("ip-10-42-1-23.eu-west-1.compute.internal.")));
    // Any node will do where the source need not stay.
    let flow = lab()
        .each("externalTrafficPolicy: Local", "externalTrafficPolicy: Cluster")
        .ask("ip:10.60.4.15", to);
    assert!(flow.verdict < Verdict::Blocked, "{:#?}", said(&flow));
    for outcome in &flow.outcomes {
        assert!(outcome.snat, "{:#?}", said(&flow));
        assert_eq!(outcome.ends_at.as_deref(), Some("10.42.1.87:8080"));
    }
    let seen: Vec<Option<&str>> = flow
        .outcomes
        .iter()
        .map(|outcome| outcome.source_seen.as_deref())
        .collect();
    assert!(
        seen.contains(&Some("10.42.1.23")) && seen.contains(&Some("10.42.2.41")),
        "{seen:?}"
    );
    // The Service's own port is another question.
    let flow = Lab::nlb().ask("ip:10.60.4.15", "svc:shop/api:443");
    assert!(flow.steps().any(|step| step.actor.id.starts_with("lb:")));
}
