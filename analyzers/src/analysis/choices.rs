//! What somebody chose where the splitter guessed wrong: another format, another beginning, no beginning at all.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::problem::Problem;
use crate::segment::formats::{self, Format};
use crate::segment::sniff::Hint;
use crate::segment::{Command, Segment};
use crate::text::{SourceId, Sources, Span};

/// The choices of an analysis: by a source's name, and the line on which a segment begins or is to begin. Lines count from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices(BTreeMap<String, BTreeMap<usize, Choice>>);

/// What is chosen for a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The segment that begins on that line has this format. Inside of a segment, another one begins on that line and has it.
    Format(Format),
    /// The segment that begins on that line belongs to the one before it.
    Join,
}

/// The word that stands for [`Choice::Join`] where choices are written as text.
pub const JOIN: &str = "join";

/// A word that is neither a format's name nor [`JOIN`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFormat(pub String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no format `{}`; the formats are ", self.0)?;
        for format in choosable() {
            write!(f, "{}, ", format.name())?;
        }
        write!(f, "and `{JOIN}` joins a segment to the one above it")
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Choice {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        if word == JOIN {
            return Ok(Self::Join);
        }
        choosable()
            .find(|format| format.name() == word)
            .map(Self::Format)
            .ok_or_else(|| UnknownFormat(word.to_owned()))
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format(format) => format.name(),
            Self::Join => JOIN,
        })
    }
}

/// The formats that can be chosen for a text: all but those that are no text.
pub fn choosable() -> impl Iterator<Item = Format> {
    formats::ALL.iter().copied().filter(|format| *format != formats::PCAP)
}

impl Choices {
    /// Adds a choice. For the same line the last one counts.
    pub fn add(&mut self, source: impl Into<String>, line: usize, choice: Choice) {
        self.0.entry(source.into()).or_default().insert(line, choice);
    }

    /// The names of the sources that something was chosen for.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Applies what was chosen for a source to its segments. Of sources with the same name the first is meant.
    pub(super) fn apply(
        &self,
        sources: &Sources,
        id: SourceId,
        segments: Vec<Segment>,
        problems: &mut Vec<Problem>,
    ) -> Vec<Segment> {
        let name = sources.name(id);
        let Some(lines) = self.0.get(name) else {
            return segments;
        };
        if sources.iter().any(|(other, source)| other < id && source.name == name) {
            return segments;
        }
        let mut applied = Applied {
            sources,
            id,
            segments: Vec::with_capacity(segments.len()),
            unused: Vec::new(),
        };
        let mut lines = lines.iter().map(|(line, choice)| (*line, *choice)).peekable();
        for mut segment in segments {
            let last = sources.lines(segment.span).last;
            while let Some((line, choice)) = lines.next_if(|(line, _)| *line <= last) {
                match applied.choose(segment, line, choice) {
                    Some(next) => segment = next,
                    // Joined to the one before it, which is the one that further lines are looked for in.
                    None => match applied.segments.pop() {
                        Some(joined) => segment = joined,
                        None => return applied.segments,
                    },
                }
            }
            applied.segments.push(segment);
        }
        applied.unused.extend(lines);
        problems.extend(applied.unused.iter().map(|(line, choice)| {
            let message = match choice {
                Choice::Join => format!("No segment begins on line {line} that could be joined to one above it."),
                Choice::Format(format) => {
                    format!(
                        "Line {line} is in no segment: that it be read as {} had no effect.",
                        format.name()
                    )
                }
            };
            Problem::new(sources.span_of(id, (*line, *line)), message)
        }));
        applied.segments
    }
}

/// The segments of one source, as far as choices were applied to them.
struct Applied<'a> {
    sources: &'a Sources,
    id: SourceId,
    segments: Vec<Segment>,
    /// Choices for lines on which there is nothing.
    unused: Vec<(usize, Choice)>,
}

impl Applied<'_> {
    /// Applies a choice to a segment that does not end before `line`; `None` where it became part of the last one of `self.segments`.
    fn choose(&mut self, mut segment: Segment, line: usize, choice: Choice) -> Option<Segment> {
        let first = self.sources.lines(segment.span).first;
        // The command's lines stand for the segment, too.
        let begins = (first..=self.sources.lines(segment.body).first).contains(&line);
        match choice {
            Choice::Format(format) if begins => {
                segment.chosen(format);
                Some(segment)
            }
            Choice::Format(format) if line > first => {
                let Some((head, mut tail)) = self.cut(&segment, line) else {
                    self.unused.push((line, choice));
                    return Some(segment);
                };
                let printed = |command: &Command| Hint::new(&command.text).expects(format);
                tail.command = tail.command.filter(printed);
                tail.chosen(format);
                self.segments.push(head);
                Some(tail)
            }
            Choice::Join if begins && let Some(above) = self.segments.last_mut() => {
                if above.body.start == above.body.end {
                    above.body.start = segment.span.start;
                }
                above.body.end = segment.body.end;
                above.span.end = segment.span.end;
                above.chosen(above.format);
                None
            }
            _ => {
                self.unused.push((line, choice));
                Some(segment)
            }
        }
    }

    /// Cuts a segment before a line of its output.
    fn cut(&self, segment: &Segment, line: usize) -> Option<(Segment, Segment)> {
        let begin = self.sources.span_of(self.id, (line, line)).start;
        let part = |start, end| Span {
            source: self.id,
            start,
            end,
        };
        let text = self.sources.text(part(begin, segment.body.end));
        // From the first line that has something on it.
        let blank = text.len() - text.trim_start().len();
        let skipped = text.get(..blank)?.rfind('\n').map_or(0, |at| at + 1);
        if blank == text.len() || begin <= segment.body.start {
            return None;
        }
        let body = part(begin + skipped, segment.body.end);
        let before = self.sources.text(part(segment.body.start, begin)).trim_end();
        let end = segment.body.start + before.len();
        let mut head = segment.clone();
        head.body.end = end;
        head.span.end = end;
        let tail = Segment {
            span: body,
            body,
            ..segment.clone()
        };
        Some((head, tail))
    }
}

