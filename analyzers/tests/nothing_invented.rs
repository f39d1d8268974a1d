//! No answer is invented: without any one of its documents, a packet path says the same and still proves it, or it says that it does not know
//! and names the command that brings that document back. What passed may become assumed, where each step that is names the documented default
//! that it rests on: that is to claim less.
//!
//! It runs over every scenario and every case of the rules' pages that has a packet path, so that new ones are looked at, too.

#![allow(clippy::print_stdout, reason = "a test: it says how much it ran")]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use whypath_analyzers::artifact::{ArtifactId, Artifacts};
use whypath_analyzers::finding::page;
use whypath_analyzers::flow::{Flow, FlowKind, Verdict, packet_path};
use whypath_analyzers::model::Model;
use whypath_analyzers::segment::CommandLine;
use whypath_analyzers::{Analysis, Input, analysis, analyze, scenario};

fn input(paste: &str) -> Vec<Input> {
    vec![Input {
        name: "paste 1".to_owned(),
        bytes: paste.as_bytes().to_vec(),
    }]
}

/// Everything that the page offers and tests, by name.
fn pastes() -> Vec<(String, String)> {
    let scenarios = scenario::ALL
        .iter()
        .map(|scenario| (scenario.code.to_owned(), scenario.paste.to_owned()));
    let cases = page::ALL.iter().flat_map(|(code, page)| {
        page.cases
            .iter()
            .map(move |case| (format!("{code} {}", case.id), case.paste.clone()))
    });
    scenarios.chain(cases).collect()
}

/// What a command prints, so that two of them can be compared: an operation of AWS, a kind of objects, else the program.
fn prints(command: &str) -> BTreeSet<String> {
    // Each of these tells what the other one does.
    const SAME: [&[&str]; 9] = [
        &["describe-network-interfaces", "describe-instances"],
        &["describe-security-groups", "describe-security-group-rules"],
        &["describe-load-balancers", "ingress", "service", "describe-listeners"],
        &[
            "describe-prefix-lists",
            "describe-managed-prefix-lists",
            "get-managed-prefix-list-entries",
        ],
        &["describe-subnets", "describe-vpcs"],
        &["node", "describe-instances", "pod"],
        &["iptables-save", "iptables", "nft", "ipvsadm"],
        &["endpoint", "endpointslice", "pod"],
        &[
            "describe-target-group-attributes",
            "describe-target-groups",
            "service",
            "ingress",
        ],
    ];
    let line = CommandLine::new(command);
    let line = line.inner().unwrap_or(line);
    let words: Vec<String> = if line.is_kubectl() {
        let positional = line.positional();
        let kinds = positional.get(1).copied().unwrap_or_default();
        kinds.split(',').map(kind).collect()
    } else {
        vec![line.short_name()]
    };
    let mut all: BTreeSet<String> = words.iter().cloned().collect();
    for same in SAME {
        if words.iter().any(|word| same.contains(&word.as_str())) {
            all.extend(same.iter().map(|word| (*word).to_owned()));
        }
    }
    all
}

