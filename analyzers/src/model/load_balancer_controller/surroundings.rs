//! What the controller asks AWS for: the VPC's ranges, subnets, security groups by their names, and the load balancer that it made before.

use std::collections::{BTreeMap, BTreeSet};

use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::model::{Entity, Model};

/// What was pasted of AWS, as far as it decides what the controller makes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// The cluster's VPC.
    pub vpc: Option<Vpc>,
    /// The subnets that were described.
    pub subnets: Vec<Subnet>,
    /// The subnets that the controller finds by itself, where that is known without their tags.
    pub discovered: Option<Vec<Subnet>>,
    /// The ids of security groups by their tag `Name`: the controller minds no other name.
    pub security_groups: BTreeMap<String, String>,
    /// The load balancer that is there already.
    pub existing: Option<Existing>,
}

/// A VPC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Vpc {
    /// Its id.
    pub id: String,
    /// Its ranges that are associated.
    pub ipv4: Vec<String>,
    /// The same for IPv6.
    pub ipv6: Vec<String>,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subnet {
    /// `SubnetId`
    pub id: String,
    /// `AvailabilityZone`
    pub zone: String,
    /// `CidrBlock`
    pub ipv4: Option<String>,
    /// `Ipv6CidrBlockAssociationSet`
    pub ipv6: Vec<String>,
    /// `Tags`
    pub tags: BTreeMap<String, String>,
    /// Where it stands.
    pub evidence: Option<Evidence>,
}

/// A load balancer that is there already: what is not asked for stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Existing {
    /// `Scheme`
    pub scheme: String,
    /// Whether it has security groups: they cannot be given to, or taken from, one that was made otherwise.
    pub has_security_groups: bool,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// Where its scheme stands.
    pub evidence: Option<Evidence>,
}

impl Surroundings {
    /// What was pasted, and the load balancer that the status of `object` names.
    pub fn new(model: &Model<'_>, object: &Entity<'_>) -> Self {
        let vpcs = model.aws_list("Vpcs");
        let vpc = match vpcs.as_slice() {
            [(_, only)] => Some(vpc(only)),
            _ => None,
        };
        let subnets = model
            .aws_list("Subnets")
            .into_iter()
            .filter_map(|(_, node)| subnet(&node))
            .collect();
        let security_groups = model
            .aws_list("SecurityGroups")
            .into_iter()
            .filter_map(|(_, node)| Some((tags(&node).remove("Name")?, node.str_of("GroupId")?.to_owned())))
            .collect();
        Self {
            vpc,
            subnets,
            discovered: None,
            security_groups,
            existing: existing(model, object),
        }
    }

    /// The subnets of these ids, or of these values of the tag `Name`; `None` where one of them was not described.
    pub fn named(&self, names: &[String]) -> Option<Vec<Subnet>> {
        names
            .iter()
            .map(|name| {
                let is =
                    |subnet: &&Subnet| subnet.id == *name || subnet.tags.get("Name").is_some_and(|own| own == name);
                self.subnets.iter().find(is).cloned().or_else(|| {
                    // An id is enough to go on with.
                    name.starts_with("subnet-").then(|| Subnet {
                        id: name.clone(),
                        ..Subnet::default()
                    })
                })
            })
            .collect()
    }

    /// The subnets that the controller finds: those with the role's tag, one a zone, the cluster's own first, then by their ids (its
    /// documentation, "Subnet auto-discovery"). `None` where none has the tag: it then goes by what they reach, which is not looked at.
    pub fn discover(&self, scheme: &str, cluster: Option<&str>) -> Option<Vec<Subnet>> {
        if let Some(known) = &self.discovered {
            return Some(known.clone());
        }
        let role = if scheme == "internal" {
            "kubernetes.io/role/internal-elb"
        } else {
            "kubernetes.io/role/elb"
        };
        let own = |subnet: &Subnet| {
            cluster.is_some_and(|cluster| subnet.tags.contains_key(&format!("kubernetes.io/cluster/{cluster}")))
        };
        let anothers = |subnet: &Subnet| {
            subnet.tags.keys().any(|tag| tag.starts_with("kubernetes.io/cluster/")) && cluster.is_some() && !own(subnet)
        };
        let mut tagged: Vec<&Subnet> = self
            .subnets
            .iter()
            .filter(|subnet| {
                subnet
                    .tags
                    .get(role)
                    .is_some_and(|value| matches!(value.as_str(), "" | "1"))
            })
            .filter(|subnet| !anothers(subnet))
            .collect();
        tagged.sort_by_key(|subnet| (!own(subnet), subnet.id.as_str()));
        let mut zones = BTreeSet::new();
        tagged.retain(|subnet| zones.insert(subnet.zone.as_str()));
        (!tagged.is_empty()).then(|| tagged.into_iter().cloned().collect())
    }

