//! Where things are: the checkout and the cache.

use std::env;
use std::path::{self, Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};

/// The checkout and the cache that outlives it.
#[derive(Debug, Clone)]
pub struct Project {
    root: PathBuf,
    cache: PathBuf,
}

impl Project {
    /// Finds the checkout above the current directory, and the cache in the environment.
    pub fn find() -> Result<Self> {
        let here = env::current_dir().map_err(Error::file("find", Path::new(".")))?;
        let root = here
            .ancestors()
            .find(|directory| directory.join("Trunk.toml").is_file())
            .ok_or_else(|| Error::missing("the checkout", "Run this from within the Whypath checkout."))?
            .to_path_buf();
        Ok(Self {
            root,
            cache: cache_directory()?,
        })
    }

    /// The checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The built site.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The browser tests, with the npm packages that they and the build use.
    pub fn browser_tests(&self) -> PathBuf {
        self.root.join("tests/browser")
    }

    /// Where programs of the tools are installed.
    pub fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// Where cargo builds. A continuous integration machine starts from a fresh clone each time: there the
    /// dependencies are kept in the cache, otherwise every run would compile them again.
    pub fn target(&self) -> PathBuf {
        if let Some(chosen) = env::var_os("CARGO_TARGET_DIR") {
            // Cargo resolves a relative one against the current directory.
            return path::absolute(&chosen).unwrap_or_else(|_| chosen.into());
        }
        if env::var_os("CI").is_some_and(|value| value == "true") {
            self.cache.join("target")
        } else {
            self.root.join("target")
        }
    }

    /// Points an inner cargo (or a program that calls it) at the checkout and the build directory.
    pub fn prepare<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", self.target())
    }
}

fn cache_directory() -> Result<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let chosen = variable("WHYPATH_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|base| base.join("whypath")))
        .or_else(|| variable("HOME").map(|home| home.join(".cache/whypath")))
        .ok_or_else(|| {
            Error::missing(
                "a place for the tools",
                "Set WHYPATH_CACHE to a directory that may be written to.",
            )
        })?;
    // Programs are started from several directories, and each has to mean the same place.
    path::absolute(&chosen).map_err(Error::file("find", &chosen))
}
