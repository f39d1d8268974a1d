//! Whatever the routes say, a packet ends somewhere.

use proptest::prelude::*;

use super::lab::{Lab, stopped};
use crate::flow::Reason;
use crate::flow::packet_path::Protocol;

const TWO_GATEWAYS: &str = "{'TransitGatewayAttachments': [
 {'TransitGatewayAttachmentId': 'tgw-attach-0aaa', 'TransitGatewayId': 'tgw-0aaa', 'ResourceType': 'vpc', 'ResourceId': 'vpc-0aaa',
  'State': 'available', 'Association': {'TransitGatewayRouteTableId': 'tgw-rtb-0aaa', 'State': 'associated'}},
 {'TransitGatewayAttachmentId': 'tgw-attach-0ppp', 'TransitGatewayId': 'tgw-0aaa', 'ResourceType': 'peering', 'ResourceId': 'tgw-0zzz',
  'State': 'available', 'Association': {'TransitGatewayRouteTableId': 'tgw-rtb-0aaa', 'State': 'associated'}},
 {'TransitGatewayAttachmentId': 'tgw-attach-0ppp', 'TransitGatewayId': 'tgw-0zzz', 'ResourceType': 'peering', 'ResourceId': 'tgw-0aaa',
  'State': 'available', 'Association': {'TransitGatewayRouteTableId': 'tgw-rtb-0zzz', 'State': 'associated'}}]}";

#[test]
fn two_transit_gateways_that_send_to_each_other() {
    let to_peer = "{'Routes': [{'DestinationCidrBlock': '10.0.0.0/8', 'Type': 'static', 'State': 'active',
      'TransitGatewayAttachments': [{'TransitGatewayAttachmentId': 'tgw-attach-0ppp'}]}], 'AdditionalRoutesAvailable': false}";
    let search = |table: &str| {
        format!(
            "aws ec2 search-transit-gateway-routes --transit-gateway-route-table-id {table} --filters Name=state,Values=active,blackhole"
        )
    };
    let lab = Lab::new()
        .without("aws ec2 describe-transit-gateway-attachments")
        .without(&search("tgw-rtb-0aaa"))
        .with("aws ec2 describe-transit-gateway-attachments", TWO_GATEWAYS)
        .with(&search("tgw-rtb-0aaa"), to_peer)
        .with(&search("tgw-rtb-0zzz"), to_peer);
    stopped(
        &lab.ask("instance:i-0app", "instance:i-0rep:5432"),
        Reason::NoRoute,
        "tgw-0aaa",
        false,
    );
}

/// What a route may lead to.
const TARGETS: [&str; 8] = [
    "'GatewayId': 'local'",
    "'GatewayId': 'igw-0aaa'",
    "'NatGatewayId': 'nat-0aaa'",
    "'TransitGatewayId': 'tgw-0aaa'",
    "'VpcPeeringConnectionId': 'pcx-0aaa'",
    "'NetworkInterfaceId': 'eni-0web'",
    "'GatewayId': 'vgw-0aaa'",
    "'GatewayId': 'vpce-0s3'",
];

const ENDS: [&str; 8] = [
    "instance:i-0app",
    "instance:i-0web",
    "instance:i-0rep",
    "eni:eni-0prm",
    "ip:10.20.2.30:5432",
    "ip:198.51.100.10:443",
    "ip:192.168.1.1",
    "internet",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_routes_end(
        targets in proptest::collection::vec(0..TARGETS.len(), 4),
        attachments in proptest::collection::vec(0..2_usize, 2),
        from in 0..ENDS.len(),
        to in 0..ENDS.len(),
        dropped in 0..16_usize,
        protocol in 0..4_usize,
    ) {
        let mut lab = Lab::new();
        let was = [
            "'NatGatewayId': 'nat-0aaa'",
            "'TransitGatewayId': 'tgw-0aaa', 'State': 'active'}]},\n {'RouteTableId': 'rtb-0ccc'",
            "'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-0aaa'",
            "'VpcPeeringConnectionId': 'pcx-0aaa', 'State': 'active'}]}]}",
        ];
        let is = [
            TARGETS[targets[0]].to_owned(),
            format!("{}, 'State': 'active'}}]}},\n {{'RouteTableId': 'rtb-0ccc'", TARGETS[targets[1]]),
            format!("'DestinationCidrBlock': '0.0.0.0/0', {}", TARGETS[targets[2]]),
            format!("{}, 'State': 'active'}}]}}]}}", TARGETS[targets[3]]),
        ];
        for (was, is) in was.iter().zip(is) {
            lab = lab.edit(was, &is);
        }
        let names = ["tgw-attach-0aaa", "tgw-attach-0bbb"];
        let route = |to: &str| format!("'ResourceId': '{to}', 'TransitGatewayAttachmentId': '");
        for (vpc, own, at) in [("vpc-0aaa", 0, attachments[0]), ("vpc-0bbb", 1, attachments[1])] {
            lab = lab.edit(&format!("{}{}'", route(vpc), names[own]), &format!("{}{}'", route(vpc), names[at]));
        }
        if dropped < lab.documents.len() {
            lab.documents.remove(dropped);
        }
        let protocol = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp, Protocol::Icmp][protocol];
        let query = crate::flow::packet_path::Query {
            from: ENDS[from].parse().unwrap(),
            to: ENDS[to].parse().unwrap(),
            protocol,
            at: None,
        };
        let analysis = lab.analysis();
        if let Some(flow) = super::super::between(&analysis.model(), &query) {
            prop_assert_eq!(flow.outcomes.len(), 1);
            prop_assert!(flow.steps().count() < 200);
        }
    }
}
