//! `istioctl proxy-status` and `istioctl proxy-config cluster|listener|route|endpoint|secret` as tables (istio/istio,
//! istioctl/pkg/writer): rows with the columns' names as members. A cell `-` says that there is nothing.

use super::table::{Column, camel, cells, columns};
use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Taken, ends};
use crate::text::Piece;

/// Whether the proxies have what istiod sent.
pub const STATUS: Format = Format::new(&Spec {
    name: "istioctl-proxy-status",
    title: "istioctl proxy-status",
    command: |line| prints(line, &["proxy-status", "ps"]),
    least: 7,
    sniff: |line, rest, _| take(TABLES.get(..1).unwrap_or_default(), STATUS, line, rest),
    read: |part, artifacts, problems| read(part, STATUS, artifacts, problems),
});

/// What a proxy is configured with.
pub const CONFIG: Format = Format::new(&Spec {
    name: "istioctl-proxy-config",
    title: "istioctl proxy-config's tables",
    command: |line| prints(line, &["proxy-config", "pc"]),
    least: 10,
    sniff: |line, rest, _| take(TABLES.get(1..).unwrap_or_default(), CONFIG, line, rest),
    read: |part, artifacts, problems| read(part, CONFIG, artifacts, problems),
});

fn prints(line: &CommandLine, names: &[&str]) -> bool {
    line.program == "istioctl"
        && line.positional().iter().any(|word| names.contains(word))
        && matches!(line.output(), None | Some("short" | "table"))
}

/// A table: what its rows are, the column that only it has, and all columns of old and new versions.
struct Table {
    rows: &'static str,
    telling: &'static str,
    columns: &'static [&'static str],
}

const TABLES: [Table; 6] = [
    // istioctl/pkg/writer/pilot/status.go; since 1.26 one column has the types.
    Table {
        rows: "proxies",
        telling: "NAME",
        columns: &[
            "NAME",
            "PROXY",
            "CLUSTER",
            "CDS",
            "LDS",
            "EDS",
            "RDS",
            "ECDS",
            "ISTIOD",
            "PILOT",
            "VERSION",
            "SUBSCRIBED TYPES",
        ],
    },
    // istioctl/pkg/writer/envoy/configdump/cluster.go
    Table {
        rows: "clusters",
        telling: "SERVICE FQDN",
        columns: &[
            "NAME",
            "NAMESPACE",
            "SERVICE FQDN",
            "PORT",
            "SUBSET",
            "DIRECTION",
            "TYPE",
            "DESTINATION RULE",
        ],
    },
    // listener.go; `LISTENER CHAIN`/`TYPE` are older.
    Table {
        rows: "listeners",
        telling: "ADDRESS",
        columns: &[
            "NAME",
            "NAMESPACE",
            "LISTENER",
            "ADDRESS",
            "ADDRESSES",
            "PORT",
            "MATCH",
            "DESTINATION",
            "TYPE",
            "CHAIN",
        ],
    },
    // route.go
    Table {
        rows: "routes",
        telling: "DOMAINS",
        columns: &["NAME", "NAMESPACE", "VHOST NAME", "DOMAINS", "MATCH", "VIRTUAL SERVICE"],
    },
    // istioctl/pkg/writer/envoy/clusters/clusters.go
    Table {
        rows: "endpoints",
        telling: "OUTLIER CHECK",
        columns: &[
            "NAME",
            "NAMESPACE",
            "ENDPOINT",
            "STATUS",
            "LOCALITY",
            "OUTLIER CHECK",
            "CLUSTER",
        ],
    },
    // istioctl/pkg/writer/envoy/configdump/configdump.go
    Table {
        rows: "secrets",
        telling: "RESOURCE NAME",
        columns: &[
            "NAME",
            "NAMESPACE",
            "RESOURCE NAME",
            "TYPE",
            "STATUS",
            "VALID CERT",
            "SERIAL NUMBER",
            "NOT AFTER",
            "NOT BEFORE",
            "TRUST DOMAIN",
        ],
    },
];

