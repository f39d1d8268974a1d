//! `ps aux` and `ps -ef` (procps-ng ps(1)): who runs what, and with which options, also the rows that `grep` left.

use super::flags::flags;
use super::shell::words;
use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// Processes.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ps",
    title: "processes",
    command: |line| line.program == "ps",
    least: 6,
    sniff: take,
    read,
});

/// The columns before the command: `ps aux` and `ps -ef`.
const AUX: [&str; 10] = [
    "user", "pid", "cpu", "mem", "vsz", "rss", "tty", "stat", "start", "time",
];
const EF: [&str; 7] = ["uid", "pid", "ppid", "c", "stime", "tty", "time"];

fn is_header(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    matches!(words.next(), Some("USER" | "UID"))
        && words.next() == Some("PID")
        && matches!(line.split_ascii_whitespace().last(), Some("COMMAND" | "CMD"))
}

/// The names of a row's columns and where its command begins.
fn row<'a>(line: Piece<'a>) -> Option<(&'static [&'static str], Vec<Piece<'a>>, Piece<'a>)> {
    let words: Vec<Piece<'a>> = line.words().take(AUX.len() + 1).collect();
    let text = |place: usize| words.get(place).map_or("", |word| word.str());
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let share = |text: &str| text.split_once('.').is_some_and(|(a, b)| digits(a) && digits(b));
    let clock = |text: &str| {
        text.contains(':')
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'-'))
    };
    let names: &'static [&'static str] = if digits(text(1))
        && share(text(2))
        && share(text(3))
        && digits(text(4))
        && digits(text(5))
        && clock(text(9))
    {
        &AUX
    } else if digits(text(1)) && digits(text(2)) && digits(text(3)) && clock(text(6)) {
        &EF
    } else {
        return None;
    };
    let first = words.get(names.len())?;
    let command = line.skip(first.start() - line.start());
    let cells = words.get(..names.len())?.to_vec();
    Some((names, cells, command))
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let own = |line: &str| is_header(line) || row(Piece::new(line)).is_some();
    if !own(line) {
        return None;
    }
    let len = ends(rest).take_while(|(line, _)| own(line)).last()?.1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: if hint.expects(FORMAT) { 0.98 } else { 0.9 },
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut processes = Placed::array(whole);
    for line in whole.lines().filter(|line| !is_header(line)) {
        let Some((names, cells, command)) = row(line) else {
            unread.line(line);
            continue;
        };
        let mut process = Placed::object(line);
        for (name, cell) in names.iter().zip(cells) {
            if matches!(*name, "pid" | "ppid") {
                process.put_number(name, cell);
            } else {
                // Of both layouts the first column is the user.
                process.put_text(if *name == "uid" { "user" } else { name }, cell);
            }
        }
        process.put_text("command", command);
        let args = words(command);
        if let Some(program) = args.first() {
            let name = program.piece.rsplit_once("/").map_or(program.piece, |(_, name)| name);
            process.put_text("program", name);
        }
        if args.iter().skip(1).any(|word| word.text.starts_with("--")) {
            process.put("flags", flags(&args, command));
        }
        processes.push(process);
    }
    let mut root = Placed::object(whole);
    root.put("processes", processes);
    unread.finish(part, problems);
    // ps cuts its lines at the terminal's edge.
    formats::add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn the_kubelets_options_are_read_from_both_layouts() {
        for (sample, flags) in [
            (
                include_str!("../../../../tests/samples/ps/aux-kubelet.txt"),
                [
                    ("/processes/0/program", "kubelet"),
                    ("/processes/0/pid", "3412"),
                    ("/processes/0/user", "root"),
                    ("/processes/0/flags/node-ip", "10.0.12.7"),
                    ("/processes/0/flags/register-with-taints", "team=shop:NoSchedule"),
                    ("/processes/0/flags/v", "2"),
                ],
            ),
            (
                include_str!("../../../../tests/samples/ps/ef.txt"),
                [
                    ("/processes/1/program", "containerd"),
                    ("/processes/1/pid", "2911"),
                    ("/processes/2/user", "root"),
                    ("/processes/2/flags/node-ip", "::"),
                    ("/processes/2/flags/hostname-override", "i-0a1b2c3d4e5f60718"),
                    ("/processes/2/stime", "May06"),
                ],
            ),
        ] {
            let read = read(sample);
            read.is("ps");
            assert_eq!(read.problems, Vec::<String>::new());
            for (pointer, text) in flags {
                assert_eq!(read.at(pointer), text, "{pointer}");
                assert_eq!(read.shown(pointer), text, "{pointer}");
            }
        }
    }
}
