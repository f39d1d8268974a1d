//! Envoy's admin page `/clusters` (source/server/admin/clusters_handler.cc), a line a statistic: `CLUSTER::ADDRESS::name::value`; in the
//! shape of the same page's JSON (api/envoy/admin/v3/clusters.proto).

use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `/clusters`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "envoy-clusters",
    title: "Envoy's clusters",
    command: |line| asks(line, "clusters"),
    least: 4,
    sniff: take,
    read,
});

/// Whether a command asks Envoy's admin interface for a page, as text: `pilot-agent request GET clusters`,
/// `curl localhost:15000/clusters` (Istio's port; 9901 in Envoy's own examples).
pub fn asks(line: &CommandLine, page: &str) -> bool {
    let is_page = |path: &str| {
        let path = path.trim_start_matches('/');
        path.split(['?', '#']).next() == Some(page) && !path.contains("format=json")
    };
    match line.program.as_str() {
        "pilot-agent" => {
            line.args.iter().any(|arg| arg == "request") && line.args.last().is_some_and(|arg| is_page(arg))
        }
        "curl" | "wget" => line.args.iter().any(|arg| {
            let rest = arg.trim_start_matches("http://");
            rest.split_once('/').is_some_and(|(host, path)| {
                (host.ends_with(":15000") || host.ends_with(":9901") || host.ends_with(":19000")) && is_page(path)
            })
        }),
        _ => false,
    }
}

/// What is said of a cluster as a whole; the rest is said of hosts.
const OF_CLUSTER: [&str; 7] = [
    "observability_name",
    "default_priority",
    "high_priority",
    "added_via_api",
    "eds_service_name",
    "outlier",
    "alternate_stat_name",
];

/// Cluster, host or subject, and the rest of a line. A cluster's name may have `|` and single colons; an IPv6 address stands in brackets.
fn cut(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>, Piece<'_>)> {
    let (cluster, rest) = line.split_once("::")?;
    if rest.starts_with('[') {
        let end = rest.find("]:")?;
        let end = end + rest.get(end..)?.find("::")?;
        return Some((cluster, rest.part(0..end), rest.skip(end + 2)));
    }
    let (subject, value) = rest.split_once("::")?;
    Some((cluster, subject, value))
}

