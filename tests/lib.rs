//! What the suites share: where their data is, and how the analyzers are called.

pub mod capture_file;
pub mod printed;

use std::path::{Path, PathBuf};

use whypath_analyzers::{Analysis, Input, analyze};

/// The folder of suites and cases beside the checkout, where there is one.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    path.is_dir().then_some(path)
}

/// Analyzes texts under their names.
pub fn analyze_texts(texts: &[(&str, &str)]) -> Analysis {
    let inputs = texts
        .iter()
        .map(|(name, text)| Input {
            name: (*name).to_owned(),
            bytes: text.as_bytes().to_vec(),
        })
        .collect();
    analyze(inputs, &mut |_| {})
}

/// The folders in a folder, by their names.
pub fn folders(of: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(of)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

/// A conformance suite, or `None`, said aloud, where it is not there.
pub fn suite(name: &str) -> Option<PathBuf> {
    let path = shared("suites")
        .map(|suites| suites.join(name))
        .filter(|path| path.is_dir());
    if path.is_none() {
        eprintln!("SKIPPED: the suite {name} is not beside this checkout");
    }
    path
}
