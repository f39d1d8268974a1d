//! helm's tables, `helm status` and `helm get values` (helm/helm, pkg/cmd), in the words of its own JSON.

use std::collections::BTreeMap;

use super::table::{Column, cells, columns};
use crate::artifact::kubernetes_object::yaml_value;
use crate::artifact::unread::Unread;
use crate::artifact::{Artifact, Artifacts, Content, Document, Placed, Places, Syntax};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends, log, yaml};
use crate::text::Piece;

/// `helm list` and `helm history`.
pub const LIST: Format = Format::new(&Spec {
    name: "helm-list",
    title: "helm's releases",
    command: |line| calls(line, &["list", "ls", "history", "hist"]),
    least: 27,
    sniff: take_list,
    read: read_list,
});

/// `helm status`, and what `helm install` and `helm upgrade` print.
pub const STATUS: Format = Format::new(&Spec {
    name: "helm-status",
    title: "a helm release's status",
    command: |line| calls(line, &["status", "install", "upgrade"]),
    least: 3,
    sniff: take_status,
    read: read_status,
});

/// `helm get values`.
pub const VALUES: Format = Format::new(&Spec {
    name: "helm-values",
    title: "a helm release's values",
    command: |line| calls(line, &["get"]) && line.positional().get(1) == Some(&"values"),
    least: 12,
    sniff: take_values,
    read: read_values,
});

fn calls(line: &CommandLine, names: &[&str]) -> bool {
    line.program == "helm"
        && line.positional().first().is_some_and(|word| names.contains(word))
        && !matches!(line.output(), Some("json" | "yaml"))
}

const COLUMNS: [&str; 8] = [
    "NAME",
    "NAMESPACE",
    "REVISION",
    "UPDATED",
    "STATUS",
    "CHART",
    "APP VERSION",
    "DESCRIPTION",
];

fn header(line: &str) -> Option<Vec<Column>> {
    if !(line.starts_with("NAME") || line.starts_with("REVISION")) {
        return None;
    }
    let found = columns(line, &COLUMNS)?;
    let has = |name: &str| found.iter().any(|(known, _)| *known == name);
    (has("CHART") && has("REVISION") && has("UPDATED")).then_some(found)
}

fn take_list(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    let known = header(line)?;
    // helm 2 had a blank after the header's last word only.
    let own = |line: &str| {
        cells(Piece::new(line), &known)
            .is_some_and(|cells| cells.iter().filter(|(_, cell)| !cell.is_empty()).count() > 3)
    };
    let len = ends(rest).take_while(|(row, _)| *row == line || own(row)).last()?.1;
    Some(Taken {
        len,
        format: LIST,
        confidence: 0.97,
    })
}

fn read_list(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut releases = Placed::array(whole);
    let mut known = Vec::new();
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(found) = header(line.str()) {
            known = found;
            continue;
        }
        let Some(cells) = cells(line, &known) else {
            unread.line(line);
            continue;
        };
        let mut release = Placed::object(line);
        for (name, cell) in cells {
            match name {
                "REVISION" => release.put_number("revision", cell),
                name => release.put_text(&name.to_ascii_lowercase().replace(' ', "_"), cell),
            }
        }
        releases.push(release);
    }
    unread.finish(part, problems);
    formats::add_document(part, LIST.name(), releases, false, artifacts);
}

/// The lines of `helm status`, and the members of its JSON.
const SETTINGS: [(&str, &[&str]); 8] = [
    ("NAME", &["name"]),
    ("LAST DEPLOYED", &["info", "last_deployed"]),
    ("NAMESPACE", &["namespace"]),
    ("STATUS", &["info", "status"]),
    ("REVISION", &["version"]),
    ("DESCRIPTION", &["info", "description"]),
    ("CHART", &["chart"]),
    ("TEST SUITE", &["x-printed", "TEST SUITE"]),
];

