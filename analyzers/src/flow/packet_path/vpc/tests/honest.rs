//! No answer is invented: without a document the verdict stays, or it is `unknown` and names a command.

use super::lab::Lab;
use crate::flow::{Flow, Verdict};

/// Without each of the documents in turn.
fn stays_honest(lab: &Lab, from: &str, to: &str) {
    let whole = lab.ask(from, to);
    let mut needed = 0;
    for (command, _) in &lab.documents {
        let less = lab.clone().without(command).ask(from, to);
        let words: Vec<&str> = less.steps().map(|step| step.action.as_str()).collect();
        if less.verdict == Verdict::Unknown && whole.verdict != Verdict::Unknown {
            needed += 1;
            assert!(!less.next.is_empty(), "without {command}: {words:#?}");
        } else {
            assert_eq!(less.verdict, whole.verdict, "without {command}: {words:#?}");
            // What stops it behind a filter that is unknown now may be another one.
            let open = less.steps().any(|step| step.verdict == Verdict::Unknown);
            let same = less.outcomes[0].reason == whole.outcomes[0].reason;
            assert!(same || open, "without {command}: {words:#?}");
        }
        proved(&less);
    }
    assert!(needed > 0, "no document is needed for {from} → {to}");
}

/// Every step that passes or stops cites lines.
fn proved(flow: &Flow) {
    for step in flow.steps() {
        if matches!(step.verdict, Verdict::Passes | Verdict::Blocked) {
            assert!(!step.evidence.is_empty(), "{}", step.action);
        }
    }
}

#[test]
fn without_a_document_ways_that_work_still_do_or_are_unknown() {
    let lab = Lab::new();
    for (from, to) in [
        ("instance:i-0app", "instance:i-0dbs:5432"),
        ("instance:i-0app", "instance:i-0rep:5432"),
        ("instance:i-0app", "instance:i-0prm:9090"),
        ("instance:i-0app", "ip:198.51.100.99:443"),
        ("instance:i-0dbs", "ip:203.0.113.7:443"),
        ("internet", "ip:198.51.100.10:443"),
    ] {
        stays_honest(&lab, from, to);
    }
}

#[test]
fn without_a_document_ways_that_are_stopped_still_are_or_are_unknown() {
    let lab = Lab::new();
    for (from, to) in [
        ("instance:i-0web", "instance:i-0dbs:5432"),
        ("instance:i-0app", "ip:10.30.9.1:5432"),
        ("instance:i-0web", "instance:i-0rep:5432"),
        ("internet", "ip:198.51.100.10:80"),
    ] {
        stays_honest(&lab, from, to);
    }
    let pending = lab.edit("'Status': {'Code': 'active'}", "'Status': {'Code': 'rejected'}");
    stays_honest(&pending, "instance:i-0app", "instance:i-0prm:9090");
}

fn asks(flow: &Flow, command: &str) {
    let commands: Vec<&str> = flow.next.iter().map(|next| next.command.as_str()).collect();
    assert_eq!(flow.verdict, Verdict::Unknown, "{commands:?}");
    assert!(commands.contains(&command), "{commands:?}");
}

#[test]
fn the_command_that_is_missing_is_named_with_its_ids() {
    let lab = Lab::new();
    let without = |command: &str| lab.clone().without(command);
    let to_db = |lab: Lab| lab.ask("instance:i-0app", "instance:i-0dbs:5432");
    asks(
        &to_db(without("aws ec2 describe-network-acls")),
        "aws ec2 describe-network-acls --filters Name=association.subnet-id,Values=subnet-0pra",
    );
    asks(
        &to_db(without("aws ec2 describe-route-tables")),
        "aws ec2 describe-route-tables --filters Name=vpc-id,Values=vpc-0aaa",
    );
    asks(
        &to_db(without("aws ec2 describe-security-groups")),
        "aws ec2 describe-security-groups --group-ids sg-0dbs",
    );
    asks(
        &without("aws ec2 describe-prefix-lists").ask("instance:i-0dbs", "ip:203.0.113.7:443"),
        "aws ec2 get-managed-prefix-list-entries --prefix-list-id pl-0s3",
    );
    asks(
        &without(
            "aws ec2 search-transit-gateway-routes --transit-gateway-route-table-id tgw-rtb-0aaa --filters Name=state,Values=active,blackhole",
        )
        .ask("instance:i-0app", "instance:i-0rep:5432"),
        "aws ec2 search-transit-gateway-routes --transit-gateway-route-table-id tgw-rtb-0aaa --filters Name=state,Values=active,blackhole",
    );
    asks(
        &without("aws ec2 describe-nat-gateways").ask("instance:i-0app", "ip:198.51.100.99:443"),
        "aws ec2 describe-nat-gateways --nat-gateway-ids nat-0aaa",
    );
    asks(
        &without("aws ec2 describe-vpc-peering-connections").ask("instance:i-0app", "instance:i-0prm:9090"),
        "aws ec2 describe-vpc-peering-connections --vpc-peering-connection-ids pcx-0aaa",
    );
}

