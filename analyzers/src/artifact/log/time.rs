//! The times that begin log lines.

/// The length of an RFC 3339 time (`2024-11-21T10:00:00.123456789Z`, with an offset, with a blank for the `T`, with `/` as Go's `log`
/// prints dates) at the beginning of a line; `None` where there is none.
pub fn len(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let digits = |at: usize, count: usize| {
        bytes
            .get(at..at + count)
            .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    let date = digits(0, 4) && is(4, b"-/") && digits(5, 2) && is(7, b"-/") && digits(8, 2) && is(10, b"T ");
    let clock = digits(11, 2) && is(13, b":") && digits(14, 2) && is(16, b":") && digits(17, 2);
    if !date || !clock {
        return None;
    }
    let mut at = 19;
    if is(at, b".,") && digits(at + 1, 1) {
        at += 1;
        while digits(at, 1) {
            at += 1;
        }
    }
    if is(at, b"Z") {
        at += 1;
    } else if is(at, b"+-") && digits(at + 1, 2) {
        at += if is(at + 3, b":") { 6 } else { 5 };
    }
    (at <= line.len() && line.is_char_boundary(at)).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::len;

    #[test]
    fn times_are_measured() {
        for (line, wanted) in [
            ("2024-11-21T10:00:00Z x", Some(20)),
            ("2024-11-21T10:00:00.123+0100 x", Some(28)),
            ("2024-11-21T10:00:00.123+01:00", Some(29)),
            ("2024/11/21 10:00:00 x", Some(19)),
            ("2024-11-21 10:00:00,123 x", Some(23)),
            ("2024-11-21", None),
            ("20241-1-21T10:00:00Z", None),
        ] {
            assert_eq!(len(line), wanted, "{line}");
        }
    }
}