/// `networkpolicies` and `netpol` are `networkpolicy`.
fn kind(word: &str) -> String {
    let word = word.split('/').next().unwrap_or_default();
    let word = word.split('.').next().unwrap_or_default().to_lowercase();
    let long = match word.as_str() {
        "po" => "pod",
        "svc" => "service",
        "no" => "node",
        "ep" => "endpoint",
        "ns" => "namespace",
        "ing" => "ingress",
        "netpol" => "networkpolicy",
        "ds" => "daemonset",
        "sa" => "serviceaccount",
        "cm" => "configmap",
        _ => "",
    };
    if !long.is_empty() {
        return long.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    if word == "ingress" {
        return word;
    }
    word.strip_suffix("es")
        .filter(|stem| stem.ends_with("ss"))
        .or_else(|| word.strip_suffix('s'))
        .unwrap_or(&word)
        .to_owned()
}

/// The artifacts but one.
fn without(artifacts: &Artifacts, left_out: ArtifactId) -> Artifacts {
    let mut left = Artifacts::default();
    for (id, artifact) in artifacts.iter() {
        if id != left_out {
            left.add(artifact.clone());
        }
    }
    left
}

/// Whether a path that changed its verdict claims no more than it did.
fn claims_less(whole: &Flow, left: &Flow, disagree: bool) -> bool {
    let named = left
        .steps()
        .filter(|step| step.verdict == Verdict::Assumed)
        .all(|step| step.note.as_ref().is_some_and(|note| !note.is_empty()));
    match (whole.verdict, left.verdict) {
        (Verdict::Passes, Verdict::Assumed) => named,
        // Of two documents that disagree nobody knows which is true; each alone is believed as far as it goes.
        (Verdict::Unknown, Verdict::Assumed) => disagree,
        _ => false,
    }
}

/// What is wrong with a path that lost a document, whose command is told; `disagree` where documents of the whole contradict each other.
fn wrong(whole: &Flow, left: Option<&Flow>, model: &Model<'_>, command: &str, disagree: bool) -> Option<String> {
    let Some(left) = left else {
        return Some("it is not asked any more".to_owned());
    };
    let steps = || {
        left.steps().fold(String::new(), |mut all, step| {
            let _ = write!(
                all,
                "\n        {} {}: {}",
                step.verdict.word(),
                step.actor.name,
                step.action
            );
            all
        })
    };
    if left.verdict == whole.verdict {
        let bare = left.steps().find(|step| {
            matches!(step.verdict, Verdict::Passes | Verdict::Blocked)
                && !step
                    .evidence
                    .iter()
                    .any(|evidence| evidence.span(model.sources, model.artifacts).is_some())
        });
        return bare.map(|step| format!("`{}` {} without evidence", step.action, step.verdict.word()));
    }
    if claims_less(whole, left, disagree) {
        return None;
    }
    if left.verdict != Verdict::Unknown {
        return Some(format!(
            "{} becomes {}{}",
            whole.verdict.word(),
            left.verdict.word(),
            steps()
        ));
    }
    let wanted = prints(command);
    let brings = left.next.iter().any(|next| !prints(&next.command).is_disjoint(&wanted));
    (!brings).then(|| {
        let next: Vec<&str> = left.next.iter().map(|next| next.command.as_str()).collect();
        format!("nothing of {next:?} brings it back{}", steps())
    })
}

/// The paths of a paste, and what is wrong with each that lost a document.
fn check(name: &str, paste: &str, failures: &mut Vec<String>) -> (usize, usize) {
    let whole = analyze(input(paste), &mut |_| {});
    let paths: Vec<&Flow> = whole.flows.of(FlowKind::PacketPath).map(|(_, flow)| flow).collect();
    let disagree = whole.findings.iter().any(|finding| finding.code == "SVC-015");
    let mut removed = 0;
    if paths.is_empty() {
        return (0, 0);
    }
    for (id, artifact) in whole.artifacts.iter() {
        let command = command_of(&whole, artifact.segment);
        let artifacts = without(&whole.artifacts, id);
        let model = Model::new(&whole.sources, &whole.segments, &artifacts);
        removed += 1;
        for path in &paths {
            let left = packet_path::again(&model, path);
            if let Some(why) = wrong(path, left.as_ref(), &model, &command, disagree) {
                failures.push(format!("{name}: {} without what `{command}` said: {why}", path.title));
            }
        }
    }
    for (index, segment) in whole.segments.iter().enumerate() {
        let command = command_of(&whole, index);
        let (Some(before), Some(after)) = (paste.get(..segment.span.start), paste.get(segment.span.end..)) else {
            continue;
        };
        let rest = analysis::read(input(&format!("{before}{after}")), &mut |_| {});
        let model = rest.model();
        removed += 1;
        for path in &paths {
            let left = packet_path::again(&model, path);
            // Where only the paste asks, its question may be what is gone.
            let asked = matches!(&path.details, whypath_analyzers::flow::Details::PacketPath(details) if details.question.is_some());
            if left.is_none() && !asked {
                continue;
            }
            if let Some(why) = wrong(path, left.as_ref(), &model, &command, disagree) {
                failures.push(format!("{name}: {} without all of `{command}`: {why}", path.title));
            }
        }
    }
    (paths.len(), removed)
}

fn command_of(analysis: &Analysis, segment: usize) -> String {
    analysis
        .segments
        .get(segment)
        .and_then(|segment| segment.command.as_ref())
        .map(|command| command.text.clone())
        .unwrap_or_default()
}

#[test]
fn a_question_asked_again_has_the_same_answer() {
    for (name, paste) in pastes() {
        let whole = analyze(input(&paste), &mut |_| {});
        for (_, path) in whole.flows.of(FlowKind::PacketPath) {
            let again = packet_path::again(&whole.model(), path);
            let said = |flow: &Flow| (flow.title.clone(), flow.verdict);
            assert_eq!(again.as_ref().map(said), Some(said(path)), "{name}");
        }
    }
}

#[test]
fn no_answer_is_invented_where_a_document_is_missing() {
    let mut failures = Vec::new();
    let (mut samples, mut paths, mut removed) = (0, 0, 0);
    for (name, paste) in pastes() {
        let (of, times) = check(&name, &paste, &mut failures);
        samples += usize::from(of > 0);
        paths += of;
        removed += times;
    }
    println!("{paths} packet paths of {samples} samples ran without each of {removed} documents");
    assert!(samples > 0 && removed > samples);
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}
