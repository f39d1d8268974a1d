//! wasm-bindgen's command line, which has to be of exactly the version that the page links.

use std::fs;
use std::path::PathBuf;

use super::cargo_install::Program;
use crate::error::{Error, Result};
use crate::project::Project;

/// The directory that holds `wasm-bindgen` and `wasm-bindgen-test-runner`.
pub fn ready(project: &Project) -> Result<PathBuf> {
    let path = project.root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let version = locked_version(&lock, "wasm-bindgen").ok_or_else(|| Error::Unexpected {
        path,
        expected: "names no wasm-bindgen; the page depends on it, so run `cargo update -w`".into(),
    })?;
    Program {
        package: "wasm-bindgen-cli",
        binary: "wasm-bindgen",
        version,
        arguments: &[],
        how_long: "about 2 minutes",
        unlocked: true,
    }
    .ready(project)
}

/// The version of a package in the text of Cargo.lock.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    lines.find(|line| *line == name)?;
    lines
        .next()?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";

    #[test]
    fn a_version_belongs_to_the_package_of_exactly_that_name() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }
}
