//! PowerShell's `dir` (`Get-ChildItem`): `{"directory", "files": [{"mode", "lastWriteTime", "length", "name"}]}`, the columns of its table.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// PowerShell's `dir`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "windows-dir",
    title: "PowerShell's dir",
    command: |line| matches!(line.program.as_str(), "dir" | "Get-ChildItem" | "gci"),
    least: 7,
    sniff,
    read,
});

fn is_header(line: &str) -> bool {
    line.starts_with("Mode ") && line.contains("LastWriteTime") && line.trim_end().ends_with("Name")
}

fn directory(line: Piece<'_>) -> Option<Piece<'_>> {
    line.trim().strip_prefix("Directory: ")
}

/// `-a----        24.04.2023     16:07           1986 name`; a directory has no length.
fn file(line: Piece<'_>) -> Option<Placed> {
    let words: Vec<Piece<'_>> = line.words().take(6).collect();
    let mode = words.first()?;
    let is_mode = (5..=6).contains(&mode.len()) && mode.bytes().all(|b| b"darhsl-".contains(&b));
    if !is_mode || !words.get(1)?.bytes().any(|b| b.is_ascii_digit()) || !words.get(2)?.contains(':') {
        return None;
    }
    // `4:07 PM`
    let clock = if words.get(3).is_some_and(|word| matches!(word.str(), "AM" | "PM")) {
        3
    } else {
        2
    };
    let mut value = Placed::object(line);
    value.put_text("mode", *mode);
    value.put_text("lastWriteTime", words.get(1)?.to(*words.get(clock)?, line));
    let next = words.get(clock + 1)?;
    let rest = line.skip(next.start() - line.start());
    match rest
        .split_once(" ")
        .filter(|(length, _)| length.bytes().all(|b| b.is_ascii_digit()))
    {
        Some((length, name)) => {
            value.put_number("length", length);
            value.put_text("name", name.trim());
        }
        None => value.put_text("name", rest.trim()),
    }
    Some(value)
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let next = || {
        let mut lines = rest.lines().skip(1).take(6).filter(|line| !line.trim().is_empty());
        lines.next().is_some_and(is_header)
    };
    let begins = is_header(line) || line.trim_start().starts_with("Directory: ") && next();
    begins.then(|| {
        take(rest, FORMAT, hint, |line| {
            let piece = Piece::new(line);
            is_header(line) || line.starts_with("----") || directory(piece).is_some() || file(piece).is_some()
        })
    })?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let mut files = Placed::array(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_header(line.str()) || line.starts_with("----") {
            continue;
        }
        if let Some(path) = directory(line) {
            root.put_text("directory", path);
        } else if let Some(file) = file(line) {
            files.push(file);
        } else {
            unread.line(line, FORMAT.title());
        }
    }
    root.put("files", files);
    let complete = unread.finish();
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn files_and_directories() {
        let text = include_str!("../../../../tests/samples/windows-dir/kube.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("windows-dir", text),
                json!({"directory": "C:\\Users\\jv\\.kube", "files": [
                    {"mode": "d-----", "lastWriteTime": "21.11.2026     10:02", "name": "cache"},
                    {"mode": "-a----", "lastWriteTime": "11/21/2026   9:58 AM", "length": 1986, "name": "config old"}]})
            );
        }
    }
}
