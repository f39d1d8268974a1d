//! Everything that the page knows, as signals, and everything that can be done to it, by subject.

mod analysis;
mod looking;
mod paths;
mod sources;
mod workers;

use std::collections::BTreeMap;
use std::sync::Arc;

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::{Choices, Filter, Outcome, PathState, Place, Run, Selection, Sources};
use crate::client::{Body, JobId, WorkerClient};
use crate::protocol::{Contents, Line, Pieces, Sample, TextId};

/// What can be chosen beside the formats: no format at all, and to belong to the part above. What no text can be: a capture file.
pub const LINES_ONLY: &str = "unknown";
/// See [`LINES_ONLY`].
pub const JOIN: &str = "join";
/// See [`LINES_ONLY`].
pub const CAPTURE: &str = "pcap";

/// Something that the reader has to know, until the next thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A sentence or two.
    pub text: String,
    /// What can be undone.
    pub undo: Option<Undo>,
}

/// What can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// A sample took the place of the reader's own sources.
    Sample,
    /// A format was chosen.
    Choice,
}

/// Windows of text, by text and number.
pub type Chunks = BTreeMap<(TextId, usize), Arc<Vec<Line>>>;

/// The state of the page. It is a handle: copies are the same desk.
#[derive(Debug, Clone, Copy)]
pub struct Desk {
    /// What was pasted, dropped and chosen.
    pub sources: RwSignal<Sources<Body>, LocalStorage>,
    /// How far the analysis is.
    pub run: RwSignal<Run>,
    /// Whether the worker listens: `starting`, `ready`, or what is wrong.
    pub worker: RwSignal<String>,
    /// What came of the last analysis.
    pub outcome: RwSignal<Option<Arc<Outcome>>>,
    /// The paths that the reader asked about, by the indices of their pictures.
    pub paths: RwSignal<BTreeMap<usize, PathState>>,
    /// What the reader is looking at.
    pub selection: RwSignal<Option<Selection>>,
    /// What is in the sources, as far as the reader has told.
    pub contents: RwSignal<BTreeMap<u32, Arc<Contents>>>,
    /// How many lines a text has, as far as that is known.
    pub lines: RwSignal<BTreeMap<TextId, usize>>,
    /// The text that is shown.
    pub shown: RwSignal<Option<TextId>>,
    /// The members of archives that were looked at last, the last one first.
    pub tabs: RwSignal<Vec<TextId>>,
    /// Which members, outputs and problems are listed.
    pub filter: RwSignal<Filter>,
    /// What the reader chose where a format was guessed wrong.
    pub choices: RwSignal<Choices>,
    /// The segment for which a format is being chosen.
    pub choosing: RwSignal<Option<usize>>,
    /// A line to scroll to.
    pub goal: RwSignal<Option<Place>>,
    /// The line of which the reader asks what rests on it.
    pub asked: RwSignal<Option<Place>>,
    /// What can be tried.
    pub samples: RwSignal<Vec<Sample>>,
    /// What the reader has to know.
    pub notice: RwSignal<Option<Notice>>,
    /// The windows of text that are here.
    pub chunks: RwSignal<Chunks>,
    back: StoredValue<Back, LocalStorage>,
}

/// What is behind the desk. Two workers run the same program: the analyst, and the reader, who keeps the texts and
/// hands out windows of them even while the analyst is busy or is being replaced.
#[derive(Debug, Default)]
struct Back {
    analyst: Option<WorkerClient>,
    reader: Option<WorkerClient>,
    /// The analysis that is waited for, and the sources that it is of.
    analysis: Option<(JobId, Vec<u32>)>,
    /// What has come of it.
    analyzed: Pieces,
    /// How many analyses there were.
    number: u32,
    /// The path that is waited for, and the index of its picture.
    path: Option<(JobId, usize)>,
    /// The line to stay at when it is done.
    stay: Option<Place>,
    /// What the reader was asked.
    asked: BTreeMap<JobId, Asked>,
    /// What has come of the source that it opens.
    opened: Pieces,
    /// The sources that a sample took the place of.
    replaced: Option<Sources<Body>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Samples,
    Open(u32),
    Close,
    Window(TextId, usize),
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            sources: RwSignal::new_local(Sources::default()),
            run: RwSignal::new(Run::Starting),
            worker: RwSignal::new("starting".into()),
            outcome: RwSignal::new(None),
            paths: RwSignal::new(BTreeMap::new()),
            selection: RwSignal::new(None),
            contents: RwSignal::new(BTreeMap::new()),
            lines: RwSignal::new(BTreeMap::new()),
            shown: RwSignal::new(None),
            tabs: RwSignal::new(Vec::new()),
            filter: RwSignal::new(Filter::default()),
            choices: RwSignal::new(Choices::default()),
            choosing: RwSignal::new(None),
            goal: RwSignal::new(None),
            asked: RwSignal::new(None),
            samples: RwSignal::new(Vec::new()),
            notice: RwSignal::new(None),
            chunks: RwSignal::new(Chunks::new()),
            back: StoredValue::new_local(Back::default()),
        }
    }
}

/// Telling.
impl Desk {
    /// Tells the reader something.
    pub fn say(self, text: String) {
        self.notice.set(Some(Notice { text, undo: None }));
    }
}

/// The DOM id of the button on the head of the part that begins on a line of the text that is shown.
pub fn head_id(line: usize) -> String {
    format!("head-{line}")
}

/// What an exception says.
fn sentence_of(error: &JsValue) -> String {
    Reflect::get(error, &"message".into())
        .ok()
        .and_then(|message| message.as_string())
        .or_else(|| error.as_string())
        .unwrap_or_else(|| format!("{error:?}"))
        .trim_end_matches('.')
        .to_owned()
}
