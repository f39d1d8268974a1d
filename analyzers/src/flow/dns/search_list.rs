//! The search list of a client whose `resolv.conf` was not pasted, read from its queries.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use super::exchange::Exchange;

/// How many refused names of a client are remembered: more than the longest search list that the kubelet writes
/// (`MaxDNSSearchPaths`, 32) plus what other threads ask meanwhile.
const REMEMBERED: usize = 48;

/// The search list of each client that shows one: a name that is answered, after the same name with two or more suffixes was
/// refused. A client that shows two lists of which neither is part of the other is left out: its programs do not share one.
pub fn inferred<'e>(exchanges: impl Iterator<Item = &'e Exchange>) -> BTreeMap<IpAddr, Vec<String>> {
    let mut refused: BTreeMap<IpAddr, VecDeque<&str>> = BTreeMap::new();
    let mut lists: BTreeMap<IpAddr, Option<Vec<String>>> = BTreeMap::new();
    for exchange in exchanges {
        let recent = refused.entry(exchange.client.address).or_default();
        if exchange.positive() || exchange.nxdomain() {
            let mut list: Vec<String> = Vec::new();
            for suffix in recent
                .iter()
                .filter_map(|name| name.strip_prefix(exchange.name.as_str())?.strip_prefix('.'))
            {
                // The same list from its beginning: an earlier lookup of the same name.
                if list.first().is_some_and(|first| first == suffix) {
                    list.clear();
                }
                if !list.iter().any(|known| known == suffix) {
                    list.push(suffix.to_owned());
                }
            }
            if list.len() >= 2 && (exchange.positive() || is_cluster_list(&list)) {
                let entry = lists
                    .entry(exchange.client.address)
                    .or_insert_with(|| Some(list.clone()));
                *entry = entry.take().and_then(|known| longer(known, list));
            }
        }
        if exchange.nxdomain() && recent.back() != Some(&exchange.name.as_str()) {
            if recent.len() == REMEMBERED {
                recent.pop_front();
            }
            recent.push_back(&exchange.name);
        }
    }
    lists
        .into_iter()
        .filter_map(|(client, list)| Some((client, list?)))
        .collect()
}

/// The list that contains the other one.
fn longer(one: Vec<String>, other: Vec<String>) -> Option<Vec<String>> {
    let contains = |long: &[String], short: &[String]| long.windows(short.len()).any(|part| part == short);
    if contains(&one, &other) {
        Some(one)
    } else if contains(&other, &one) {
        Some(other)
    } else {
        None
    }
}

/// `NS.svc.ZONE svc.ZONE ZONE` at the beginning, which the kubelet writes for `dnsPolicy: ClusterFirst`
/// (`pkg/kubelet/network/dns/dns.go`, `generateSearchesForDNSClusterFirst`).
pub fn is_cluster_list(list: &[String]) -> bool {
    let [first, second, third, ..] = list else {
        return false;
    };
    second.strip_prefix("svc.") == Some(third.as_str())
        && first
            .strip_suffix(second.as_str())
            .and_then(|rest| rest.strip_suffix('.'))
            .is_some_and(|namespace| !namespace.is_empty() && !namespace.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::super::exchange::exchanges;
    use super::super::tests::{capture, lookup};
    use super::inferred;

    fn list_of(packets: Vec<crate::artifact::Packet>) -> Option<String> {
        let all = exchanges(&capture(packets));
        inferred(all.iter()).into_values().next().map(|list| list.join(" "))
    }

    #[test]
    fn a_refused_ladder_that_ends_in_an_answer_shows_the_list() {
        let packets = lookup(
            "10.0.0.1",
            "api.example.com",
            &[
                "shop.svc.cluster.local",
                "svc.cluster.local",
                "cluster.local",
                "ec2.internal",
            ],
        );
        assert_eq!(
            list_of(packets).as_deref(),
            Some("shop.svc.cluster.local svc.cluster.local cluster.local ec2.internal")
        );
    }

    #[test]
    fn one_suffix_alone_is_no_list() {
        assert_eq!(list_of(lookup("10.0.0.1", "api.example.com", &["corp.example"])), None);
    }

    #[test]
    fn two_different_lists_of_one_client_are_not_mixed() {
        let mut packets = lookup("10.0.0.1", "api.example.com", &["a.test", "b.test"]);
        packets.extend(lookup("10.0.0.1", "www.example.com", &["c.test", "d.test"]));
        assert_eq!(list_of(packets), None);
    }
}
