//! Lines that `grep`, `sed`, `tail` or a person cut out of a description. What stands at the left edge says itself where it belongs; rows of
//! conditions and of events are told by their cells; of other lines only what they print is kept, because the field that they are
//! nested in was cut away.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::events::{self, About};
use super::fields::{self, lower_camel};
use super::kinds::{self, Kind};
use super::layout::{self, Entry, Line, cells};
use super::wanted::Wanted;
use super::{is_dashes, is_field};
use crate::artifact::fragment::lines::{self, is_gap};
use crate::artifact::fragment::selection::{self, Selection};
use crate::artifact::kubectl::{event_lines, list};
use crate::artifact::{Artifact, Artifacts, Content, Document, Placed};
use crate::problem::{Problem, excerpt};
use crate::segment::formats::{Format, Part, Spec, no_command, no_sniffer};
use crate::segment::sniff::{Hint, Taken, ends, log, prose};
use crate::segment::{CommandLine, resolved};
use crate::text::{Piece, Span};

/// Parts of a description.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-describe-fragment",
    title: "a part of kubectl describe's text",
    command: no_command,
    // The sniffer of descriptions answers for their parts, too.
    least: 1,
    sniff: no_sniffer,
    read,
});

/// Objects of these kinds are in no namespace.
const OF_CLUSTER: [&str; 6] = [
    "Node",
    "PersistentVolume",
    "StorageClass",
    "Namespace",
    "ClusterRole",
    "ClusterRoleBinding",
];

/// What the command's pipeline left: whether lines that stand together stood together, and whether they are numbered.
fn cut(line: &CommandLine) -> Option<(bool, bool)> {
    let numbered = selection::numbered(line);
    match selection::of(line) {
        Selection::Stretches => Some((true, numbered)),
        Selection::Lines => Some((false, numbered)),
        _ => None,
    }
}

/// Takes the parts that a command let through, or that a person cut out below it.
pub fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let outer = hint.line.as_ref()?;
    let inner = outer.inner();
    let command = inner.as_ref().unwrap_or(outer);
    let cut = cut(command);
    // From its beginning on it is a description.
    let begins = line.starts_with("Name:") && cut.is_none_or(|(stretch, _)| stretch);
    let by_hand =
        cut.is_none() && command.pipeline.is_empty() && line.starts_with("  ") && (is_row(line) || line.contains(": "));
    if begins || !(cut.is_some() || by_hand) || log::is_error(line) || log::is_notice(line) {
        return None;
    }
    let numbered = cut.is_some_and(|(_, numbered)| numbered);
    let own = |line: &str| -> bool {
        let line = if numbered {
            lines::number(line).map_or("", |(_, rest)| rest)
        } else {
            line
        };
        line.starts_with([' ', '\t']) && !line.trim().is_empty() || is_field(line) || is_short_field(line)
    };
    if !own(line) {
        return None;
    }
    let mut len = 0;
    let mut blank = false;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            blank = true;
            continue;
        }
        // Below a blank line a person may have written on.
        let edge = !numbered && !line.starts_with([' ', '\t']);
        let words = edge && (prose::is_prose(line) || blank && !is_field(line));
        if words || !(own(line) || is_gap(line)) || log::is_error(line) {
            break;
        }
        blank = false;
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: 0.85,
    })
}

/// `Name: x` with one blank, as of a field with the longest name.
fn is_short_field(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_uppercase())
        && layout::field(Piece::new(line)).is_some_and(|(name, _)| name.words().count() < 6)
}

/// Whether a line has the cells of a condition or of an event.
fn is_row(line: &str) -> bool {
    let line = Piece::new(line);
    condition(line.trim()).is_some() || event_lines::is_event(line)
}

