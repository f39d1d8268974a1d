//! Analysing, and choosing formats where they were guessed wrong.

use leptos::prelude::*;

use super::{Desk, JOIN, LINES_ONLY, Notice, Undo, sentence_of};
use crate::client::{Body, WorkerClient};
use crate::protocol::{Ask, Handed, Pieces, Progress};
use crate::state::{Choices, Place, Run};

impl Desk {
    /// Analyzes all sources, whatever was being done before.
    pub fn analyse(self) {
        if self.run.with_untracked(Run::is_working) {
            self.stop();
        }
        let (ids, handed, bodies): (Vec<u32>, Vec<Handed>, Vec<Body>) = self.sources.with_untracked(|sources| {
            let all = || sources.iter();
            (
                all().map(|source| source.id).collect(),
                all()
                    .map(|source| Handed {
                        name: source.name.clone(),
                        folder: source.body.folder(),
                    })
                    .collect(),
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
                let job = analyst.submit(
                    &Ask::Analyze {
                        sources: handed,
                        choices,
                    },
                    bodies,
                );
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
                back.path = None;
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

fn lines_in_words(first: usize, last: usize) -> String {
    if first == last {
        format!("Line {first}")
    } else {
        format!("Lines {first} to {last}")
    }
}
