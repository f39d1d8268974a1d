//! What the page and its workers say to each other, as JSON; the texts themselves cross beside it as blobs, which are
//! handed over without being copied.

use serde::{Deserialize, Serialize};
use whypath_analyzers::archive::folder::LeftOut;
use whypath_analyzers::view::{Asked, ChangeView, EndView, PathView, ProblemView, SegmentView, SourceView, Workbench};

/// Lines are handed over in windows; of a longer line only so many characters are.
pub const LINE_LIMIT: usize = 4000;

/// A long list crosses in pieces of so many, so that the page can answer a click between any two.
const PIECE: usize = 500;

/// A text: one of those that a source holds. An archive has many; anything else is its own only one, number 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TextId {
    /// The source that holds it.
    pub source: u32,
    /// Which of its texts it is.
    pub member: u32,
}

impl TextId {
    /// The first text of a source, which of all sources but archives is the only one.
    pub fn first_of(source: u32) -> Self {
        Self { source, member: 0 }
    }
}

/// What the page asks of a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// The samples that the rules' pages hold.
    Samples,
    /// Analyze the sources that come along.
    Analyze {
        /// What each of them is.
        sources: Vec<Handed>,
        /// What the reader chose.
        choices: Vec<Chosen>,
    },
    /// A path over what was analysed last.
    Path {
        /// Which one.
        asked: Asked,
        /// What is assumed.
        changes: Vec<ChangeView>,
        /// One more change, as the reader writes it.
        also: Option<String>,
    },
    /// Keep the source that comes along, to be read in windows.
    Open {
        /// What it will be asked for by.
        source: u32,
        /// What is in it, where it is a folder.
        folder: Option<Folder>,
    },
    /// Forget a source.
    Close {
        /// Which.
        source: u32,
    },
    /// A window of a text of an open source.
    Lines {
        /// Which.
        text: TextId,
        /// The first line, from 1.
        first: usize,
        /// How many.
        count: usize,
    },
}

/// A source that comes along.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Handed {
    /// The name that citations use.
    pub name: String,
    /// What is in it, where it is a folder.
    pub folder: Option<Folder>,
}

/// A folder, whose files come along in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    /// Where the files are in it.
    pub paths: Vec<String>,
    /// What in it does not come along.
    pub left_out: Vec<LeftOut>,
    /// Whether there is more in it than was looked at.
    pub more: bool,
}

/// What a worker answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// To [`Ask::Samples`].
    Samples(Vec<Sample>),
    /// How far [`Ask::Analyze`] is; more answers follow.
    Progress(Progress),
    /// A piece of what comes of [`Ask::Analyze`] or [`Ask::Open`]; more answers follow.
    Piece(Piece),
    /// What came of [`Ask::Analyze`], without the pieces that were handed over before.
    Analyzed {
        /// What is shown.
        workbench: Box<Workbench>,
        /// Which texts its sources are: the number of the source as it was handed over, and of the text in it. What is beyond the texts
        /// of a source is something in it that could not be opened.
        texts: Vec<(usize, u32)>,
    },
    /// To [`Ask::Path`].
    Path(Box<PathView>),
    /// To [`Ask::Open`]: what is in it, without the pieces that were handed over before.
    Opened(Contents),
    /// To [`Ask::Close`].
    Closed,
    /// To [`Ask::Lines`].
    Lines {
        /// As they were asked for: fewer at the end of the text, none where it is not open.
        lines: Vec<Line>,
        /// How many lines the text has.
        total: usize,
    },
    /// It could not be done, and why, in a sentence.
    Failed(String),
}

impl Answer {
    /// Whether the job is done with it.
    pub fn is_last(&self) -> bool {
        !matches!(self, Self::Progress(_) | Self::Piece(_))
    }
}

/// A piece of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Piece {
    /// Of [`Workbench::sources`].
    Sources(Vec<SourceView>),
    /// Of [`Workbench::segments`].
    Segments(Vec<SegmentView>),
    /// Of [`Workbench::problems`].
    Problems(Vec<ProblemView>),
    /// Of [`Workbench::ends`].
    Ends(Vec<EndView>),
    /// Of [`Contents::members`].
    Members(Vec<Member>),
}

/// What a worker has handed over of its last answer so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pieces {
    sources: Vec<SourceView>,
    segments: Vec<SegmentView>,
    problems: Vec<ProblemView>,
    ends: Vec<EndView>,
    members: Vec<Member>,
}

impl Pieces {
    /// Takes the long lists out of a workbench.
    pub fn of_workbench(workbench: &mut Workbench) -> Vec<Piece> {
        let mut pieces = Vec::new();
        cut(&mut workbench.sources, Piece::Sources, &mut pieces);
        cut(&mut workbench.segments, Piece::Segments, &mut pieces);
        cut(&mut workbench.problems, Piece::Problems, &mut pieces);
        cut(&mut workbench.ends, Piece::Ends, &mut pieces);
        pieces
    }

    /// Takes the long list out of what a source holds.
    pub fn of_contents(contents: &mut Contents) -> Vec<Piece> {
        let mut pieces = Vec::new();
        cut(&mut contents.members, Piece::Members, &mut pieces);
        pieces
    }

    /// Keeps a piece.
    pub fn add(&mut self, piece: Piece) {
        match piece {
            Piece::Sources(sources) => self.sources.extend(sources),
            Piece::Segments(segments) => self.segments.extend(segments),
            Piece::Problems(problems) => self.problems.extend(problems),
            Piece::Ends(ends) => self.ends.extend(ends),
            Piece::Members(members) => self.members.extend(members),
        }
    }