/// A row of the conditions: `Ready  True`, with a reason and a message, or a node's with two times.
fn condition(line: Piece<'_>) -> Option<Placed> {
    let found = cells(line);
    let (kind, status) = (found.first()?, found.get(1)?);
    let named = kind.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_lowercase())
        && kind
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'-'));
    if !named || !matches!(status.str(), "True" | "False" | "Unknown") {
        return None;
    }
    let mut made = Placed::object(line);
    made.put("type", Placed::text(*kind));
    made.put("status", Placed::text(*status));
    let mut rest = found.get(2..).unwrap_or_default();
    let mut times = Vec::new();
    while let Some((first, after)) = rest.split_first() {
        let Some(time) = layout::time(first) else { break };
        times.push((time, *first));
        rest = after;
    }
    // A node's row has both, a claim's the transition alone (`Last Probe Time` is empty).
    let names: &[&str] = if times.len() == 2 {
        &["lastHeartbeatTime", "lastTransitionTime"]
    } else {
        &["lastTransitionTime"]
    };
    for (name, (time, piece)) in names.iter().zip(times) {
        made.put(name, Placed::value(time, piece));
    }
    if let Some((reason, message)) = rest.split_first() {
        made.put("reason", Placed::text(*reason));
        if let Some((first, last)) = message.first().zip(message.last()) {
            made.put("message", Placed::text(first.to(*last, line)));
        }
    }
    Some(made)
}

/// `topology.kubernetes.io/zone=eu-west-1a`: of a node's description only its labels are printed so (a taint ends with its effect).
fn label(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, value) = line.split_once("=")?;
    let plain = |text: &str, more: &[u8]| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') || more.contains(&byte))
    };
    (!name.is_empty() && plain(&name, b"/") && plain(&value, b"")).then_some((name, value))
}

/// Whether a line is the header of a table of conditions or events, or the dashes below it.
fn is_header(line: Piece<'_>) -> bool {
    is_dashes(&line) || events::is_header(&line) || {
        let found = cells(line);
        found.first().is_some_and(|cell| cell.str() == "Type")
            && found.get(1).is_some_and(|cell| cell.str() == "Status")
    }
}

/// The lines of one object: in each block lines that stood together.
struct Object<'a> {
    named: bool,
    blocks: Vec<Vec<Line<'a>>>,
}

fn objects<'a>(lines: &[lines::Line<'a>]) -> Vec<Object<'a>> {
    let mut found: Vec<Object<'a>> = Vec::new();
    for line in lines {
        if line.text.is_empty() {
            continue;
        }
        let names = line.indent() == 0 && line.text.starts_with("Name:");
        if names || found.is_empty() {
            found.push(Object {
                named: names,
                blocks: Vec::new(),
            });
        }
        let Some(object) = found.last_mut() else { continue };
        if line.gap || object.blocks.is_empty() {
            object.blocks.push(Vec::new());
        }
        if let Some(block) = object.blocks.last_mut() {
            block.push(Line {
                indent: line.indent(),
                text: line.text,
            });
        }
    }
    found
}

/// What the command says of the objects that it describes.
struct Asked {
    kind: Option<&'static Kind>,
    name: Option<String>,
    namespace: Option<String>,
    at: Option<Span>,
}

fn asked(part: &Part<'_>) -> Asked {
    let wanted = Wanted::of(part, 1);
    let kind = wanted.word(0).and_then(kinds::named);
    let line = part.command();
    let words = line.as_ref().map(CommandLine::positional).unwrap_or_default();
    let name = match words.as_slice() {
        [_, resource] => resource.split_once('/').map(|(_, name)| name),
        [_, resource, name] if !resource.contains('/') => Some(*name),
        _ => None,
    };
    let name = name.and_then(resolved).map(str::to_owned);
    let namespace = line
        .as_ref()
        .and_then(|line| line.name(&["-n", "--namespace"]))
        .map(str::to_owned);
    Asked {
        name,
        namespace: namespace.filter(|_| kind.is_some_and(|kind| !OF_CLUSTER.contains(&kind.name))),
        kind,
        at: part.segment.command.as_ref().map(|command| command.span),
    }
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let line = part.command();
    let (stretch, numbered) = line.as_ref().and_then(cut).unwrap_or((true, false));
    let whole = Piece::new(part.text());
    let lines = lines::of(whole, numbered, stretch);
    let objects = objects(&lines);
    let asked = asked(part);
    let alone = objects.len() == 1;
    let by = line.as_ref().and_then(|line| line.pipeline.first()?.first().cloned());
    problems.push(Problem::new(
        part.span(),
        match by {
            Some(by) => format!(
                "`{}` cut these lines out of a description: they are read as far as each says itself what it is; paste the whole description for the rest.",
                excerpt(&by)
            ),
            None => "These lines were cut out of a description: they are read as far as each says itself what it is; paste the whole description for the rest.".to_owned(),
        },
    ));
    for object in objects {
        let mut reader = Reader {
            whole,
            asked: &asked,
            conditions: BTreeSet::new(),
            twice: false,
            events: Vec::new(),
        };
        let (root, about) = reader.object(&object);
        // Where the command names one object, its lines are of that object.
        let by_command = alone && !object.named && !reader.twice;
        add(
            part,
            &asked,
            by_command,
            root,
            (&object, about, std::mem::take(&mut reader.events)),
            artifacts,
        );
    }
}

