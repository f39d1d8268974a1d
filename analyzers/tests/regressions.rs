//! Inputs that once broke something, each a file of `tests/regressions/`: all stages have to come through, in time and memory that their
//! size allows. The fuzz targets (`cargo xtask fuzz`) find them.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that says how much it ran"
)]

use std::path::Path;

use whypath_analyzers::{Input, analyze};

#[test]
fn what_once_broke_something_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no regressions are there");
    for path in &paths {
        let bytes = std::fs::read(path).unwrap();
        let name = path.display().to_string();
        let analysis = analyze(vec![Input { name, bytes }], &mut |_| {});
        let _ = (analysis.read_report(), analysis.workbench());
        for (_, source) in analysis.sources.iter() {
            for problem in &analysis.problems {
                assert!(problem.span.end <= source.text.len(), "{}", path.display());
            }
        }
    }
    println!("{} inputs ran", paths.len());
}
