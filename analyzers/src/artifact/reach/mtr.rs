//! `mtr --report` (mtr, `ui/report.c`): `{"start", "host", "hops": [{"hop", "host", "Loss%", "Snt", "Last", "Avg", …}]}`, the columns with
//! their titles.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `mtr -r`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "mtr",
    title: "mtr's report",
    command: |line| line.program == "mtr",
    least: 3,
    sniff,
    read,
});

fn is_header(line: &str) -> bool {
    line.starts_with("HOST: ") && line.contains("Loss%")
}

/// `  1.|-- 10.20.3.1   0.0%     2    0.1`, and of a hop with several hosts `    |  `-- 10.0.0.2`.
fn is_hop(line: &str) -> bool {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && line.get(digits..).is_some_and(|rest| rest.starts_with(".|--")) || line.starts_with("|  ")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let begins = is_header(line)
        || line.starts_with("Start: ") && rest.lines().nth(1).is_some_and(is_header)
        || hint.expects(FORMAT) && is_hop(line);
    let mut headers = 0;
    begins.then(|| {
        take(rest, FORMAT, hint, |line| {
            headers += usize::from(is_header(line));
            headers < 2 && (is_header(line) || is_hop(line) || line.starts_with("Start: ") && headers == 0)
        })
    })?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let mut titles: Vec<&str> = Vec::new();
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if let Some(time) = line.strip_prefix("Start: ") {
            root.put_text("start", time.trim());
        } else if let Some(rest) = line.strip_prefix("HOST: ") {
            let mut words = rest.words();
            if let Some(host) = words.next() {
                root.put_text("host", host);
            }
            titles = words.map(Piece::str).collect();
        } else if let Some((number, rest)) = line.split_once(".|--") {
            let mut value = Placed::object(line);
            value.put_number("hop", number);
            let words: Vec<Piece<'_>> = rest.words().collect();
            // The host's name may have blanks: `AS16509  ec2-… (1.2.3.4)`; the columns are counted from the end.
            let columns = words.len().saturating_sub(titles.len());
            if let (Some(first), Some(last)) = (words.first(), columns.checked_sub(1).and_then(|at| words.get(at))) {
                value.put_text("host", first.to(*last, whole));
            }
            for (title, word) in titles.iter().zip(words.iter().skip(columns)) {
                value.put_number(title, *word);
            }
            root.push_at(&["hops"], line, value);
        } else if is_hop(line.str()) {
            root.push_at(&["alternatives"], line, Placed::text(line));
        } else {
            unread.line(line, "`mtr`");
        }
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn a_report() {
        let read = only("mtr", include_str!("../../../../tests/samples/mtr/report.txt"));
        assert_eq!(
            read["hops"],
            json!([
                {"hop": 1, "host": "???", "Loss%": "100.0", "Snt": 10, "Last": "0.0", "Avg": "0.0", "Best": "0.0",
                    "Wrst": "0.0", "StDev": "0.0"},
                {"hop": 2, "host": "10.30.7.5", "Loss%": "20.0%", "Snt": 10, "Last": "1.2", "Avg": "1.3", "Best": "1.1",
                    "Wrst": "1.9", "StDev": "0.2"}])
        );
    }
}
