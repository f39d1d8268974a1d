//! Who may reach an API server's endpoint (EKS API, `VpcConfigResponse`).

use serde_json::json;

use super::{Candidate, Stop, at, block, reach, root};
use crate::artifact::Node;
use crate::flow::packet_path::Endpoint;
use crate::model::Model;

/// The endpoint gets public addresses, or the source is among the blocks that may use them.
pub fn endpoint(model: &Model<'_>, stop: &Stop<'_>) -> Vec<Candidate> {
    let mut all = Vec::new();
    for (artifact, pointer) in stop.places() {
        let Some(root) = root(model, *artifact) else { continue };
        let cluster = reach(&root, pointer, 1);
        let (Some(name), Some(config)) = (cluster.str_of("name"), cluster.get("resourcesVpcConfig")) else {
            continue;
        };
        if all.is_empty() {
            all.extend(opened(stop, name, &config));
        }
    }
    all
}

fn opened(stop: &Stop<'_>, name: &str, config: &Node<'_>) -> Vec<Candidate> {
    let update = format!("aws eks update-cluster-config --name {name} --resources-vpc-config");
    let is_public = config.get("endpointPublicAccess").and_then(|access| access.bool());
    if is_public == Some(false) {
        return vec![Candidate {
            change: at(
                config,
                "/endpointPublicAccess",
                json!(true),
                format!("the endpoint of {name} had public access"),
            ),
            command: Some(format!("{update} endpointPublicAccess=true")),
        }];
    }
    let asked = match stop.query.map(|query| &query.from) {
        Some(Endpoint::Ip { address, .. }) => Some(*address),
        _ => None,
    };
    let Some(source) = stop.side("src").address.or(asked) else {
        return Vec::new();
    };
    let mut blocks: Vec<String> = config
        .list("publicAccessCidrs")
        .iter()
        .filter_map(|block| block.str().map(str::to_owned))
        .collect();
    blocks.push(block(source));
    vec![Candidate {
        change: at(
            config,
            "/publicAccessCidrs/-",
            json!(block(source)),
            format!("{name} had {} in its publicAccessCidrs", block(source)),
        ),
        command: Some(format!("{update} publicAccessCidrs={}", blocks.join(","))),
    }]
}
