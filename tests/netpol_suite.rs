//! `whypath reach` against folders of manifests with the connectivity that np-guard's analyzer computes for them: who may talk to whom
//! on which ports, workloads and addresses outside.
//!
//! Out of scope, and counted: lines about `{ingress-controller}`, a peer that stands for whatever serves Ingresses and Routes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use whypath_analyzers::flow::policy::{Matrix, reach};
use whypath_analyzers::{Input, analysis};
use whypath_tests::{folders, suite};

/// Of each protocol the ranges of ports, neighbours joined.
type Ports = BTreeMap<String, Vec<(u32, u32)>>;

/// By workload and whether it is the source: for each set of ports the addresses, neighbours joined.
type Outside = BTreeMap<(String, bool), BTreeMap<Ports, Vec<(u32, u32)>>>;

#[derive(Debug, Default, PartialEq)]
struct Connectivity {
    inside: BTreeMap<(String, String), Ports>,
    outside: Outside,
    /// Lines that are not compared.
    left_out: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let Some(folder) = suite("netpol") else {
        let trial = Trial::test("the netpol suite", || Ok(())).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![trial]).exit_code();
    };
    let cases = folders(&folder);
    let (mut lines, mut left_out) = (0, 0);
    for case in &cases {
        if let Ok(wanted) = expected(case) {
            lines += wanted.inside.len();
            left_out += wanted.left_out;
        }
    }
    println!(
        "{} folders, {lines} pairs of workloads; {left_out} lines about {{ingress-controller}} left out",
        cases.len()
    );
    let trials = cases
        .into_iter()
        .map(|case| {
            let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Trial::test(name, move || agrees(&case))
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn agrees(case: &Path) -> Result<(), Failed> {
    let wanted = expected(case)?;
    let computed = computed(case)?;
    let mut faults = Vec::new();
    let pairs: BTreeSet<_> = wanted.inside.keys().chain(computed.inside.keys()).collect();
    for pair in pairs {
        let (wanted, computed) = (wanted.inside.get(pair), computed.inside.get(pair));
        if wanted != computed {
            faults.push(format!("{} → {}: {computed:?}, not {wanted:?}", pair.0, pair.1));
        }
    }
    let ends: BTreeSet<_> = wanted.outside.keys().chain(computed.outside.keys()).collect();
    for end in ends {
        let (wanted, computed) = (wanted.outside.get(end), computed.outside.get(end));
        if wanted != computed {
            faults.push(format!("{} with addresses: {computed:?}, not {wanted:?}", end.0));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("{} differ, as {}", faults.len(), faults[0]).into())
    }
}

/// What the suite says.
fn expected(case: &Path) -> Result<Connectivity, Failed> {
    let mut all = Connectivity::default();
    let mut add = |from: &str, to: &str, words: &str| {
        if from.starts_with('{') || to.starts_with('{') {
            all.left_out += 1;
        } else if words != "No Connections" {
            all.add(from, to, &spoken(words), range);
        }
    };
    let json = case.join("expected.json");
    if json.is_file() {
        let edges: Vec<Value> = serde_json::from_str(&fs::read_to_string(json)?)?;
        for edge in &edges {
            let of = |name: &str| edge.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            add(&of("src"), &of("dst"), &of("conn"));
        }
    } else {
        for line in fs::read_to_string(case.join("expected.txt"))?.lines() {
            if let Some((ends, words)) = line.split_once(" : ")
                && let Some((from, to)) = ends.split_once(" => ")
            {
                add(from.trim(), to.trim(), words.trim());
            }
        }
    }
    all.settle();
    Ok(all)
}

fn computed(case: &Path) -> Result<Connectivity, Failed> {
    let mut files: Vec<PathBuf> = fs::read_dir(case)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    let inputs = files
        .iter()
        .filter(|file| {
            let stem = file.file_stem().unwrap_or_default();
            let manifest = file
                .extension()
                .is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known));
            stem != "expected" && manifest
        })
        .map(|file| {
            Ok(Input {
                name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                bytes: fs::read(file)?,
            })
        })
        .collect::<Result<Vec<_>, std::io::Error>>()?;
    let analysis = analysis::read(inputs, &mut |_| {});
    let reach = reach::compute(&Matrix::new(&analysis.model()));
    if !reach.unread.is_empty() {
        return Err(format!("policies are not read: {:?}", reach.unread).into());
    }
    let mut all = Connectivity::default();
    let six = |end: &str| end.split_once('/').is_some_and(|(address, _)| address.contains(':'));
    for edge in &reach.edges {
        if six(&edge.from) || six(&edge.to) {
            // The suite's lines are about IPv4 alone.
            continue;
        }
        let mut ports = Ports::new();
        for words in edge.ports.words() {
            let (protocol, numbers) = words.split_once(' ').ok_or("a protocol and its ports")?;
            let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
            ports
                .entry(protocol.to_owned())
                .or_default()
                .push((first.parse()?, last.parse()?));
        }
        all.add(&edge.from, &edge.to, &joined(ports), block);
    }
    all.settle();
    Ok(all)
}

