//! An analysis and the sources it was made of.

use std::collections::BTreeSet;

use whypath_analyzers::view::{CiteView, Workbench};

use super::{EvidenceIndex, Place, Rest, Selection};

/// What came of an analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What the worker said.
    pub workbench: Workbench,
    /// The ids of the sources, in the order of [`Workbench::sources`].
    pub sources: Vec<u32>,
    /// Who cites which line.
    pub evidence: EvidenceIndex,
}

impl Outcome {
    /// Takes over what the worker said about these sources.
    pub fn new(workbench: Workbench, sources: Vec<u32>) -> Self {
        let evidence = EvidenceIndex::new(&workbench);
        Self {
            workbench,
            sources,
            evidence,
        }
    }

    /// The lines that a selection rests on.
    pub fn cites(&self, selection: Selection) -> Vec<CiteView> {
        let lines = |source, first, last| CiteView {
            source,
            first,
            last,
            label: String::new(),
        };
        let bench = &self.workbench;
        match selection {
            Selection::Finding(finding) => bench.findings.get(finding).map(|finding| finding.cites.clone()),
            Selection::Why(finding, why) => bench
                .findings
                .get(finding)
                .and_then(|finding| finding.whys.get(why))
                .map(|why| why.cites.clone()),
            Selection::Step(picture, step) => bench
                .pictures
                .get(picture)
                .and_then(|picture| picture.steps.get(step))
                .map(|step| step.cites.clone()),
            Selection::Segment(segment) => bench
                .segments
                .get(segment)
                .map(|part| vec![lines(part.source, part.first, part.last)]),
            Selection::Problem(problem) => bench
                .problems
                .get(problem)
                .map(|part| vec![lines(part.source, part.first, part.last)]),
        }
        .unwrap_or_default()
    }

    /// Where a citation is.
    pub fn place(&self, cite: &CiteView) -> Option<Place> {
        Some(Place {
            source: *self.sources.get(cite.source)?,
            line: cite.first,
        })
    }

    /// The index in the analysis of a source.
    pub fn index_of(&self, source: u32) -> Option<usize> {
        self.sources.iter().position(|id| *id == source)
    }

    /// What rests on a line, in words.
    pub fn rests_on(&self, source: u32, line: usize) -> Vec<Rest> {
        let Some(index) = self.index_of(source) else {
            return Vec::new();
        };
        self.evidence
            .on(index, line)
            .into_iter()
            .map(|what| Rest {
                what,
                label: self.label(what),
            })
            .collect()
    }

    /// What a selection is called.
    pub fn label(&self, selection: Selection) -> String {
        let code = |finding: usize| {
            self.workbench
                .findings
                .get(finding)
                .map_or("the finding", |finding| finding.code.as_str())
        };
        match selection {
            Selection::Finding(finding) => format!("{}, beyond its whys", code(finding)),
            Selection::Why(finding, why) => format!("Why {} of {}", why + 1, code(finding)),
            Selection::Step(picture, step) => {
                let kind = self
                    .workbench
                    .pictures
                    .get(picture)
                    .map_or("picture", |picture| kind_in_words(&picture.kind));
                format!("Step {} of the {}", step + 1, lowercase_first(kind))
            }
            Selection::Segment(_) => "A command's output".into(),
            Selection::Problem(_) => "Something that was not read".into(),
        }
    }
}

/// The name of a kind of picture, as a heading.
pub fn kind_in_words(kind: &str) -> &'static str {
    match kind {
        "packet-path" => "Packet path",
        "dns" => "DNS flow",
        "auth" => "Auth flow",
        _ => "Picture",
    }
}

/// `Packet path` in the middle of a sentence, but `DNS flow` stays as it is.
fn lowercase_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => format!("{}{}", first.to_lowercase(), chars.as_str()),
        _ => text.to_owned(),
    }
}

/// The indices of the pictures: those of findings in the order of the findings, then the others.
pub fn pictures_in_order(workbench: &Workbench) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    workbench
        .findings
        .iter()
        .filter_map(|finding| finding.picture)
        .chain(0..workbench.pictures.len())
        .filter(|picture| *picture < workbench.pictures.len() && seen.insert(*picture))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_keep_their_capitals() {
        assert_eq!(lowercase_first("Packet path"), "packet path");
        assert_eq!(lowercase_first("DNS flow"), "DNS flow");
        assert_eq!(lowercase_first(""), "");
    }

    #[test]
    fn labels_survive_an_analysis_without_what_they_name() {
        let outcome = Outcome::new(Workbench::default(), Vec::new());
        assert_eq!(outcome.label(Selection::Why(3, 1)), "Why 2 of the finding");
        assert!(outcome.cites(Selection::Step(0, 0)).is_empty());
        assert!(outcome.rests_on(1, 1).is_empty());
    }
}
