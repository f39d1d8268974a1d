//! How much memory reading needs at the most, as a multiple of the text: counted at the allocator, so the same on every machine.

#![allow(clippy::print_stdout, reason = "a test that says what it measured")]

#[path = "../benches/inputs/mod.rs"]
mod inputs;

use peak_alloc::PeakAlloc;
use whypath_analyzers::{Input, analysis};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most bytes at one time between the bytes and the model, the input's own included, as hundredths of the text.
fn peak(text: String) -> usize {
    let len = text.len();
    let before = MEMORY.current_usage() - text.capacity();
    MEMORY.reset_peak_usage();
    let input = Input {
        name: "paste 1".to_owned(),
        bytes: text.into_bytes(),
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    let model = analysis.model();
    assert!(model.sources.iter().count() == 1);
    (MEMORY.peak_usage() - before) * 100 / len
}

/// One test, so that nothing else allocates meanwhile.
#[test]
fn reading_needs_a_few_times_the_text() {
    type Make = fn(usize) -> String;
    let cases: [(&str, Make, usize, usize); 8] = [
        ("pods as JSON", inputs::pods_json, 10_000_000, 400),
        ("pods as YAML", inputs::pods_yaml, 2_000_000, 2000),
        ("pods as a table", inputs::pods_table, 4_000_000, 1500),
        ("events as a table", inputs::events_table, 4_000_000, 1500),
        ("metrics", inputs::metrics, 4_000_000, 1500),
        ("tcpdump's text", inputs::packets, 4_000_000, 2000),
        ("a log", inputs::log, 4_000_000, 2000),
        ("words", inputs::words, 4_000_000, 2000),
    ];
    let mut over = Vec::new();
    for (name, make, bytes, limit) in cases {
        let mut text = make(bytes);
        text.shrink_to_fit();
        let ratio = peak(text);
        println!(
            "{name}: {}.{:02} times the text (at most {})",
            ratio / 100,
            ratio % 100,
            limit / 100
        );
        if ratio > limit {
            over.push(name);
        }
    }
    assert!(over.is_empty(), "too much memory: {over:?}");
}
