//! VPC peering connections: from one VPC into the other, and no further.

use super::hop::Hop;
use super::network::Network;
use super::travel::{At, Go, Traveller, gateway_actor};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::Reason;
use crate::model::aws::cidr::Cidr;

impl<'a> Traveller<'_, 'a> {
    /// A route leads to a peering connection.
    pub(super) fn through_peering(&mut self, id: &'a str, vpc: &'a str) -> Go<'a> {
        let network = self.network;
        let actor = gateway_actor(id);
        let Some(node) = network.peerings.get(id) else {
            return self.stop(
                actor,
                Hop::unknown(
                    format!("the peering connection {id} was not pasted"),
                    format!("aws ec2 describe-vpc-peering-connections --vpc-peering-connection-ids {id}"),
                    "Its state, and which VPC is at its other side, decide.",
                ),
            );
        };
        if let Some(code) = node.at(&["Status", "Code"])
            && code.str().is_some_and(|code| code != "active")
        {
            let hop = Hop::blocked(
                Reason::PeeringMissing,
                format!("the peering connection {id} is {}", code.str().unwrap_or_default()),
                vec![code.evidence()],
            );
            return self.stop(actor, hop);
        }
        let sides: Vec<(Node<'a>, &'a str)> = ["RequesterVpcInfo", "AccepterVpcInfo"]
            .into_iter()
            .filter_map(|side| node.get(side))
            .filter_map(|info| {
                let vpc = info.str_of("VpcId")?;
                Some((info, vpc))
            })
            .collect();
        let joins = sides.iter().any(|(_, side)| *side == vpc);
        let Some((info, peer)) = sides.iter().find(|(_, side)| *side != vpc) else {
            return self.stop(
                actor,
                Hop::unknown(
                    format!("what {id} leads to was not pasted"),
                    format!("aws ec2 describe-vpc-peering-connections --vpc-peering-connection-ids {id}"),
                    "Which VPC is at its other side decides.",
                ),
            );
        };
        if sides.len() == 2 && !joins {
            let hop = Hop::blocked(
                Reason::PeeringMissing,
                format!("{id} does not join {vpc}"),
                sides.iter().map(|(info, _)| info.evidence()).collect(),
            );
            return self.stop(actor, hop);
        }
        let blocks = blocks(network, info, peer);
        let destination = self.packet.destination;
        let own = destination
            .ip()
            .and_then(|ip| blocks.iter().find(|(block, _)| block.contains(ip)));
        let Some((block, evidence)) = own else {
            let all = network.has_all_blocks(peer) || !info.cut() && info.get("CidrBlockSet").is_some();
            let hop = if blocks.is_empty() || !all {
                Hop::unknown(
                    format!("the blocks of {peer} were not all pasted"),
                    format!("aws ec2 describe-vpcs --vpc-ids {peer}"),
                    "A peering connection carries only what is for the other VPC itself.",
                )
            } else {
                Hop::blocked(
                    Reason::PeeringMissing,
                    format!("{destination} is not in {peer}, and {id} carries only what is for {peer} itself"),
                    blocks.into_iter().map(|(_, evidence)| evidence).collect(),
                )
                .noted("Peering leads no further: not to the other VPC's gateways, endpoints or peers (VPC Peering Guide, \"Limitations\").")
            };
            return self.stop(actor, hop);
        };
        let status = node.at(&["Status", "Code"]).map(|code| code.evidence());
        let words = format!("{id} carries it into {peer} ({block})");
        let evidence: Vec<Evidence> = status.into_iter().chain([evidence.clone()]).collect();
        self.record(actor, Hop::passes(words, evidence));
        Go::On(At::Deliver {
            vpc: peer,
            from: None,
            by: id,
        })
    }
}

/// The blocks of the VPC at a side, as the connection or the VPC itself says.
fn blocks(network: &Network<'_>, info: &Node<'_>, vpc: &str) -> Vec<(Cidr, Evidence)> {
    let block = |node: Node<'_>| Some((Cidr::parse(node.str()?)?, node.evidence()));
    let mut blocks: Vec<(Cidr, Evidence)> = Vec::new();
    for (list, key) in [("CidrBlockSet", "CidrBlock"), ("Ipv6CidrBlockSet", "Ipv6CidrBlock")] {
        blocks.extend(info.list(list).iter().filter_map(|element| block(element.get(key)?)));
    }
    blocks.extend(info.get("CidrBlock").and_then(block));
    blocks.extend(network.blocks(vpc).iter().cloned());
    blocks.dedup_by_key(|(block, _)| *block);
    blocks
}
