//! Trunk, which bundles the page and its worker.

use std::path::PathBuf;

use super::cargo_install::Program;
use crate::error::Result;
use crate::project::Project;

/// Finds or builds Trunk.
pub fn ready(project: &Project) -> Result<PathBuf> {
    let directory = Program {
        package: "trunk",
        binary: "trunk",
        version: "0.21.14",
        // Neither a self-update nor the system's TLS library is needed to bundle files.
        arguments: &["--no-default-features", "--features", "rustls"],
        how_long: "about 4 minutes",
        // Its newest dependencies do not compile together.
        unlocked: false,
    }
    .ready(project)?;
    Ok(directory.join("trunk"))
}
