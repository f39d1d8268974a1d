//! Lists as `kubectl get -o json` prints them: what lines tell of several objects.

use std::collections::BTreeMap;

use crate::artifact::{Artifact, Artifacts, Content, Document, Placed};
use crate::segment::formats::Part;
use crate::text::{Piece, Span};

/// A `List` of items.
pub fn of(items: Placed, place: Piece<'_>) -> Placed {
    let mut list = Placed::object(place);
    list.put("kind", Placed::value("List", place));
    list.put("items", items);
    list
}

/// Adds a list of items of one kind (`v1/Event`) that stands in `part`. `cells` are the values that stand elsewhere, in the command.
pub fn add(part: &Part<'_>, kind: &str, items: Placed, cells: BTreeMap<String, Span>, artifacts: &mut Artifacts) {
    let count = items.len();
    let list = of(items, Piece::new(part.text()));
    let mut document = Document::placed(part.span(), list, false);
    document.cells = cells;
    artifacts.add(Artifact {
        segment: part.index,
        span: part.span(),
        kinds: vec![(kind.to_owned(), count)],
        content: Content::Document(document),
    });
}
