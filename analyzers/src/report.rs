//! What comes out, in the shapes of `contract.md`.
//!
//! [`Read`] and [`Diagnosis`] are here; the shapes of single flows stand beside the flows.

use serde::Serialize;

use crate::analysis::Analysis;
use crate::evidence::{Citation, Evidence};
use crate::finding::{Class, Finding};
use crate::flow::Next;
use crate::text::LineRange;

/// `whypath read`.
#[derive(Debug, Serialize)]
pub struct Read {
    /// The parts of the paste.
    pub segments: Vec<ReadSegment>,
    /// What was read from them.
    pub artifacts: Vec<ReadArtifact>,
    /// What was not.
    pub problems: Vec<ReadProblem>,
}

/// A segment of [`Read`].
#[derive(Debug, Serialize)]
pub struct ReadSegment {
    /// File or paste name.
    pub source: String,
    /// Its lines.
    pub lines: LineRange,
    /// The command, where one was pasted or is implied.
    pub command: Option<String>,
    /// Whether nobody typed the command: a file's name in a bundle stands for it, a collector's title or k9s'.
    pub implied: bool,
    /// The commands that opened the shells in which it was typed, outermost first.
    pub within: Vec<String>,
    /// The host that its prompt names.
    pub at: Option<String>,
    /// The format's name.
    pub format: &'static str,
    /// From 0 to 1.
    pub confidence: f32,
    /// Whether somebody chose the format (`--as`).
    pub chosen: bool,
}

/// An artifact of [`Read`].
#[derive(Debug, Serialize)]
pub struct ReadArtifact {
    /// `v1/Pod`, `aws/ec2/describe-subnets`, `tcpdump` …
    pub kind: String,
    /// How many.
    pub count: usize,
    /// File or paste name.
    pub source: String,
    /// Its lines.
    pub lines: LineRange,
}

/// A problem of [`Read`] and [`Diagnosis`].
#[derive(Debug, Serialize)]
pub struct ReadProblem {
    /// File or paste name.
    pub source: String,
    /// Its lines.
    pub lines: LineRange,
    /// One sentence.
    pub message: String,
}

/// `whypath diagnose`.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    /// Root first, most certain and most damaging first.
    pub findings: Vec<DiagnosedFinding>,
    /// What to run next.
    pub next: Vec<Next>,
    /// What was not read.
    pub problems: Vec<ReadProblem>,
}

/// A finding of [`Diagnosis`].
#[derive(Debug, Serialize)]
pub struct DiagnosedFinding {
    /// The rule's code.
    pub code: &'static str,
    /// How much is claimed.
    pub class: Class,
    /// One line.
    pub title: String,
    /// What it is about.
    pub subjects: Vec<String>,
    /// Whether nothing else explains it.
    pub root: bool,
    /// Indices of the findings that it explains.
    pub explains: Vec<usize>,
    /// From the symptom to the cause.
    pub whys: Vec<String>,
    /// What to change.
    pub fix: String,
    /// The command that shows that it worked.
    pub verify: String,
    /// The lines that prove it.
    pub evidence: Vec<Citation>,
}

impl Analysis {
    /// The lines of every piece of evidence that can be found.
    pub fn cite(&self, evidence: &[Evidence]) -> Vec<Citation> {
        evidence
            .iter()
            .filter_map(|proof| proof.cite(&self.sources, &self.artifacts))
            .collect()
    }

    /// `whypath read`.
    pub fn read_report(&self) -> Read {
        Read {
            segments: self
                .segments
                .iter()
                .map(|segment| ReadSegment {
                    source: self.sources.name(segment.span.source).to_owned(),
                    lines: self.sources.lines(segment.span),
                    command: segment.command.as_ref().map(|command| command.text.clone()),
                    implied: segment.command.as_ref().is_some_and(|command| !command.typed()),
                    within: segment.within.clone(),
                    at: segment.at.clone(),
                    format: segment.format.name(),
                    confidence: segment.confidence,
                    chosen: segment.chosen,
                })
                .collect(),
            artifacts: self
                .artifacts
                .iter()
                .flat_map(|(_, artifact)| {
                    artifact.kinds.iter().map(|(kind, count)| ReadArtifact {
                        kind: kind.clone(),
                        count: *count,
                        source: self.sources.name(artifact.span.source).to_owned(),
                        lines: self.sources.lines(artifact.span),
                    })
                })
                .collect(),
            problems: self.problem_report(),
        }
    }

    /// The problems, with their lines.
    pub fn problem_report(&self) -> Vec<ReadProblem> {
        self.problems
            .iter()
            .map(|problem| ReadProblem {
                source: self.sources.name(problem.span.source).to_owned(),
                lines: self.sources.lines(problem.span),
                message: problem.message.clone(),
            })
            .collect()
    }

    /// `whypath diagnose`.
    pub fn diagnosis(&self) -> Diagnosis {
        Diagnosis {
            findings: self.findings.iter().map(|finding| self.diagnosed(finding)).collect(),
            next: self.next.clone(),
            problems: self.problem_report(),
        }
    }

    fn diagnosed(&self, finding: &Finding) -> DiagnosedFinding {
        DiagnosedFinding {
            code: finding.code,
            class: finding.class,
            title: finding.title.clone(),
            subjects: finding.subjects.clone(),
            root: finding.root,
            explains: finding.explains.clone(),
            whys: finding.whys.iter().map(|why| why.text.clone()).collect(),
            fix: finding.fix.clone(),
            verify: finding.verify.clone(),
            evidence: self.cite(&finding.evidence),
        }
    }
}
