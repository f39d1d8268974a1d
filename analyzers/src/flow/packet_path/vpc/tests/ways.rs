//! Ways that work, and what is said of them.

use super::lab::{Lab, arrives, stopped};
use crate::flow::packet_path::Protocol;
use crate::flow::{Flow, Reason, Verdict};

fn actors(flow: &Flow) -> Vec<String> {
    let mut names: Vec<String> = flow.outcomes[0]
        .steps
        .iter()
        .map(|step| step.actor.name.clone())
        .collect();
    names.dedup();
    names
}

#[test]
fn between_subnets_of_a_vpc() {
    let flow = Lab::new().ask("instance:i-0app", "instance:i-0dbs:5432");
    arrives(&flow, Verdict::Passes, "10.20.2.30:5432");
    assert_eq!(actors(&flow), ["i-0app", "subnet-0pra", "subnet-0prb", "i-0dbs"]);
    assert_eq!(flow.outcomes[0].source_seen.as_deref(), Some("10.20.1.20"));
    assert!(!flow.outcomes[0].snat);
    assert_eq!(flow.outcomes[0].back.as_ref().unwrap().verdict, Verdict::Passes);
}

#[test]
fn within_a_subnet_no_acl_counts() {
    let closed = Lab::new().edit(
        "'Associations': [{'SubnetId': 'subnet-0pra'}, {'SubnetId': 'subnet-0prb'}], 'Entries': [",
        "'Associations': [{'SubnetId': 'subnet-0pra'}, {'SubnetId': 'subnet-0prb'}], 'Entries': [
          {'Egress': true, 'RuleNumber': 1, 'Protocol': '-1', 'RuleAction': 'deny', 'CidrBlock': '0.0.0.0/0'},",
    );
    let flow = closed.ask("instance:i-0app", "ip:10.20.1.90:443");
    arrives(&flow, Verdict::Passes, "10.20.1.90:443");
    assert_eq!(actors(&flow), ["i-0app", "subnet-0pra", "eni-0ecr"]);
    let last = flow.outcomes[0].steps.last().unwrap();
    assert!(
        last.note.as_deref().unwrap_or_default().contains("policy"),
        "{:?}",
        last.note
    );
}

#[test]
fn over_a_transit_gateway_and_back() {
    let flow = Lab::new().ask("instance:i-0app", "instance:i-0rep:5432");
    arrives(&flow, Verdict::Passes, "10.30.1.40:5432");
    assert_eq!(
        actors(&flow),
        ["i-0app", "subnet-0pra", "tgw-0aaa", "subnet-0bba", "i-0rep"]
    );
}

#[test]
fn over_a_peering_connection_groups_may_be_named() {
    let flow = Lab::new().ask("instance:i-0app", "instance:i-0prm:9090");
    arrives(&flow, Verdict::Passes, "10.40.1.50:9090");
    // Over a transit gateway they may not, unless it is turned on.
    let named = Lab::new().edit(
        "'IpRanges': [{'CidrIp': '10.20.0.0/16'}]}],\n  'IpPermissionsEgress': []},\n {'GroupId': 'sg-0prm'",
        "'UserIdGroupPairs': [{'GroupId': 'sg-0app'}]}],\n  'IpPermissionsEgress': []},\n {'GroupId': 'sg-0prm'",
    );
    assert_eq!(
        named.ask("instance:i-0app", "instance:i-0rep:5432").verdict,
        Verdict::Unknown
    );
    let off = named.clone().with("aws ec2 describe-transit-gateways", "{'TransitGateways': [{'TransitGatewayId': 'tgw-0aaa', 'State': 'available', 'Options': {'SecurityGroupReferencingSupport': 'disable'}}]}");
    stopped(
        &off.ask("instance:i-0app", "instance:i-0rep:5432"),
        Reason::SgIngress,
        "i-0rep",
        false,
    );
    let on = named.with("aws ec2 describe-transit-gateways", "{'TransitGateways': [{'TransitGatewayId': 'tgw-0aaa', 'State': 'available', 'Options': {'SecurityGroupReferencingSupport': 'enable'}}]}");
    arrives(
        &on.ask("instance:i-0app", "instance:i-0rep:5432"),
        Verdict::Passes,
        "10.30.1.40:5432",
    );
}

