//! What shells and small programs say when they cannot do something: `cat: /x: Permission denied`, `bash: dig: command not found`; the
//! reasons are the C library's (`strerror`), the words around them bash's, dash's, busybox', zsh's and PowerShell's.
//!
//! `{"errors": [{"program", "subject", "reason", "message"}]}`: the subject is the file or the command that is named.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document, no_command};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// Errors of shells and small programs.
pub const FORMAT: Format = Format::new(&Spec {
    name: "shell-error",
    title: "an error of the shell or of a program",
    command: no_command,
    least: 13,
    sniff,
    read,
});

/// glibc's and musl's words.
const REASONS: [&str; 27] = [
    "Permission denied",
    "No such file or directory",
    "Operation not permitted",
    "command not found",
    "not found",
    "Is a directory",
    "Not a directory",
    "File exists",
    "Device or resource busy",
    "Read-only file system",
    "No space left on device",
    "Exec format error",
    "Cannot allocate memory",
    "Too many open files",
    "Argument list too long",
    "Resource temporarily unavailable",
    "Input/output error",
    "Stale file handle",
    "Transport endpoint is not connected",
    "Name or service not known",
    "Temporary failure in name resolution",
    "Connection refused",
    "Connection timed out",
    "Connection reset by peer",
    "No route to host",
    "Network is unreachable",
    "Host is unreachable",
];

/// Programs whose errors are told without a command above them.
const PROGRAMS: [&str; 29] = [
    "bash",
    "-bash",
    "sh",
    "-sh",
    "ash",
    "dash",
    "zsh",
    "cat",
    "ls",
    "cp",
    "mv",
    "rm",
    "mkdir",
    "grep",
    "tail",
    "head",
    "stat",
    "touch",
    "chmod",
    "chown",
    "sudo",
    "env",
    "find",
    "cd",
    "/bin/sh",
    "/bin/bash",
    "ssh",
    "scp",
    "rsync",
];

struct Said<'a> {
    program: Piece<'a>,
    subject: Option<Piece<'a>>,
    reason: Piece<'a>,
}

