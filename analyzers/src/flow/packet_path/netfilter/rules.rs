//! The rules of a node's packet filter as `iptables-save` prints them, chain by chain.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::super::node::dumps::{Dump, Dumps};
use super::super::node::packet::{Base, Hook};
use super::family;
use crate::artifact::{Node, Value};
use crate::evidence::Evidence;

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

    /// Whether the target has an option.
    pub fn has_option(&self, name: &str) -> bool {
        let target = self.value().get("target").or_else(|| self.value().get("goto"));
        target.and_then(|target| target.get("options")?.get(name)).is_some()
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
#[derive(Debug, Clone)]
pub struct Chain<'a> {
    /// Whose it is.
    pub table: &'a str,
    name: &'a str,
    /// Of a chain that the kernel calls: what becomes of a packet that no rule decides about.
    policy: Option<&'a str>,
    /// Its line.
    pub declared: Option<Node<'a>>,
    /// In the order in which they are asked.
    pub rules: Vec<Rule<'a>>,
}

/// The tables of one node and one family.
#[derive(Debug, Clone, Default)]
pub struct Ruleset<'a> {
    /// All chains of all tables.
    pub chains: Vec<Chain<'a>>,
    by_name: BTreeMap<(&'a str, &'a str), usize>,
    /// The chains that the kernel calls.
    pub bases: Vec<Base>,
    /// Whether the dump was pasted whole.
    pub complete: bool,
    /// Whether the old packet filter has rules that were not pasted.
    pub legacy: bool,
}

/// Where the kernel calls a table's chains (`NF_IP_PRI_…` in `uapi/linux/netfilter_ipv4.h`).
fn base(table: &str, chain: &str) -> Option<(Hook, i64, bool)> {
    let hook = match chain {
        "PREROUTING" => Hook::Prerouting,
        "INPUT" => Hook::Input,
        "FORWARD" => Hook::Forward,
        "OUTPUT" => Hook::Output,
        "POSTROUTING" => Hook::Postrouting,
        _ => return None,
    };
    Some(match table {
        "raw" => (hook, -300, false),
        "mangle" => (hook, -150, false),
        "nat" if matches!(hook, Hook::Prerouting | Hook::Output) => (hook, -100, true),
        "nat" => (hook, 100, true),
        "filter" => (hook, 0, false),
        "security" => (hook, 50, false),
        _ => return None,
    })
}

/// The kind of the documents.
const KIND: &str = "iptables-save";

impl<'a> Ruleset<'a> {
    /// The rules of a family: of the first dump with a `nat` table, and the tables of others that it has not; without `nat` only where
    /// something else may rewrite. A dump that may be of either family counts where no other is, and not as a whole one.
    pub fn new(dumps: &Dumps<'a>, six: bool, alone: bool) -> Option<Self> {
        let new = dumps.of(KIND).any(|dump| !family::is_legacy(dump));
        let legacy_too = dumps.of(KIND).any(family::is_legacy);
        let all: Vec<(Option<bool>, Self)> = dumps
            .of(KIND)
            .filter(|dump| !new || !family::is_legacy(dump))
            .map(|dump| {
                let mut ruleset = Self::whole(dump);
                if family::warns_of_legacy(dump) && !legacy_too {
                    ruleset.legacy = true;
                    ruleset.complete = false;
                }
                (family::is_six(dump), ruleset)
            })
            .collect();
        Self::joined(all, six, alone)
    }

    /// The rules of the old packet filter, which the kernel asks beside those of the new one; `None` where no dump, or no other, is of it.
    pub fn legacy(dumps: &Dumps<'a>, six: bool) -> Option<Self> {
        if dumps.of(KIND).all(family::is_legacy) {
            return None;
        }
        let all = dumps.of(KIND).filter(|dump| family::is_legacy(dump));
        let all = all.map(|dump| (family::is_six(dump), Self::whole(dump))).collect();
        Self::joined(all, six, false)
    }

    /// The rules of one dump.
    fn whole(dump: &Dump<'a>) -> Self {
        let mut ruleset = Self::read(&dump.root);
        ruleset.complete &= !dump.is_selected();
        // `iptables-save -t nat`
        let one = dump.command.as_ref().is_none_or(|line| {
            line.args
                .iter()
                .any(|arg| arg.starts_with("-t") || arg.starts_with("--table"))
        });
        ruleset.complete &= !one || ruleset.has("filter");
        ruleset
    }

    fn joined(all: Vec<(Option<bool>, Self)>, six: bool, alone: bool) -> Option<Self> {
        let known = all.iter().any(|(family, _)| family.is_some());
        let mut all: Vec<Self> = all
            .into_iter()
            .filter(|(family, _)| family.map_or(!known, |family| family == six))
            .map(|(family, mut ruleset)| {
                ruleset.complete &= family.is_some();
                ruleset
            })
            .collect();
        let first = all.iter().position(|ruleset| ruleset.has("nat"));
        if alone && first.is_none() || all.is_empty() {
            return None;
        }
        let mut found = all.remove(first.unwrap_or(0));
        for other in all {
            found.join(other);
        }
        found.name_bases();
        Some(found)
    }