#[test]
fn a_listing_with_a_filter_does_not_show_that_something_is_not_there() {
    let only = |was: &str, is: &str| {
        let mut lab = Lab::new();
        for (command, _) in &mut lab.documents {
            if command == was {
                is.clone_into(command);
            }
        }
        lab
    };
    // The main table, but perhaps the subnet has its own.
    let tables = only(
        "aws ec2 describe-route-tables",
        "aws ec2 describe-route-tables --filters Name=association.main,Values=true",
    );
    asks(
        &tables.ask("instance:i-0app", "instance:i-0dbs:5432"),
        "aws ec2 describe-route-tables --filters Name=vpc-id,Values=vpc-0aaa",
    );
    // Somebody whose interface was not asked about may have the address.
    let interfaces = only(
        "aws ec2 describe-network-interfaces",
        "aws ec2 describe-network-interfaces --filters Name=status,Values=in-use",
    );
    asks(
        &interfaces.ask("instance:i-0app", "ip:10.20.2.99:5432"),
        "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values=10.20.2.99",
    );
}

#[test]
fn static_routes_alone_do_not_tell_what_is_propagated() {
    let mut lab = Lab::new();
    for (command, _) in &mut lab.documents {
        *command = command.replace("Name=state,Values=active,blackhole", "Name=type,Values=static");
    }
    asks(
        &lab.ask("instance:i-0app", "instance:i-0rep:5432"),
        "aws ec2 search-transit-gateway-routes --transit-gateway-route-table-id tgw-rtb-0aaa --filters Name=state,Values=active,blackhole",
    );
    let told = lab.with(
        "aws ec2 get-transit-gateway-route-table-propagations --transit-gateway-route-table-id tgw-rtb-0aaa",
        "{'TransitGatewayRouteTablePropagations': [
          {'TransitGatewayAttachmentId': 'tgw-attach-0aaa', 'ResourceId': 'vpc-0aaa', 'ResourceType': 'vpc', 'State': 'enabled'},
          {'TransitGatewayAttachmentId': 'tgw-attach-0bbb', 'ResourceId': 'vpc-0bbb', 'ResourceType': 'vpc', 'State': 'enabled'}]}",
    );
    assert_eq!(
        told.ask("instance:i-0app", "instance:i-0rep:5432").verdict,
        Verdict::Passes
    );
}

#[test]
fn what_stops_for_sure_stops_behind_an_unknown_filter() {
    let lab = Lab::new().without("aws ec2 describe-network-acls");
    let flow = lab.ask("instance:i-0web", "instance:i-0dbs:5432");
    assert_eq!(flow.verdict, Verdict::Blocked);
    // But not behind an unknown route.
    let lab = Lab::new().without("aws ec2 describe-route-tables");
    assert_eq!(
        lab.ask("instance:i-0web", "instance:i-0dbs:5432").verdict,
        Verdict::Unknown
    );
}

/// With each of the documents broken off before each of its objects in turn: what is missing may be what decides.
fn stays_honest_where_pastes_break_off(from: &str, to: &str) {
    let lab = Lab::new();
    let whole = lab.ask(from, to);
    let mut open = 0;
    for (at, (command, text)) in lab.documents.iter().enumerate() {
        for (cut, _) in text.match_indices('{').skip(1) {
            let mut less = lab.clone();
            less.documents[at].1.truncate(cut);
            let less = less.ask(from, to);
            let words: Vec<&str> = less.steps().map(|step| step.action.as_str()).collect();
            let wanted = [whole.verdict, Verdict::Unknown, Verdict::Assumed];
            assert!(wanted.contains(&less.verdict), "{command} up to byte {cut}: {words:#?}");
            if less.verdict == Verdict::Unknown {
                open += 1;
                assert!(!less.next.is_empty(), "{command} up to byte {cut}: {words:#?}");
            }
            // A default is no more than what was known.
            let assumed = less.verdict == Verdict::Assumed && whole.verdict == Verdict::Blocked;
            assert!(!assumed, "{command} up to byte {cut}: {words:#?}");
        }
    }
    assert!(open > 10, "{open} cuts that matter for {from} → {to}");
}

#[test]
fn a_paste_that_breaks_off_does_not_tell_what_is_not_there() {
    for (from, to) in [
        ("instance:i-0app", "instance:i-0rep:5432"),
        ("instance:i-0dbs", "ip:203.0.113.7:443"),
        ("instance:i-0app", "ip:10.20.2.99:5432"),
    ] {
        stays_honest_where_pastes_break_off(from, to);
    }
}