#[test]
fn out_by_a_nat_gateway() {
    let flow = Lab::new().ask("instance:i-0app", "ip:198.51.100.99:443");
    arrives(&flow, Verdict::Assumed, "198.51.100.99:443");
    assert_eq!(
        actors(&flow),
        [
            "i-0app",
            "subnet-0pra",
            "subnet-0pub",
            "nat-0aaa",
            "subnet-0pub",
            "igw-0aaa",
            "the Internet"
        ]
    );
    assert_eq!(flow.outcomes[0].source_seen.as_deref(), Some("198.51.100.5"));
    assert!(flow.outcomes[0].snat);
    let back = flow.outcomes[0].back.as_ref().unwrap();
    let rewritten: Vec<&str> = back
        .steps
        .iter()
        .filter(|step| step.before != step.after)
        .map(|step| step.actor.name.as_str())
        .collect();
    assert_eq!(rewritten, ["igw-0aaa", "nat-0aaa"]);
    assert_eq!(back.steps.last().unwrap().actor.name, "i-0app");
}

#[test]
fn out_by_a_regional_nat_gateway() {
    let lab = Lab::new()
        .edit(
            "'SubnetId': 'subnet-0pub', 'State': 'available', 'ConnectivityType': 'public',
  'NatGatewayAddresses': [{'NetworkInterfaceId': 'eni-0nat', 'PrivateIp': '10.20.0.5', 'PublicIp': '198.51.100.5', 'IsPrimary': true}]",
            "'AvailabilityMode': 'regional', 'RouteTableId': 'rtb-0reg', 'State': 'available', 'ConnectivityType': 'public',
  'NatGatewayAddresses': [{'AvailabilityZone': 'eu-west-1b', 'PublicIp': '198.51.100.7'}, {'AvailabilityZone': 'eu-west-1a', 'PublicIp': '198.51.100.6'}]",
        )
        .edit(
            " {'RouteTableId': 'rtb-0bbb'",
            " {'RouteTableId': 'rtb-0reg', 'VpcId': 'vpc-0aaa', 'Associations': [], 'Routes': [
              {'DestinationCidrBlock': '10.20.0.0/16', 'GatewayId': 'local', 'State': 'active'},
              {'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-0aaa', 'State': 'active'}]},
             {'RouteTableId': 'rtb-0bbb'",
        );
    let flow = lab.ask("instance:i-0app", "ip:198.51.100.99:443");
    arrives(&flow, Verdict::Assumed, "198.51.100.99:443");
    assert_eq!(flow.outcomes[0].source_seen.as_deref(), Some("198.51.100.6"));
    assert_eq!(
        flow.outcomes[0].back.as_ref().unwrap().steps.last().unwrap().actor.name,
        "i-0app"
    );
    stopped(
        &lab.ask("internet", "ip:198.51.100.7:443"),
        Reason::State,
        "nat-0aaa",
        false,
    );
}

#[test]
fn in_from_the_internet() {
    let flow = Lab::new().ask("internet", "ip:198.51.100.10:443");
    arrives(&flow, Verdict::Assumed, "10.20.0.10:443");
    assert_eq!(actors(&flow), ["igw-0aaa", "subnet-0pub", "i-0web"]);
    let by_name = Lab::new().ask("internet", "instance:i-0web:443");
    arrives(&by_name, Verdict::Assumed, "10.20.0.10:443");
    let from_one = Lab::new().ask("ip:192.0.2.200", "ip:198.51.100.10:443");
    arrives(&from_one, Verdict::Assumed, "10.20.0.10:443");
    assert_eq!(from_one.outcomes[0].source_seen.as_deref(), Some("192.0.2.200"));
}

#[test]
fn a_group_that_lets_some_of_the_internet_in_says_whom() {
    let lab = Lab::new().edit(
        "'IpRanges': [{'CidrIp': '0.0.0.0/0'}], 'Ipv6Ranges': [{'CidrIpv6': '::/0'}]}],\n  'IpPermissionsEgress'",
        "'IpRanges': [{'CidrIp': '192.0.2.0/24'}]}],\n  'IpPermissionsEgress'",
    );
    let flow = lab.ask("internet", "ip:198.51.100.10:443");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(
        flow.steps()
            .find(|step| step.verdict == Verdict::Unknown)
            .unwrap()
            .note
            .as_deref()
            .unwrap()
            .contains("192.0.2.0/24")
    );
    arrives(
        &lab.ask("ip:192.0.2.200", "ip:198.51.100.10:443"),
        Verdict::Assumed,
        "10.20.0.10:443",
    );
}

