//! The terminal program's contract: names of fields, meanings of exit statuses. Outside suites rely on both.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails where the output is not what it should be"
)]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use whypath_analyzers::finding::page::{ALL, CaseKind};
use whypath_analyzers::scenario;

/// Runs the program with a paste as standard input.
fn whypath(arguments: &[&str], paste: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_whypath"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A wrong call ends before it reads anything.
    let _ = child.stdin.take().unwrap().write_all(paste.as_bytes());
    child.wait_with_output().unwrap()
}

fn json(arguments: &[&str], paste: &str) -> Value {
    let output = whypath(arguments, paste);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The first input of a rule's page that triggers it.
fn trigger(code: &str) -> &'static str {
    let page = ALL.get(code).unwrap();
    let case = page.cases.iter().find(|case| case.kind == CaseKind::Trigger).unwrap();
    &case.paste
}

/// Whether an object has all of these members, whatever else it has.
fn has(value: &Value, names: &[&str]) {
    for name in names {
        assert!(value.get(name).is_some(), "there is no `{name}` in {value}");
    }
}

/// Evidence: `{"source", "lines": [first, last], "pointer": string or null, "text"}`.
fn is_evidence(value: &Value) {
    has(value, &["source", "lines", "pointer", "text"]);
    let lines = value["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 2, "{value}");
    assert!(
        1 <= lines[0].as_u64().unwrap() && lines[0].as_u64() <= lines[1].as_u64(),
        "{value}"
    );
    assert!(value["pointer"].is_null() || value["pointer"].is_string(), "{value}");
}

fn is_verdict(value: &Value) {
    assert!(
        matches!(value.as_str(), Some("passes" | "blocked" | "assumed" | "unknown")),
        "{value}"
    );
}

fn are_steps(value: &Value) {
    for step in value.as_array().unwrap() {
        has(
            step,
            &["actor", "action", "before", "after", "verdict", "reason", "evidence"],
        );
        is_verdict(&step["verdict"]);
        step["evidence"].as_array().unwrap().iter().for_each(is_evidence);
    }
}

#[test]
fn read() {
    let report = json(&["read", "-", "--json"], trigger("LB-011"));
    has(&report, &["segments", "artifacts", "problems"]);
    for segment in report["segments"].as_array().unwrap() {
        has(segment, &["source", "lines", "command", "format", "confidence"]);
    }
    let kinds: Vec<&str> = report["artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|artifact| {
            has(artifact, &["kind", "count", "source", "lines"]);
            artifact["kind"].as_str().unwrap()
        })
        .collect();
    for kind in ["v1/Pod", "v1/Node", "aws/elbv2/describe-target-groups", "tcpdump"] {
        assert!(kinds.contains(&kind), "{kind} is not among {kinds:?}");
    }
}

#[test]
fn diagnose() {
    for code in ["LB-011", "DNS-005", "AUTH-010"] {
        let report = json(&["diagnose", "-", "--json"], trigger(code));
        has(&report, &["findings", "next", "problems"]);
        let first = &report["findings"][0];
        has(
            first,
            &[
                "code", "class", "title", "subjects", "root", "explains", "whys", "fix", "verify", "evidence",
            ],
        );
        assert_eq!(first["code"], code);
        assert_eq!(first["root"], true);
        assert!(first["whys"].as_array().unwrap().iter().all(Value::is_string));
        first["evidence"].as_array().unwrap().iter().for_each(is_evidence);
        for next in report["next"].as_array().unwrap() {
            has(next, &["command", "decides"]);
            assert!(next["decides"].as_array().unwrap().iter().all(Value::is_string));
        }
    }
}

