//! The rules of a node's packet filter as `iptables-save` prints them, chain by chain.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::super::node::dumps::Dumps;
use super::super::node::packet::{Base, Hook};
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
    /// The rules of a family, which rules that name addresses tell: of the first dump with a `nat` table, and the tables of others that it
    /// has not; without `nat` only where something else may rewrite.
    pub fn new(dumps: &Dumps<'a>, six: bool, alone: bool) -> Option<Self> {
        let mut all: Vec<Self> = dumps
            .of(KIND)
            .map(|dump| {
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
            })
            .filter(|ruleset| ruleset.is_six() == six)
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
        if lacked && self.has("filter") {
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
                if let Some(chain_name) = chain.str_of("name")
                    && let Some(known) = ruleset.open(name, chain_name)
                {
                    known.policy = chain.str_of("policy");
                    known.declared = Some(chain);
                }
            }
            for rule in table.list("rules") {
                if let Some(chain_name) = rule.str_of("chain")
                    && let Some(known) = ruleset.open(name, chain_name)
                {
                    known.rules.push(Rule(rule));
                }
            }
        }
        ruleset
    }

    /// The chain of that name, a new one where there is none yet.
    fn open(&mut self, table: &'a str, name: &'a str) -> Option<&mut Chain<'a>> {
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
        self.chains.get_mut(number)
    }

    fn is_six(&self) -> bool {
        let address = |rule: &Rule<'a>| {
            let keys = ["source", "destination", "!source", "!destination"];
            keys.iter().find_map(|key| rule.value().get(key)?.as_str())
        };
        let mut rules = self.chains.iter().flat_map(|chain| &chain.rules);
        rules.find_map(address).is_some_and(|address| address.contains(':'))
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
