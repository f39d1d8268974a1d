//! Tables that came through a terminal or `unexpand`: tabs stand where kubectl printed blanks, up to the next stop of eight columns.

use super::edge::{columns, is_table, prompt_like, under};
use crate::text::documents::{Document, gaps};

/// A terminal's tab stops.
const STOP: usize = 8;

/// Puts the blanks back into such tables, outside of a text's whole documents; `None` where there are none. A table whose cells are
/// separated by one tab each, as a web page's is, does not line up so.
pub fn expand(text: &str, whole: &[Document]) -> Option<String> {
    let mut out: Option<String> = None;
    let mut copied = 0;
    for gap in gaps(whole, text.len()) {
        let part = text.get(gap.clone()).unwrap_or_default();
        let mut next = 0;
        for found in memchr::memmem::find_iter(part.as_bytes(), b"NAME") {
            let begins = found == 0 || part.as_bytes().get(found - 1) == Some(&b'\n');
            if !begins || found < next {
                continue;
            }
            let Some((table, len)) = table(part.get(found..).unwrap_or_default()) else {
                continue;
            };
            let out = out.get_or_insert_with(|| String::with_capacity(text.len() + 1024));
            out.push_str(text.get(copied..gap.start + found).unwrap_or_default());
            out.push_str(&table);
            next = found + len;
            copied = gap.start + next;
        }
    }
    out.map(|mut out| {
        out.push_str(text.get(copied..).unwrap_or_default());
        out
    })
}

/// The table that a text begins with, expanded, and how many bytes it had.
fn table(text: &str) -> Option<(String, usize)> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().filter(|line| line.len() < 1000 && line.contains('\t'))?;
    let header = expanded(first);
    if !is_table(header.trim_end()) || !padded(first) {
        return None;
    }
    let columns = columns(header.trim_end());
    let (mut out, mut len) = (header, first.len());
    let mut rows = 0_usize;
    for line in lines {
        // Another header begins another table: every line is looked at once.
        if line.trim().is_empty() || line.starts_with("NAME") || prompt_like(line) {
            break;
        }
        let row = expanded(line);
        if !under(&columns, row.trim_end()) {
            // A row that does not line up: nothing is sure.
            return None;
        }
        rows += 1;
        out.push_str(&row);
        len += line.len();
    }
    (rows > 0).then_some((out, len))
}

/// Whether a header has more than one tab, or blanks beside one, between two of its names: the cells are not separated by tabs.
fn padded(header: &str) -> bool {
    header.contains("\t\t") || header.contains("\t ") || header.contains(" \t") || header.contains("   ")
}

/// A line with blanks in the place of its tabs.
fn expanded(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 32);
    let mut at = 0;
    for c in line.chars() {
        if c == '\t' {
            let blanks = STOP - at % STOP;
            out.extend(std::iter::repeat_n(' ', blanks));
            at += blanks;
        } else {
            out.push(c);
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn a_table_lines_up_again() {
        // Written by hand as `unexpand -a` does: NAME to column 16, READY to 24, STATUS to 34.
        let text =
            "$ kubectl get pods\nNAME\t\tREADY\tSTATUS\t  AGE\nweb-5d-q8z\t1/1\tRunning\t  9d\n$ kubectl get ns\n";
        assert_eq!(
            expand(text, &[]).as_deref(),
            Some(
                "$ kubectl get pods\nNAME            READY   STATUS    AGE\nweb-5d-q8z      1/1     Running   9d\n$ kubectl get ns\n"
            )
        );
    }

    #[test]
    fn cells_that_tabs_separate_stay() {
        for text in [
            "NAME\tREADY\tSTATUS\tAGE\nweb-5d-q8z\t1/1\tRunning\t9d\n",
            "NAME\t\t\tREADY\tSTATUS\nweb-5d-q8z-and-longer-than-three-stops\t1/1\tRunning\n",
            "NAME            READY   STATUS    AGE\nweb-5d-q8z      1/1     Running   9d\n",
            "NAME\t\tREADY\tSTATUS\n",
        ] {
            assert_eq!(expand(text, &[]), None, "{text}");
        }
    }
}
