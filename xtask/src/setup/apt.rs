//! Debian's package manager, where there is one.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::process;

const LISTS: &str = "/var/lib/apt/lists";
const STALE: Duration = Duration::from_hours(24);

/// Whether this machine installs packages with apt-get.
pub fn present() -> bool {
    process::which("apt-get").is_some()
}

/// Installs packages, and refreshes the package lists first where they are missing or old.
pub fn install(packages: &[&str]) -> Result<()> {
    if !present() {
        return Err(Error::missing(
            packages.join(", "),
            "There is no apt-get here to install it with: use this system's own package manager.",
        ));
    }
    if !lists_are_fresh() {
        update()?;
    }
    let install = || {
        process::run(
            as_root("apt-get")?
                .args(["install", "-y", "-q", "--no-install-recommends"])
                // Another installation may be under way, as unattended upgrades are.
                .args(["-o", "DPkg::Lock::Timeout=120"])
                .args(packages),
        )
    };
    // Lists can look fresh and yet name versions that the mirror no longer has.
    install().or_else(|_| update().and_then(|()| install()))
}

/// A command with the rights to change the system: as is for root, through sudo for others.
pub fn as_root(program: &str) -> Result<Command> {
    let is_root = process::probe(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    let mut command = if is_root {
        Command::new("env")
    } else if process::which("sudo").is_some() {
        let mut sudo = Command::new("sudo");
        sudo.arg("env");
        sudo
    } else {
        return Err(Error::missing(
            "the right to install packages",
            format!("`{program}` has to run as root, and there is no sudo: run this once as root."),
        ));
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", program]);
    Ok(command)
}

fn update() -> Result<()> {
    super::announce("refreshing the package lists", "about 10 seconds");
    process::run(as_root("apt-get")?.args(["update", "-q"]))
}

fn lists_are_fresh() -> bool {
    let lists = Path::new(LISTS);
    let has_packages = lists.read_dir().is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().contains("_Packages")))
    });
    // The list files carry the mirror's time; the directory carries ours.
    let recent = lists
        .metadata()
        .and_then(|metadata| metadata.modified())
        .is_ok_and(|time| time.elapsed().is_ok_and(|age| age < STALE));
    has_packages && recent
}
