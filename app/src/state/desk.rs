//! Everything that the page knows, as signals, and everything that can be done to it.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use js_sys::{JsString, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, FileList};
use whypath_analyzers::view::{CiteView, Workbench};

use super::{CHUNK, Choices, Filter, Origin, Outcome, Place, Run, Selection, Sources, size_in_words};
use crate::browser;
use crate::client::{Event, JobId, Program, WorkerClient};
use crate::privacy;
use crate::protocol::{Answer, Ask, Contents, Line, Pieces, Progress, Sample, TextId};

/// A text of more bytes than this does not fit into a program of a browser together with what is read from it.
const TOO_BIG: u64 = 500_000_000;

/// So many windows of text are kept.
const KEPT_CHUNKS: usize = 64;

/// What can be chosen beside the formats: no format at all, and to belong to the part above. What no text can be: a capture file.
pub const LINES_ONLY: &str = "unknown";
/// See [`LINES_ONLY`].
pub const JOIN: &str = "join";
/// See [`LINES_ONLY`].
pub const CAPTURE: &str = "pcap";

/// So many members of archives have a tab.
const TABS: usize = 8;

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
    pub sources: RwSignal<Sources<Blob>, LocalStorage>,
    /// How far the analysis is.
    pub run: RwSignal<Run>,
    /// Whether the worker listens: `starting`, `ready`, or what is wrong.
    pub worker: RwSignal<String>,
    /// What came of the last analysis.
    pub outcome: RwSignal<Option<Arc<Outcome>>>,
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
    /// The line to stay at when it is done.
    stay: Option<Place>,
    /// What the reader was asked.
    asked: BTreeMap<JobId, Asked>,
    /// What has come of the source that it opens.
    opened: Pieces,
    /// The sources that a sample took the place of.
    replaced: Option<Sources<Blob>>,
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

/// Starting, and what the workers say.
impl Desk {
    /// Fetches everything that there is to fetch, closes the door, and only then starts the workers.
    pub fn start(self) {
        spawn_local(async move {
            if let Err(error) = self.try_start().await {
                let why = sentence_of(&error);
                self.worker.set(why.clone());
                self.run.set(Run::Unusable(format!(
                    "The analyzers could not be started in this browser: {why}. Reload the page; if that does not \
                     help, a browser of the last two years will."
                )));
            }
        });
    }

    async fn try_start(self) -> Result<(), JsValue> {
        let program = Rc::new(Program::fetch().await?);
        privacy::lock_down()?;
        let reader = WorkerClient::start("reader", Rc::clone(&program), move |event| self.hear_reader(event))?;
        let analyst = WorkerClient::start("analyst", program, move |event| self.hear_analyst(event))?;
        self.back.update_value(|back| {
            back.reader = Some(reader);
            back.analyst = Some(analyst);
        });
        self.ask_reader(Asked::Samples, &Ask::Samples, None);
        self.run.set(Run::Idle);
        // What was pasted while the program was on its way.
        let early: Vec<u32> = self
            .sources
            .with_untracked(|all| all.iter().map(|one| one.id).collect());
        for id in early {
            self.open(id);
        }
        self.analyse();
        Ok(())
    }

    fn hear_analyst(self, event: Event) {
        match event {
            Event::Ready => self.worker.set("ready".into()),
            Event::Answer { job, answer } => {
                let waited_for = self
                    .back
                    .with_value(|back| back.analysis.as_ref().is_some_and(|(analysis, _)| *analysis == job));
                if waited_for {
                    self.take(answer);
                }
            }
            Event::Crashed { reason, .. } => {
                self.worker.set("starting".into());
                if self.lose_analysis() {
                    self.run.set(Run::Broken(format!(
                        "The analyzer broke off ({reason}) and was started again. Your sources are still here, and \
                         nothing was sent. Remove the one that it cannot take, and analyse the others."
                    )));
                }
            }
            Event::Gone { reason, .. } => {
                self.lose_analysis();
                self.worker.set(reason.clone());
                self.run.set(Run::Unusable(format!(
                    "The analyzers do not start in this browser ({reason}). Reload the page; if that does not help, \
                     a browser of the last two years will."
                )));
            }
        }
    }