    fn has(&self, table: &str) -> bool {
        self.chains.iter().any(|chain| chain.table == table)
    }

    /// Takes the tables of another dump that are missing here.
    fn join(&mut self, other: Self) {
        let known: BTreeSet<&str> = self.chains.iter().map(|chain| chain.table).collect();
        let lacked = !known.contains("filter");
        for chain in other.chains {
            if !known.contains(chain.table) {
                self.by_name.insert((chain.table, chain.name), self.chains.len());
                self.chains.push(chain);
            }
        }
        self.legacy |= other.legacy;
        if lacked && self.has("filter") && !self.legacy {
            self.complete = true;
        }
    }

    fn name_bases(&mut self) {
        for (number, chain) in self.chains.iter().enumerate() {
            if let Some((hook, priority, nat)) = base(chain.table, chain.name) {
                self.bases.push(Base {
                    hook,
                    priority,
                    nat,
                    chain: number,
                    drops: chain.policy == Some("DROP"),
                });
            }
        }
    }

    fn read(root: &Node<'a>) -> Self {
        let mut ruleset = Self {
            complete: root.complete(),
            ..Self::default()
        };
        for table in root.list("tables") {
            let Some(name) = table.str_of("name") else { continue };
            for chain in table.list("chains") {
                let number = chain.str_of("name").map(|chain_name| ruleset.open(name, chain_name));
                if let Some(known) = number.and_then(|number| ruleset.chains.get_mut(number)) {
                    known.policy = chain.str_of("policy");
                    known.declared = Some(chain);
                }
            }
            // A chain's rules stand together: it is looked up once for them.
            let mut last: Option<(&str, usize)> = None;
            for rule in table.list("rules") {
                let Some(chain_name) = rule.str_of("chain") else {
                    continue;
                };
                let number = match last {
                    Some((known, number)) if known == chain_name => number,
                    _ => ruleset.open(name, chain_name),
                };
                last = Some((chain_name, number));
                if let Some(known) = ruleset.chains.get_mut(number) {
                    known.rules.push(Rule(rule));
                }
            }
        }
        ruleset
    }

    /// The number of the chain of that name, of a new one where there is none yet.
    fn open(&mut self, table: &'a str, name: &'a str) -> usize {
        let next = self.chains.len();
        let number = *self.by_name.entry((table, name)).or_insert(next);
        if number == next {
            self.chains.push(Chain {
                table,
                name,
                policy: None,
                declared: None,
                rules: Vec::new(),
            });
        }
        number
    }

    /// The addresses that kube-proxy's rules name as Services' own: no interface has them. (In IPVS mode one has, and these rules are not
    /// there.)
    pub fn cluster_addresses(&self) -> BTreeSet<IpAddr> {
        ["nat", "filter"]
            .iter()
            .filter_map(|table| self.chains.get(self.chain_of(table, "KUBE-SERVICES")?))
            .flat_map(|chain| &chain.rules)
            .filter(|rule| rule.comment().ends_with(" cluster IP") || rule.comment().ends_with(" has no endpoints"))
            .filter_map(|rule| {
                let destination = rule.value().get("destination")?.as_str()?;
                let (address, bits) = destination.split_once('/').unwrap_or((destination, "32"));
                matches!(bits, "32" | "128").then(|| address.parse().ok())?
            })
            .collect()
    }

    /// The number of a table's chain.
    pub fn chain_of(&self, table: &str, chain: &str) -> Option<usize> {
        self.by_name.get(&(table, chain)).copied()
    }

    /// Whether kube-proxy wrote rules for Services here that send packets to their endpoints. In its other modes it writes some rules, too,
    /// and none of these.
    pub fn has_services(&self) -> bool {
        let mut chains = self.chains.iter().filter(|chain| chain.table == "nat");
        chains.any(|chain| chain.name.starts_with("KUBE-SVC-") || chain.name.starts_with("KUBE-SEP-"))
    }

    /// Whether a chain of kubelet's or kube-proxy's is here.
    pub fn is_of_cluster(&self) -> bool {
        self.chains.iter().any(|chain| chain.name.starts_with("KUBE-"))
    }

    /// Whether rules ask for sets of ipset.
    pub fn asks_for_sets(&self) -> bool {
        let mut rules = self.chains.iter().flat_map(|chain| &chain.rules);
        rules.any(|rule| {
            let matches = rule.value().get("matches").and_then(Value::as_array);
            matches
                .into_iter()
                .flatten()
                .any(|one| one.get("name").and_then(Value::as_str) == Some("set"))
        })
    }
}
