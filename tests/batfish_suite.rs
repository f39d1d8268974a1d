//! `whypath path` through AWS networks, against the flows of Batfish's own tests: whether a packet gets through, why not, and where it is
//! filtered.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use whypath_analyzers::flow::packet_path::{self, Endpoint, Protocol, Query};
use whypath_analyzers::flow::{Flow, Reason, Verdict};
use whypath_analyzers::{Input, analysis};
use whypath_tests::suite;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let Some(folder) = suite("batfish") else {
        let trial = Trial::test("the batfish suite", || Ok(())).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![trial]).exit_code();
    };
    let mut folders: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let mut trials = Vec::new();
    let mut outside = 0;
    for folder in &folders {
        let of = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let flows = fs::read_to_string(folder.join("flows.json")).unwrap_or_default();
        let flows: Vec<Value> = serde_json::from_str(&flows).unwrap_or_default();
        for (number, wanted) in flows.into_iter().enumerate() {
            let name = format!("{of} {number}: {}", wanted["test"].as_str().unwrap_or_default());
            if let Some(why) = out_of_scope(&wanted) {
                println!("out of scope: {name}: {why}");
                outside += 1;
                trials.push(Trial::test(name, || Ok(())).with_ignored_flag(true));
                continue;
            }
            let folder = folder.join("aws_configs");
            trials.push(Trial::test(name, move || agrees(&folder, &wanted)));
        }
    }
    println!(
        "{} snapshots, {} flows, {outside} of them out of scope",
        folders.len(),
        trials.len()
    );
    if trials.is_empty() {
        trials.push(Trial::test(
            "the batfish suite has flows",
            || Err("none is read".into()),
        ));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A field of a flow, which the transcription names in two ways.
fn field<'v>(wanted: &'v Value, names: [&str; 2]) -> &'v str {
    names
        .iter()
        .find_map(|name| wanted["flow"][name].as_str())
        .unwrap_or_default()
}

fn ingress(wanted: &Value) -> &str {
    field(wanted, ["ingress", "IngressNode"])
}

/// Why a flow asks for something that is not in the documents of AWS, or no question to us.
fn out_of_scope(wanted: &Value) -> Option<&'static str> {
    let ingress = ingress(wanted);
    if ingress.starts_with("subnet-") {
        return Some("it begins inside a subnet's router with an address that nobody has: there is no such endpoint");
    }
    if ingress != "internet" && !ingress.starts_with("i-") {
        return Some("it begins on a router outside of AWS, which its own configuration file describes");
    }
    let destination = field(wanted, ["dst", "DstIp"]);
    if ingress == "internet" && destination == "54.191.107.23" {
        return Some("Batfish knows which public addresses AWS holds; no answer of AWS' API in the snapshot says so");
    }
    None
}

/// The documents of a snapshot, in the order of their names.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(documents(&path));
        } else if path.extension().is_some_and(|end| end == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn agrees(folder: &Path, wanted: &Value) -> Result<(), Failed> {
    let documents = documents(folder);
    let mut inputs = Vec::new();
    for path in &documents {
        inputs.push(Input {
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            bytes: fs::read(path)?,
        });
    }
    let analysis = analysis::read(inputs, &mut |_| {});
    let flow = packet_path::compute(&analysis.model(), &query(wanted)?);
    let disposition = wanted["disposition"].as_str().unwrap_or_default();
    let has = |name: &str| {
        documents
            .iter()
            .any(|path| path.file_name().is_some_and(|own| own == name))
    };
    if disposition.contains("ACCEPTED") || disposition.contains("EXITS_NETWORK") {
        return if has("NetworkAcls.json") {
            gets_through(&flow, wanted)
        } else {
            gets_through_but_for_acls(&flow)
        };
    }
    stops(&flow, disposition, wanted)
}

fn query(wanted: &Value) -> Result<Query, Failed> {
    let port = match field(wanted, ["dport", "DstPort"]) {
        "" => None,
        // The constant of Batfish's own code.
        "NamedPort.SSH.number()" => Some(22),
        port => Some(port.parse()?),
    };
    Ok(Query {
        from: match ingress(wanted) {
            "internet" => Endpoint::Internet,
            id => Endpoint::Instance {
                id: id.to_owned(),
                port: None,
            },
        },
        to: Endpoint::Ip {
            address: field(wanted, ["dst", "DstIp"]).parse()?,
            port,
        },
        protocol: match field(wanted, ["proto", "IpProtocol"]) {
            "" | "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            "icmp" => Protocol::Icmp,
            // There is no asking about protocol 107; NAT gateways carry SCTP as little.
            "IpProtocol.AN" => Protocol::Sctp,
            other => return Err(format!("the protocol {other} is not known").into()),
        },
        at: None,
    })
}

fn codes(flow: &Flow) -> BTreeSet<&'static str> {
    flow.outcomes
        .iter()
        .filter_map(|outcome| outcome.reason.map(Reason::code))
        .collect()
}

