//! Whether a rule may name a group of another VPC: that depends on what joins the two.

use super::{Traveller, Way};
use crate::artifact::Node;
use crate::flow::Next;

/// An attachment of a transit gateway, by which a packet came in or went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Passed<'a> {
    pub gateway: &'a str,
    pub attachment: &'a str,
}

/// Whether groups may be named.
pub(super) enum Names {
    Yes,
    No,
    Unknown(Next),
}

impl Traveller<'_, '_> {
    /// In the same VPC, over an active peering connection in one region (VPC Peering Guide, "Update your security groups to reference peer
    /// security groups"), and, for what comes in, over one transit gateway where it and both attachments have it turned on: for gateways the
    /// default is off, for attachments on (Transit gateways guide, "Security group referencing").
    pub(super) fn may_name(&self, own: &str, other: &str, way: Way) -> Names {
        if own == other || self.is_peered(own, other) {
            return Names::Yes;
        }
        if way == Way::Out {
            return Names::No;
        }
        let attachments = &self.passed;
        let Some(Passed { gateway, .. }) = attachments.first() else {
            return Names::No;
        };
        if attachments.iter().any(|passed| passed.gateway != *gateway) {
            return Names::No;
        }
        let network = self.network;
        let unknown = |command: String, of: &str| {
            Names::Unknown(Next {
                command,
                decides: Vec::new(),
                why: format!(
                    "Whether rules may name groups across {of} was not pasted (SecurityGroupReferencingSupport)."
                ),
            })
        };
        match network.transit_gateways.get(gateway).and_then(support) {
            Some("enable") => {}
            Some(_) => return Names::No,
            None => {
                return unknown(
                    format!("aws ec2 describe-transit-gateways --transit-gateway-ids {gateway}"),
                    gateway,
                );
            }
        }
        for Passed { attachment, .. } in attachments {
            let node = network.vpc_attachments.get(attachment);
            match node.and_then(support) {
                Some("enable") => {}
                Some(_) => return Names::No,
                None if node.is_some_and(Node::complete) => {}
                None => {
                    return unknown(
                        format!(
                            "aws ec2 describe-transit-gateway-vpc-attachments --transit-gateway-attachment-ids {attachment}"
                        ),
                        attachment,
                    );
                }
            }
        }
        Names::Yes
    }

    fn is_peered(&self, own: &str, other: &str) -> bool {
        self.network.peerings.all().any(|(_, peering)| {
            let side = |side: &str| peering.get(side);
            let ends = [side("AccepterVpcInfo"), side("RequesterVpcInfo")];
            let has = |vpc: &str| ends.iter().flatten().any(|end| end.str_of("VpcId") == Some(vpc));
            let regions: Vec<&str> = ends.iter().flatten().filter_map(|end| end.str_of("Region")).collect();
            let one_region = regions.windows(2).all(|pair| pair.first() == pair.last());
            let code = peering.at(&["Status", "Code"]).and_then(|code| code.str());
            code == Some("active") && one_region && has(own) && has(other)
        })
    }
}

fn support<'a>(node: &Node<'a>) -> Option<&'a str> {
    node.at(&["Options", "SecurityGroupReferencingSupport"])?.str()
}
