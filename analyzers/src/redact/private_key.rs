//! Private keys in PEM (RFC 7468), cut ones too.

use super::Secret;

/// Finds private keys.
pub fn find(text: &str, out: &mut Vec<Secret>) {
    const DASHES: &str = "-----";
    let mut done = 0;
    // Once no end is found, none stands further on either.
    let mut ends = true;
    for (at, begin) in text.match_indices("-----BEGIN ") {
        if at < done {
            continue;
        }
        let label = at + begin.len();
        // RFC 7468, section 3: a label is short and of one line.
        let head = text.get(label..).unwrap_or("").lines().next().unwrap_or("");
        let Some(length) = head.find(DASHES).filter(|&length| length <= 40) else {
            continue;
        };
        if !head.get(..length).is_some_and(|label| label.ends_with("PRIVATE KEY")) {
            continue;
        }
        let body = label + length + DASHES.len();
        let rest = text.get(body..).unwrap_or("");
        let end = if ends { rest.find("-----END ") } else { None };
        done = if let Some(end) = end {
            let tail = rest.get(end + 9..).unwrap_or("");
            let close = tail.lines().next().unwrap_or("").find(DASHES);
            body + end + 9 + close.map_or(0, |close| close + DASHES.len())
        } else {
            ends = false;
            let of = |b| super::base64(b) || matches!(b, b'\n' | b'\r' | b' ' | b'\\');
            body + super::run(text, body, of)
        };
        out.push((at..done, "private-key"));
    }
}
