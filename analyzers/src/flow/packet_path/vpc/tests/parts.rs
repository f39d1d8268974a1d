//! Rules about a part of what is asked, ways that are told in part, and names that are not the same for everybody.

use super::lab::{Lab, arrives, stopped};
use crate::flow::{Flow, Reason, Verdict};

const ANY: &str = "'FromPort': 443, 'ToPort': 443, 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]";

fn with_blocks(blocks: &str) -> Flow {
    let is = format!("'FromPort': 443, 'ToPort': 443, 'IpRanges': [{blocks}]");
    Lab::new().edit(ANY, &is).ask("internet", "instance:i-0web:443")
}

#[test]
fn blocks_that_are_all_addresses_together_let_everybody_in() {
    let halves = "{'CidrIp': '0.0.0.0/1'}, {'CidrIp': '128.0.0.0/1'}";
    arrives(&with_blocks(halves), Verdict::Assumed, "10.20.0.10:443");
    let quarters = "{'CidrIp': '128.0.0.0/1'}, {'CidrIp': '0.0.0.0/2'}, {'CidrIp': '64.0.0.0/2'}";
    arrives(&with_blocks(quarters), Verdict::Assumed, "10.20.0.10:443");
}

#[test]
fn where_some_clients_are_let_in_the_client_is_to_be_named() {
    for blocks in [
        "{'CidrIp': '203.0.113.0/24'}",
        "{'CidrIp': '0.0.0.0/1'}, {'CidrIp': '192.0.0.0/2'}",
    ] {
        let open = with_blocks(blocks);
        assert_eq!(open.verdict, Verdict::Unknown, "{blocks}");
        assert_eq!(open.next[0].command, "curl -s https://checkip.amazonaws.com");
    }
    let office = Lab::new().edit(ANY, &ANY.replace("0.0.0.0/0", "203.0.113.0/24"));
    arrives(
        &office.ask("ip:203.0.113.7", "instance:i-0web:443"),
        Verdict::Assumed,
        "10.20.0.10:443",
    );
    stopped(
        &office.ask("ip:198.51.100.99", "instance:i-0web:443"),
        Reason::SgIngress,
        "i-0web",
        false,
    );
    // Nobody from outside, whoever it is.
    stopped(
        &with_blocks("{'CidrIp': '10.0.0.0/8'}"),
        Reason::SgIngress,
        "i-0web",
        false,
    );
}

#[test]
fn a_tunnel_that_is_down_stops_only_where_it_is_the_only_way() {
    let lab = Lab::new()
        .edit("{'DestinationCidrBlock': '0.0.0.0/0', 'NatGatewayId'", "{'DestinationCidrBlock': '192.168.0.0/16', 'GatewayId': 'vgw-0aaa', 'State': 'active', 'Origin': 'CreateRoute'},\n  {'DestinationCidrBlock': '0.0.0.0/0', 'NatGatewayId'");
    let down = "{'VpnConnections': [{'VpnConnectionId': 'vpn-0aaa', 'VpnGatewayId': 'vgw-0aaa', 'State': 'available', 'Options': {'StaticRoutesOnly': true},
      'Routes': [{'DestinationCidrBlock': '192.168.0.0/16', 'State': 'available'}],
      'VgwTelemetry': [{'Status': 'DOWN', 'OutsideIpAddress': '203.0.113.1'}, {'Status': 'DOWN', 'OutsideIpAddress': '203.0.113.2'}]}]}";
    let vpn = "aws ec2 describe-vpn-connections";
    let direct = (
        "aws directconnect describe-virtual-interfaces",
        "{'virtualInterfaces': []}",
    );
    let ask = |lab: Lab| lab.ask("instance:i-0app", "ip:192.168.1.1:443");
    let all = format!("{vpn} --filters Name=vpn-gateway-id,Values=vgw-0aaa");
    stopped(
        &ask(lab.clone().with(&all, down).with(direct.0, direct.1)),
        Reason::State,
        "vgw-0aaa",
        false,
    );
    let open = ask(lab.clone().with(&all, down));
    assert_eq!(open.verdict, Verdict::Unknown);
    assert_eq!(open.next[0].command, direct.0);
    let one = ask(lab
        .with(&format!("{vpn} --vpn-connection-ids vpn-0aaa"), down)
        .with(direct.0, direct.1));
    assert_eq!(one.verdict, Verdict::Unknown);
    assert_eq!(one.next[0].command, all);
}

#[test]
fn zones_are_the_same_by_their_ids() {
    // The other account calls the zone of the sender `eu-west-1b`, where its attachment is; its instance is in the other one.
    let lab = Lab::new()
        .edit("'CidrBlock': '10.20.1.0/24', 'AvailabilityZone': 'eu-west-1a'", "'CidrBlock': '10.20.1.0/24', 'AvailabilityZone': 'eu-west-1a', 'AvailabilityZoneId': 'euw1-az1'")
        .edit("'CidrBlock': '10.20.2.0/24', 'AvailabilityZone': 'eu-west-1b'", "'CidrBlock': '10.20.2.0/24', 'AvailabilityZone': 'eu-west-1b', 'AvailabilityZoneId': 'euw1-az2'")
        .edit(
            "'CidrBlock': '10.30.1.0/24', 'AvailabilityZone': 'eu-west-1a'}",
            "'CidrBlock': '10.30.1.0/24', 'AvailabilityZone': 'eu-west-1a', 'AvailabilityZoneId': 'euw1-az2'},
 {'SubnetId': 'subnet-0bbb', 'VpcId': 'vpc-0bbb', 'CidrBlock': '10.30.2.0/24', 'AvailabilityZone': 'eu-west-1b', 'AvailabilityZoneId': 'euw1-az1'}",
        )
        .edit("'SubnetIds': ['subnet-0bba']", "'SubnetIds': ['subnet-0bba', 'subnet-0bbb']");
    let flow = lab.ask("instance:i-0app", "instance:i-0rep:5432");
    let out = flow
        .steps()
        .find(|step| step.action.starts_with("comes out in"))
        .unwrap();
    assert_eq!(out.action, "comes out in subnet-0bbb");
}
