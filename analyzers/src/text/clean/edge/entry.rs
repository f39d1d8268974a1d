//! Lines of logs, captures and dumps, which begin with a sign of their own.

/// Whether a line begins an entry of a log or a capture, or another line that never goes on with the one before it.
pub(super) fn begins_entry(line: &str) -> bool {
    let bytes = line.as_bytes();
    let digits =
        |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    match bytes.first() {
        Some(b'0'..=b'9') => {
            // A date, or the time of a packet.
            (digits(0..4) && matches!(bytes.get(4), Some(b'-' | b'/')) && digits(5..7))
                || (digits(0..2) && bytes.get(2) == Some(&b':') && digits(3..5) && bytes.get(5) == Some(&b':'))
        }
        Some(b'I' | b'W' | b'E' | b'F') => digits(1..5) && bytes.get(5) == Some(&b' '),
        Some(b'[') => {
            let inside = line.get(1..).unwrap_or_default();
            // `[12.345678]` and `[    0.000000]` of the kernel, its times with `dmesg -T`.
            digits(1..5)
                || (inside.starts_with("  ") && inside.trim_start().starts_with(|c: char| c.is_ascii_digit()))
                || (inside.get(3..4) == Some(" ") && month(inside.get(4..).unwrap_or_default().as_bytes()))
                || inside.starts_with("pod/")
                || ["INFO", "WARN", "ERROR", "DEBUG", "FATAL", "TRACE"]
                    .iter()
                    .any(|level| inside.starts_with(level))
        }
        Some(b'{') => line.starts_with("{\""),
        Some(b't' | b'l' | b'm') => {
            line.starts_with("time=")
                || line.starts_with("level=")
                || line.starts_with("ts=")
                || line.starts_with("msg=")
        }
        Some(b'A'..=b'Z') => month(bytes),
        _ => false,
    }
}

/// `Nov 21 10:00:00`
fn month(bytes: &[u8]) -> bool {
    matches!(
        bytes.get(..3),
        Some(b"Jan" | b"Feb" | b"Mar" | b"Apr" | b"May" | b"Jun" | b"Jul" | b"Aug" | b"Sep" | b"Oct" | b"Nov" | b"Dec")
    ) && bytes.get(9) == Some(&b':')
        && bytes.get(12) == Some(&b':')
}

/// A stack trace's line after an entry.
pub(super) fn trace(line: &str) -> bool {
    [
        "goroutine ",
        "at ",
        "Caused by",
        "Traceback",
        "panic: ",
        "File \"",
        "github.com/",
        "k8s.io/",
        "main.",
    ]
    .iter()
    .any(|beginning| line.starts_with(beginning))
}