impl Table {
    /// The columns of a line that is this table's header.
    fn header(&self, line: &str) -> Option<Vec<Column>> {
        if !line.starts_with(|c: char| c.is_ascii_uppercase()) {
            return None;
        }
        let found = columns(line, self.columns)?;
        let has = |name: &str| found.iter().any(|(known, _)| *known == name);
        let status = self.rows != "proxies" || has("ISTIOD") || has("PILOT") || (has("CDS") && has("LDS"));
        let listener = self.rows != "listeners" || has("PORT");
        ((has(self.telling) || self.rows == "proxies" && has("PROXY") || self.rows == "listeners" && has("ADDRESSES"))
            && status
            && listener
            && found.len() > 2)
            .then_some(found)
    }
}

/// The table that a line is the header of.
fn header(tables: &[Table], line: &str) -> Option<(&'static str, Vec<Column>)> {
    tables
        .iter()
        .find_map(|table| table.header(line).map(|found| (table.rows, found)))
}

/// What older versions print above routes.
fn is_note(line: &str) -> bool {
    line.starts_with("NOTE: This output only contains routes")
}

/// Takes tables, one after the other, as `proxy-config all` prints them.
fn take(tables: &[Table], format: Format, line: &str, rest: &str) -> Option<Taken> {
    let noted = is_note(line) && format == CONFIG;
    if !noted && header(tables, line).is_none() {
        return None;
    }
    let mut len = 0;
    let mut known: Option<Vec<Column>> = None;
    let mut blank = false;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            blank = true;
            continue;
        }
        if let Some((_, found)) = header(tables, line) {
            known = Some(found);
        } else if !(is_note(line) && noted) {
            let row = known.as_ref().is_some_and(|known| is_row(line, known));
            if blank || !row || crate::segment::sniff::log::is_error(line) {
                break;
            }
        }
        blank = false;
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format,
        confidence: 0.95,
    })
}

/// Whether a line lines up with the columns, with something in the first and in one other.
fn is_row(line: &str, columns: &[Column]) -> bool {
    cells(Piece::new(line), columns).is_some_and(|cells| {
        let filled = cells.iter().filter(|(_, cell)| !cell.is_empty()).count();
        filled > 1 && cells.iter().all(|(name, cell)| plausible(name, cell))
    })
}

/// What no other tool's row would have at that place.
fn plausible(name: &str, cell: &str) -> bool {
    match name {
        "PORT" => cell.is_empty() || cell == "-" || cell.bytes().all(|byte| byte.is_ascii_digit()),
        "CDS" | "LDS" | "EDS" | "RDS" | "ECDS" => {
            cell.is_empty()
                || cell == "-"
                || ["SYNCED", "NOT SENT", "STALE", "IGNORED", "ERROR"]
                    .iter()
                    .any(|state| cell.starts_with(state))
        }
        _ => true,
    }
}

fn read(part: &Part<'_>, format: Format, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut root = Placed::object(whole);
    let mut open: Option<(&'static str, Vec<Column>, Placed)> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_note(line.str()) {
            continue;
        }
        if let Some((rows, found)) = header(&TABLES, line.str()) {
            if let Some((rows, _, list)) = open.take() {
                root.put(rows, list);
            }
            open = Some((rows, found, Placed::array(whole)));
            continue;
        }
        match open
            .as_mut()
            .and_then(|(_, columns, list)| Some((cells(line, columns)?, list)))
        {
            Some((cells, list)) => list.push(of_row(line, &cells)),
            None => unread.line(line),
        }
    }
    if let Some((rows, _, list)) = open {
        root.put(rows, list);
    }
    unread.finish(part, problems);
    // The tables leave out most of what the proxy has.
    formats::add_document(part, format.name(), root, false, artifacts);
}