#[test]
fn to_a_public_address_of_the_own_network_through_both_gateways() {
    let flow = Lab::new().ask("instance:i-0app", "ip:198.51.100.10:443");
    arrives(&flow, Verdict::Passes, "10.20.0.10:443");
    assert_eq!(flow.outcomes[0].source_seen.as_deref(), Some("198.51.100.5"));
}

#[test]
fn over_ipv6() {
    let lab = Lab::new();
    let out = lab.ask("ip:2600:1f14:abc:de01::20", "ip:[2001:500:8f::53]:443");
    arrives(&out, Verdict::Assumed, "[2001:500:8f::53]:443");
    assert!(actors(&out).contains(&"eigw-0aaa".to_owned()));
    assert!(!out.outcomes[0].snat);
    // Nobody comes in where only an egress-only gateway leads out.
    let open = Lab::new().edit(
        "'UserIdGroupPairs': [{'GroupId': 'sg-0web'}]",
        "'Ipv6Ranges': [{'CidrIpv6': '::/0'}]",
    );
    stopped(
        &open.ask("ip:2001:500:8f::53", "ip:[2600:1f14:abc:de01::20]:8080"),
        Reason::Asymmetric,
        "eigw-0aaa",
        true,
    );
    let into = lab.ask("ip:2001:500:8f::53", "ip:[2600:1f14:abc:de00::10]:443");
    arrives(&into, Verdict::Assumed, "[2600:1f14:abc:de00::10]:443");
}

#[test]
fn to_s3_by_its_endpoint_and_elsewhere_by_nat() {
    let lab = Lab::new();
    let s3 = lab.ask("instance:i-0dbs", "ip:203.0.113.7:443");
    arrives(&s3, Verdict::Passes, "203.0.113.7:443");
    assert_eq!(actors(&s3), ["i-0dbs", "subnet-0prb", "vpce-0s3"]);
    stopped(
        &lab.ask("instance:i-0dbs", "ip:198.51.100.99:443"),
        Reason::SgEgress,
        "i-0dbs",
        false,
    );
}

#[test]
fn ping_is_a_type_of_icmp() {
    let lab = Lab::new();
    let ping = |to: &str| lab.ask_by("instance:i-0web", to, Protocol::Icmp);
    arrives(&ping("instance:i-0app"), Verdict::Passes, "10.20.1.20");
    stopped(&ping("instance:i-0dbs"), Reason::SgIngress, "i-0dbs", false);
    let replies_only = Lab::new().edit("'FromPort': 8, 'ToPort': -1", "'FromPort': 0, 'ToPort': 0");
    stopped(
        &replies_only.ask_by("instance:i-0web", "instance:i-0app", Protocol::Icmp),
        Reason::SgIngress,
        "i-0app",
        false,
    );
}

#[test]
fn a_prefix_of_an_interface_is_its_own() {
    let lab = Lab::new().edit(
        "'UserIdGroupPairs': [{'GroupId': 'sg-0web'}]",
        "'IpRanges': [{'CidrIp': '10.20.0.0/24'}]",
    );
    arrives(
        &lab.ask("instance:i-0web", "ip:10.20.1.70:8080"),
        Verdict::Passes,
        "10.20.1.70:8080",
    );
    // And it may send from it.
    let out = lab.ask("ip:10.20.1.70", "ip:10.20.2.30:5432");
    arrives(&out, Verdict::Passes, "10.20.2.30:5432");
}

#[test]
fn some_ports_of_the_answer_are_refused() {
    let lab = Lab::new().edit(
        "'PortRange': {'From': 1024, 'To': 65535}",
        "'PortRange': {'From': 32768, 'To': 65535}",
    );
    // A NAT gateway takes any port from 1024 on.
    let flow = lab.ask("instance:i-0app", "ip:198.51.100.99:443");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert_eq!(flow.next[0].command, "sysctl net.ipv4.ip_local_port_range");
    // Linux takes those.
    arrives(
        &lab.ask("instance:i-0web", "ip:198.51.100.99:443"),
        Verdict::Assumed,
        "198.51.100.99:443",
    );
}

