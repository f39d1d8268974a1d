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

/// The rules of one way of a group.
#[derive(Debug, Clone, Default)]
pub struct Rules<'a> {
    /// Those that were printed whole.
    pub all: Vec<Permission<'a>>,
    /// Whether there are no others.
    pub whole: bool,
}

impl<'a> Rules<'a> {
    /// As an element of `SecurityGroups` says; `None` where they were not printed.
    pub fn of_group(group: &Node<'a>, egress: bool) -> Option<Self> {
        let list = if egress { "IpPermissionsEgress" } else { "IpPermissions" };
        match group.get(list) {
            Some(list) => Some(Self::read(&list, list.items().iter().map(Permission::new))),
            None => group.complete().then(|| Self {
                all: Vec::new(),
                whole: true,
            }),
        }
    }

    /// The rules in a list, of which those that lost a part say nothing.
    pub fn read(list: &Node<'a>, rules: impl Iterator<Item = Permission<'a>>) -> Self {
        Self {
            all: rules.filter(Permission::is_whole).collect(),
            whole: !list.cut(),
        }
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

    /// Whether nothing of it is missing that would make it narrower: without ports a rule is about all of them.
    fn is_whole(&self) -> bool {
        let ported = matches!(self.protocol, IpProtocol::Number(_));
        let has = |key: &str| self.node.get(key).is_some();
        !self.node.cut() || !ported || has("FromPort") && has("ToPort")
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
