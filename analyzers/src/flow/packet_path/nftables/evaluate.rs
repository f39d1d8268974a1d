//! One rule: its statements one after the other, until one is not about the packet (`man nft`, "STATEMENTS").

use super::super::node::packet::{Action, Branch, Evaluated, Host, Packet, Question, Source};
use super::expression::{Look, Part, plain, source, target};
use super::rules::{Chain, Nft};
use crate::artifact::{Node, Value};
use crate::evidence::Evidence;

/// A question that has to be answered first.
type Asked<T> = Result<T, Question>;

/// A rule that is asked about a packet.
pub struct Evaluation<'e, 'a> {
    nft: &'e Nft<'a>,
    chain: &'e Chain<'a>,
    rule: &'e Node<'a>,
    host: &'e dyn Host,
    before: &'e Packet,
    packet: Packet,
    /// How often the rule gets here.
    share: f64,
    hits: Vec<Evidence>,
    ended: Vec<Branch>,
}

/// Statements that ask, count or write to a log, and change neither a packet nor its way.
const SAYING: [&str; 6] = ["match", "counter", "limit", "log", "quota", "audit"];

/// What a map has for a packet: how often, the value, where it stands.
type Found<'v> = Vec<(f64, Option<&'v Value>, Option<Evidence>)>;

impl<'e, 'a> Evaluation<'e, 'a> {
    /// Nothing was asked yet.
    pub fn new(
        nft: &'e Nft<'a>,
        chain: &'e Chain<'a>,
        rule: &'e Node<'a>,
        packet: &'e Packet,
        host: &'e dyn Host,
    ) -> Self {
        Self {
            nft,
            chain,
            rule,
            host,
            before: packet,
            packet: packet.clone(),
            share: 1.0,
            hits: Vec::new(),
            ended: Vec::new(),
        }
    }

    /// All ways through the rule.
    pub fn run(mut self) -> Asked<Evaluated> {
        let statements = self.rule.value().get("expr").and_then(Value::as_array);
        // Where a rule does nothing to a packet's way, it does not matter whether it is about the packet.
        let names = statements
            .into_iter()
            .flatten()
            .filter_map(|statement| statement.as_object()?.iter().next());
        if names.into_iter().all(|(name, _)| SAYING.contains(&name)) {
            return Ok(Evaluated::Passed);
        }
        for statement in statements.into_iter().flatten() {
            let Some((name, value)) = statement.as_object().and_then(|members| members.iter().next()) else {
                continue;
            };
            if !self.statement(name, value)? {
                return Ok(self.done());
            }
        }
        self.end(Action::Next);
        Ok(self.done())
    }

    fn done(self) -> Evaluated {
        let untouched = |branch: &Branch| branch.action == Action::Next && branch.packet == *self.before;
        if self.ended.iter().all(untouched) {
            return Evaluated::Passed;
        }
        Evaluated::Branches(self.ended)
    }

    /// The rule ends so for what is left of its share.
    fn end(&mut self, action: Action) {
        let own = !matches!(action, Action::Next) || self.packet != *self.before;
        let mut hits = std::mem::take(&mut self.hits);
        if own {
            hits.insert(0, self.rule.evidence());
        }
        self.ended.push(Branch {
            share: self.share,
            packet: self.packet.clone(),
            action,
            hits,
        });
    }

    fn look(&self) -> Look<'_, 'a> {
        Look {
            nft: self.nft,
            chain: self.chain,
            packet: &self.packet,
            host: self.host,
        }
    }

    /// One statement. Returns whether the next one is asked.
    fn statement(&mut self, name: &str, value: &'a Value) -> Asked<bool> {
        match name {
            "match" => return self.comparison(value),
            "vmap" => return self.verdicts(value),
            "accept" | "drop" | "return" | "jump" | "goto" | "reject" => {
                let action = self.verdict(name, value, None);
                self.end(action);
                return Ok(false);
            }
            "mangle" => return self.mangle(value),
            "dnat" | "snat" | "masquerade" | "redirect" => {
                self.rewrite(name, value)?;
                return Ok(false);
            }
            "notrack" => self.packet.untracked = true,
            "queue" | "tproxy" | "synproxy" | "fwd" => {
                self.end(Action::Lost(name.to_owned()));
                return Ok(false);
            }
            "unread" | "limit" | "quota" | "ct count" => return self.other(format!("{name} {}", value.to_json())),
            "xt" => {
                let called = value.get("name").and_then(Value::as_str).unwrap_or_default();
                if called != "comment" {
                    // A target and a match look alike in older versions.
                    return self.other(format!("xt {called}"));
                }
            }
            // `continue`, `counter`, `log`, `set`, `map`, `flow`, `dup`, `ct helper` … do nothing to a new connection's way.
            _ => {}
        }
        Ok(true)
    }

    /// What the rules do not tell.
    fn other(&mut self, words: String) -> Asked<bool> {
        let question = Question::Other(words);
        let answer = self.host.assumed(&question).ok_or(question)?;
        if !answer {
            self.miss(self.share);
        }
        Ok(answer)
    }