/// Whether a subject is a host: `10.0.0.1:8080`, `[fd00::1]:80`, a pipe's path, `envoy://internal_client_address/…`.
fn is_host(subject: &str) -> bool {
    subject.starts_with('/')
        || subject.starts_with("envoy://")
        || subject
            .rsplit_once(':')
            .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_line(line: &str) -> bool {
    cut(Piece::new(line)).is_some_and(|(cluster, subject, value)| {
        !cluster.is_empty()
            && !cluster.contains(' ')
            && (OF_CLUSTER.contains(&subject.str()) || value.contains("::") && is_host(&subject))
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

/// The clusters as they are filled. Envoy prints a cluster's lines, and of it a host's, one after the other.
#[derive(Default)]
struct Open<'a> {
    cluster: Option<(Piece<'a>, Placed)>,
    host: Option<(Piece<'a>, Placed)>,
    /// Of each priority its limits.
    thresholds: Vec<(Piece<'a>, Placed)>,
}

impl<'a> Open<'a> {
    fn close_host(&mut self) {
        if let (Some((_, cluster)), Some((line, host))) = (&mut self.cluster, self.host.take()) {
            cluster.push_at(&["host_statuses"], line, host);
        }
    }

    fn close(&mut self, clusters: &mut Placed) {
        self.close_host();
        let thresholds = std::mem::take(&mut self.thresholds);
        if let Some((_, mut cluster)) = self.cluster.take() {
            for (line, limits) in thresholds {
                cluster.push_at(&["circuit_breakers", "thresholds"], line, limits);
            }
            clusters.push(cluster);
        }
    }

    /// `max_connections` and its like of a priority: of an element of `circuit_breakers.thresholds`.
    fn limit(&mut self, line: Piece<'a>, priority: Piece<'a>, name: Piece<'a>, value: Piece<'a>) {
        let known = self
            .thresholds
            .iter()
            .position(|(known, _)| known.str() == priority.str());
        let place = known.unwrap_or_else(|| {
            let mut limits = Placed::object(line);
            let told = if priority.starts_with("high") {
                "HIGH"
            } else {
                "DEFAULT"
            };
            limits.put("priority", Placed::value(told, priority));
            self.thresholds.push((priority, limits));
            self.thresholds.len() - 1
        });
        if let Some((_, limits)) = self.thresholds.get_mut(place) {
            limits.put_number(name.str(), value);
            limits.extend(line);
        }
    }
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut clusters = Placed::array(whole);
    let mut open = Open::default();
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let Some((name, subject, value)) = cut(line) else {
            unread.line(line);
            continue;
        };
        if open.cluster.as_ref().is_none_or(|(here, _)| here.str() != name.str()) {
            open.close(&mut clusters);
            let mut fresh = Placed::object(line);
            fresh.put_text("name", name);
            open.cluster = Some((name, fresh));
        }
        let of_cluster = OF_CLUSTER.contains(&subject.str());
        if !of_cluster && open.host.as_ref().is_some_and(|(here, _)| here.str() != subject.str()) {
            open.close_host();
        }
        if subject.ends_with("_priority")
            && let Some((name, value)) = value.split_once("::")
        {
            open.limit(line, subject, name, value);
            continue;
        }
        let Some((_, cluster)) = &mut open.cluster else {
            continue;
        };
        cluster.extend(line);
        match value.split_once("::") {
            Some((statistic, value)) if !of_cluster => {
                let (_, host) = open.host.get_or_insert_with(|| {
                    let mut fresh = Placed::object(line);
                    address(subject, &mut fresh);
                    (subject, fresh)
                });
                of_host(line, statistic, value, host);
                host.extend(line);
            }
            Some((name, value)) => cluster.put_at(&[subject.str(), name.str()], line, Placed::number(value)),
            None if cluster.has(subject.str()) => {}
            None if subject.str() == "added_via_api" => {
                cluster.put("added_via_api", Placed::value(value.str() == "true", value));
            }
            None => cluster.put_text(subject.str(), value),
        }
    }
    open.close(&mut clusters);
    let mut root = Placed::object(whole);
    root.put("cluster_statuses", clusters);
    unread.finish(part, problems);
    let complete = !part.command().is_some_and(|line| line.filtered());
    formats::add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// `config.core.v3.Address`.
pub fn address(text: Piece<'_>, placed: &mut Placed) {
    match text.rsplit_once(":") {
        Some((host, port)) if !text.starts_with('/') && !text.starts_with("envoy://") => {
            let host = host
                .strip_prefix("[")
                .and_then(|host| host.strip_suffix("]"))
                .unwrap_or(host);
            placed.put_at(&["address", "socket_address", "address"], text, Placed::text(host));
            placed.put_at(&["address", "socket_address", "port_value"], text, Placed::number(port));
        }
        _ if text.starts_with('/') => placed.put_at(&["address", "pipe", "path"], text, Placed::text(text)),
        _ => placed.put_at(
            &["address", "envoy_internal_address", "server_listener_name"],
            text,
            Placed::text(text),
        ),
    }
}

/// Counters of a host; the other numbers are gauges (source/common/upstream, `ALL_HOST_STATS`).
const COUNTERS: [&str; 6] = [
    "cx_connect_fail",
    "cx_total",
    "rq_error",
    "rq_success",
    "rq_timeout",
    "rq_total",
];

fn of_host(line: Piece<'_>, name: Piece<'_>, value: Piece<'_>, host: &mut Placed) {
    match name.str() {
        "health_flags" => health(value, host),
        "weight" | "priority" => host.put_number(name.str(), value),
        "hostname" => host.put_text("hostname", value),
        "region" | "zone" | "sub_zone" if !value.is_empty() => {
            host.put_at(&["locality", name.str()], line, Placed::text(value));
        }
        "region" | "zone" | "sub_zone" => {}
        // Percent; -1 says that there is none yet, and then the JSON has no such member.
        "success_rate" | "local_origin_success_rate" => {
            if !value.starts_with('-') {
                host.put_at(&[name.str(), "value"], line, Placed::text(value));
            }
        }
        "canary" => host.put_at(&["x-printed", "canary"], line, Placed::text(value)),
        other => {
            let counter = COUNTERS.contains(&other);
            if !counter && !other.ends_with("_active") {
                host.put_at(&["x-printed", other], line, Placed::text(value));
                return;
            }
            let mut metric = Placed::object(line);
            metric.put("type", Placed::value(if counter { "COUNTER" } else { "GAUGE" }, name));
            metric.put_text("name", name);
            metric.put_number("value", value);
            host.push_at(&["stats"], line, metric);
        }
    }
}

/// The flags of `HealthFlag` (source/common/upstream/host_utility.cc) as `admin.v3.HostHealthStatus`.
fn health(flags: Piece<'_>, host: &mut Placed) {
    let mut status = Placed::object(flags);
    let mut eds = Placed::value("HEALTHY", flags);
    for flag in flags.split(|c| c == '/').filter(|flag| !flag.is_empty()) {
        let told = match flag.str() {
            "healthy" => continue,
            "failed_eds_health" => {
                eds = Placed::value("UNHEALTHY", flag);
                continue;
            }
            "degraded_eds_health" => {
                eds = Placed::value("DEGRADED", flag);
                continue;
            }
            "eds_status_draining" => {
                eds = Placed::value("DRAINING", flag);
                continue;
            }
            "failed_active_hc" => "failed_active_health_check",
            "degraded_active_hc" => "failed_active_degraded_check",
            other => other,
        };
        status.put(told, Placed::value(true, flag));
    }
    status.put("eds_health_status", eds);
    host.put("health_status", status);
    host.put_at(&["x-printed", "health_flags"], flags, Placed::text(flags));
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
            ("/name", "outbound|80||cart.shop.svc.cluster.local"),
            ("/circuit_breakers/thresholds/0/max_connections", "4294967295"),
            ("/circuit_breakers/thresholds/1/max_retries", "3"),
            ("/circuit_breakers/thresholds/1/priority", "HIGH"),
            ("/added_via_api", "true"),
            ("/eds_service_name", "outbound|80||cart.shop.svc.cluster.local"),
            ("/host_statuses/0/address/socket_address/address", "10.0.12.34"),
            ("/host_statuses/0/address/socket_address/port_value", "8080"),
            ("/host_statuses/0/health_status/eds_health_status", "HEALTHY"),
            ("/host_statuses/0/stats/1/name", "rq_error"),
            ("/host_statuses/0/stats/1/value", "3"),
            ("/host_statuses/0/locality/zone", "eu-west-1a"),
            ("/host_statuses/1/health_status/eds_health_status", "UNHEALTHY"),
            ("/host_statuses/1/health_status/failed_outlier_check", "true"),
            (
                "/host_statuses/1/x-printed/health_flags",
                "/failed_outlier_check/failed_eds_health",
            ),
        ] {
            let pointer = format!("/cluster_statuses/0{pointer}");
            assert_eq!(read.at(&pointer), text, "{pointer}");
        }
        assert_eq!(
            read.shown("/cluster_statuses/0/host_statuses/0/address/socket_address/port_value"),
            "8080"
        );
        let six = "/cluster_statuses/1/host_statuses/0";
        assert_eq!(read.at(&format!("{six}/address/socket_address/address")), "fd00::7");
        assert_eq!(read.at(&format!("{six}/weight")), "1");
        assert_eq!(
            read.at("/cluster_statuses/2/host_statuses/0/address/pipe/path"),
            "/etc/istio/proxy/SDS"
        );
    }

    #[test]
    fn paths_of_code_are_no_clusters() {
        for text in ["std::vec::Vec\n", "a::b::c::d\n", "fd00::1::2\n"] {
            assert_ne!(read(text).format, "envoy-clusters", "{text}");
        }
    }
}