    /// The id of a security group that is written as an id or a name.
    pub fn security_group(&self, name: &str) -> Option<String> {
        if name.starts_with("sg-") {
            return Some(name.to_owned());
        }
        self.security_groups.get(name).cloned()
    }
}

fn vpc(node: &Node<'_>) -> Vpc {
    let ranges = |list: &str, name: &str, state: &str| -> Vec<String> {
        node.list(list)
            .iter()
            .filter(|range| {
                range
                    .get(state)
                    .and_then(|state| state.str_of("State"))
                    .is_none_or(|state| state == "associated")
            })
            .filter_map(|range| range.str_of(name).map(str::to_owned))
            .collect()
    };
    let mut ipv4 = ranges("CidrBlockAssociationSet", "CidrBlock", "CidrBlockState");
    if ipv4.is_empty() {
        ipv4.extend(node.str_of("CidrBlock").map(str::to_owned));
    }
    Vpc {
        id: node.str_of("VpcId").unwrap_or_default().to_owned(),
        ipv4,
        ipv6: ranges("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"),
    }
}

fn tags(node: &Node<'_>) -> BTreeMap<String, String> {
    node.list("Tags")
        .iter()
        .filter_map(|tag| {
            Some((
                tag.str_of("Key")?.to_owned(),
                tag.str_of("Value").unwrap_or_default().to_owned(),
            ))
        })
        .collect()
}

fn subnet(node: &Node<'_>) -> Option<Subnet> {
    Some(Subnet {
        id: node.str_of("SubnetId")?.to_owned(),
        zone: node.str_of("AvailabilityZone").unwrap_or_default().to_owned(),
        ipv4: node.str_of("CidrBlock").map(str::to_owned),
        ipv6: node
            .list("Ipv6CidrBlockAssociationSet")
            .iter()
            .filter_map(|range| range.str_of("Ipv6CidrBlock").map(str::to_owned))
            .collect(),
        tags: tags(node),
        evidence: Some(node.evidence()),
    })
}

fn existing(model: &Model<'_>, object: &Entity<'_>) -> Option<Existing> {
    let status = object.at(&["status", "loadBalancer", "ingress"])?.items();
    let name = status.first()?.str_of("hostname")?;
    let lb = model
        .load_balancers()
        .into_iter()
        .find(|lb| lb.dns_name().is_some_and(|dns| dns.value.eq_ignore_ascii_case(name)))?;
    let scheme = lb.scheme()?;
    Some(Existing {
        has_security_groups: !lb.node.list("SecurityGroups").is_empty(),
        subnets: lb
            .node
            .list("AvailabilityZones")
            .iter()
            .filter_map(|zone| zone.str_of("SubnetId").map(str::to_owned))
            .collect(),
        scheme: scheme.value,
        evidence: Some(scheme.evidence),
    })
}

#[cfg(test)]
mod tests {
    use super::{Subnet, Surroundings};

    fn subnet(id: &str, zone: &str, tags: &[(&str, &str)]) -> Subnet {
        Subnet {
            id: id.to_owned(),
            zone: zone.to_owned(),
            tags: tags
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            ..Subnet::default()
        }
    }

    #[test]
    fn one_tagged_subnet_a_zone_is_found_the_clusters_own_first() {
        let role = ("kubernetes.io/role/elb", "1");
        let surroundings = Surroundings {
            subnets: vec![
                subnet("subnet-0a", "eu-west-1a", &[role]),
                subnet(
                    "subnet-0b",
                    "eu-west-1a",
                    &[role, ("kubernetes.io/cluster/shop", "owned")],
                ),
                subnet(
                    "subnet-0c",
                    "eu-west-1b",
                    &[role, ("kubernetes.io/cluster/other", "owned")],
                ),
                subnet("subnet-0d", "eu-west-1b", &[("kubernetes.io/role/internal-elb", "1")]),
                subnet("subnet-0e", "eu-west-1c", &[role]),
            ],
            ..Surroundings::default()
        };
        let ids = |scheme: &str| -> Option<Vec<String>> {
            let found = surroundings.discover(scheme, Some("shop"))?;
            Some(found.into_iter().map(|subnet| subnet.id).collect())
        };
        assert_eq!(
            ids("internet-facing"),
            Some(vec!["subnet-0b".to_owned(), "subnet-0e".to_owned()])
        );
        assert_eq!(ids("internal"), Some(vec!["subnet-0d".to_owned()]));
    }

    #[test]
    fn without_tags_the_subnets_are_not_known() {
        let surroundings = Surroundings {
            subnets: vec![subnet("subnet-0a", "eu-west-1a", &[])],
            ..Surroundings::default()
        };
        assert_eq!(surroundings.discover("internal", None), None);
        assert_eq!(surroundings.named(&["private-a".to_owned()]), None);
    }
}
