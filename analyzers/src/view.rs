//! What the page shows: plain values that cross from the worker to the page as JSON. The page holds no analysis.

use serde::{Deserialize, Serialize};

use crate::analysis::{Analysis, recognised};
use crate::cited::Cited;
use crate::evidence::Evidence;
use crate::finding::Finding;
use crate::flow::{Flow, Step};
use crate::segment::Segment;
use crate::{diagram, export};

/// No more than this many segments and problems are listed; the totals are always told.
pub const LISTED: usize = 400;

/// Everything that the page shows of one analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Workbench {
    /// The pasted and dropped texts.
    pub sources: Vec<SourceView>,
    /// Their parts, [`LISTED`] at the most.
    pub segments: Vec<SegmentView>,
    /// How many parts there are.
    pub segments_total: usize,
    /// What was not read, [`LISTED`] at the most.
    pub problems: Vec<ProblemView>,
    /// How many of these there are.
    pub problems_total: usize,
    /// Root first.
    pub findings: Vec<FindingView>,
    /// What to run next, the most deciding first.
    pub next: Vec<NextView>,
    /// The pictures, those of findings first.
    pub pictures: Vec<PictureView>,
    /// The whole report as Markdown, the same bytes as `whypath diagnose --markdown`.
    pub markdown: String,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceView {
    /// Its name.
    pub name: String,
    /// Bytes of text.
    pub bytes: usize,
    /// Lines.
    pub lines: usize,
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
    /// The command, where one was pasted.
    pub command: Option<String>,
    /// The format's name.
    pub format: String,
    /// What was read: `6 v1/Pod`.
    pub reads: String,
    /// Whether it was recognised.
    pub recognised: bool,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Mermaid source.
    pub mermaid: String,
    /// The steps in the order of the picture's numbers.
    pub steps: Vec<StepView>,
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
        let reads = self.reads();
        Workbench {
            sources: self
                .sources
                .iter()
                .map(|(_, source)| SourceView {
                    name: source.name.clone(),
                    bytes: source.text.len(),
                    lines: source.lines.count(),
                })
                .collect(),
            segments: self
                .segments
                .iter()
                .zip(reads)
                .map(|(segment, reads)| self.segment_view(segment, &reads))
                .collect(),
            segments_total: self.segments.len(),
            problems: self
                .problems
                .iter()
                .take(LISTED)
                .map(|problem| {
                    let lines = self.sources.lines(problem.span);
                    ProblemView {
                        source: problem.span.source.0,
                        first: lines.first,
                        last: lines.last,
                        message: problem.message.clone(),
                        guess: problem.guess.map(str::to_owned),
                    }
                })
                .collect(),
            problems_total: self.problems.len(),
            findings: self.findings.iter().map(|finding| self.finding_view(finding)).collect(),
            next: self
                .next
                .iter()
                .map(|next| NextView {
                    command: next.command.clone(),
                    decides: next.decides.clone(),
                    why: next.why.clone(),
                })
                .collect(),
            pictures: self.flows.all.iter().map(|flow| self.picture_view(flow)).collect(),
            markdown: export::markdown::report(self),
        }
    }

    /// What was read from each of the listed segments, in one pass: a paste can have as many artifacts as lines.
    fn reads(&self) -> Vec<Vec<String>> {
        let mut reads = vec![Vec::new(); self.segments.len().min(LISTED)];
        for (_, artifact) in self.artifacts.iter() {
            if let Some(listed) = reads.get_mut(artifact.segment) {
                listed.extend(artifact.kinds.iter().map(|(kind, count)| format!("{count} {kind}")));
            }
        }
        reads
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
            mermaid: export::mermaid::write(flow),
            steps: flow.steps().map(|step| self.step_view(step)).collect(),
        }
    }

    fn step_view(&self, step: &Step) -> StepView {
        StepView {
            actor: step.actor.name.clone(),
            action: step.action.clone(),
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