#[test]
fn to_on_premises_by_vpn() {
    let vpn = |routes: &str, status: &str| {
        Lab::new()
            .edit("'DestinationCidrBlock': '10.30.0.0/16', 'TransitGatewayId': 'tgw-0aaa'", "'DestinationCidrBlock': '192.168.0.0/16', 'GatewayId': 'vgw-0aaa'")
            .with("aws directconnect describe-virtual-interfaces", "{'virtualInterfaces': []}")
            .with("aws ec2 describe-vpn-connections", &format!("{{'VpnConnections': [{{'VpnConnectionId': 'vpn-0aaa', 'VpnGatewayId': 'vgw-0aaa', 'State': 'available',
              'Options': {{'StaticRoutesOnly': true}}, 'Routes': [{routes}], 'VgwTelemetry': [{{'OutsideIpAddress': '192.0.2.250', 'Status': '{status}', 'AcceptedRouteCount': 1}}]}}]}}"))
    };
    let route = "{'DestinationCidrBlock': '192.168.0.0/16', 'State': 'available'}";
    arrives(
        &vpn(route, "UP").ask("instance:i-0app", "ip:192.168.7.7:22"),
        Verdict::Assumed,
        "192.168.7.7:22",
    );
    stopped(
        &vpn(route, "DOWN").ask("instance:i-0app", "ip:192.168.7.7:22"),
        Reason::State,
        "vgw-0aaa",
        false,
    );
    stopped(
        &vpn("", "UP").ask("instance:i-0app", "ip:192.168.7.7:22"),
        Reason::NoRoute,
        "vgw-0aaa",
        false,
    );
    // And from there, by the way that the answer takes.
    let from = vpn(route, "UP").edit(
        "'UserIdGroupPairs': [{'GroupId': 'sg-0web'}]",
        "'IpRanges': [{'CidrIp': '192.168.0.0/16'}]",
    );
    arrives(
        &from.ask("ip:192.168.7.7", "instance:i-0app:8080"),
        Verdict::Assumed,
        "10.20.1.20:8080",
    );
    stopped(
        &from.ask("ip:192.168.7.7", "instance:i-0app:22"),
        Reason::SgIngress,
        "i-0app",
        false,
    );
}

#[test]
fn rules_told_one_by_one_count_the_same() {
    let rules = "{'SecurityGroupRules': [
      {'SecurityGroupRuleId': 'sgr-1', 'GroupId': 'sg-0dbs', 'IsEgress': false, 'IpProtocol': 'tcp', 'FromPort': 5432, 'ToPort': 5432, 'ReferencedGroupInfo': {'GroupId': 'sg-0app'}},
      {'SecurityGroupRuleId': 'sgr-2', 'GroupId': 'sg-0app', 'IsEgress': true, 'IpProtocol': '-1', 'FromPort': -1, 'ToPort': -1, 'CidrIpv4': '0.0.0.0/0'}]}";
    let lab = Lab::new().without("aws ec2 describe-security-groups").with(
        "aws ec2 describe-security-group-rules --filters Name=group-id,Values=sg-0dbs,sg-0app",
        rules,
    );
    arrives(
        &lab.ask("instance:i-0app", "instance:i-0dbs:5432"),
        Verdict::Passes,
        "10.20.2.30:5432",
    );
    stopped(
        &lab.ask("instance:i-0app", "instance:i-0dbs:22"),
        Reason::SgIngress,
        "i-0dbs",
        false,
    );
}

#[test]
fn an_instance_whose_state_was_not_pasted_may_be_stopped() {
    let lab = Lab::new().without("aws ec2 describe-instances");
    let flow = lab.ask("instance:i-0app", "instance:i-0dbs:5432");
    arrives(&flow, Verdict::Unknown, "10.20.2.30:5432");
    assert_eq!(flow.next[0].command, "aws ec2 describe-instances --instance-ids i-0dbs");
}

