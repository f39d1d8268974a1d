//! EKS: a cluster as `describe-cluster` prints it.

use std::net::IpAddr;

use super::cidr::Cidr;
use crate::artifact::Node;
use crate::evidence::{Evidence, Fact};
use crate::model::Model;

/// A cluster.
#[derive(Debug, Clone)]
pub struct Cluster<'a> {
    /// The element `cluster`.
    pub node: Node<'a>,
    /// The name that was asked for, where the answer has none.
    asked: Option<String>,
}

impl<'a> Cluster<'a> {
    /// `name`.
    pub fn name(&self) -> Option<String> {
        self.node
            .str_of("name")
            .map(str::to_owned)
            .or_else(|| self.asked.clone())
    }

    /// The host of `endpoint`: `0A1B2C….gr7.REGION.eks.amazonaws.com`.
    pub fn host(&self) -> Option<Fact<String>> {
        let endpoint = self.node.fact_at(&["endpoint"])?;
        let host = endpoint.value.rsplit("://").next()?.split('/').next()?.to_lowercase();
        (!host.is_empty()).then(|| Fact::new(host, endpoint.evidence))
    }

    /// `resourcesVpcConfig.vpcId`.
    pub fn vpc(&self) -> Option<&'a str> {
        self.node.at(&["resourcesVpcConfig", "vpcId"])?.str()
    }

    /// `resourcesVpcConfig.endpointPublicAccess`.
    pub fn public_access(&self) -> Option<Fact<bool>> {
        self.switch("endpointPublicAccess")
    }

    /// `resourcesVpcConfig.endpointPrivateAccess`.
    pub fn private_access(&self) -> Option<Fact<bool>> {
        self.switch("endpointPrivateAccess")
    }

    fn switch(&self, name: &str) -> Option<Fact<bool>> {
        let node = self.node.at(&["resourcesVpcConfig", name])?;
        // Text output writes `True`.
        let value = match node.str().map(str::to_ascii_lowercase).as_deref() {
            Some("true") => true,
            Some("false") => false,
            _ => node.bool()?,
        };
        Some(Fact::new(value, node.evidence()))
    }

    /// `resourcesVpcConfig.publicAccessCidrs`: who may use the public endpoint; `None` where they were not printed.
    pub fn allowed(&self) -> Option<Vec<Fact<Cidr>>> {
        let list = self.node.at(&["resourcesVpcConfig", "publicAccessCidrs"])?;
        let blocks: Vec<Fact<Cidr>> = list
            .one_or_many()
            .iter()
            .filter_map(|block| Some(Fact::new(Cidr::parse(block.str()?)?, block.evidence())))
            .collect();
        (!blocks.is_empty()).then_some(blocks)
    }

    /// Where it stands.
    pub fn evidence(&self) -> Evidence {
        self.node.evidence()
    }
}

/// Whether a host is that of a cluster's API server.
pub fn is_api_host(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    // AWS General Reference, "Amazon EKS endpoints and quotas"; newer clusters have names below `api.aws`.
    (host.ends_with(".eks.amazonaws.com") || host.ends_with(".eks.amazonaws.com.cn") || host.ends_with(".api.aws"))
        && host.split('.').count() > 4
}

impl<'a> Model<'a> {
    /// The clusters that were described.
    pub fn clusters(&self) -> Vec<Cluster<'a>> {
        self.aws_roots()
            .into_iter()
            .filter_map(|(command, root)| {
                let node = root.get("cluster")?;
                node.get("resourcesVpcConfig").or_else(|| node.get("endpoint"))?;
                Some(Cluster {
                    node,
                    asked: command.and_then(|command| command.option("--name")),
                })
            })
            .collect()
    }
}

/// Whether an address is in one of the blocks.
pub fn covers(blocks: &[Fact<Cidr>], address: Option<IpAddr>) -> Option<bool> {
    if blocks
        .iter()
        .any(|block| block.value.is_everything() && block.value.address.is_ipv4())
    {
        return Some(true);
    }
    let address = address?;
    Some(blocks.iter().any(|block| block.value.contains(address)))
}