#[test]
fn a_rule_before_the_break_lets_through_and_none_behind_it_is_ruled_out() {
    let mut lab = Lab::new();
    let (_, groups) = lab
        .documents
        .iter_mut()
        .find(|(_, text)| text.contains("SecurityGroups"))
        .unwrap();
    let end = groups.find("{\"GroupId\": \"sg-0rep\"").unwrap();
    groups.truncate(end);
    // The group stands whole before the break.
    assert_eq!(
        lab.ask("instance:i-0app", "instance:i-0dbs:5432").verdict,
        Verdict::Passes
    );
    let refused = lab.ask("instance:i-0web", "instance:i-0dbs:5432");
    assert_eq!(refused.verdict, Verdict::Blocked);
    // Within the rules of the last one.
    let (_, groups) = lab
        .documents
        .iter_mut()
        .find(|(_, text)| text.contains("SecurityGroups"))
        .unwrap();
    let rules = groups.find("{\"GroupId\": \"sg-0dbs\"").unwrap();
    let end = rules
        + groups
            .get(rules..)
            .unwrap()
            .find("}],\n  \"IpPermissionsEgress\"")
            .unwrap()
        + 1;
    groups.truncate(end);
    assert_eq!(
        lab.ask("instance:i-0app", "instance:i-0dbs:5432").verdict,
        Verdict::Passes
    );
    asks(
        &lab.ask("instance:i-0web", "instance:i-0dbs:5432"),
        "aws ec2 describe-security-groups --group-ids sg-0dbs",
    );
}

#[test]
fn what_a_program_picked_is_not_all() {
    let mut lab = Lab::new();
    for (command, text) in &mut lab.documents {
        if command == "aws ec2 describe-security-groups" {
            command.push_str(" | jq '.SecurityGroups[].IpPermissions |= map(select(.FromPort == 22))'");
            *text = text.replace(
                "\"FromPort\": 5432, \"ToPort\": 5432",
                "\"FromPort\": 22, \"ToPort\": 22",
            );
        }
    }
    asks(
        &lab.ask("instance:i-0app", "instance:i-0dbs:5432"),
        "aws ec2 describe-security-groups --group-ids sg-0dbs",
    );
}

#[test]
fn a_document_without_its_command_does_not_tell_what_is_not_there() {
    let mut lab = Lab::new();
    lab.documents
        .retain(|(command, _)| command != "aws ec2 describe-network-interfaces");
    let app = "{'NetworkInterfaces': [
      {'NetworkInterfaceId': 'eni-0app', 'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pra', 'AvailabilityZone': 'eu-west-1a', 'Status': 'in-use',
       'InterfaceType': 'interface', 'SourceDestCheck': true, 'Attachment': {'InstanceId': 'i-0app', 'DeviceIndex': 0},
       'Groups': [{'GroupId': 'sg-0app'}], 'PrivateIpAddress': '10.20.1.20',
       'PrivateIpAddresses': [{'Primary': true, 'PrivateIpAddress': '10.20.1.20'}], 'Ipv6Addresses': []}]}";
    let with = |command: &str| lab.clone().with(command, app);
    let ask = |lab: Lab| lab.ask("instance:i-0app", "ip:10.20.2.30:5432");
    assert_eq!(
        ask(with("aws ec2 describe-network-interfaces")).verdict,
        Verdict::Blocked
    );
    asks(
        &ask(with("cat interfaces.json")),
        "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values=10.20.2.30",
    );
    asks(
        &ask(with(
            "aws ec2 describe-network-interfaces --cli-input-json file://app.json",
        )),
        "aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values=10.20.2.30",
    );
}

#[test]
fn a_page_of_a_prefix_list_does_not_tell_what_is_not_in_it() {
    let list = "aws ec2 get-managed-prefix-list-entries --prefix-list-id pl-0s3";
    let first = "{'Entries': [{'Cidr': '192.0.2.0/25'}], 'NextToken': 'eyJOZXh0'}";
    let lab = Lab::new().without("aws ec2 describe-prefix-lists");
    let lab = lab.with(&format!("{list} --max-items 1"), first);
    let ask = |lab: &Lab, to: &str| lab.ask("instance:i-0dbs", to);
    asks(&ask(&lab, "ip:203.0.113.7:443"), list);
    // The second page goes on; it does not take the first one's place.
    let both = lab.with(
        &format!("{list} --starting-token eyJOZXh0"),
        "{'Entries': [{'Cidr': '203.0.113.0/24'}]}",
    );
    assert_eq!(ask(&both, "ip:203.0.113.7:443").verdict, Verdict::Passes);
    assert_eq!(ask(&both, "ip:192.0.2.9:443").verdict, Verdict::Passes);
    let outside = ask(&both, "ip:198.51.100.99:443");
    assert_eq!(outside.outcomes[0].reason, Some(crate::flow::Reason::SgEgress));
}

