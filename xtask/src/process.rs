//! Running other programs.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// Runs to the end, with the terminal's own output.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|source| Error::Start {
        program: program(command),
        source,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Failed {
            command: describe(command),
            status: status.to_string(),
        })
    }
}

/// What a program printed, or `None` where it is absent or failed: for looking around, never for work.
pub fn probe(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A program by its name, as the shell would find it.
pub fn which(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|directory| directory.join(name))
        .find(|candidate| candidate.is_file())
}

/// PATH with some directories put in front.
pub fn path_with(front: &[PathBuf]) -> OsString {
    let current = env::var_os("PATH").unwrap_or_default();
    let all: Vec<PathBuf> = front
        .iter()
        .cloned()
        .chain(env::split_paths(&current))
        .collect();
    // Only a directory with the separator in its name cannot be joined; such a one could not be on PATH at all.
    env::join_paths(all).unwrap_or(current)
}

/// The cargo that started this program, so that native builds share its toolchain.
pub fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The command line as a person would type it.
pub fn describe(command: &Command) -> String {
    let mut line = program(command);
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

fn program(command: &Command) -> String {
    let name = Path::new(command.get_program());
    name.file_name()
        .unwrap_or(name.as_os_str())
        .to_string_lossy()
        .into_owned()
}
