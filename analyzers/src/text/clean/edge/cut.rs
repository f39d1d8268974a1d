//! Lines that the edge cut: what stood right of it is missing.

use super::super::{Line, Note};
use super::columns::{columns, is_header, under};
use super::entry::begins_entry;
use super::grammar;
use super::json::is_member;
use super::prompt::prompt_like;

/// The last columns of kubectl's tables, one of which a header's end is the beginning of (kubernetes/pkg/printers/internalversion).
const COLUMNS: [&str; 22] = [
    "ADDRESS",
    "AGE",
    "CONDITION",
    "CONTAINER-RUNTIME",
    "CONTAINERS",
    "DURATION",
    "ENDPOINTS",
    "EXTERNAL-IP",
    "FIRST SEEN",
    "IMAGES",
    "INTERNAL-IP",
    "KERNEL-VERSION",
    "LABELS",
    "MESSAGE",
    "NOMINATED NODE",
    "OBJECT",
    "OS-IMAGE",
    "READINESS GATES",
    "RESTARTS",
    "SELECTOR",
    "STATUS",
    "VOLUMEATTRIBUTESCLASS",
];

/// Marks the lines of a part that the edge cut, and says so. Whether any was.
pub(super) fn mark(part: &mut [Line<'_>], edge: usize, first: usize, notes: &mut Vec<Note>) -> bool {
    let full = |line: &Line<'_>| line.width() == edge;
    let watched = part
        .first()
        .is_some_and(|line| line.text.starts_with("Every ") && line.text.contains("s: ") && line.width() == edge);
    let marked = part.iter().filter(|line| full(line) && has_mark(line.text)).count();
    // One line that ends with `>` is a coincidence; systemd says that it shortened lines, and its journal's lines say themselves.
    let one = marked == 1
        && part.iter().any(|line| {
            line.text.starts_with("Hint: Some lines were ellipsized")
                || (line.text.ends_with('…') && begins_entry(line.text) && full(line))
        });
    let all = watched || (marked == 0 && (header(part, edge) || messages(part, edge) || strings(part, edge)));
    if !(all || one || marked > 1) {
        return false;
    }
    let mut cut: Option<(usize, usize)> = None;
    let mut count = 0;
    for (at, line) in part.iter_mut().enumerate() {
        let is_cut =
            full(line) && (has_mark(line.text) || (all && !line.text.starts_with("Every ") && !prompt_like(line.text)));
        if !is_cut {
            continue;
        }
        count += 1;
        cut = Some((cut.map_or(at, |(from, _)| from), at));
        if line.text.ends_with('…') {
            continue;
        }
        line.text = line
            .text
            .strip_suffix('>')
            .filter(|_| has_mark(line.text))
            .unwrap_or(line.text);
        // A header's names are known as they are.
        line.cut = !is_header(line.text);
    }
    let Some((from, to)) = cut else { return false };
    notes.push(Note {
        lines: (first + from, first + to),
        message: format!(
            "{count} lines were cut at the terminal's edge, after {edge} characters: their last cell is not whole and what stood \
             right of it is missing. Run the command again into a file, or with a wider terminal, and paste that."
        ),
        missing: true,
    });
    true
}

/// Whether a line ends with the mark of `less -S` or of a tool that shortens.
fn has_mark(line: &str) -> bool {
    line.ends_with('…')
        || line.strip_suffix('>').is_some_and(|text| {
            !text.rsplit(' ').next().unwrap_or_default().contains('<') && !text.ends_with(['-', '=', ' '])
        })
}

/// Whether a table's header is cut inside a name, and at least one row under it ends there as well.
fn header(part: &[Line<'_>], edge: usize) -> bool {
    part.windows(2).any(|pair| {
        let [header, row] = pair else { return false };
        if header.width() != edge || !is_header(header.text) || row.width() != edge {
            return false;
        }
        let columns = columns(header.text);
        let last = columns.last().and_then(|at| header.text.get(*at..)).unwrap_or_default();
        let begun = |name: &&str| name.starts_with(last) && name.len() > last.len();
        columns.len() > 2
            && !last.is_empty()
            && under(&columns, row.text)
            && !COLUMNS.contains(&last)
            && last != "IP"
            && COLUMNS.iter().any(begun)
    })
}

/// Whether texts of several words, in the last column of at least three rows that follow each other, end at the same place.
fn messages(part: &[Line<'_>], edge: usize) -> bool {
    let mut under_header: Vec<usize> = Vec::new();
    let mut count = 0;
    let mut different = 0;
    let mut before = "";
    for pair in part.windows(2) {
        let [line, next] = pair else { break };
        if is_header(line.text) {
            under_header = columns(line.text);
            count = 0;
            different = 0;
        }
        let row = |text: &str| under_header.len() > 2 && under(&under_header, text);
        let text = under_header
            .last()
            .and_then(|at| line.text.get(*at..))
            .unwrap_or_default();
        if row(line.text) && line.width() == edge && (row(next.text) || next.text.is_empty()) {
            count += usize::from(text.split(' ').filter(|word| !word.is_empty()).count() > 3);
            different += usize::from(text != before);
            before = text;
        }
        if count > 2 && different > 2 {
            return true;
        }
    }
    false
}

/// Whether at least two strings are open where their lines end, and what follows begins something else: no terminal broke them.
fn strings(part: &[Line<'_>], edge: usize) -> bool {
    let open = part.windows(2).filter(|pair| match pair {
        [line, next] => {
            line.width() == edge
                && (is_member(next.text) || grammar::begins_alike(line.text, next.text))
                && is_open(line.text)
        }
        _ => false,
    });
    open.take(2).count() > 1
}

fn is_open(line: &str) -> bool {
    let mut escaped = false;
    line.bytes().fold(false, |open, byte| match byte {
        _ if std::mem::take(&mut escaped) => open,
        b'\\' => {
            escaped = true;
            open
        }
        b'"' => !open,
        _ => open,
    })
}