#[cfg(test)]
mod tests {
    use super::{Choice, Choices};
    use crate::Input;
    use crate::analysis::{self, Analysis};

    const PASTE: &str = "$ kubectl get pods\n\
        PODS     OK    STATE\n\
        cart-0   1/1   Running\n\
        \n\
        nameserver 10.100.0.10\n\
        options ndots:5\n\
        $ uname -a\n\
        Linux node 6.1.0\n";

    fn read(choices: &[(usize, &str)]) -> Analysis {
        let mut all = Choices::default();
        for (line, word) in choices {
            all.add("paste 1", *line, word.parse().unwrap());
        }
        let input = Input {
            name: "paste 1".to_owned(),
            bytes: PASTE.as_bytes().to_vec(),
        };
        analysis::read_with(vec![input], &all, &mut |_| {})
    }

    /// First and last line, and format, of every segment.
    fn parts(analysis: &Analysis) -> Vec<(usize, usize, &'static str, bool)> {
        analysis
            .segments
            .iter()
            .map(|segment| {
                let lines = analysis.sources.lines(segment.span);
                (lines.first, lines.last, segment.format.name(), segment.chosen)
            })
            .collect()
    }

    #[test]
    fn a_segment_is_read_as_what_was_chosen() {
        assert_eq!(
            parts(&read(&[])),
            [
                (1, 3, "unknown", false),
                (5, 6, "resolv.conf", false),
                (7, 8, "unknown", false)
            ]
        );
        for line in [1, 2] {
            let analysis = read(&[(line, "log"), (5, "unknown")]);
            assert_eq!(
                parts(&analysis),
                [(1, 3, "log", true), (5, 6, "unknown", true), (7, 8, "unknown", false)]
            );
            assert_eq!(analysis.segments[0].command.as_ref().unwrap().text, "kubectl get pods");
            let kinds: Vec<_> = analysis
                .artifacts
                .iter()
                .map(|(_, artifact)| artifact.kinds[0].0.clone())
                .collect();
            assert_eq!(kinds, ["log", "unknown", "unknown"]);
        }
    }

    #[test]
    fn a_line_inside_begins_a_segment_of_its_own() {
        let analysis = read(&[(3, "log"), (6, "sysctl")]);
        assert_eq!(
            parts(&analysis),
            [
                (1, 2, "unknown", false),
                (3, 3, "log", true),
                (5, 5, "resolv.conf", false),
                (6, 6, "sysctl", true),
                (7, 8, "unknown", false)
            ]
        );
        assert!(analysis.segments[1].command.is_none());
        let table = read(&[(3, "kubectl-table")]);
        assert_eq!(table.segments[1].command.as_ref().unwrap().text, "kubectl get pods");
    }

    #[test]
    fn a_segment_is_joined_to_the_one_above() {
        assert_eq!(parts(&read(&[(5, "join"), (7, "join")])), [(1, 8, "unknown", true)]);
        let analysis = read(&[(1, "log"), (5, "join")]);
        assert_eq!(parts(&analysis), [(1, 6, "log", true), (7, 8, "unknown", false)]);
    }

    #[test]
    fn a_choice_without_a_segment_is_said() {
        let analysis = read(&[(1, "join"), (4, "log"), (6, "join"), (99, "log")]);
        let said: Vec<_> = analysis
            .problems
            .iter()
            .map(|problem| problem.message.as_str())
            .collect();
        for line in ["line 1 ", "Line 4 ", "line 6 ", "Line 99 "] {
            assert!(said.iter().any(|message| message.contains(line)), "{line} in {said:?}");
        }
        assert_eq!(parts(&analysis), parts(&read(&[])));
    }

    #[test]
    fn an_unknown_word_lists_the_formats() {
        let why = "kubectl".parse::<Choice>().unwrap_err().to_string();
        assert!(
            why.contains("`kubectl`") && why.contains("kubectl-table, ") && why.contains("`join`"),
            "{why}"
        );
        assert!(!why.contains("pcap"), "{why}");
        assert!("pcap".parse::<Choice>().is_err());
    }
}
