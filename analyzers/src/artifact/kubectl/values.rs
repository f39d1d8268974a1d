//! Values that stand without names, one a line, beside what the command says that made them.

use std::collections::BTreeMap;

use crate::artifact::{Artifact, Artifacts, Content, Document, Placed};
use crate::segment::Format;
use crate::segment::formats::Part;
use crate::text::Piece;

/// Adds the lines of a part as `/lines`. `made` is how they were made: `/output`, a program or an output format, and `/expression`, what
/// it was given.
pub fn add(part: &Part<'_>, format: Format, made: Option<(&str, &str)>, artifacts: &mut Artifacts) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    let mut cells = BTreeMap::new();
    if let Some((command, (output, expression))) = part.segment.command.as_ref().zip(made) {
        for (name, value) in [("output", output), ("expression", expression)] {
            root.put(name, Placed::value(value, whole.part(0..0)));
            cells.insert(format!("/{name}"), command.span);
        }
    }
    let mut lines = Placed::array(whole);
    for line in whole.lines() {
        lines.push(Placed::text(line.trim()));
    }
    root.put("lines", lines);
    let mut document = Document::placed(part.span(), root, false);
    document.cells = cells;
    artifacts.add(Artifact {
        segment: part.index,
        span: part.span(),
        kinds: vec![(format.name().to_owned(), 1)],
        content: Content::Document(document),
    });
}
