//! An analysis and the sources it was made of.

use std::collections::{BTreeMap, BTreeSet};

use whypath_analyzers::view::{CiteView, PictureView, SegmentView, SourceView, Workbench};

use super::run::grouped;
use super::{EvidenceIndex, Place, Rest, Selection};
use crate::protocol::TextId;

/// What came of an analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What the worker said.
    pub workbench: Workbench,
    /// The texts, in the order of [`Workbench::sources`].
    pub texts: Vec<TextId>,
    /// Which analysis it came of: a picture that is asked for afterwards makes no new one.
    pub number: u32,
    /// How many pictures are the analysis' own.
    pub own: usize,
    /// Who cites which line.
    pub evidence: EvidenceIndex,
    /// The other way round.
    index: BTreeMap<TextId, usize>,
    /// The listed segments of each source, in the order of their lines.
    segments: Vec<Vec<usize>>,
    /// The listed problems of each source, in the order of their lines; what concerns the whole of it comes last.
    problems: Vec<Vec<usize>>,
}

impl Outcome {
    /// Takes over what the worker said about these texts.
    pub fn new(workbench: Workbench, texts: Vec<TextId>) -> Self {
        let evidence = EvidenceIndex::new(&workbench);
        let mut segments = vec![Vec::new(); workbench.sources.len()];
        for (number, segment) in workbench.segments.iter().enumerate() {
            if let Some(of) = segments.get_mut(segment.source) {
                of.push(number);
            }
        }
        let mut problems: Vec<Vec<usize>> = vec![Vec::new(); workbench.sources.len()];
        for (number, problem) in workbench.problems.iter().enumerate() {
            if let Some(of) = problems.get_mut(problem.source) {
                of.push(number);
            }
        }
        for (source, of) in workbench.sources.iter().zip(&mut problems) {
            of.sort_by_key(|number| {
                let problem = workbench.problems.get(*number);
                problem.map(|problem| (problem.first == 1 && problem.last == source.lines, problem.first))
            });
        }
        Self {
            number: 0,
            own: workbench.pictures.len(),
            index: texts.iter().enumerate().map(|(index, text)| (*text, index)).collect(),
            workbench,
            texts,
            evidence,
            segments,
            problems,
        }
    }

    /// The same as the analysis of that number.
    #[must_use]
    pub fn numbered(mut self, number: u32) -> Self {
        self.number = number;
        self
    }

    /// The same with another picture in a place, or with one more.
    #[must_use]
    pub fn with_picture(&self, index: usize, picture: PictureView) -> Self {
        let mut workbench = self.workbench.clone();
        match workbench.pictures.get_mut(index) {
            Some(place) => *place = picture,
            None => workbench.pictures.push(picture),
        }
        Self {
            number: self.number,
            own: self.own,
            ..Self::new(workbench, self.texts.clone())
        }
    }

    /// What came of it, for those who hear it.
    pub fn in_a_sentence(&self) -> String {
        let bench = &self.workbench;
        let of = |verdict: &str| {
            let pictures = bench.pictures.iter().take(self.own);
            pictures
                .filter(|picture| !is_table(&picture.kind) && picture.verdict == verdict)
                .count()
        };
        let found = match bench.findings.len() {
            0 => None,
            1 => Some("1 finding".to_owned()),
            count => Some(format!("{count} findings")),
        };
        let stops = match of("blocked") {
            0 => None,
            1 => Some("1 picture shows something that stops".to_owned()),
            count => Some(format!("{count} pictures show something that stops")),
        };
        let said: Vec<String> = found.into_iter().chain(stops).collect();
        if !said.is_empty() {
            return format!("Done: {}.", said.join(", and "));
        }
        if !bench.segments.iter().any(|segment| segment.recognised) {
            return "Done: nothing was recognised.".to_owned();
        }
        if of("unknown") > 0 || !bench.next.is_empty() {
            return "Done: no fault is proved, but something that would decide is missing.".to_owned();
        }
        "Done: no fault was found.".to_owned()
    }

    /// What was read of a text as a whole.
    pub fn source(&self, text: TextId) -> Option<&SourceView> {
        self.workbench.sources.get(self.index_of(text)?)
    }

    /// The texts that came of a source of the page, and what in it could not be opened: their indices in the analysis.
    pub fn of_source(&self, source: u32) -> impl Iterator<Item = usize> {
        let range = TextId::first_of(source)..=TextId {
            source,
            member: u32::MAX,
        };
        self.index.range(range).map(|(_, index)| *index)
    }

    /// The listed segments of a text, by index of [`Workbench::segments`].
    pub fn segments_of(&self, source: usize) -> &[usize] {
        self.segments.get(source).map_or(&[], Vec::as_slice)
    }