#[test]
fn a_pod_that_lives_on_an_instance_shows_that_it_runs() {
    let lab = Lab::new()
        .without("aws ec2 describe-instances")
        .edit("'UserIdGroupPairs': [{'GroupId': 'sg-0web'}]", "'IpRanges': [{'CidrIp': '10.20.0.0/24'}]")
        .with(
            "kubectl get pods -n shop -o json",
            "{'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'cart-0', 'namespace': 'shop'}, 'status': {'phase': 'Running', 'podIP': '10.20.1.70'}}",
        );
    arrives(
        &lab.ask("instance:i-0web", "ip:10.20.1.70:8080"),
        Verdict::Passes,
        "10.20.1.70:8080",
    );
}

#[test]
fn an_elastic_address_of_nobody_leads_nowhere() {
    let lab = Lab::new().with(
        "aws ec2 describe-addresses",
        "{'Addresses': [{'PublicIp': '198.51.100.77', 'AllocationId': 'eipalloc-0aaa', 'Domain': 'vpc'}]}",
    );
    stopped(
        &lab.ask("internet", "ip:198.51.100.77:443"),
        Reason::NoPublicAddress,
        "the Internet",
        false,
    );
}

#[test]
fn a_load_balancer_takes_what_it_listens_for() {
    let lab = || {
        Lab::new().edit(
            "'InterfaceType': 'vpc_endpoint'",
            "'InterfaceType': 'network_load_balancer', 'Description': 'ELB net/shop/0a1b2c3d4e5f6071'",
        )
    };
    let listeners = |port: &str| {
        format!(
            "{{'Listeners': [{{'ListenerArn': 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/net/shop/0a1b2c3d4e5f6071/1', 'LoadBalancerArn': 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/shop/0a1b2c3d4e5f6071', 'Port': {port}, 'Protocol': 'TCP', 'DefaultActions': []}}]}}"
        )
    };
    let ask = |lab: Lab| lab.ask("instance:i-0app", "ip:10.20.1.90:443");
    assert_eq!(ask(lab()).verdict, Verdict::Unknown);
    let command = "aws elbv2 describe-listeners --load-balancer-arn arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/shop/0a1b2c3d4e5f6071";
    arrives(
        &ask(lab().with(command, &listeners("443"))),
        Verdict::Assumed,
        "10.20.1.90:443",
    );
    stopped(
        &ask(lab().with(command, &listeners("80"))),
        Reason::NoListener,
        "eni-0ecr",
        false,
    );
}

#[test]
fn who_forwards_is_asked_what_it_does() {
    let lab = Lab::new()
        .edit(
            "'NatGatewayId': 'nat-0aaa', 'State': 'active'",
            "'NetworkInterfaceId': 'eni-0web', 'InstanceId': 'i-0web', 'State': 'active'",
        )
        .edit(
            "'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0web'",
            "'InterfaceType': 'interface', 'SourceDestCheck': false, 'Attachment': {'InstanceId': 'i-0web'",
        );
    let flow = lab.ask("instance:i-0app", "ip:198.51.100.99:443");
    assert_eq!(flow.verdict, Verdict::Unknown);
    assert!(flow.next[0].command.contains("ip_forward"), "{:?}", flow.next);
    // Its groups filter what it is to forward.
    stopped(
        &lab.ask("instance:i-0app", "ip:198.51.100.99:80"),
        Reason::SgIngress,
        "i-0web",
        false,
    );
}

#[test]
fn a_gateway_may_have_routes_of_its_own() {
    let lab = Lab::new().edit(
        " {'RouteTableId': 'rtb-0bbb'",
        " {'RouteTableId': 'rtb-0edg', 'VpcId': 'vpc-0aaa', 'Associations': [{'Main': false, 'GatewayId': 'igw-0aaa'}], 'Routes': [
          {'DestinationCidrBlock': '10.20.0.0/16', 'GatewayId': 'local', 'State': 'active'},
          {'DestinationCidrBlock': '10.20.0.0/24', 'NetworkInterfaceId': 'eni-0app', 'State': 'active'}]},
         {'RouteTableId': 'rtb-0bbb'",
    );
    stopped(
        &lab.ask("internet", "ip:198.51.100.10:443"),
        Reason::SourceDestCheck,
        "i-0app",
        false,
    );
}

#[test]
fn a_gateway_that_is_detached_leads_nowhere() {
    let lab = Lab::new().edit(
        "'Attachments': [{'VpcId': 'vpc-0aaa', 'State': 'available'}]",
        "'Attachments': []",
    );
    stopped(
        &lab.ask("instance:i-0web", "ip:198.51.100.99:443"),
        Reason::State,
        "igw-0aaa",
        false,
    );
}

