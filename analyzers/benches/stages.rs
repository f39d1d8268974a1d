//! How long the stages take. Inputs are made here, the same ones every time, and two sizes of each tell whether a stage is linear.
//! Nothing is decided by these times; `tests/total.rs` decides what has to hold.

// The macros of criterion write functions without documentation.
#![allow(missing_docs)]

mod inputs;

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use inputs::{Numbers, packet};
use whypath_analyzers::artifact::{Content, Document};
use whypath_analyzers::finding::page::{self, CaseKind};
use whypath_analyzers::text::Sources;
use whypath_analyzers::{Analysis, Input, analysis, analyze, segment};

/// Pods, rows, packets of an input.
const SIZES: [usize; 2] = [1_000, 4_000];

/// Makes a text of that many parts.
type Make = fn(usize) -> String;

/// A text of `parts`, each written from its number.
fn text(head: &str, parts: usize, between: &str, tail: &str, part: impl Fn(usize, &mut Numbers) -> String) -> String {
    let mut numbers = Numbers::new();
    let parts: Vec<String> = (0..parts).map(|number| part(number, &mut numbers)).collect();
    format!("{head}{}{tail}", parts.join(between))
}

fn table(rows: usize) -> String {
    let head = format!(
        "$ kubectl get pods -A -o wide\n{:12}{:20}{:8}{:10}{:11}{:6}{:18}{}\n",
        "NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE"
    );
    text(&head, rows, "", "", |row, numbers| {
        let node = numbers.next(200);
        format!(
            "{:12}{:20}{:8}{:10}{:11}{:6}{:18}node-{node}\n",
            format!("ns-{}", row % 50),
            format!("web-{row}"),
            "1/1",
            "Running",
            "0",
            "5d",
            numbers.address()
        )
    })
}

fn json(pods: usize) -> String {
    let head = "$ kubectl get pods -A -o json\n{\n  \"apiVersion\": \"v1\",\n  \"items\": [\n";
    text(
        head,
        pods,
        ",\n",
        "\n  ],\n  \"kind\": \"List\"\n}\n",
        |pod, numbers| {
            format!(
                r#"    {{
      "apiVersion": "v1",
      "kind": "Pod",
      "metadata": {{"labels": {{"app": "web"}}, "name": "web-{pod}", "namespace": "ns-{}"}},
      "spec": {{"containers": [{{"image": "web:{pod}", "name": "web"}}], "nodeName": "node-{}"}},
      "status": {{"phase": "Running", "podIP": "{}"}}
    }}"#,
                pod % 50,
                numbers.next(200),
                numbers.address()
            )
        },
    )
}

fn yaml(pods: usize) -> String {
    let head = "$ kubectl get pods -A -o yaml\napiVersion: v1\nkind: List\nitems:\n";
    text(head, pods, "", "", |pod, numbers| {
        format!(
            "- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: web-{pod}\n    namespace: ns-{}\n  spec:\n    nodeName: node-{}\n    \
             containers:\n    - image: web:{pod}\n      name: web\n  status:\n    phase: Running\n    podIP: {}\n",
            pod % 50,
            numbers.next(200),
            numbers.address()
        )
    })
}

/// Half DNS, half TCP, as `tcpdump -nn` prints both.
fn packets(count: usize) -> String {
    text("$ tcpdump -nn -i any\n", count, "", "", packet)
}

/// Short lines that nothing recognises: each is shown to the sniffers of all formats.
fn strays(count: usize) -> String {
    text("", count, "", "", |number, _| {
        let line = ["k", "%%", "q1.", "..zz", "b%0x9"];
        format!("{}\n", line.get(number % line.len()).unwrap_or(&"k"))
    })
}

/// Everything one after the other, with lines that nothing recognises between.
fn mixture(parts: usize) -> String {
    let mut all = String::new();
    for (number, part) in [table(parts), json(parts), yaml(parts), packets(parts)]
        .iter()
        .enumerate()
    {
        let _ = writeln!(all, "{part}");
        for line in 0..parts {
            let _ = writeln!(all, "note {number}.{line}: somebody wrote this between two outputs");
        }
    }
    all
}

fn inputs(text: &str) -> Vec<Input> {
    vec![Input {
        name: "paste 1".to_owned(),
        bytes: text.as_bytes().to_vec(),
    }]
}

fn read(text: &str) -> Analysis {
    analysis::read(inputs(text), &mut |_| {})
}

fn splitting(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("split");
    for size in SIZES {
        let text = mixture(size);
        group.throughput(Throughput::Bytes(text.len() as u64));
        let mut sources = Sources::default();
        let id = sources.add("paste 1", text);
        group.bench_with_input(BenchmarkId::from_parameter(size), &size, |bencher, _| {
            bencher.iter(|| segment::split(black_box(&sources), id));
        });
    }
}

fn reading(criterion: &mut Criterion) {
    let formats: [(&str, Make); 5] = [
        ("table", table),
        ("json", json),
        ("yaml", yaml),
        ("tcpdump", packets),
        ("strays", strays),
    ];
    for (name, make) in formats {
        let mut group = criterion.benchmark_group(format!("read {name}"));
        for size in SIZES {
            let text = make(size);
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_with_input(BenchmarkId::from_parameter(size), &text, |bencher, text| {
                bencher.iter(|| read(black_box(text)));
            });
        }
    }
}

/// The first document of an analysis.
fn document(analysis: &Analysis) -> Option<&Document> {
    analysis
        .artifacts
        .iter()
        .find_map(|(_, artifact)| match &artifact.content {
            Content::Document(document) => Some(document),
            _ => None,
        })
}

fn locating(criterion: &mut Criterion) {
    let formats: [(&str, Make); 3] = [("table", table), ("json", json), ("yaml", yaml)];
    let mut group = criterion.benchmark_group("locate");
    for (name, make) in formats {
        let analysis = read(&make(SIZES[0]));
        let pointer = format!("/items/{}/status/podIP", SIZES[0] - 1);
        let Some(document) = document(&analysis) else { continue };
        group.bench_function(name, |bencher| {
            bencher.iter(|| document.locate(&analysis.sources, black_box(&pointer)));
        });
    }
}

fn diagnosing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("diagnose");
    for page in page::ALL.values() {
        let samples = page
            .cases
            .iter()
            .filter(|case| case.kind == CaseKind::Trigger && case.sample.is_some());
        for case in samples {
            group.bench_with_input(
                BenchmarkId::new(page.front.code.as_str(), &case.id),
                &case.paste,
                |bencher, paste| bencher.iter(|| analyze(inputs(black_box(paste)), &mut |_| {})),
            );
        }
    }
    for size in SIZES {
        let text = mixture(size);
        group.bench_with_input(BenchmarkId::new("a large paste", size), &text, |bencher, text| {
            bencher.iter(|| analyze(inputs(black_box(text)), &mut |_| {}).workbench());
        });
    }
}

criterion_group! {
    name = stages;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800));
    targets = splitting, reading, locating, diagnosing
}
criterion_main!(stages);
