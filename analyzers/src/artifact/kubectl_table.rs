//! `kubectl get`'s tables, read into the shape of the API objects whose fields they print.
//!
//! Columns and what they print: kubectl's server-side printers, `pkg/printers/internalversion/printers.go` of kubernetes/kubernetes.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value};

use super::{Artifact, Artifacts, Content, Document, Syntax};
use crate::problem::Problem;
use crate::segment::{CommandLine, Segment};
use crate::text::Sources;

/// A resource whose table is known: its names on the command line, apiVersion, kind, and the columns that tell its table.
struct Resource {
    names: &'static [&'static str],
    version: &'static str,
    kind: &'static str,
    columns: &'static [&'static str],
}

macro_rules! resources {
    ($($kind:literal $version:literal [$($name:literal)*] [$($column:literal)*])*) => {
        &[$(Resource { names: &[$($name),*], version: $version, kind: $kind, columns: &[$($column),*] }),*]
    };
}

/// The first whose columns all stand in a header wins, so the more telling come first.
const RESOURCES: &[Resource] = resources! {
    "Service" "v1" ["services" "service" "svc"] ["TYPE" "CLUSTER-IP" "PORT(S)"]
    "Node" "v1" ["nodes" "node" "no"] ["STATUS" "ROLES" "VERSION"]
    "EndpointSlice" "discovery.k8s.io/v1" ["endpointslices" "endpointslice"] ["ADDRESSTYPE" "PORTS" "ENDPOINTS"]
    "StatefulSet" "apps/v1" ["statefulsets" "statefulset" "sts"] []
    "Pod" "v1" ["pods" "pod" "po"] ["READY" "STATUS" "RESTARTS"]
    "Deployment" "apps/v1" ["deployments" "deployment" "deploy"] ["READY" "UP-TO-DATE" "AVAILABLE"]
    "DaemonSet" "apps/v1" ["daemonsets" "daemonset" "ds"] ["DESIRED" "CURRENT" "NODE SELECTOR"]
    "ReplicaSet" "apps/v1" ["replicasets" "replicaset" "rs"] ["DESIRED" "CURRENT" "READY"]
    "Job" "batch/v1" ["jobs" "job"] ["COMPLETIONS" "DURATION"]
    "CronJob" "batch/v1" ["cronjobs" "cronjob" "cj"] ["SCHEDULE" "SUSPEND"]
    "Ingress" "networking.k8s.io/v1" ["ingresses" "ingress" "ing"] ["CLASS" "HOSTS" "ADDRESS"]
    "NetworkPolicy" "networking.k8s.io/v1" ["networkpolicies" "networkpolicy" "netpol"] ["POD-SELECTOR"]
    "Event" "v1" ["events" "event" "ev"] ["REASON" "OBJECT" "MESSAGE"]
    "PersistentVolumeClaim" "v1" ["persistentvolumeclaims" "persistentvolumeclaim" "pvc"] ["VOLUME" "CAPACITY" "ACCESS MODES"]
    "PersistentVolume" "v1" ["persistentvolumes" "persistentvolume" "pv"] ["RECLAIM POLICY" "CLAIM"]
    "StorageClass" "storage.k8s.io/v1" ["storageclasses" "storageclass" "sc"] ["PROVISIONER" "RECLAIMPOLICY"]
    "HorizontalPodAutoscaler" "autoscaling/v2" ["horizontalpodautoscalers" "horizontalpodautoscaler" "hpa"] ["REFERENCE" "TARGETS"]
    "Secret" "v1" ["secrets" "secret"] ["TYPE" "DATA"]
    "ServiceAccount" "v1" ["serviceaccounts" "serviceaccount" "sa"] ["SECRETS"]
    "Endpoints" "v1" ["endpoints" "ep"] ["ENDPOINTS"]
    "ConfigMap" "v1" ["configmaps" "configmap" "cm"] ["DATA"]
    "Namespace" "v1" ["namespaces" "namespace" "ns"] []
};

/// The kinds that have no namespace: none is missing from their rows.
const CLUSTER_SCOPED: [&str; 4] = ["Node", "PersistentVolume", "StorageClass", "Namespace"];

/// A table's header: the columns' names, and where they begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    columns: Vec<(String, usize)>,
    style: Style,
}

/// How a table's cells are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Padded with blanks to columns, as kubectl prints.
    Padded,
    /// Separated by tabs, as a copy from a web page is.
    Tabs,
    /// The padding was lost, as in a copy from a chat: one blank between cells.
    Single,
}