    /// Says whether there was one to lose.
    fn lose_analysis(self) -> bool {
        let lost = self.back.try_update_value(|back| back.analysis.take()).flatten();
        lost.is_some()
    }

    fn take(self, answer: Answer) {
        match answer {
            Answer::Progress(progress) => self.run.set(Run::Working(progress)),
            Answer::Piece(piece) => self.back.update_value(|back| back.analyzed.add(piece)),
            Answer::Analyzed { mut workbench, texts } => {
                let done = self
                    .back
                    .try_update_value(|back| Some((back.analysis.take()?, std::mem::take(&mut back.analyzed))))
                    .flatten();
                if let Some(((_, sources), pieces)) = done {
                    pieces.complete(&mut workbench);
                    let texts = texts
                        .into_iter()
                        .map(|(source, member)| TextId {
                            source: sources.get(source).copied().unwrap_or_default(),
                            member,
                        })
                        .collect();
                    self.show(*workbench, texts);
                }
            }
            Answer::Failed(why) => {
                self.back.update_value(|back| back.analysis = None);
                self.run.set(Run::Broken(why));
            }
            Answer::Samples(_) | Answer::Opened(_) | Answer::Closed | Answer::Lines { .. } => {}
        }
    }

    fn show(self, workbench: Workbench, texts: Vec<TextId>) {
        let outcome = Outcome::new(workbench, texts);
        let first = (!outcome.workbench.findings.is_empty()).then_some(Selection::Finding(0));
        let stay = self.back.try_update_value(|back| back.stay.take()).flatten();
        self.asked.set(None);
        self.choosing.set(None);
        self.outcome.set(Some(Arc::new(outcome)));
        self.run.set(Run::Done);
        self.selection.set(first);
        if let Some(place) = stay {
            self.go_to(place);
            // Whoever chose by keyboard goes on from there.
            request_animation_frame(move || {
                if let Some(head) = browser::element(&head_id(place.line)) {
                    browser::focus(&head);
                }
            });
            return;
        }
        if let Some(first) = first {
            self.go_to_first_line(first);
        }
        // Where panes are stacked, what was asked for would otherwise be out of sight.
        if browser::is_narrow() {
            request_animation_frame(|| {
                if let Some(pane) = browser::element("outcome-pane") {
                    browser::show_top(&pane);
                }
            });
        }
    }

    fn hear_reader(self, event: Event) {
        match event {
            Event::Ready => {}
            Event::Answer { job, answer } => {
                let answer = match answer {
                    Answer::Piece(piece) => {
                        self.back.update_value(|back| back.opened.add(piece));
                        return;
                    }
                    answer => answer,
                };
                let asked = self.back.try_update_value(|back| back.asked.remove(&job)).flatten();
                match (asked, answer) {
                    (Some(Asked::Samples), Answer::Samples(samples)) => self.samples.set(samples),
                    (Some(Asked::Open(id)), Answer::Opened(contents)) => self.take_contents(id, contents),
                    (Some(Asked::Window(text, chunk)), Answer::Lines { lines, total }) => {
                        self.chunks.update(|chunks| {
                            chunks.insert((text, chunk), Arc::new(lines));
                            forget_far(chunks, text, chunk);
                        });
                        if self.lines.with_untracked(|lines| lines.get(&text) != Some(&total)) {
                            self.lines.update(|lines| {
                                lines.insert(text, total);
                            });
                        }
                    }
                    (Some(Asked::Open(_)), Answer::Failed(why)) => self.say(why),
                    _ => {}
                }
            }
            Event::Crashed { jobs, reason } => {
                self.chunks.set(Chunks::new());
                let asked = self
                    .back
                    .try_update_value(|back| {
                        back.opened = Pieces::default();
                        std::mem::take(&mut back.asked)
                    })
                    .unwrap_or_default();
                // The first job that it left undone is the one that it broke at.
                let fatal = jobs.first().and_then(|job| asked.get(job)).copied();
                self.say(format!(
                    "The text pane broke off ({reason}) and was started again; the analysis is not touched by that."
                ));
                let again: Vec<u32> = self
                    .sources
                    .with_untracked(|all| all.iter().map(|one| one.id).collect());
                for id in again {
                    if fatal != Some(Asked::Open(id)) {
                        self.open(id);
                    }
                }
            }
            Event::Gone { reason, .. } => self.say(format!("The text cannot be shown: {reason}.")),
        }
    }

