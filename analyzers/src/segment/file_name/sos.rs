//! `sosreport` (sos `sos/report/plugins/__init__.py`, `_mangle_command`): in the name of a command's output everything that is no letter,
//! digit, `-` or `.` is `_`. Files are copied under their own paths.

use super::{after, is_word};

pub fn command(path: &[&str]) -> Option<String> {
    if let Some(rest) = after(path, "sos_commands") {
        let [_plugin, .., file] = rest else { return None };
        return is_word(file).then(|| file.replace('_', " "));
    }
    let root = path.iter().rposition(|part| part.starts_with("sosreport-"))?;
    let rest = path.get(root + 1..)?;
    let system = rest.len() > 1
        && rest
            .first()
            .is_some_and(|part| matches!(*part, "etc" | "proc" | "var" | "run" | "sys" | "usr" | "opt" | "boot"));
    (system && rest.iter().all(|part| is_word(part))).then(|| format!("cat /{}", rest.join("/")))
}
