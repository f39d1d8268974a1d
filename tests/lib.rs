//! What the suites share.

use std::path::PathBuf;

/// A conformance suite that stands beside the workspace in `shared/suites`, or `None`, said aloud, where it does not.
pub fn suite(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/suites")
        .join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: the suite {name} is not at {}", path.display());
    None
}
