//! Paths that the reader asks for, and what if.

use std::sync::Arc;

use leptos::prelude::*;
use whypath_analyzers::view::{AskView, Asked, ChangeView, PathView};

use super::Desk;
use crate::browser;
use crate::protocol::{Answer, Ask};
use crate::state::{PathState, Run, Selection};

impl Desk {
    /// Asks for the path between two ends. Its picture comes behind those of the analysis.
    pub fn ask_path(self, ask: AskView) {
        let Some(slot) = self
            .outcome
            .with_untracked(|outcome| outcome.as_ref().map(|outcome| outcome.own))
        else {
            return;
        };
        let asked = Asked::Ends(ask);
        self.paths.update(|paths| {
            let open = paths.get(&slot).is_some_and(|path| path.open);
            let mut path = PathState::new(asked);
            path.open = open;
            paths.insert(slot, path);
        });
        self.submit_path(slot, Vec::new(), None);
    }

    /// Asks for the path of a picture once more, with what is assumed; `also` is a change as the reader writes it.
    pub fn what_if(self, picture: usize, changes: Vec<ChangeView>, also: Option<String>) {
        self.paths.update(|paths| {
            paths
                .entry(picture)
                .or_insert_with(|| PathState::new(Asked::Picture(picture)));
        });
        self.submit_path(picture, changes, also);
    }

    /// Opens or closes the list of what would lead further; what is in it is asked for when it is first opened.
    pub fn open_what_if(self, picture: usize, open: bool) {
        let known = self.paths.with_untracked(|paths| {
            let path = paths.get(&picture);
            path.is_some_and(|path| path.remedies.is_some() || path.waiting)
        });
        self.paths.update(|paths| {
            let path = paths
                .entry(picture)
                .or_insert_with(|| PathState::new(Asked::Picture(picture)));
            path.open = open;
        });
        if open && !known {
            self.submit_path(picture, Vec::new(), None);
        }
    }

    fn submit_path(self, slot: usize, changes: Vec<ChangeView>, also: Option<String>) {
        if !matches!(self.run.get_untracked(), Run::Done) {
            return;
        }
        let asked = self
            .paths
            .with_untracked(|paths| paths.get(&slot).map(|path| path.asked.clone()));
        let Some(asked) = asked else { return };
        self.back.update_value(|back| {
            if let Some(analyst) = &back.analyst {
                let job = analyst.submit(&Ask::Path { asked, changes, also }, None);
                back.path = Some((job, slot));
            }
        });
        self.paths.update(|paths| {
            for (at, path) in paths.iter_mut() {
                path.waiting = *at == slot;
            }
            if let Some(path) = paths.get_mut(&slot) {
                path.refused = None;
            }
        });
    }

    /// What the analyst says about a path.
    pub(super) fn take_path(self, slot: usize, answer: Answer) {
        match answer {
            Answer::Path(view) => self.show_path(slot, *view),
            Answer::Failed(why) => self.paths.update(|paths| {
                if let Some(path) = paths.get_mut(&slot) {
                    path.waiting = false;
                    path.refused = Some(why);
                }
            }),
            _ => {}
        }
    }

    fn show_path(self, slot: usize, view: PathView) {
        let Some(outcome) = self.outcome.get_untracked() else {
            return;
        };
        let (own, is_new) = (outcome.own, outcome.workbench.pictures.len() <= slot);
        let same = outcome.workbench.pictures.get(slot) == Some(&view.picture);
        let asked_ends = slot == own && view.changes.is_empty();
        if !same {
            // The steps that were looked at are those of another picture now.
            if matches!(self.selection.get_untracked(), Some(Selection::Step(picture, _)) if picture == slot) {
                self.selection.set(None);
            }
            self.outcome
                .set(Some(Arc::new(outcome.with_picture(slot, view.picture))));
        }
        self.paths.update(|paths| {
            if let Some(path) = paths.get_mut(&slot) {
                path.changes = view.changes;
                path.remedies = Some(view.remedies);
                path.next = view.next;
                path.waiting = false;
                path.refused = None;
            }
        });
        if asked_ends && (is_new || !same) {
            request_animation_frame(move || {
                if let Some(figure) = browser::element(&Selection::Step(slot, 0).element_id()) {
                    browser::show_top(&figure);
                    browser::focus(&figure);
                }
            });
        }
    }

    /// Forgets all of it: what was analysed is another thing now.
    pub(super) fn forget_paths(self) {
        self.back.update_value(|back| back.path = None);
        self.paths.update(std::collections::BTreeMap::clear);
    }
}
