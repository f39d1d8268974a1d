//! Starting, and what the workers say.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use whypath_analyzers::view::Workbench;

use super::looking::forget_far;
use super::{Asked, Chunks, Desk, head_id, sentence_of};
use crate::browser;
use crate::client::{Body, Event, Program, WorkerClient};
use crate::privacy;
use crate::protocol::{Answer, Ask, Contents, Pieces, TextId};
use crate::state::{Outcome, Run, Selection};

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
                let path = self.back.with_value(|back| back.path.filter(|(path, _)| *path == job));
                if waited_for {
                    self.take(answer);
                } else if let Some((_, slot)) = path {
                    self.back.update_value(|back| back.path = None);
                    self.take_path(slot, answer);
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
        if let Some((_, slot)) = self.back.try_update_value(|back| back.path.take()).flatten() {
            self.take_path(
                slot,
                Answer::Failed("The analyzer broke off: analyse again.".to_owned()),
            );
        }
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
            Answer::Samples(_) | Answer::Path(_) | Answer::Opened(_) | Answer::Closed | Answer::Lines { .. } => {}
        }
    }

    fn show(self, workbench: Workbench, texts: Vec<TextId>) {
        let number = self
            .back
            .try_update_value(|back| {
                back.number = back.number.wrapping_add(1);
                back.number
            })
            .unwrap_or_default();
        let outcome = Outcome::new(workbench, texts).numbered(number);
        self.forget_paths();
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

    pub(super) fn ask_reader(self, asked: Asked, ask: &Ask, body: Option<Body>) {
        self.back.update_value(|back| {
            if let Some(reader) = &back.reader {
                let job = reader.submit(ask, body);
                back.asked.insert(job, asked);
            }
        });
    }
}
