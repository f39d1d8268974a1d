//! Envoy's admin pages `/stats` and `/listeners` as text (source/server/admin), in the shapes of their JSON (`stats`, and
//! api/envoy/admin/v3/listeners.proto).

use super::envoy_clusters::{address, asks};
use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `/stats`.
pub const STATS: Format = Format::new(&Spec {
    name: "envoy-stats",
    title: "Envoy's statistics",
    command: |line| asks(line, "stats"),
    least: 6,
    sniff: take_stats,
    read: read_stats,
});

/// `/listeners`.
pub const LISTENERS: Format = Format::new(&Spec {
    name: "envoy-listeners",
    title: "Envoy's listeners",
    command: |line| asks(line, "listeners"),
    least: 5,
    sniff: take_listeners,
    read: read_listeners,
});

/// The roots of Envoy's and Istio's statistics.
const ROOTS: [&str; 16] = [
    "cluster.",
    "cluster_manager.",
    "control_plane.",
    "dns.",
    "filesystem.",
    "http.",
    "http1.",
    "http2.",
    "istio",
    "listener.",
    "listener_manager.",
    "main_thread.",
    "runtime.",
    "server.",
    "tcp.",
    "wasm.",
];

/// Name and value: a number, a text in quotes, or a histogram's quantiles.
fn statistic(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, value) = line.rsplit_once(": ").filter(|(name, _)| !name.contains(": "))?;
    let number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let histogram = value.starts_with("P0(") || value.str() == "No recorded values";
    (name.contains('.') && !name.contains(' ') && (number || histogram || value.starts_with('"')))
        .then_some((name, value))
}

fn take_stats(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(STATS);
    let own = |line: &str| statistic(Piece::new(line)).is_some();
    let rooted = |line: &str| own(line) && ROOTS.iter().any(|root| line.starts_with(root));
    if !(rooted(line) || expected && own(line)) {
        return None;
    }
    // One such line alone may be YAML's.
    if !expected && !ends(rest).skip(1).take(1).any(|(line, _)| rooted(line)) {
        return None;
    }
    let len = ends(rest).take_while(|(line, _)| own(line)).last()?.1;
    Some(Taken {
        len,
        format: STATS,
        confidence: if expected { 0.98 } else { 0.9 },
    })
}

fn read_stats(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut stats = Placed::array(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let Some((name, value)) = statistic(line) else {
            unread.line(line);
            continue;
        };
        let mut metric = Placed::object(line);
        metric.put_text("name", name);
        metric.put("value", Placed::number(value));
        stats.push(metric);
    }
    let mut root = Placed::object(whole);
    root.put("stats", stats);
    unread.finish(part, problems);
    let complete = !part.command().is_some_and(|line| line.filtered());
    formats::add_document(part, STATS.name(), root, complete, artifacts);
}

/// Name and address of a listener: `virtualInbound::0.0.0.0:15006`.
fn listener(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, place) = match line.find("::[") {
        Some(cut) => (line.part(0..cut), line.skip(cut + 2)),
        None => line.rsplit_once("::")?,
    };
    let (host, port) = place.rsplit_once(":")?;
    let bare = host
        .strip_prefix("[")
        .and_then(|host| host.strip_suffix("]"))
        .unwrap_or(host);
    (bare.parse::<std::net::IpAddr>().is_ok() && port.parse::<u16>().is_ok() && !name.is_empty() && !name.contains(' '))
        .then_some((name, place))
}

fn take_listeners(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let own = |line: &str| listener(Piece::new(line)).is_some();
    if !own(line) {
        return None;
    }
    let len = ends(rest).take_while(|(line, _)| own(line)).last()?.1;
    Some(Taken {
        len,
        format: LISTENERS,
        confidence: if hint.expects(LISTENERS) { 0.98 } else { 0.9 },
    })
}

fn read_listeners(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut listeners = Placed::array(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let Some((name, place)) = listener(line) else {
            unread.line(line);
            continue;
        };
        let mut status = Placed::object(line);
        status.put_text("name", name);
        let mut local = Placed::object(place);
        address(place, &mut local);
        status.merge_at("local_address", place, local.taken("address"));
        listeners.push(status);
    }
    let mut root = Placed::object(whole);
    root.put("listener_statuses", listeners);
    unread.finish(part, problems);
    let complete = !part.command().is_some_and(|line| line.filtered());
    formats::add_document(part, LISTENERS.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn statistics_have_names_and_values() {
        let text = include_str!("../../../../tests/samples/envoy-stats/cluster.txt");
        for text in [text, text.split_once('\n').unwrap().1] {
            let read = read(text);
            read.is("envoy-stats");
            assert_eq!(read.problems, Vec::<String>::new());
            for (pointer, text) in [
                (
                    "/stats/0/name",
                    "cluster.outbound|80||cart.shop.svc.cluster.local.upstream_cx_connect_fail",
                ),
                ("/stats/0/value", "12"),
                ("/stats/3/value", "P0(nan,1) P25(nan,1.025) P50(nan,1.05) P100(nan,2.1)"),
                ("/stats/4/value", "\"LIVE\""),
            ] {
                assert_eq!(read.at(pointer), text, "{pointer}");
                assert_eq!(read.shown(pointer), text, "{pointer}");
            }
        }
        assert_ne!(read("server.port: 8080\n").format, "envoy-stats");
    }

    #[test]
    fn listeners_have_names_and_addresses() {
        let text = include_str!("../../../../tests/samples/envoy-listeners/istio.txt");
        for text in [text, text.split_once('\n').unwrap().1] {
            let read = read(text);
            read.is("envoy-listeners");
            for (pointer, text) in [
                ("/listener_statuses/0/name", "0.0.0.0_80"),
                ("/listener_statuses/1/local_address/socket_address/port_value", "15006"),
                ("/listener_statuses/2/local_address/socket_address/address", "::"),
            ] {
                assert_eq!(read.at(pointer), text, "{pointer}");
                assert_eq!(read.shown(pointer), text, "{pointer}");
            }
        }
    }
}