fn of_row(line: Piece<'_>, cells: &[(&'static str, Piece<'_>)]) -> Placed {
    let mut row = Placed::object(line);
    for (name, cell) in cells {
        if cell.str() == "-" {
            continue;
        }
        match *name {
            "PORT" => row.put_number("port", *cell),
            "PROXY" => row.put_text("name", *cell),
            "PILOT" => row.put_text("istiod", *cell),
            // `4 (CDS,LDS,EDS,RDS)`
            "SUBSCRIBED TYPES" => {
                let inside = cell.split_once("(").and_then(|(_, rest)| rest.strip_suffix(")"));
                for word in inside.into_iter().flat_map(|inside| inside.split(|c| c == ',')) {
                    row.push_at(&["subscribedTypes"], word, Placed::text(word));
                }
            }
            name => row.put_text(&camel(name), *cell),
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    fn check(text: &str, format: &str, values: &[(&str, &str)]) {
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = read(text);
            read.is(format);
            assert_eq!(read.problems, Vec::<String>::new());
            for (pointer, text) in values {
                assert_eq!(read.at(pointer), *text, "{pointer}");
                if !text.is_empty() {
                    assert_eq!(read.shown(pointer), *text, "{pointer}");
                }
            }
        }
    }

    #[test]
    fn proxies_of_all_versions() {
        check(
            include_str!("../../../../tests/samples/istioctl-proxy-status/synced.txt"),
            "istioctl-proxy-status",
            &[
                ("/proxies/0/name", "cart-0.shop"),
                ("/proxies/0/cluster", "Kubernetes"),
                ("/proxies/0/cds", "SYNCED"),
                ("/proxies/0/ecds", "NOT SENT"),
                ("/proxies/1/eds", "STALE"),
                ("/proxies/1/istiod", "istiod-6f6b8d5c9-abcde"),
                ("/proxies/1/version", "1.20.3"),
            ],
        );
        check(
            include_str!("../../../../tests/samples/istioctl-proxy-status/old.txt"),
            "istioctl-proxy-status",
            &[
                ("/proxies/0/rds", "SYNCED (100%)"),
                ("/proxies/0/istiod", "istio-pilot-5d6c4b9b7-9vxqk"),
            ],
        );
        check(
            include_str!("../../../../tests/samples/istioctl-proxy-status/types.txt"),
            "istioctl-proxy-status",
            &[
                ("/proxies/0/subscribedTypes/2", "EDS"),
                ("/proxies/0/version", "1.26.0"),
            ],
        );
    }

    #[test]
    fn tables_of_a_proxys_configuration() {
        check(
            include_str!("../../../../tests/samples/istioctl-proxy-config/clusters.txt"),
            "istioctl-proxy-config",
            &[
                ("/clusters/0/serviceFqdn", "BlackHoleCluster"),
                ("/clusters/0/port", ""),
                ("/clusters/2/port", "80"),
                ("/clusters/2/subset", "v1"),
                ("/clusters/2/destinationRule", "cart.shop"),
            ],
        );
        check(
            include_str!("../../../../tests/samples/istioctl-proxy-config/listeners.txt"),
            "istioctl-proxy-config",
            &[
                ("/listeners/0/match", "Trans: raw_buffer; App: http/1.1,h2c"),
                ("/listeners/0/destination", "Route: 80"),
                ("/listeners/1/port", "443"),
            ],
        );
        check(
            include_str!("../../../../tests/samples/istioctl-proxy-config/routes.txt"),
            "istioctl-proxy-config",
            &[
                ("/routes/0/domains", "cart, cart.shop"),
                ("/routes/0/virtualService", "cart.shop"),
                ("/routes/1/vhostName", "backend"),
            ],
        );
        check(
            include_str!("../../../../tests/samples/istioctl-proxy-config/endpoints.txt"),
            "istioctl-proxy-config",
            &[
                ("/endpoints/0/endpoint", "10.0.12.34:8080"),
                ("/endpoints/1/status", "UNHEALTHY"),
                ("/endpoints/1/outlierCheck", "FAILED"),
                ("/endpoints/1/cluster", "outbound|80||cart.shop.svc.cluster.local"),
            ],
        );
        check(
            include_str!("../../../../tests/samples/istioctl-proxy-config/secrets.txt"),
            "istioctl-proxy-config",
            &[
                ("/secrets/0/resourceName", "default"),
                ("/secrets/0/type", "Cert Chain"),
                ("/secrets/0/notAfter", "2024-05-08T08:14:21Z"),
                ("/secrets/1/validCert", "true"),
            ],
        );
    }

    #[test]
    fn tables_of_kubectl_stay_kubectls() {
        for text in [
            "NAME   TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\nweb    ClusterIP   10.1.2.3     <none>        80/TCP    5d\n",
            "NAME   CLUSTER   VERSION\nweb    prod      1.2\n",
        ] {
            assert!(!read(text).format.starts_with("istioctl"), "{text}");
        }
    }
}
