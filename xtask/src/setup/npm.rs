//! The npm packages: wasm-opt for the build, Playwright for the browser tests.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;

const OLDEST_NODE: u32 = 20;

/// The directory that holds the programs of the npm packages.
pub fn ready(project: &Project) -> Result<PathBuf> {
    node()?;
    let directory = project.browser_tests();
    let installed = directory.join("node_modules");
    let lock_path = directory.join("package-lock.json");
    let lock = fs::read(&lock_path).map_err(Error::file("read", &lock_path))?;
    // What was installed last, so that a changed lock file is noticed without asking npm, which takes its time.
    let stamp = installed.join(".installed-lock.json");
    if fs::read(&stamp).ok().as_deref() != Some(lock.as_slice()) {
        super::announce("npm packages", "about 20 seconds");
        process::run(
            Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
                .current_dir(&directory),
        )?;
        fs::write(&stamp, lock).map_err(Error::file("write", &stamp))?;
    }
    Ok(installed.join(".bin"))
}

fn node() -> Result<()> {
    let advice = format!(
        "Install Node.js {OLDEST_NODE} or newer with npm: wasm-opt and the browser tests run on it."
    );
    let version = process::probe(Command::new("node").arg("--version"))
        .ok_or_else(|| Error::missing("Node.js", advice.as_str()))?;
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|number| number.parse::<u32>().ok())
        .unwrap_or_default();
    if major < OLDEST_NODE {
        return Err(Error::missing(
            format!("Node.js {OLDEST_NODE} (found {version})"),
            advice,
        ));
    }
    if process::which("npm").is_none() {
        return Err(Error::missing("npm", advice));
    }
    Ok(())
}
