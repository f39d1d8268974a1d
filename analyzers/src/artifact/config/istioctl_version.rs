//! `istioctl version` (istio/istio, pkg/version/cobra.go), in the words of its `-o json`: `clientVersion`, `meshVersion`,
//! `dataPlaneVersion`.

use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// Versions of the client, of the control plane and of the proxies.
pub const FORMAT: Format = Format::new(&Spec {
    name: "istioctl-version",
    title: "istioctl version",
    command: |line| {
        line.program == "istioctl"
            && line.positional().first() == Some(&"version")
            && !matches!(line.output(), Some("json" | "yaml"))
    },
    least: 9,
    sniff: take,
    read,
});

/// Whose version a line tells, and the rest.
fn told(line: Piece<'_>) -> Option<(&'static str, Piece<'_>)> {
    [
        ("client version: ", "client"),
        ("control plane version: ", "control"),
        ("data plane version: ", "data"),
        // Before 1.5 by component.
        ("pilot version: ", "control"),
        ("istiod version: ", "control"),
    ]
    .iter()
    .find_map(|(beginning, whose)| Some((*whose, line.strip_prefix(beginning)?)))
}

fn is_note(line: &str) -> bool {
    line.starts_with("no running Istio pods in ")
        || line.starts_with("no ready Istio pods in ")
        || line.starts_with("Istio is not present in the cluster")
        || line == "data plane version: none"
}

fn is_version(line: &str) -> bool {
    let mut parts = line.split('.');
    line.starts_with(|c: char| c.is_ascii_digit())
        && !line.contains(' ')
        && parts
            .by_ref()
            .take(2)
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        && parts.next().is_some()
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let own = |line: &str| told(Piece::new(line)).is_some() || is_note(line) || expected && is_version(line);
    let mesh = || {
        ends(rest)
            .take(3)
            .any(|(line, _)| told(Piece::new(line)).is_some_and(|(whose, _)| whose != "client"))
    };
    if !own(line) || !(expected || mesh()) {
        return None;
    }
    let len = ends(rest).take_while(|(line, _)| own(line)).last()?.1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut root = Placed::object(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        match told(line) {
            _ if is_note(&line) => root.put_text("summary", line),
            Some(("client", version)) => root.put_at(&["clientVersion", "version"], line, Placed::text(version)),
            Some(("control", versions)) => {
                for version in versions.split(|c| c == ',').map(Piece::trim) {
                    let mut component = Placed::object(version);
                    component.put_at(&["Info", "version"], version, Placed::text(version));
                    root.push_at(&["meshVersion"], line, component);
                }
            }
            // `1.19.5 (3 proxies), 1.20.3 (12 proxies)`
            Some((_, versions)) => {
                for version in versions.split(|c| c == ',').map(Piece::trim) {
                    let (name, count) = version
                        .split_once(" (")
                        .unwrap_or((version, version.skip(version.len())));
                    let mut proxies = Placed::object(version);
                    proxies.put_text("IstioVersion", name);
                    if let Some(count) = count.words().next() {
                        proxies.put_number("proxies", count);
                    }
                    root.push_at(&["dataPlaneVersion"], line, proxies);
                }
            }
            None if is_version(&line) => root.put_at(&["clientVersion", "version"], line, Placed::text(line)),
            None => unread.line(line),
        }
    }
    unread.finish(part, problems);
    formats::add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn versions_of_all_three() {
        let text = include_str!("../../../../tests/samples/istioctl-version/upgrade.txt");
        for text in [text, text.split_once('\n').unwrap().1] {
            let read = read(text);
            read.is("istioctl-version");
            for (pointer, text) in [
                ("/clientVersion/version", "1.22.1"),
                ("/meshVersion/0/Info/version", "1.20.3"),
                ("/dataPlaneVersion/1/IstioVersion", "1.20.3"),
                ("/dataPlaneVersion/1/proxies", "12"),
            ] {
                assert_eq!(read.at(pointer), text, "{pointer}");
                assert_eq!(read.shown(pointer), text, "{pointer}");
            }
        }
        let alone = read("$ istioctl version --remote=false\n1.20.3\n");
        alone.is("istioctl-version");
        assert_eq!(alone.at("/clientVersion/version"), "1.20.3");
    }
}