impl Header {
    /// Reads a header: at least two columns, capitals only, one of them a column that every table has.
    pub fn new(line: &str) -> Option<Self> {
        let first = line.bytes().next()?;
        if !first.is_ascii_uppercase() || line.len() > 1000 {
            return None;
        }
        let capitals =
            |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" \t\r-_()/%:.".contains(&byte);
        if !line.bytes().all(capitals) {
            return None;
        }
        let line = line.trim_end();
        let style = if line.contains('\t') {
            Style::Tabs
        } else if line.contains("  ") {
            Style::Padded
        } else {
            Style::Single
        };
        let columns: Vec<(String, usize)> = match style {
            Style::Padded => wide_cells(line),
            Style::Tabs => tab_cells(line),
            Style::Single => single_cells(line),
        }
        .into_iter()
        .map(|range| (line.get(range.clone()).unwrap_or_default().to_owned(), range.start))
        .collect();
        let has = |name: &str| columns.iter().any(|(column, _)| column == name);
        let telling = has("NAME") || (has("REASON") && has("OBJECT"));
        // `NAME STATUS`, single-spaced, could be a sentence in capitals: a third column has to agree.
        let enough = if style == Style::Single { 3 } else { 2 };
        (telling && columns.len() >= enough).then_some(Self { columns, style })
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(column, _)| column == name)
    }

    fn has(&self, name: &str) -> bool {
        self.column(name).is_some()
    }

    /// Whether a line can be a row of this table.
    pub fn is_row(&self, line: &str) -> bool {
        let line = line.trim_end();
        match self.style {
            Style::Padded => !line.starts_with('\t') && line.contains("  ") && !line.starts_with(['{', '[']),
            Style::Tabs => line.contains('\t'),
            Style::Single => single_cells(line).len() == self.columns.len(),
        }
    }

    /// The cells of a row, one a column; `None` where they cannot be told apart.
    fn cells(&self, line: &str) -> Option<Vec<Range<usize>>> {
        let line = line.trim_end();
        let cells = match self.style {
            Style::Padded => {
                if let Some(cells) = self.by_offsets(line) {
                    return Some(cells);
                }
                // A cell wider than its column moved the rest: the gaps are still two blanks or more.
                let cells = wide_cells(line);
                if cells.len() == self.columns.len() {
                    return Some(cells);
                }
                single_cells(line)
            }
            Style::Tabs => tab_cells(line),
            Style::Single => single_cells(line),
        };
        (cells.len() == self.columns.len()).then_some(cells)
    }

    /// The cells by the header's columns, where every column begins after a blank.
    fn by_offsets(&self, line: &str) -> Option<Vec<Range<usize>>> {
        let bytes = line.as_bytes();
        let ascii = line.is_ascii();
        let place = |column: usize| {
            if ascii {
                column.min(line.len())
            } else {
                line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
            }
        };
        let mut cells = Vec::with_capacity(self.columns.len());
        for (i, (_, column)) in self.columns.iter().enumerate() {
            let start = place(*column);
            let end = self.columns.get(i + 1).map_or(line.len(), |(_, next)| place(*next));
            // Between two columns stand blanks: kubectl's table writer pads with three (two suffice here), a full column with one space lost
            // is not one.
            if start > 0 && start < line.len() && !bytes.get(..start)?.ends_with(b" ") {
                return None;
            }
            let cell = line.get(start..end)?;
            let lead = cell.len() - cell.trim_start().len();
            // A cell that begins to the right of its column belongs to a moved row.
            if lead > 0 && !cell.trim().is_empty() {
                return None;
            }
            if cell.trim_end().contains("   ") {
                return None;
            }
            cells.push(start..start + cell.trim_end().len());
        }
        Some(cells)
    }
}

/// Cells between which two blanks or more stand.
fn wide_cells(line: &str) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let mut start = None;
    let mut blanks = 0;
    for (at, byte) in line.bytes().enumerate() {
        if byte == b' ' {
            blanks += 1;
            if blanks == 2
                && let Some(from) = start.take()
            {
                cells.push(from..at - 1);
            }
        } else {
            blanks = 0;
            start.get_or_insert(at);
        }
    }
    if let Some(from) = start {
        cells.push(from..line.len() - blanks.min(line.len() - from));
    }
    cells
}

