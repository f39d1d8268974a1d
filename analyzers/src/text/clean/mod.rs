//! Takes out of a text what a terminal, an editor or a ticket put into it, line by line:
//!
//! - of the terminal: colours, progress that was overwritten, borders of panes, the mark that a shell puts behind an output without a
//!   newline, and its edge, which breaks lines and cuts tables;
//! - of an editor, a chat or a page: typographic quotes, blanks that are none, HTML's entities, tabs in a table whose columns they no
//!   longer meet;
//! - of a ticket or a mail: quotation marks, fences, indentation of whole parts, marks of what was left out, and masks over values, which
//!   get the quotes that the format wants.
//!
//! No line is added and none is removed, so the numbers stay those of the paste: a line that the terminal's edge broke is joined to the
//! one before it in the text, and [`Cleaned::starts`] still says where it begins. What was clean is not copied.

mod borders;
mod boxes;
mod characters;
mod edge;
mod elisions;
mod entities;
mod fences;
mod indents;
mod present;
mod quotes;
mod redactions;
mod shown;
mod tabs;
mod typography;
mod unended;

use self::present::Present;
use super::documents::{self, Document};

pub use fences::is_info;
pub use typography::ascii_quote;

/// A text without dirt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// The text. Every later span counts its bytes.
    pub text: String,
    /// Where each line of the paste begins, where that is not after each `\n`.
    pub starts: Option<Vec<usize>>,
    /// What is missing.
    pub notes: Vec<Note>,
    /// The JSON documents that stand whole in it.
    pub documents: Vec<Document>,
}

impl Cleaned {
    /// A text in which nothing was looked for.
    pub fn unchanged(text: String) -> Self {
        Self {
            text,
            starts: None,
            notes: Vec::new(),
            documents: Vec::new(),
        }
    }
}

/// Something that a reader of the text has to know about a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The first and the last line, 1-based.
    pub lines: (usize, usize),
    /// One sentence.
    pub message: String,
    /// Whether lines or ends of lines are missing there: what was read around them is not complete.
    pub missing: bool,
}

/// A line as the passes over lines change it: only ever to a part of itself.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    /// `\n`, `\r\n`, or nothing at the end.
    ending: &'a str,
    /// How many columns of a terminal it takes, once the edge is looked for.
    columns: u32,
    /// How many blanks to add before what is joined: a table's cells keep their columns.
    pad: u32,
    /// Whether the next line goes on where this one ends.
    joined: bool,
    /// Whether its end was cut off: it gets an ellipsis, so that its last value is not taken for whole.
    cut: bool,
}

/// Cleans what may stand on any line, and can be told without its neighbours. Also says what is present in the text then.
fn clean_parts(text: String) -> (String, Vec<Document>, Present) {
    let mut text = characters::clean(text);
    let mut documents = documents::find(&text);
    let mut present = Present::new(&text, &documents);
    if present.ampersands
        && let Some(decoded) = entities::decode(&text, &documents)
    {
        documents = documents::find(&decoded);
        present = Present::new(&decoded, &documents);
        text = decoded;
    }
    if present.members
        && let Some(quoted) = redactions::quote(&text, &documents)
    {
        documents = documents::find(&quoted);
        text = quoted;
    }
    if present.names
        && present.tabs
        && let Some(expanded) = tabs::expand(&text, &documents)
    {
        documents = documents::find(&expanded);
        text = expanded;
    }
    (text, documents, present)
}

/// Cleans a text.
pub fn clean(text: String) -> Cleaned {
    let (text, documents, present) = clean_parts(text);
    let found = survey(&text, &documents, present);
    if !found.any() {
        return Cleaned {
            documents,
            ..Cleaned::unchanged(text)
        };
    }
    let mut lines: Vec<Line<'_>> = text
        .split_inclusive('\n')
        .map(|full| {
            let body = full.trim_end_matches(['\n', '\r']);
            Line {
                text: body,
                ending: full.get(body.len()..).unwrap_or_default(),
                columns: 0,
                pad: 0,
                joined: false,
                cut: false,
            }
        })
        .collect();
    let mut changed = false;
    if found.quotes {
        changed |= quotes::strip(&mut lines);
    }
    if found.fences {
        changed |= fences::strip(&mut lines);
    }
    if found.borders {
        changed |= borders::strip(&mut lines);
    }
    if found.indents {
        changed |= indents::strip(&mut lines);
    }
    let mut notes = Vec::new();
    changed |= found.unended && unended::strip(&mut lines);
    let mut joined = found.marks && elisions::strip(&mut lines, &mut notes);
    if found.edges {
        joined |= edge::join(&mut lines, &mut notes);
        changed |= lines.iter().any(|line| line.cut);
    }
    if found.tables {
        changed |= edge::mark_tables(&mut lines, &mut notes);
    }
    if !changed && !joined {
        drop(lines);
        return Cleaned {
            text,
            starts: None,
            notes,
            documents,
        };
    }
    let mut out = String::with_capacity(text.len());
    let mut starts = Vec::with_capacity(if joined { lines.len() } else { 0 });
    for line in &lines {
        if joined {
            starts.push(out.len());
        }
        out.push_str(line.text);
        if line.text.is_empty() && line.ending.is_empty() {
            // The last line stays one.
            out.push(' ');
        }
        if line.cut {
            out.push('…');
        }
        if line.joined {
            out.extend(std::iter::repeat_n(' ', line.pad as usize));
        } else {
            out.push_str(line.ending);
        }
    }
    Cleaned {
        documents: documents::find(&out),
        text: out,
        starts: joined.then_some(starts),
        notes,
    }
}

