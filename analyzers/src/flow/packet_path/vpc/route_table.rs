//! Route tables: which one counts for a subnet, and which of its routes has the longest prefix.

use super::hop::Hop;
use super::network::Network;
use super::packet::{Address, Cover};
use super::security_group;
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::model::aws::cidr::Cidr;
use crate::model::aws::ec2::{Route, Target};

/// A table that counts for something.
pub(super) struct Table<'n, 'a> {
    pub id: &'a str,
    pub node: &'n Node<'a>,
    /// What makes it count.
    pub evidence: Vec<Evidence>,
    pub note: String,
}

/// The table of a subnet: the one that it is associated with, else the main one of its VPC.
pub(super) fn of_subnet<'n, 'a>(network: &'n Network<'a>, vpc: &str, subnet: &str) -> Result<Table<'n, 'a>, Box<Hop>> {
    let tables = || network.route_tables.all();
    let mut own: Vec<(&'a str, &'n Node<'a>, Node<'a>)> = Vec::new();
    for (id, node) in tables() {
        for association in node.list("Associations") {
            if association.str_of("SubnetId") == Some(subnet) && is_associated(&association) {
                own.push((id, node, association));
            }
        }
    }
    // A subnet has one table: the one that was pasted later has taken the place of the other.
    own.sort_by_key(|(_, node, _)| node.artifact());
    if let Some((id, node, association)) = own.pop() {
        let place = |association: &Node<'a>| association.get("SubnetId").as_ref().unwrap_or(association).evidence();
        let mut evidence = vec![place(&association)];
        let mut note = String::new();
        if let Some((before, _, association)) = own.last() {
            evidence.push(place(association));
            note = format!("{subnet} was associated with {before} in what was pasted before.");
        }
        return Ok(Table {
            id,
            node,
            evidence,
            note,
        });
    }
    let missing = |words: String| {
        Box::new(Hop::unknown(
            words,
            format!("aws ec2 describe-route-tables --filters Name=vpc-id,Values={vpc}"),
            format!("The route table that counts for {subnet} decides."),
        ))
    };
    let facts = [("vpc-id", vpc), ("association.subnet-id", subnet)];
    let all = network
        .route_tables
        .told_all(&facts, |listing| network.is_of(vpc, listing));
    if all.is_none() {
        return Err(missing(format!("the route table of {subnet} was not pasted")));
    }
    for (id, node) in tables().filter(|(_, node)| node.str_of("VpcId") == Some(vpc)) {
        for association in node.list("Associations") {
            let main = association.get("Main");
            if main.as_ref().and_then(Node::bool) == Some(true) {
                let place = main.as_ref().unwrap_or(&association).evidence();
                return Ok(Table {
                    id,
                    node,
                    evidence: vec![place],
                    note: format!("{subnet} is associated with no table, so the main one of {vpc} counts."),
                });
            }
        }
    }
    Err(missing(format!("the main route table of {vpc} was not pasted")))
}

/// The table that a gateway looks into for what comes in through it (VPC User Guide, "Gateway route tables").
pub(super) fn of_gateway<'n, 'a>(network: &'n Network<'a>, gateway: &str) -> Option<Table<'n, 'a>> {
    network.route_tables.all().find_map(|(id, node)| {
        let associations = node.list("Associations");
        let association = associations
            .iter()
            .find(|association| association.str_of("GatewayId") == Some(gateway) && is_associated(association))?;
        Some(Table {
            id,
            node,
            evidence: vec![association.evidence()],
            note: String::new(),
        })
    })
}

fn is_associated(association: &Node<'_>) -> bool {
    association
        .at(&["AssociationState", "State"])
        .and_then(|state| state.str())
        .is_none_or(|state| matches!(state, "associated" | "associating"))
}

/// What a table says of a destination.
pub(super) enum Found<'a> {
    /// This route, by this block of it. The words are those of a default that it rests on.
    Route(Route<'a>, Cidr, Vec<Evidence>, &'static str),
    /// None fits.
    NoRoute(Vec<Evidence>),
    /// What decides was not pasted.
    Unknown(Box<Hop>),
}

