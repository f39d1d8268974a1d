//! One HTML file with the whole report, for those who have no page to open it with: no script, nothing loaded, the
//! pictures inside.

use std::fmt::Write as _;

use super::markdown::folded_ways;
use super::svg::{self, escape};
use crate::analysis::Analysis;
use crate::diagram;
use crate::evidence::Evidence;
use crate::finding::Finding;
use crate::flow::{Next, Step, Verdict};
use crate::redact;

/// No more problems than this are listed; the total is told.
const PROBLEMS: usize = 50;

/// The report with its pictures.
pub fn report(analysis: &Analysis) -> String {
    let mut out = String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
    // The file asks nobody for anything, whatever was pasted.
    out.push_str(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
    );
    let title = analysis
        .findings
        .first()
        .map_or("Whypath report", |finding| finding.title.as_str());
    let _ = writeln!(out, "<title>{}</title>", text(title));
    let _ = writeln!(
        out,
        "<style>\n{}{}</style>\n</head>\n<body>",
        include_str!("report.css"),
        svg::STYLESHEET
    );
    if analysis.findings.is_empty() {
        out.push_str("<h1>Whypath report</h1>\n<p>Nothing wrong was found in what was pasted.</p>\n");
    }
    for finding in &analysis.findings {
        write_finding(analysis, finding, &mut out);
    }
    write_next(&analysis.next, "Run this next", &mut out);
    for flow in &analysis.flows.all {
        let _ = writeln!(out, "<section>\n<h2>{}</h2>", text(&flow.title));
        // A table has no verdict as a whole, and its cells say what its steps would.
        let is_table = flow.kind.is_table();
        let word = flow.verdict.word();
        let verdict = if is_table {
            String::new()
        } else {
            format!("<b class=\"{word}\">{word}</b> ")
        };
        let _ = writeln!(out, "<p class=\"note\">{verdict}{}</p>", text(&flow.subtitle));
        let _ = writeln!(out, "<figure>{}</figure>", svg::write(&diagram::draw(flow)).trim_end());
        for (words, ends) in folded_ways(flow) {
            let _ = writeln!(out, "<p class=\"note\">{}: {}</p>", text(&words), text(&ends));
        }
        if is_table {
            out.push_str("<details><summary>The cells in words</summary>\n");
        }
        out.push_str("<ol class=\"steps\">\n");
        for step in flow
            .steps()
            .filter(|step| !is_table || step.verdict != Verdict::Assumed)
        {
            write_step(analysis, step, &mut out);
        }
        out.push_str("</ol>\n");
        if is_table {
            out.push_str("</details>\n");
        }
        out.push_str("</section>\n");
    }
    write_problems(analysis, &mut out);
    out.push_str("</body>\n</html>\n");
    out
}

/// Text with secrets taken out and markup escaped.
fn text(plain: &str) -> String {
    escape(&redact::secrets(plain))
}

fn write_finding(analysis: &Analysis, finding: &Finding, out: &mut String) {
    let _ = writeln!(out, "<section class=\"finding\">\n<h1>{}</h1>", text(&finding.title));
    let _ = writeln!(
        out,
        "<p class=\"note\">{} · {} · {}</p>",
        finding.code,
        finding.class.word(),
        text(&finding.subjects.join(", "))
    );
    out.push_str("<ol class=\"whys\">\n");
    for why in &finding.whys {
        let _ = writeln!(
            out,
            "<li>{}{}</li>",
            prose(&why.text),
            citations(analysis, &why.evidence)
        );
    }
    out.push_str("</ol>\n");
    if !finding.fix.trim().is_empty() {
        let _ = writeln!(out, "<h3>Fix</h3>\n{}", blocks(&finding.fix));
    }
    if !finding.verify.trim().is_empty() {
        let verify = finding.verify.trim();
        let body = if verify.contains("```") {
            blocks(verify)
        } else {
            format!("<pre>{}</pre>\n", text(verify))
        };
        let _ = writeln!(out, "<h3>Verify</h3>\n{body}");
    }
    excerpts(analysis, &finding.evidence, out);
    out.push_str("</section>\n");
}