fn tab_cells(line: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    line.split('\t')
        .map(|cell| {
            let lead = cell.len() - cell.trim_start().len();
            let start = at + lead;
            at += cell.len() + 1;
            start..start + cell.trim().len()
        })
        .collect()
}

/// Cells between which one blank stands; `(5h ago)` belongs to the cell before it, as RESTARTS prints it, and the second words of the
/// headers that have two belong to the first.
fn single_cells(line: &str) -> Vec<Range<usize>> {
    let mut cells: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    let mut at = 0;
    for word in line.split(' ') {
        let range = at..at + word.len();
        at += word.len() + 1;
        if word.is_empty() {
            continue;
        }
        let previous = cells.last().and_then(|cell| line.get(cell.clone())).unwrap_or_default();
        let pair = matches!(
            (previous, word),
            ("NOMINATED", "NODE")
                | ("READINESS", "GATES")
                | ("LAST", "SEEN")
                | ("NODE", "SELECTOR")
                | ("ACCESS", "MODES")
                | ("RECLAIM", "POLICY")
        );
        if open || pair || (word.starts_with('(') && !cells.is_empty()) {
            if let Some(last) = cells.last_mut() {
                last.end = range.end;
            }
            open = (open || word.starts_with('(')) && !word.ends_with(')');
        } else {
            cells.push(range);
        }
    }
    cells
}

/// What a line of a table segment is.
enum Line<'a> {
    Header(Header),
    Row(&'a str),
}

/// The headers and rows of a text, each with where it begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, Line<'_>)> {
    let mut at = 0;
    text.split_inclusive('\n').filter_map(move |full| {
        let start = at;
        at += full.len();
        let line = full.trim_end_matches(['\n', '\r']);
        if line.trim().is_empty() {
            return None;
        }
        Some((start, Header::new(line).map_or(Line::Row(line), Line::Header)))
    })
}

/// A table whose header was read, and what its rows are.
struct Table {
    header: Header,
    resource: Option<&'static Resource>,
    name: Option<usize>,
    namespace: Option<usize>,
}

impl Table {
    fn new(header: Header, wanted: Option<&str>) -> Self {
        let resource = wanted
            .and_then(by_name)
            .filter(|resource| resource.columns.iter().all(|column| header.has(column)))
            .or_else(|| by_columns(&header));
        Self {
            name: header.column("NAME"),
            namespace: header.column("NAMESPACE"),
            header,
            resource,
        }
    }
}

fn by_name(word: &str) -> Option<&'static Resource> {
    // `deployment.apps/web`, `endpointslices.discovery.k8s.io`
    let word = word.split('.').next()?.to_ascii_lowercase();
    RESOURCES
        .iter()
        .find(|resource| resource.names.contains(&word.as_str()))
}

fn by_columns(header: &Header) -> Option<&'static Resource> {
    RESOURCES
        .iter()
        .find(|resource| !resource.columns.is_empty() && resource.columns.iter().all(|column| header.has(column)))
}

/// A row as an object, and for each value that was read the pointer inside the object and the cell's bytes in the row.
fn object(
    table: &Table,
    line: &str,
    cells: &[Range<usize>],
    mut note: impl FnMut(&str, &Range<usize>),
) -> (Option<&'static Resource>, Value) {
    let mut resource = table.resource;
    let mut root = Map::new();
    let mut metadata = Map::new();
    let mut spec = Map::new();
    let mut status = Map::new();
    let mut printed = Map::new();
    for (i, range) in cells.iter().enumerate() {
        let cell = line.get(range.clone()).unwrap_or_default();
        if Some(i) == table.name {
            let (prefix, name) = cell
                .split_once('/')
                .map_or((None, cell), |(prefix, name)| (Some(prefix), name));
            if let Some(named) = prefix.and_then(by_name) {
                resource = Some(named);
            }
            metadata.insert("name".to_owned(), Value::from(name));
            let start = range.end - name.len();
            note("/metadata/name", &(start..range.end));
        } else if Some(i) == table.namespace {
            metadata.insert("namespace".to_owned(), Value::from(cell));
            note("/metadata/namespace", range);
        }
    }
    let kind = resource.map_or("", |resource| resource.kind);
    for ((column, _), range) in table.header.columns.iter().zip(cells) {
        let cell = line.get(range.clone()).unwrap_or_default();
        if cell.is_empty() || cell == "<none>" || cell == "<unset>" || cell == "<unknown>" {
            continue;
        }
        let mut placed = false;
        field(
            kind,
            column,
            cell,
            range,
            &mut metadata,
            &mut spec,
            &mut status,
            &mut root,
            &mut |at: &str, range: &Range<usize>| {
                placed = true;
                note(at, range);
            },
        );
        // What is in a field is not kept twice, nor a count or an age that nothing reads: a long table has a million rows. STATUS is kept
        // where it says more than a phase.
        if !placed && (resource.is_none() || column == "STATUS") {
            let token = column.replace('~', "~0").replace('/', "~1");
            note(&format!("/x-printed/{token}"), range);
            printed.insert(column.clone(), Value::from(cell));
        }
    }
    if let Some(resource) = resource {
        root.insert("apiVersion".to_owned(), Value::from(resource.version));
        root.insert("kind".to_owned(), Value::from(resource.kind));
    }
    root.insert("metadata".to_owned(), Value::Object(metadata));
    for (name, part) in [("spec", spec), ("status", status), ("x-printed", printed)] {
        if !part.is_empty() {
            root.insert(name.to_owned(), Value::Object(part));
        }
    }
    (resource, Value::Object(root))
}

