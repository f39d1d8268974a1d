//! Kubernetes objects as the API gives them, in JSON or YAML; also such documents of no known origin.

use std::collections::BTreeMap;

use super::kubectl::table;
use super::{Artifact, Artifacts, Content, Cut, Document, Syntax, Value, json, json_kind, yaml};
use crate::problem::Problem;
use crate::segment::{CommandLine, Segment, formats};
use crate::text::{Sources, Span};

/// Reads a JSON document.
pub fn read_json(
    sources: &Sources,
    index: usize,
    segment: &Segment,
    artifacts: &mut Artifacts,
    problems: &mut Vec<Problem>,
) {
    let Some((mut value, ending)) = json_value(sources, segment.body, problems) else {
        return;
    };
    let mut span = segment.body;
    if let Some(inner) = configz(&mut value, sources.text(span)) {
        span = span.slice(inner);
    }
    let (value, prefix) = match value {
        Value::Array(items) => listed(segment, items),
        value => (value, ""),
    };
    add(
        index,
        segment,
        span,
        Syntax::Json,
        (value, prefix),
        ending == Ending::Whole,
        artifacts,
        problems,
    );
}

/// The configuration in a kubelet's `/configz` (component-base `configz`: an object with the component's name), which becomes the document
/// that its file is: its bytes.
fn configz(value: &mut Value, text: &str) -> Option<std::ops::Range<usize>> {
    const NAME: &str = "kubeletconfig";
    let members = value.as_object()?;
    let inner = members
        .get(NAME)
        .filter(|inner| inner.is_object() && members.iter().count() == 1)?;
    let place = json::outline(text).find(&format!("/{NAME}"))?;
    // The place begins at the name.
    let name_end = text.get(place.clone())?.find(':')?;
    let open = place.start + name_end + text.get(place.start + name_end..)?.find('{')?;
    let mut inner = inner.clone();
    if let Some(config) = inner.as_object_mut() {
        config.insert("kind", Value::from("KubeletConfiguration"));
        config.insert("apiVersion", Value::from("kubelet.config.k8s.io/v1beta1"));
    }
    *value = inner;
    Some(open..place.end)
}

/// The list that objects come from which stand in an array alone, and the pointer of that array in it: collectors that ask the API
/// themselves keep a list's items only, and Go's typed clients leave out what kind they are. The command tells it.
fn listed(segment: &Segment, items: Box<[Value]>) -> (Value, &'static str) {
    let line = segment.command.as_ref().map(|command| CommandLine::new(&command.text));
    let resource = line
        .as_ref()
        .and_then(|line| line.resource().or_else(|| raw_resource(line)));
    let api = resource.and_then(table::api_of);
    let objects = items.iter().all(|item| item.get("metadata").is_some());
    let Some((version, kind)) = api.filter(|_| objects) else {
        return (Value::Array(items), "");
    };
    let list = Value::from(serde_json::json!({ "apiVersion": version, "kind": format!("{kind}List") }));
    let mut list = list;
    if let Some(object) = list.as_object_mut() {
        object.insert("items", Value::Array(items));
    }
    (list, "/items")
}

/// The resource that a path of the API lists: `pods` of `kubectl get --raw /api/v1/namespaces/shop/pods?limit=500`.
fn raw_resource(line: &CommandLine) -> Option<&str> {
    let path = line.option(&["--raw"]).filter(|_| line.is_kubectl())?;
    path.split('?').next()?.trim_end_matches('/').rsplit('/').next()
}

/// How a document ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As it should.
    Whole,
    /// It breaks off.
    Short,
    /// Something in it is damaged, and what follows was read.
    Damaged,
}

/// The values of a JSON text and whether it was whole; what is not is said.
pub fn json_value(sources: &Sources, span: Span, problems: &mut Vec<Problem>) -> Option<(Value, Ending)> {
    match json::read(sources.text(span)) {
        Ok(read) => {
            let ending = match &read.broken {
                None => Ending::Whole,
                Some(broken) if broken.goes_on => Ending::Damaged,
                Some(_) => Ending::Short,
            };
            if let Some(broken) = read.broken {
                problems.push(breaks_off(
                    sources,
                    span,
                    &broken,
                    "What stands before is read; paste the rest for what is missing.",
                ));
            }
            Some((read.value, ending))
        }
        Err(broken) => {
            problems.push(breaks_off(
                sources,
                span,
                &broken,
                "Nothing of it could be read; paste the whole output.",
            ));
            None
        }
    }
}

