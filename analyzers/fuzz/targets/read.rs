//! All stages, from bytes to the report.

#![no_main]

mod limits;

use libfuzzer_sys::fuzz_target;
use whypath_analyzers::analyze;

fuzz_target!(|bytes: &[u8]| {
    limits::within(bytes.len(), || {
        let analysis = analyze(limits::input(bytes), &mut |_| {});
        for finding in &analysis.findings {
            std::hint::black_box(&finding.code);
        }
    });
});