impl Connectivity {
    fn add(&mut self, from: &str, to: &str, ports: &Ports, addresses: impl Fn(&str) -> Option<(u32, u32)>) {
        match (addresses(from), addresses(to)) {
            (None, None) if from != to => {
                self.inside.insert((from.to_owned(), to.to_owned()), ports.clone());
            }
            (None, None) => {}
            (Some(range), _) => self.with_outside(to, false, ports, range),
            (_, Some(range)) => self.with_outside(from, true, ports, range),
        }
    }

    fn with_outside(&mut self, workload: &str, source: bool, ports: &Ports, range: (u32, u32)) {
        let of = self.outside.entry((workload.to_owned(), source)).or_default();
        of.entry(ports.clone()).or_default().push(range);
    }

    fn settle(&mut self) {
        for ranges in self.outside.values_mut().flat_map(|of| of.values_mut()) {
            *ranges = merged(std::mem::take(ranges));
        }
    }
}

fn merged(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut all: Vec<(u32, u32)> = Vec::new();
    for (first, last) in ranges {
        match all.last_mut() {
            Some(open) if u64::from(first) <= u64::from(open.1) + 1 => open.1 = open.1.max(last),
            _ => all.push((first, last)),
        }
    }
    all
}

fn joined(ports: Ports) -> Ports {
    ports
        .into_iter()
        .map(|(protocol, ranges)| (protocol, merged(ranges)))
        .collect()
}

/// `All Connections`, `TCP 80,443,UDP 53`, `TCP`.
fn spoken(words: &str) -> Ports {
    let mut ports = Ports::new();
    if words == "All Connections" {
        for protocol in ["SCTP", "TCP", "UDP"] {
            ports.insert(protocol.to_owned(), vec![(1, 65_535)]);
        }
        return ports;
    }
    let mut protocol = String::new();
    for part in words.split(',').map(str::trim) {
        let numbers = match part.split_once(' ') {
            Some((name, numbers)) => {
                name.clone_into(&mut protocol);
                numbers
            }
            None if part.starts_with(|c: char| c.is_ascii_digit()) => part,
            None => {
                part.clone_into(&mut protocol);
                "1-65535"
            }
        };
        let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
        if let (Ok(first), Ok(last)) = (first.parse(), last.parse()) {
            ports.entry(protocol.clone()).or_default().push((first, last));
        }
    }
    joined(ports)
}

/// `10.0.0.0-10.0.0.255[External]`
fn range(text: &str) -> Option<(u32, u32)> {
    let (first, last) = text.strip_suffix("[External]")?.split_once('-')?;
    let number = |text: &str| text.parse::<Ipv4Addr>().ok().map(u32::from);
    Some((number(first)?, number(last)?))
}

/// `10.0.0.0/24`
fn block(text: &str) -> Option<(u32, u32)> {
    let (address, bits) = text.split_once('/')?;
    let address: Ipv4Addr = address.parse().ok()?;
    let size = 1_u64 << (32 - bits.parse::<u32>().ok()?);
    let first = u32::from(address);
    Some((first, u32::try_from(u64::from(first) + size - 1).ok()?))
}
