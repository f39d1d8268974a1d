//! The tables, chains, sets and maps of `nft list ruleset`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::super::node::dumps::Dumps;
use super::super::node::packet::{Base, Hook};
use crate::artifact::{Node, Value};
use crate::evidence::Evidence;

/// The kind of the documents.
const KIND: &str = "nft-ruleset";

/// A chain.
#[derive(Debug, Clone)]
pub struct Chain<'a> {
    /// The family of its table.
    pub family: &'a str,
    /// Its table.
    pub table: &'a str,
    /// Its name.
    pub name: &'a str,
    /// What its comment says.
    pub comment: Option<&'a str>,
    /// In the order in which they are asked.
    pub rules: Vec<Node<'a>>,
    /// Its own block, where that was pasted, and not only its name as a target.
    pub declared: Option<Node<'a>>,
}

/// A set, or a map.
#[derive(Debug, Clone)]
pub struct Set<'a> {
    /// Its elements; of a map, pairs.
    pub elements: &'a [Value],
    node: Node<'a>,
}

impl Set<'_> {
    /// Where an element stands.
    pub fn evidence(&self, element: usize) -> Evidence {
        Evidence::Node {
            artifact: self.node.artifact(),
            pointer: format!("{}/elem/{element}", self.node.pointer()),
        }
    }
}

/// The tables that see the packets of one family.
#[derive(Debug, Clone, Default)]
pub struct Nft<'a> {
    /// All chains of all tables.
    pub chains: Vec<Chain<'a>>,
    by_name: BTreeMap<(&'a str, &'a str, &'a str), usize>,
    sets: Vec<Set<'a>>,
    sets_by_name: BTreeMap<(&'a str, &'a str, &'a str), usize>,
    /// The chains that the kernel calls.
    pub bases: Vec<Base>,
    /// Whether the whole ruleset was pasted.
    pub complete: bool,
    /// The family: `ip` or `ip6`.
    pub family: &'static str,
}

/// The tables that iptables-nft writes (iptables, `iptables/nft.c`).
fn is_iptables(family: &str, table: &str) -> bool {
    matches!(family, "ip" | "ip6") && matches!(table, "filter" | "nat" | "mangle" | "raw" | "security")
}

impl<'a> Nft<'a> {
    /// The tables of a family; `None` where none were pasted. With `saved`, those that `iptables-save` prints are left to it.
    pub fn new(dumps: &Dumps<'a>, six: bool, saved: bool) -> Option<Self> {
        let mut found = Self {
            family: if six { "ip6" } else { "ip" },
            ..Self::default()
        };
        let mut pasted = false;
        for dump in dumps.of(KIND) {
            let whole = dump
                .command
                .as_ref()
                .is_none_or(|line| line.args.iter().any(|arg| arg == "ruleset"));
            found.complete |= whole && dump.root.complete() && !dump.is_selected();
            for entry in dump.root.list("nftables") {
                pasted |= found.entry(&entry, saved);
            }
        }
        (pasted && !found.chains.is_empty()).then_some(found)
    }

    /// Reads one entry; whether it is of the family.
    fn entry(&mut self, entry: &Node<'a>, saved: bool) -> bool {
        let Some((kind, node)) = entry.members().into_iter().next() else {
            return false;
        };
        let (Some(family), Some(name)) = (
            node.str_of("family"),
            node.str_of(if kind == "rule" { "chain" } else { "name" }),
        ) else {
            return false;
        };
        let Some(table) = node.str_of("table") else {
            return false;
        };
        if family != self.family && family != "inet" || saved && is_iptables(family, table) {
            return false;
        }
        match kind {
            "chain" => {
                let number = self.open(family, table, name);
                if let Some(chain) = self.chains.get_mut(number) {
                    if chain.declared.is_some() {
                        // The same table pasted twice.
                        chain.rules.clear();
                    }
                    chain.comment = node.str_of("comment");
                    self.bases.retain(|base| base.chain != number);
                    self.bases.extend(base(&node, number));
                    chain.declared = Some(node);
                }
            }
            "rule" => {
                let number = self.open(family, table, name);
                if let Some(chain) = self.chains.get_mut(number) {
                    chain.rules.push(node);
                }
            }
            "set" | "map" => {
                let elements = node.value().get("elem").and_then(Value::as_array).unwrap_or_default();
                self.sets_by_name.insert((family, table, name), self.sets.len());
                self.sets.push(Set { elements, node });
            }
            _ => return false,
        }
        true
    }

    fn open(&mut self, family: &'a str, table: &'a str, name: &'a str) -> usize {
        let next = self.chains.len();
        let number = *self.by_name.entry((family, table, name)).or_insert(next);
        if number == next {
            self.chains.push(Chain {
                family,
                table,
                name,
                comment: None,
                rules: Vec::new(),
                declared: None,
            });
        }
        number
    }

    /// The number of a table's chain.
    pub fn chain_of(&self, of: &Chain<'_>, name: &str) -> Option<usize> {
        self.by_name.get(&(of.family, of.table, name)).copied()
    }

    /// A set or a map of a chain's table.
    pub fn set_of(&self, of: &Chain<'_>, name: &str) -> Option<&Set<'a>> {
        let key = (of.family, of.table, name.trim_start_matches('@'));
        let number = self.sets_by_name.get(&key).copied()?;
        self.sets.get(number)
    }

    /// Whether kube-proxy's own table is here.
    pub fn has_services(&self) -> bool {
        self.chains.iter().any(|chain| chain.table == "kube-proxy")
    }

    /// Whether a rule of iptables is here that nft cannot say: `xt match "recent"`.
    pub fn has_untold(&self) -> bool {
        let mut rules = self.chains.iter().flat_map(|chain| &chain.rules);
        rules.any(|rule| {
            let statements = rule.value().get("expr").and_then(Value::as_array);
            statements
                .into_iter()
                .flatten()
                .filter_map(|statement| statement.get("xt"))
                .any(|xt| xt.get("name").and_then(Value::as_str) != Some("comment"))
        })
    }

    /// The addresses that kube-proxy names as Services' own: no interface has them.
    pub fn cluster_addresses(&self) -> Vec<IpAddr> {
        self.sets_by_name
            .iter()
            .filter(|((_, table, name), _)| *table == "kube-proxy" && *name == "cluster-ips")
            .filter_map(|(_, number)| self.sets.get(*number))
            .flat_map(|set| set.elements)
            .filter_map(|element| super::expression::plain(element).as_str()?.parse().ok())
            .collect()
    }
}

/// `type nat hook prerouting priority -100; policy accept;`
fn base(chain: &Node<'_>, number: usize) -> Option<Base> {
    let hook = match chain.str_of("hook")? {
        "prerouting" => Hook::Prerouting,
        "input" => Hook::Input,
        "forward" => Hook::Forward,
        "output" => Hook::Output,
        "postrouting" => Hook::Postrouting,
        _ => return None,
    };
    Some(Base {
        hook,
        priority: chain.get("prio")?.number()?,
        nat: chain.str_of("type") == Some("nat"),
        chain: number,
        drops: chain.str_of("policy") == Some("drop"),
    })
}
