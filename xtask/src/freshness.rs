//! Whether the built site is younger than everything it is built from.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::SystemTime;

use crate::error::{Error, Result};
use crate::project::Project;

/// What the site is built from. The sources of xtask count because they seal the site.
const SOURCES: [&str; 9] = [
    "analyzers",
    "app",
    "public",
    "xtask/src",
    "tests/browser/package-lock.json",
    "index.html",
    "Trunk.toml",
    "Cargo.toml",
    "Cargo.lock",
];

/// Directories that grow with every build, or hold nothing that the page contains.
const NOT_SOURCES: [&str; 5] = ["target", "node_modules", "benches", "fuzz", "tests"];

/// Whether the site has to be built.
pub fn is_stale(project: &Project) -> Result<bool> {
    let built = fs::metadata(project.dist().join("index.html")).and_then(|site| site.modified());
    match built {
        Ok(built) => Ok(newest_source(project)? > built),
        Err(_) => Ok(true),
    }
}

/// When a source was last changed, added or removed.
pub fn newest_source(project: &Project) -> Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for source in SOURCES {
        let path = project.root().join(source);
        if let Ok(metadata) = fs::metadata(&path) {
            newest = newest.max(newest_within(&path, &metadata)?);
        }
    }
    Ok(newest)
}

/// The directory's own time counts: it changes when a file in it is removed.
fn newest_within(path: &Path, metadata: &Metadata) -> Result<SystemTime> {
    let mut newest = metadata.modified().map_err(Error::file("look at", path))?;
    if metadata.is_dir() {
        for entry in fs::read_dir(path).map_err(Error::file("list", path))? {
            let entry = entry.map_err(Error::file("list", path))?;
            if NOT_SOURCES.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let inner = entry.path();
            // A file may go away while this looks, as editors' temporary files do.
            if let Ok(metadata) = entry.metadata() {
                newest = newest.max(newest_within(&inner, &metadata)?);
            }
        }
    }
    Ok(newest)
}
