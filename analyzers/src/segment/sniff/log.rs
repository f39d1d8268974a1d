//! Logs and error messages: the lines that say why something failed.

use super::{Hint, Taken, ends, log_extent};
use crate::artifact::kubectl::error;
use crate::artifact::log::{eksctl, kubeadm, logrus, netfilter};
use crate::artifact::tcpdump;
use crate::segment::{formats, log_prefix};

/// Beginnings of error messages that command line tools print: kubectl (`Error from server`, `error:`), aws-cli
/// (`An error occurred (Code) when calling …`), client-go, curl, and shells.
const ERRORS: [&str; 18] = [
    "An error occurred (",
    "Error from server",
    "error: ",
    "Error: ",
    "ERROR",
    "FATAL",
    "Unable to ",
    "Could not ",
    "The connection to the server",
    "No resources found",
    "command terminated with exit code",
    "curl: (",
    "dial tcp",
    "panic: ",
    "Traceback (most recent call last)",
    "botocore.",
    "software.amazon.awssdk.",
    "Caused by: ",
];

/// What the AWS SDK for Go says of the places where it looked for credentials, each on a line (aws-sdk-go `aws/awserr`, `credentials`).
const SDK: [&str; 7] = [
    "caused by: ",
    "NoCredentialProviders: ",
    "EnvAccessKeyNotFound: ",
    "SharedCredsLoad: ",
    "EC2RoleRequestError: ",
    "EC2MetadataError: ",
    "WebIdentityErr: ",
];

/// Whether a line begins as an error message does.
pub fn is_error(line: &str) -> bool {
    match line.as_bytes().first() {
        Some(b'0'..=b'9') => is_unschedulable(line),
        // What installers put before a step that failed.
        Some(0xE2) => line.starts_with("✗ ") || line.starts_with("✘ ") || line.starts_with("❌ "),
        Some(b'\t' | b' ') => line.trim_start().starts_with("status code: ") && line.contains("request id"),
        Some(b'A'..=b'Z') if SDK.iter().any(|beginning| line.starts_with(beginning)) => true,
        Some(b'a'..=b'z') if line.starts_with("caused by: ") || is_exception(line) => true,
        _ => ERRORS.iter().any(|beginning| line.starts_with(beginning)),
    }
}

/// The scheduler's `0/3 nodes are available: …` (kubernetes `pkg/scheduler/framework/types.go`).
fn is_unschedulable(line: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    line.split_once(" nodes are available: ")
        .and_then(|(count, _)| count.split_once('/'))
        .is_some_and(|(some, all)| number(some) && number(all))
}

/// `java.net.UnknownHostException: …`, `botocore.exceptions.NoCredentialsError: …`: a class with its package.
fn is_exception(line: &str) -> bool {
    let class = line.split([':', ' ']).next().unwrap_or_default();
    let name = class.rsplit('.').next().unwrap_or_default();
    class.len() < line.len()
        && class.contains('.')
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && (name.ends_with("Exception") || name.ends_with("Error"))
        && class
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'$'))
}

/// What tools say beside their output: warnings of the API (kubectl `pkg/util/warning.go` in client-go), the container that was chosen,
/// options that are going away, a missing terminal, an interface without counters (ethtool).
const NOTICES: [&str; 11] = [
    "Warning: ",
    "WARNING: ",
    "Defaulted container ",
    "Defaulting container name to ",
    "Targeting container ",
    "Flag --",
    "kubectl exec [POD] [COMMAND] is DEPRECATED",
    "Unable to use a TTY",
    "If you don't see a command prompt",
    "Found existing alias for ",
    "no stats available",
];

/// Whether a line is such a notice, or klog's, that kubectl itself prints to the terminal.
pub fn is_notice(line: &str) -> bool {
    NOTICES.iter().any(|beginning| line.starts_with(beginning))
        || log_prefix::is_sterns(line)
        || (line.starts_with(['I', 'W', 'E']) && is_log(line))
}