#[test]
fn path() {
    let arguments = [
        "path",
        "--from",
        "pod:shop/checkout-7d9f8c6b5d-x2x8k",
        "--to",
        "lb:shop-api:443",
        "-",
        "--json",
    ];
    let report = json(&arguments, trigger("LB-011"));
    has(&report, &["verdict", "outcomes", "next"]);
    assert_eq!(report["verdict"], "blocked");
    let outcomes = report["outcomes"].as_array().unwrap();
    let shares: f64 = outcomes.iter().map(|outcome| outcome["share"].as_f64().unwrap()).sum();
    assert!((shares - 1.0).abs() < 1e-9, "the shares add up to {shares}");
    for outcome in outcomes {
        has(
            outcome,
            &[
                "share",
                "verdict",
                "reason",
                "ends_at",
                "source_seen",
                "snat",
                "steps",
                "return",
            ],
        );
        are_steps(&outcome["steps"]);
        has(&outcome["return"], &["verdict", "reason", "steps"]);
        are_steps(&outcome["return"]["steps"]);
    }
    assert_eq!(outcomes[0]["reason"], "hairpin");
    assert_eq!(outcomes[0]["return"]["reason"], "asymmetric");
    assert_eq!(outcomes[0]["source_seen"], "10.20.3.77:48122");
}

#[test]
fn what_would_open_a_path_is_listed_and_can_be_assumed() {
    let sample = scenario::ALL.iter().find(|scenario| scenario.code == "P11").unwrap();
    let ends = [
        "path",
        "--from",
        "ip:10.42.1.23",
        "--to",
        "ip:10.42.2.99:8080",
        "-",
        "--json",
    ];
    let report = json(&ends, sample.paste);
    assert_eq!(report["verdict"], "blocked");
    assert!(report.get("what_if").is_none(), "nobody asked");
    let report = json(&[&ends[..], &["--what-if"]].concat(), sample.paste);
    let remedies = report["what_if"].as_array().unwrap();
    for remedy in remedies {
        has(remedy, &["if", "change", "command", "verdict", "reason"]);
    }
    assert_eq!(
        remedies[0]["if"],
        "sg-07fe12ab34cd56e89 lets TCP 8080 in from sg-0d51c7a2e94b8f630"
    );
    let change = remedies[0]["change"].as_str().unwrap();
    let report = json(&[&ends[..], &["--if", change]].concat(), sample.paste);
    assert_eq!(report["verdict"], "assumed");
    let wrong = whypath(&[&ends[..], &["--if", "7#nonsense"]].concat(), sample.paste);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("is no change"));
}

#[test]
fn a_path_that_is_not_known_says_so() {
    let arguments = ["path", "--from", "pod:shop/none", "--to", "lb:none:443", "-", "--json"];
    let report = json(&arguments, trigger("LB-011"));
    assert_eq!(report["verdict"], "unknown");
    assert!(!report["next"].as_array().unwrap().is_empty());
}