/// What events are about, as far as lines tell it.
type Told<'a> = (Option<Piece<'a>>, Option<Piece<'a>>);

struct Reader<'a, 'q> {
    whole: Piece<'a>,
    asked: &'q Asked,
    /// The types of the conditions so far, and whether one came again: then they are of several objects.
    conditions: BTreeSet<String>,
    twice: bool,
    events: Vec<Placed>,
}

impl<'a> Reader<'a, '_> {
    /// Reads the lines of one object.
    fn object(&mut self, object: &Object<'a>) -> (Placed, Told<'a>) {
        let mut top: Vec<Entry<'a, '_>> = Vec::new();
        let mut loose: Vec<&[Line<'a>]> = Vec::new();
        for block in &object.blocks {
            let edge = block.iter().position(|line| line.indent == 0).unwrap_or(block.len());
            let (before, from) = block.split_at(edge);
            if !before.is_empty() {
                loose.push(before);
            }
            top.extend(layout::entries(self.whole, from));
        }
        let mut root = Placed::object(self.place(object));
        let find = |name: &str| {
            top.iter()
                .find(|entry| entry.key().str() == name)
                .map(Entry::value)
                .filter(|value| !value.is_empty())
        };
        let told = (find("Name"), find("Namespace"));
        let about = About {
            kind: self.asked.kind.map(|kind| kind.name),
            name: told.0,
            namespace: told.1,
        };
        for entry in top.iter().filter(|entry| entry.key().str() == "Events") {
            self.events_of(entry.inner, about);
        }
        top.retain(|entry| {
            entry.key().str() != "Events" && !(entry.key().str() == "Conditions" && entry.inner.is_empty())
        });
        // Rows below a title whose header was cut away.
        for entry in top.iter().filter(|entry| entry.key().str() == "Conditions") {
            if !entry.table().has("Status") {
                loose.push(entry.inner);
            }
        }
        match self.asked.kind.or_else(|| kinds::kind(&top, None)) {
            Some(kind) => (kind.read)(&mut root, &top),
            None => fields::map(&mut root, top.iter().copied(), &[], |_, _| false),
        }
        for lines in loose {
            self.loose(&mut root, lines, about);
        }
        (root, told)
    }

    fn place(&self, object: &Object<'a>) -> Piece<'a> {
        let first = object.blocks.first().and_then(|block| block.first());
        let last = object.blocks.last().and_then(|block| block.last());
        match first.zip(last) {
            Some((first, last)) => first.text.to(last.text, self.whole),
            None => self.whole,
        }
    }

    /// Lines whose field was cut away.
    fn loose(&mut self, root: &mut Placed, lines: &[Line<'a>], about: About<'a>) {
        for entry in layout::entries(self.whole, lines) {
            let text = entry.line.text;
            if is_header(text) {
                // The rows stand in its column.
                continue;
            }
            if let Some(condition) = condition(text) {
                let name = cells(text)
                    .first()
                    .map(|cell| cell.str().to_owned())
                    .unwrap_or_default();
                self.twice |= !self.conditions.insert(name);
                root.push_at(&["status", "conditions"], text, condition);
            } else if let Some(event) = event_lines::event(text) {
                self.event(event, text, about);
            } else if let Some((name, value)) = label(text).filter(|_| about.kind == Some("Node")) {
                root.put_at(&["metadata", "labels", &name], text, Placed::text(value));
            } else {
                let mut kept = Placed::object(entry.piece());
                if let Some((name, _)) = layout::field(text) {
                    kept.put(&lower_camel(&name), fields::printed(&entry, 0));
                } else {
                    kept.put("text", Placed::text(text));
                    for inner in entry.inner {
                        kept.push_at(&["below"], inner.text, Placed::text(inner.text));
                    }
                }
                root.push_at(&["x-fragments"], entry.piece(), kept);
            }
        }
    }

    /// The rows below `Events:`, with or without their header.
    fn events_of(&mut self, lines: &[Line<'a>], about: About<'a>) {
        let table = lines.first().is_some_and(|line| events::is_header(&line.text));
        if table {
            let table = layout::Table::new(lines);
            if let Some((list, _)) = events::of_table(&table, self.whole, about)
                && let Ok(items) = list.taken("items").into_items()
            {
                self.events.extend(items);
            }
            return;
        }
        for line in lines {
            if let Some(event) = event_lines::event(line.text) {
                self.event(event, line.text, about);
            }
        }
    }

    fn event(&mut self, mut event: Placed, line: Piece<'a>, about: About<'a>) {
        about_of(&mut event, line, about);
        self.events.push(event);
    }
}

/// Says of an event which object it is about.
fn about_of(event: &mut Placed, line: Piece<'_>, about: About<'_>) {
    if let Some(kind) = about.kind {
        event.put_at(&["involvedObject", "kind"], line, Placed::value(kind, line));
    }
    if let Some(name) = about.name {
        event.put_at(&["involvedObject", "name"], line, Placed::text(name));
    }
    if let Some(namespace) = about.namespace {
        event.put_at(&["metadata", "namespace"], line, Placed::text(namespace));
        event.put_at(&["involvedObject", "namespace"], line, Placed::text(namespace));
    }
}

/// Adds what was read of one object: the object, and its events.
fn add(
    part: &Part<'_>,
    asked: &Asked,
    by_command: bool,
    mut root: Placed,
    (object, told, mut items): (&Object<'_>, Told<'_>, Vec<Placed>),
    artifacts: &mut Artifacts,
) {
    let place = place_of(object);
    let here = Piece::new(part.text()).part(place.clone());
    // Its name and namespace stand in the command.
    let name = asked.name.as_ref().filter(|_| by_command && told.0.is_none());
    let namespace = asked
        .namespace
        .as_ref()
        .filter(|_| told.1.is_none() && told.0.is_none());
    let mut cells = BTreeMap::new();
    let span = asked.at.unwrap_or(part.span());
    if !root.is_empty() {
        for (field, value) in [("name", name), ("namespace", namespace)] {
            if let Some(value) = value {
                root.put_at(&["metadata", field], here, Placed::value(value.as_str(), here));
                cells.insert(format!("/metadata/{field}"), span);
            }
        }
        let kind = match asked.kind {
            Some(kind) => {
                root.put("apiVersion", Placed::value(kind.version, here));
                root.put("kind", Placed::value(kind.name, here));
                for field in ["/apiVersion", "/kind"] {
                    cells.insert(field.to_owned(), span);
                }
                format!("{}/{}", kind.version, kind.name)
            }
            None => super::FORMAT.name().to_owned(),
        };
        let mut document = Document::placed(part.span(), root, false);
        document.cells = cells;
        artifacts.add(Artifact {
            segment: part.index,
            span: part.span().slice(place.clone()),
            kinds: vec![(kind, 1)],
            content: Content::Document(document),
        });
    }
    if items.is_empty() {
        return;
    }
    let mut cells = BTreeMap::new();
    for (at, item) in items.iter_mut().enumerate() {
        for (field, value) in [("name", name), ("namespace", namespace)] {
            if let Some(value) = value {
                item.put_at(&["involvedObject", field], here, Placed::value(value.as_str(), here));
                cells.insert(format!("/items/{at}/involvedObject/{field}"), span);
            }
        }
    }
    let count = items.len();
    let mut all = Placed::array(here);
    for item in items {
        all.push(item);
    }
    let mut document = Document::placed(part.span(), list::of(all, here), false);
    document.cells = cells;
    artifacts.add(Artifact {
        segment: part.index,
        span: part.span().slice(place),
        kinds: vec![("v1/Event".to_owned(), count)],
        content: Content::Document(document),
    });
}

fn place_of(object: &Object<'_>) -> Range<usize> {
    let first = object.blocks.first().and_then(|block| block.first());
    let last = object.blocks.last().and_then(|block| block.last());
    first.map_or(0, |line| line.text.start())..last.map_or(0, |line| line.text.end())
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn rows_of_a_nodes_conditions() {
        let text = "$ kubectl describe node ip-10-20-1-7.ec2.internal | grep -E 'Ready |DiskPressure'\n\
            \x20 DiskPressure     Unknown   Tue, 14 May 2024 09:11:02 +0000   Tue, 14 May 2024 09:12:46 +0000   NodeStatusUnknown   Kubelet stopped posting node status.\n\
            \x20 Ready            False     Tue, 14 May 2024 09:11:02 +0000   Tue, 14 May 2024 09:12:46 +0000   KubeletNotReady     container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady\n";
        let found = read(text);
        found.is("kubectl-describe-fragment");
        assert_eq!(found.kinds(), ["v1/Node"]);
        assert_eq!(found.cited(0, "/metadata/name").0, "ip-10-20-1-7.ec2.internal");
        assert!(
            found
                .cited(0, "/metadata/name")
                .1
                .starts_with("$ kubectl describe node")
        );
        assert_eq!(found.at("/status/conditions/1/type"), "Ready");
        assert_eq!(found.shown("/status/conditions/1/status"), "False");
        assert_eq!(
            found.at("/status/conditions/1/lastTransitionTime"),
            "2024-05-14T09:12:46Z"
        );
        assert_eq!(found.shown("/status/conditions/1/reason"), "KubeletNotReady");
        assert!(
            found
                .at("/status/conditions/1/message")
                .ends_with("NetworkPluginNotReady")
        );
        assert!(!found.complete());
        assert_eq!(found.problems.len(), 1);
    }

    #[test]
    fn rows_of_several_nodes_name_none() {
        let text = "$ kubectl describe node ip-10-20-1 | grep 'Ready  '\n\
            \x20 Ready            False   Tue, 14 May 2024 09:11:02 +0000   Tue, 14 May 2024 09:12:46 +0000   KubeletNotReady   cni plugin not initialized\n\
            \x20 Ready            True    Tue, 14 May 2024 09:11:02 +0000   Tue, 14 May 2024 09:12:46 +0000   KubeletReady      kubelet is posting ready status\n";
        let found = read(text);
        assert_eq!(found.at("/metadata/name"), "");
        assert_eq!(found.count("/status/conditions"), 2);
    }

    #[test]
    fn stretches_of_a_description_stand_where_they_say() {
        let text = "$ kubectl describe node ip-10-20-1-7.ec2.internal | grep -A6 Conditions:\n\
            Conditions:\n\
            \x20 Type             Status  LastHeartbeatTime                 LastTransitionTime                Reason             Message\n\
            \x20 ----             ------  -----------------                 ------------------                ------             -------\n\
            \x20 MemoryPressure   False   Tue, 14 May 2024 09:11:02 +0000   Tue, 14 May 2024 08:00:00 +0000   KubeletHasSufficientMemory   kubelet has sufficient memory available\n\
            Addresses:\n\
            \x20 InternalIP:   10.20.1.7\n";
        let found = read(text);
        found.is("kubectl-describe-fragment");
        assert_eq!(found.kinds(), ["v1/Node"]);
        assert_eq!(found.at("/status/conditions/0/type"), "MemoryPressure");
        assert_eq!(found.at("/status/addresses/0/address"), "10.20.1.7");
    }

    #[test]
    fn names_begin_objects() {
        let text = "$ kubectl describe nodes | egrep '^Name:|^Taints:'\n\
            Name:               ip-10-20-1-7.ec2.internal\n\
            Taints:             node.kubernetes.io/unreachable:NoSchedule\n\
            Name:               ip-10-20-2-9.ec2.internal\n\
            Taints:             <none>\n";
        let found = read(text);
        found.is("kubectl-describe-fragment");
        assert_eq!(found.kinds(), ["v1/Node", "v1/Node"]);
        assert_eq!(found.cited(0, "/spec/taints/0/key").0, "node.kubernetes.io/unreachable");
        assert_eq!(found.cited(1, "/metadata/name").0, "ip-10-20-2-9.ec2.internal");
    }

    #[test]
    fn labels_of_nodes_are_told_by_their_form() {
        let text = "$ kubectl describe nodes | egrep '^Name:|topology.kubernetes.io/zone'\n\
            Name:               ip-10-20-1-7.ec2.internal\n\
            \x20                   topology.kubernetes.io/zone=us-east-1a\n\
            Name:               ip-10-20-2-9.ec2.internal\n\
            \x20                   topology.kubernetes.io/zone=us-east-1b\n";
        let found = read(text);
        assert_eq!(found.kinds(), ["v1/Node", "v1/Node"]);
        assert_eq!(
            found.cited(1, "/metadata/labels/topology.kubernetes.io~1zone"),
            ("us-east-1b".to_owned(), "us-east-1b".to_owned())
        );
        // A pod's description prints selectors and tolerations like this, too.
        let pod = read("$ kubectl describe pod cart-0 | grep tier=\n              tier=backend\n");
        assert_eq!(pod.at("/metadata/labels"), "");
    }

    #[test]
    fn events_know_the_object_of_the_command() {
        for (command, header) in [
            ("kubectl -n shop describe pod cart-0 | grep -A9 Events", true),
            ("kubectl -n shop describe pod/cart-0 | grep Warning", false),
        ] {
            let head = if header {
                "Events:\n  Type     Reason     Age   From     Message\n  ----     ------     ----  ----     -------\n"
            } else {
                ""
            };
            let text = format!(
                "$ {command}\n{head}  Warning  Unhealthy  12m (x7 over 31m)  kubelet  Readiness probe failed: dial tcp 10.20.1.9:8080: connect: connection refused\n"
            );
            let found = read(&text);
            found.is("kubectl-describe-fragment");
            assert_eq!(found.kinds(), ["v1/Event"], "{command}");
            assert_eq!(found.at("/items/0/reason"), "Unhealthy");
            assert_eq!(found.at("/items/0/count"), "7");
            assert_eq!(found.at("/items/0/involvedObject/kind"), "Pod");
            assert_eq!(found.at("/items/0/involvedObject/name"), "cart-0");
            assert_eq!(found.at("/items/0/involvedObject/namespace"), "shop");
            assert!(found.shown("/items/0/involvedObject/name").starts_with("$ kubectl"));
        }
    }

    #[test]
    fn what_was_nested_in_a_field_that_was_cut_away_is_kept_as_printed() {
        let text = "$ kubectl describe pod cart-0 -n shop | grep -A3 'Last State'\n\
            \x20   Last State:     Terminated\n\
            \x20     Reason:       OOMKilled\n\
            \x20     Exit Code:    137\n\
            --\n\
            \x20   Last State:     Terminated\n\
            \x20     Reason:       Error\n";
        let found = read(text);
        assert_eq!(found.kinds(), ["v1/Pod"]);
        assert_eq!(found.count("/x-fragments"), 2);
        assert!(
            found.at("/x-fragments/0/lastState").contains("OOMKilled"),
            "{}",
            found.json()
        );
        // Neither is said to be of a container.
        assert_eq!(found.at("/status"), "");
    }
}
