//! `kubeadm certs check-expiration`, formerly `kubeadm alpha certs check-expiration` (kubernetes `cmd/kubeadm/app/cmd/certs.go`).
//!
//! `{"certificates": [{"name", "expirationDate", "residualTime", "caName", "externallyManaged"}], "certificateAuthorities": […], "messages":
//! […]}`: the names of its `-o json` (`output.kubeadm.k8s.io`); the values are the table's.

use super::table::{Column, cells, columns};
use crate::artifact::node::lines::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// kubeadm's certificates.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubeadm-certs",
    title: "kubeadm's certificates",
    command: |line| {
        line.program == "kubeadm"
            && line.args.iter().any(|arg| arg == "check-expiration")
            && !matches!(line.output(), Some("json" | "yaml"))
    },
    least: 10,
    sniff,
    read,
});

/// The titles, of both tables and of all versions.
const TITLES: [&str; 5] = [
    "CERTIFICATE",
    "EXPIRES",
    "RESIDUAL TIME",
    "CERTIFICATE AUTHORITY",
    "EXTERNALLY MANAGED",
];

fn header(line: &str) -> Option<Vec<Column>> {
    if !line.starts_with("CERTIFICATE") {
        return None;
    }
    columns(line, &TITLES).filter(|found| found.iter().any(|(name, _)| *name == "RESIDUAL TIME"))
}

fn is_message(line: &str) -> bool {
    line.starts_with("[check-expiration] ")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    if !is_message(line) && header(line).is_none() {
        return None;
    }
    let mut open: Option<Vec<Column>> = None;
    let mut len = 0;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            continue;
        }
        if let Some(found) = header(line) {
            open = Some(found);
        } else if !is_message(line) && open.as_ref().is_none_or(|known| row(Piece::new(line), known).is_none()) {
            break;
        }
        len = end;
    }
    Some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.95 },
    })
}

/// A row; `None` for a line that does not line up, or has no time in it.
fn row<'a>(line: Piece<'a>, known: &[Column]) -> Option<Vec<(&'static str, Piece<'a>)>> {
    let cells = cells(line, known)?;
    // `!MISSING! admin.conf` has no dates.
    let told = line.starts_with("!MISSING!") || cells.get(1).is_some_and(|(_, cell)| cell.contains(':'));
    told.then_some(cells)
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let mut open: Option<(&str, Vec<Column>)> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(message) = line.strip_prefix("[check-expiration] ") {
            root.push_at(&["messages"], line, Placed::text(message));
        } else if let Some(known) = header(line.str()) {
            let authorities = line.starts_with("CERTIFICATE AUTHORITY");
            let list = if authorities {
                "certificateAuthorities"
            } else {
                "certificates"
            };
            open = Some((list, known));
        } else if let Some((list, cells)) = open.as_ref().and_then(|(list, known)| Some((*list, row(line, known)?))) {
            root.push_at(&[list], line, certificate(line, list, cells));
        } else {
            unread.line(line, FORMAT.title());
        }
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

fn certificate(line: Piece<'_>, list: &str, cells: Vec<(&'static str, Piece<'_>)>) -> Placed {
    let mut value = Placed::object(line);
    for (title, cell) in cells {
        let name = match title {
            "CERTIFICATE AUTHORITY" if list == "certificates" => "caName",
            "CERTIFICATE" | "CERTIFICATE AUTHORITY" => "name",
            "EXPIRES" => "expirationDate",
            "RESIDUAL TIME" => "residualTime",
            _ => "externallyManaged",
        };
        if name == "name"
            && let Some(missing) = cell.strip_prefix("!MISSING!")
        {
            value.put("missing", Placed::value(true, line));
            value.put_text(name, missing.trim());
            continue;
        }
        match (name, cell.str()) {
            ("externallyManaged", "yes" | "no") => value.put(name, Placed::value(cell.str() == "yes", cell)),
            _ => value.put_text(name, cell),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use crate::artifact::testing::read;
    use serde_json::json;

    #[test]
    fn certificates_and_their_authorities() {
        let text = include_str!("../../../../tests/samples/kubeadm-certs/control-plane.txt");
        let bare = text.split_once('\n').unwrap().1;
        let table = bare.split_once("\n\n").unwrap().1;
        for text in [text, bare, table] {
            let read = only("kubeadm-certs", text);
            assert_eq!(
                read["certificates"],
                json!([
                    {"name": "admin.conf", "expirationDate": "Nov 20, 2026 09:14 UTC", "residualTime": "<invalid>", "externallyManaged": false},
                    {"name": "apiserver", "expirationDate": "Nov 21, 2027 09:14 UTC", "residualTime": "364d", "caName": "ca",
                        "externallyManaged": false}])
            );
            assert_eq!(
                read["certificateAuthorities"],
                json!([{"name": "ca", "expirationDate": "Nov 17, 2035 09:14 UTC", "residualTime": "8y", "externallyManaged": true}])
            );
        }
    }

    #[test]
    fn a_certificate_that_is_missing() {
        let read = only(
            "kubeadm-certs",
            "CERTIFICATE             EXPIRES   RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED\n!MISSING! etcd-server\n",
        );
        assert_eq!(read["certificates"], json!([{"name": "etcd-server", "missing": true}]));
    }

    #[test]
    fn what_follows_is_not_swallowed() {
        let read = read("CERTIFICATE   EXPIRES   RESIDUAL TIME   EXTERNALLY MANAGED\nError: no\n");
        assert_eq!(read.formats(), ["kubeadm-certs", "log"]);
    }
}
