//! What the page and its workers say to each other, as JSON; the texts themselves cross beside it as blobs, which are
//! handed over without being copied.

use serde::{Deserialize, Serialize};
use whypath_analyzers::view::Workbench;

/// Lines are handed over in windows; of a longer line only so many characters are.
pub const LINE_LIMIT: usize = 4000;

/// What the page asks of a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// The samples that the rules' pages hold.
    Samples,
    /// Analyze the texts that come along, under these names.
    Analyze {
        /// One for each text.
        names: Vec<String>,
    },
    /// Keep the text that comes along, to be read in windows.
    Open {
        /// What it will be asked for by.
        source: u32,
    },
    /// Forget a text.
    Close {
        /// Which.
        source: u32,
    },
    /// A window of an open text.
    Lines {
        /// Which.
        source: u32,
        /// The first line, from 1.
        first: usize,
        /// How many.
        count: usize,
    },
}

/// What a worker answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// To [`Ask::Samples`].
    Samples(Vec<Sample>),
    /// How far [`Ask::Analyze`] is; more answers follow.
    Progress(Progress),
    /// What came of [`Ask::Analyze`].
    Analyzed(Box<Workbench>),
    /// To [`Ask::Open`].
    Opened {
        /// How many lines it has.
        lines: usize,
    },
    /// To [`Ask::Close`].
    Closed,
    /// To [`Ask::Lines`].
    Lines {
        /// As they were asked for: fewer at the end of the text, none where it is not open.
        lines: Vec<Line>,
    },
    /// It could not be done, and why, in a sentence.
    Failed(String),
}

impl Answer {
    /// Whether the job is done with it.
    pub fn is_last(&self) -> bool {
        !matches!(self, Self::Progress(_))
    }
}

/// A line of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The line without its ending, [`LINE_LIMIT`] characters at the most.
    pub text: String,
    /// How many characters more it has.
    pub more: usize,
}

/// How far an analysis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// The texts are being taken over.
    Loading,
    /// Bytes become text.
    Decoding,
    /// The text is split into commands and their outputs.
    Splitting,
    /// The outputs are read one by one.
    Reading {
        /// So many are done.
        done: usize,
        /// Of so many.
        total: usize,
    },
    /// The flows are computed.
    Flows,
    /// The rules look for what is wrong.
    Findings,
    /// The pictures are drawn.
    Drawing,
}

/// A case of a rule's page that can be tried with one click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The rule whose page holds it.
    pub code: String,
    /// The sentence under which it is offered.
    pub title: String,
    /// What it is there to show.
    pub shows: Shows,
    /// The most that the rule ever claims: `fault`, `risk` and so on.
    pub class: String,
    /// The input.
    pub paste: String,
    /// The commands whose output the rule reads.
    pub needs: Vec<String>,
}

/// What a sample is there to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Shows {
    /// The fault.
    Fault,
    /// The same without the fault.
    Healthy,
    /// A paste that lacks what would decide.
    Incomplete,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_progress_leaves_a_job_open() {
        assert!(!Answer::Progress(Progress::Flows).is_last());
        assert!(Answer::Closed.is_last());
        assert!(Answer::Failed(String::new()).is_last());
    }
}