    fn take_contents(self, id: u32, mut contents: Contents) {
        let pieces = self
            .back
            .try_update_value(|back| std::mem::take(&mut back.opened))
            .unwrap_or_default();
        pieces.complete_contents(&mut contents);
        if self.sources.with_untracked(|sources| sources.get(id).is_none()) {
            return;
        }
        self.lines.update(|known| {
            for (member, text) in (0..).zip(&contents.members) {
                if let Some(lines) = text.lines {
                    known.insert(TextId { source: id, member }, lines);
                }
            }
        });
        self.contents.update(|all| {
            all.insert(id, Arc::new(contents));
        });
    }
}

/// Sources.
impl Desk {
    /// Adds what was typed or pasted, which stays a value of the browser: it may be very long.
    pub fn add_text(self, text: &JsValue) {
        if text.dyn_ref::<JsString>().is_none_or(|text| text.trim().length() == 0) {
            self.say("There is nothing in it: paste what the terminal printed, the commands included.".into());
            return;
        }
        match browser::text_blob(text, "text/plain") {
            Ok(blob) => {
                let size = size_of(&blob);
                self.add(|sources| vec![sources.add_paste(size, blob)], size);
            }
            Err(error) => self.say(format!("The text could not be taken over: {}.", sentence_of(&error))),
        }
    }

    /// Adds files.
    pub fn add_files(self, files: &FileList) {
        let files: Vec<_> = (0..files.length()).filter_map(|index| files.get(index)).collect();
        if files.is_empty() {
            return;
        }
        let size = files.iter().map(|file| size_of(file)).sum();
        self.add(
            |sources| {
                files
                    .into_iter()
                    .map(|file| {
                        let size = size_of(&file);
                        sources.add(&file.name(), Origin::File, size, file.unchecked_into())
                    })
                    .collect()
            },
            size,
        );
    }

    fn add(self, add: impl FnOnce(&mut Sources<Blob>) -> Vec<u32>, size: u64) {
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
            let size = size_of(&blob);
            let id = self
                .sources
                .try_update(|sources| sources.add(&format!("sample {}", sample.code), Origin::Sample, size, blob));
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

    fn open(self, id: u32) {
        let blob = self
            .sources
            .with_untracked(|sources| sources.get(id).map(|source| source.body.clone()));
        if blob.is_some() {
            self.ask_reader(Asked::Open(id), &Ask::Open { source: id }, blob);
        }
    }

    fn ask_reader(self, asked: Asked, ask: &Ask, blob: Option<Blob>) {
        self.back.update_value(|back| {
            if let Some(reader) = &back.reader {
                let job = reader.submit(ask, blob);
                back.asked.insert(job, asked);
            }
        });
    }
}

/// Analysis.
impl Desk {
    /// Analyzes all sources, whatever was being done before.
    pub fn analyse(self) {
        if self.run.with_untracked(Run::is_working) {
            self.stop();
        }
        let (ids, names, blobs): (Vec<u32>, Vec<String>, Vec<Blob>) = self.sources.with_untracked(|sources| {
            let all = || sources.iter();
            (
                all().map(|source| source.id).collect(),
                all().map(|source| source.name.clone()).collect(),
                all().map(|source| source.body.clone()).collect(),
            )
        });
        if matches!(self.run.get_untracked(), Run::Starting | Run::Unusable(_)) {
            return;
        }
        if ids.is_empty() {
            self.outcome.set(None);
            self.selection.set(None);
            self.run.set(Run::Idle);
            return;
        }
        self.run.set(Run::Working(Progress::Loading));
        let choices = self.choices.with_untracked(Choices::chosen);
        self.back.update_value(|back| {
            back.analyzed = Pieces::default();
            back.stay = None;
            if let Some(analyst) = &back.analyst {
                let job = analyst.submit(&Ask::Analyze { names, choices }, blobs);
                back.analysis = Some((job, ids));
            }
        });
    }

