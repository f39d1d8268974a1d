//! `whypath path` by a dump of kube-proxy's rules alone, against the flows that kube-proxy's own tests trace through it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use whypath_analyzers::flow::Verdict;
use whypath_analyzers::flow::packet_path::{self, Endpoint, Protocol, Query};
use whypath_analyzers::{Input, analysis};
use whypath_tests::suite;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let Some(folder) = suite("kube-proxy-trace") else {
        let trial = Trial::test("the kube-proxy-trace suite", || Ok(())).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![trial]).exit_code();
    };
    let flows = fs::read_to_string(folder.join("flows.json")).unwrap_or_default();
    let flows: Vec<Value> = serde_json::from_str(&flows).unwrap_or_default();
    println!("{} flows", flows.len());
    let mut trials: Vec<Trial> = flows
        .into_iter()
        .map(|flow| {
            let dump = folder.join("dump.iptables");
            let name = flow["name"].as_str().unwrap_or_default().to_owned();
            Trial::test(name, move || agrees(&dump, &flow))
        })
        .collect();
    if trials.is_empty() {
        trials.push(Trial::test("the kube-proxy-trace suite has flows", || {
            Err("none is read".into())
        }));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn agrees(dump: &Path, wanted: &Value) -> Result<(), Failed> {
    let text = |name: &str| wanted[name].as_str().unwrap_or_default();
    let address = |name: &str| text(name).parse::<std::net::IpAddr>();
    let port = u16::try_from(wanted["dport"].as_u64().ok_or("a port")?)?;
    let query = Query {
        from: Endpoint::Ip {
            address: address("src")?,
            port: None,
        },
        to: Endpoint::Ip {
            address: address("dst")?,
            port: Some(port),
        },
        protocol: Protocol::Tcp,
        at: None,
    };
    let input = Input {
        name: "dump.iptables".to_owned(),
        bytes: fs::read(dump)?,
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    let flow = packet_path::compute(&analysis.model(), &query);
    let through = || {
        flow.outcomes
            .iter()
            .filter(|outcome| outcome.verdict != Verdict::Blocked)
    };
    let ends: BTreeSet<&str> = through().filter_map(|outcome| outcome.ends_at.as_deref()).collect();
    let reasons: BTreeSet<&str> = flow
        .outcomes
        .iter()
        .filter_map(|outcome| Some(outcome.reason?.code()))
        .collect();
    let agrees = match text("output") {
        "REJECT" => {
            flow.verdict == Verdict::Blocked && reasons.iter().all(|code| matches!(*code, "reject" | "no-endpoints"))
        }
        "DROP" => {
            flow.verdict == Verdict::Blocked && reasons.iter().all(|code| matches!(*code, "drop" | "no-local-endpoint"))
        }
        // The node itself, or on as it came.
        "" | "ACCEPT" => {
            reasons.is_empty()
                && ends
                    .iter()
                    .all(|end| *end == "local" || *end == format!("{}:{port}", text("dst")))
        }
        list => {
            let wanted_ends: BTreeSet<&str> = list.split(", ").collect();
            let rewritten: BTreeSet<bool> = through().map(|outcome| outcome.snat).collect();
            ends == wanted_ends && rewritten == BTreeSet::from([wanted["masq"] == true])
        }
    };
    if agrees {
        Ok(())
    } else {
        Err(format!("{} {ends:?} {reasons:?}, not {}", flow.verdict.word(), wanted["output"]).into())
    }
}
