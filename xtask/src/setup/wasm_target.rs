//! A Rust toolchain that builds for wasm32.
//!
//! Mostly rustup adds the target. Where it cannot be reached, Debian's compiler comes with the sources of the
//! standard library, which are then compiled here once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::apt;
use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN: &str = "debian";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
/// Written beside a standard library that was compiled here: the compiler that it belongs to.
const STAMP: &str = "built-by.txt";
const LINKER: &str = "rust-lld";

/// Which toolchain builds for wasm32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toolchain {
    /// The one that runs everything else, too.
    Default,
    /// Debian's, under the name that rustup knows it by.
    Debian,
}

impl Toolchain {
    /// Makes a command, and every cargo that it starts, use this toolchain.
    pub fn select(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Default => command,
            Self::Debian => command.env("RUSTUP_TOOLCHAIN", DEBIAN),
        }
    }

    fn has_target(self) -> bool {
        self.library()
            .is_some_and(|library| holds_standard_library(&library) && self.built(&library))
            && (self == Self::Default || debian_linker())
    }

    /// Where this toolchain keeps (or would keep) the standard library for wasm32.
    fn library(self) -> Option<PathBuf> {
        let mut rustc = Command::new("rustc");
        self.select(&mut rustc)
            .args(["--print", "target-libdir", "--target", TARGET]);
        process::probe(&mut rustc).map(PathBuf::from)
    }

    /// Whether a library that was compiled here was compiled by this compiler and not by one before an upgrade.
    fn built(self, library: &Path) -> bool {
        let Ok(stamp) = fs::read_to_string(library.join(STAMP)) else {
            return true;
        };
        let mut rustc = Command::new("rustc");
        process::probe(self.select(&mut rustc).arg("-vV")).is_some_and(|now| now == stamp.trim())
    }
}

/// Finds a toolchain with the target, or makes one.
pub fn ready(project: &Project) -> Result<Toolchain> {
    for toolchain in [Toolchain::Default, Toolchain::Debian] {
        if toolchain.has_target() {
            return Ok(toolchain);
        }
    }
    if process::which("rustup").is_some() {
        super::announce("adding the wasm32 target", "less than a minute");
        if process::run(Command::new("rustup").args(["target", "add", TARGET])).is_ok()
            && Toolchain::Default.has_target()
        {
            return Ok(Toolchain::Default);
        }
        println!("set-up: rustup could not add it; looking for another way");
    }
    if !apt::present() {
        return Err(Error::missing(
            format!("the Rust target {TARGET}"),
            format!("Run `rustup target add {TARGET}` where the Internet can be reached."),
        ));
    }
    from_debian(project)
}

fn holds_standard_library(library: &Path) -> bool {
    let Ok(entries) = library.read_dir() else {
        return false;
    };
    let names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    ["libcore-", "libstd-"].iter().all(|prefix| {
        names
            .iter()
            .any(|name| name.starts_with(prefix) && has_extension(name, "rlib"))
    })
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e == extension)
}

/// Debian packs the linker apart from the compiler that calls it.
fn debian_linker() -> bool {
    let beside_compiler = process::probe(Command::new(DEBIAN_RUSTC).args(["--print", "target-libdir"]))
        .is_some_and(|library| Path::new(&library).with_file_name("bin").join(LINKER).exists());
    beside_compiler || process::which(LINKER).is_some()
}

