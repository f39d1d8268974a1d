//! Programs that cargo builds from source, kept in the cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;

/// A program to be had from the crate registry.
#[derive(Debug)]
pub struct Program<'a> {
    /// The crate.
    pub package: &'a str,
    /// The program to ask for its version.
    pub binary: &'a str,
    /// The version to install.
    pub version: &'a str,
    /// Further arguments of `cargo install`.
    pub arguments: &'a [&'a str],
    /// How long the build takes on two cores.
    pub how_long: &'a str,
    /// Whether a build with the newest dependencies is worth a try when the locked ones cannot be had.
    pub unlocked: bool,
}

impl Program<'_> {
    /// The directory that holds the program: on PATH, in the cache, or built now.
    pub fn ready(&self, project: &Project) -> Result<PathBuf> {
        let own = project
            .tools()
            .join(format!("{}-{}", self.package, self.version));
        let directory = own.join("bin");
        if self.is_in(&directory) {
            return Ok(directory);
        }
        if let Some(found) = process::which(self.binary).and_then(|p| Some(p.parent()?.to_owned()))
            && self.is_in(&found)
        {
            return Ok(found);
        }

        super::announce(
            &format!("building {} {}", self.package, self.version),
            self.how_long,
        );
        // A build directory that stays until the end lets an interrupted build go on where it stopped.
        let scratch = project.tools().join(format!("{}-build", self.package));
        fs::create_dir_all(&scratch).map_err(Error::file("create", &scratch))?;
        let locked = self.install(&own, &scratch, true);
        if self.unlocked {
            locked.or_else(|_| self.install(&own, &scratch, false))?;
        } else {
            locked?;
        }
        // What is left over costs disk space, nothing else.
        let _ = fs::remove_dir_all(&scratch);
        Ok(directory)
    }

    fn is_in(&self, directory: &Path) -> bool {
        process::probe(Command::new(directory.join(self.binary)).arg("--version"))
            .is_some_and(|printed| printed.split_whitespace().nth(1) == Some(self.version))
    }

    fn install(&self, own: &Path, scratch: &Path, locked: bool) -> Result<()> {
        let mut cargo = process::cargo();
        cargo
            .args(["install", "--quiet", "--force", self.package])
            .args(["--version", self.version, "--root"])
            .arg(own)
            .args(self.arguments)
            .env("CARGO_TARGET_DIR", scratch)
            // These programs only orchestrate: their own speed matters less than the time to build them.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        if locked {
            cargo.arg("--locked");
        }
        process::run(&mut cargo)
    }
}
