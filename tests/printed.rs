//! What tools printed: the documents that are read from it, and what differs from the same tools' own JSON.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;
use whypath_analyzers::artifact::Content;

use crate::analyze_texts;

/// The documents of a text with their formats, and the problems.
pub fn read(text: &str) -> (Vec<(String, Value)>, Vec<String>) {
    let analysis = analyze_texts(&[("paste", text)]);
    let documents = analysis
        .artifacts
        .iter()
        .filter_map(|(_, artifact)| match &artifact.content {
            Content::Document(document) => Some((artifact.kinds[0].0.clone(), document.value.to_json())),
            _ => None,
        })
        .collect();
    let problems = analysis
        .problems
        .iter()
        .map(|problem| format!("{}: {}", analysis.sources.text(problem.span), problem.message))
        .collect();
    (documents, problems)
}

/// Compares every member; how many there were.
pub fn differences(at: &str, ours: &Value, theirs: &Value, faults: &mut Vec<String>) -> usize {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            names
                .into_iter()
                .map(|name| {
                    let at = format!("{at}/{name}");
                    match (a.get(name), b.get(name)) {
                        (Some(a), Some(b)) => differences(&at, a, b, faults),
                        (a, b) => {
                            faults.push(format!("{at}: {a:?} read, {b:?} printed as JSON"));
                            0
                        }
                    }
                })
                .sum()
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .map(|(i, (a, b))| differences(&format!("{at}/{i}"), a, b, faults))
            .sum(),
        _ => {
            if ours != theirs {
                faults.push(format!("{at}: {ours} read, {theirs} printed as JSON"));
            }
            1
        }
    }
}

/// Why a test that sets up network namespaces with these tools cannot run here. Each tool with the option that prints its version.
pub fn missing(tools: &[(&str, &str)]) -> Option<String> {
    for (tool, version) in tools {
        if Command::new(tool).arg(version).output().is_err() {
            return Some(format!("there is no {tool}"));
        }
    }
    let name = format!("wp{}-probe", std::process::id());
    let netns = |verb: &str| {
        Command::new("ip")
            .args(["netns", verb, &name])
            .output()
            .is_ok_and(|output| output.status.success())
    };
    let can = netns("add");
    netns("del");
    (!can).then(|| "this user may not make network namespaces".to_owned())
}
