//! Markdown, for postmortem documents.

use std::fmt::Write as _;

use super::{mermaid, place, tables};
use crate::analysis::Analysis;
use crate::evidence::Evidence;
use crate::finding::Finding;
use crate::flow::packet_path::fold;
use crate::flow::{Flow, FlowKind};
use crate::redact;

/// No more problems than this are listed; the total is told.
const PROBLEMS: usize = 50;

/// The whole diagnosis: findings with whys and citations, what to run next, pictures as Mermaid.
pub fn report(analysis: &Analysis) -> String {
    let mut out = String::from("# Whypath report\n\n");
    if analysis.findings.is_empty() {
        out.push_str("Nothing wrong was found in what was pasted.\n\n");
    }
    for finding in &analysis.findings {
        write_finding(analysis, finding, &mut out);
    }
    if !analysis.next.is_empty() {
        out.push_str("## Run this next\n\n");
        for next in &analysis.next {
            let _ = writeln!(out, "{}\n", line(&next.why));
            block(&mut out, "sh", &next.command);
            if !next.decides.is_empty() {
                let _ = writeln!(out, "Decides: {}\n", next.decides.join(", "));
            }
        }
    }
    for flow in &analysis.flows.all {
        picture(flow, &mut out);
    }
    write_problems(analysis, &mut out);
    finish(&out)
}

/// One picture with its steps.
pub fn flow(analysis: &Analysis, flow: &Flow) -> String {
    let mut out = String::new();
    picture(flow, &mut out);
    for (n, step) in flow.steps().enumerate() {
        let to = step
            .to
            .as_ref()
            .map(|to| format!(" → {}", line(&to.name)))
            .unwrap_or_default();
        let _ = write!(
            out,
            "{}. {}{to}: {} — **{}**",
            n + 1,
            line(&step.actor.name),
            line(&step.action),
            step.verdict.word()
        );
        for value in &step.after {
            let before = step.before.iter().find(|(name, _)| *name == value.0);
            match before {
                Some((_, before)) if *before != value.1 => {
                    let _ = write!(out, "; {} {} → {}", value.0, code(before), code(&value.1));
                }
                Some(_) => {}
                None => {
                    let _ = write!(out, "; {} {}", value.0, code(&value.1));
                }
            }
        }
        if let Some(note) = &step.note {
            let _ = write!(out, "; {}", line(note));
        }
        let _ = writeln!(out, "{}", citations(analysis, &step.evidence));
    }
    out.push('\n');
    if !flow.next.is_empty() {
        out.push_str("Run this next:\n\n");
        for next in &flow.next {
            let _ = writeln!(out, "{}\n", line(&next.why));
            block(&mut out, "sh", &next.command);
        }
    }
    finish(&out)
}

fn finish(out: &str) -> String {
    let mut out = redact::secrets(out.trim_end()).into_owned();
    out.push('\n');
    out
}

fn write_finding(analysis: &Analysis, finding: &Finding, out: &mut String) {
    let _ = writeln!(out, "## {}\n", line(&finding.title));
    let _ = write!(out, "**{}** · {}", finding.code, finding.class.word());
    if !finding.subjects.is_empty() {
        let subjects: Vec<String> = finding.subjects.iter().map(|subject| code(subject)).collect();
        let _ = write!(out, " · {}", subjects.join(", "));
    }
    if !finding.root {
        let causes: Vec<&str> = analysis
            .findings
            .iter()
            .filter(|cause| {
                cause.explains.iter().any(|&at| {
                    analysis
                        .findings
                        .get(at)
                        .is_some_and(|other| std::ptr::eq(other, finding))
                })
            })
            .map(|cause| cause.code)
            .collect();
        if !causes.is_empty() {
            let _ = write!(out, " · explained by {}", causes.join(", "));
        }
    }
    out.push_str("\n\n");
    for (n, why) in finding.whys.iter().enumerate() {
        let _ = writeln!(
            out,
            "{}. {}{}",
            n + 1,
            line(&why.text),
            citations(analysis, &why.evidence)
        );
    }
    if !finding.whys.is_empty() {
        out.push('\n');
    }
    if !finding.fix.trim().is_empty() {
        let _ = writeln!(out, "### Fix\n\n{}\n", finding.fix.trim());
    }
    if !finding.verify.trim().is_empty() {
        out.push_str("### Verify\n\n");
        // A page may write prose with its own code block, or the bare command.
        if finding.verify.contains("```") {
            let _ = writeln!(out, "{}\n", finding.verify.trim());
        } else {
            block(out, "sh", finding.verify.trim());
        }
    }
    evidence(analysis, &finding.evidence, out);
}

