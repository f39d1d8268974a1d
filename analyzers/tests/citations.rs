//! Every fact cites its lines: values are picked at random from all documents that were read, and each has to stand in the lines that it
//! cites, as it was printed.

#![allow(clippy::print_stdout, reason = "a test that says how much it looked at")]

#[path = "../benches/inputs/mod.rs"]
mod inputs;

use std::path::Path;

use whypath_analyzers::artifact::{Artifact, Content, Node, Syntax, Value};
use whypath_analyzers::finding::page;
use whypath_analyzers::{Analysis, Input, analysis};

/// Makes a text of about that many bytes.
type Make = fn(usize) -> String;

/// A text as a value of it reads: without the blanks, quotes and backslashes of the syntax around it.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '\\' | '│'))
        .collect()
}

/// The way a value was printed may be escaped (JSON strings) or folded (YAML blocks).
fn stands_in(value: &Value, cited: &str) -> bool {
    let text = match value {
        Value::Null | Value::Array(_) | Value::Object(_) => return true,
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => {
            let printed = number.to_string();
            // 5.0 and 5e0 are one number.
            // `255.255.240.0` is 20 bits long.
            let bits = |word: &str| {
                word.parse::<std::net::Ipv4Addr>()
                    .map(|mask| u32::from(mask).leading_ones())
            };
            if cited
                .split(|c: char| !(c.is_ascii_digit() || c == '.'))
                .any(|word| bits(word).is_ok_and(|bits| Some(u64::from(bits)) == number.as_u64()))
            {
                return true;
            }
            let hexadecimal = |word: &str| {
                // `/proc/net/softnet_stat` prints eight digits and nothing before them.
                let digits = word.strip_prefix("0x").or_else(|| (word.len() == 8).then_some(word))?;
                i64::from_str_radix(digits, 16).ok()
            };
            return cited.contains(&printed)
                || cited
                    .split(|c: char| !c.is_ascii_alphanumeric())
                    .any(|word| hexadecimal(word).is_some() && hexadecimal(word) == number.as_i64())
                || cited
                    .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+')))
                    .any(|word| word.parse::<f64>().ok() == number.as_f64());
        }
        Value::String(text) => text.as_str().to_owned(),
    };
    if text == "default" && cited.starts_with("0.0.0.0 ") {
        return true;
    }
    // `10.20.0.0/16` is printed as an address and a netmask by `route -n`.
    if let Some((address, len)) = text.split_once('/')
        && let Ok(len) = len.parse::<i64>()
        && address.parse::<std::net::Ipv4Addr>().is_ok()
        && cited.contains(address)
        && cited.contains("255.")
    {
        return stands_in(&Value::from(serde_json::Value::from(len)), cited);
    }
    let escaped = serde_json::to_string(&text).unwrap_or_default();
    let (cited, wanted) = (plain(cited), plain(&text));
    cited.contains(&wanted) || cited.contains(&plain(&escaped)) || cited.to_lowercase().contains(&wanted.to_lowercase())
}

/// What the API leaves out of a list's items and the reader adds from the list's own kind, and what a table says by its columns.
fn derived(node: &Node<'_>, syntax: Syntax) -> bool {
    let pointer = node.pointer();
    let last = pointer.rsplit('/').next().unwrap_or_default();
    matches!(last, "kind" | "apiVersion")
        // Access modes are printed short, a group stands between a resource and its part, and a column's pointer is its label's or JSONPath's.
        || node.pointer().contains("/accessModes/")
        || (node.pointer().contains("/resources/") && node.str().is_some_and(|text| text.contains('/')))
        || node.pointer().starts_with("/x-columns/")
        // The type of a node's address is its column's: INTERNAL-IP.
        || (syntax == Syntax::Table && last == "type")
        || (syntax == Syntax::Table && matches!(node.value(), Value::Bool(_) | Value::Number(_)))
        // A flag is told by a word of the tool: `;; Truncated`, `UP`.
        || (syntax == Syntax::Placed && matches!(node.value(), Value::Bool(_)))
        // Envoy's health flags and priorities are words of its own; its API has enumerations.
        || (syntax == Syntax::Placed && matches!(last, "eds_health_status" | "priority"))
        // `host` says `is an alias for`, and `ip` prints `forever` where its JSON has 4294967295.
        || (syntax == Syntax::Placed && (last == "type" || last.ends_with("_life_time")))
        // nft says `dstnat` for -100 and leaves `==` out; Envoy prints the flags that make a host unhealthy.
        || (syntax == Syntax::Placed && matches!(last, "prio" | "op" | "eds_health_status"))
        // nft's `3h` is 10800 seconds; what came of an attempt, and a neighbour's state, are told in each tool's own words.
        || (syntax == Syntax::Placed && matches!(last, "timeout" | "expires" | "gc-interval" | "result"))
        || (syntax == Syntax::Placed && node.pointer().contains("/state/"))
        // aws-cli prints no code for what it refuses itself: these are its exceptions' names.
        || (last == "code" && matches!(node.str(), Some("ParamSyntax" | "Query" | "Usage")))
        // How many lines of a body were passed over.
        || last.ends_with("NotRead")
        // Secrets are masked, times are told in UTC, serial numbers in hexadecimal, and READY is a condition's `True`.
        || node.str() == Some("[redacted]")
        || (syntax == Syntax::Placed && (last.ends_with("At") || last.ends_with("Timestamp") || last.ends_with("Time") || last == "serial"))
        // What kubectl prints as an error is the API's `Status` of a failure.
        || (node.str() == Some("Failure") && last == "status")
        || (syntax == Syntax::Table && last == "status" && node.pointer().contains("/conditions/"))
}