/// Puts a cell where the API has it.
#[allow(
    clippy::too_many_arguments,
    clippy::too_many_lines,
    reason = "the parts of an object, each filled by other columns; one arm a column"
)]
fn field(
    kind: &str,
    column: &str,
    cell: &str,
    range: &Range<usize>,
    metadata: &mut Map<String, Value>,
    spec: &mut Map<String, Value>,
    status: &mut Map<String, Value>,
    root: &mut Map<String, Value>,
    note: &mut impl FnMut(&str, &Range<usize>),
) {
    let mut put = |part: &mut Map<String, Value>, at: &str, name: &str, value: Value| {
        part.insert(name.to_owned(), value);
        note(&format!("{at}/{name}"), range);
    };
    match (kind, column) {
        ("Pod", "STATUS") => {
            // The column prints a container's reason where there is one; only these are phases (PodPhase, API reference).
            if matches!(cell, "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown") {
                put(status, "/status", "phase", Value::from(cell));
            }
        }
        ("Pod", "IP") => put(status, "/status", "podIP", Value::from(cell)),
        ("Pod", "NODE") => put(spec, "/spec", "nodeName", Value::from(cell)),
        ("Pod", "NOMINATED NODE") => put(status, "/status", "nominatedNodeName", Value::from(cell)),
        ("Service", "TYPE") => put(spec, "/spec", "type", Value::from(cell)),
        ("Service", "CLUSTER-IP") => put(spec, "/spec", "clusterIP", Value::from(cell)),
        ("Service", "EXTERNAL-IP") => {
            if cell == "<pending>" {
                return;
            }
            // The printer shows load balancer addresses and spec.externalIPs in the same column; the type tells, and it stands further left.
            let balanced = spec.get("type").and_then(Value::as_str) == Some("LoadBalancer");
            if spec.get("type").and_then(Value::as_str) == Some("ExternalName") {
                put(spec, "/spec", "externalName", Value::from(cell));
            } else if balanced {
                let ingress: Vec<Value> = cell
                    .split(',')
                    .map(|address| {
                        let member = if address.parse::<std::net::IpAddr>().is_ok() {
                            "ip"
                        } else {
                            "hostname"
                        };
                        Value::Object(Map::from_iter([(member.to_owned(), Value::from(address))]))
                    })
                    .collect();
                let balancer = Map::from_iter([("ingress".to_owned(), Value::Array(ingress))]);
                put(status, "/status", "loadBalancer", Value::Object(balancer));
            } else {
                let addresses: Vec<Value> = cell.split(',').map(Value::from).collect();
                put(spec, "/spec", "externalIPs", Value::Array(addresses));
            }
        }
        ("Service", "PORT(S)") => {
            let ports: Option<Vec<Value>> = cell.split(',').map(service_port).collect();
            if let Some(ports) = ports {
                put(spec, "/spec", "ports", Value::Array(ports));
            }
        }
        ("Service", "SELECTOR") => {
            if let Some(labels) = labels(cell) {
                put(spec, "/spec", "selector", labels);
            }
        }
        (_, "LABELS") => {
            if let Some(labels) = labels(cell) {
                put(metadata, "/metadata", "labels", labels);
            }
        }
        ("Node", "INTERNAL-IP" | "EXTERNAL-IP") => {
            let name = if column == "INTERNAL-IP" {
                "InternalIP"
            } else {
                "ExternalIP"
            };
            let address = Map::from_iter([
                ("type".to_owned(), Value::from(name)),
                ("address".to_owned(), Value::from(cell)),
            ]);
            if let Some(list) = status
                .entry("addresses")
                .or_insert_with(|| Value::Array(Vec::new()))
                .as_array_mut()
            {
                note(&format!("/status/addresses/{}", list.len()), range);
                list.push(Value::Object(address));
            }
        }
        ("Node", "VERSION" | "OS-IMAGE" | "KERNEL-VERSION" | "CONTAINER-RUNTIME") => {
            let name = match column {
                "VERSION" => "kubeletVersion",
                "OS-IMAGE" => "osImage",
                "KERNEL-VERSION" => "kernelVersion",
                _ => "containerRuntimeVersion",
            };
            if let Some(info) = status
                .entry("nodeInfo")
                .or_insert_with(|| Value::Object(Map::new()))
                .as_object_mut()
            {
                info.insert(name.to_owned(), Value::from(cell));
                note(&format!("/status/nodeInfo/{name}"), range);
            }
        }
        ("EndpointSlice", "ADDRESSTYPE") => put(root, "", "addressType", Value::from(cell)),
        ("EndpointSlice", "PORTS") => {
            let ports: Option<Vec<Value>> = cell
                .split(',')
                .map(|port| Some(port_object(port.parse().ok()?)))
                .collect();
            if let Some(ports) = ports {
                put(root, "", "ports", Value::Array(ports));
            }
        }
        ("EndpointSlice", "ENDPOINTS") => {
            // `10.0.0.1,10.0.0.2 + 3 more...`: what is not printed stays unknown.
            let shown = cell.split(" + ").next().unwrap_or_default();
            let endpoints: Vec<Value> = shown
                .split(',')
                .map(|address| {
                    let addresses = Value::Array(vec![Value::from(address)]);
                    Value::Object(Map::from_iter([("addresses".to_owned(), addresses)]))
                })
                .collect();
            put(root, "", "endpoints", Value::Array(endpoints));
        }
        _ => {}
    }
}

