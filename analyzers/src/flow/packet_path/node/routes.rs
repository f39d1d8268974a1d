//! A node's routes: by which interface a packet leaves (ip-rule(8), ip-route(8)).

mod decision;
mod rule;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

pub use self::decision::Decision;
use self::rule::Rule;
use super::dumps::{Dump, Dumps};
use super::packet::Interface;
use super::prefix::Prefix;
use crate::artifact::{Node, Value};
use crate::evidence::Evidence;

/// Where a packet goes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hop {
    /// It is the node's own.
    Local,
    /// By an interface, through a gateway or right to the destination.
    By {
        /// The interface.
        interface: String,
        /// The gateway.
        gateway: Option<IpAddr>,
    },
    /// A route that leads nowhere: `blackhole`, `unreachable`, `prohibit`.
    Stopped(String, Evidence),
    /// No route is for it.
    Nowhere(Evidence),
    /// What was pasted does not tell.
    Unknown,
}

/// One route.
#[derive(Debug, Clone)]
pub struct Route<'a> {
    /// What it is for.
    pub to: Prefix,
    table: Cow<'a, str>,
    /// `unicast`, `local`, `blackhole` …
    pub kind: &'a str,
    /// `None` where there are several next hops by several interfaces.
    pub interface: Option<&'a str>,
    /// The next hop's address.
    pub gateway: Option<IpAddr>,
    metric: i64,
    /// Its line.
    pub node: Node<'a>,
}

/// The tables and the rules that choose among them.
#[derive(Debug, Clone)]
pub struct Routes<'a> {
    all: Vec<Route<'a>>,
    /// `None` where `ip rule` was not pasted.
    rules: Option<Vec<Rule<'a>>>,
    /// Whether there are tables that only rules lead to.
    has_own_tables: bool,
    /// The whole list; `None` where routes may be missing.
    whole: Option<Evidence>,
    /// The tables that were listed, and whether as a whole; those of `table all` are not among them.
    listed: BTreeMap<String, bool>,
    /// Whether `table all` was pasted as a whole; `None` where it was not pasted.
    all_tables: Option<bool>,
    six: bool,
}

