//! Every reason that this part gives, each by one changed fact.

use super::lab::{Lab, stopped};
use crate::flow::Reason;
use crate::flow::packet_path::Protocol;

const NOBODY: &str = "'IpPermissionsEgress': [{'IpProtocol': '-1', 'IpRanges': [{'CidrIp': '10.99.0.0/16'}]}]";

#[test]
fn a_group_lets_nothing_out() {
    let lab = Lab::new().edit(
        "'IpPermissionsEgress': [{'IpProtocol': '-1', 'IpRanges': [{'CidrIp': '0.0.0.0/0'}], 'Ipv6Ranges': [{'CidrIpv6': '::/0'}]}]",
        NOBODY,
    );
    stopped(
        &lab.ask("instance:i-0web", "instance:i-0app:8080"),
        Reason::SgEgress,
        "i-0web",
        false,
    );
}

#[test]
fn a_group_lets_in_its_own_port_from_its_own_peers_alone() {
    let lab = Lab::new();
    stopped(
        &lab.ask("instance:i-0web", "instance:i-0app:8091"),
        Reason::SgIngress,
        "i-0app",
        false,
    );
    stopped(
        &lab.ask("instance:i-0web", "instance:i-0dbs:5432"),
        Reason::SgIngress,
        "i-0dbs",
        false,
    );
    stopped(
        &lab.ask("internet", "ip:198.51.100.10:8443"),
        Reason::SgIngress,
        "i-0web",
        false,
    );
}

#[test]
fn without_a_port_rules_for_some_ports_do_not_count() {
    let flow = Lab::new().ask("instance:i-0web", "instance:i-0app");
    stopped(&flow, Reason::SgIngress, "i-0app", false);
    let last = flow.steps().last().unwrap();
    assert!(
        last.note.as_deref().unwrap_or_default().contains("tcp 8080-8090"),
        "{:?}",
        last.note
    );
}