fn port_object(port: u16) -> Value {
    Value::Object(Map::from_iter([("port".to_owned(), Value::from(port))]))
}

/// `443:31443/TCP` or `53/UDP` (`makePortString` in the printers).
fn service_port(text: &str) -> Option<Value> {
    let (numbers, protocol) = text.split_once('/')?;
    let (port, node_port) = match numbers.split_once(':') {
        Some((port, node_port)) => (port, Some(node_port.parse::<u16>().ok()?)),
        None => (numbers, None),
    };
    let mut object = Map::new();
    object.insert("port".to_owned(), Value::from(port.parse::<u16>().ok()?));
    object.insert("protocol".to_owned(), Value::from(protocol));
    if let Some(node_port) = node_port {
        object.insert("nodePort".to_owned(), Value::from(node_port));
    }
    Some(Value::Object(object))
}

/// `a=b,c=d`.
fn labels(text: &str) -> Option<Value> {
    let labels: Option<Map<String, Value>> = text
        .split(',')
        .map(|label| {
            label
                .split_once('=')
                .map(|(name, value)| (name.to_owned(), Value::from(value)))
        })
        .collect();
    labels.map(Value::Object)
}

/// How many rows that cannot be read are said one by one.
const SAID: usize = 20;

/// Reads a segment of tables into one list.
pub fn read(
    sources: &Sources,
    index: usize,
    segment: &Segment,
    artifacts: &mut Artifacts,
    problems: &mut Vec<Problem>,
) {
    let text = sources.text(segment.body);
    let line = segment.command.as_ref().map(|command| CommandLine::new(&command.text));
    let wanted = line.as_ref().and_then(CommandLine::resource);
    let namespace = line
        .as_ref()
        .filter(|line| line.is_kubectl())
        .and_then(|line| line.option(&["-n", "--namespace"]));
    let mut items = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut cells_known = BTreeMap::new();
    let mut table: Option<Table> = None;
    let mut unread = 0_usize;
    for (start, line) in lines(text) {
        let row = match line {
            Line::Header(header) => {
                table = Some(Table::new(header, wanted));
                continue;
            }
            Line::Row(row) => row,
        };
        let Some(table) = &table else { continue };
        let Some(cells) = table.header.cells(row) else {
            unread += 1;
            if unread <= SAID {
                problems.push(Problem::new(
                    segment.body.slice(start..start + row.len()),
                    "The cells of this row do not line up with the table's header, so it is left out; paste the table as kubectl printed it.",
                ));
            }
            continue;
        };
        let (resource, mut item) = object(table, row, &cells, |_, _| {});
        if let (Some(namespace), Some(command), None) = (namespace, &segment.command, table.namespace)
            && resource.is_none_or(|resource| !CLUSTER_SCOPED.contains(&resource.kind))
            && let Some(metadata) = item.get_mut("metadata").and_then(Value::as_object_mut)
        {
            metadata.insert("namespace".to_owned(), Value::from(namespace));
            if cells_known.is_empty() {
                cells_known.insert(NAMESPACE_OF_COMMAND.to_owned(), command.span);
            }
        }
        let kind = resource.map_or_else(
            || "kubectl-table".to_owned(),
            |resource| format!("{}/{}", resource.version, resource.kind),
        );
        *counts.entry(kind).or_default() += 1;
        items.push(super::Value::from(item));
    }
    if unread > SAID {
        problems.push(Problem::new(
            segment.body,
            format!(
                "{} more rows of this table do not line up with its header either.",
                unread - SAID
            ),
        ));
    }
    if counts.is_empty() {
        let kind = table.as_ref().and_then(|table| table.resource).map_or_else(
            || "kubectl-table".to_owned(),
            |resource| format!("{}/{}", resource.version, resource.kind),
        );
        counts.insert(kind, 0);
    }
    let value = super::Value::Object(super::Map::from_iter([
        ("kind", super::Value::from("List")),
        ("items", super::Value::Array(items.into_boxed_slice())),
    ]));
    artifacts.add(Artifact {
        segment: index,
        span: segment.body,
        kinds: counts.into_iter().collect(),
        content: Content::Document(Document {
            span: segment.body,
            syntax: Syntax::Table,
            value,
            prefix: String::new(),
            complete: false,
            cells: cells_known,
            places: super::Places::default(),
        }),
    });
}