fn gets_through(flow: &Flow, wanted: &Value) -> Result<(), Failed> {
    if !matches!(flow.verdict, Verdict::Passes | Verdict::Assumed) {
        return Err(format!("{} {:?}, and it gets through", flow.verdict.word(), codes(flow)).into());
    }
    if flow.outcomes.iter().any(|outcome| outcome.ends_at.is_none()) {
        return Err("it ends nowhere".into());
    }
    // Every subnet and gateway that Batfish's packet passes is one of ours, but for its own inventions.
    let ours = named(flow);
    for hop in wanted["hops"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        let is_aws = ["i-", "nat-", "igw-", "tgw-", "vpce-", "pcx-", "vgw-"]
            .iter()
            .any(|kind| hop.starts_with(kind));
        if is_aws && !ours.iter().any(|name| name.contains(hop)) {
            return Err(format!("it does not pass {hop}: {ours:?}").into());
        }
    }
    Ok(())
}

/// Batfish takes a subnet without an ACL for open. Such a subnet does not exist, so that all but the ACLs has to pass.
fn gets_through_but_for_acls(flow: &Flow) -> Result<(), Failed> {
    let unknown: Vec<&str> = flow
        .steps()
        .filter(|step| !matches!(step.verdict, Verdict::Passes | Verdict::Assumed))
        .map(|step| step.action.as_str())
        .collect();
    let only_acls = unknown.iter().all(|action| action.contains("the network ACL of"));
    let asks = flow
        .next
        .iter()
        .all(|next| next.command.starts_with("aws ec2 describe-network-acls"));
    if flow.verdict == Verdict::Unknown && only_acls && asks && flow.outcomes.iter().all(|way| way.ends_at.is_some()) {
        Ok(())
    } else {
        Err(format!("{} {:?}: {unknown:?}", flow.verdict.word(), codes(flow)).into())
    }
}

/// Whom the steps are about.
fn named(flow: &Flow) -> Vec<String> {
    flow.steps()
        .flat_map(|step| [step.actor.name.clone(), step.action.clone()])
        .collect()
}

fn stops(flow: &Flow, disposition: &str, wanted: &Value) -> Result<(), Failed> {
    let codes = codes(flow);
    if flow.verdict != Verdict::Blocked {
        return Err(format!("{}, not {disposition}", flow.verdict.word()).into());
    }
    let allowed: &[&str] = match disposition {
        "DENIED_IN" | "DENIED_OUT" => &[
            "sg-ingress",
            "nacl-ingress",
            "sg-egress",
            "nacl-egress",
            "source-dest-check",
            "no-public-address",
            "state",
        ],
        "NO_ROUTE" => &["no-route", "blackhole-route", "no-public-address", "peering-missing"],
        "NULL_ROUTED" => &["blackhole-route", "no-route", "no-target"],
        "NEIGHBOR_UNREACHABLE" => &["no-target", "no-route"],
        other => return Err(format!("the disposition {other} is not known").into()),
    };
    if !codes.iter().all(|code| allowed.contains(code)) || codes.is_empty() {
        return Err(format!("{codes:?}, not {disposition}").into());
    }
    filtered_where(flow, wanted)
}

/// The hop that stopped it is the last one, or, where that is a router outside of AWS, the one before.
fn filtered_where(flow: &Flow, wanted: &Value) -> Result<(), Failed> {
    let hops: Vec<&str> = wanted["hops"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let last = hops.iter().rev().find(|hop| !hop.starts_with("vpn-"));
    let Some(last) = last else { return Ok(()) };
    let stopped = flow
        .steps()
        .find(|step| step.verdict == Verdict::Blocked)
        .ok_or("no step stops it")?;
    if stopped.evidence.is_empty() {
        return Err(format!("no line proves it: {}", stopped.action).into());
    }
    let ours = stopped.actor.name.as_str();
    let is_same = ours == *last || (*last == "internet" && ours == "the Internet");
    if is_same {
        Ok(())
    } else {
        Err(format!("{ours} stops it, not {last}: {}", stopped.action).into())
    }
}