/// What the passes over lines may find something to do for.
#[derive(Debug, Default, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each stands for a pass")]
struct Survey {
    quotes: bool,
    fences: bool,
    edges: bool,
    marks: bool,
    unended: bool,
    tables: bool,
    indents: bool,
    borders: bool,
}

impl Survey {
    fn any(self) -> bool {
        self.quotes
            || self.fences
            || self.edges
            || self.marks
            || self.unended
            || self.tables
            || self.indents
            || self.borders
    }

    /// Whether lines may begin with something that is taken off.
    fn moved(self) -> bool {
        self.quotes || self.fences || self.indents || self.borders
    }
}

/// One quick look at every line that is not of a whole document.
fn survey(text: &str, whole: &[Document], present: Present) -> Survey {
    let mut found = Survey {
        tables: present.cuts,
        ..Survey::default()
    };
    for gap in documents::gaps(whole, text.len()) {
        let text = text.get(gap).unwrap_or_default();
        look(text, present.tabs, &mut found);
        // What stands before a header is taken off first.
        found.tables = found.tables || present.names && found.moved() && edge::may_cut_tables(text);
    }
    found
}

fn look(text: &str, tabs: bool, found: &mut Survey) {
    let mut block = edge::Widths::default();
    let (mut start, mut ended) = (0, false);
    let mut before = "";
    let newlines = memchr::memchr_iter(b'\n', text.as_bytes());
    for end in newlines.chain(std::iter::once(text.len())) {
        let line = text.get(start..end).unwrap_or_default();
        start = end + 1;
        let bytes = line.as_bytes();
        found.edges |= block.see(line, tabs);
        if std::mem::take(&mut ended) {
            found.unended |= edge::prompt_like(line);
        }
        match bytes.last() {
            // Blanks may follow the mark, up to the terminal's edge.
            Some(b'%' | 0x8E | b' ' | b'\t' | b'\r') => ended = unended::may_be_marked(line),
            Some(b'`') => found.fences |= bytes.ends_with(b"```"),
            _ => {}
        }
        if bytes.ends_with(b"```\r") {
            found.fences = true;
        }
        found.indents = found.indents || indents::plausible(before, line);
        before = line;
        match elisions::indented(bytes).first() {
            Some(b'>' | b'|') => found.quotes = true,
            Some(b'`' | b'~') => {
                found.fences = true;
                found.marks |= elisions::plausible(line);
            }
            Some(b'l') => found.marks |= elisions::plausible(line),
            Some(b'N') => found.tables = found.tables || edge::may_be_cut(line),
            // No other mark begins like most lines do.
            None | Some(b'"' | b'}' | b'{' | b']' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9') => {}
            Some(b'<') => {
                found.fences |= line.contains("<pre");
                found.marks |= elisions::plausible(line);
            }
            Some(0xE2) => {
                found.borders |= borders::border(line).is_some();
                found.marks |= elisions::plausible(line);
            }
            Some(_) => found.marks |= elisions::plausible(line),
        }
    }
    found.edges |= block.telling();
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn a_clean_text_is_not_copied() {
        let text = "$ kubectl get pods\nNAME   READY\nweb-0  1/1\n{\"message\": \"the image \\\"x\\\"\"}\n".repeat(3);
        let address = text.as_ptr();
        let cleaned = clean(text);
        assert_eq!(cleaned.text.as_ptr(), address);
        assert_eq!(cleaned.starts, None);
    }

    #[test]
    fn lines_keep_their_numbers() {
        let dirty = "\u{1b}[1mNAME\u{1b}[0m\r\n> a\r\n> b\n\u{feff}\u{a0}x\n25%\r50%\r100%\n\n\u{200b}\nlast";
        let cleaned = clean(dirty.to_owned());
        assert_eq!(cleaned.text, "NAME\r\na\r\nb\n x\n100%\n\n\nlast");
        assert_eq!(cleaned.text.matches('\n').count(), dirty.matches('\n').count());
    }
}
