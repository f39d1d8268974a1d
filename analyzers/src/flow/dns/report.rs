//! `whypath dns`, in the shape of the terminal's contract.

use serde::Serialize;

use crate::analysis::Analysis;
use crate::evidence::Citation;
use crate::flow::{Details, Flow, Reason, Step, Values, Verdict};

/// The answer of `whypath dns`.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Every query, in order.
    pub queries: Vec<ReportedQuery>,
    /// What came of the lookup: `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED`, `timeout` or `unknown`.
    pub rcode: String,
    /// The records that came back in the end.
    pub answers: Vec<String>,
    /// How many of the queries were, or would be, needless.
    pub wasted: usize,
    /// What is known of the whole.
    pub verdict: Verdict,
    /// What to run to know more.
    pub next: Vec<crate::flow::Next>,
}

/// One query.
#[derive(Debug, Serialize)]
pub struct ReportedQuery {
    /// The name asked for.
    pub name: String,
    /// The type asked for.
    #[serde(rename = "type")]
    pub qtype: String,
    /// The address of the server, or its name where the address is not known.
    pub server: String,
    /// What answered behind that address; `None` where the paste does not tell.
    pub answered_by: Option<String>,
    /// What came back.
    pub rcode: String,
    /// The records.
    pub answers: Vec<String>,
    /// What is known of it.
    pub verdict: Verdict,
    /// The lines that prove it.
    pub evidence: Vec<Citation>,
}

/// Reports a DNS flow of the analysis.
pub fn report(analysis: &Analysis, flow: &Flow) -> Report {
    let queries: Vec<ReportedQuery> = flow.steps().map(|step| reported(analysis, step)).collect();
    let last = queries.last().map(|query| query.name.clone()).unwrap_or_default();
    let of_last = || queries.iter().filter(|query| query.name == last);
    // One type that is answered makes the lookup succeed.
    let decisive = of_last()
        .find(|query| query.rcode == "NOERROR" && !query.answers.is_empty())
        .or_else(|| of_last().find(|query| query.rcode == "NOERROR"))
        .or_else(|| of_last().next());
    let mut answers: Vec<String> = of_last().flat_map(|query| query.answers.iter().cloned()).collect();
    answers.dedup();
    Report {
        rcode: decisive.map_or_else(|| "unknown".to_owned(), |query| query.rcode.clone()),
        answers,
        wasted: match &flow.details {
            Details::Dns(details) => details.wasted,
            _ => 0,
        },
        verdict: flow.verdict,
        next: flow.next.clone(),
        queries,
    }
}

fn reported(analysis: &Analysis, step: &Step) -> ReportedQuery {
    let rcode = value(&step.after, "rcode").map_or_else(
        || {
            if step.reason == Some(Reason::Timeout) {
                "timeout".to_owned()
            } else {
                "unknown".to_owned()
            }
        },
        str::to_owned,
    );
    ReportedQuery {
        name: value(&step.before, "name").unwrap_or_default().to_owned(),
        qtype: value(&step.before, "type").unwrap_or_default().to_owned(),
        server: step.to.as_ref().map_or_else(String::new, |to| {
            to.id.strip_prefix("dns:").unwrap_or(&to.name).to_owned()
        }),
        answered_by: None,
        rcode,
        answers: value(&step.after, "answers")
            .map(|answers| {
                answers
                    .split(", ")
                    .filter(|answer| !answer.is_empty())
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default(),
        verdict: step.verdict,
        evidence: analysis.cite(&step.evidence),
    }
}

fn value<'v>(values: &'v Values, key: &str) -> Option<&'v str> {
    values
        .iter()
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value.as_str())
}
