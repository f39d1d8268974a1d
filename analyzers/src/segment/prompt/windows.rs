//! The prompts of PowerShell and `cmd`.

use super::{Found, user_at_host};

/// What follows `PS C:\dir>` or `C:\dir>`, also after conda's environment, and after the `user@HOST ` of Windows' OpenSSH server.
pub fn windows_prompt(line: &str) -> Option<Found<'_>> {
    if let Some(rest) = line.strip_prefix("PS>") {
        return Some(Found::new(rest, "PS"));
    }
    let line = line
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(") "))
        .filter(|(environment, _)| environment.len() < 60)
        .map_or(line, |(_, rest)| rest);
    if let Some(rest) = after_path(line) {
        return Some(Found::new(rest, "PS"));
    }
    let (login, path) = line.split_once(' ')?;
    let (user, host) = user_at_host(login).filter(|(_, host)| login.ends_with(host))?;
    after_path(path).map(|rest| Found::of_host(rest, user, host))
}

/// What follows a directory and `>`.
fn after_path(line: &str) -> Option<&str> {
    let path = line.strip_prefix("PS ").unwrap_or(line);
    let mut chars = path.chars();
    let drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && chars.next() == Some('\\');
    let unix_powershell = line.starts_with("PS ") && path.starts_with(['/', '~']);
    if !drive && !unix_powershell {
        return None;
    }
    let (path, rest) = path.split_once('>')?;
    (path.len() < 200).then_some(rest)
}
