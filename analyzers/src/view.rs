//! What the page shows: plain values that cross from the worker to the page as JSON. The page holds no analysis.

mod path;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::{Analysis, recognised};
use crate::cited::Cited;
use crate::evidence::Evidence;
use crate::finding::Finding;
use crate::flow::{Flow, FlowKind, Next, Step};
use crate::problem::Problem;
use crate::segment::{Segment, formats};
use crate::text::SourceId;
use crate::{diagram, export};

pub use path::{AskView, Asked, ChangeView, EndView, PathView, RemedyView};

/// No more than this many segments and problems of one source are listed; their numbers are always told.
pub const LISTED: usize = 400;
/// No more than this many are listed of all sources together.
const LISTED_IN_ALL: usize = 40_000;

/// Everything that the page shows of one analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Workbench {
    /// The pasted and dropped texts.
    pub sources: Vec<SourceView>,
    /// Their parts, [`LISTED`] of each at the most.
    pub segments: Vec<SegmentView>,
    /// What was not read, [`LISTED`] of each at the most.
    pub problems: Vec<ProblemView>,
    /// What a part can be read as.
    pub formats: Vec<FormatView>,
    /// Root first.
    pub findings: Vec<FindingView>,
    /// What to run next, the most deciding first.
    pub next: Vec<NextView>,
    /// The pictures, those of findings first.
    pub pictures: Vec<PictureView>,
    /// The ends that paths can be asked between.
    pub ends: Vec<EndView>,
    /// The question that is proposed.
    pub asks: Option<AskView>,
    /// The whole report as Markdown, the same bytes as `whypath diagnose --markdown`.
    pub markdown: String,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct SourceView {
    /// Its name.
    pub name: String,
    /// Bytes of text.
    pub bytes: usize,
    /// Lines.
    pub lines: usize,
    /// How many parts there are, of which format: names, the most frequent first.
    pub formats: Vec<(String, usize)>,
    /// How many problems there are.
    pub problems: usize,
}

/// A format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormatView {
    /// Its name.
    pub name: String,
    /// What a person calls it.
    pub title: String,
}

/// A segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentView {
    /// Index of its source.
    pub source: usize,
    /// First line, 1-based.
    pub first: usize,
    /// Last line.
    pub last: usize,
    /// The command, where one was pasted or is implied.
    pub command: Option<String>,
    /// The format's name.
    pub format: String,
    /// What was read: `6 v1/Pod`.
    pub reads: String,
    /// Whether it was recognised.
    pub recognised: bool,
    /// How sure that is, in percent.
    pub confidence: u8,
    /// Whether the reader chose the format.
    pub chosen: bool,
}

/// A problem.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProblemView {
    /// Index of its source.
    pub source: usize,
    /// First line, 1-based.
    pub first: usize,
    /// Last line.
    pub last: usize,
    /// One sentence.
    pub message: String,
    /// The closest guess.
    pub guess: Option<String>,
}

/// Cited lines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CiteView {
    /// Index of the source.
    pub source: usize,
    /// First line, 1-based.
    pub first: usize,
    /// Last line.
    pub last: usize,
    /// `describe-target-groups 4`, `tcpdump 31–36`.
    pub label: String,
}

/// A why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhyView {
    /// The sentence or two.
    pub text: String,
    /// What proves it.
    pub cites: Vec<CiteView>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingView {
    /// The rule's code.
    pub code: String,
    /// `fault`, `risk`, `note`, `security`.
    pub class: String,
    /// One line.
    pub title: String,
    /// What it is about.
    pub subjects: Vec<String>,
    /// Whether nothing else explains it.
    pub root: bool,
    /// Indices of the findings that it explains.
    pub explains: Vec<usize>,
    /// From the symptom to the cause.
    pub whys: Vec<WhyView>,
    /// What to change: Markdown.
    pub fix: String,
    /// The command that shows that it worked.
    pub verify: String,
    /// Index in [`Workbench::pictures`] of the picture that shows it.
    pub picture: Option<usize>,
    /// The verdict of that picture's flow.
    pub verdict: Option<String>,
    /// All cited lines.
    pub cites: Vec<CiteView>,
}

