//! Which lines are cited, and by what: both ways.

use whypath_analyzers::view::{CiteView, Workbench};

use super::Selection;

/// Something that rests on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// What.
    pub what: Selection,
    /// In words: `Why 2 of LB-011`.
    pub label: String,
}

/// Every citation of an analysis, by source and first line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EvidenceIndex {
    /// For each source: first line, last line, the greatest last line up to here, and who cites.
    by_source: Vec<Vec<Entry>>,
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    first: usize,
    last: usize,
    /// The greatest `last` among this entry and those before it: lets a search from the right stop early.
    reach: usize,
    what: Selection,
}

impl EvidenceIndex {
    /// Collects the citations of all findings and pictures.
    pub fn new(workbench: &Workbench) -> Self {
        let mut index = Self {
            by_source: vec![Vec::new(); workbench.sources.len()],
        };
        for (number, finding) in workbench.findings.iter().enumerate() {
            for (why, part) in finding.whys.iter().enumerate() {
                index.add(&part.cites, Selection::Why(number, why));
            }
            // What a finding cites beyond its whys.
            let rest: Vec<CiteView> = finding
                .cites
                .iter()
                .filter(|cite| !finding.whys.iter().any(|why| why.cites.contains(cite)))
                .cloned()
                .collect();
            index.add(&rest, Selection::Finding(number));
        }
        for (number, picture) in workbench.pictures.iter().enumerate() {
            for (step, part) in picture.steps.iter().enumerate() {
                index.add(&part.cites, Selection::Step(number, step));
            }
        }
        for entries in &mut index.by_source {
            entries.sort_by_key(|entry| (entry.first, entry.last, entry.what));
            let mut reach = 0;
            for entry in entries {
                reach = reach.max(entry.last);
                entry.reach = reach;
            }
        }
        index
    }

    fn add(&mut self, cites: &[CiteView], what: Selection) {
        for cite in cites {
            if let Some(entries) = self.by_source.get_mut(cite.source) {
                entries.push(Entry {
                    first: cite.first,
                    last: cite.last,
                    reach: 0,
                    what,
                });
            }
        }
    }

    /// What rests on a line of a source (by its index in the analysis), findings first.
    pub fn on(&self, source: usize, line: usize) -> Vec<Selection> {
        let Some(entries) = self.by_source.get(source) else {
            return Vec::new();
        };
        let after = entries.partition_point(|entry| entry.first <= line);
        let mut found: Vec<Selection> = entries
            .iter()
            .take(after)
            .rev()
            .take_while(|entry| entry.reach >= line)
            .filter(|entry| entry.last >= line)
            .map(|entry| entry.what)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether anything rests on a line.
    pub fn is_cited(&self, source: usize, line: usize) -> bool {
        !self.on(source, line).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use whypath_analyzers::view::{FindingView, PictureView, SourceView, StepView, WhyView};

    use super::*;

    fn cite(first: usize, last: usize) -> CiteView {
        CiteView {
            source: 0,
            first,
            last,
            label: String::new(),
        }
    }

    fn workbench() -> Workbench {
        Workbench {
            sources: vec![SourceView {
                name: "paste 1".into(),
                lines: 100,
                ..SourceView::default()
            }],
            findings: vec![FindingView {
                code: "X-001".into(),
                class: "fault".into(),
                title: String::new(),
                subjects: Vec::new(),
                root: true,
                explains: Vec::new(),
                whys: vec![
                    WhyView {
                        text: String::new(),
                        cites: vec![cite(1, 50)],
                    },
                    WhyView {
                        text: String::new(),
                        cites: vec![cite(10, 10), cite(12, 12)],
                    },
                ],
                fix: String::new(),
                verify: String::new(),
                picture: Some(0),
                verdict: None,
                cites: vec![cite(1, 50), cite(10, 10), cite(12, 12), cite(60, 61)],
            }],
            pictures: vec![PictureView {
                kind: "dns".into(),
                title: String::new(),
                subtitle: String::new(),
                verdict: "passes".into(),
                svg: String::new(),
                mermaid: String::new(),
                steps: vec![StepView {
                    actor: String::new(),
                    action: String::new(),
                    verdict: "passes".into(),
                    note: None,
                    cites: vec![cite(12, 13)],
                }],
                ..PictureView::default()
            }],
            ..Workbench::default()
        }
    }

    #[test]
    fn a_line_knows_what_rests_on_it() {
        let index = EvidenceIndex::new(&workbench());
        let (first, second) = (Selection::Why(0, 0), Selection::Why(0, 1));
        assert_eq!(index.on(0, 9), [first]);
        assert_eq!(index.on(0, 10), [first, second]);
        // A long range before shorter ones is not missed.
        assert_eq!(index.on(0, 50), [first]);
        assert_eq!(index.on(0, 13), [first, Selection::Step(0, 0)]);
        assert_eq!(index.on(0, 51), []);
        assert_eq!(index.on(0, 61), [Selection::Finding(0)]);
        assert_eq!(index.on(1, 10), []);
    }
}
