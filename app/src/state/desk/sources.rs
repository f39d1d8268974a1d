//! What is on the desk.

use std::collections::BTreeMap;

use js_sys::JsString;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DataTransfer, File, FileList};

use super::{Asked, Chunks, Desk, Notice, Undo, sentence_of};
use crate::browser;
use crate::client::Body;
use crate::folder::{self, Dropped};
use crate::protocol::{Ask, Sample, TextId};
use crate::state::{Choices, Filter, Origin, Sources, size_in_words};

/// A text of more bytes than this does not fit into a program of a browser together with what is read from it.
const TOO_BIG: u64 = 500_000_000;

impl Desk {
    /// Adds what was typed or pasted, which stays a value of the browser: it may be very long.
    pub fn add_text(self, text: &JsValue) {
        if text.dyn_ref::<JsString>().is_none_or(|text| text.trim().length() == 0) {
            self.say("There is nothing in it: paste what the terminal printed, the commands included.".into());
            return;
        }
        match browser::text_blob(text, "text/plain") {
            Ok(blob) => {
                let body = Body::One(blob);
                let size = body.size();
                self.add(|sources| vec![sources.add_paste(size, body)], size);
            }
            Err(error) => self.say(format!("The text could not be taken over: {}.", sentence_of(&error))),
        }
    }

    /// Adds files that were chosen.
    pub fn add_files(self, files: &FileList) {
        self.add_bodies(folder::of_list(files).into_iter().map(one_file).collect());
    }

    /// Adds a folder that was chosen.
    pub fn add_folder(self, files: &FileList) {
        match folder::chosen(files) {
            Some((name, listing)) => self.add_bodies(vec![(name, Body::Folder(listing.into()))]),
            None => self.say("There is no file in that folder.".into()),
        }
    }

    /// Adds what was dropped: files, and folders with what is in them.
    pub fn add_dropped(self, data: &DataTransfer) {
        let dropped = folder::dropped(data);
        let first = dropped.iter().find_map(|dropped| match dropped {
            Dropped::Folder(folder) => Some(folder.name()),
            Dropped::File(_) => None,
        });
        if let Some(name) = first {
            self.say(format!("Looking through {name}…"));
        }
        spawn_local(async move {
            let mut bodies = Vec::with_capacity(dropped.len());
            for dropped in dropped {
                bodies.push(match dropped {
                    Dropped::File(file) => one_file(file),
                    Dropped::Folder(folder) => {
                        let name = folder.name();
                        (name, Body::Folder(folder::walk(folder).await.into()))
                    }
                });
            }
            self.add_bodies(bodies);
        });
    }

    fn add_bodies(self, bodies: Vec<(String, Body)>) {
        if bodies.is_empty() {
            return;
        }
        // Of a folder as much is read as there is room for.
        let files = bodies.iter().filter(|(_, body)| matches!(body, Body::One(_)));
        let size = files.map(|(_, body)| body.size()).sum();
        self.add(
            |sources| {
                bodies
                    .into_iter()
                    .map(|(name, body)| {
                        let size = body.size();
                        sources.add(&name, Origin::File, size, body)
                    })
                    .collect()
            },
            size,
        );
    }

    fn add(self, add: impl FnOnce(&mut Sources<Body>) -> Vec<u32>, size: u64) {
        if size > TOO_BIG {
            self.say(format!(
                "That is too big: {}, and a page can work with about {} at a time. Cut out the part that matters, \
                 for example with grep or head.",
                size_in_words(size),
                size_in_words(TOO_BIG)
            ));
            return;
        }
        self.notice.set(None);
        // A sample's cluster and the reader's own have nothing to do with each other.
        if self
            .sources
            .with_untracked(|sources| !sources.is_empty() && !sources.has_own())
        {
            self.forget_all();
        }
        let added = self.sources.try_update(add).unwrap_or_default();
        for id in &added {
            self.open(*id);
        }
        self.shown.set(added.last().copied().map(TextId::first_of));
        self.asked.set(None);
        self.analyse();
    }