impl<'a> Routes<'a> {
    /// The routes of a family; `None` where they were not pasted.
    pub fn new(dumps: &Dumps<'a>, six: bool) -> Option<Self> {
        let mut found = Self {
            all: Vec::new(),
            rules: None,
            has_own_tables: false,
            whole: None,
            listed: BTreeMap::new(),
            all_tables: None,
            six,
        };
        for dump in dumps.of("ip-route") {
            let nodes = dump.root.items();
            // `ip route get` shows one decision and no route.
            if nodes.iter().any(|route| is_decision(route)) || table_of(dump) == Some("get") {
                continue;
            }
            let own = nodes.iter().filter(|route| is_six(route.value()) == Some(six));
            let table = table_of(dump);
            let mut routes: Vec<Route<'a>> = own.filter_map(|route| Route::new(route, six)).collect();
            // A table's name stands in the command alone.
            if let Some(table) = table.filter(|table| *table != "all") {
                for route in &mut routes {
                    route.table = Cow::Owned(named(table).to_owned());
                }
            }
            if routes.is_empty() {
                continue;
            }
            let all = table == Some("all") || routes.iter().any(|route| route.table == "local") && table.is_none();
            let whole = !dump.is_selected() && dump.root.complete() && dump.command.is_some();
            if whole {
                found.whole.get_or_insert_with(|| dump.root.evidence());
            }
            // `table all` lists both families, unless one is asked for.
            let whole = whole && lists_all(dump) && (has_option(dump, "-6") == six || table == Some("all"));
            if all {
                found.all_tables = Some(whole || found.all_tables == Some(true));
            } else {
                *found
                    .listed
                    .entry(named(table.unwrap_or("main")).to_owned())
                    .or_default() |= whole;
            }
            found.has_own_tables |= routes.iter().any(|route| !is_usual(&route.table));
            found.all.extend(routes);
        }
        for dump in dumps.of("ip-rule") {
            let rules: Vec<Rule<'a>> = dump
                .root
                .items()
                .into_iter()
                .map(|node| Rule(node.value(), node))
                .collect();
            let of_family = |rule: &Rule<'a>| {
                ["src", "dst"]
                    .iter()
                    .filter_map(|name| rule.0.get(name)?.as_str()?.parse::<IpAddr>().ok())
                    .all(|address| address.is_ipv6() == six)
            };
            let six_asked = dump
                .command
                .as_ref()
                .is_some_and(|line| line.args.iter().any(|arg| arg == "-6"));
            if rules.iter().all(of_family) && six_asked == six && !dump.is_selected() {
                found.rules = Some(rules);
                break;
            }
        }
        (!found.all.is_empty()).then_some(found)
    }

    /// Whether `ip rule` would tell more.
    pub fn lacks_rules(&self) -> bool {
        self.rules.is_none()
    }

    /// Addresses of the node that routes name: those of the local table, and the sources of the networks that interfaces are in.
    pub fn own_addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.all.iter().filter_map(|route| {
            let value = route.node.value();
            if route.kind == "local" && matches!(route.to.bits, 32 | 128) {
                return Some(route.to.address);
            }
            let kernel = value.get("protocol").and_then(Value::as_str) == Some("kernel");
            let source = value.get("prefsrc").and_then(Value::as_str)?;
            kernel.then(|| source.parse().ok())?
        })
    }

    /// The way of a packet by the rules and the tables.
    pub fn find(&self, to: IpAddr, from: Option<IpAddr>, mark: u32, incoming: &Interface) -> Hop {
        self.decide(to, from, Some(mark), incoming).hop
    }

    /// The route that a packet takes.
    ///
    /// # Errors
    /// What becomes of it where no route is taken, or nothing tells which.
    pub fn pick(&self, to: IpAddr, from: Option<IpAddr>, mark: u32, incoming: &Interface) -> Result<&Route<'a>, Hop> {
        let decision = self.decide(to, from, Some(mark), incoming);
        let taken = (!decision.table.is_empty())
            .then(|| self.longest(to, &decision.table))
            .flatten();
        taken.ok_or(decision.hop)
    }

    /// All of them.
    pub fn all(&self) -> &[Route<'a>] {
        &self.all
    }

    /// The whole list of the main table; `None` where routes of it may be missing.
    pub fn whole(&self) -> Option<&Evidence> {
        self.whole.as_ref().filter(|_| self.is_whole("main"))
    }

    /// The same, with what decided. `mark`: `None` where it is not known.
    pub fn decide(&self, to: IpAddr, from: Option<IpAddr>, mark: Option<u32>, incoming: &Interface) -> Decision {
        let Some(rules) = &self.rules else {
            let mut decision = Decision::unknown();
            // Without `ip rule` the usual rules are taken (ip-rule(8)), but not where there are tables for others.
            if self.has_own_tables {
                decision.asks = Some(self.command("rule"));
                return decision;
            }
            for table in ["local", "main", "default"] {
                if let Some(route) = self.longest(to, table) {
                    return decision.by(route, self.is_whole(table));
                }
            }
            return self.none(decision);
        };
        match self.by_rules(rules, |rule| rule.is_about(to, from, mark, incoming), to) {
            (decision, true) => decision,
            (passed, false) => self.none(passed),
        }
    }

    /// What the rules before that of the node's own addresses make of a packet. There are some where pods have security groups of their own
    /// (`SetupHostNetwork` of amazon-vpc-cni-k8s, `pkg/networkutils/network.go`).
    pub fn decide_first(
        &self,
        to: IpAddr,
        from: Option<IpAddr>,
        mark: Option<u32>,
        incoming: &Interface,
    ) -> Option<Decision> {
        let rules = self.rules.as_ref()?;
        let local = rules.iter().position(|rule| rule.table() == Some("local"))?;
        let is_about = |rule: &Rule<'a>| Some(rule.is_about(to, from, mark, incoming) == Some(true));
        let (decision, ended) = self.by_rules(rules.get(..local)?, is_about, to);
        ended.then_some(decision)
    }

    /// What the first rule makes of a packet that is about it and leads somewhere, and whether there is one; else what they asked in vain.
    fn by_rules(
        &self,
        rules: &[Rule<'a>],
        is_about: impl Fn(&Rule<'a>) -> Option<bool>,
        to: IpAddr,
    ) -> (Decision, bool) {
        let mut decision = Decision::unknown();
        for rule in rules {
            match is_about(rule) {
                Some(true) => {}
                Some(false) => continue,
                None => return (decision, true),
            }
            decision.priority = rule.priority();
            if let Some(stop) = rule.stop() {
                decision.hop = Hop::Stopped(stop.to_owned(), rule.1.evidence());
                decision.evidence.push(rule.1.evidence());
                return (decision, true);
            }
            let Some(table) = rule.table() else {
                return (decision, true);
            };
            if !self.knows(table) {
                decision.asks = Some(self.command("route show table all"));
                return (decision, true);
            }
            match self.longest(to, table) {
                Some(route) if route.kind == "throw" => {}
                Some(route) if rule.suppresses(route.to.bits) => {}
                Some(route) => {
                    decision.evidence.push(rule.1.evidence());
                    return (decision.by(route, self.is_whole(table)), true);
                }
                None if !is_usual(table) => {
                    decision.evidence.push(rule.1.evidence());
                    decision
                        .passed
                        .push((decision.priority.unwrap_or_default(), table.to_owned()));
                    if !self.is_whole(table) {
                        decision.asks = Some(self.command("route show table all"));
                        return (decision, true);
                    }
                }
                None => {}
            }
        }
        (decision, false)
    }

    fn none(&self, mut decision: Decision) -> Decision {
        decision.priority = None;
        match &self.whole {
            Some(evidence) if self.is_whole("main") => {
                decision.hop = Hop::Nowhere(evidence.clone());
                decision.whole = true;
                decision.evidence.push(evidence.clone());
            }
            _ => decision.asks = Some(self.command("route show table all")),
        }
        decision
    }

    /// Whether a table was pasted; the local one is told by the node's addresses, and the default one is empty.
    fn knows(&self, table: &str) -> bool {
        self.all_tables.is_some() || matches!(table, "local" | "default") || self.listed.contains_key(table)
    }

    fn is_whole(&self, table: &str) -> bool {
        self.all_tables == Some(true) || self.listed.get(table) == Some(&true)
    }

    /// Whether nothing is missing of the main table, and of those that are pasted beside it.
    pub fn has_main(&self) -> bool {
        self.is_whole("main")
    }

    /// Whether all tables were pasted, and the rules that lead to them.
    pub fn is_everything(&self) -> bool {
        self.all_tables == Some(true) && self.rules.is_some()
    }

    /// Whether a rule asks by which interface a packet comes in.
    pub fn asks_for_interfaces(&self) -> bool {
        let rules = self.rules.iter().flatten();
        rules.into_iter().any(|rule| rule.0.get("iif").is_some())
    }

    fn command(&self, what: &str) -> String {
        format!("ip {}{what}", if self.six { "-6 " } else { "" })
    }

    /// The interface that an address alone is behind, without a gateway: `10.42.1.7 dev eni4f2b7c91a0d scope link`; and the table.
    pub fn behind(&self, address: IpAddr) -> Option<(&str, &str, Evidence)> {
        let route = self.all.iter().find(|route| {
            matches!(route.to.bits, 32 | 128)
                && route.to.address == address
                && route.kind == "unicast"
                && route.gateway.is_none()
        })?;
        Some((route.interface?, route.table.as_ref(), route.node.evidence()))
    }

    /// The interface of a table's default route.
    pub fn default_of(&self, table: &str) -> Option<&str> {
        let defaults = self
            .all
            .iter()
            .filter(|route| route.table == table && route.to.bits == 0);
        defaults.min_by_key(|route| route.metric)?.interface
    }

    /// Whether a table's default route leads out by an interface, so that the node's network is behind it.
    pub fn leads_out(&self, interface: &str) -> bool {
        let mut defaults = self.all.iter().filter(|route| route.to.bits == 0);
        defaults.any(|route| route.interface == Some(interface))
    }

    /// Interfaces that single addresses are behind.
    pub fn interfaces_of_hosts(&self) -> impl Iterator<Item = &str> {
        let hosts = self.all.iter();
        hosts
            .filter(|route| matches!(route.to.bits, 32 | 128) && route.kind == "unicast" && route.gateway.is_none())
            .filter_map(|route| route.interface)
    }

    /// The node's own address on an interface, as its routes name it.
    pub fn address_on(&self, interface: &str) -> Option<IpAddr> {
        self.all
            .iter()
            .filter(|route| route.interface == Some(interface))
            .find_map(|route| {
                let source = route.node.value().get("prefsrc").and_then(Value::as_str)?;
                source.parse().ok()
            })
    }

    fn longest(&self, to: IpAddr, table: &str) -> Option<&Route<'a>> {
        self.all
            .iter()
            .filter(|route| route.table == table && route.to.contains(to))
            // The last one of equal ones is that of `max_by`: the lower metric counts as more.
            .max_by(|a, b| (a.to.bits, -a.metric).cmp(&(b.to.bits, -b.metric)))
    }
}