fn setting(line: Piece<'_>) -> Option<(&'static [&'static str], Piece<'_>)> {
    let (name, value) = line.split_once(":")?;
    let (_, path) = SETTINGS.iter().find(|(known, _)| *known == name.str())?;
    Some((path, value.trim()))
}

/// What `helm upgrade` says first.
fn is_note(line: &str) -> bool {
    line.starts_with("Release \"") && (line.ends_with("Happy Helming!") || line.ends_with("Installing it now."))
}

fn take_status(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(STATUS);
    if !(line.starts_with("NAME: ") || is_note(line)) {
        return None;
    }
    if !ends(rest).take(3).any(|(line, _)| line.starts_with("LAST DEPLOYED: ")) {
        return None;
    }
    let mut len = 0;
    for (line, end) in ends(rest) {
        if line.trim_end() == "NOTES:" {
            // The chart's own words: nothing tells where they end but the command.
            let notes = ends(rest.get(end..)?)
                .take_while(|(line, _)| expected || !line.trim().is_empty())
                .last()
                .map_or(0, |(_, more)| more);
            len = end + notes;
            break;
        }
        if setting(Piece::new(line)).is_none() && !is_note(line) {
            break;
        }
        len = end;
    }
    Some(Taken {
        len,
        format: STATUS,
        confidence: if expected { 0.97 } else { 0.9 },
    })
}

fn read_status(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    for line in whole.lines() {
        if line.trim().str() == "NOTES:" {
            let notes = whole.skip(line.end()).trim();
            if !notes.is_empty() {
                root.put_at(&["info", "notes"], notes, Placed::text(notes));
            }
            break;
        }
        if let Some((path, value)) = setting(line).filter(|(_, value)| !value.is_empty()) {
            root.put_at(path, line, Placed::number(value));
        }
    }
    formats::add_document(part, STATUS.name(), root, false, artifacts);
}

fn is_title(line: &str) -> bool {
    matches!(line.trim_end(), "USER-SUPPLIED VALUES:" | "COMPUTED VALUES:")
}

fn take_values(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    if !is_title(line) {
        return None;
    }
    let mut len = 0;
    for (i, (line, end)) in ends(rest).enumerate() {
        let own = match line.bytes().next() {
            _ if i == 0 => true,
            _ if line.trim().is_empty() => continue,
            Some(b' ' | b'\t' | b'#') => i > 1,
            Some(b'-') => line.starts_with("- "),
            _ => {
                matches!(line.trim(), "null" | "{}")
                    || yaml::is_key(line) && !log::is_error(line) && !log::is_notice(line)
            }
        };
        if !own {
            break;
        }
        len = end;
    }
    Some(Taken {
        len,
        format: VALUES,
        confidence: 0.97,
    })
}

fn read_values(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let Some(title) = whole.lines().next() else { return };
    let span = part.span().slice(whole.skip(title.end()).trim().range());
    // Without values of its own a release has `null`.
    let (value, read) = yaml_value(part.sources, span, problems).unwrap_or((crate::artifact::Value::Null, false));
    artifacts.add(Artifact {
        segment: part.index,
        span: part.span(),
        kinds: vec![(VALUES.name().to_owned(), 1)],
        content: Content::Document(Document {
            span,
            syntax: Syntax::Yaml,
            value,
            prefix: String::new(),
            complete: read && !part.command().is_some_and(|line| line.filtered()),
            cells: BTreeMap::new(),
            places: Places::default(),
        }),
    });
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn releases_status_and_values() {
        for (text, format, values) in [
            (
                include_str!("../../../../tests/samples/helm-list/kube-system.txt"),
                "helm-list",
                &[
                    ("/0/name", "aws-load-balancer-controller"),
                    ("/0/revision", "3"),
                    ("/0/chart", "aws-load-balancer-controller-1.7.2"),
                    ("/1/status", "failed"),
                    ("/1/app_version", "v1.18.1"),
                ][..],
            ),
            (
                include_str!("../../../../tests/samples/helm-list/history.txt"),
                "helm-list",
                &[("/1/description", "Rollback to 1"), ("/1/status", "deployed")],
            ),
            (
                include_str!("../../../../tests/samples/helm-status/cart.txt"),
                "helm-status",
                &[
                    ("/name", "cart"),
                    ("/info/status", "pending-upgrade"),
                    ("/version", "7"),
                    ("/info/last_deployed", "Mon May  6 08:14:21 2024"),
                ],
            ),
            (
                include_str!("../../../../tests/samples/helm-values/alb.txt"),
                "helm-values",
                &[
                    ("/clusterName", "shop-prod"),
                    ("/serviceAccount/create", "false"),
                    ("/vpcId", "vpc-0a1b2c3d4e5f60718"),
                ],
            ),
        ] {
            let bare = text.split_once('\n').unwrap().1;
            for text in [text, bare] {
                let read = read(text);
                read.is(format);
                assert_eq!(read.problems, Vec::<String>::new());
                for (pointer, text) in values {
                    assert_eq!(read.at(pointer), *text, "{pointer}");
                    assert!(read.shown(pointer).contains(text), "{pointer}");
                }
            }
        }
        let none = read("$ helm get values cart\nUSER-SUPPLIED VALUES:\nnull\n");
        none.is("helm-values");
    }
}
