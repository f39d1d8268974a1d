//! Envoy's `/clusters` (source/server/admin/clusters_handler.cc): `CLUSTER::ADDRESS::STATISTIC::VALUE` and `CLUSTER::NAME::VALUE`.

use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec, no_command};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// Envoy's clusters as text.
pub const FORMAT: Format = Format::new(&Spec {
    name: "envoy-clusters",
    title: "Envoy's clusters",
    command: no_command,
    sniff: take,
    read,
});

/// What Envoy prints of a cluster itself.
const OF_CLUSTER: [&str; 5] = [
    "observability_name",
    "default_priority",
    "high_priority",
    "added_via_api",
    "eds_service_name",
];

/// The cluster and the rest. Istio's names have single separators (`outbound|80||cart`), addresses of IPv6 have brackets.
fn cut(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>, Piece<'_>)> {
    let (cluster, rest) = line.split_once("::")?;
    if let Some(inner) = rest.strip_prefix("[") {
        let close = inner.find("]:")? + 1;
        let end = close + inner.skip(close).find("::")?;
        return Some((cluster, rest.part(0..end + 1), rest.skip(end + 3)));
    }
    let (subject, value) = rest.split_once("::")?;
    Some((cluster, subject, value))
}

fn is_line(line: &str) -> bool {
    cut(Piece::new(line)).is_some_and(|(cluster, subject, value)| {
        !cluster.is_empty()
            && !cluster.contains(' ')
            && (OF_CLUSTER.contains(&subject.str()) || value.contains("::") && subject.contains([':', '/']))
    })
}

fn take(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    if !is_line(line) {
        return None;
    }
    let len = ends(rest).take_while(|(line, _)| is_line(line)).last()?.1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut clusters = Placed::array(whole);
    // Envoy prints a cluster's lines, and of it a host's, one after the other.
    let mut cluster: Option<(Piece<'_>, Placed)> = None;
    let mut host: Option<(Piece<'_>, Placed)> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let Some((name, subject, value)) = cut(line) else {
            unread.line(line);
            continue;
        };
        let same = cluster.as_ref().is_some_and(|(here, _)| here.str() == name.str());
        if !same || host.as_ref().is_some_and(|(here, _)| here.str() != subject.str()) {
            if let (Some((_, cluster)), Some((_, host))) = (&mut cluster, host.take()) {
                cluster.push_at(&["hosts"], line, host);
            }
        }
        if !same {
            if let Some((_, done)) = cluster.take() {
                clusters.push(done);
            }
            let mut fresh = Placed::object(line);
            fresh.put_text("name", name);
            cluster = Some((name, fresh));
        }
        let Some((_, here)) = &mut cluster else { continue };
        here.extend(line);
        match value.split_once("::") {
            Some((statistic, value)) if !OF_CLUSTER.contains(&subject.str()) => {
                let (_, host) = host.get_or_insert_with(|| {
                    let mut fresh = Placed::object(line);
                    fresh.put_text("address", subject);
                    (subject, fresh)
                });
                host.put_number(statistic.str(), value);
                host.extend(line);
            }
            Some((name, value)) => here.put_at(&[subject.str(), name.str()], line, Placed::number(value)),
            None => here.put_text(subject.str(), value),
        }
    }
    if let (Some((_, cluster)), Some((_, host))) = (&mut cluster, host.take()) {
        cluster.push_at(&["hosts"], whole, host);
    }
    if let Some((_, done)) = cluster {
        clusters.push(done);
    }
    let mut root = Placed::object(whole);
    root.put("clusters", clusters);
    unread.finish(part, problems);
    formats::add_document(part, FORMAT.name(), root, true, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn clusters_have_their_hosts() {
        let read = read(include_str!("../../../../tests/samples/envoy-clusters/istio.txt"));
        read.is("envoy-clusters");
        assert_eq!(read.problems, Vec::<String>::new());
        for (pointer, text) in [
            ("/clusters/0/name", "outbound|80||cart.shop.svc.cluster.local"),
            ("/clusters/0/default_priority/max_connections", "4294967295"),
            ("/clusters/0/hosts/0/address", "10.0.12.34:8080"),
            ("/clusters/0/hosts/0/health_flags", "healthy"),
            ("/clusters/0/hosts/0/rq_error", "3"),
            ("/clusters/0/hosts/1/health_flags", "/failed_eds_health"),
            ("/clusters/1/hosts/0/address", "[fd00::7]:8080"),
            ("/clusters/1/hosts/0/weight", "1"),
        ] {
            assert_eq!(read.at(pointer), text, "{pointer}");
        }
        assert_ne!(super::super::super::testing::read("std::vec::Vec\nfd00::1::2\n").format, "envoy-clusters");
    }
}