    /// The rule is not about the packet, so often.
    fn miss(&mut self, share: f64) {
        if share > 0.0 {
            self.ended.push(Branch {
                share,
                packet: self.packet.clone(),
                action: Action::Next,
                hits: Vec::new(),
            });
        }
    }

    fn comparison(&mut self, value: &Value) -> Asked<bool> {
        let (Some(left), Some(right)) = (value.get("left"), value.get("right")) else {
            return self.other(value.to_json().to_string());
        };
        let operator = value.get("op").and_then(Value::as_str).unwrap_or("==");
        if let Some(count) = random(left)
            && let Some(chance) = self.look().chance(count, operator, right)
        {
            let rest = self.share * (1.0 - chance);
            self.miss(rest);
            self.share *= chance;
            return Ok(chance > 0.0);
        }
        let parts = self.asked(left)?;
        let Some(parts) = parts else {
            return self.other(value.to_json().to_string());
        };
        if let [Part::OneOf(count)] = parts.as_slice() {
            let Some(chance) = self.look().chance(*count, operator, right) else {
                return self.other(value.to_json().to_string());
            };
            let rest = self.share * (1.0 - chance);
            self.miss(rest);
            self.share *= chance;
            return Ok(chance > 0.0);
        }
        // What the packet does not have is neither equal nor unequal: the rule is about other packets.
        let absent = parts.contains(&Part::Absent);
        let is = match (operator, parts.as_slice()) {
            _ if absent => false,
            ("==" | "in" | "", _) => self.settled(&parts, right, value)?,
            ("!=", _) => !self.settled(&parts, right, value)?,
            (_, [Part::Number(number)]) => match self.look().calculated(right) {
                Some(other) => {
                    let other = i64::from(other);
                    match operator {
                        "<" => *number < other,
                        ">" => *number > other,
                        "<=" => *number <= other,
                        _ => *number >= other,
                    }
                }
                None => return self.other(value.to_json().to_string()),
            },
            _ => return self.other(value.to_json().to_string()),
        };
        if !is {
            self.miss(self.share);
        }
        Ok(is)
    }

    /// The parts of the packet; `None` where they are not known.
    fn asked(&self, left: &Value) -> Asked<Option<Vec<Part>>> {
        match self.look().parts(left) {
            Ok(parts) => Ok(Some(parts)),
            Err(Question::Other(_)) => Ok(None),
            Err(question) => Err(question),
        }
    }

    /// Whether parts are what stands on the right side; where that cannot be told, the whole comparison is asked about.
    fn settled(&self, parts: &[Part], right: &Value, whole: &Value) -> Asked<bool> {
        match self.look().is(parts, right) {
            Err(Question::Other(_)) => {
                let question = Question::Other(whole.to_json().to_string());
                self.host.assumed(&question).ok_or(question)
            }
            other => other,
        }
    }

    fn mangle(&mut self, value: &Value) -> Asked<bool> {
        let key = value.get("key");
        let is = |name: &str| key.and_then(|key| key.get(name)?.get("key")).and_then(Value::as_str) == Some("mark");
        let (meta, ct) = (is("meta"), is("ct"));
        if !meta && !ct {
            // `ip dscp set`, `tcp option maxseg size set`.
            return Ok(true);
        }
        let found = value.get("value").and_then(|value| self.look().calculated(value));
        let Some(found) = found else {
            return self.other(value.to_json().to_string());
        };
        if meta {
            self.packet.mark = found;
        } else {
            self.packet.connection_mark = found;
        }
        Ok(true)
    }

