//! How large a packet may be at the places of a way.
//!
//! Of AWS: EC2 User Guide, "Network maximum transmission unit (MTU) for your EC2 instance"; Transit gateways guide, "Quotas", "MTU"; NAT
//! gateways: VPC User Guide, "NAT gateway basics"; interface endpoints: AWS PrivateLink guide, "Quotas"; peering: VPC Peering Guide,
//! "Peering across Regions" (1500 between Regions until 2023, 8500 since).

use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::flow::{ActorKind, Step};
use crate::model::Model;

/// What current instance types and everything inside of a VPC take.
pub const VPC: u32 = 9001;

/// How large a packet may be at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The actor's id.
    pub at: String,
    /// Its name.
    pub name: String,
    /// What is as large passes for sure, as far as that is known.
    pub sure: Option<u32>,
    /// What is larger does not pass, as far as that is known.
    pub most: Option<u32>,
    /// Who says so.
    pub told: String,
    /// Where the limit stands, or what shows that the place is on the way.
    pub evidence: Vec<Evidence>,
}

/// What AWS says of a gateway, by its id.
fn documented(model: &Model<'_>, id: &str) -> Option<(Option<u32>, Option<u32>, &'static str)> {
    const EC2: &str = "EC2 User Guide, \"Network MTU\"";
    let kind = id.split('-').next().unwrap_or_default();
    Some(match kind {
        "igw" | "eigw" => (Some(1500), Some(1500), EC2),
        "nat" => (Some(8500), Some(8500), "VPC User Guide, \"NAT gateway basics\""),
        "tgw" => (Some(8500), Some(8500), "Transit gateways guide, \"Quotas\", \"MTU\""),
        // IPsec's headers take some of the 1500 bytes: how many depends on the algorithms that were negotiated.
        "vpn" => (None, Some(1500), EC2),
        "vpce" => (Some(1500), None, "AWS PrivateLink guide, \"Quotas\""),
        "vgw" | "dxgw" => (None, None, ""),
        "pcx" if between_regions(model, id)? => (Some(1500), Some(8500), EC2),
        "pcx" => (Some(VPC), Some(VPC), EC2),
        _ => return None,
    })
}

/// Whether a peering connection joins two Regions.
fn between_regions(model: &Model<'_>, id: &str) -> Option<bool> {
    let all = model.aws_list("VpcPeeringConnections");
    let (_, node) = all
        .iter()
        .find(|(_, node)| node.str_of("VpcPeeringConnectionId") == Some(id))?;
    let region = |side: &str| {
        node.get(side)
            .as_ref()
            .and_then(|info: &Node<'_>| info.str_of("Region"))
    };
    Some(region("RequesterVpcInfo")? != region("AccepterVpcInfo")?)
}

/// The limits of the gateways of a way, in its order, each once.
pub fn of_gateways(model: &Model<'_>, steps: &[Step]) -> Vec<Limit> {
    let mut all: Vec<Limit> = Vec::new();
    for step in steps {
        let id = step.actor.id.split_once(':').map_or("", |(_, id)| id);
        let is_place = matches!(step.actor.kind, ActorKind::Gateway | ActorKind::Interface);
        if !is_place || all.iter().any(|known| known.at == step.actor.id) {
            continue;
        }
        let Some((sure, most, told)) = documented(model, id) else {
            continue;
        };
        all.push(Limit {
            at: step.actor.id.clone(),
            name: step.actor.name.clone(),
            sure,
            most,
            told: told.to_owned(),
            evidence: step.evidence.clone(),
        });
    }
    all
}

/// What all places of a way come to: what fits for sure, and what does not fit any more.
pub fn smallest(limits: &[Limit]) -> (Option<u32>, Option<u32>) {
    let sure = limits.iter().map(|limit| limit.sure).collect::<Option<Vec<u32>>>();
    (
        sure.and_then(|sure| sure.into_iter().min()),
        limits.iter().filter_map(|limit| limit.most).min(),
    )
}
