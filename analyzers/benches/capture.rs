//! How fast captures are read: tcpdump's text and capture files, in packets a second, and how much memory what was read takes.

// The macros of criterion write functions without documentation.
#![allow(missing_docs)]

mod inputs;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use whypath_analyzers::artifact::pcap;
use whypath_analyzers::text::{SourceId, Sources};
use whypath_analyzers::{Input, analysis, segment};

/// Packets of an input.
const PACKETS: usize = 200_000;

fn input(bytes: Vec<u8>) -> Vec<Input> {
    vec![Input {
        name: "capture".to_owned(),
        bytes,
    }]
}

fn reading_text(criterion: &mut Criterion) {
    let text = inputs::capture::text(PACKETS);
    let mut group = criterion.benchmark_group("tcpdump text");
    group.throughput(Throughput::Elements(PACKETS as u64));
    let mut sources = Sources::default();
    let id = sources.add("capture", text.as_str());
    group.bench_function("split", |bencher| {
        bencher.iter(|| segment::split(black_box(&sources), id));
    });
    group.bench_function("split and read", |bencher| {
        bencher.iter_batched(
            || input(text.clone().into_bytes()),
            |input| analysis::read(input, &mut |_| {}),
            criterion::BatchSize::PerIteration,
        );
    });
}

fn reading_files(criterion: &mut Criterion) {
    let bytes = inputs::capture::file(PACKETS);
    let mut group = criterion.benchmark_group("capture file");
    group.throughput(Throughput::Elements(PACKETS as u64));
    group.bench_function("read", |bencher| {
        bencher.iter(|| pcap::read(black_box(&bytes), SourceId(0)));
    });
}

criterion_group! {
    name = capture;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(3));
    targets = reading_text, reading_files
}
criterion_main!(capture);