#[test]
fn another_protocol_is_not_answered_as_tcp() {
    let arguments = [
        "path",
        "--proto",
        "udp",
        "--from",
        "pod:shop/checkout-7d9f8c6b5d-x2x8k",
        "--to",
        "lb:shop-api:443",
        "-",
        "--json",
    ];
    let report = json(&arguments, trigger("LB-011"));
    assert_eq!(report["verdict"], "unknown");
    assert_eq!(report["outcomes"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_target_list_that_was_cut_off_is_not_called_the_only_target() {
    let paste = trigger("LB-011");
    let (before, after) = paste.split_once(r#""Target": { "Id": "i-0bd2f4a6c8e0b1d35""#).unwrap();
    let (_, capture) = after.split_once("$ kubectl exec").unwrap();
    let report = json(
        &["diagnose", "-", "--json"],
        &format!("{before}\n$ kubectl exec{capture}"),
    );
    let first = &report["findings"][0];
    assert_eq!(first["code"], "LB-011");
    let whys = first["whys"].to_string();
    assert!(!whys.contains("only target") && !whys.contains("of 2 ways"), "{whys}");
    assert!(whys.contains("Not all of the targets could be read"), "{whys}");
}

fn scenario(code: &str) -> &'static str {
    let mut all = scenario::ALL.iter();
    all.find(|scenario| scenario.code == code).unwrap().paste
}

#[test]
fn reach() {
    let report = json(&["reach", "-", "--json"], scenario("P10"));
    let edges = report["edges"].as_array().unwrap();
    let edge = edges
        .iter()
        .find(|edge| edge["from"] == "shop/checkout-7d9f8c6b5d-x2x8k[Pod]" && edge["to"] == "shop/cart-0[Pod]")
        .unwrap();
    assert_eq!(edge["ports"], serde_json::json!(["TCP 6379"]));
    assert_eq!(
        edge["decided_by"],
        serde_json::json!(["NetworkPolicy shop/checkout", "NetworkPolicy shop/cart"])
    );
    edge["evidence"].as_array().unwrap().iter().for_each(is_evidence);
    // The same as a table, in every form that the page exports.
    for (option, holds) in [
        ("--svg", "checkout to cart-0: TCP 6379, by NetworkPolicy shop/checkout"),
        ("--mermaid", "|\"TCP 6379\"|"),
        (
            "--markdown",
            "| shop: checkout | UDP 53 | – | – | TCP 8443 | TCP 6379 |",
        ),
        ("--html", "<svg"),
    ] {
        let output = whypath(&["reach", "-", option], scenario("P10"));
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{option}");
        assert!(text.contains(holds), "{option}: {text}");
    }
}

#[test]
fn dns() {
    let arguments = [
        "dns",
        "--name",
        "rates.example.com",
        "--pod",
        "shop/checkout-6d8f7b5c9-tk4zv",
        "-",
        "--json",
    ];
    let report = json(&arguments, trigger("DNS-005"));
    has(&report, &["queries", "rcode", "answers", "wasted"]);
    assert_eq!(report["rcode"], "NOERROR");
    assert_eq!(report["wasted"], 8);
    for query in report["queries"].as_array().unwrap() {
        has(
            query,
            &[
                "name",
                "type",
                "server",
                "answered_by",
                "rcode",
                "answers",
                "verdict",
                "evidence",
            ],
        );
        query["evidence"].as_array().unwrap().iter().for_each(is_evidence);
    }
}

#[test]
fn auth() {
    let arguments = ["auth", "--serviceaccount", "shop/uploader", "-", "--json"];
    let report = json(&arguments, trigger("AUTH-010"));
    has(
        &report,
        &[
            "verdict",
            "username",
            "groups",
            "canonical_arn",
            "allowed_by",
            "smallest_grant",
            "steps",
            "next",
        ],
    );
    assert_eq!(report["verdict"], "blocked");
    assert_eq!(report["username"], "system:serviceaccount:shop:uploader");
    are_steps(&report["steps"]);
}

#[test]
fn the_same_bytes_come_out_every_time() {
    for format in ["--json", "--svg", "--mermaid", "--markdown", "--html"] {
        let first = whypath(&["diagnose", "-", format], trigger("LB-011")).stdout;
        assert!(!first.is_empty(), "{format} is empty");
        assert_eq!(
            first,
            whypath(&["diagnose", "-", format], trigger("LB-011")).stdout,
            "{format}"
        );
    }
}

#[test]
fn a_wrong_call_ends_with_status_2_and_says_why() {
    for arguments in [
        &["diagnose"][..],
        &["diagnose", "there-is-no-such-file"],
        &["path", "--from", "pod:x", "--to", "lb:y:1", "-"],
        &["path", "--to", "lb:y:1", "-"],
        &["dns", "--name", "x", "-"],
        &["dns", "--name", "", "--at-coredns", "-"],
        &["auth", "-"],
        &["auth", "--node", "n", "--verb", "get", "-"],
        &["frobnicate", "-"],
        &["read", "--svg", "-"],
        &["diagnose", "--frobnicate", "-"],
        &["read", "--as", "log", "-"],
        &["read", "--as", "0=log", "-"],
        &["read", "--as", "1=letter", "-"],
        &["read", "--as", "other.txt:1=log", "-"],
        &["read", "--as", "1=log", "Cargo.toml", "build.rs"],
    ] {
        let output = whypath(arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn nothing_pasted_is_analysed_too() {
    let report = json(&["diagnose", "-", "--json"], "");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(0));
    assert_eq!(report["problems"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_format_can_be_chosen() {
    let paste = "$ ./collect\nPODS OK\ncart-0 1/1\n$ cat x\nnameserver 10.100.0.10\n";
    let formats = |arguments: &[&str]| {
        let report = json(arguments, paste);
        let segments = report["segments"].as_array().unwrap();
        let shown = |segment: &Value| format!("{} {} {}", segment["lines"], segment["format"], segment["chosen"]);
        segments.iter().map(shown).collect::<Vec<_>>()
    };
    assert_eq!(
        formats(&["read", "-", "--json"]),
        [r#"[1,3] "unknown" false"#, r#"[4,5] "resolv.conf" false"#]
    );
    assert_eq!(
        formats(&["read", "-", "--json", "--as", "3=log", "--as", "-:4=sysctl"]),
        [
            r#"[1,2] "unknown" false"#,
            r#"[3,3] "log" true"#,
            r#"[4,5] "sysctl" true"#
        ]
    );
    let wrong = whypath(&["read", "-", "--as", "1=letter"], paste);
    let why = String::from_utf8(wrong.stderr).unwrap();
    assert!(why.contains("`letter`") && why.contains("kubectl-table"), "{why}");
}

/// A tar archive of these members.
fn tar(members: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, body) in members {
        let mut block = format!("{name:\0<124}{:011o}\0{:\0<12}        0", body.len(), "");
        block.push_str(&"\0".repeat(100));
        block.push_str("ustar\x0000");
        block.push_str(&"\0".repeat(512 - block.len()));
        let sum: u32 = block.bytes().map(u32::from).sum();
        block.replace_range(148..156, &format!("{sum:06o}\0 "));
        out.push_str(&block);
        out.push_str(body);
        out.push_str(&"\0".repeat(out.len().next_multiple_of(512) - out.len()));
    }
    out + &"\0".repeat(1024)
}

const LOG: &str = "listening on :8080\n# kubectl get pods\n";

#[test]
fn the_members_of_an_archive_are_listed() {
    let bundle = tar(&[
        ("networking/resolv.conf", "nameserver 10.100.0.10\n"),
        ("system/last_reboot.txt", "wtmp begins Thu Nov 21 09:00:00 2024\n"),
        ("empty", ""),
        ("namespaces/shop/pods/cart-0/app/app/logs/current.log", LOG),
    ]);
    let shown = String::from_utf8(whypath(&["read", "-"], &bundle).stdout).unwrap();
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[0], "standard input: 3 members");
    assert_eq!(lines[1], "  1 of its 4 members were not read: 1 × empty (empty).");
    let row = |path: &str| {
        lines
            .iter()
            .find(|line| line.trim_start().starts_with(path))
            .unwrap()
            .to_owned()
    };
    assert!(
        row("networking/resolv.conf").ends_with("  resolv.conf  [cat /etc/resolv.conf]"),
        "{shown}"
    );
    assert!(
        row("system/last_reboot.txt").ends_with("  not recognised  [last reboot]  1 problem"),
        "{shown}"
    );
    assert!(
        row("1-1: This line is not recognised").contains("`last reboot`"),
        "{shown}"
    );
    let logs = row("namespaces/shop/pods/cart-0");
    assert!(
        logs.ends_with("  log: 2 × log  [kubectl logs -n shop cart-0 -c app]"),
        "{shown}"
    );
    assert_eq!(lines.len(), 6, "{shown}");
}

#[test]
fn what_is_in_an_archive_is_reported_under_its_path() {
    let bundle = tar(&[
        ("namespaces/shop/pods/cart-0/app/app/logs/current.log", LOG),
        ("cut", "one\ntwo\n"),
    ]);
    let report = json(
        &["read", "-", "--json"],
        bundle.trim_end_matches('\0').trim_end_matches("o\n"),
    );
    let first = &report["segments"][0];
    assert_eq!(
        first["source"],
        "standard input/namespaces/shop/pods/cart-0/app/app/logs/current.log"
    );
    assert_eq!(first["command"], "kubectl logs -n shop cart-0 -c app");
    assert_eq!(
        (&first["implied"], &first["format"]),
        (&Value::Bool(true), &Value::from("log"))
    );
    let second = &report["segments"][1];
    assert_eq!(
        (&second["implied"], &second["command"]),
        (&Value::Bool(false), &Value::Null)
    );
    // The line that is cut in its middle is left out.
    assert_eq!(second["lines"], serde_json::json!([1, 1]));
    let said = report["problems"].to_string();
    assert!(said.contains("inside of cut, of which 6 of 8 bytes"), "{said}");
    assert!(said.contains("Only its beginning"), "{said}");
    let chosen = ["read", "-", "--json", "--as", "standard input/cut:1=log"];
    assert_eq!(json(&chosen, &bundle)["segments"][1]["format"], "log");
}
