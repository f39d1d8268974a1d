//! Output for people.

use std::fmt::Write as _;

use super::members;
use whypath_analyzers::flow::packet_path::report::RemedyReport;
use whypath_analyzers::flow::policy::reach;
use whypath_analyzers::flow::{Flow, Next, Step, Verdict};
use whypath_analyzers::report::{Read, ReadProblem};
use whypath_analyzers::{Analysis, evidence::Evidence};

/// `read`: archives as lists of their members, then the parts of the other files.
pub fn read(report: &Read, files: &[String]) -> String {
    let archives = members::archives(report, files);
    let mut out: String = archives.iter().map(|archive| members::list(report, archive)).collect();
    let told = |source: &str| {
        let mut archives = archives.iter();
        archives.any(|archive| source == *archive || members::is_member(source, archive))
    };
    for segment in report.segments.iter().filter(|segment| !told(&segment.source)) {
        let command = match &segment.command {
            Some(command) if segment.implied => format!("(implied: {command})"),
            Some(command) => command.clone(),
            None => "(no command)".to_owned(),
        };
        line(
            &mut out,
            &format!(
                "{}:{}-{}  {:<16} {command}",
                segment.source, segment.lines.first, segment.lines.last, segment.format
            ),
        );
    }
    for artifact in report.artifacts.iter().filter(|artifact| !told(&artifact.source)) {
        line(
            &mut out,
            &format!(
                "{}:{}-{}  {} × {}",
                artifact.source, artifact.lines.first, artifact.lines.last, artifact.count, artifact.kind
            ),
        );
    }
    problems(
        &mut out,
        report.problems.iter().filter(|problem| !told(&problem.source)),
    );
    out
}

/// `diagnose`.
pub fn diagnosis(analysis: &Analysis) -> String {
    let mut out = String::new();
    let stopped: Vec<&Flow> = analysis
        .flows
        .all
        .iter()
        .filter(|flow| flow.verdict == Verdict::Blocked)
        .collect();
    if analysis.findings.is_empty() && stopped.is_empty() {
        line(&mut out, "Nothing in what was read is wrong, as far as it can be told.");
    }
    if analysis.findings.is_empty() {
        // No rule explains why, but where it stops is known.
        for one in stopped {
            out.push_str(&flow(analysis, one));
            out.push('\n');
        }
    }
    for finding in &analysis.findings {
        line(
            &mut out,
            &format!("{} {}: {}", finding.class.word(), finding.code, finding.title),
        );
        for (number, why) in finding.whys.iter().enumerate() {
            line(
                &mut out,
                &format!("  {}. {}{}", number + 1, why.text, citations(analysis, &why.evidence)),
            );
        }
        line(&mut out, "  Fix:");
        indented(&mut out, &finding.fix);
        line(&mut out, "  Verify:");
        indented(&mut out, &finding.verify);
        out.push('\n');
    }
    next(&mut out, &analysis.next);
    problems(&mut out, &analysis.problem_report());
    out
}

/// `reach`: an edge a line.
pub fn reach(report: &reach::Report) -> String {
    let mut out = String::new();
    for edge in &report.edges {
        let ports = match &edge.ports {
            reach::PortWords::All(all) => (*all).to_owned(),
            reach::PortWords::Some(ports) => ports.join(", "),
        };
        let by = if edge.decided_by.is_empty() {
            String::new()
        } else {
            format!("  ({})", edge.decided_by.join(", "))
        };
        line(&mut out, &format!("{} → {}: {ports}{by}", edge.from, edge.to));
    }
    for unread in &report.unread {
        line(&mut out, &format!("not read: {unread}"));
    }
    next(&mut out, &report.next);
    out
}

/// One flow.
pub fn flow(analysis: &Analysis, flow: &Flow) -> String {
    let mut out = String::new();
    line(
        &mut out,
        &format!("{}: {} ({})", flow.verdict.word(), flow.title, flow.subtitle),
    );
    for outcome in &flow.outcomes {
        let label = if outcome.label.is_empty() {
            String::new()
        } else {
            format!(" {}", outcome.label)
        };
        line(
            &mut out,
            &format!("  {} {:.0} %{label}", outcome.verdict.word(), outcome.share * 100.0),
        );
        for one in &outcome.steps {
            step(&mut out, analysis, one);
        }
        if let Some(back) = &outcome.back {
            line(&mut out, &format!("    and back: {}", back.verdict.word()));
            for one in &back.steps {
                step(&mut out, analysis, one);
            }
        }
    }
    next(&mut out, &flow.next);
    out
}

/// What would open a path that stops.
pub fn what_if(remedies: &[RemedyReport]) -> String {
    let mut out = String::new();
    if remedies.is_empty() {
        line(
            &mut out,
            "What if: no single change that is tried would lead the packet further.",
        );
        return out;
    }
    line(&mut out, "What if:");
    for remedy in remedies {
        let reason = remedy
            .reason
            .map(|reason| format!(", {}", reason.code()))
            .unwrap_or_default();
        line(
            &mut out,
            &format!("  {}: {}{reason}", remedy.words, remedy.verdict.word()),
        );
        line(&mut out, &format!("    --if '{}'", remedy.change));
        if let Some(command) = &remedy.command {
            line(&mut out, &format!("    {command}"));
        }
    }
    out
}

fn step(out: &mut String, analysis: &Analysis, step: &Step) {
    let values = |values: &[(&str, String)]| {
        values
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut text = format!("    [{}] {}: {}", step.verdict.word(), step.actor.name, step.action);
    if !step.before.is_empty() {
        let _ = write!(text, " | {}", values(&step.before));
    }
    if !step.after.is_empty() && step.after != step.before {
        let _ = write!(text, " → {}", values(&step.after));
    }
    if let Some(note) = &step.note {
        let _ = write!(text, " ({note})");
    }
    text.push_str(&citations(analysis, &step.evidence));
    line(out, &text);
}

fn citations(analysis: &Analysis, evidence: &[Evidence]) -> String {
    let places: Vec<String> = analysis
        .cited(evidence)
        .iter()
        .map(|cited| {
            let source = analysis.sources.name(cited.source);
            if cited.lines.first == cited.lines.last {
                format!("{source}:{}", cited.lines.first)
            } else {
                format!("{source}:{}-{}", cited.lines.first, cited.lines.last)
            }
        })
        .collect();
    if places.is_empty() {
        String::new()
    } else {
        format!(" [{}]", places.join(", "))
    }
}

fn next(out: &mut String, all: &[Next]) {
    if all.is_empty() {
        return;
    }
    line(out, "Run this next:");
    for next in all {
        line(out, &format!("  {}", next.command));
        let decides = match next.decides.as_slice() {
            [] => String::new(),
            codes => format!(" (decides {})", codes.join(", ")),
        };
        line(out, &format!("    {}{decides}", next.why));
    }
}

fn problems<'a>(out: &mut String, problems: impl IntoIterator<Item = &'a ReadProblem>) {
    for problem in problems {
        line(
            out,
            &format!(
                "{}:{}-{}: {}",
                problem.source, problem.lines.first, problem.lines.last, problem.message
            ),
        );
    }
}

fn indented(out: &mut String, text: &str) {
    for one in text.lines() {
        line(out, &format!("    {one}"));
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}
