//! Parts of YAML and JSON that `grep`, `sed`, `tail` or a person cut out: what their own lines and indentation show, and no more. Where in
//! the document a part stands is not known, so that it has no kind but how it is written, and several parts are a list.

mod json;
pub mod lines;
pub mod selection;
mod tree;
mod whose;
mod yaml;

use super::{Artifacts, Placed};
use crate::problem::{Problem, excerpt};
use crate::segment::formats::{self, Format, Part, Spec, add_document, no_command};
use crate::segment::sniff::{Hint, Taken, ends, log};
use crate::segment::{CommandLine, sniff};
use crate::text::Piece;
use selection::Selection;
use tree::{Fragment, Tree};

/// Parts of YAML.
pub const YAML: Format = Format::new(&Spec {
    name: "yaml-fragment",
    title: "a part of YAML",
    command: no_command,
    least: 1,
    sniff: |line, rest, hint| of_command(line, rest, hint).or_else(|| alone(line, rest, hint)),
    read: read_yaml,
});

/// Parts of JSON.
pub const JSON: Format = Format::new(&Spec {
    name: "json-fragment",
    title: "a part of JSON",
    command: no_command,
    // The sniffer of YAML's parts answers for both.
    least: 1,
    sniff: formats::no_sniffer,
    read: read_json,
});

/// How a command's output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Yaml,
    Json,
    /// aws-cli's output where no option says it: as its configuration has it.
    Either,
}

/// How the output of a command is written, before a pipeline cuts it.
fn written(line: &CommandLine, expects: Option<Format>) -> Option<Written> {
    match expects {
        Some(format) if format == formats::KUBERNETES_YAML || format == formats::AWS_YAML => {
            return Some(Written::Yaml);
        }
        Some(format) if format == formats::KUBERNETES_JSON => return Some(Written::Json),
        Some(format) if format == formats::AWS_JSON => {
            return Some(match line.option(&["--output"]) {
                None => Written::Either,
                Some("json") => Written::Json,
                Some(_) => return None,
            });
        }
        Some(format) if format.name() == "helm-values" => return Some(Written::Yaml),
        _ => {}
    }
    let reads_files = matches!(
        line.program.as_str(),
        "cat"
            | "bat"
            | "less"
            | "more"
            | "head"
            | "tail"
            | "grep"
            | "egrep"
            | "fgrep"
            | "zgrep"
            | "sed"
            | "awk"
            | "yq"
            | "jq"
            | "Get-Content"
            | "gc"
            | "type"
    );
    if reads_files {
        let named = |ends: &[&str]| {
            line.args
                .iter()
                .any(|arg| ends.iter().any(|end| arg.to_ascii_lowercase().ends_with(end)))
        };
        let kubeconfig = line.args.iter().any(|arg| {
            let name = arg.rsplit(['/', '\\']).next().unwrap_or_default();
            name.starts_with("kubeconfig")
                || arg.ends_with(".kube/config")
                || arg.ends_with("kubelet.conf")
                || arg.ends_with("admin.conf")
        });
        return if named(&[".yaml", ".yml"]) || kubeconfig {
            Some(Written::Yaml)
        } else if named(&[".json"]) {
            Some(Written::Json)
        } else {
            None
        };
    }
    match (line.program.as_str(), line.positional().as_slice()) {
        ("helm", ["template", ..] | ["get", "manifest" | "all" | "values", ..] | ["show", "values" | "all", ..])
        | ("kustomize", ["build", ..])
        | ("argocd" | "flux" | "istioctl" | "calicoctl" | "eksctl", _)
            if line.program == "helm" || line.program == "kustomize" || line.output() == Some("yaml") =>
        {
            Some(Written::Yaml)
        }
        (_, ["kustomize", ..]) if line.is_kubectl() => Some(Written::Yaml),
        _ => None,
    }
}

/// What a command cut: how it is written, whether lines that stand together stood together, and whether they are numbered.
fn cut(line: &CommandLine, expects: Option<Format>) -> Option<(Written, bool, bool)> {
    let selection = selection::of(line);
    if !matches!(selection, Selection::Stretches | Selection::Lines) {
        return None;
    }
    let written = written(line, expects)?;
    Some((written, selection == Selection::Stretches, selection::numbered(line)))
}

