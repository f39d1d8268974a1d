//! `ulimit -a` (bash, dash, busybox' ash) and `/proc/PID/limits` (Linux `fs/proc/base.c`): how many files a process may open.
//!
//! `{"limits": [{"name", "unit", "option", "soft", "hard"}]}`: as they are printed; `ulimit` prints the soft ones.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// Limits of a process.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ulimit",
    title: "a process's limits",
    command: |line| {
        line.program == "ulimit"
            || line
                .args
                .iter()
                .any(|arg| arg.starts_with("/proc/") && arg.ends_with("/limits"))
    },
    least: 12,
    sniff,
    read,
});

fn is_value(word: &str) -> bool {
    word == "unlimited" || !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

/// `open files                      (-n) 1024`, `core file size (blocks, -c) 0`; ash: `-n: file descriptors  1024`; dash:
/// `nofiles              1024`.
fn told(line: Piece<'_>) -> Option<Placed> {
    let line = line.trim();
    let mut value = Placed::object(line);
    let (before, number) = line.rsplit_once(" ").unwrap_or((line.part(0..0), line));
    if !is_value(number.str()) {
        return None;
    }
    let before = before.trim();
    if let Some((name, inside)) = before.rsplit_once("(") {
        let inside = inside.strip_suffix(")")?;
        let (unit, option) = inside.rsplit_once(", ").unwrap_or((inside.part(0..0), inside));
        value.put_text("name", name.trim());
        value.put_text("unit", unit);
        if option.starts_with('-') {
            value.put_text("option", option);
        } else {
            value.put_text("unit", option);
        }
    } else if let Some((option, name)) = before.split_once(": ").filter(|(option, _)| option.starts_with('-')) {
        value.put_text("option", option);
        value.put_text("name", name.trim());
    } else {
        value.put_text("name", before);
    }
    value.put_number("soft", number);
    Some(value)
}

fn is_header(line: &str) -> bool {
    line.starts_with("Limit ") && line.contains("Soft Limit") && line.contains("Hard Limit")
}

/// `Max open files            1024                 524288               files     `.
fn of_proc(line: Piece<'_>) -> Option<Placed> {
    let line = line.trim();
    if !line.starts_with("Max ") {
        return None;
    }
    let mut words: Vec<Piece<'_>> = line.words().collect();
    let unit = words.pop_if(|word| !is_value(word.str()));
    let (hard, soft) = (words.pop()?, words.pop()?);
    if !is_value(hard.str()) || !is_value(soft.str()) {
        return None;
    }
    let mut value = Placed::object(line);
    value.put_text("name", words.first()?.to(*words.last()?, line));
    value.put_number("soft", soft);
    value.put_number("hard", hard);
    if let Some(unit) = unit {
        value.put_text("unit", unit);
    }
    Some(value)
}

/// The first lines of `ulimit -a`.
fn begins(line: &str) -> bool {
    ["core file size ", "real-time non-blocking time "]
        .iter()
        .any(|name| line.starts_with(name) && line.contains('(') && line.contains('-'))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    if !(expected || begins(line) || is_header(line)) {
        return None;
    }
    let proc = is_header(line) || line.starts_with("Max ");
    let own = |line: &str| {
        let piece = Piece::new(line);
        if proc {
            is_header(line) || of_proc(piece).is_some()
        } else {
            told(piece).is_some() && (expected || line.contains('('))
        }
    };
    own(line).then(|| take(rest, FORMAT, hint, own))?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut limits = Placed::array(whole);
    for line in whole
        .lines()
        .filter(|line| !line.trim().is_empty() && !is_header(line.str()))
    {
        match of_proc(line).or_else(|| told(line)) {
            Some(limit) => limits.push(limit),
            None => unread.line(line, FORMAT.title()),
        }
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("limits", limits);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn of_shells_and_of_the_kernel() {
        let text = include_str!("../../../../tests/samples/ulimit/node.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = only("ulimit", text);
            assert_eq!(
                read["limits"][0],
                json!({"name": "core file size", "unit": "blocks", "option": "-c", "soft": 0})
            );
            assert_eq!(
                read["limits"][1],
                json!({"name": "open files", "option": "-n", "soft": 1024})
            );
            assert_eq!(read["limits"][2]["soft"], "unlimited");
        }
        let text = include_str!("../../../../tests/samples/ulimit/proc.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = only("ulimit", text);
            assert_eq!(
                read["limits"][1],
                json!({"name": "Max open files", "soft": 1024, "hard": 524_288, "unit": "files"})
            );
            assert_eq!(
                read["limits"][2],
                json!({"name": "Max nice priority", "soft": 0, "hard": 0})
            );
        }
        assert_eq!(
            only("ulimit", "$ ulimit -n\n65536\n")["limits"],
            json!([{"soft": 65536}])
        );
        assert_eq!(
            only("ulimit", "$ ulimit -a\n-n: file descriptors          1024\n")["limits"][0],
            json!({"option": "-n", "name": "file descriptors", "soft": 1024})
        );
        assert_eq!(documents("open files (a lot) 12\n"), []);
    }
}
