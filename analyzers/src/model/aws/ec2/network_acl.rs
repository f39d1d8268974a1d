//! An entry of a network ACL.

use super::IpProtocol;
use crate::artifact::Node;
use crate::model::aws::cidr::Cidr;

/// An entry.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// `RuleNumber`: the lowest that fits decides.
    pub number: i64,
    /// `RuleAction` is `allow`.
    pub allows: bool,
    /// `Protocol`
    pub protocol: IpProtocol,
    /// `CidrBlock` or `Ipv6CidrBlock`.
    pub block: Option<Cidr>,
    /// `PortRange`; `None` is every port.
    pub ports: Option<(i64, i64)>,
    /// `IcmpTypeCode`; -1 is every one.
    pub icmp: Option<(i64, i64)>,
    /// Where it stands.
    pub node: Node<'a>,
}

/// The number of the entry that stands below all others and refuses what they left (VPC User Guide, "Network ACL rules": `*`).
pub const LAST: i64 = 32767;

impl<'a> Entry<'a> {
    /// The entries of one way in the order of their numbers; `None` where they were not printed, or not all.
    pub fn all(acl: &Node<'a>, egress: bool) -> Option<Vec<Self>> {
        let list = acl.get("Entries")?;
        // The one that is missing may stand before the one that fits.
        if list.cut() {
            return None;
        }
        let mut entries: Vec<Self> = list
            .items()
            .iter()
            .filter(|entry| entry.get("Egress").and_then(|egress| egress.bool()) == Some(egress))
            .filter_map(Self::new)
            .collect();
        entries.sort_by_key(|entry| entry.number);
        // Every ACL ends so; one that does not was cut.
        let whole = acl.complete() || entries.iter().any(|entry| entry.number == LAST);
        whole.then_some(entries)
    }

    fn new(node: &Node<'a>) -> Option<Self> {
        let number = |of: &Node<'a>, key: &str| of.get(key).and_then(|number| number.number());
        let pair = |key: &str, first: &str, second: &str| {
            let of = node.get(key)?;
            Some((number(&of, first)?, number(&of, second)?))
        };
        Some(Self {
            number: number(node, "RuleNumber")?,
            allows: node.str_of("RuleAction")? == "allow",
            protocol: IpProtocol::new(node.get("Protocol").as_ref()),
            block: node
                .str_of("CidrBlock")
                .or_else(|| node.str_of("Ipv6CidrBlock"))
                .and_then(Cidr::parse),
            ports: pair("PortRange", "From", "To"),
            icmp: pair("IcmpTypeCode", "Type", "Code"),
            node: node.clone(),
        })
    }
}