/// The cited lines themselves.
fn evidence(analysis: &Analysis, all: &[Evidence], out: &mut String) {
    let excerpts = analysis.excerpts(all);
    if excerpts.is_empty() {
        return;
    }
    out.push_str("### Evidence\n\n");
    for excerpt in excerpts {
        let _ = writeln!(out, "{}:\n", line(&excerpt.place));
        block(out, "text", &excerpt.text);
    }
}

fn picture(flow: &Flow, out: &mut String) {
    let _ = writeln!(out, "## {}\n", line(&flow.title));
    if flow.kind.is_table() {
        tables::write(flow, out);
        return;
    }
    let _ = write!(out, "**{}**", flow.verdict.word());
    if !flow.subtitle.is_empty() {
        let _ = write!(out, " · {}", line(&flow.subtitle));
    }
    out.push_str("\n\n");
    block(out, "mermaid", mermaid::write(flow).trim_end());
    for (words, ends) in folded_ways(flow) {
        let _ = writeln!(out, "{}: {}\n", line(&words), line(&ends));
    }
}

/// The ways that a picture shows as one, and where they end.
pub(super) fn folded_ways(flow: &Flow) -> Vec<(String, String)> {
    if flow.kind != FlowKind::PacketPath {
        return Vec::new();
    }
    let ways = fold::fold(&redact::flow(flow))
        .map(|folded| folded.ways)
        .unwrap_or_default();
    ways.iter()
        .filter_map(|way| Some((way.words()?, way.ends.join(", "))))
        .collect()
}

fn write_problems(analysis: &Analysis, out: &mut String) {
    if analysis.problems.is_empty() {
        return;
    }
    out.push_str("## Not recognised\n\n");
    for problem in analysis.problems.iter().take(PROBLEMS) {
        let lines = analysis.sources.lines(problem.span);
        let name = analysis.sources.name(problem.span.source);
        let _ = writeln!(out, "- {}: {}", line(&place(name, lines)), line(&problem.message));
    }
    if analysis.problems.len() > PROBLEMS {
        let _ = writeln!(out, "- … and {} more", analysis.problems.len() - PROBLEMS);
    }
    out.push('\n');
}

/// ` (paste 1 lines 3–5; nodes.txt line 7)`
fn citations(analysis: &Analysis, all: &[Evidence]) -> String {
    let places = analysis.places(all);
    if places.is_empty() {
        return String::new();
    }
    format!(" ({})", line(&places.join("; ")))
}

/// Text of one line that means nothing to a Markdown reader but itself, except for code in backticks, which pages use.
pub(super) fn line(text: &str) -> String {
    let mut out = String::new();
    let mut in_code = false;
    let balanced = text.matches('`').count().is_multiple_of(2);
    for c in text.chars() {
        match c {
            '`' if balanced => {
                in_code = !in_code;
                out.push(c);
            }
            '\n' | '\r' | '\t' => out.push(' '),
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '`' | '|' | '#' if !in_code => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Code in a line, with as many backticks as it takes (CommonMark 0.31, section 6.1).
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let fence = "`".repeat(longest_run(&text) + 1);
    if text.starts_with('`') || text.ends_with('`') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// A fenced block whose fence is longer than any run of backticks in it (CommonMark 0.31, section 4.5).
fn block(out: &mut String, info: &str, text: &str) {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let _ = writeln!(out, "{fence}{info}\n{text}\n{fence}\n");
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut now) = (0, 0);
    for c in text.chars() {
        now = if c == '`' { now + 1 } else { 0 };
        longest = longest.max(now);
    }
    longest
}