    /// The same with what they are.
    pub fn segments_in(&self, text: TextId) -> impl Iterator<Item = (usize, &SegmentView)> {
        let source = self.index_of(text);
        source
            .map_or(&[][..], |source| self.segments_of(source))
            .iter()
            .filter_map(|number| Some((*number, self.workbench.segments.get(*number)?)))
    }

    /// The listed problems of a text, by index of [`Workbench::problems`].
    pub fn problems_of(&self, source: usize) -> &[usize] {
        self.problems.get(source).map_or(&[], Vec::as_slice)
    }

    /// What a text was read as, in words: `3 outputs: kubectl's table (2), a log (1)`.
    pub fn read_as(&self, source: &SourceView) -> String {
        /// No more formats than this are named.
        const NAMED: usize = 3;
        let total: usize = source.formats.iter().map(|(_, count)| count).sum();
        let formats = match source.formats.as_slice() {
            [] => return String::new(),
            [(format, _)] => self.title(format).to_owned(),
            formats => {
                let named = formats.iter().take(NAMED);
                let named: Vec<String> = named
                    .map(|(format, count)| format!("{} ({})", self.title(format), grouped(*count)))
                    .collect();
                let more = formats.len().saturating_sub(NAMED);
                let more = if more > 0 {
                    format!(" and {more} more")
                } else {
                    String::new()
                };
                format!("{}{more}", named.join(", "))
            }
        };
        if total == 1 {
            formats
        } else {
            format!("{} outputs: {formats}", grouped(total))
        }
    }

    /// Whether something of a text was not understood.
    pub fn has_problems(source: &SourceView) -> bool {
        source.problems > 0 || source.formats.iter().any(|(format, _)| format == "unknown")
    }

    /// What a person calls a format.
    pub fn title<'a>(&'a self, format: &'a str) -> &'a str {
        let known = self.workbench.formats.iter().find(|known| known.name == format);
        known.map_or(format, |known| known.title.as_str())
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
            text: *self.texts.get(cite.source)?,
            line: cite.first,
        })
    }

    /// The index in the analysis of a text.
    pub fn index_of(&self, text: TextId) -> Option<usize> {
        self.index.get(&text).copied()
    }

    /// What rests on a line, in words.
    pub fn rests_on(&self, text: TextId, line: usize) -> Vec<Rest> {
        let Some(index) = self.index_of(text) else {
            return Vec::new();
        };
        let (mut rests, mut cells, mut more) = (Vec::new(), 0, 0);
        for what in self.evidence.on(index, line) {
            if self.is_cell(what) {
                cells += 1;
                if cells > CELLS {
                    more += 1;
                    continue;
                }
            }
            rests.push(Rest {
                what,
                label: self.label(what),
            });
        }
        if more > 0
            && let Some(last) = rests.iter_mut().rev().find(|rest| self.is_cell(rest.what))
        {
            last.label = format!("{} (and {} cells more)", last.label, grouped(more));
        }
        rests
    }

    /// Whether it is a cell of a table, of which hundreds can rest on a line.
    fn is_cell(&self, selection: Selection) -> bool {
        let Selection::Step(picture, _) = selection else {
            return false;
        };
        let picture = self.workbench.pictures.get(picture);
        picture.is_some_and(|picture| is_table(&picture.kind))
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
                let picture = self.workbench.pictures.get(picture);
                if let Some(cell) = picture
                    .filter(|picture| is_table(&picture.kind))
                    .and_then(|picture| picture.steps.get(step))
                {
                    return format!("{} {}", cell.actor, cell.action);
                }
                let kind = picture.map_or("picture", |picture| kind_in_words(&picture.kind));
                format!("Step {} of the {}", step + 1, lowercase_first(kind))
            }
            Selection::Segment(_) => "A command's output".into(),
            Selection::Problem(_) => "Something that was not read".into(),
        }
    }
}

/// No more cells than this are listed as resting on a line.
const CELLS: usize = 12;

/// Whether a kind of picture is a table, which has cells instead of steps, and no verdict of its own.
pub fn is_table(kind: &str) -> bool {
    matches!(kind, "policies" | "addresses")
}

