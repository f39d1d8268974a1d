//! Prompts of two lines: the upper one.

use super::user_at_host;

/// Whether a line is the first of a prompt's two lines: starship's, a frame's, Git Bash's, a directory with its branch.
pub fn is_upper_line(line: &str) -> bool {
    let line = line.trim();
    if line.chars().nth(200).is_some() {
        return false;
    }
    let words = line.split_ascii_whitespace().count();
    if line.starts_with(['╭', '┌']) {
        return true;
    }
    if line.contains(" MINGW64 ") || line.contains(" MSYS ") || line.contains(" UCRT64 ") {
        return true;
    }
    let place = line.starts_with(['~', '/']);
    let marked = line.chars().any(|c| !c.is_ascii() && !c.is_alphanumeric());
    let told = (line.contains(" on ")
        || line.contains(" via ")
        || line.contains(" took ")
        || line.contains('⎈')
        || line.contains('☸'))
        && (place || marked);
    told || (place && words <= 3 && !line.contains([':', '=', '"', ',']) && !line.starts_with("//"))
        || (words <= 5 && line.contains('@') && !line.contains(": ") && user_at_host(line).is_some())
}

/// The host that the upper line of a prompt names.
pub fn host_of(upper: &str) -> Option<String> {
    let text = upper.trim_start_matches(['╭', '┌', '─', '(', '[', ' ']);
    let word = text.split([' ', ')', ']']).next()?;
    user_at_host(word).map(|(_, host)| host.to_owned())
}
