//! The splitter: segments are in order, apart, and inside of the text.

#![no_main]

mod limits;

use libfuzzer_sys::fuzz_target;
use whypath_analyzers::segment;
use whypath_analyzers::text::Sources;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    limits::within(bytes.len(), || {
        let mut sources = Sources::default();
        let id = sources.add("fuzz", text);
        let mut covered = 0;
        for segment in segment::split(&sources, id) {
            assert!(segment.span.start >= covered && segment.span.end <= text.len());
            assert!(segment.span.start <= segment.body.start && segment.body.end <= segment.span.end);
            covered = segment.span.end;
        }
    });
});