/// The key of [`Document::cells`] under which a table keeps its command, where the command names the namespace of all rows: one entry
/// instead of one a row.
pub const NAMESPACE_OF_COMMAND: &str = "/items/*/metadata/namespace";

/// Where the rows of a table stand, and the header of each.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    rows: Vec<(usize, usize)>,
    headers: Vec<usize>,
}

/// Finds the rows that were read.
pub fn rows(text: &str) -> Rows {
    let mut found = Rows::default();
    let mut table: Option<Table> = None;
    let mut at = 0;
    for full in text.split_inclusive('\n') {
        let start = at;
        at += full.len();
        let line = full.trim_end_matches(['\n', '\r']);
        if line.trim().is_empty() {
            continue;
        }
        if let Some(header) = Header::new(line) {
            table = Some(Table::new(header, None));
            found.headers.push(start);
        } else if table.as_ref().is_some_and(|table| table.header.cells(line).is_some()) {
            found.rows.push((start, found.headers.len()));
        }
    }
    found
}

impl Rows {
    /// The bytes of the value at a pointer into a table's document: the cell, or the row where no cell holds just that value.
    pub fn find(&self, text: &str, pointer: &str) -> Option<Range<usize>> {
        let rest = pointer.strip_prefix("/items/")?;
        let (index, inner) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let &(start, header) = self.rows.get(index.parse::<usize>().ok()?)?;
        let line = |at: usize| {
            let rest = text.get(at..)?;
            Some(
                rest.split_once('\n')
                    .map_or(rest, |(line, _)| line)
                    .trim_end_matches('\r'),
            )
        };
        let row = line(start)?;
        if inner.is_empty() {
            return Some(start..start + row.trim_end().len());
        }
        let header = line(*self.headers.get(header.checked_sub(1)?)?)?;
        let table = Table::new(Header::new(header)?, None);
        let cells = table.header.cells(row)?;
        let mut best: Option<(usize, Range<usize>)> = None;
        // The command may have said what the rows are where the columns do not; the cells are the same for every kind that has them.
        object(&table, row, &cells, |at, cell| {
            let inside = inner == at || inner.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'));
            if inside && best.as_ref().is_none_or(|(len, _)| at.len() > *len) {
                best = Some((at.len(), cell.clone()));
            }
        });
        best.map(|(_, cell)| start + cell.start..start + cell.end)
    }
}
