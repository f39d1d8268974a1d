//! The files of a built site.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The programs at the top of a built site, that is, files with one of these extensions, in order of their names.
pub fn files(site: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(site).map_err(Error::file("list", site))? {
        let path = entry.map_err(Error::file("list", site))?.path();
        if path
            .extension()
            .is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted))
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A file's name for people.
pub fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