/// Takes the parts that a command let through.
pub fn of_command(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let outer = hint.line.as_ref()?;
    // Almost all commands: nothing was cut.
    let inner = outer.inner();
    let command = inner.as_ref().unwrap_or(outer);
    let (written, stretch, numbered) = cut(command, hint.expects)?;
    let own = |line: &str| {
        if numbered {
            lines::number(line).map_or("", |(_, rest)| rest).to_owned()
        } else {
            line.to_owned()
        }
    };
    let first = own(line);
    if first.trim().is_empty() || lines::is_gap(&first) || log::is_error(&first) || log::is_notice(&first) {
        return None;
    }
    // From its beginning on it is a document.
    if stretch && !numbered && line.starts_with("apiVersion:") {
        return None;
    }
    let json = written != Written::Yaml && is_json(&first);
    if !json && (written == Written::Json || !is_yaml(&first, written == Written::Yaml)) {
        return None;
    }
    // A whole document, in one line or from its bracket on.
    if json && first.trim_start().starts_with(['{', '[']) && first.trim().len() > 1 {
        return None;
    }
    let mut len = 0;
    let mut blank = false;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            blank = true;
            continue;
        }
        let shown = own(line);
        let belongs = if lines::is_gap(line) {
            true
        } else if blank && !shown.starts_with([' ', '\t']) {
            false
        } else if json {
            is_json(&shown)
        } else {
            is_yaml(&shown, true)
        };
        if !belongs || log::is_error(&shown) {
            break;
        }
        blank = false;
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format: if json { JSON } else { YAML },
        confidence: 0.8,
    })
}

/// Whether a line can be one of YAML where YAML is expected. `indented`: whether any indented line can.
fn is_yaml(line: &str, indented: bool) -> bool {
    if indented && line.starts_with([' ', '\t']) {
        return true;
    }
    let text = line.trim();
    text.starts_with("- ") || text == "-" || text.starts_with('#') || yaml::member(Piece::new(text)).is_some()
}

/// Whether a line can be one of JSON.
fn is_json(line: &str) -> bool {
    let text = line.trim();
    match text.bytes().next() {
        Some(b'"') => json::member(Piece::new(text)).is_some() || json::value(Piece::new(text)).is_some(),
        Some(b'{' | b'}' | b']') => true,
        Some(b'[') => text.len() == 1 || json::value(Piece::new(text)).is_some(),
        Some(b'0'..=b'9' | b'-' | b't' | b'f' | b'n') => json::value(Piece::new(text)).is_some(),
        _ => false,
    }
}

/// How many lines are looked at before a part that no command announces is refused.
const LOOKED_AT: usize = 40;

/// Within how many lines it has to nest: every line that nothing recognised is asked, so that this is what it costs.
const NESTS: usize = 8;

/// Whether one of the first lines is a name that opens what stands below it.
fn nests(rest: &str) -> bool {
    let mut above: Option<usize> = None;
    for (line, _) in ends(rest).take(NESTS) {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if above.is_some_and(|upper| !text.is_empty() && (indent > upper || indent == upper && text.starts_with("- ")))
        {
            return true;
        }
        above = text.trim_end().ends_with(':').then_some(indent);
    }
    false
}

/// Takes a part without a command: only what can hardly be anything else.
fn alone(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if hint.expects.is_some() {
        return None;
    }
    let text = line.trim_start();
    match text.bytes().next()? {
        b'"' => json_alone(rest),
        b'-' | b'a'..=b'z' | b'A'..=b'Z' => yaml_alone(text, rest),
        _ => None,
    }
}

/// A line that can stand in a person's excerpt of JSON.
fn surely_json(line: &str) -> bool {
    let text = Piece::new(line.trim());
    match json::member(text) {
        Some((name, value)) => {
            !name.contains(char::is_whitespace) && (matches!(value.str(), "{" | "[") || json::value(value).is_some())
        }
        None => is_json(line) || lines::is_gap(line),
    }
}

fn json_alone(rest: &str) -> Option<Taken> {
    let (first, _) = ends(rest).next()?;
    json::member(Piece::new(first.trim()))?;
    let mut len = 0;
    for (line, end) in ends(rest) {
        if !surely_json(line) {
            if !line.trim().is_empty() && len == 0 {
                return None;
            }
            break;
        }
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format: JSON,
        confidence: 0.7,
    })
}

/// A member or an element as programs write YAML: one blank behind the colon, no columns.
fn surely_yaml(line: &str) -> bool {
    if line.contains('\t') {
        return false;
    }
    let mut text = line.trim();
    let mut dash = false;
    while let Some(rest) = text.strip_prefix("- ") {
        text = rest;
        dash = true;
    }
    if text.contains("  ") && !text.contains(['"', '\'', '#']) {
        return false;
    }
    match yaml::member(Piece::new(text)) {
        Some((name, value)) => {
            let plain = name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/'));
            plain && (value.is_empty() || text.get(name.len()..).is_some_and(|rest| !rest.starts_with(":  ")))
        }
        None => dash && !text.is_empty(),
    }
}

