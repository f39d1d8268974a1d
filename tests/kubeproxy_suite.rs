//! `whypath path` from an address to a Service's address, against the flows of kube-proxy's own tests: where a packet may end, whether its
//! source is rewritten, and what refuses or drops it.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use whypath_analyzers::flow::packet_path::{self, Endpoint, Protocol, Query};
use whypath_analyzers::flow::{Flow, Reason, Verdict};
use whypath_analyzers::{Input, analysis};
use whypath_tests::{folders, suite};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let Some(folder) = suite("kubeproxy") else {
        let trial = Trial::test("the kubeproxy suite", || Ok(())).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![trial]).exit_code();
    };
    let cases = folders(&folder);
    let mut trials = Vec::new();
    for folder in &cases {
        let of = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let flows = fs::read_to_string(folder.join("flows.json")).unwrap_or_default();
        let flows: Vec<Value> = serde_json::from_str(&flows).unwrap_or_default();
        for (number, flow) in flows.into_iter().enumerate() {
            let objects = folder.join("objects.json");
            let name = format!("{of} {number}: {}", flow["name"].as_str().unwrap_or_default());
            trials.push(Trial::test(name, move || agrees(&objects, &flow)));
        }
    }
    println!("{} folders, {} flows", cases.len(), trials.len());
    if trials.is_empty() {
        trials.push(Trial::test("the kubeproxy suite has flows", || {
            Err("none is read".into())
        }));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn agrees(objects: &Path, wanted: &Value) -> Result<(), Failed> {
    let text = |name: &str| wanted[name].as_str().unwrap_or_default().to_owned();
    let query = Query {
        from: Endpoint::Ip {
            address: text("src").parse()?,
            port: None,
        },
        to: Endpoint::Ip {
            address: text("dst").parse::<IpAddr>()?,
            port: Some(u16::try_from(wanted["dport"].as_u64().ok_or("a port")?)?),
        },
        protocol: match text("proto").as_str() {
            "udp" => Protocol::Udp,
            "sctp" => Protocol::Sctp,
            _ => Protocol::Tcp,
        },
        at: Some(text("at")),
    };
    let input = Input {
        name: "objects.json".to_owned(),
        bytes: fs::read(objects)?,
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    let flow = packet_path::compute(&analysis.model(), &query);
    let shares: f64 = flow.outcomes.iter().map(|outcome| outcome.share).sum();
    if (shares - 1.0).abs() > 1e-9 {
        return Err(format!("the shares add up to {shares}").into());
    }
    match &wanted["out"] {
        Value::Array(ends) => ends_at(&flow, ends, wanted["masq"].as_bool().unwrap_or_default()),
        Value::String(word) => stops(&flow, word, &query),
        other => Err(format!("no outcome is known: {other}").into()),
    }
}

fn ends_at(flow: &Flow, wanted: &[Value], masquerade: bool) -> Result<(), Failed> {
    let mut wanted: Vec<&str> = wanted.iter().filter_map(Value::as_str).collect();
    wanted.sort_unstable();
    let mut ends: Vec<&str> = flow
        .outcomes
        .iter()
        .filter_map(|outcome| outcome.ends_at.as_deref())
        .collect();
    ends.sort_unstable();
    if ends != wanted {
        return Err(format!("ends at {ends:?}, not {wanted:?}").into());
    }
    let rewritten: BTreeSet<bool> = flow.outcomes.iter().map(|outcome| outcome.snat).collect();
    if rewritten != BTreeSet::from([masquerade]) {
        return Err(format!("the source is rewritten: {rewritten:?}, not {masquerade}").into());
    }
    Ok(())
}

fn stops(flow: &Flow, word: &str, query: &Query) -> Result<(), Failed> {
    let codes: Vec<Option<&str>> = flow
        .outcomes
        .iter()
        .map(|outcome| outcome.reason.map(Reason::code))
        .collect();
    let allowed: &[&str] = match word {
        "REJECT" => &["reject", "no-endpoints"],
        "DROP" => &["drop", "no-local-endpoint", "policy-ingress", "cidr-not-allowed"],
        _ => {
            // Nothing that kube-proxy wrote concerns it.
            let Endpoint::Ip { address, port } = &query.to else {
                return Err("an address".into());
            };
            let own = whypath_analyzers::artifact::Endpoint {
                address: *address,
                port: *port,
            };
            let untouched = flow.outcomes.iter().all(|outcome| {
                outcome.verdict != Verdict::Blocked
                    && matches!(&outcome.ends_at, Some(end) if end == "local" || *end == own.to_string())
            });
            return if untouched {
                Ok(())
            } else {
                Err(format!("{codes:?}, not {word}").into())
            };
        }
    };
    let stopped = flow.verdict == Verdict::Blocked
        && codes
            .iter()
            .all(|code| code.is_some_and(|code| allowed.contains(&code)));
    if stopped {
        Ok(())
    } else {
        Err(format!("{codes:?}, not {word}").into())
    }
}
