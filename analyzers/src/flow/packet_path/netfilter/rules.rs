//! The rules of a node's packet filter as `iptables-save` prints them, chain by chain.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::artifact::{Node, Value};
use crate::evidence::Evidence;
use crate::model::Model;

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule<'a>(Node<'a>);

impl<'a> Rule<'a> {
    /// Its parts, by the names that the reader of `iptables-save` gives them.
    pub fn value(&self) -> &'a Value {
        self.0.value()
    }

    /// Where it stands.
    pub fn evidence(&self) -> Evidence {
        self.0.evidence()
    }

    /// The target, and whether it is gone to (`-g`) rather than called.
    pub fn target(&self) -> Option<(&'a str, bool)> {
        let name = |key: &str| self.value().get(key)?.get("name")?.as_str();
        name("target")
            .map(|name| (name, false))
            .or_else(|| name("goto").map(|name| (name, true)))
    }

    /// The value of one of the target's options.
    pub fn option(&self, name: &str) -> Option<&'a str> {
        let target = self.value().get("target").or_else(|| self.value().get("goto"))?;
        target.get("options")?.get(name)?.as_array()?.first()?.as_str()
    }

    /// What its comment says.
    pub fn comment(&self) -> &'a str {
        let matches = self.value().get("matches").and_then(Value::as_array);
        matches
            .into_iter()
            .flatten()
            .filter(|found| found.get("name").and_then(Value::as_str) == Some("comment"))
            .find_map(|found| found.get("options")?.get("comment")?.as_array()?.first()?.as_str())
            .unwrap_or_default()
    }
}

/// A chain.
#[derive(Debug, Clone, Default)]
pub struct Chain<'a> {
    /// Of a chain that the kernel calls: what becomes of a packet that no rule decides about.
    pub policy: Option<&'a str>,
    /// In the order in which they are asked.
    pub rules: Vec<Rule<'a>>,
}

/// The tables of one node and one family, by name.
#[derive(Debug, Clone, Default)]
pub struct Ruleset<'a> {
    tables: BTreeMap<&'a str, BTreeMap<&'a str, Chain<'a>>>,
    /// Whether the dump was pasted whole.
    pub complete: bool,
}

/// The kind of the documents.
const KIND: &str = "iptables-save";

impl<'a> Ruleset<'a> {
    /// The first dump with a `nat` table of that family: rules that name addresses tell it.
    pub fn new(model: &Model<'a>, six: bool) -> Option<Self> {
        model
            .artifacts
            .roots()
            .filter(|(artifact, _)| artifact.kinds.iter().any(|(kind, _)| kind == KIND))
            .map(|(_, root)| Self::read(&root))
            .find(|ruleset| ruleset.tables.contains_key("nat") && ruleset.is_six() == six)
    }

    fn read(root: &Node<'a>) -> Self {
        let mut ruleset = Self {
            complete: root.complete(),
            ..Self::default()
        };
        for table in root.list("tables") {
            let Some(name) = table.str_of("name") else { continue };
            let chains = ruleset.tables.entry(name).or_default();
            for chain in table.list("chains") {
                if let Some(name) = chain.str_of("name") {
                    chains.entry(name).or_default().policy = chain.str_of("policy");
                }
            }
            for rule in table.list("rules") {
                if let Some(name) = rule.str_of("chain") {
                    chains.entry(name).or_default().rules.push(Rule(rule));
                }
            }
        }
        ruleset
    }

    fn is_six(&self) -> bool {
        let rules = self
            .tables
            .values()
            .flat_map(BTreeMap::values)
            .flat_map(|chain| &chain.rules);
        let address = |rule: &Rule<'a>| {
            let keys = ["source", "destination", "!source", "!destination"];
            keys.iter().find_map(|key| rule.value().get(key)?.as_str())
        };
        let mut rules = rules;
        rules.find_map(address).is_some_and(|address| address.contains(':'))
    }

    /// The addresses that kube-proxy's rules name as Services' own: no interface has them. (In IPVS mode one has, and these rules are not
    /// there.)
    pub fn cluster_addresses(&self) -> BTreeSet<IpAddr> {
        ["nat", "filter"]
            .iter()
            .filter_map(|table| self.chain(table, "KUBE-SERVICES"))
            .flat_map(|chain| &chain.rules)
            .filter(|rule| rule.comment().ends_with(" cluster IP") || rule.comment().ends_with(" has no endpoints"))
            .filter_map(|rule| {
                let destination = rule.value().get("destination")?.as_str()?;
                let (address, bits) = destination.split_once('/').unwrap_or((destination, "32"));
                matches!(bits, "32" | "128").then(|| address.parse().ok())?
            })
            .collect()
    }

    /// A chain of a table.
    pub fn chain(&self, table: &str, chain: &str) -> Option<&Chain<'a>> {
        self.tables.get(table)?.get(chain)
    }
}