/// Whether a line looks like a log's: klog, an ISO or syslog time, `level=`, a level in brackets.
pub fn is_log(line: &str) -> bool {
    let bytes = line.as_bytes();
    let digits =
        |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let at = |place: usize, wanted: u8| bytes.get(place) == Some(&wanted);
    match bytes.first() {
        // klog: `E0412 10:15:30.123456       1 controller.go:114] …`
        Some(b'I' | b'W' | b'E' | b'F') if digits(1..5) && at(5, b' ') && digits(6..8) && at(8, b':') => true,
        // `2024-05-01T10:00:00Z …`, `2024/05/01 10:00:00 …`
        Some(b'0'..=b'9') => {
            digits(0..4)
                && (at(4, b'-') || at(4, b'/'))
                && digits(5..7)
                && digits(8..10)
                && (at(10, b'T') || at(10, b' '))
                && digits(11..13)
        }
        Some(b'[') => {
            let inside = line.get(1..).unwrap_or_default();
            ["INFO", "WARN", "ERROR", "DEBUG", "FATAL", "TRACE"]
                .iter()
                .any(|level| inside.starts_with(level))
                || digits(1..5)
                || eksctl::is_marked(line)
                || kubeadm::is_phase(line)
                || kernel(line)
        }
        // `xtables-monitor --trace`.
        Some(b'P') if line.starts_with("PACKET: ") => netfilter::is_packet(line),
        Some(b'D' | b'E' | b'F' | b'I' | b'P' | b'T' | b'W') if logrus::is_entry(line) => true,
        Some(b' ') => line.starts_with(" TRACE: ") && (line.contains(":rule:") || line.contains(":policy:")),
        // The journal's own (systemd `src/journal/journalctl.c`, `src/shared/logs-show.c`).
        Some(b'-') => [
            "-- Logs begin at ",
            "-- Journal begins at ",
            "-- No entries --",
            "-- Boot ",
            "-- Reboot --",
        ]
        .iter()
        .any(|words| line.starts_with(words)),
        Some(b't' | b'l') => line.starts_with("time=\"") || line.starts_with("level=") || line.starts_with("ts="),
        // syslog (RFC 3164): `May  1 10:00:00 host program[1]: …`
        Some(b'A'..=b'S') => at(3, b' ') && digits(7..9) && at(9, b':') && digits(10..12) && at(12, b':'),
        _ => false,
    }
}

/// Whether a line begins with the kernel's time: `[   12.345678] `, and with `dmesg -T` `[Thu Nov 21 10:00:00 2024] `.
fn kernel(line: &str) -> bool {
    matches!(line.as_bytes().get(1), Some(b' ' | b'M' | b'T' | b'W' | b'F' | b'S'))
        && log_prefix::strip(line).time.is_some()
}

/// Whether a line begins an entry by its own beginning: a time, a level, JSON, or what a collector puts before it.
pub fn begins_entry(line: &str) -> bool {
    is_log(line) || line.starts_with("{\"") || log_prefix::strip(line).any()
}

/// Takes a run of log lines with their indented continuations; everything where the command prints a log.
pub fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if hint.expects(formats::LOG) {
        if let Some(taken) = error::instead_of_log(rest, hint) {
            return Some(taken);
        }
        // A container that captures prints packets.
        if let Some(taken) = (tcpdump::FORMAT.spec().sniff)(line, rest, &Hint::default()) {
            return Some(taken);
        }
        return Some(Taken {
            len: log_extent::of(rest, hint.implied),
            format: formats::LOG,
            confidence: 0.95,
        });
    }
    if !is_error(line) && !is_log(line) && !is_notice(line) {
        return None;
    }
    // Before the output of a command that prints something else a notice is one line: what follows is the output.
    if hint.expects.is_some() && is_notice(line) {
        let len = ends(rest).take_while(|(line, _)| is_notice(line)).last()?.1;
        return Some(Taken {
            len,
            format: formats::LOG,
            confidence: 0.8,
        });
    }
    let len = ends(rest)
        .take_while(|(line, _)| {
            is_error(line) && !error::ends_exec(line)
                || is_log(line)
                || is_notice(line)
                || (line.starts_with([' ', '\t']) && !line.trim().is_empty())
        })
        .last()?
        .1;
    Some(Taken {
        len,
        format: formats::LOG,
        confidence: 0.8,
    })
}
