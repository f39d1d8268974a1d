//! The members of an archive or a folder for people: what each was read as, and how much of it was not.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::files::name_of;
use whypath_analyzers::report::Read;

/// The longest path that others are padded to.
const WIDTH: usize = 60;
/// Problems of a member that are said one by one; `--json` has all.
const SAID: usize = 3;

/// A member.
#[derive(Default)]
struct Member<'a> {
    /// Its formats in order, each once.
    formats: Vec<&'a str>,
    /// The command that its name implies.
    implied: Option<&'a str>,
    kinds: BTreeMap<&'a str, usize>,
    problems: Vec<String>,
}

impl Member<'_> {
    /// What it was read as: `kubernetes-yaml: 12 × v1/Pod`.
    fn reads(&self) -> String {
        let formats = self
            .formats
            .iter()
            .map(|format| if *format == "unknown" { "not recognised" } else { format });
        let mut text = formats.collect::<Vec<_>>().join(", ");
        let kinds = self
            .kinds
            .iter()
            .filter(|(kind, count)| **count > 1 || !self.formats.contains(kind));
        let kinds: Vec<String> = kinds.map(|(kind, count)| format!("{count} × {kind}")).collect();
        if !kinds.is_empty() {
            let _ = write!(text, ": {}", kinds.join(", "));
        }
        text
    }
}

/// Whether a source is a member of an archive.
pub fn is_member(source: &str, archive: &str) -> bool {
    source.strip_prefix(archive).is_some_and(|rest| rest.starts_with('/'))
}

/// The archives and folders among the files: those that have members.
pub fn archives<'a>(report: &Read, files: &'a [String]) -> Vec<&'a str> {
    let has_members = |archive: &&str| {
        let sources = report.segments.iter().map(|segment| &segment.source);
        let mut sources = sources.chain(report.problems.iter().map(|problem| &problem.source));
        sources.any(|source| is_member(source, archive))
    };
    files.iter().map(|file| name_of(file)).filter(has_members).collect()
}

/// The list of an archive's members, and what is wrong with it and with them.
pub fn list(report: &Read, archive: &str) -> String {
    let mut order = Vec::new();
    let mut members: BTreeMap<&str, Member<'_>> = BTreeMap::new();
    let inside = |source: &str| is_member(source, archive);
    for segment in report.segments.iter().filter(|segment| inside(&segment.source)) {
        let member = members.entry(&segment.source).or_insert_with(|| {
            order.push(segment.source.as_str());
            Member::default()
        });
        if !member.formats.contains(&segment.format) {
            member.formats.push(segment.format);
        }
        if segment.implied && member.implied.is_none() {
            member.implied = segment.command.as_deref();
        }
    }
    for artifact in report.artifacts.iter().filter(|artifact| inside(&artifact.source)) {
        if let Some(member) = members.get_mut(artifact.source.as_str()) {
            *member.kinds.entry(&artifact.kind).or_default() += artifact.count;
        }
    }
    for problem in report.problems.iter().filter(|problem| inside(&problem.source)) {
        let member = members.entry(&problem.source).or_insert_with(|| {
            order.push(problem.source.as_str());
            Member::default()
        });
        let lines = problem.lines;
        member
            .problems
            .push(format!("{}-{}: {}", lines.first, lines.last, problem.message));
    }
    let path = |source: &str| source.get(archive.len() + 1..).unwrap_or_default().to_owned();
    let longest = order.iter().map(|source| path(source).chars().count()).max();
    let width = longest.unwrap_or_default().min(WIDTH);
    let mut out = format!("{archive}: {} members\n", order.len());
    for problem in report.problems.iter().filter(|problem| problem.source == archive) {
        let _ = writeln!(out, "  {}", problem.message);
    }
    for source in order {
        let Some(member) = members.get(source) else { continue };
        let mut row = format!("  {:<width$}  {}", path(source), member.reads());
        if let Some(command) = member.implied {
            let _ = write!(row, "  [{command}]");
        }
        match member.problems.len() {
            0 => {}
            1 => row.push_str("  1 problem"),
            count => {
                let _ = write!(row, "  {count} problems");
            }
        }
        out.push_str(row.trim_end());
        out.push('\n');
        for problem in member.problems.iter().take(SAID) {
            let _ = writeln!(out, "      {problem}");
        }
        if member.problems.len() > SAID {
            let _ = writeln!(out, "      … and {} more, see --json", member.problems.len() - SAID);
        }
    }
    out
}