    /// Puts what was kept back where it was taken out.
    pub fn complete(self, workbench: &mut Workbench) {
        prepend(self.sources, &mut workbench.sources);
        prepend(self.segments, &mut workbench.segments);
        prepend(self.problems, &mut workbench.problems);
        prepend(self.ends, &mut workbench.ends);
    }

    /// Puts what was kept back where it was taken out.
    pub fn complete_contents(self, contents: &mut Contents) {
        prepend(self.members, &mut contents.members);
    }
}

/// Cuts a long list into pieces; a short one stays.
fn cut<T>(list: &mut Vec<T>, piece: fn(Vec<T>) -> Piece, pieces: &mut Vec<Piece>) {
    while list.len() > PIECE {
        let rest = list.split_off(PIECE);
        pieces.push(piece(std::mem::replace(list, rest)));
    }
}

fn prepend<T>(mut before: Vec<T>, list: &mut Vec<T>) {
    before.append(list);
    *list = before;
}

/// What the reader chose: that what begins on a line is of a format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// The name of the text.
    pub text: String,
    /// The line, from 1.
    pub line: usize,
    /// The format's name.
    pub format: String,
}

/// What is in a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Contents {
    /// Whether it is an archive.
    pub archive: bool,
    /// Whether it is a folder.
    pub folder: bool,
    /// Its texts.
    pub members: Vec<Member>,
    /// Its members in which there is nothing to read.
    pub skipped: Vec<Skipped>,
}

impl Contents {
    /// Whether its texts are listed by name. What is packed alone (`access.log.gz`) is a text like any other.
    pub fn is_listed(&self) -> bool {
        self.folder || (self.archive && (self.members.len() != 1 || !self.skipped.is_empty()))
    }

    /// The directory that all its texts are in, with the stroke at its end; empty where there is none.
    pub fn directory(&self) -> &str {
        let mut paths = self.members.iter().map(|member| member.path.as_str());
        let first = paths.next().unwrap_or_default();
        let common = paths.fold(first.len(), |common, path| {
            let same = first.bytes().zip(path.bytes()).take_while(|(one, other)| one == other);
            same.take(common).count()
        });
        // A name is no directory, and neither is a part of one.
        let end = first.bytes().take(common).collect::<Vec<_>>();
        let end = end.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
        first.get(..end).unwrap_or_default()
    }

    /// The text of that number.
    pub fn member(&self, text: TextId) -> Option<&Member> {
        self.members.get(usize::try_from(text.member).ok()?)
    }
}

/// A text of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Where it is in the archive.
    pub path: String,
    /// How many bytes it has.
    pub bytes: usize,
    /// How many lines; of an archive's members that is known when they are looked at.
    pub lines: Option<usize>,
    /// Whether it is a capture: each line of it is what was read of a packet.
    pub capture: bool,
}

/// A member of an archive or a folder that is not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Where it is in the archive.
    pub path: String,
    /// How many bytes it has, where that is known.
    pub bytes: Option<u64>,
    /// Why it is skipped, in a word or two.
    pub why: String,
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
    /// Archives are being opened.
    Unpacking,
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

/// A case of a rule's page, or a scenario, that can be tried with one click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The rule whose page holds it, or the scenario.
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
    /// A picture, and nothing that is wrong.
    Picture,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_progress_and_pieces_leave_a_job_open() {
        assert!(!Answer::Progress(Progress::Flows).is_last());
        assert!(!Answer::Piece(Piece::Members(Vec::new())).is_last());
        assert!(Answer::Closed.is_last());
        assert!(Answer::Failed(String::new()).is_last());
    }

    #[test]
    fn the_directory_that_all_are_in_is_found() {
        let directory = |paths: &[&str]| {
            let members = paths.iter().map(|path| Member {
                path: (*path).to_owned(),
                bytes: 1,
                lines: None,
                capture: false,
            });
            Contents {
                archive: true,
                folder: false,
                members: members.collect(),
                skipped: Vec::new(),
            }
            .directory()
            .to_owned()
        };
        assert_eq!(directory(&["a/b/one.log", "a/b/other.log", "a/b/c/third"]), "a/b/");
        assert_eq!(directory(&["a/bone", "a/bother"]), "a/");
        assert_eq!(directory(&["a/b/one.log"]), "a/b/");
        assert_eq!(directory(&["one", "other"]), "");
        assert_eq!(directory(&["straße/1", "straßf/1"]), "");
        assert_eq!(directory(&[]), "");
    }

    #[test]
    fn a_long_list_comes_back_from_its_pieces_in_order() {
        let problem = |line| ProblemView {
            source: 0,
            first: line,
            last: line,
            message: String::new(),
            guess: None,
        };
        for count in [0, 1, PIECE, PIECE + 1, 3 * PIECE] {
            let mut workbench = Workbench {
                problems: (0..count).map(problem).collect(),
                ..Workbench::default()
            };
            let whole = workbench.clone();
            let mut pieces = Pieces::default();
            for piece in Pieces::of_workbench(&mut workbench) {
                pieces.add(piece);
            }
            assert!(workbench.problems.len() <= PIECE);
            pieces.complete(&mut workbench);
            assert_eq!(workbench, whole, "{count}");
        }
    }
}
