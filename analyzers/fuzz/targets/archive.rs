//! Archives: what comes out is bounded by what went in, and all of it can be read.

#![no_main]

mod limits;

use libfuzzer_sys::fuzz_target;
use whypath_analyzers::analysis::{self, Choices};
use whypath_analyzers::archive::{self, FREE, RATIO};

fuzz_target!(|bytes: &[u8]| {
    let opened = archive::open(limits::input(bytes).remove(0));
    let out: usize = opened.inputs.iter().map(|input| input.bytes.len()).sum();
    assert!(out <= FREE.max(RATIO * bytes.len()), "{out} bytes out of {}", bytes.len());
    for (_, fault) in &opened.faults {
        assert!(!fault.to_string().is_empty());
    }
    // What is read costs as any text does.
    limits::within(bytes.len() + 3 * out, || {
        drop(opened);
        let unpacked = analysis::unpack(limits::input(bytes));
        std::hint::black_box(analysis::read_unpacked(unpacked, &Choices::default(), &mut |_| {}));
    });
});