#[test]
fn an_acl_refuses_by_its_first_entry_that_fits() {
    let deny = |egress: &str, number: &str| {
        format!("'Associations': [{{'SubnetId': 'subnet-0pra'}}, {{'SubnetId': 'subnet-0prb'}}], 'Entries': [
          {{'Egress': {egress}, 'RuleNumber': {number}, 'Protocol': '6', 'PortRange': {{'From': 5432, 'To': 5432}}, 'RuleAction': 'deny', 'CidrBlock': '10.20.0.0/16'}},")
    };
    let was = "'Associations': [{'SubnetId': 'subnet-0pra'}, {'SubnetId': 'subnet-0prb'}], 'Entries': [";
    let ask = |lab: Lab| lab.ask("instance:i-0app", "instance:i-0dbs:5432");
    let out = ask(Lab::new().edit(was, &deny("true", "90")));
    stopped(&out, Reason::NaclEgress, "subnet-0pra", false);
    let into = ask(Lab::new().edit(was, &deny("false", "90")));
    stopped(&into, Reason::NaclIngress, "subnet-0prb", false);
    // Below the entry that lets all through it never counts.
    assert_eq!(
        ask(Lab::new().edit(was, &deny("true", "200"))).verdict,
        crate::flow::Verdict::Passes
    );
}

#[test]
fn an_acl_that_forgets_the_ephemeral_ports_stops_the_answer() {
    let was = "'PortRange': {'From': 1024, 'To': 65535}";
    let lab = Lab::new().edit(was, "'PortRange': {'From': 80, 'To': 80}");
    // The NAT gateway's answers come into the public subnet.
    stopped(
        &lab.ask("instance:i-0app", "ip:198.51.100.99:443"),
        Reason::NaclIngress,
        "subnet-0pub",
        true,
    );
    let lab = Lab::new().edit(
        "{'Egress': true, 'RuleNumber': 100, 'Protocol': '-1', 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 130",
        "{'Egress': true, 'RuleNumber': 100, 'Protocol': '6', 'PortRange': {'From': 443, 'To': 443}, 'RuleAction': 'allow', 'CidrBlock': '0.0.0.0/0'},
  {'Egress': true, 'RuleNumber': 130",
    );
    stopped(
        &lab.ask("internet", "ip:198.51.100.10:443"),
        Reason::NaclEgress,
        "subnet-0pub",
        true,
    );
}

#[test]
fn there_is_no_route() {
    let lab = Lab::new();
    stopped(
        &lab.ask("instance:i-0web", "instance:i-0rep:5432"),
        Reason::NoRoute,
        "igw-0aaa",
        false,
    );
    stopped(
        &lab.ask("instance:i-0prm", "ip:198.51.100.99:443"),
        Reason::SgEgress,
        "i-0prm",
        false,
    );
    let way_back = Lab::new().edit(
        "{'DestinationCidrBlock': '10.20.0.0/16', 'TransitGatewayId': 'tgw-0aaa', 'State': 'active'}",
        "{}",
    );
    stopped(
        &way_back.ask("instance:i-0app", "instance:i-0rep:5432"),
        Reason::NoRoute,
        "subnet-0bba",
        true,
    );
    stopped(
        &lab.ask("internet", "ip:10.20.0.10:443"),
        Reason::NoRoute,
        "the Internet",
        false,
    );
}

#[test]
fn a_route_leads_to_what_is_gone() {
    let lab = Lab::new().edit(
        "'NatGatewayId': 'nat-0aaa', 'State': 'active'",
        "'NatGatewayId': 'nat-0aaa', 'State': 'blackhole'",
    );
    stopped(
        &lab.ask("instance:i-0app", "ip:198.51.100.99:443"),
        Reason::BlackholeRoute,
        "subnet-0pra",
        false,
    );
    // A longer prefix of the transit gateway's table drops.
    stopped(
        &Lab::new().ask("instance:i-0app", "ip:10.30.9.1:5432"),
        Reason::BlackholeRoute,
        "tgw-0aaa",
        false,
    );
}

#[test]
fn from_a_zone_without_attachment_nothing_gets_to_a_transit_gateway() {
    let lab = Lab::new().edit(
        "'SubnetIds': ['subnet-0pra', 'subnet-0prb']",
        "'SubnetIds': ['subnet-0prb']",
    );
    stopped(
        &lab.ask("instance:i-0app", "instance:i-0rep:5432"),
        Reason::BlackholeRoute,
        "subnet-0pra",
        false,
    );
}

#[test]
fn there_is_no_public_address() {
    let lab = Lab::new().edit(", 'Association': {'PublicIp': '198.51.100.10'}", "");
    stopped(
        &lab.ask("instance:i-0web", "ip:198.51.100.99:443"),
        Reason::NoPublicAddress,
        "igw-0aaa",
        false,
    );
    // A private NAT gateway behind an Internet gateway.
    let lab = Lab::new()
        .edit(", 'Association': {'PublicIp': '198.51.100.5'}", "")
        .edit("'PublicIp': '198.51.100.5', ", "");
    stopped(
        &lab.ask("instance:i-0app", "ip:198.51.100.99:443"),
        Reason::NoPublicAddress,
        "igw-0aaa",
        false,
    );
}

#[test]
fn an_instance_that_is_to_forward_checks_source_and_destination() {
    let lab = Lab::new().edit(
        "'NatGatewayId': 'nat-0aaa', 'State': 'active'",
        "'NetworkInterfaceId': 'eni-0web', 'InstanceId': 'i-0web', 'State': 'active'",
    );
    stopped(
        &lab.ask("instance:i-0app", "ip:198.51.100.99:443"),
        Reason::SourceDestCheck,
        "i-0web",
        false,
    );
}

#[test]
fn a_peering_connection_is_missing() {
    let pending = Lab::new().edit(
        "'Status': {'Code': 'active'}",
        "'Status': {'Code': 'pending-acceptance'}",
    );
    stopped(
        &pending.ask("instance:i-0app", "instance:i-0prm:9090"),
        Reason::PeeringMissing,
        "pcx-0aaa",
        false,
    );
    // It leads no further than into the other VPC.
    let further = Lab::new().edit(
        "'DestinationCidrBlock': '10.30.0.0/16', 'TransitGatewayId': 'tgw-0aaa'",
        "'DestinationCidrBlock': '10.30.0.0/16', 'VpcPeeringConnectionId': 'pcx-0aaa'",
    );
    stopped(
        &further.ask("instance:i-0app", "instance:i-0rep:5432"),
        Reason::PeeringMissing,
        "pcx-0aaa",
        false,
    );
}

#[test]
fn an_answer_comes_by_another_way() {
    // Who is asked by its public address answers by a NAT gateway, which does not know the connection.
    let lab = Lab::new()
        .edit(
            "'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.20.1.20'}]",
            "'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.20.1.20', 'Association': {'PublicIp': '198.51.100.20'}}]",
        )
        .edit("'UserIdGroupPairs': [{'GroupId': 'sg-0web'}]", "'IpRanges': [{'CidrIp': '0.0.0.0/0'}]");
    stopped(
        &lab.ask("internet", "ip:198.51.100.20:8080"),
        Reason::Asymmetric,
        "nat-0aaa",
        true,
    );
}

#[test]
fn something_is_in_no_state_to_take_it() {
    let stopped_instance = Lab::new().edit(
        "'InstanceId': 'i-0dbs', 'State': {'Code': 16, 'Name': 'running'}",
        "'InstanceId': 'i-0dbs', 'State': {'Code': 80, 'Name': 'stopped'}",
    );
    stopped(
        &stopped_instance.ask("instance:i-0app", "instance:i-0dbs:5432"),
        Reason::State,
        "i-0dbs",
        false,
    );
    let nat = Lab::new().edit(
        "'SubnetId': 'subnet-0pub', 'State': 'available'",
        "'SubnetId': 'subnet-0pub', 'State': 'failed'",
    );
    stopped(
        &nat.ask("instance:i-0app", "ip:198.51.100.99:443"),
        Reason::State,
        "nat-0aaa",
        false,
    );
    let lab = Lab::new();
    stopped(
        &lab.ask("internet", "ip:198.51.100.5:443"),
        Reason::State,
        "nat-0aaa",
        false,
    );
    stopped(
        &lab.ask("instance:i-0app", "ip:10.20.0.5:443"),
        Reason::State,
        "nat-0aaa",
        false,
    );
    stopped(
        &lab.ask_by("instance:i-0app", "ip:198.51.100.99:443", Protocol::Sctp),
        Reason::State,
        "nat-0aaa",
        false,
    );
    let attachment = Lab::new().edit(
        "'ResourceId': 'vpc-0bbb',\n  'State': 'available'",
        "'ResourceId': 'vpc-0bbb',\n  'State': 'pendingAcceptance'",
    );
    stopped(
        &attachment.ask("instance:i-0app", "instance:i-0rep:5432"),
        Reason::State,
        "tgw-0aaa",
        false,
    );
}

#[test]
fn nobody_has_the_address() {
    let lab = Lab::new();
    stopped(
        &lab.ask("instance:i-0app", "ip:10.20.2.99:5432"),
        Reason::NoTarget,
        "subnet-0prb",
        false,
    );
    stopped(
        &lab.ask("instance:i-0app", "ip:10.20.77.1:5432"),
        Reason::NoTarget,
        "vpc-0aaa",
        false,
    );
}

#[test]
fn block_public_access_drops() {
    let options = "{'VpcBlockPublicAccessOptions': {'State': 'update-complete', 'InternetGatewayBlockMode': 'MODE'}}";
    let command = "aws ec2 describe-vpc-block-public-access-options";
    let none = (
        "aws ec2 describe-vpc-block-public-access-exclusions",
        "{'VpcBlockPublicAccessExclusions': []}",
    );
    let ingress = Lab::new()
        .with(command, &options.replace("MODE", "block-ingress"))
        .with(none.0, none.1);
    stopped(
        &ingress.ask("internet", "ip:198.51.100.10:443"),
        Reason::Drop,
        "igw-0aaa",
        false,
    );
    stopped(
        &ingress.ask("instance:i-0web", "ip:198.51.100.99:443"),
        Reason::Drop,
        "igw-0aaa",
        false,
    );
    // NAT gateways still send, and get their answers.
    assert_eq!(
        ingress.ask("instance:i-0app", "ip:198.51.100.99:443").verdict,
        crate::flow::Verdict::Assumed
    );
    let both = Lab::new().with(command, &options.replace("MODE", "block-bidirectional"));
    stopped(
        &both
            .clone()
            .with(none.0, none.1)
            .ask("instance:i-0app", "ip:198.51.100.99:443"),
        Reason::Drop,
        "igw-0aaa",
        false,
    );
    let excluded = both.clone().with(
        "aws ec2 describe-vpc-block-public-access-exclusions",
        "{'VpcBlockPublicAccessExclusions': [{'ExclusionId': 'vpcbpa-exclude-0aaa', 'State': 'create-complete', 'InternetGatewayExclusionMode': 'allow-bidirectional', 'ResourceArn': 'arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-0aaa'}]}",
    );
    assert_eq!(
        excluded.ask("internet", "ip:198.51.100.10:443").verdict,
        crate::flow::Verdict::Assumed
    );
    // Without the exclusions it may be one of them.
    let open = both.ask("instance:i-0app", "ip:198.51.100.99:443");
    assert_eq!(open.verdict, crate::flow::Verdict::Unknown);
    assert_eq!(open.next[0].command, none.0);
}

#[test]
fn block_public_access_of_another_region_or_account_is_about_others() {
    let none = (
        "aws ec2 describe-vpc-block-public-access-exclusions --region us-east-1",
        "{'VpcBlockPublicAccessExclusions': []}",
    );
    let ask = |command: &str, more: &str| {
        let options =
            format!("{{'VpcBlockPublicAccessOptions': {{'InternetGatewayBlockMode': 'block-bidirectional', {more}}}}}");
        let lab = Lab::new().edit(
            "'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pub'",
            "'VpcId': 'vpc-0aaa', 'OwnerId': '111122223333', 'SubnetId': 'subnet-0pub'",
        );
        lab.with(command, &options)
            .with(none.0, none.1)
            .ask("instance:i-0app", "ip:198.51.100.99:443")
    };
    let command = "aws ec2 describe-vpc-block-public-access-options";
    let elsewhere = ask(&format!("{command} --region us-east-1"), "'AwsRegion': 'us-east-1'");
    assert_eq!(elsewhere.verdict, crate::flow::Verdict::Assumed);
    let others = ask(command, "'AwsRegion': 'eu-west-1', 'AwsAccountId': '444455556666'");
    assert_eq!(others.verdict, crate::flow::Verdict::Assumed);
    // Its own, and the exclusions are those of another region.
    let own = ask(command, "'AwsRegion': 'eu-west-1', 'AwsAccountId': '111122223333'");
    assert_eq!(own.verdict, crate::flow::Verdict::Unknown);
}

#[test]
fn the_exclusion_that_is_cited_is_the_vpcs_own() {
    let lab = Lab::new()
        .with(
            "aws ec2 describe-vpc-block-public-access-options",
            "{'VpcBlockPublicAccessOptions': {'InternetGatewayBlockMode': 'block-bidirectional'}}",
        )
        .with(
            "aws ec2 describe-vpc-block-public-access-exclusions",
            "{'VpcBlockPublicAccessExclusions': [
              {'ExclusionId': 'vpcbpa-exclude-0a', 'State': 'create-complete', 'InternetGatewayExclusionMode': 'allow-egress', 'ResourceArn': 'arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-0zzz'},
              {'ExclusionId': 'vpcbpa-exclude-0b', 'State': 'create-complete', 'InternetGatewayExclusionMode': 'allow-egress', 'ResourceArn': 'arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-0aaa'}]}",
        );
    let flow = lab.ask("instance:i-0web", "ip:198.51.100.99:443");
    stopped(&flow, Reason::Drop, "igw-0aaa", false);
    let step = flow
        .steps()
        .find(|step| step.verdict == crate::flow::Verdict::Blocked)
        .unwrap();
    let crate::evidence::Evidence::Node { pointer, .. } = &step.evidence[0] else {
        panic!("a value");
    };
    assert_eq!(pointer, "/VpcBlockPublicAccessExclusions/1");
}