/// A command to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextView {
    /// The command.
    pub command: String,
    /// Rule codes.
    pub decides: Vec<String>,
    /// One sentence.
    pub why: String,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct PictureView {
    /// `packet-path`, `dns`, `auth`.
    pub kind: String,
    /// What it is of.
    pub title: String,
    /// One line more.
    pub subtitle: String,
    /// `passes`, `blocked`, `assumed`, `unknown`.
    pub verdict: String,
    /// Self-contained SVG: what is shown is what is downloaded.
    pub svg: String,
    /// The same with each way by itself, where the other one shows like ways as one.
    pub opened: Option<String>,
    /// Mermaid source.
    pub mermaid: String,
    /// The steps in the order of the picture's numbers.
    pub steps: Vec<StepView>,
    /// The question that it answers, where somebody can ask it.
    pub asks: Option<AskView>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepView {
    /// Who does it.
    pub actor: String,
    /// What is done.
    pub action: String,
    /// The verdict's word.
    pub verdict: String,
    /// A remark, or the default that an `assumed` rests on.
    pub note: Option<String>,
    /// What proves it.
    pub cites: Vec<CiteView>,
}

impl Analysis {
    /// What the page shows.
    pub fn workbench(&self) -> Workbench {
        let listed = listed_of(self.segments.iter().map(|segment| segment.span.source));
        let listed_problems = listed_of(self.problems.iter().map(|problem| problem.span.source));
        Workbench {
            sources: self.source_views(),
            segments: self
                .segments
                .iter()
                .zip(self.reads(&listed))
                .zip(&listed)
                .filter(|(_, listed)| **listed)
                .map(|((segment, reads), _)| self.segment_view(segment, &reads))
                .collect(),
            problems: self
                .problems
                .iter()
                .zip(listed_problems)
                .filter(|(_, listed)| *listed)
                .map(|(problem, _)| self.problem_view(problem))
                .collect(),
            formats: formats::ALL
                .iter()
                .map(|format| FormatView {
                    name: format.name().to_owned(),
                    title: format.title().to_owned(),
                })
                .collect(),
            findings: self.findings.iter().map(|finding| self.finding_view(finding)).collect(),
            next: self.next.iter().map(next_view).collect(),
            pictures: self.flows.all.iter().map(|flow| self.picture_view(flow)).collect(),
            ends: self.end_views(),
            asks: self.proposed_view(),
            markdown: export::markdown::report(self),
        }
    }

    fn source_views(&self) -> Vec<SourceView> {
        let mut counts: Vec<(BTreeMap<&str, usize>, usize)> = vec![Default::default(); self.sources.iter().count()];
        for segment in &self.segments {
            if let Some((formats, _)) = counts.get_mut(segment.span.source.0) {
                *formats.entry(segment.format.name()).or_default() += 1;
            }
        }
        for problem in &self.problems {
            if let Some((_, problems)) = counts.get_mut(problem.span.source.0) {
                *problems += 1;
            }
        }
        self.sources
            .iter()
            .zip(counts)
            .map(|((_, source), (formats, problems))| {
                let mut formats: Vec<(String, usize)> = formats
                    .into_iter()
                    .map(|(name, count)| (name.to_owned(), count))
                    .collect();
                formats.sort_by_key(|(_, count)| Reverse(*count));
                SourceView {
                    name: source.name.clone(),
                    bytes: source.text.len(),
                    lines: source.lines.count(),
                    formats,
                    problems,
                }
            })
            .collect()
    }

    /// What was read from each of the listed segments, in one pass: a paste can have as many artifacts as lines.
    fn reads(&self, listed: &[bool]) -> Vec<Vec<String>> {
        let mut reads = vec![Vec::new(); self.segments.len()];
        for (_, artifact) in self.artifacts.iter() {
            if let (Some(reads), Some(true)) = (reads.get_mut(artifact.segment), listed.get(artifact.segment)) {
                reads.extend(artifact.kinds.iter().map(|(kind, count)| format!("{count} {kind}")));
            }
        }
        reads
    }

    fn problem_view(&self, problem: &Problem) -> ProblemView {
        let lines = self.sources.lines(problem.span);
        ProblemView {
            source: problem.span.source.0,
            first: lines.first,
            last: lines.last,
            message: problem.message.clone(),
            guess: problem.guess.map(str::to_owned),
        }
    }

    fn segment_view(&self, segment: &Segment, reads: &[String]) -> SegmentView {
        let lines = self.sources.lines(segment.span);
        SegmentView {
            source: segment.span.source.0,
            first: lines.first,
            last: lines.last,
            command: segment.command.as_ref().map(|command| command.text.clone()),
            format: segment.format.name().to_owned(),
            reads: reads.join(", "),
            recognised: recognised(segment),
            confidence: percent(segment.confidence),
            chosen: segment.chosen,
        }
    }

    fn finding_view(&self, finding: &Finding) -> FindingView {
        FindingView {
            code: finding.code.to_owned(),
            class: finding.class.word().to_owned(),
            title: finding.title.clone(),
            subjects: finding.subjects.clone(),
            root: finding.root,
            explains: finding.explains.clone(),
            whys: finding
                .whys
                .iter()
                .map(|why| WhyView {
                    text: why.text.clone(),
                    cites: self.cite_views(&why.evidence),
                })
                .collect(),
            fix: finding.fix.clone(),
            verify: finding.verify.clone(),
            picture: finding.flow,
            verdict: finding
                .flow
                .and_then(|flow| self.flows.all.get(flow))
                .map(|flow| flow.verdict.word().to_owned()),
            cites: self.cite_views(&finding.evidence),
        }
    }

    fn picture_view(&self, flow: &Flow) -> PictureView {
        PictureView {
            kind: flow.kind.name().to_owned(),
            title: flow.title.clone(),
            subtitle: flow.subtitle.clone(),
            verdict: flow.verdict.word().to_owned(),
            svg: export::svg::write(&diagram::draw(flow)),
            opened: diagram::draw_opened(flow).map(|scene| export::svg::write(&scene)),
            mermaid: export::mermaid::write(flow),
            steps: flow.steps().map(|step| self.step_view(flow.kind, step)).collect(),
            asks: path::ask_view(flow),
        }
    }

    fn step_view(&self, kind: FlowKind, step: &Step) -> StepView {
        StepView {
            actor: step.actor.name.clone(),
            action: match &step.to {
                // A cell is about both ends.
                Some(to) if kind == FlowKind::Policies => format!("→ {}: {}", to.name, step.action),
                _ => step.action.clone(),
            },
            verdict: step.verdict.word().to_owned(),
            note: step.note.clone(),
            cites: self.cite_views(&step.evidence),
        }
    }

    /// The cited lines as the page shows them.
    pub fn cite_views(&self, evidence: &[Evidence]) -> Vec<CiteView> {
        self.cited(evidence)
            .into_iter()
            .map(|Cited { source, lines, segment }| {
                let name = segment.and_then(|index| self.segments.get(index)).map_or_else(
                    || self.sources.name(source).to_owned(),
                    |segment| self.short_name(segment),
                );
                CiteView {
                    source: source.0,
                    first: lines.first,
                    last: lines.last,
                    label: if lines.first == lines.last {
                        format!("{name} {}", lines.first)
                    } else {
                        format!("{name} {}–{}", lines.first, lines.last)
                    },
                }
            })
            .collect()
    }

    /// What a segment is called in a citation: its command's short name, its format, or its source.
    fn short_name(&self, segment: &Segment) -> String {
        let source = || self.sources.name(segment.span.source).to_owned();
        match (&segment.command, segment.format.name()) {
            (Some(command), _) => Some(command.line().short_name())
                .filter(|name| !name.is_empty())
                .unwrap_or_else(source),
            (None, "unknown" | "log") => source(),
            (None, format) => format.to_owned(),
        }
    }
}

fn next_view(next: &Next) -> NextView {
    NextView {
        command: next.command.clone(),
        decides: next.decides.clone(),
        why: next.why.clone(),
    }
}

/// Which of the things of these sources are listed: the first of each source.
fn listed_of(sources: impl Iterator<Item = SourceId>) -> Vec<bool> {
    let mut counts: BTreeMap<SourceId, usize> = BTreeMap::new();
    let mut all = 0;
    sources
        .map(|source| {
            let count = counts.entry(source).or_default();
            let lists = *count < LISTED && all < LISTED_IN_ALL;
            *count += 1;
            all += usize::from(lists);
            lists
        })
        .collect()
}

/// Rounded down: what is nearly sure is not sure.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is cut to what fits"
)]
fn percent(confidence: f32) -> u8 {
    (confidence.clamp(0.0, 1.0) * 100.0 + 0.001) as u8
}

