//! `ss -s`: how many sockets there are (iproute2, `misc/ss.c`, `print_summary`).
//!
//! `{"total": 412, "tcp": {"total": 7, "estab": 1, …}, "transports": {"TCP": {"Total": 2, "IP": 2, "IPv6": 0}}}`.

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `ss -s`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ss-summary",
    title: "ss -s",
    command: |line| {
        line.program == "ss"
            && line
                .args
                .iter()
                .any(|arg| arg == "--summary" || arg.starts_with('-') && !arg.starts_with("--") && arg.contains('s'))
    },
    least: 3,
    sniff,
    read,
});

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let begins = line.starts_with("Total: ") && rest.lines().nth(1).is_some_and(|line| line.starts_with("TCP: "));
    begins.then(|| take(rest, FORMAT, hint, is_own))?
}

fn is_own(line: &str) -> bool {
    line.starts_with("Total: ")
        || line.starts_with("TCP: ")
        || line.starts_with("Transport Total")
        || ["RAW", "UDP", "TCP", "INET", "FRAG", "*"]
            .iter()
            .any(|name| line.split_whitespace().next() == Some(name))
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(rest) = line.strip_prefix("Total: ") {
            if let Some(number) = rest.words().next() {
                root.put_number("total", number);
            }
        } else if let Some(rest) = line.strip_prefix("TCP: ") {
            root.put("tcp", tcp(rest.trim()));
        } else if line.starts_with("Transport ") {
        } else if is_own(line.str()) {
            let mut words = line.words();
            let name = words.next().map_or("", Piece::str);
            for (title, number) in ["Total", "IP", "IPv6"].iter().zip(words) {
                if number.str() != "-" {
                    root.put_at(&["transports", name, title], line, Placed::number(number));
                }
            }
        } else {
            unread.line(line, "`ss -s`");
        }
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// `7 (estab 1, closed 5, orphaned 0, timewait 0/0), ports 0`.
fn tcp(line: Piece<'_>) -> Placed {
    let mut value = Placed::object(line);
    let words: Vec<Piece<'_>> = line.words().collect();
    if let Some(number) = words.first() {
        value.put_number("total", *number);
    }
    for pair in words.windows(2) {
        if let [name, number] = pair {
            let bare = number.part(0..number.str().trim_end_matches([',', ')']).len());
            let name = name.str().trim_start_matches('(');
            if name.starts_with(|c: char| c.is_ascii_alphabetic()) && bare.starts_with(|c: char| c.is_ascii_digit()) {
                value.put_number(name, bare);
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::only;
    use serde_json::json;

    #[test]
    fn the_summary() {
        assert_eq!(
            only(
                "ss-summary",
                include_str!("../../../../tests/samples/ss-summary/node.txt")
            ),
            json!({"total": 1204, "tcp": {"total": 30412, "estab": 212, "closed": 30100, "orphaned": 3, "timewait": 30009},
                "transports": {"RAW": {"Total": 1, "IP": 0, "IPv6": 1}, "UDP": {"Total": 12, "IP": 8, "IPv6": 4},
                    "TCP": {"Total": 312, "IP": 280, "IPv6": 32}, "INET": {"Total": 325, "IP": 288, "IPv6": 37},
                    "FRAG": {"Total": 0, "IP": 0, "IPv6": 0}}})
        );
    }
}