/// The problem of a document that breaks off.
fn breaks_off(sources: &Sources, span: Span, broken: &json::Broken, consequence: &str) -> Problem {
    let at = span.slice(broken.at.saturating_sub(1)..broken.at + 1);
    let lines = sources.lines(at);
    let reason = &broken.reason;
    if broken.goes_on {
        return Problem::new(
            at,
            format!(
                "The document is damaged at line {}: {reason}. What stands around is read; paste the output as it was printed for the rest.",
                lines.first
            ),
        );
    }
    Problem::new(
        at,
        format!(
            "The document breaks off at line {}: {reason}. {consequence}",
            lines.first
        ),
    )
}

/// Reads the documents of a YAML stream, each as an artifact of its own.
pub fn read_yaml(
    sources: &Sources,
    index: usize,
    segment: &Segment,
    artifacts: &mut Artifacts,
    problems: &mut Vec<Problem>,
) {
    for range in yaml::documents(sources.text(segment.body)) {
        let span = segment.body.slice(range);
        let Some((value, whole)) = yaml_value(sources, span, problems) else {
            continue;
        };
        let value = (value, "");
        add(index, segment, span, Syntax::Yaml, value, whole, artifacts, problems);
    }
}

/// The values of one YAML document and whether it was whole; what is not is said.
pub fn yaml_value(sources: &Sources, span: Span, problems: &mut Vec<Problem>) -> Option<(Value, bool)> {
    let read = yaml::read(sources.text(span));
    for (at, note) in read.notes {
        problems.push(Problem::new(span.slice(at..at + 1), note));
    }
    let whole = read.broken.is_none();
    if let Some(broken) = read.broken {
        let empty = !(read.value.is_object() || read.value.is_array());
        let consequence = if empty {
            "Nothing of it could be read; paste the whole output."
        } else {
            "What stands before is read; paste the rest for what is missing."
        };
        let at = span.slice(broken.at..broken.at + 1);
        let line = sources.lines(at).first;
        let reason = broken.reason;
        problems.push(Problem::new(
            at,
            format!("The document breaks off at line {line}: {reason}. {consequence}"),
        ));
        if empty {
            return None;
        }
    }
    (!read.value.is_null()).then_some((read.value, whole))
}

#[allow(clippy::too_many_arguments, reason = "what a document is made of")]
fn add(
    index: usize,
    segment: &Segment,
    span: Span,
    syntax: Syntax,
    (mut value, prefix): (Value, &str),
    whole: bool,
    artifacts: &mut Artifacts,
    problems: &mut Vec<Problem>,
) {
    let mut complete = whole;
    let mut cut = if whole { Cut::Nowhere } else { Cut::Anywhere };
    let mut fallback = segment.format.name();
    if let Some(command) = &segment.command {
        let line = CommandLine::new(&command.text);
        if line.filtered() {
            complete = false;
            cut = Cut::Anywhere;
        }
        if line.is_kubectl() && !matches!(line.output(), None | Some("json" | "yaml")) {
            complete = false;
        }
    }
    if value.get("apiVersion").is_some()
        && value.get("kind").is_none()
        && value.get("items").is_some_and(Value::is_array)
    {
        // kubectl sorts the names: `kind` comes after `items`, so a list without it was cut.
        if whole {
            problems.push(Problem::new(
                span,
                "This list has no `kind` after its items, so the paste was cut; what stands here is read, paste the rest for what is missing.",
            ));
        }
        complete = false;
        if let Some(object) = value.as_object_mut() {
            object.insert("kind", Value::from("List"));
        }
    }
    if lacks_status(&value) {
        complete = false;
    }
    name_items(&mut value, DEPTH);
    if segment.format == formats::KUBERNETES_JSON || segment.format == formats::KUBERNETES_YAML {
        fallback = if syntax == Syntax::Json { "json" } else { "yaml" };
        // `kubectl version -o json` has no kind.
        if value
            .get("clientVersion")
            .is_some_and(|version| version.get("gitVersion").is_some())
        {
            fallback = super::kubectl::version::FORMAT.name();
        }
    }
    let line = segment.command.as_ref().map(crate::segment::Command::line);
    let line = line.map(|line| line.inner().unwrap_or(line));
    let kinds = kinds(&value).unwrap_or_else(|| {
        if let Some(kind) = json_kind::kind(&value, line.as_ref()) {
            let count = value.as_array().map_or(1, <[Value]>::len);
            return vec![(kind, count)];
        }
        complete = false;
        vec![(fallback.to_owned(), 1)]
    });
    artifacts.add(Artifact {
        segment: index,
        span,
        kinds,
        content: Content::Document(Document {
            span,
            syntax,
            value,
            prefix: prefix.to_owned(),
            complete,
            cut,
            cells: BTreeMap::new(),
            places: super::Places::default(),
        }),
    });
}

