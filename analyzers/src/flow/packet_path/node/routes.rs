//! A node's routes: by which interface a packet leaves (ip-rule(8), ip-route(8)).

use std::net::IpAddr;

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
    table: &'a str,
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

/// One rule of `ip rule`.
#[derive(Debug, Clone)]
struct Rule<'a>(&'a Value, Node<'a>);

/// The tables and the rules that choose among them.
#[derive(Debug, Clone)]
pub struct Routes<'a> {
    all: Vec<Route<'a>>,
    /// `None` where `ip rule` was not pasted.
    rules: Option<Vec<Rule<'a>>>,
    /// Whether all tables were pasted, and not the main one alone.
    all_tables: bool,
    /// Whether there are tables that only rules lead to.
    has_own_tables: bool,
    /// The whole list; `None` where routes may be missing.
    whole: Option<Evidence>,
}

impl<'a> Routes<'a> {
    /// The routes of a family; `None` where they were not pasted.
    pub fn new(dumps: &Dumps<'a>, six: bool) -> Option<Self> {
        let mut found = Self {
            all: Vec::new(),
            rules: None,
            all_tables: false,
            has_own_tables: false,
            whole: None,
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
            if let Some(table) = table.filter(|table| *table != "all") {
                let Some(known) = ["main", "local", "default"].iter().find(|known| **known == table) else {
                    // A table's name stands in the command alone.
                    continue;
                };
                for route in &mut routes {
                    route.table = known;
                }
            }
            if routes.is_empty() {
                continue;
            }
            found.all_tables |= table == Some("all") || routes.iter().any(|route| route.table == "local");
            if !dump.is_selected() && dump.root.complete() && lists_all(dump) {
                found.whole.get_or_insert_with(|| dump.root.evidence());
            }
            found.has_own_tables |= routes.iter().any(|route| !is_usual(route.table));
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

    /// All of them.
    pub fn all(&self) -> &[Route<'a>] {
        &self.all
    }

    /// The whole list; `None` where routes may be missing.
    pub fn whole(&self) -> Option<&Evidence> {
        self.whole.as_ref()
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
        self.pick(to, from, mark, incoming).map_or_else(|hop| hop, Route::hop)
    }

    /// The route that a packet takes.
    ///
    /// # Errors
    /// What becomes of it where no route is taken, or nothing tells which.
    pub fn pick(&self, to: IpAddr, from: Option<IpAddr>, mark: u32, incoming: &Interface) -> Result<&Route<'a>, Hop> {
        let Some(rules) = &self.rules else {
            // Without `ip rule` the usual rules are taken (ip-rule(8)), but not where there are tables for others.
            if self.has_own_tables {
                return Err(Hop::Unknown);
            }
            for table in ["local", "main", "default"] {
                if let Some(route) = self.longest(to, table) {
                    return Ok(route);
                }
            }
            return Err(self.none());
        };
        for rule in rules {
            match rule.is_about(to, from, mark, incoming) {
                Some(true) => {}
                Some(false) => continue,
                None => return Err(Hop::Unknown),
            }
            if let Some(stop) = rule.stop() {
                return Err(Hop::Stopped(stop.to_owned(), rule.1.evidence()));
            }
            let Some(table) = rule.0.get("table").and_then(Value::as_str) else {
                return Err(Hop::Unknown);
            };
            if !self.all_tables && !matches!(table, "main" | "local" | "default") {
                return Err(Hop::Unknown);
            }
            let least = rule.0.get("suppress_prefixlen").and_then(Value::as_i64);
            match self.longest(to, table) {
                Some(route) if route.kind == "throw" => {}
                Some(route) if least.is_some_and(|least| i64::from(route.to.bits) <= least) => {}
                Some(route) => return Ok(route),
                None => {}
            }
        }
        Err(self.none())
    }

    fn none(&self) -> Hop {
        self.whole.clone().map_or(Hop::Unknown, Hop::Nowhere)
    }

    fn longest(&self, to: IpAddr, table: &str) -> Option<&Route<'a>> {
        self.all
            .iter()
            .filter(|route| route.table == table && route.to.contains(to))
            // The last one of equal ones is that of `max_by`: the lower metric counts as more.
            .max_by(|a, b| (a.to.bits, -a.metric).cmp(&(b.to.bits, -b.metric)))
    }
}

/// Whether a command lists all routes of its tables: what follows `ip route show`, but `table NAME`, chooses some (`dev`, `proto`, a block).
fn lists_all(dump: &Dump<'_>) -> bool {
    let Some(line) = &dump.command else { return false };
    let inner = line.inner();
    if inner
        .as_ref()
        .is_some_and(|inner| inner.selected || !inner.pipeline.is_empty())
    {
        return false;
    }
    let args = inner.as_ref().map_or(&line.args, |inner| &inner.args);
    let mut words = args
        .iter()
        .map(String::as_str)
        .filter(|word| !word.starts_with('-'))
        .skip_while(|word| !"route".starts_with(word))
        .skip(1)
        .peekable();
    words.next_if(|word| "show".starts_with(word) || "list".starts_with(word) || *word == "lst");
    words
        .next_if(|word| *word == "table")
        .is_none_or(|_| words.next().is_some())
        && words.next().is_none()
}

fn is_usual(table: &str) -> bool {
    matches!(table, "main" | "local" | "default")
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
            table: text("table").unwrap_or("main"),
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

impl Rule<'_> {
    /// Whether the rule is about a packet; `None` where that is not known.
    fn is_about(&self, to: IpAddr, from: Option<IpAddr>, mark: u32, incoming: &Interface) -> Option<bool> {
        let text = |name: &str| self.0.get(name).and_then(Value::as_str);
        let is_in = |name: &str, len: &str, address: IpAddr| {
            let Some(block) = text(name) else { return true };
            let block = match self.0.get(len).and_then(Value::as_i64) {
                Some(len) => Prefix::new(&format!("{block}/{len}"), address.is_ipv6()),
                None => Prefix::new(block, address.is_ipv6()),
            };
            block.is_some_and(|block| block.contains(address))
        };
        let marked = match text("fwmark").map(super::number) {
            Some(None) => return None,
            Some(Some(value)) => {
                let mask = text("fwmask").and_then(super::number).unwrap_or(u32::MAX);
                mark & mask == value & mask
            }
            None => true,
        };
        let by = match (text("iif"), incoming) {
            (None, _) => true,
            (Some(iif), Interface::Named(name)) => iif == name,
            (Some(_), Interface::None) => false,
            (Some(_), Interface::Unknown) => return None,
        };
        let mut is = is_in("dst", "dstlen", to) && from.is_none_or(|from| is_in("src", "srclen", from)) && marked && by;
        if self.0.get("not").is_some() {
            is = !is;
        }
        let unknown = [
            "uid_start",
            "sport",
            "sport_start",
            "dport",
            "dport_start",
            "ipproto",
            "oif",
            "tos",
        ]
        .iter()
        .any(|name| self.0.get(name).is_some());
        if is && unknown { None } else { Some(is) }
    }

    fn stop(&self) -> Option<&str> {
        let action = self.0.get("action")?.as_str()?;
        matches!(action, "blackhole" | "unreachable" | "prohibit").then_some(action)
    }
}