/// The lab as one sees it who has no access to the VPC at the other side of the peering connection.
fn without_the_peers_vpc() -> Lab {
    let mut lab = Lab::new();
    for (_, text) in &mut lab.documents {
        let mut document: serde_json::Value = serde_json::from_str(text).unwrap();
        let lists = document.as_object_mut().unwrap();
        for list in lists.values_mut().filter_map(serde_json::Value::as_array_mut) {
            list.retain(|element| element["VpcId"] != "vpc-0ccc");
        }
        *text = document.to_string();
    }
    lab
}

#[test]
fn an_answer_of_another_account_or_region_is_empty_and_proves_nothing() {
    let lab = without_the_peers_vpc();
    let ask = |lab: &Lab| lab.ask("instance:i-0app", "ip:10.40.1.50:9090");
    let open = ask(&lab);
    assert_eq!(open.verdict, Verdict::Unknown);
    // Our own advice, followed in the account that was asked before.
    let command = open.next[0].command.clone();
    assert!(
        command.starts_with("aws ec2 describe-network-interfaces --filters"),
        "{command}"
    );
    for empty in [
        command.as_str(),
        "aws ec2 describe-network-interfaces --filters Name=vpc-id,Values=vpc-0ccc",
    ] {
        let followed = lab.clone().with(empty, "{'NetworkInterfaces': []}");
        assert_eq!(ask(&followed).verdict, Verdict::Unknown, "{empty}");
    }
    let subnets = lab.clone().with(
        "aws ec2 describe-subnets --filters Name=vpc-id,Values=vpc-0ccc",
        "{'Subnets': []}",
    );
    assert_eq!(ask(&subnets).verdict, Verdict::Unknown);
    // Where the connection says whose the other VPC is, the command asks there.
    let told = lab
        .edit(
            "'RequesterVpcInfo':{",
            "'RequesterVpcInfo':{'OwnerId': '111122223333', 'Region': 'eu-west-1', ",
        )
        .edit(
            "'AccepterVpcInfo':{",
            "'AccepterVpcInfo':{'OwnerId': '444455556666', 'Region': 'eu-central-1', ",
        );
    let open = ask(&told);
    asks(
        &open,
        "aws ec2 describe-network-interfaces --region eu-central-1 --filters Name=addresses.private-ip-address,Values=10.40.1.50",
    );
    assert!(open.next[0].why.contains("444455556666"), "{}", open.next[0].why);
    // Something of that VPC shows that it is asked in the right place.
    let shown = told
        .with("aws ec2 describe-subnets --region eu-central-1 --profile prod", "{'Subnets': [{'SubnetId': 'subnet-0cca', 'VpcId': 'vpc-0ccc', 'CidrBlock': '10.40.1.0/24', 'AvailabilityZone': 'eu-central-1a'}]}")
        .with(
            "aws ec2 describe-network-interfaces --region eu-central-1 --profile prod --filters Name=addresses.private-ip-address,Values=10.40.1.50",
            "{'NetworkInterfaces': []}",
        );
    let gone = ask(&shown);
    assert_eq!(gone.outcomes[0].reason, Some(crate::flow::Reason::NoTarget));
}

#[test]
fn rules_that_were_asked_for_in_another_region_are_not_those_of_the_group() {
    let empty = "{'SecurityGroupRules': []}";
    let ask = |region: &str| {
        Lab::new()
            .without("aws ec2 describe-security-groups")
            .with(
                &format!(
                    "aws ec2 describe-security-group-rules --filters Name=group-id,Values=sg-0app,sg-0dbs{region}"
                ),
                empty,
            )
            .ask("instance:i-0app", "instance:i-0dbs:5432")
    };
    assert_eq!(ask(" --region us-east-1").verdict, Verdict::Unknown);
    for own in ["", " --region eu-west-1"] {
        assert_eq!(
            ask(own).outcomes[0].reason,
            Some(crate::flow::Reason::SgEgress),
            "{own}"
        );
    }
}

#[test]
fn in_a_shared_vpc_others_have_interfaces_that_are_not_listed() {
    let shared = Lab::new()
        .edit(
            "'VpcId': 'vpc-0aaa', 'SubnetId': 'subnet-0pub'",
            "'VpcId': 'vpc-0aaa', 'OwnerId': '111122223333', 'SubnetId': 'subnet-0pub'",
        )
        .edit(
            "{'SubnetId': 'subnet-0prb', ",
            "{'SubnetId': 'subnet-0prb', 'OwnerId': '999999999999', ",
        );
    assert_eq!(
        shared.ask("instance:i-0app", "ip:10.20.2.99:5432").verdict,
        Verdict::Unknown
    );
}