#[test]
fn what_was_pasted_later_counts() {
    let rules = |port: u16| {
        format!("{{'SecurityGroupRules': [
          {{'SecurityGroupRuleId': 'sgr-1', 'GroupId': 'sg-0dbs', 'IsEgress': false, 'IpProtocol': 'tcp', 'FromPort': {port}, 'ToPort': {port}, 'CidrIpv4': '10.20.0.0/16'}},
          {{'SecurityGroupRuleId': 'sgr-2', 'GroupId': 'sg-0app', 'IsEgress': true, 'IpProtocol': '-1', 'FromPort': -1, 'ToPort': -1, 'CidrIpv4': '0.0.0.0/0'}}]}}")
    };
    let lab = Lab::new()
        .without("aws ec2 describe-security-groups")
        .with("aws ec2 describe-security-group-rules", &rules(5432))
        .with("aws ec2 describe-security-group-rules", &rules(5433));
    stopped(
        &lab.ask("instance:i-0app", "instance:i-0dbs:5432"),
        Reason::SgIngress,
        "i-0dbs",
        false,
    );
    let search = "aws ec2 search-transit-gateway-routes --transit-gateway-route-table-id tgw-rtb-0aaa --filters Name=state,Values=active,blackhole";
    let emptied = Lab::new().with(search, "{'Routes': [], 'AdditionalRoutesAvailable': false}");
    stopped(
        &emptied.ask("instance:i-0app", "instance:i-0rep:5432"),
        Reason::NoRoute,
        "tgw-0aaa",
        false,
    );
}

#[test]
fn to_the_resolver_and_to_the_host_itself() {
    let lab = Lab::new();
    arrives(
        &lab.ask_by("instance:i-0app", "ip:10.20.0.2:53", Protocol::Udp),
        Verdict::Assumed,
        "10.20.0.2:53",
    );
    arrives(
        &lab.ask("instance:i-0dbs", "ip:169.254.169.254:80"),
        Verdict::Assumed,
        "169.254.169.254:80",
    );
}

#[test]
fn to_the_internet_at_large() {
    let flow = Lab::new().ask("instance:i-0app", "internet");
    // No port was asked about, and the public subnet lets answers in alone.
    arrives(&flow, Verdict::Assumed, "the Internet");
    assert_eq!(flow.outcomes[0].source_seen.as_deref(), Some("198.51.100.5"));
}