#[cfg(test)]
mod tests {
    use super::{LISTED, listed_of, percent};
    use crate::text::SourceId;
    use crate::{Input, analyze};

    #[test]
    fn a_long_source_leaves_room_for_the_others() {
        let sources = std::iter::repeat_n(SourceId(0), LISTED + 5).chain([SourceId(1)]);
        let listed = listed_of(sources);
        assert_eq!(listed.iter().filter(|listed| **listed).count(), LISTED + 1);
        assert_eq!(listed.last(), Some(&true));
    }

    #[test]
    fn sources_say_what_they_were_read_as() {
        let paste = "$ cat /etc/resolv.conf\nnameserver 10.100.0.10\n$ ./unheard-of\nthe quick brown fox\n";
        let bench = analyze(
            vec![Input {
                name: "paste 1".to_owned(),
                bytes: paste.as_bytes().to_vec(),
            }],
            &mut |_| {},
        )
        .workbench();
        let source = &bench.sources[0];
        assert_eq!(
            source.formats,
            [("resolv.conf".to_owned(), 1), ("unknown".to_owned(), 1)]
        );
        assert_eq!(source.problems, 1);
        let title = |name: &str| {
            bench
                .formats
                .iter()
                .find(|format| format.name == name)
                .map(|format| format.title.as_str())
        };
        assert_eq!(title("kubectl-table"), Some("kubectl's table"));
    }

    #[test]
    fn a_hundred_percent_is_said_of_the_sure_only() {
        assert_eq!(
            [percent(1.0), percent(0.98), percent(0.999), percent(0.0)],
            [100, 98, 99, 0]
        );
    }
}
