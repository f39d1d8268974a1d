//! PowerShell's `Test-NetConnection` (`tnc`): `{"ComputerName", "RemoteAddress", "RemotePort", "TcpTestSucceeded": "False", …, "warnings": […]}`,
//! the properties that it lists.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `Test-NetConnection`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "test-netconnection",
    title: "Test-NetConnection",
    command: |line| line.program.eq_ignore_ascii_case("Test-NetConnection") || line.program.eq_ignore_ascii_case("tnc"),
    least: 8,
    sniff,
    read,
});

/// The properties of `TestNetConnectionResult`.
const PROPERTIES: [&str; 14] = [
    "ComputerName",
    "RemoteAddress",
    "RemotePort",
    "NameResolutionResults",
    "MatchingIPsecRules",
    "NetworkIsolationContext",
    "IsAdmin",
    "InterfaceAlias",
    "SourceAddress",
    "NetRoute (NextHop)",
    "PingSucceeded",
    "PingReplyDetails (RTT)",
    "TcpTestSucceeded",
    "TraceRoute",
];

fn property(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, value) = line.split_once(":")?;
    PROPERTIES
        .contains(&name.trim().str())
        .then_some((name.trim(), value.trim()))
}

/// `WARNING: TCP connect to (10.0.0.5 : 5432) failed`.
fn is_warning(line: &str) -> bool {
    line.starts_with("WARNING: TCP connect to ")
        || line.starts_with("WARNING: Ping to ")
        || line.starts_with("WARNING: Name resolution of ")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let begins = is_warning(line) || line.starts_with("ComputerName ") && property(Piece::new(line)).is_some();
    begins.then(|| {
        take(rest, FORMAT, hint, |line| {
            is_warning(line) || property(Piece::new(line)).is_some()
        })
    })?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let mut warnings = Placed::array(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(warning) = line.strip_prefix("WARNING: ") {
            warnings.push(Placed::text(warning));
        } else if let Some((name, value)) = property(line) {
            root.put_number(name.str(), value);
        } else {
            unread.line(line, FORMAT.title());
        }
    }
    if !warnings.is_empty() {
        root.put("warnings", warnings);
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn a_port_that_does_not_answer() {
        let text = include_str!("../../../../tests/samples/test-netconnection/db.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("test-netconnection", text),
                json!({"warnings": ["TCP connect to (10.44.9.201 : 5432) failed"], "ComputerName": "db.shop.internal",
                    "RemoteAddress": "10.44.9.201", "RemotePort": 5432, "InterfaceAlias": "Ethernet", "SourceAddress": "10.44.3.17",
                    "PingSucceeded": "True", "TcpTestSucceeded": "False"})
            );
        }
    }
}
