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
