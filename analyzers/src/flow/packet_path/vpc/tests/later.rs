//! What was pasted later is how it is now.

use super::lab::{Lab, stopped};
use crate::flow::{Reason, Verdict};

const INTERFACES: &str = "aws ec2 describe-network-interfaces";

/// The interfaces once more, with something changed.
fn again(change: impl Fn(&mut Vec<serde_json::Value>)) -> Lab {
    let lab = Lab::new();
    let (_, text) = lab.documents.iter().find(|(command, _)| command == INTERFACES).unwrap();
    let mut document: serde_json::Value = serde_json::from_str(text).unwrap();
    change(document["NetworkInterfaces"].as_array_mut().unwrap());
    lab.with(INTERFACES, &document.to_string())
}

fn is_db(interface: &serde_json::Value) -> bool {
    interface["NetworkInterfaceId"] == "eni-0dbs"
}

#[test]
fn an_address_belongs_to_who_had_it_last() {
    let moved = again(|all| {
        let db = all.iter_mut().find(|interface| is_db(interface)).unwrap();
        db["NetworkInterfaceId"] = "eni-0zzz".into();
        db["Attachment"]["InstanceId"] = "i-0new".into();
        db["Groups"][0]["GroupId"] = "sg-0ecr".into();
    });
    stopped(
        &moved.ask("instance:i-0app", "ip:10.20.2.30:5432"),
        Reason::SgIngress,
        "i-0new",
        false,
    );
    // Where the later answer is of one interface alone, the other may still be there, and does not have the address.
    let one = "{'NetworkInterfaces': [{'NetworkInterfaceId': 'eni-0aab', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0prb', 'Status': 'in-use',
      'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0new', 'DeviceIndex': 0},
      'Groups': [{'GroupId': 'sg-0ecr'}], 'PrivateIpAddress': '10.20.2.30',
      'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.20.2.30'}], 'Ipv6Addresses': []}]}";
    let flow = Lab::new()
        .with(&format!("{INTERFACES} --network-interface-ids eni-0aab"), one)
        .ask("instance:i-0app", "ip:10.20.2.30:5432");
    stopped(&flow, Reason::SgIngress, "i-0new", false);
}

#[test]
fn what_is_no_more_has_no_address() {
    let gone = again(|all| all.retain(|interface| !is_db(interface)));
    stopped(
        &gone.ask("instance:i-0app", "ip:10.20.2.30:5432"),
        Reason::NoTarget,
        "subnet-0prb",
        false,
    );
}

#[test]
fn a_subnet_has_the_acl_and_the_table_that_were_pasted_last() {
    let closed = "{'NetworkAcls': [{'NetworkAclId': 'acl-0zzz', 'VpcId': 'vpc-0aaa', 'Associations': [{'SubnetId': 'subnet-0prb'}], 'Entries': [
      {'Egress': false, 'RuleNumber': 32767, 'Protocol': '-1', 'RuleAction': 'deny', 'CidrBlock': '0.0.0.0/0'},
      {'Egress': true, 'RuleNumber': 32767, 'Protocol': '-1', 'RuleAction': 'deny', 'CidrBlock': '0.0.0.0/0'}]}]}";
    let lab = Lab::new().with(
        "aws ec2 describe-network-acls --filters Name=network-acl-id,Values=acl-0zzz",
        closed,
    );
    stopped(
        &lab.ask("instance:i-0app", "instance:i-0dbs:5432"),
        Reason::NaclIngress,
        "subnet-0prb",
        false,
    );
    let local = "{'RouteTables': [{'RouteTableId': 'rtb-0zzz', 'VpcId': 'vpc-0aaa', 'Associations': [{'Main': false, 'SubnetId': 'subnet-0pub'}],
      'Routes': [{'DestinationCidrBlock': '10.20.0.0/16', 'GatewayId': 'local', 'State': 'active'}]}]}";
    let lab = Lab::new().with("aws ec2 describe-route-tables --route-table-ids rtb-0zzz", local);
    let flow = lab.ask("instance:i-0web", "ip:198.51.100.99:443");
    stopped(&flow, Reason::NoRoute, "subnet-0pub", false);
    assert!(
        flow.steps()
            .any(|step| step.note.as_deref().is_some_and(|note| note.contains("rtb-0pub")))
    );
}

#[test]
fn a_group_has_the_rules_that_either_command_printed_last() {
    let rules = "{'SecurityGroupRules': [{'SecurityGroupRuleId': 'sgr-1', 'GroupId': 'sg-0dbs', 'IsEgress': false, 'IpProtocol': 'tcp',
      'FromPort': 3306, 'ToPort': 3306, 'CidrIpv4': '10.0.0.0/8'}]}";
    let command = "aws ec2 describe-security-group-rules --filters Name=group-id,Values=sg-0dbs";
    let ask = |lab: Lab| lab.ask("instance:i-0app", "instance:i-0dbs:5432");
    stopped(
        &ask(Lab::new().with(command, rules)),
        Reason::SgIngress,
        "i-0dbs",
        false,
    );
    // The groups again behind it.
    let lab = Lab::new();
    let (_, groups) = lab
        .documents
        .iter()
        .find(|(_, text)| text.contains("SecurityGroups"))
        .unwrap();
    let both = lab
        .clone()
        .with(command, rules)
        .with("aws ec2 describe-security-groups", groups);
    assert_eq!(ask(both).verdict, Verdict::Passes);
    // One rule that was asked for by its id is one more.
    let one = lab.with(
        "aws ec2 describe-security-group-rules --security-group-rule-ids sgr-1",
        rules,
    );
    assert_eq!(ask(one).verdict, Verdict::Passes);
}
