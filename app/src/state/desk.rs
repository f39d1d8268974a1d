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

use super::{CHUNK, Origin, Outcome, Place, Run, Selection, Sources, size_in_words};
use crate::browser;
use crate::client::{Event, JobId, Program, WorkerClient};
use crate::privacy;
use crate::protocol::{Answer, Ask, Line, Progress, Sample};

/// A text of more bytes than this does not fit into a program of a browser together with what is read from it.
const TOO_BIG: u64 = 500_000_000;

/// So many windows of text are kept.
const KEPT_CHUNKS: usize = 64;

/// Something that the reader has to know, until the next thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A sentence or two.
    pub text: String,
    /// Whether there are sources to be put back.
    pub undo: bool,
}

/// Windows of text, by source and number.
pub type Chunks = BTreeMap<(u32, usize), Arc<Vec<Line>>>;

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
    /// The source whose text is shown.
    pub shown: RwSignal<Option<u32>>,
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
    /// What the reader was asked.
    asked: BTreeMap<JobId, Asked>,
    /// The sources that a sample took the place of.
    replaced: Option<Sources<Blob>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Samples,
    Open(u32),
    Close,
    Window(u32, usize),
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            sources: RwSignal::new_local(Sources::default()),
            run: RwSignal::new(Run::Starting),
            worker: RwSignal::new("starting".into()),
            outcome: RwSignal::new(None),
            selection: RwSignal::new(None),
            shown: RwSignal::new(None),
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
            Answer::Analyzed(workbench) => {
                let analysis = self.back.try_update_value(|back| back.analysis.take()).flatten();
                if let Some((_, sources)) = analysis {
                    self.show(*workbench, sources);
                }
            }
            Answer::Failed(why) => {
                self.back.update_value(|back| back.analysis = None);
                self.run.set(Run::Broken(why));
            }
            Answer::Samples(_) | Answer::Opened { .. } | Answer::Closed | Answer::Lines { .. } => {}
        }
    }

    fn show(self, workbench: Workbench, sources: Vec<u32>) {
        let outcome = Outcome::new(workbench, sources);
        let first = (!outcome.workbench.findings.is_empty()).then_some(Selection::Finding(0));
        self.asked.set(None);
        self.outcome.set(Some(Arc::new(outcome)));
        self.run.set(Run::Done);
        self.selection.set(first);
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
                let asked = self.back.try_update_value(|back| back.asked.remove(&job)).flatten();
                match (asked, answer) {
                    (Some(Asked::Samples), Answer::Samples(samples)) => self.samples.set(samples),
                    (Some(Asked::Open(id)), Answer::Opened { lines }) => {
                        self.sources.update(|sources| sources.set_lines(id, lines));
                    }
                    (Some(Asked::Window(id, chunk)), Answer::Lines { lines }) => {
                        self.chunks.update(|chunks| {
                            chunks.insert((id, chunk), Arc::new(lines));
                            forget_far(chunks, id, chunk);
                        });
                    }
                    (Some(Asked::Open(_)), Answer::Failed(why)) => self.say(why),
                    _ => {}
                }
            }
            Event::Crashed { jobs, reason } => {
                self.chunks.set(Chunks::new());
                let asked = self
                    .back
                    .try_update_value(|back| std::mem::take(&mut back.asked))
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
        self.shown.set(added.last().copied());
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
            undo: true,
        }));
        if let Ok(blob) = browser::text_blob(&JsValue::from_str(&sample.paste), "text/plain") {
            let size = size_of(&blob);
            let id = self
                .sources
                .try_update(|sources| sources.add(&format!("sample {}", sample.code), Origin::Sample, size, blob));
            if let Some(id) = id {
                self.open(id);
            }
            self.shown.set(id);
            self.analyse();
        }
    }

    /// Takes the sample away again.
    pub fn undo(self) {
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
        self.shown.set(ids.last().copied());
        self.analyse();
    }

    /// Removes a source.
    pub fn remove(self, id: u32) {
        self.sources.update(|sources| sources.remove(id));
        self.ask_reader(Asked::Close, &Ask::Close { source: id }, None);
        self.chunks
            .update(|chunks| chunks.retain(|(source, _), _| *source != id));
        if self.shown.get_untracked() == Some(id) {
            let last = self
                .sources
                .with_untracked(|sources| sources.iter().last().map(|source| source.id));
            self.shown.set(last);
        }
        self.asked.set(None);
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
        self.back.update_value(|back| {
            if let Some(analyst) = &back.analyst {
                let job = analyst.submit(&Ask::Analyze { names }, blobs);
                back.analysis = Some((job, ids));
            }
        });
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
        self.shown.set(Some(place.source));
        self.goal.set(Some(place));
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
    pub fn window(self, source: u32, chunk: usize) -> Option<Arc<Vec<Line>>> {
        let here = self.chunks.with(|chunks| chunks.get(&(source, chunk)).cloned());
        if here.is_none() {
            let asked = Asked::Window(source, chunk);
            let known = self
                .back
                .with_value(|back| back.asked.values().any(|known| *known == asked));
            if !known {
                let ask = Ask::Lines {
                    source,
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
        self.notice.set(Some(Notice { text, undo: false }));
    }
}

/// Where panes are stacked, the text may be far below.
fn show_text_pane() {
    if let Some(pane) = browser::element("text-pane") {
        browser::show(&pane);
    }
}

/// Forgets windows far from the one that has just come.
fn forget_far(chunks: &mut Chunks, source: u32, chunk: usize) {
    while chunks.len() > KEPT_CHUNKS {
        let farthest = chunks
            .keys()
            .copied()
            .max_by_key(|(other, number)| (*other != source, number.abs_diff(chunk)));
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
        let mut chunks: Chunks = (0..100).map(|number| ((1, number), Arc::new(Vec::new()))).collect();
        chunks.insert((2, 70), Arc::new(Vec::new()));
        forget_far(&mut chunks, 1, 70);
        assert_eq!(chunks.len(), KEPT_CHUNKS);
        assert!(chunks.contains_key(&(1, 70)) && chunks.contains_key(&(1, 99)));
        assert!(!chunks.contains_key(&(2, 70)) && !chunks.contains_key(&(1, 0)));
    }
}