/// Whether a line begins a PEM block, or holds a token: three parts of base64, or the EKS prefix; or user data in base64.
fn encoded(line: &str) -> bool {
    line.contains("-----BEGIN ")
        || line.contains("k8s-aws-v1.")
        || line.contains("eyJ")
        || line.split([' ', '"', ',']).any(|word| {
            word.len() > 60
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
        })
}

fn leaves<'a>(node: Node<'a>, found: &mut Vec<Node<'a>>) {
    match node.value() {
        Value::Array(_) => node.items().into_iter().for_each(|child| leaves(child, found)),
        Value::Object(_) => node.members().into_iter().for_each(|(_, child)| leaves(child, found)),
        _ => found.push(node),
    }
}

/// Picks values and says which do not stand where they are cited.
fn check(
    name: &str,
    analysis: &Analysis,
    picks: usize,
    numbers: &mut inputs::Numbers,
    failures: &mut Vec<String>,
) -> usize {
    let mut looked_at = 0;
    for (artifact, root) in analysis.artifacts.roots() {
        let Some(syntax) = syntax(artifact) else { continue };
        let mut all = Vec::new();
        leaves(root, &mut all);
        for _ in 0..picks.min(all.len()) {
            let pick = usize::try_from(numbers.next(all.len() as u64)).unwrap_or(0);
            let Some(node) = all.get(pick) else { continue };
            if derived(node, syntax) {
                continue;
            }
            looked_at += 1;
            let Some(span) = node.evidence().span(&analysis.sources, &analysis.artifacts) else {
                failures.push(format!("{name}: {} cites nothing", node.pointer()));
                continue;
            };
            let lines = analysis.sources.lines(span);
            let cited: Vec<&str> = (lines.first..=lines.last)
                .map(|line| analysis.sources.line(span.source, line))
                .collect();
            // What is packed in base64 (a certificate, a token) stands there in another writing: the block is cited as a whole, and
            // its decoders have tests of their own against openssl.
            if syntax == Syntax::Placed && cited.first().is_some_and(|line| encoded(line)) {
                continue;
            }
            let own = node.str().map_or(1, |text| text.lines().count() + text.len() / 20 + 2);
            let few = cited.len() <= own.max(3);
            if !few || !stands_in(node.value(), &cited.join("\n")) {
                failures.push(format!(
                    "{name}: {} = {:?} cites lines {}-{}: {:?}",
                    node.pointer(),
                    node.value(),
                    lines.first,
                    lines.last,
                    cited.first()
                ));
            }
        }
    }
    looked_at
}

fn syntax(artifact: &Artifact) -> Option<Syntax> {
    match &artifact.content {
        Content::Document(document) => Some(document.syntax),
        _ => None,
    }
}

fn read(name: &str, bytes: Vec<u8>) -> Analysis {
    let name = name.to_owned();
    analysis::read(vec![Input { name, bytes }], &mut |_| {})
}

/// All files below a folder; none where there is no such folder.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if let Ok(bytes) = std::fs::read(&path) {
            found.push((path.display().to_string(), bytes));
        }
    }
}

fn report(what: &str, looked_at: usize, failures: &[String]) {
    println!(
        "{what}: {looked_at} values picked, {} not in their lines",
        failures.len()
    );
    let some: Vec<&str> = failures.iter().take(20).map(String::as_str).collect();
    assert!(
        failures.is_empty(),
        "{} of {looked_at}:\n{}",
        failures.len(),
        some.join("\n")
    );
    assert!(looked_at > 0, "nothing was picked");
}

#[test]
fn values_of_the_pages_cases_stand_in_their_lines() {
    let (mut failures, mut looked_at) = (Vec::new(), 0);
    let mut numbers = inputs::Numbers::new();
    for page in page::ALL.values() {
        for case in &page.cases {
            let analysis = read(&case.id, case.paste.clone().into_bytes());
            looked_at += check(&case.id, &analysis, 60, &mut numbers, &mut failures);
        }
    }
    report("cases", looked_at, &failures);
}

#[test]
fn values_of_large_outputs_stand_in_their_lines() {
    let (mut failures, mut looked_at) = (Vec::new(), 0);
    let mut numbers = inputs::Numbers::new();
    let makes: [(&str, Make); 3] = [
        ("json", inputs::pods_json),
        ("yaml", inputs::pods_yaml),
        ("table", inputs::pods_table),
    ];
    for (name, make) in makes {
        let analysis = read(name, make(300_000).into_bytes());
        looked_at += check(name, &analysis, 1500, &mut numbers, &mut failures);
    }
    report("large outputs", looked_at, &failures);
}

#[test]
fn values_of_samples_stand_in_their_lines() {
    let mut samples = Vec::new();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    files(&here.join("../tests/samples"), &mut samples);
    files(&here.join("tests/regressions"), &mut samples);
    let (mut failures, mut looked_at) = (Vec::new(), 0);
    let mut numbers = inputs::Numbers::new();
    samples.push(("aws".to_owned(), b"$ aws ec2 describe-subnets\n{\n    \"Subnets\": [\n        {\"SubnetId\": \"subnet-0a1b2c3d4e5f60718\", \"AvailableIpAddressCount\": 3}\n    ]\n}\n".to_vec()));
    for (name, bytes) in samples {
        looked_at += check(&name, &read(&name, bytes), 60, &mut numbers, &mut failures);
    }
    report("samples", looked_at, &failures);
}