fn excerpts(analysis: &Analysis, evidence: &[Evidence], out: &mut String) {
    let excerpts = analysis.excerpts(evidence);
    if excerpts.is_empty() {
        return;
    }
    out.push_str("<h3>Evidence</h3>\n");
    for excerpt in excerpts {
        let _ = writeln!(
            out,
            "<p class=\"note\">{}</p>\n<pre>{}</pre>",
            text(&excerpt.place),
            text(&excerpt.text)
        );
    }
}

fn write_next(all: &[Next], heading: &str, out: &mut String) {
    if all.is_empty() {
        return;
    }
    let _ = writeln!(out, "<section>\n<h2>{heading}</h2>");
    for next in all {
        let _ = writeln!(out, "<p>{}</p>\n<pre>{}</pre>", text(&next.why), text(&next.command));
    }
    out.push_str("</section>\n");
}

fn write_step(analysis: &Analysis, step: &Step, out: &mut String) {
    let to = step
        .to
        .as_ref()
        .map(|to| format!(" → {}", text(&to.name)))
        .unwrap_or_default();
    let note = step
        .note
        .as_ref()
        .map(|note| format!(" <i>{}</i>", text(note)))
        .unwrap_or_default();
    let _ = writeln!(
        out,
        "<li><b>{0}</b>{to}: {1} <b class=\"{3}\">{3}</b>{note}{2}</li>",
        text(&step.actor.name),
        text(&step.action),
        citations(analysis, &step.evidence),
        step.verdict.word()
    );
}

fn write_problems(analysis: &Analysis, out: &mut String) {
    if analysis.problems.is_empty() {
        return;
    }
    out.push_str("<section>\n<h2>Not recognised</h2>\n<ul>\n");
    for problem in analysis.problems.iter().take(PROBLEMS) {
        let lines = analysis.sources.lines(problem.span);
        let place = super::place(analysis.sources.name(problem.span.source), lines);
        let _ = writeln!(out, "<li>{}: {}</li>", text(&place), text(&problem.message));
    }
    if analysis.problems.len() > PROBLEMS {
        let _ = writeln!(out, "<li>… and {} more</li>", analysis.problems.len() - PROBLEMS);
    }
    out.push_str("</ul>\n</section>\n");
}

fn citations(analysis: &Analysis, evidence: &[Evidence]) -> String {
    let places = analysis.places(evidence);
    if places.is_empty() {
        return String::new();
    }
    format!(" <cite>{}</cite>", text(&places.join("; ")))
}

/// A sentence of a page: only code in backticks is marked up.
fn prose(markdown: &str) -> String {
    let safe = redact::secrets(markdown);
    let mut out = String::new();
    for (n, part) in safe.split('`').enumerate() {
        if n.is_multiple_of(2) {
            out.push_str(&escape(part));
        } else {
            let _ = write!(out, "<code>{}</code>", escape(part));
        }
    }
    out
}

/// A section of a page: paragraphs, lists as paragraphs, fenced code.
fn blocks(markdown: &str) -> String {
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut code: Option<(String, String)> = None;
    let flush = |paragraph: &mut String, out: &mut String| {
        if !paragraph.is_empty() {
            let _ = writeln!(out, "<p>{}</p>", prose(paragraph));
            paragraph.clear();
        }
    };
    for line in markdown.lines() {
        let fence: String = line.trim_start().chars().take_while(|&c| c == '`').collect();
        if let Some((open, body)) = &mut code {
            if fence.len() >= open.len() {
                let _ = writeln!(out, "<pre>{}</pre>", text(body.trim_end()));
                code = None;
            } else {
                body.push_str(line);
                body.push('\n');
            }
        } else if fence.len() >= 3 {
            flush(&mut paragraph, &mut out);
            code = Some((fence, String::new()));
        } else if line.trim().is_empty() {
            flush(&mut paragraph, &mut out);
        } else {
            if line.trim_start().starts_with("- ") {
                flush(&mut paragraph, &mut out);
            }
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim());
        }
    }
    if let Some((_, body)) = code {
        let _ = writeln!(out, "<pre>{}</pre>", text(body.trim_end()));
    }
    flush(&mut paragraph, &mut out);
    out
}
