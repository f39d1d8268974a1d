//! `whypath path` from pod to pod against the conformance tests of the network-policy-api: may this pod reach that one.
//!
//! Out of scope, and counted: what is asked after the test changed an object in the running cluster, and questions to a node or a name.

use std::process::ExitCode;
use std::{collections::BTreeMap, fs};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use whypath_analyzers::flow::Verdict;
use whypath_analyzers::flow::packet_path::{self, Endpoint, Protocol, Query};
use whypath_analyzers::{Input, analysis};
use whypath_tests::suite;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let Some(folder) = suite("npapi") else {
        let trial = Trial::test("the npapi suite", || Ok(())).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![trial]).exit_code();
    };
    let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    let manifests: BTreeMap<String, String> = serde_json::from_str(&text("manifests.json")).unwrap_or_default();
    let cases: Vec<Value> = serde_json::from_str(&text("cases.json")).unwrap_or_default();
    let (mut trials, mut mutated, mut elsewhere) = (Vec::new(), 0, 0);
    for (number, case) in cases.into_iter().enumerate() {
        if case["after_mutation"] == true {
            mutated += 1;
            continue;
        }
        if !case["dst"].is_array() {
            elsewhere += 1;
            continue;
        }
        let wanted: Vec<&str> = case["manifests"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let inputs: Vec<Input> = manifests
            .iter()
            .filter(|(name, _)| {
                name.ends_with("base/manifests.yaml") || wanted.iter().any(|wanted| name.ends_with(wanted))
            })
            .map(|(name, text)| Input {
                name: name.clone(),
                bytes: text.clone().into_bytes(),
            })
            .collect();
        let name = format!("{number}: {}", case["run"].as_str().unwrap_or_default());
        trials.push(Trial::test(name, move || agrees(inputs, &case)));
    }
    println!(
        "{} questions; left out: {mutated} after a change in the running cluster, {elsewhere} to nodes or names",
        trials.len()
    );
    if trials.is_empty() {
        trials.push(Trial::test("the npapi suite has cases", || Err("none is read".into())));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn agrees(inputs: Vec<Input>, case: &Value) -> Result<(), Failed> {
    let pod = |end: &Value, port: Option<u16>| -> Result<Endpoint, Failed> {
        let part = |at: usize| end.get(at).and_then(Value::as_str).ok_or("a namespace and a name");
        Ok(Endpoint::Pod {
            namespace: part(0)?.to_owned(),
            name: part(1)?.to_owned(),
            port,
        })
    };
    let port = u16::try_from(case["port"].as_u64().ok_or("a port")?)?;
    let query = Query {
        from: pod(&case["src"], None)?,
        to: pod(&case["dst"], Some(port))?,
        protocol: match case["proto"].as_str() {
            Some("udp") => Protocol::Udp,
            Some("sctp") => Protocol::Sctp,
            _ => Protocol::Tcp,
        },
        at: None,
    };
    let analysis = analysis::read(inputs, &mut |_| {});
    let flow = packet_path::compute(&analysis.model(), &query);
    // An unknown is neither: it may not be given where everything was pasted.
    let reached = match flow.verdict {
        Verdict::Passes | Verdict::Assumed => true,
        Verdict::Blocked => false,
        Verdict::Unknown => return Err("unknown".into()),
    };
    let wanted = match &case["expect"] {
        Value::Bool(wanted) => *wanted,
        word => word == "true",
    };
    if reached == wanted {
        Ok(())
    } else {
        Err(format!("{}, not reached = {wanted}", flow.verdict.word()).into())
    }
}