/// `PROGRAM: SUBJECT: REASON`.
fn said(line: Piece<'_>) -> Option<Said<'_>> {
    let line = line.trim();
    if let Some(command) = line.strip_prefix("zsh: command not found: ") {
        return Some(Said {
            program: line.part(0..3),
            subject: Some(command),
            reason: line.part(5..22),
        });
    }
    let (program, rest) = line.split_once(": ")?;
    let plain = !program.is_empty()
        && program.len() <= 24
        && program
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'));
    if !plain {
        return None;
    }
    let known = |reason: Piece<'_>| REASONS.contains(&reason.str());
    if known(rest) {
        return Some(Said {
            program,
            subject: None,
            reason: rest,
        });
    }
    let (before, reason) = rest.rsplit_once(": ")?;
    known(reason).then(|| Said {
        program,
        subject: Some(subject(before)),
        reason,
    })
}

/// What is named: `can't open '/x'`, `cannot access '/x'`, `line 1: dig`, `1: dig`, `/x`.
fn subject(before: Piece<'_>) -> Piece<'_> {
    for (open, close) in [(" '", "'"), (" ‘", "’"), (" \"", "\"")] {
        if let Some(inside) = before
            .split_once(open)
            .and_then(|(_, rest)| rest.rsplit_once(close))
            .map(|(inside, _)| inside)
        {
            return inside;
        }
    }
    before.rsplit_once(": ").map_or(before, |(_, last)| last)
}

/// Whether the error is told by itself.
fn is_telling(line: &str) -> bool {
    said(Piece::new(line)).is_some_and(|said| {
        PROGRAMS.contains(&said.program.str()) && (said.subject.is_some() || said.program.str() == "zsh")
            || said.reason.str() == "command not found" && said.subject.is_some()
    })
}

/// PowerShell's words, and cmd's.
fn is_windows(line: &str) -> bool {
    line.contains("is not recognized as the name of a cmdlet")
        || line.contains("is not recognized as an internal or external command")
        || line.starts_with("operable program or batch file")
}

/// Whether a line says where the command stood that PowerShell shows below it, behind a `+`: `At line:1 char:1`, `At C:\run.ps1:7 char:13`
/// (PowerShell, `InvocationInfo.PositionMessage`).
pub fn is_position(line: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    line.trim_start()
        .strip_prefix("At ")
        .and_then(|place| place.trim_end().rsplit_once(" char:"))
        .and_then(|(place, at)| Some((place.rsplit_once(':')?.1, at)))
        .is_some_and(|(line, at)| number(line) && number(at))
}

/// The lines below PowerShell's: where it was typed, and its class.
fn is_windows_more(line: &str) -> bool {
    let line = line.trim_start();
    is_position(line)
        || line.starts_with("+ CategoryInfo ")
        || line.starts_with("+ FullyQualifiedErrorId ")
        || line.starts_with("+ ")
        || line.starts_with("path is correct and try again")
        || line.contains("spelling of the name, or if a path was included")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if is_windows(line) {
        return take(rest, FORMAT, hint, |line| is_windows(line) || is_windows_more(line));
    }
    if !line.contains(": ") || said(Piece::new(line)).is_none() {
        return None;
    }
    // A program says its own name before its errors.
    let run = hint
        .line
        .as_ref()
        .map(|line| line.inner().unwrap_or_else(|| line.clone()));
    let of_command = |line: &str| {
        run.as_ref().is_some_and(|run| {
            !run.program.is_empty()
                && line
                    .split_once(": ")
                    .is_some_and(|(name, _)| name.rsplit('/').next() == Some(run.program.as_str()))
                && said(Piece::new(line)).is_some()
        })
    };
    let own = |line: &str| is_telling(line) || of_command(line);
    own(line).then(|| take(rest, FORMAT, hint, own))?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut errors = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        let mut error = Placed::object(line);
        error.put_text("message", line);
        if let Some(said) = said(line) {
            error.put_text("program", said.program);
            if let Some(subject) = said.subject {
                error.put_text("subject", subject);
            }
            error.put_text("reason", said.reason);
        } else if is_windows_more(line.str()) {
            continue;
        } else if !is_windows(line.str()) {
            unread.line(line, FORMAT.title());
            continue;
        }
        errors.push(error);
    }
    unread.finish();
    let mut root = Placed::object(whole);
    root.put("errors", errors);
    add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn errors_name_their_subject_and_reason() {
        for (text, program, subject, reason) in [
            (
                include_str!("../../../../tests/samples/shell-error/token.txt"),
                "cat",
                json!("/var/run/secrets/eks.amazonaws.com/serviceaccount/token"),
                "Permission denied",
            ),
            (
                "$ hostname -f\nhostname: Name or service not known\n",
                "hostname",
                json!(null),
                "Name or service not known",
            ),
            (
                "bash: line 1: dig: command not found\n",
                "bash",
                json!("dig"),
                "command not found",
            ),
            ("/bin/sh: 1: dig: not found\n", "/bin/sh", json!("dig"), "not found"),
            (
                "zsh: command not found: dig\n",
                "zsh",
                json!("dig"),
                "command not found",
            ),
            (
                "ls: cannot access '/etc/cni': No such file or directory\n",
                "ls",
                json!("/etc/cni"),
                "No such file or directory",
            ),
        ] {
            let read = only("shell-error", text);
            let error = &read["errors"][0];
            assert_eq!(error["program"], program, "{text}");
            assert_eq!(error["subject"], subject, "{text}");
            assert_eq!(error["reason"], reason, "{text}");
        }
    }

    #[test]
    fn windows_has_its_own_words() {
        // What PowerShell shows behind `+` is a call that is known without a prompt.
        for (program, command) in [
            ("dig", "dig x"),
            ("dig", "dig web.shop.svc"),
            ("kubectl", "kubectl get pods"),
        ] {
            let read = only(
                "shell-error",
                &format!(
                    "PS C:\\work> {command}\n{program} : The term '{program}' is not recognized as the name of a cmdlet, function, script file, or operable program. Check the \nspelling of the name, or if a path was included, verify that the path is correct and try again.\nAt line:1 char:1\n+ {command}\n+ ~~~\n    + CategoryInfo          : ObjectNotFound: ({program}:String) [], CommandNotFoundException\n"
                ),
            );
            assert_eq!(read["errors"].as_array().unwrap().len(), 1, "{command}");
        }
    }

    #[test]
    fn other_lines_stay_unknown() {
        assert_eq!(documents("hostname: Name or service not known\n"), []);
        assert_eq!(documents("the cart: we see: Connection refused\n"), []);
    }
}
