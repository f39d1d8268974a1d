//! Exchanges put together to lookups: what a program wanted to know, and every name that was asked for it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

use super::exchange::Exchange;

/// A lookup that was not continued for this long (microseconds) is over: three servers, two attempts each, five seconds
/// each (the defaults of resolv.conf(5)).
const OVER_AFTER: i64 = 30_000_000;

/// How many lookups of the same name by one client are kept open at once.
const OPEN_AT_ONCE: usize = 16;

/// One lookup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Who wanted to know.
    pub client: IpAddr,
    /// What was wanted: without a search domain, where `searched`.
    pub name: String,
    /// Whether the queries show that the search list was gone through: at least two names of one ladder.
    pub searched: bool,
    /// The names that were asked for, in order.
    pub rungs: Vec<Rung>,
}

/// One name that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// The name.
    pub name: String,
    /// The search domain in it, where `searched`.
    pub suffix: Option<String>,
    /// Indices of the exchanges, one a type.
    pub exchanges: Vec<usize>,
}

impl Lookup {
    /// Whether the last name that was asked for was answered with a record.
    pub fn answered(&self, exchanges: &[Exchange]) -> bool {
        self.rungs.last().is_some_and(|rung| rung.positive(exchanges))
    }

    /// The names that were asked for in vain before, or instead of, the one that counts.
    pub fn wasted<'l>(&'l self, exchanges: &'l [Exchange]) -> impl Iterator<Item = &'l Rung> {
        let last = self.rungs.len().saturating_sub(1);
        self.rungs
            .iter()
            .enumerate()
            .filter(move |(index, rung)| self.is_waste(*index < last, rung, exchanges))
            .map(|(_, rung)| rung)
    }

    /// Whether the rung was asked for in vain; `followed`: whether another one follows.
    pub fn is_waste(&self, followed: bool, rung: &Rung, exchanges: &[Exchange]) -> bool {
        self.searched && (followed || rung.suffix.is_some()) && rung.negative(exchanges)
    }
}

impl Rung {
    /// Its exchanges.
    pub fn of<'e>(&'e self, exchanges: &'e [Exchange]) -> impl Iterator<Item = &'e Exchange> {
        self.exchanges.iter().filter_map(|&index| exchanges.get(index))
    }

    /// Whether one of its questions was answered with a record.
    pub fn positive(&self, exchanges: &[Exchange]) -> bool {
        self.of(exchanges).any(Exchange::positive)
    }

    /// Whether all of its questions that were answered at all were refused.
    pub fn negative(&self, exchanges: &[Exchange]) -> bool {
        self.of(exchanges).any(Exchange::negative)
            && self
                .of(exchanges)
                .all(|exchange| exchange.negative() || exchange.answer.is_none())
    }
}

/// A lookup in the making. As long as only one name was asked for it can be the search for any of `bases`.
struct Draft {
    bases: Vec<String>,
    fixed: bool,
    as_is_first: bool,
    last: Option<i64>,
    types: BTreeSet<String>,
    lookup: Lookup,
}

/// A client's search list.
struct Ladder<'s> {
    search: &'s [String],
}

impl Ladder<'_> {
    /// The place of `name` in the ladder of `base`, and its suffix.
    fn place(&self, base: &str, name: &str, as_is_first: bool) -> Option<(usize, Option<String>)> {
        if name == base {
            return Some((if as_is_first { 0 } else { self.search.len() + 1 }, None));
        }
        let suffix = name.strip_prefix(base)?.strip_prefix('.')?;
        let index = self.search.iter().position(|domain| domain == suffix)?;
        Some((index + 1, Some(suffix.to_owned())))
    }

    /// What can have been wanted when `name` is asked for: the likeliest first.
    fn bases(&self, name: &str) -> Vec<String> {
        let mut bases: Vec<String> = self
            .search
            .iter()
            .filter_map(|domain| name.strip_suffix(domain.as_str())?.strip_suffix('.'))
            .filter(|base| !base.is_empty())
            .map(str::to_owned)
            .collect();
        // The longest suffix first: it stands for the shortest base.
        bases.sort_by_key(String::len);
        bases.dedup();
        bases.push(name.to_owned());
        bases
    }
}