    /// Has a segment read as another format: all of it, or the rest from one of its lines on.
    pub fn choose(self, segment: usize, from: usize, format: &str) {
        let Some(outcome) = self.outcome.get_untracked() else {
            return;
        };
        let Some(part) = outcome.workbench.segments.get(segment) else {
            return;
        };
        let (Some(text), Some(source)) = (
            outcome.texts.get(part.source).copied(),
            outcome.workbench.sources.get(part.source),
        ) else {
            return;
        };
        self.choices
            .update(|choices| choices.choose(text, from, &source.name, format));
        let now = match format {
            JOIN => "now a part of the output above".to_owned(),
            LINES_ONLY => "now kept as lines only".to_owned(),
            format => format!("now read as {}", outcome.title(format)),
        };
        self.notice.set(Some(Notice {
            text: format!("{} of {}: {now}.", lines_in_words(from, part.last), source.name),
            undo: Some(Undo::Choice),
        }));
        self.analyse_and_stay(Place { text, line: from });
    }

    /// Forgets what was chosen last.
    pub fn undo_choice(self) {
        let place = self.choices.try_update(Choices::undo).flatten();
        self.notice.set(None);
        if let Some((text, line)) = place {
            self.analyse_and_stay(Place { text, line });
        }
    }

    /// Forgets what was chosen for the lines of a part, the last of which is told.
    pub fn unchoose(self, first: Place, last: usize) {
        self.choices
            .update(|choices| choices.unchoose(first.text, first.line..=last));
        self.notice.set(None);
        self.analyse_and_stay(first);
    }

    fn analyse_and_stay(self, place: Place) {
        self.choosing.set(None);
        self.analyse();
        self.back.update_value(|back| back.stay = Some(place));
    }

    /// Stops the analysis in the middle of whatever it does.
    pub fn cancel(self) {
        if self.run.with_untracked(Run::is_working) {
            self.stop();
            if !matches!(self.run.get_untracked(), Run::Unusable(_)) {
                self.run.set(Run::Cancelled);
            }
        }
    }

    fn stop(self) {
        self.worker.set("starting".into());
        let restarted = self
            .back
            .try_update_value(|back| {
                back.analysis = None;
                back.stay = None;
                back.analyst.as_ref().map(WorkerClient::restart)
            })
            .flatten();
        if let Some(Err(error)) = restarted {
            self.run.set(Run::Unusable(format!(
                "The analyzer could not be started again: {}. Reload the page.",
                sentence_of(&error)
            )));
        }
    }
}

/// Looking.
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

    fn go_to_first_line(self, selection: Selection) -> bool {
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

    /// Tells the reader something.
    pub fn say(self, text: String) {
        self.notice.set(Some(Notice { text, undo: None }));
    }
}

/// The DOM id of the button on the head of the part that begins on a line of the text that is shown.
pub fn head_id(line: usize) -> String {
    format!("head-{line}")
}

fn lines_in_words(first: usize, last: usize) -> String {
    if first == last {
        format!("Line {first}")
    } else {
        format!("Lines {first} to {last}")
    }
}

/// Where panes are stacked, the text may be far below.
fn show_text_pane() {
    if let Some(pane) = browser::element("text-pane") {
        browser::show(&pane);
    }
}

/// Forgets windows far from the one that has just come.
fn forget_far(chunks: &mut Chunks, text: TextId, chunk: usize) {
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

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes are whole and not negative"
)]
fn size_of(blob: &Blob) -> u64 {
    blob.size() as u64
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