fn yaml_alone(first: &str, rest: &str) -> Option<Taken> {
    // A tool's own `NAME: x`, `Error: x`.
    if first
        .split(':')
        .next()
        .is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_uppercase()))
        || log::is_error(first)
        || log::is_notice(first)
        || !surely_yaml(first)
        || !nests(rest)
    {
        return None;
    }
    let mut members = 0;
    let mut nested = false;
    let mut above: Option<(usize, bool)> = None;
    let mut len = 0;
    for (at, (line, end)) in ends(rest).enumerate() {
        if line.trim().is_empty() {
            break;
        }
        if !surely_yaml(line) && !lines::is_gap(line) {
            // What is not YAML right below puts all of it in doubt, but for a person's words.
            if at < LOOKED_AT && !sniff::prose::is_prose(line) {
                return None;
            }
            break;
        }
        let text = line.trim_start();
        let indent = line.len() - text.len();
        members += usize::from(!lines::is_gap(line));
        if let Some((upper, opened)) = above {
            nested |= opened && (indent > upper || indent == upper && text.starts_with("- "));
        }
        above = Some((indent, text.trim_end().ends_with(':')));
        len = end;
        if at >= LOOKED_AT && !nested {
            return None;
        }
    }
    (members >= 3 && nested).then_some(Taken {
        len,
        format: YAML,
        confidence: 0.5,
    })
}

/// What the command of a part cut; a person cut stretches.
fn cut_of(part: &Part<'_>) -> (bool, bool, String) {
    let hint = part.segment.command.as_ref().map(|command| Hint::new(&command.text));
    let found = hint.as_ref().and_then(|hint| {
        let outer = hint.line.as_ref()?;
        let inner = outer.inner();
        let line = inner.as_ref().unwrap_or(outer);
        let (_, stretch, numbered) = cut(line, hint.expects)?;
        let by = line
            .pipeline
            .first()
            .and_then(|words| words.first())
            .unwrap_or(&line.program);
        Some((stretch, numbered, by.clone()))
    });
    found.unwrap_or((true, false, String::new()))
}

fn read_yaml(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let (stretch, numbered, by) = cut_of(part);
    let whole = Piece::new(part.text());
    let lines = lines::of(whole, numbered, stretch);
    let mut tree = Tree::new(whole, true);
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if line.gap {
            tree.gap();
        }
        at += yaml::add(&mut tree, &lines, at, stretch || numbered).max(1);
    }
    finish(part, "yaml", whole, tree.finish(), &by, artifacts, problems);
}

fn read_json(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let (stretch, numbered, by) = cut_of(part);
    let whole = Piece::new(part.text());
    let mut tree = Tree::new(whole, false);
    let mut unread = super::unread::Unread::default();
    for line in lines::of(whole, numbered, stretch) {
        if line.gap {
            tree.gap();
        }
        if !line.text.is_empty() && !json::add(&mut tree, &line) {
            unread.line(line.text);
        }
    }
    unread.finish(part, problems);
    finish(part, "json", whole, tree.finish(), &by, artifacts, problems);
}

fn finish(
    part: &Part<'_>,
    kind: &str,
    whole: Piece<'_>,
    fragments: Vec<Fragment>,
    by: &str,
    artifacts: &mut Artifacts,
    problems: &mut Vec<Problem>,
) {
    let written = kind.to_ascii_uppercase();
    // kubectl indents JSON by four; YAML's outermost names stand at the left edge.
    let edge = if kind == "json" { 4 } else { 0 };
    let asked = whose::of(part);
    let (mut outer, mut data, mut inner) = (Vec::new(), Vec::new(), Vec::new());
    for (column, fragment) in fragments {
        let members = fragment.members().unwrap_or_default();
        let is_data = |asked: &whose::Asked| {
            column == Some(2)
                && edge == 0
                && !members.is_empty()
                && members.iter().all(|(name, value)| asked.is_data(name.as_str(), value))
        };
        match &asked {
            Some(_) if column == Some(edge) && !members.is_empty() => outer.push(fragment),
            Some(asked) if is_data(asked) => data.push(fragment),
            _ => inner.push(fragment),
        }
    }
    if let Some(command) = part.segment.command.as_ref().filter(|_| !by.is_empty()) {
        let name = command.line().short_name();
        let left = if outer.is_empty() && data.is_empty() {
            "where in it they stand is not shown"
        } else {
            "the rest of it is not shown"
        };
        problems.push(Problem::new(
            part.span(),
            format!(
                "`{}` cut these lines out of {written}: they are read, but {left}; paste the whole output of `{}` for that.",
                excerpt(by),
                excerpt(&name)
            ),
        ));
    }
    if let Some(object) = asked.filter(|_| !(outer.is_empty() && data.is_empty())) {
        object.add(part, whole, outer.into_iter(), data, artifacts);
    }
    let single = inner.len() == 1 && inner.first().is_some_and(|only: &Placed| only.scalar().is_none());
    let root = match inner.pop() {
        Some(only) if single => only,
        None => return,
        Some(last) => {
            inner.push(last);
            let mut list = Placed::array(whole);
            for fragment in inner {
                list.push(fragment);
            }
            list
        }
    };
    add_document(part, kind, root, false, artifacts);
}

#[cfg(test)]
mod tests;