/// Groups exchanges to lookups. `search_of` says the search list of a client, where it is known; without one, names that
/// differ are different lookups.
pub fn lookups<'s>(exchanges: &[Exchange], search_of: impl Fn(IpAddr) -> &'s [String]) -> Vec<Lookup> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut open: BTreeMap<(IpAddr, String), VecDeque<usize>> = BTreeMap::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        let client = exchange.client.address;
        let ladder = Ladder {
            search: search_of(client),
        };
        let bases = ladder.bases(&exchange.name);
        let joined = bases.iter().any(|base| {
            open.get(&(client, base.clone())).is_some_and(|candidates| {
                candidates.iter().any(|&at| {
                    drafts
                        .get_mut(at)
                        .is_some_and(|draft| join(draft, &ladder, base, index, exchange, exchanges))
                })
            })
        });
        if joined {
            continue;
        }
        let at = drafts.len();
        for base in &bases {
            let candidates = open.entry((client, base.clone())).or_default();
            if candidates.len() == OPEN_AT_ONCE {
                candidates.pop_front();
            }
            candidates.push_back(at);
        }
        drafts.push(Draft {
            as_is_first: bases.len() == 1,
            bases,
            fixed: false,
            last: exchange.asked,
            types: BTreeSet::from([exchange.qtype.clone()]),
            lookup: Lookup {
                client,
                name: exchange.name.clone(),
                searched: false,
                rungs: vec![Rung {
                    name: exchange.name.clone(),
                    suffix: None,
                    exchanges: vec![index],
                }],
            },
        });
    }
    drafts.into_iter().map(|draft| draft.lookup).collect()
}

/// Adds the exchange to the lookup of `base` if that is what comes next in it.
fn join(
    draft: &mut Draft,
    ladder: &Ladder<'_>,
    base: &str,
    index: usize,
    exchange: &Exchange,
    exchanges: &[Exchange],
) -> bool {
    if draft.fixed && draft.lookup.name != base || !draft.bases.iter().any(|known| known == base) {
        return false;
    }
    if let (Some(last), Some(now)) = (draft.last, exchange.asked)
        && !(0..OVER_AFTER).contains(&(now - last))
    {
        return false;
    }
    let Some(rung) = draft.lookup.rungs.last_mut() else {
        return false;
    };
    if rung.name == exchange.name {
        let truncated = rung.of(exchanges).any(|earlier| {
            earlier.qtype == exchange.qtype && earlier.answer.as_ref().is_some_and(|answer| answer.truncated)
        });
        if !draft.types.insert(exchange.qtype.clone()) && !truncated {
            return false;
        }
        rung.exchanges.push(index);
        draft.last = exchange.asked;
        return true;
    }
    // The next name: only after the one before was refused or failed, and further along the ladder.
    let (Some((place, suffix)), Some((before, first_suffix))) = (
        ladder.place(base, &exchange.name, draft.as_is_first),
        ladder.place(base, &rung.name, draft.as_is_first),
    ) else {
        return false;
    };
    if place <= before || rung.positive(exchanges) || !draft.types.contains(&exchange.qtype) {
        return false;
    }
    if !draft.fixed {
        rung.suffix = first_suffix;
        base.clone_into(&mut draft.lookup.name);
        draft.lookup.searched = true;
        draft.fixed = true;
    }
    draft.types = BTreeSet::from([exchange.qtype.clone()]);
    draft.lookup.rungs.push(Rung {
        name: exchange.name.clone(),
        suffix,
        exchanges: vec![index],
    });
    draft.last = exchange.asked;
    true
}

#[cfg(test)]
mod tests {
    use super::super::exchange::exchanges;
    use super::super::tests::{answer, capture, lookup, query};
    use super::*;

    const SEARCH: [&str; 4] = [
        "shop.svc.cluster.local",
        "svc.cluster.local",
        "cluster.local",
        "ec2.internal",
    ];