#[test]
fn out_by_the_nat_gateway_of_another_vpc() {
    let search = "aws ec2 search-transit-gateway-routes --transit-gateway-route-table-id tgw-rtb-0aaa --filters Name=state,Values=active,blackhole";
    let lab = Lab::new()
        .edit("'DestinationCidrBlock': '0.0.0.0/0', 'NatGatewayId': 'nat-0aaa'", "'DestinationCidrBlock': '0.0.0.0/0', 'TransitGatewayId': 'tgw-0aaa'")
        .edit(
            "{'DestinationCidrBlock': '10.20.0.0/16', 'TransitGatewayId': 'tgw-0aaa', 'State': 'active'}]}",
            "{'DestinationCidrBlock': '0.0.0.0/0', 'NatGatewayId': 'nat-0out', 'State': 'active'}]},
             {'RouteTableId': 'rtb-0out', 'VpcId': 'vpc-0bbb', 'Associations': [{'Main': false, 'SubnetId': 'subnet-0out'}], 'Routes': [
              {'DestinationCidrBlock': '10.30.0.0/16', 'GatewayId': 'local', 'State': 'active'},
              {'DestinationCidrBlock': '10.20.0.0/16', 'TransitGatewayId': 'tgw-0aaa', 'State': 'active'},
              {'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-0out', 'State': 'active'}]}",
        )
        .edit("'DestinationCidrBlock': '10.30.9.0/24', 'Type': 'static', 'State': 'blackhole'", "'DestinationCidrBlock': '0.0.0.0/0', 'Type': 'static', 'State': 'active',
          'TransitGatewayAttachments': [{'TransitGatewayAttachmentId': 'tgw-attach-0bbb'}]")
        .edit("{'SubnetId': 'subnet-0cca', 'VpcId': 'vpc-0ccc'", "{'SubnetId': 'subnet-0out', 'VpcId': 'vpc-0bbb', 'CidrBlock': '10.30.2.0/24', 'AvailabilityZone': 'eu-west-1a'},
          {'SubnetId': 'subnet-0cca', 'VpcId': 'vpc-0ccc'")
        .edit("'Associations': [{'SubnetId': 'subnet-0bba'}]", "'Associations': [{'SubnetId': 'subnet-0bba'}, {'SubnetId': 'subnet-0out'}]")
        .with(
            "aws ec2 describe-nat-gateways --nat-gateway-ids nat-0out",
            "{'NatGateways': [{'NatGatewayId': 'nat-0out', 'VpcId': 'vpc-0bbb', 'SubnetId': 'subnet-0out', 'State': 'available',
              'NatGatewayAddresses': [{'NetworkInterfaceId': 'eni-0nao', 'PrivateIp': '10.30.2.9', 'PublicIp': '198.51.100.9'}]}]}",
        )
        .with(
            "aws ec2 describe-internet-gateways --internet-gateway-ids igw-0out",
            "{'InternetGateways': [{'InternetGatewayId': 'igw-0out', 'Attachments': [{'VpcId': 'vpc-0bbb', 'State': 'available'}]}]}",
        );
    let flow = lab.ask("instance:i-0app", "ip:198.51.100.99:443");
    arrives(&flow, Verdict::Assumed, "198.51.100.99:443");
    assert_eq!(flow.outcomes[0].source_seen.as_deref(), Some("198.51.100.9"));
    let back = flow.outcomes[0].back.as_ref().unwrap();
    assert_eq!(back.steps.last().unwrap().actor.name, "i-0app");
    // Without the route for the answers they never find back.
    let lost = lab.without(search).with(
        search,
        "{'Routes': [{'DestinationCidrBlock': '0.0.0.0/0', 'Type': 'static', 'State': 'active',
          'TransitGatewayAttachments': [{'TransitGatewayAttachmentId': 'tgw-attach-0bbb'}]}], 'AdditionalRoutesAvailable': false}",
    );
    assert_eq!(
        lost.ask("instance:i-0app", "ip:198.51.100.99:443").verdict,
        Verdict::Blocked
    );
}

#[test]
fn a_private_nat_gateway_hides_who_asks_from_the_next_network() {
    // Its interface was not pasted: the gateway itself says enough.
    let lab = Lab::new()
        .edit("'DestinationCidrBlock': '10.30.0.0/16', 'TransitGatewayId': 'tgw-0aaa'", "'DestinationCidrBlock': '10.30.0.0/16', 'NatGatewayId': 'nat-0prv'")
        .edit(
            "{'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-0aaa', 'State': 'active'},",
            "{'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-0aaa', 'State': 'active'},
             {'DestinationCidrBlock': '10.30.0.0/16', 'TransitGatewayId': 'tgw-0aaa', 'State': 'active'},",
        )
        .edit("'SubnetIds': ['subnet-0pra', 'subnet-0prb']", "'SubnetIds': ['subnet-0pub']")
        .with(
            "aws ec2 describe-nat-gateways --nat-gateway-ids nat-0prv",
            "{'NatGateways': [{'NatGatewayId': 'nat-0prv', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pub', 'State': 'available', 'ConnectivityType': 'private',
              'NatGatewayAddresses': [{'NetworkInterfaceId': 'eni-0nap', 'PrivateIp': '10.20.0.8'}]}]}",
        );
    let flow = lab.ask("instance:i-0app", "instance:i-0rep:5432");
    arrives(&flow, Verdict::Passes, "10.30.1.40:5432");
    assert_eq!(flow.outcomes[0].source_seen.as_deref(), Some("10.20.0.8"));
    assert_eq!(
        flow.outcomes[0].back.as_ref().unwrap().steps.last().unwrap().actor.name,
        "i-0app"
    );
    stopped(
        &lab.ask("instance:i-0rep", "ip:10.20.0.8:80"),
        Reason::SgEgress,
        "i-0rep",
        false,
    );
    stopped(
        &lab.ask("instance:i-0app", "ip:10.20.0.8:80"),
        Reason::State,
        "nat-0prv",
        false,
    );
}