    /// What a map has for the packet.
    fn looked_up(&self, key: &Value, data: &'a Value) -> Asked<Found<'a>> {
        let set = data
            .as_str()
            .filter(|text| text.starts_with('@'))
            .map(|name| {
                let missing = || Question::Other(format!("{name} was not pasted"));
                self.nft.set_of(self.chain, name).ok_or_else(missing)
            })
            .transpose()?;
        let elements = match set {
            Some(set) => set.elements,
            None => data.get("set").and_then(Value::as_array).unwrap_or_default(),
        };
        let pairs = elements.iter().enumerate().filter_map(|(number, element)| {
            let [key, value] = element.as_array()? else { return None };
            Some((key, value, set.map(|set| set.evidence(number))))
        });
        let parts = self.look().parts(key)?;
        if let [Part::OneOf(count)] = parts.as_slice() {
            let each = 1.0 / f64::from(*count);
            let mut found: Found<'a> = Vec::new();
            let mut rest = 1.0;
            for (key, value, evidence) in pairs {
                let share = each * f64::from(how_many(key));
                rest -= share;
                found.push((share, Some(value), evidence));
            }
            if rest > 1e-9 {
                found.push((rest, None, None));
            }
            return Ok(found);
        }
        if parts.contains(&Part::Absent) {
            return Ok(vec![(1.0, None, None)]);
        }
        for (key, value, evidence) in pairs {
            if self.look().is(&parts, key)? {
                return Ok(vec![(1.0, Some(value), evidence)]);
            }
        }
        Ok(vec![(1.0, None, None)])
    }

    /// What a verdict map says. Returns whether the next statement is asked: where it says `continue`, the same rule goes on
    /// (`nft_do_chain`); where it says nothing, it does not.
    fn verdicts(&mut self, value: &'a Value) -> Asked<bool> {
        let (Some(key), Some(data)) = (value.get("key"), value.get("data")) else {
            return self.other(value.to_json().to_string());
        };
        let found = self.looked_up(key, data)?;
        let share = self.share;
        let hits = self.hits.clone();
        let mut on = 0.0;
        for (part, value, evidence) in found {
            self.share = share * part;
            let Some((name, inner)) = value.and_then(|value| plain(value).as_object()?.iter().next()) else {
                self.miss(self.share);
                continue;
            };
            if name == "continue" {
                on += self.share;
                continue;
            }
            self.hits = hits.iter().cloned().chain(evidence).collect();
            let action = self.verdict(name, inner, data.as_str());
            self.end(action);
        }
        (self.share, self.hits) = (on, hits);
        Ok(on > 0.0)
    }

    /// A verdict; `map` is where it stands, where it stands in one.
    fn verdict(&self, name: &str, value: &Value, map: Option<&str>) -> Action {
        let said = || {
            self.rule
                .str_of("comment")
                .or(map)
                .or(self.chain.comment)
                .unwrap_or(self.chain.name)
                .to_owned()
        };
        match name {
            "accept" => Action::Accept,
            "drop" => Action::Drop(said()),
            "reject" => Action::Reject(said()),
            "return" => Action::Return,
            "jump" | "goto" => {
                let target = value.get("target").and_then(Value::as_str).unwrap_or_default();
                match self.nft.chain_of(self.chain, target) {
                    Some(chain) if name == "jump" => Action::Jump(chain),
                    Some(chain) => Action::Goto(chain),
                    None => Action::Lost(target.to_owned()),
                }
            }
            _ => Action::Next,
        }
    }

    /// `dnat to 10.0.0.5:8080`, `dnat ip to numgen random mod 2 map { … }`, `masquerade`.
    fn rewrite(&mut self, name: &str, value: &'a Value) -> Asked<()> {
        let port = value.get("port").and_then(|port| target(port).1);
        let found: Found<'a> = match value.get("addr") {
            Some(address) => match address.get("map") {
                Some(map) => match (map.get("key"), map.get("data")) {
                    (Some(key), Some(data)) => self.looked_up(key, data)?,
                    _ => vec![(1.0, None, None)],
                },
                None => vec![(1.0, Some(address), None)],
            },
            None => vec![(1.0, None, None)],
        };
        let (share, before, hits) = (self.share, self.packet.clone(), self.hits.clone());
        for (part, to, evidence) in found {
            self.share = share * part;
            self.packet = before.clone();
            self.hits = hits.iter().cloned().chain(evidence).collect();
            let (address, other) = to.map(target).unwrap_or_default();
            let port = port.or(other);
            match name {
                "masquerade" => self.packet.seen = Source::Interface,
                "snat" => self.packet.seen = source(address),
                "redirect" if self.packet.incoming == super::super::node::packet::Interface::None => {
                    let loopback: std::net::IpAddr = if self.packet.destination.is_ipv6() {
                        std::net::Ipv6Addr::LOCALHOST.into()
                    } else {
                        std::net::Ipv4Addr::LOCALHOST.into()
                    };
                    self.packet.send_to(Some(loopback), port);
                }
                "dnat" if address.is_some() || port.is_some() => self.packet.send_to(address, port),
                // A map that has nothing for the packet.
                "dnat" if value.get("addr").is_some_and(|address| address.get("map").is_some()) && to.is_none() => {
                    self.miss(self.share);
                    continue;
                }
                _ => {
                    self.end(Action::Lost(name.to_owned()));
                    continue;
                }
            }
            self.end(Action::Accept);
        }
        Ok(())
    }
}

/// `meta random & 2147483647`, as nft shows iptables' `statistic`: one of so many numbers.
fn random(left: &Value) -> Option<u32> {
    let [of, mask] = left.get("&")?.as_array()? else {
        return None;
    };
    let key = of.get("meta")?.get("key")?.as_str()?;
    let mask = u32::try_from(mask.as_i64()?).ok()?;
    (key == "random" && mask.checked_add(1)?.is_power_of_two()).then(|| mask + 1)
}

/// How many numbers a key is: `0`, `0-4`.
fn how_many(key: &Value) -> u32 {
    let range = plain(key).get("range").and_then(Value::as_array);
    let ends = range.and_then(|ends| Some((ends.first()?.as_i64()?, ends.get(1)?.as_i64()?)));
    ends.and_then(|(first, last)| u32::try_from(last.checked_sub(first)?.checked_add(1)?).ok())
        .unwrap_or(1)
}