/// Kinds that always have a status once the API has them, and whose names kubectl sorts before it: without one the paste ends too early.
const WITH_STATUS: [&str; 10] = [
    "Pod",
    "Node",
    "Namespace",
    "Service",
    "Deployment",
    "ReplicaSet",
    "DaemonSet",
    "StatefulSet",
    "PersistentVolume",
    "PersistentVolumeClaim",
];

/// Whether an object that the API gave (it has a `uid`; a manifest has none) lacks the status that stands last.
fn lacks_status(value: &Value) -> bool {
    let kind = value.get("kind").and_then(Value::as_str);
    kind.is_some_and(|kind| WITH_STATUS.contains(&kind))
        && value.get("status").is_none()
        && value
            .get("metadata")
            .is_some_and(|metadata| metadata.get("uid").is_some())
}

/// Lists stand in lists, and in the arrays that `jq -s` makes, no deeper than this.
const DEPTH: usize = 3;

/// Gives the items of a typed list (`PodList`) the kind that the API leaves out because the list's says it
/// (Kubernetes API conventions, "Lists and Simple kinds"); also where lists stand in a list or in an array.
fn name_items(value: &mut Value, depth: usize) {
    if depth == 0 {
        return;
    }
    if let Some(elements) = value.as_array_mut() {
        for element in elements {
            name_items(element, depth - 1);
        }
        return;
    }
    let Some(object) = value.as_object_mut() else { return };
    let kind = object
        .get("kind")
        .and_then(Value::as_str)
        .and_then(|kind| kind.strip_suffix("List"))
        .map(str::to_owned);
    let version = object.get("apiVersion").cloned();
    let (Some(kind), Some(items)) = (kind, object.get_mut("items").and_then(Value::as_array_mut)) else {
        return;
    };
    for item in items {
        if kind.is_empty() {
            name_items(item, depth - 1);
            continue;
        }
        let Some(item) = item.as_object_mut() else { continue };
        if !item.contains_key("kind") {
            item.insert("kind", Value::from(kind.as_str()));
        }
        if let Some(version) = &version
            && !item.contains_key("apiVersion")
        {
            item.insert("apiVersion", version.clone());
        }
    }
}

/// `v1/Pod` of an object.
fn kind(value: &Value) -> Option<String> {
    let kind = value.get("kind")?.as_str()?;
    match value.get("apiVersion").and_then(Value::as_str) {
        Some(version) => Some(format!("{version}/{kind}")),
        None => Some(kind.to_owned()),
    }
}

/// The kinds in a document and how many of each: of a list, those of its items.
pub fn kinds(value: &Value) -> Option<Vec<(String, usize)>> {
    let own = kind(value);
    let list = own.as_ref().is_some_and(|kind| kind.ends_with("List"));
    let items = value.get("items").and_then(Value::as_array).filter(|_| list);
    let Some(items) = items else {
        return own.map(|kind| vec![(kind, 1)]);
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for item in items {
        count(item, DEPTH, &mut counts);
    }
    if counts.is_empty() {
        return own.map(|kind| {
            // An empty PodList holds no pods; an empty List holds nothing that has a name.
            let item = kind.strip_suffix("List").filter(|item| !item.ends_with('/'));
            vec![(item.unwrap_or(&kind).to_owned(), 0)]
        });
    }
    Some(counts.into_iter().collect())
}

/// Counts an item of a list by its kind, and of a list in a list its items.
fn count(item: &Value, depth: usize, counts: &mut BTreeMap<String, usize>) {
    let kind = kind(item).unwrap_or_else(|| "object".to_owned());
    if depth > 0
        && kind.ends_with("List")
        && let Some(items) = item.get("items").and_then(Value::as_array)
    {
        for item in items {
            count(item, depth - 1, counts);
        }
        return;
    }
    *counts.entry(kind).or_default() += 1;
}

#[cfg(test)]
mod tests;