fn from_debian(project: &Project) -> Result<Toolchain> {
    super::announce("Debian's Rust compiler and its sources", "about a minute");
    apt::install(&["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"])?;
    let version = process::probe(Command::new(DEBIAN_RUSTC).arg("-vV")).ok_or_else(|| {
        Error::missing(
            DEBIAN_RUSTC,
            "The packages were installed, but the compiler does not run.",
        )
    })?;
    // `rust-lld` is but a link to the linker of this compiler's LLVM.
    apt::install(&[&linker_package(&version)])?;

    super::announce("compiling the standard library for wasm32", "about a minute");
    let compiled = compile_standard_library(project)?;
    install_standard_library(&compiled, &version)?;
    // It has been copied; what is left over costs disk space, nothing else.
    let _ = fs::remove_dir_all(scratch(project));

    if process::which("rustup").is_none() {
        return if Toolchain::Default.has_target() {
            Ok(Toolchain::Default)
        } else {
            Err(Error::missing(
                format!("a `rustc` on PATH that knows {TARGET}"),
                format!("Put the directory of {DEBIAN_RUSTC} first on PATH."),
            ))
        };
    }
    process::run(Command::new("rustup").args(["toolchain", "link", DEBIAN, "/usr"]))?;
    if Toolchain::Debian.has_target() {
        Ok(Toolchain::Debian)
    } else {
        Err(Error::missing(
            format!("the Rust target {TARGET}"),
            "It was compiled and installed, but the toolchain does not see it.",
        ))
    }
}

/// Where the standard library is compiled.
fn scratch(project: &Project) -> PathBuf {
    project.tools().join("wasm32-std")
}

fn linker_package(version: &str) -> String {
    let major = version
        .lines()
        .find_map(|line| line.strip_prefix("LLVM version: "))
        .and_then(|version| version.split('.').next());
    major.map_or_else(|| "lld".to_owned(), |major| format!("lld-{major}"))
}

/// Compiles the standard library as the dependency of an empty crate, and returns where the parts are.
fn compile_standard_library(project: &Project) -> Result<PathBuf> {
    let scratch = scratch(project);
    // What an earlier compiler left behind would be copied along.
    let _ = fs::remove_dir_all(&scratch);
    let source = scratch.join("src");
    fs::create_dir_all(&source).map_err(Error::file("create", &source))?;
    let manifest = scratch.join("Cargo.toml");
    fs::write(
        &manifest,
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n",
    )
    .map_err(Error::file("write", &manifest))?;
    let library = source.join("lib.rs");
    fs::write(&library, "").map_err(Error::file("write", &library))?;

    let target = scratch.join("target");
    process::run(
        Command::new(DEBIAN_CARGO)
            .args(["build", "--release", "--quiet", "-Zbuild-std=std,panic_abort"])
            .args(["--target", TARGET])
            .current_dir(&scratch)
            .env("RUSTC", DEBIAN_RUSTC)
            .env("RUSTC_BOOTSTRAP", "1")
            // Without bitcode in it, a build with `lto = true` could not use the library.
            .env("RUSTFLAGS", "-Cembed-bitcode=yes")
            .env("CARGO_TARGET_DIR", &target),
    )?;
    Ok(target.join(TARGET).join("release/deps"))
}

fn install_standard_library(compiled: &Path, version: &str) -> Result<()> {
    let library = process::probe(Command::new(DEBIAN_RUSTC).args(["--print", "target-libdir", "--target", TARGET]))
        .ok_or_else(|| Error::missing(DEBIAN_RUSTC, "It was installed, but does not run."))?;

    let entries = compiled.read_dir().map_err(Error::file("list", compiled))?.flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            has_extension(&name, "rlib") && !name.starts_with("libempty-")
        })
        .collect();
    files.sort();

    let stamp = compiled.join(STAMP);
    fs::write(&stamp, version).map_err(Error::file("write", &stamp))?;
    files.push(stamp);

    // Put in place as a whole: half a copy would be taken for a library, and so would what an earlier compiler left.
    let staged = format!("{library}.new");
    process::run(apt::as_root("rm")?.args(["-rf", &staged]))?;
    process::run(apt::as_root("mkdir")?.args(["-p", &staged]))?;
    process::run(apt::as_root("cp")?.args(&files).arg(&staged))?;
    process::run(apt::as_root("rm")?.args(["-rf", &library]))?;
    process::run(apt::as_root("mv")?.args([&staged, &library]))
}

#[cfg(test)]
mod tests {
    use super::linker_package;

    #[test]
    fn the_linker_is_of_the_compilers_llvm() {
        let version = "rustc 1.96.0\nhost: x86_64-unknown-linux-gnu\nLLVM version: 22.1.8";
        assert_eq!(linker_package(version), "lld-22");
        assert_eq!(linker_package("rustc 1.96.0"), "lld");
    }
}
