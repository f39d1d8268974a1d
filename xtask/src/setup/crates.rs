//! The sources of the crates: downloaded now, because Trunk builds offline.

use std::process::Stdio;

use crate::error::Result;
use crate::process;
use crate::project::Project;

/// Downloads the crates of Cargo.lock that are not here yet.
pub fn ready(project: &Project) -> Result<()> {
    let mut look = process::cargo();
    look.args(["fetch", "--locked", "--offline", "--quiet"])
        .current_dir(project.root())
        .stderr(Stdio::null());
    if process::run(&mut look).is_ok() {
        return Ok(());
    }
    super::announce("downloading crates", "less than a minute");
    process::run(
        process::cargo()
            .args(["fetch", "--locked", "--quiet"])
            .current_dir(project.root()),
    )
}
