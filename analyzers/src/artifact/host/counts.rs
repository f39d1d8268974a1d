//! `… | sort | uniq -c` (coreutils `src/uniq.c`, busybox: the count in seven columns; BSD and macOS: in four).
//!
//! `{"counts": [{"count", "value"}]}`.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document, no_command};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `uniq -c`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "uniq-counts",
    title: "what `uniq -c` counted",
    command: no_command,
    least: 1,
    sniff,
    read,
});

/// A count and what was counted.
fn counted(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let start = line.len() - line.trim_start_matches(' ').len();
    let rest = line.skip(start);
    let (count, value) = rest.split_once(" ")?;
    let digits = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
    let end = start + count.len();
    (digits && matches!(end, 4 | 7..) && (start > 0 || end > 7)).then_some((count, value))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    // Only what was piped can have been counted.
    let piped = hint.line.as_ref().is_some_and(|line| line.piped_into.is_some());
    let own = |line: &str| counted(Piece::new(line)).is_some();
    (piped && line.starts_with(' ') && own(line)).then(|| take(rest, FORMAT, hint, own))?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut counts = Placed::array(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let Some((count, value)) = counted(line) else {
            unread.line(line, FORMAT.title());
            continue;
        };
        let mut item = Placed::object(line);
        item.put_number("count", count);
        item.put_text("value", value);
        counts.push(item);
    }
    unread.finish();
    let mut root = Placed::object(whole);
    root.put("counts", counts);
    add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn counts() {
        let text = include_str!("../../../../tests/samples/uniq-counts/phases.txt");
        assert_eq!(
            only("uniq-counts", text),
            json!({"counts": [{"count": 91, "value": "Running"}, {"count": 1204, "value": "shop/cart Evicted"}]})
        );
        assert_eq!(documents(text.split_once('\n').unwrap().1), []);
        assert_eq!(
            only(
                "uniq-counts",
                "$ awk '{print $1}' access.log | sort | uniq -c\n   3 10.44.3.17\n"
            )["counts"][0],
            json!({"count": 3, "value": "10.44.3.17"})
        );
    }
}