    /// Puts a sample on the desk, in place of what is there.
    pub fn load_sample(self, sample: &Sample) {
        let own = self.sources.with_untracked(Sources::has_own);
        let before = own.then(|| self.sources.get_untracked());
        self.forget_all();
        self.back.update_value(|back| back.replaced = before);
        self.notice.set(own.then(|| Notice {
            text: "The sample took the place of your own sources.".into(),
            undo: Some(Undo::Sample),
        }));
        if let Ok(blob) = browser::text_blob(&JsValue::from_str(&sample.paste), "text/plain") {
            let body = Body::One(blob);
            let size = body.size();
            let id = self
                .sources
                .try_update(|sources| sources.add(&format!("sample {}", sample.code), Origin::Sample, size, body));
            if let Some(id) = id {
                self.open(id);
            }
            self.shown.set(id.map(TextId::first_of));
            self.analyse();
        }
    }

    /// Takes back what the notice tells of.
    pub fn undo(self, what: Undo) {
        match what {
            Undo::Sample => self.put_back(),
            Undo::Choice => self.undo_choice(),
        }
    }

    /// Takes the sample away again.
    fn put_back(self) {
        let Some(before) = self.back.try_update_value(|back| back.replaced.take()).flatten() else {
            return;
        };
        self.forget_all();
        self.notice.set(None);
        let ids: Vec<u32> = before.iter().map(|source| source.id).collect();
        self.sources.set(before);
        for id in &ids {
            self.open(*id);
        }
        self.shown.set(ids.last().copied().map(TextId::first_of));
        self.analyse();
    }

    /// Removes a source.
    pub fn remove(self, id: u32) {
        self.sources.update(|sources| sources.remove(id));
        self.ask_reader(Asked::Close, &Ask::Close { source: id }, None);
        self.chunks
            .update(|chunks| chunks.retain(|(text, _), _| text.source != id));
        self.tabs.update(|tabs| tabs.retain(|text| text.source != id));
        self.contents.update(|all| {
            all.remove(&id);
        });
        self.lines.update(|lines| lines.retain(|text, _| text.source != id));
        self.choices.update(|choices| choices.forget(id));
        if self.shown.get_untracked().is_some_and(|text| text.source == id) {
            let last = self
                .sources
                .with_untracked(|sources| sources.iter().last().map(|source| source.id));
            self.shown.set(last.map(TextId::first_of));
        }
        self.asked.set(None);
        self.choosing.set(None);
        self.analyse();
    }

    /// Removes all sources.
    pub fn clear(self) {
        self.forget_all();
        self.notice.set(None);
        self.analyse();
    }

    fn forget_all(self) {
        let ids: Vec<u32> = self
            .sources
            .with_untracked(|all| all.iter().map(|one| one.id).collect());
        for id in ids {
            self.ask_reader(Asked::Close, &Ask::Close { source: id }, None);
        }
        self.sources.update(Sources::clear);
        self.chunks.set(Chunks::new());
        self.contents.set(BTreeMap::new());
        self.lines.set(BTreeMap::new());
        self.tabs.set(Vec::new());
        self.filter.set(Filter::default());
        self.choices.set(Choices::default());
        self.choosing.set(None);
        self.outcome.set(None);
        self.selection.set(None);
        self.shown.set(None);
        self.asked.set(None);
        self.goal.set(None);
    }

    pub(super) fn open(self, id: u32) {
        let body = self
            .sources
            .with_untracked(|sources| sources.get(id).map(|source| source.body.clone()));
        if let Some(body) = body {
            let folder = body.folder();
            self.ask_reader(Asked::Open(id), &Ask::Open { source: id, folder }, Some(body));
        }
    }
}

/// A file under its own name.
fn one_file(file: File) -> (String, Body) {
    (file.name(), Body::One(file.into()))
}
