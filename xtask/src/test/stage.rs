//! One stage of a test run: a program whose output is shown and counted.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::tally::Tally;
use crate::error::{Error, Result};
use crate::process;

/// Runs a test program, passes its output through, and counts with `read`. A program that fails without having
/// counted a failure is an error: it broke before or after its tests.
pub fn count(command: &mut Command, read: fn(&mut Tally, &str)) -> Result<Tally> {
    let line_of_command = process::describe(command);
    let lost = |source| Error::Start {
        program: line_of_command.clone(),
        source,
    };
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(lost)?;
    let mut tally = Tally::default();
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        // Tests may print anything, text or not.
        while output.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            // Whoever reads along may go away; the tests go on.
            let _ = io::stdout().write_all(&line);
            read(&mut tally, String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    }
    let status = child.wait().map_err(lost)?;
    if status.success() || tally.failed > 0 {
        Ok(tally)
    } else {
        Err(Error::Failed {
            command: line_of_command,
            status: status.to_string(),
        })
    }
}
