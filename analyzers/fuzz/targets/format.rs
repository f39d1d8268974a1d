//! One parser, whatever a sniffer would say: `WHYPATH_FORMAT` names it, and without one the first byte of the input chooses.
//! Every value that was read is looked up again in the text.

#![no_main]

mod limits;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use whypath_analyzers::artifact::{Artifacts, Node};
use whypath_analyzers::segment::formats::ALL;
use whypath_analyzers::segment::{Format, Segment};
use whypath_analyzers::text::Sources;

static CHOSEN: LazyLock<Option<Format>> = LazyLock::new(|| {
    let name = std::env::var("WHYPATH_FORMAT").ok()?;
    Some(Format::named(&name).expect("a format's name in WHYPATH_FORMAT"))
});

fuzz_target!(|bytes: &[u8]| {
    let (format, bytes) = match (*CHOSEN, bytes.split_first()) {
        (Some(format), _) => (format, bytes),
        (None, Some((first, rest))) => (ALL[usize::from(*first) % ALL.len()], rest),
        (None, None) => return,
    };
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    limits::within(bytes.len(), || {
        let mut sources = Sources::default();
        let id = sources.add("fuzz", text);
        let body = sources.whole(id);
        let segment = Segment {
            span: body,
            command: None,
            within: Vec::new(),
            at: None,
            body,
            format,
            confidence: 1.0,
            chosen: true,
        };
        let (mut artifacts, mut problems) = (Artifacts::default(), Vec::new());
        format.read(&sources, 0, &segment, &mut artifacts, &mut problems);
        for problem in &problems {
            assert!(problem.span.end <= text.len());
        }
        for (_, artifact) in artifacts.iter() {
            assert!(text.get(artifact.span.start..artifact.span.end).is_some());
        }
        let mut left = 200;
        for (_, root) in artifacts.roots() {
            locate(&root, &sources, &artifacts, &mut left);
        }
    });
});

/// Looks up the first values of a document.
fn locate(node: &Node<'_>, sources: &Sources, artifacts: &Artifacts, left: &mut usize) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    let span = node.evidence().span(sources, artifacts).expect("a place");
    assert!(sources.get(span.source).is_some_and(|source| source.text.get(span.start..span.end).is_some()));
    for child in node.items() {
        locate(&child, sources, artifacts, left);
    }
    for (_, child) in node.members() {
        locate(&child, sources, artifacts, left);
    }
}