    fn search() -> Vec<String> {
        SEARCH.map(str::to_owned).to_vec()
    }

    fn shown(packets: Vec<crate::artifact::Packet>, search: &[String]) -> Vec<(String, usize, usize)> {
        let all = exchanges(&capture(packets));
        lookups(&all, |_| search)
            .iter()
            .map(|lookup| {
                let total = lookup.rungs.iter().map(|rung| rung.exchanges.len()).sum();
                let wasted = lookup.wasted(&all).map(|rung| rung.exchanges.len()).sum();
                (lookup.name.clone(), wasted, total)
            })
            .collect()
    }

    fn found(name: &str, wasted: usize, total: usize) -> (String, usize, usize) {
        (name.to_owned(), wasted, total)
    }

    #[test]
    fn a_ladder_is_one_lookup_of_its_base() {
        let packets = lookup("10.0.0.1", "api.example.com", &SEARCH);
        assert_eq!(shown(packets, &search()), [found("api.example.com", 8, 10)]);
    }

    #[test]
    fn without_a_search_list_nothing_is_put_together() {
        let packets = lookup("10.0.0.1", "api.example.com", &["a.test"]);
        assert_eq!(
            shown(packets, &[]),
            [found("api.example.com.a.test", 0, 2), found("api.example.com", 0, 2)]
        );
    }

    #[test]
    fn a_service_in_another_namespace_wastes_one_name() {
        let c = "10.0.0.1:4000";
        let s = "10.100.0.10:53";
        let packets = vec![
            query(0, c, s, 1, "A", "cart.web.shop.svc.cluster.local"),
            answer(300, s, c, 1, "NXDOMAIN", &[]),
            query(500, c, s, 2, "A", "cart.web.svc.cluster.local"),
            answer(800, s, c, 2, "NOERROR", &["10.100.7.7"]),
        ];
        assert_eq!(shown(packets, &search()), [found("cart.web", 1, 2)]);
    }

    #[test]
    fn repeated_and_parallel_lookups_of_one_name_stay_apart() {
        let mut packets = lookup("10.0.0.1", "api.example.com", &SEARCH);
        packets.extend(lookup("10.0.0.1", "api.example.com", &SEARCH));
        let one = found("api.example.com", 8, 10);
        assert_eq!(shown(packets.clone(), &search()), [one.clone(), one.clone()]);
        // Two threads: every packet twice, with another port and id.
        let mut parallel = Vec::new();
        for packet in lookup("10.0.0.1", "api.example.com", &SEARCH) {
            let mut twin = packet.clone();
            if let crate::artifact::Transport::Dns(message) = &mut twin.transport {
                message.id ^= 0x4000;
            }
            parallel.extend([packet, twin]);
        }
        assert_eq!(shown(parallel, &search()), [one.clone(), one]);
    }

    #[test]
    fn clients_do_not_mix() {
        let mut packets = Vec::new();
        let one = lookup("10.0.0.1", "api.example.com", &SEARCH);
        let two = lookup("10.0.0.2", "www.example.org", &SEARCH);
        for (a, b) in one.into_iter().zip(two) {
            packets.extend([a, b]);
        }
        assert_eq!(
            shown(packets, &search()),
            [found("api.example.com", 8, 10), found("www.example.org", 8, 10)]
        );
    }

    #[test]
    fn a_capture_that_begins_in_the_middle_still_shows_the_name() {
        let packets: Vec<_> = lookup("10.0.0.1", "api.example.com", &SEARCH)
            .into_iter()
            .skip(4)
            .collect();
        assert_eq!(shown(packets, &search()), [found("api.example.com", 6, 8)]);
    }

    #[test]
    fn one_full_name_is_not_taken_apart() {
        let c = "10.0.0.1:4000";
        let s = "10.100.0.10:53";
        let packets = vec![
            query(0, c, s, 1, "A", "cart.web.svc.cluster.local"),
            answer(300, s, c, 1, "NOERROR", &["10.100.7.7"]),
        ];
        assert_eq!(shown(packets, &search()), [found("cart.web.svc.cluster.local", 0, 1)]);
    }
}
