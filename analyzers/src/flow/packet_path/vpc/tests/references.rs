//! Rules that name groups of another VPC.

use super::lab::{Lab, arrives, stopped};
use crate::flow::{Flow, Reason, Verdict};

/// The replica lets the group of the sender in, whose VPC is at the other side of a transit gateway.
fn named() -> Lab {
    Lab::new().edit(
        "'IpRanges': [{'CidrIp': '10.20.0.0/16'}]}],\n  'IpPermissionsEgress': []},\n {'GroupId': 'sg-0prm'",
        "'UserIdGroupPairs': [{'GroupId': 'sg-0app'}]}],\n  'IpPermissionsEgress': []},\n {'GroupId': 'sg-0prm'",
    )
}

fn ask(lab: &Lab) -> Flow {
    lab.ask("instance:i-0app", "instance:i-0rep:5432")
}

fn gateway(id: &str, support: &str) -> String {
    format!(
        "{{'TransitGateways': [{{'TransitGatewayId': '{id}', 'State': 'available', 'Options': {{'SecurityGroupReferencingSupport': '{support}'}}}}]}}"
    )
}

const COMMAND: &str = "aws ec2 describe-transit-gateways";

#[test]
fn across_a_gateway_that_was_not_pasted_it_is_not_known() {
    let open = ask(&named());
    assert_eq!(open.verdict, Verdict::Unknown);
    assert_eq!(
        open.next[0].command,
        "aws ec2 describe-transit-gateways --transit-gateway-ids tgw-0aaa"
    );
    // Another gateway's setting says nothing of this one.
    assert_eq!(
        ask(&named().with(COMMAND, &gateway("tgw-0zzz", "enable"))).verdict,
        Verdict::Unknown
    );
}

#[test]
fn the_gateway_and_both_attachments_have_a_say() {
    let on = named().with(COMMAND, &gateway("tgw-0aaa", "enable"));
    arrives(&ask(&on), Verdict::Passes, "10.30.1.40:5432");
    let both = [gateway("tgw-0aaa", "disable"), gateway("tgw-0zzz", "enable")];
    let off = named()
        .with(COMMAND, &both[0])
        .with(&format!("{COMMAND} --transit-gateway-ids tgw-0zzz"), &both[1]);
    stopped(&ask(&off), Reason::SgIngress, "i-0rep", false);
    for attachment in ["aaa", "bbb"] {
        let was = format!(
            "'TransitGatewayAttachmentId': 'tgw-attach-0{attachment}', 'TransitGatewayId': 'tgw-0aaa', 'VpcId'"
        );
        let is = was.replace(
            "'VpcId'",
            "'Options': {'SecurityGroupReferencingSupport': 'disable'}, 'VpcId'",
        );
        stopped(&ask(&on.clone().edit(&was, &is)), Reason::SgIngress, "i-0rep", false);
    }
}

#[test]
fn groups_of_a_peer_in_another_region_may_not_be_named() {
    let one = "'RequesterVpcInfo': {'VpcId': 'vpc-0aaa'";
    let other = "'AccepterVpcInfo': {'VpcId': 'vpc-0ccc'";
    let in_regions = |first: &str, second: &str| {
        Lab::new()
            .edit(one, &format!("{one}, 'Region': '{first}'"))
            .edit(other, &format!("{other}, 'Region': '{second}'"))
            .ask("instance:i-0app", "instance:i-0prm:9090")
    };
    arrives(
        &in_regions("eu-west-1", "eu-west-1"),
        Verdict::Passes,
        "10.40.1.50:9090",
    );
    stopped(
        &in_regions("eu-west-1", "eu-central-1"),
        Reason::SgIngress,
        "i-0prm",
        false,
    );
}
