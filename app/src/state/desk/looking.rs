//! Looking: what is selected, which text and which of its lines are shown.

use std::sync::Arc;

use leptos::prelude::*;
use whypath_analyzers::view::CiteView;

use super::{Asked, Chunks, Desk};
use crate::browser;
use crate::protocol::{Ask, Line, TextId};
use crate::state::{CHUNK, Place, Selection};

/// So many windows of text are kept.
const KEPT_CHUNKS: usize = 64;

/// So many members of archives have a tab.
const TABS: usize = 8;

impl Desk {
    /// Selects something and shows the lines that it rests on.
    pub fn select(self, selection: Selection) {
        self.selection.set(Some(selection));
        self.asked.set(None);
        // Below a picture stands what the chosen step is, with its citations: where panes are stacked, that comes first.
        let is_told_in_place = matches!(selection, Selection::Step(..)) && browser::is_narrow();
        if self.go_to_first_line(selection) && !is_told_in_place {
            show_text_pane();
        }
    }

    /// Selects something because of one of its citations, and shows that one.
    pub fn select_cite(self, selection: Option<Selection>, cite: &CiteView) {
        if let Some(selection) = selection {
            self.selection.set(Some(selection));
        }
        self.asked.set(None);
        let place = self
            .outcome
            .with_untracked(|outcome| outcome.as_ref().and_then(|outcome| outcome.place(cite)));
        if let Some(place) = place {
            self.go_to(place);
            show_text_pane();
        }
    }

    /// Shows a line.
    pub fn go_to(self, place: Place) {
        let text = place.text;
        let contents = self.contents.with_untracked(|all| all.get(&text.source).cloned());
        if let Some(contents) = contents
            && contents.is_listed()
        {
            if contents.member(text).is_none() {
                // Something in an archive that could not be opened has no text.
                return;
            }
            self.tabs.update(|tabs| {
                if !tabs.contains(&text) {
                    tabs.truncate(TABS - 1);
                    tabs.insert(0, text);
                }
            });
        }
        self.shown.set(Some(text));
        self.goal.set(Some(place));
    }

    /// Shows a text from its first output on.
    pub fn open_text(self, text: TextId) {
        let first = self.outcome.with_untracked(|outcome| {
            let outcome = outcome.as_ref()?;
            outcome.segments_in(text).next().map(|(segment, _)| segment)
        });
        if let Some(segment) = first {
            self.select(Selection::Segment(segment));
        } else {
            self.asked.set(None);
            self.go_to(Place { text, line: 1 });
            show_text_pane();
        }
    }

    /// Takes a member's tab away.
    pub fn close_tab(self, text: TextId) {
        self.tabs.update(|tabs| tabs.retain(|tab| *tab != text));
        if self.shown.get_untracked() == Some(text) {
            let next = self.tabs.with_untracked(|tabs| tabs.first().copied());
            self.shown.set(next.or_else(|| {
                self.sources
                    .with_untracked(|sources| sources.iter().next().map(|source| TextId::first_of(source.id)))
            }));
        }
    }

    pub(super) fn go_to_first_line(self, selection: Selection) -> bool {
        let place = self.outcome.with_untracked(|outcome| {
            let outcome = outcome.as_ref()?;
            outcome.place(outcome.cites(selection).first()?)
        });
        if let Some(place) = place {
            self.go_to(place);
        }
        place.is_some()
    }

    /// From a line back to what rests on it.
    pub fn go_back(self, what: Selection) {
        self.selection.set(Some(what));
        if let Some(element) = browser::element(&what.element_id()) {
            browser::show(&element);
            browser::focus(&element);
        }
    }

    /// The lines of a window, if they are here; they are asked for if they are not.
    pub fn window(self, text: TextId, chunk: usize) -> Option<Arc<Vec<Line>>> {
        let here = self.chunks.with(|chunks| chunks.get(&(text, chunk)).cloned());
        if here.is_none() {
            let asked = Asked::Window(text, chunk);
            let known = self
                .back
                .with_value(|back| back.asked.values().any(|known| *known == asked));
            if !known {
                let ask = Ask::Lines {
                    text,
                    first: chunk * CHUNK + 1,
                    count: CHUNK,
                };
                self.ask_reader(asked, &ask, None);
            }
        }
        here
    }
}

/// Where panes are stacked, the text may be far below.
fn show_text_pane() {
    if let Some(pane) = browser::element("text-pane") {
        browser::show(&pane);
    }
}

/// Forgets windows far from the one that has just come.
pub(super) fn forget_far(chunks: &mut Chunks, text: TextId, chunk: usize) {
    while chunks.len() > KEPT_CHUNKS {
        let farthest = chunks
            .keys()
            .copied()
            .max_by_key(|(other, number)| (*other != text, number.abs_diff(chunk)));
        match farthest {
            Some(key) => chunks.remove(&key),
            None => break,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_near_the_last_one_are_kept() {
        let (one, two) = (TextId::first_of(1), TextId::first_of(2));
        let mut chunks: Chunks = (0..100).map(|number| ((one, number), Arc::new(Vec::new()))).collect();
        chunks.insert((two, 70), Arc::new(Vec::new()));
        forget_far(&mut chunks, one, 70);
        assert_eq!(chunks.len(), KEPT_CHUNKS);
        assert!(chunks.contains_key(&(one, 70)) && chunks.contains_key(&(one, 99)));
        assert!(!chunks.contains_key(&(two, 70)) && !chunks.contains_key(&(one, 0)));
    }
}
