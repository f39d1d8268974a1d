//! The stages in their order.

mod choices;
mod unpack;

use std::collections::BTreeMap;

use crate::archive::binary;
use crate::artifact::{Artifacts, Capture, pcap};
use crate::finding::{self, Finding};
use crate::flow::{self, Flows, Next};
use crate::model::Model;
use crate::problem::Problem;
use crate::segment::file_name::Bundles;
use crate::segment::{self, Segment, formats};
use crate::text::{Cleaned, Sources, clean, decode_owned};

pub use choices::{Choice, Choices, JOIN, UnknownFormat, choosable};
pub use unpack::{Skipped, Unpacked, analyze_unpacked, name_unread, open, read_unpacked, shown, unpack, unpack_folder};

/// A pasted or dropped text.
#[derive(Debug, Clone)]
pub struct Input {
    /// The file's name, or `paste 1` and so on.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// How far an analysis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Bytes to text, of that many sources.
    Decode,
    /// Text to segments.
    Split,
    /// Segments to artifacts: that many of that many are read.
    Read(usize, usize),
    /// Model to flows.
    Flows,
    /// Flows to findings.
    Findings,
}

/// Everything that was understood, and what was not.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// The texts.
    pub sources: Sources,
    /// Their parts.
    pub segments: Vec<Segment>,
    /// What was read from them.
    pub artifacts: Artifacts,
    /// What was not.
    pub problems: Vec<Problem>,
    /// The flows that the pasted text proposes.
    pub flows: Flows,
    /// What is wrong, root first.
    pub findings: Vec<Finding>,
    /// What to run next, the most deciding first.
    pub next: Vec<Next>,
}

impl Analysis {
    /// The model over what was read.
    pub fn model(&self) -> Model<'_> {
        Model::new(&self.sources, &self.segments, &self.artifacts)
    }
}

/// Reads the inputs only: sources, segments, artifacts and problems.
pub fn read(inputs: Vec<Input>, progress: &mut dyn FnMut(Stage)) -> Analysis {
    read_with(inputs, &Choices::default(), progress)
}

/// [`read`], with what somebody chose where it guessed wrong.
pub fn read_with(inputs: Vec<Input>, choices: &Choices, progress: &mut dyn FnMut(Stage)) -> Analysis {
    let mut analysis = Analysis::default();
    let mut missing = Vec::new();
    progress(Stage::Decode);
    let mut captures = BTreeMap::new();
    let bundles = Bundles::new(inputs.iter().map(|input| input.name.as_str()));
    for input in inputs {
        if pcap::is_capture(&input.bytes) {
            captures.insert(analysis.segments.len(), read_capture(input, &mut analysis));
            continue;
        }
        let kind = binary::kind(&input.bytes);
        let decoded = decode_owned(input.bytes);
        let cleaned = if decoded.binary {
            Cleaned::unchanged(decoded.text)
        } else {
            clean(decoded.text)
        };
        let implied = bundles.implied(&input.name);
        let id = analysis
            .sources
            .add_cleaned(input.name, cleaned.text, cleaned.starts, cleaned.documents);
        analysis.sources.set_implied(id, implied);
        let whole = analysis.sources.whole(id);
        if decoded.binary {
            let kind = kind.map(|kind| format!(" ({kind})")).unwrap_or_default();
            analysis.problems.push(Problem::new(
                whole,
                format!(
                    "This is a binary file{kind}, not text that a terminal printed; paste the text, or drop the text file."
                ),
            ));
            continue;
        }
        if decoded.replaced > 0 {
            analysis.problems.push(Problem::new(
                whole,
                format!(
                    "{} bytes are not {} text and are shown as \u{FFFD}; everything else was read.",
                    decoded.replaced, decoded.encoding
                ),
            ));
        }
        if analysis.sources.text(whole).trim().is_empty() {
            analysis
                .problems
                .push(Problem::new(whole, "There is nothing in it: the text is empty."));
            continue;
        }
        for note in cleaned.notes {
            let span = analysis.sources.span_of(id, note.lines);
            if note.missing {
                missing.push(span);
            }
            analysis.problems.push(Problem::new(span, note.message));
        }
        progress(Stage::Split);
        let segments = segment::split(&analysis.sources, id);
        let segments = choices.apply(&analysis.sources, id, segments, &mut analysis.problems);
        analysis.segments.extend(segments);
    }
    let total = analysis.segments.len();
    for (index, segment) in analysis.segments.iter().enumerate() {
        progress(Stage::Read(index, total));
        if let Some(content) = captures.remove(&index) {
            analysis.artifacts.add(pcap::artifact(index, segment.span, content));
            continue;
        }
        segment.format.read(
            &analysis.sources,
            index,
            segment,
            &mut analysis.artifacts,
            &mut analysis.problems,
        );
    }
    for span in missing {
        analysis.artifacts.set_incomplete(span);
    }
    limit_problems(&mut analysis);
    analysis
}

/// A capture file becomes a text of a line a packet, so that its packets have lines to cite; what was read of it is returned.
fn read_capture(input: Input, analysis: &mut Analysis) -> Capture {
    let read = pcap::read(&input.bytes, analysis.sources.next());
    drop(input.bytes);
    let id = analysis.sources.add(input.name, read.text);
    let whole = analysis.sources.whole(id);
    analysis.problems.extend(read.problems);
    analysis.segments.push(Segment {
        span: whole,
        command: None,
        within: Vec::new(),
        at: None,
        body: whole,
        format: formats::PCAP,
        confidence: 1.0,
        chosen: false,
    });
    read.capture
}

/// How many problems of one source are said one by one: more than anybody reads.
const PROBLEMS: usize = 200;

/// Keeps the first problems of every source and says how many more there are.
fn limit_problems(analysis: &mut Analysis) {
    let mut counts = vec![0_usize; analysis.sources.iter().count()];
    analysis.problems.retain(|problem| {
        let Some(count) = counts.get_mut(problem.span.source.0) else {
            return true;
        };
        *count += 1;
        *count <= PROBLEMS
    });
    for ((id, _), count) in analysis.sources.iter().zip(counts) {
        if count > PROBLEMS {
            analysis.problems.push(Problem::new(
                analysis.sources.whole(id),
                format!(
                    "{} more parts of it could not be read; the first {PROBLEMS} are listed.",
                    count - PROBLEMS
                ),
            ));
        }
    }
}

/// Runs all stages.
pub fn analyze(inputs: Vec<Input>, progress: &mut dyn FnMut(Stage)) -> Analysis {
    analyze_with(inputs, &Choices::default(), progress)
}

/// [`analyze`], with what somebody chose where reading guessed wrong.
pub fn analyze_with(inputs: Vec<Input>, choices: &Choices, progress: &mut dyn FnMut(Stage)) -> Analysis {
    conclude(read_with(inputs, choices, progress), progress)
}

/// The stages after reading.
fn conclude(mut analysis: Analysis, progress: &mut dyn FnMut(Stage)) -> Analysis {
    let model = analysis.model();
    progress(Stage::Flows);
    let flows = flow::propose(&model);
    progress(Stage::Findings);
    let (findings, next) = finding::diagnose(&model, &flows);
    analysis.flows = flows;
    analysis.findings = findings;
    analysis.next = next;
    analysis
}

/// Whether a segment was recognised.
pub fn recognised(segment: &Segment) -> bool {
    segment.format != formats::UNKNOWN
}
