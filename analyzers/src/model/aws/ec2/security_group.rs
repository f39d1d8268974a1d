//! The rules of a security group, as `describe-security-groups` and as `describe-security-group-rules` print them.

use super::IpProtocol;
use crate::artifact::Node;
use crate::model::aws::cidr::Cidr;

/// Whom a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer<'a> {
    /// A block of addresses.
    Cidr(Cidr),
    /// The interfaces of a group.
    Group(&'a str),
    /// The blocks of a prefix list.
    PrefixList(&'a str),
    /// Something that is not understood.
    Unread(&'a str),
}

/// A rule. It lets packets through; there is none that refuses.
#[derive(Debug, Clone)]
pub struct Permission<'a> {
    /// `IpProtocol`
    pub protocol: IpProtocol,
    /// `FromPort` and `ToPort`: ports, or the ICMP type and code; -1 is every one.
    pub from_to: (i64, i64),
    /// Whom it is about, with where each stands.
    pub peers: Vec<(Peer<'a>, Node<'a>)>,
    /// Where it stands.
    pub node: Node<'a>,
}

/// The rules of one way of a group; `None` where they were not printed. `rules` are the elements of `SecurityGroupRules` of this group.
pub fn permissions<'a>(group: &Node<'a>, egress: bool) -> Option<Vec<Permission<'a>>> {
    let list = if egress { "IpPermissionsEgress" } else { "IpPermissions" };
    match group.get(list) {
        Some(list) => Some(list.items().iter().map(Permission::new).collect()),
        None => group.complete().then(Vec::new),
    }
}

impl<'a> Permission<'a> {
    /// An element of `IpPermissions`.
    fn new(node: &Node<'a>) -> Self {
        let mut peers = Vec::new();
        let mut learn = |list: &str, key: &str, peer: &dyn Fn(&'a str) -> Peer<'a>| {
            for element in node.list(list) {
                if let Some(value) = element.get(key)
                    && let Some(text) = value.str()
                {
                    peers.push((peer(text), value));
                }
            }
        };
        learn("IpRanges", "CidrIp", &block);
        learn("Ipv6Ranges", "CidrIpv6", &block);
        learn("UserIdGroupPairs", "GroupId", &Peer::Group);
        learn("PrefixListIds", "PrefixListId", &Peer::PrefixList);
        Self {
            peers,
            ..Self::bare(node)
        }
    }

    /// An element of `SecurityGroupRules`.
    pub fn of_rule(node: &Node<'a>) -> Self {
        let mut peers = Vec::new();
        for (key, peer) in [
            ("CidrIpv4", &block as &dyn Fn(&'a str) -> Peer<'a>),
            ("CidrIpv6", &block),
            ("PrefixListId", &Peer::PrefixList),
        ] {
            if let Some(value) = node.get(key)
                && let Some(text) = value.str()
            {
                peers.push((peer(text), value));
            }
        }
        if let Some(group) = node.at(&["ReferencedGroupInfo", "GroupId"])
            && let Some(id) = group.str()
        {
            peers.push((Peer::Group(id), group));
        }
        Self {
            peers,
            ..Self::bare(node)
        }
    }

    fn bare(node: &Node<'a>) -> Self {
        let number = |key: &str| node.get(key).and_then(|number| number.number()).unwrap_or(-1);
        Self {
            protocol: IpProtocol::new(node.get("IpProtocol").as_ref()),
            from_to: (number("FromPort"), number("ToPort")),
            peers: Vec::new(),
            node: node.clone(),
        }
    }
}

fn block(text: &str) -> Peer<'_> {
    Cidr::parse(text).map_or(Peer::Unread(text), Peer::Cidr)
}
