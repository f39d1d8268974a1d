//! Commands whose answer is a line that says what was asked: `pwd`, `which`, `readlink`, `nproc`, `getenforce`, `systemctl is-active`, and a
//! number at the end of a pipe: `… | wc -l`, `… | grep -c`.
//!
//! `{"value"}`.

use crate::artifact::node::lines::take;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// A value on a line.
pub const FORMAT: Format = Format::new(&Spec {
    name: "value-line",
    title: "one value",
    command: answers,
    least: 1,
    sniff,
    read,
});

fn answers(line: &CommandLine) -> bool {
    match line.program.as_str() {
        "pwd" | "which" | "readlink" | "realpath" | "nproc" | "getenforce" | "arch" | "tty" | "basename"
        | "dirname" | "wc" | "exit" | "logout" => true,
        "command" | "type" => line.args.first().is_some_and(|arg| arg == "-v" || arg == "-p"),
        "systemctl" => line.args.iter().any(|arg| {
            matches!(
                arg.as_str(),
                "is-active" | "is-enabled" | "is-failed" | "is-system-running"
            )
        }),
        "cat" => line.args.len() == 1 && line.args.iter().any(|arg| arg.starts_with("/sys/")),
        "grep" | "egrep" => line.args.iter().any(|arg| arg == "-c" || arg == "--count"),
        _ => false,
    }
}

/// A number that a pipe ends in: nothing else is printed.
fn is_count(line: &str, rest: &str, hint: &Hint) -> bool {
    let number = line.trim();
    !number.is_empty()
        && number.len() <= 12
        && number.bytes().all(|b| b.is_ascii_digit())
        && hint.line.as_ref().is_some_and(|line| line.piped_into.is_some())
        && rest.lines().skip(1).take(3).all(|line| line.trim().is_empty())
}

/// What stands below `exit`: the shell's own word (bash, `builtins/exit.def`), or ssh's. All else was printed by what ran the shell.
fn is_goodbye(line: &str) -> bool {
    let line = line.trim_end();
    matches!(
        line,
        "exit" | "logout" | "There are stopped jobs." | "There are running jobs."
    ) || line.starts_with("Connection to ") && line.ends_with(" closed.")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT)
        && line.len() <= 300
        && line.split_whitespace().count() <= 4
        && !line.contains(": ")
        && !line.starts_with(['{', '[']);
    let leaves = hint.line.as_ref().is_some_and(|line| {
        let line = line.inner().unwrap_or_else(|| line.clone());
        matches!(line.program.as_str(), "exit" | "logout")
    });
    let expected = expected && (!leaves || is_goodbye(line));
    if !expected && !is_count(line, rest, hint) {
        return None;
    }
    let mut lines = 0;
    take(rest, FORMAT, hint, |_| {
        lines += 1;
        lines < 2
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let value = Piece::new(part.text()).trim();
    let mut root = Placed::object(value);
    root.put_number("value", value);
    add_document(part, FORMAT.name(), root, true, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};

    #[test]
    fn an_exit_prints_no_value_but_a_shells_own_word() {
        for word in ["exit", "logout", "Connection to 10.20.3.7 closed."] {
            assert_eq!(only("value-line", &format!("bash-4.2# exit\n{word}\n"))["value"], word);
        }
        for text in [
            "/ # exit\npod \"probe\" deleted\n",
            "$ logout\njob.batch/probe deleted\n",
            "/ # exit\ndefault via 10.20.3.1\n",
        ] {
            assert!(documents(text).iter().all(|(kind, _)| kind != "value-line"), "{text}");
        }
    }

    #[test]
    fn values_of_commands_and_counts_of_pipes() {
        for (text, value) in [
            (
                include_str!("../../../../tests/samples/value-line/active.txt"),
                "\"active\"",
            ),
            ("$ which aws\n/usr/local/bin/aws\n", "\"/usr/local/bin/aws\""),
            ("$ kubectl get pods -A | grep -c Evicted\n1204\n", "1204"),
            ("$ conntrack -L | wc -l\n   65530\n", "65530"),
        ] {
            assert_eq!(only("value-line", text)["value"].to_string(), value, "{text}");
        }
        assert_eq!(documents("1204\n"), []);
        assert_eq!(documents("$ frobnicate\n1204\n"), []);
    }
}
