//! The prompts of PowerShell and `cmd`.

use super::Found;

/// What follows `PS C:\dir>` or `C:\dir>`.
pub fn windows_prompt(line: &str) -> Option<Found<'_>> {
    let path = line.strip_prefix("PS ").unwrap_or(line);
    let mut chars = path.chars();
    let drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && chars.next() == Some('\\');
    let unix_powershell = line.starts_with("PS ") && path.starts_with(['/', '~']);
    if line.starts_with("PS>") {
        return Some(Found::new(line.get(3..)?, "PS"));
    }
    if !drive && !unix_powershell {
        return None;
    }
    let (path, rest) = path.split_once('>')?;
    (path.len() < 200).then(|| Found::new(rest, "PS"))
}