fn is_usual(table: &str) -> bool {
    matches!(table, "main" | "local" | "default")
}

/// The name of a table that iproute2 gives it by default (`/etc/iproute2/rt_tables`).
fn named(table: &str) -> &str {
    match table {
        "253" => "default",
        "254" => "main",
        "255" => "local",
        other => other,
    }
}

fn has_option(dump: &Dump<'_>, option: &str) -> bool {
    dump.command
        .as_ref()
        .is_some_and(|line| line.args.iter().any(|arg| arg == option))
}

/// Whether a command lists all routes of a table: no word chooses some.
fn lists_all(dump: &Dump<'_>) -> bool {
    let mut words = dump.words();
    while let Some(word) = words.next() {
        match word {
            "r" | "ro" | "rou" | "rout" | "route" | "s" | "sh" | "sho" | "show" | "l" | "ls" | "list" => {}
            "table" => {
                words.next();
            }
            _ => return false,
        }
    }
    true
}

/// Whether an entry is what `ip route get` prints: it has the user, or the cache's line.
fn is_decision(route: &Node<'_>) -> bool {
    ["uid", "cache"].iter().any(|name| route.value().get(name).is_some())
}

/// The table that a command lists: `all`, a name; `None` for the main one. `get` for a lookup.
fn table_of<'d>(dump: &'d Dump<'_>) -> Option<&'d str> {
    let mut words = dump.words();
    while let Some(word) = words.next() {
        if word == "table" {
            return words.next();
        }
        if word == "get" {
            return Some("get");
        }
    }
    None
}