/// The name of a kind of picture, as a heading.
pub fn kind_in_words(kind: &str) -> &'static str {
    match kind {
        "packet-path" => "Packet path",
        "dns" => "DNS flow",
        "auth" => "Auth flow",
        "policies" => "Policy matrix",
        "addresses" => "Address map",
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
    use whypath_analyzers::view::{FormatView, ProblemView};

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
        assert!(outcome.rests_on(TextId::first_of(1), 1).is_empty());
    }

    #[test]
    fn of_the_cells_that_rest_on_a_line_some_are_listed() {
        use whypath_analyzers::view::StepView;
        let cite = CiteView {
            source: 0,
            first: 3,
            last: 3,
            label: String::new(),
        };
        let cell = |number: usize| StepView {
            actor: format!("web-{number}"),
            action: "→ db: nothing, by NetworkPolicy shop/db".into(),
            verdict: "blocked".into(),
            note: None,
            cites: vec![cite.clone()],
        };
        let workbench = Workbench {
            sources: vec![SourceView::default()],
            pictures: vec![PictureView {
                kind: "policies".into(),
                title: String::new(),
                subtitle: String::new(),
                verdict: "passes".into(),
                svg: String::new(),
                mermaid: String::new(),
                steps: (0..15).map(cell).collect(),
                ..PictureView::default()
            }],
            ..Workbench::default()
        };
        let outcome = Outcome::new(workbench, vec![TextId::first_of(1)]);
        let rests = outcome.rests_on(TextId::first_of(1), 3);
        assert_eq!(rests.len(), 12);
        assert_eq!(rests[0].label, "web-0 → db: nothing, by NetworkPolicy shop/db");
        assert!(
            rests[11].label.ends_with("shop/db (and 3 cells more)"),
            "{}",
            rests[11].label
        );
    }

    #[test]
    fn what_is_said_agrees_with_what_is_seen() {
        let picture = |kind: &str, verdict: &str| PictureView {
            kind: kind.into(),
            verdict: verdict.into(),
            ..PictureView::default()
        };
        let said = |pictures: Vec<PictureView>, recognised| {
            let segments = vec![SegmentView {
                source: 0,
                first: 1,
                last: 1,
                command: None,
                format: "log".into(),
                reads: String::new(),
                recognised,
                confidence: 98,
                chosen: false,
            }];
            let workbench = Workbench {
                sources: vec![SourceView::default()],
                segments,
                pictures,
                ..Workbench::default()
            };
            Outcome::new(workbench, vec![TextId::first_of(1)]).in_a_sentence()
        };
        assert_eq!(said(Vec::new(), true), "Done: no fault was found.");
        assert_eq!(said(Vec::new(), false), "Done: nothing was recognised.");
        assert_eq!(
            said(vec![picture("packet-path", "blocked")], true),
            "Done: 1 picture shows something that stops."
        );
        assert_eq!(
            said(vec![picture("auth", "unknown")], true),
            "Done: no fault is proved, but something that would decide is missing."
        );
        // A table judges nothing.
        assert_eq!(
            said(vec![picture("policies", "blocked")], true),
            "Done: no fault was found."
        );
    }

    #[test]
    fn what_a_text_was_read_as_is_said_in_words() {
        let format = |name: &str, title: &str| FormatView {
            name: name.into(),
            title: title.into(),
        };
        let workbench = Workbench {
            formats: vec![format("log", "a log"), format("unknown", "not recognised")],
            ..Workbench::default()
        };
        let outcome = Outcome::new(workbench, Vec::new());
        let said = |formats: &[(&str, usize)]| {
            let formats = formats
                .iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect();
            outcome.read_as(&SourceView {
                formats,
                ..SourceView::default()
            })
        };
        assert_eq!(said(&[]), "");
        assert_eq!(said(&[("log", 1)]), "a log");
        assert_eq!(said(&[("log", 1200)]), "1,200 outputs: a log");
        assert_eq!(
            said(&[("log", 2), ("unknown", 1)]),
            "3 outputs: a log (2), not recognised (1)"
        );
        assert_eq!(
            said(&[("log", 2), ("a", 1), ("b", 1), ("c", 1), ("d", 1)]),
            "6 outputs: a log (2), a (1), b (1) and 2 more"
        );
    }

    #[test]
    fn problems_stand_in_the_order_of_their_lines_and_what_concerns_all_comes_last() {
        let problem = |source, first, last| ProblemView {
            source,
            first,
            last,
            message: String::new(),
            guess: None,
        };
        let source = || SourceView {
            lines: 9,
            ..SourceView::default()
        };
        let workbench = Workbench {
            sources: vec![source(), source()],
            problems: vec![problem(0, 1, 9), problem(1, 4, 4), problem(0, 7, 8), problem(0, 1, 2)],
            ..Workbench::default()
        };
        let texts = vec![TextId::first_of(5), TextId { source: 6, member: 1 }];
        let outcome = Outcome::new(workbench, texts);
        assert_eq!(outcome.problems_of(0), [3, 2, 0]);
        assert_eq!(outcome.problems_of(1), [1]);
        assert_eq!(outcome.of_source(6).collect::<Vec<_>>(), [1]);
        assert!(outcome.of_source(7).next().is_none());
    }
}