/// The route with the longest prefix.
pub(super) fn look_up<'a>(network: &Network<'a>, table: &Table<'_, 'a>, destination: Address) -> Found<'a> {
    let command = format!("aws ec2 describe-route-tables --route-table-ids {}", table.id);
    let list = table.node.get("Routes");
    let routes: Vec<Route<'a>> = table.node.list("Routes").iter().filter_map(Route::new).collect();
    // Every table has its local route; one without it was cut.
    let whole = list.as_ref().is_some_and(|list| !list.cut())
        && (table.node.complete() || routes.iter().any(|route| route.target == Some(Target::Local)));
    let not_all = || {
        Found::Unknown(Box::new(
            Hop::unknown(
                format!("the routes of {} were not all pasted", table.id),
                command.clone(),
                "The route with the longest prefix decides.",
            )
            .with(table.evidence.clone()),
        ))
    };
    if list.is_none() {
        return not_all();
    }
    let mut best: Option<(Rank, Route<'a>, Cidr, Vec<Evidence>)> = None;
    let mut lists = Vec::new();
    for route in routes.into_iter().filter(|route| whole || is_told(route)) {
        let fits = if route.is_list {
            let list = network.prefix_list(route.destination);
            // The lists of gateway endpoints are of AWS' public addresses.
            let may_be = destination.ip().is_some()
                && (!matches!(route.target, Some(Target::Endpoint(_))) || destination.is_global());
            if !list.is_some_and(|list| list.whole) && may_be {
                lists.push(route.destination);
            }
            longest(list.map(|list| list.blocks.as_slice()).unwrap_or_default(), destination)
                .map(|(block, evidence)| (block, vec![evidence]))
        } else {
            Cidr::parse(route.destination)
                .filter(|block| destination.covered_by(block) == Cover::All)
                .map(|block| (block, Vec::new()))
        };
        let Some((block, evidence)) = fits else { continue };
        let rank = Rank::new(&route, block);
        if best.as_ref().is_none_or(|(known, ..)| rank > *known) {
            best = Some((rank, route, block, evidence));
        }
    }
    if !lists.is_empty() && best.as_ref().is_none_or(|(rank, ..)| rank.bits < 32) {
        let mut hop = Hop::unknown(
            format!("{} has routes for prefix lists whose blocks were not pasted", table.id),
            command.clone(),
            "",
        )
        .with(table.evidence.clone());
        hop.next = lists.into_iter().map(security_group::prefix_list).collect();
        return Found::Unknown(Box::new(hop));
    }
    // Among the routes that are missing one with a longer prefix may be.
    if !whole
        && best
            .as_ref()
            .is_none_or(|(_, route, block, _)| route.target != Some(Target::Local) && *block != Cidr::of(block.address))
    {
        return not_all();
    }
    if let Some((_, route, block, mut evidence)) = best {
        evidence.insert(0, route.node.evidence());
        evidence.extend(table.evidence.iter().cloned());
        let note = if whole || block == Cidr::of(block.address) {
            ""
        } else {
            "Not all routes of the table were pasted: one that is narrower than the local route would count instead."
        };
        return Found::Route(route, block, evidence, note);
    }
    let mut evidence: Vec<Evidence> = list.iter().map(Node::evidence).collect();
    evidence.extend(table.evidence.iter().cloned());
    Found::NoRoute(evidence)
}

/// Whether a route was printed with its target and its state: one on which the paste breaks off says too little.
fn is_told(route: &Route<'_>) -> bool {
    route.target.is_some() && route.node.get("State").is_some()
}

fn longest(blocks: &[(Cidr, Evidence)], destination: Address) -> Option<(Cidr, Evidence)> {
    blocks
        .iter()
        .filter(|(block, _)| destination.covered_by(block) == Cover::All)
        .max_by_key(|(block, _)| block.bits)
        .cloned()
}

/// The longest prefix; of equal ones the local route, then static ones, those of prefix lists, then propagated ones (VPC User Guide, "Route
/// priority").
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    bits: u8,
    local: bool,
    told: bool,
    own: bool,
}

impl Rank {
    fn new(route: &Route<'_>, block: Cidr) -> Self {
        Self {
            bits: block.bits,
            local: route.target == Some(Target::Local),
            told: !route.propagated,
            own: !route.is_list,
        }
    }
}