fn is_six(route: &Value) -> Option<bool> {
    let text = |name: &str| route.get(name).and_then(Value::as_str);
    let address = |text: &str| text.split('/').next().and_then(|text| text.parse::<IpAddr>().ok());
    ["dst", "gateway", "prefsrc"]
        .iter()
        .find_map(|name| text(name).and_then(address))
        .map(|address| address.is_ipv6())
        .or_else(|| {
            let hops = route.get("nexthops")?.as_array()?;
            hops.iter().find_map(is_six)
        })
        // `default dev eth0`
        .or(Some(false))
}

impl<'a> Route<'a> {
    fn new(node: &Node<'a>, six: bool) -> Option<Self> {
        let value = node.value();
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let hops = value.get("nexthops").and_then(Value::as_array).unwrap_or_default();
        let mut interfaces = hops.iter().filter_map(|hop| hop.get("dev")?.as_str());
        let first = interfaces.next();
        let interface = if interfaces.all(|other| Some(other) == first) {
            text("dev").or(first)
        } else {
            None
        };
        Some(Self {
            to: Prefix::new(text("dst")?, six)?,
            table: Cow::Borrowed(named(text("table").unwrap_or("main"))),
            kind: text("type").unwrap_or("unicast"),
            interface,
            gateway: text("gateway").and_then(|gateway| gateway.parse().ok()),
            metric: value.get("metric").and_then(Value::as_i64).unwrap_or(0),
            node: node.clone(),
        })
    }

    fn hop(&self) -> Hop {
        match self.kind {
            "local" => Hop::Local,
            "blackhole" | "unreachable" | "prohibit" => Hop::Stopped(self.kind.to_owned(), self.node.evidence()),
            "unicast" => match self.interface {
                Some(interface) => Hop::By {
                    interface: interface.to_owned(),
                    gateway: self.gateway,
                },
                None => Hop::Unknown,
            },
            _ => Hop::Unknown,
        }
    }
}
