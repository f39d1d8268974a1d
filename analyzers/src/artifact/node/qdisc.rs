//! `tc qdisc show`, with `-s` its counters (iproute2 `tc/tc_qdisc.c`, `tc/tc_util.c`): whether an interface drops what it should send.
//!
//! `{"qdiscs": [{"kind", "handle", "dev", "parent", "root", "options", "bytes", "packets", "drops", "overlimits", "requeues", "backlog",
//! "qlen"}]}`, with the names of `tc -j -s qdisc`; the options and what else is indented are texts.

use super::lines::{Unread, Words, leading_number, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `tc qdisc show`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "tc-qdisc",
    title: "tc qdisc",
    command: |line| {
        line.program == "tc"
            && line
                .args
                .iter()
                .any(|arg| arg.starts_with("qd") && "qdisc".starts_with(arg.as_str()))
            && !line.flag(&["-j", "-json"])
    },
    least: 7,
    sniff,
    read,
});

/// `qdisc mq 0: dev eth0 root`.
fn is_qdisc(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    words.next() == Some("qdisc")
        && words.next().is_some()
        && words.next().is_some_and(|handle| handle.ends_with(':'))
        && (words.next() == Some("dev") || line.contains(" root") || line.contains(" parent "))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    (line.starts_with("qdisc ") && is_qdisc(line)).then(|| {
        take(rest, FORMAT, hint, |line| {
            is_qdisc(line) || line.starts_with([' ', '\t']) && !line.trim().is_empty()
        })
    })?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut all = Placed::array(whole);
    let mut open: Option<(Placed, Placed)> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_qdisc(line.str()) {
            if let Some(done) = open.replace((head(line), Placed::array(line))) {
                all.push(with(done));
            }
            continue;
        }
        match &mut open {
            Some((qdisc, more)) => {
                if !counters(line, qdisc) {
                    more.push(Placed::text(line.trim()));
                    more.extend(line);
                }
                qdisc.extend(line);
            }
            None => unread.line(line, FORMAT.title()),
        }
    }
    if let Some(done) = open {
        all.push(with(done));
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("qdiscs", all);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// A discipline with its lines that have no names.
fn with((mut qdisc, more): (Placed, Placed)) -> Placed {
    if !more.is_empty() {
        qdisc.put("more", more);
    }
    qdisc
}

/// `qdisc fq_codel 0: dev eth0 parent :1 limit 10240p flows 1024`.
fn head(line: Piece<'_>) -> Placed {
    let mut qdisc = Placed::object(line);
    let mut words = Words::new(line);
    words.next();
    qdisc.put_text("kind", words.value());
    qdisc.put_text("handle", words.value());
    loop {
        match words.peek() {
            "dev" | "parent" => {
                let name = words.value();
                qdisc.put_text(name.str(), words.value());
            }
            "root" => {
                let word = words.value();
                qdisc.put("root", Placed::value(true, word));
            }
            _ => break,
        }
    }
    qdisc.put_text("options", words.rest());
    qdisc
}

/// ` Sent 123 bytes 4 pkt (dropped 5, overlimits 6 requeues 7) `, ` backlog 0b 0p requeues 0`.
fn counters(line: Piece<'_>, qdisc: &mut Placed) -> bool {
    let words: Vec<Piece<'_>> = line
        .split(|c| c.is_ascii_whitespace() || matches!(c, '(' | ')' | ','))
        .filter(|word| !word.is_empty())
        .collect();
    match words.as_slice() {
        [sent, bytes, _, packets, _, rest @ ..] if sent.str() == "Sent" => {
            qdisc.put_number("bytes", *bytes);
            qdisc.put_number("packets", *packets);
            for pair in rest.chunks(2) {
                let [name, value] = pair else { continue };
                let name = if name.str() == "dropped" { "drops" } else { name.str() };
                qdisc.put_number(name, *value);
            }
        }
        [backlog, bytes, packets, ..] if backlog.str() == "backlog" => {
            qdisc.put("backlog", leading_number(*bytes));
            qdisc.put("qlen", leading_number(*packets));
        }
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn qdiscs_and_what_they_dropped() {
        let text = include_str!("../../../../tests/samples/tc-qdisc/node.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("tc-qdisc", text)["qdiscs"],
                json!([
                    {"kind": "mq", "handle": "0:", "dev": "eth0", "root": true, "bytes": 91_234_567, "packets": 120_034, "drops": 17,
                        "overlimits": 0, "requeues": 4, "backlog": 0, "qlen": 0},
                    {"kind": "fq_codel", "handle": "0:", "dev": "eth0", "parent": ":1", "options": "limit 10240p flows 1024",
                        "bytes": 100, "packets": 2, "drops": 0, "overlimits": 0, "requeues": 0, "backlog": 12, "qlen": 3,
                        "more": ["maxpacket 1514 drop_overlimit 0"]}])
            );
        }
    }
}
