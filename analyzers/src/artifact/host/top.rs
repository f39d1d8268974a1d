//! `top -b` (procps-ng `top/top.c`): `{"uptime", "Tasks", "%Cpu(s)", "MiB Mem", "MiB Swap", "processes": [{"PID", "USER", …, "COMMAND"}]}`, the
//! words before the colons, and the columns with their titles.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `top`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "top",
    title: "top",
    command: |line| line.program == "top",
    least: 9,
    sniff,
    read,
});

const LABELS: [&str; 9] = [
    "Tasks", "Threads", "%Cpu(s)", "Cpu(s)", "MiB Mem", "MiB Swap", "KiB Mem", "KiB Swap", "GiB Mem",
];

fn is_first(line: &str) -> bool {
    line.starts_with("top - ") && line.contains("load average: ")
}

fn label(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, value) = line.split_once(":")?;
    LABELS
        .contains(&name.trim().str())
        .then_some((name.trim(), value.trim()))
}

fn is_header(line: &str) -> bool {
    line.trim_start().starts_with("PID ") && line.trim_end().ends_with("COMMAND")
}

/// A process: a number first, and as many words as there are columns.
fn is_process(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    words.next().is_some_and(|pid| pid.parse::<u32>().is_ok()) && words.count() >= 11
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let begins = is_first(line) || is_header(line) && line.contains(" VIRT ");
    begins.then(|| {
        let mut table = false;
        take(rest, FORMAT, hint, |line| {
            table |= is_header(line);
            is_first(line) || label(Piece::new(line)).is_some() || is_header(line) || table && is_process(line)
        })
    })?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let mut processes = Placed::array(whole);
    let mut titles: Vec<&str> = Vec::new();
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(uptime) = line.strip_prefix("top - ") {
            root.put_text("uptime", uptime.trim());
        } else if is_header(line.str()) {
            titles = line.str().split_ascii_whitespace().collect();
        } else if let Some((name, value)) = label(line) {
            root.put_text(name.str(), value);
        } else if is_process(line.str()) && !titles.is_empty() {
            let words: Vec<Piece<'_>> = line.words().collect();
            let last = titles.len() - 1;
            let mut process = Placed::object(line);
            for (title, word) in titles.iter().zip(&words).take(last) {
                process.put_number(title, *word);
            }
            if let (Some(first), Some(end), Some(title)) = (words.get(last), words.last(), titles.get(last)) {
                process.put_text(title, first.to(*end, line));
            }
            processes.push(process);
        } else {
            unread.line(line, FORMAT.title());
        }
    }
    unread.finish();
    root.put("processes", processes);
    add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;

    #[test]
    fn a_busy_node() {
        let text = include_str!("../../../../tests/samples/top/node.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = only("top", text);
            assert_eq!(
                read["MiB Mem"],
                "7690.2 total,    312.1 free,   7001.0 used,    377.1 buff/cache"
            );
            assert_eq!(read["processes"][0]["PID"], 2345);
            assert_eq!(read["processes"][0]["%CPU"], "6.2");
            assert_eq!(read["processes"][0]["COMMAND"], "kubelet");
        }
    }
}
