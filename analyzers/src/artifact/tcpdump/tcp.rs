//! TCP: `tcp_print` in print-tcp.c of the-tcpdump-group/tcpdump.

use super::text::{after_brackets, leading, starts_with_digit};
use crate::artifact::{TcpFlags, TcpOptions, TcpSegment};

/// A segment as printed.
pub struct Printed<'a> {
    /// The segment.
    pub segment: TcpSegment,
    /// What its checksum is.
    pub checksum: Option<bool>,
    /// What follows the length: the payload's own words.
    pub after: &'a str,
}

/// What follows `Flags [`.
pub fn read(text: &str) -> Option<Printed<'_>> {
    let end = text.bytes().position(|byte| byte == b']')?;
    let mut printed = Printed {
        segment: TcpSegment {
            flags: flags(text.get(..end)?),
            ..TcpSegment::default()
        },
        checksum: None,
        after: "",
    };
    let mut rest = text.get(end + 1..)?;
    while let Some(field) = rest.strip_prefix(", ") {
        rest = printed.field(field);
    }
    Some(printed)
}

/// `tcp_flag_values`: F, S, R, P, `.` for ACK, U, E, W, e; `none` where none is set.
fn flags(letters: &str) -> TcpFlags {
    let mut flags = TcpFlags::default();
    if letters == "none" {
        return flags;
    }
    for letter in letters.bytes() {
        match letter {
            b'F' => flags.fin = true,
            b'S' => flags.syn = true,
            b'R' => flags.rst = true,
            b'P' => flags.psh = true,
            b'.' => flags.ack = true,
            b'U' => flags.urg = true,
            b'E' => flags.ece = true,
            b'W' => flags.cwr = true,
            b'e' => flags.ae = true,
            _ => {}
        }
    }
    flags
}

impl<'a> Printed<'a> {
    /// Reads one field and returns what follows it: nothing after the length, because what stands there is the peers' text.
    fn field(&mut self, field: &'a str) -> &'a str {
        let segment = &mut self.segment;
        if let Some(value) = field.strip_prefix("seq ") {
            let (seq, rest) = number(value);
            segment.seq = seq;
            // `1:59`: the last byte's number is the first and the length.
            let Some(end) = rest.strip_prefix(':') else { return rest };
            let (end, rest) = number(end);
            // The same as the length, which a line that is cut does not reach.
            if let (Some(first), Some(end)) = (seq, end) {
                segment.len = end.wrapping_sub(first) as usize;
            }
            return rest;
        }
        if let Some(value) = field.strip_prefix("ack ") {
            let (ack, rest) = number(value);
            segment.ack = ack;
            return rest;
        }
        if let Some(value) = field.strip_prefix("win ") {
            let (window, rest) = number(value);
            segment.window = window.and_then(|window| u16::try_from(window).ok());
            return rest;
        }
        if let Some(value) = field.strip_prefix("options ") {
            // An option that is cut ends the list without its bracket.
            let inside_len = match memchr::memchr2(b']', b'[', value.as_bytes().get(1..).unwrap_or_default()) {
                // Nothing is nested: MPTCP's flags alone have brackets of their own.
                Some(at) if value.as_bytes().get(at + 1) == Some(&b']') => at + 2,
                _ => after_brackets(value).map_or(value.len(), |rest| value.len() - rest.len()),
            };
            let inside = value.get(..inside_len).unwrap_or(value);
            let options = options(inside.trim_start_matches('[').strip_suffix(']').unwrap_or(inside));
            if options != TcpOptions::default() {
                segment.options = Some(Box::new(options));
            }
            return value.get(inside_len..).unwrap_or("");
        }
        if let Some(value) = field.strip_prefix("length ") {
            segment.len = leading(value);
            let digits = value.bytes().take_while(u8::is_ascii_digit).count();
            self.after = value.get(digits..).unwrap_or("");
            return "";
        }
        if let Some(value) = field.strip_prefix("cksum ") {
            // `0x0c41 (correct)`, `0xf1b1 (incorrect -> 0x1a3f)`.
            let end = value.bytes().position(|byte| byte == b',').unwrap_or(value.len());
            let (note, rest) = value.split_at_checked(end).unwrap_or((value, ""));
            self.checksum = if note.contains("(correct") {
                Some(true)
            } else if note.contains("(incorrect") {
                Some(false)
            } else {
                None
            };
            return rest;
        }
        // `urg 5`, `[ack 7 != 0 while ACK flag not set]`, and what newer versions add.
        if field.starts_with('[') {
            return after_brackets(field).unwrap_or("");
        }
        let end = field.bytes().position(|byte| byte == b',').unwrap_or(field.len());
        field.get(end..).unwrap_or("")
    }
}

/// The number that a text begins with, and what follows.
fn number(text: &str) -> (Option<u32>, &str) {
    let (mut value, mut digits) = (0_u64, 0);
    for byte in text.bytes().take_while(u8::is_ascii_digit) {
        digits += 1;
        value = value.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
    }
    let value = u32::try_from(value).ok().filter(|_| digits > 0);
    (value, text.get(digits..).unwrap_or(""))
}

/// `mss 1460,sackOK,TS val 2044906138 ecr 0,nop,wscale 7`, `nop,nop,sack 1 {5:9}`.
fn options(text: &str) -> TcpOptions {
    let mut options = TcpOptions::default();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.bytes().position(|byte| byte == b',').unwrap_or(rest.len());
        let (option, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        rest = after.get(1..).unwrap_or("");
        if option == "nop" {
        } else if let Some(value) = option.strip_prefix("TS val ") {
            let (value, rest) = number(value);
            let echo = rest.strip_prefix(" ecr ").and_then(|echo| number(echo).0);
            options.timestamps = value.zip(echo);
        } else if option == "sackOK" {
            options.sack_ok = true;
        } else if let Some(value) = option.strip_prefix("mss ") {
            options.mss = number(value).0.and_then(|mss| u16::try_from(mss).ok());
        } else if let Some(value) = option.strip_prefix("wscale ") {
            options.wscale = number(value).0.and_then(|scale| u8::try_from(scale).ok());
        } else if let Some(value) = option.strip_prefix("sack ").filter(|value| starts_with_digit(value)) {
            for block in value.split('{').skip(1).take(4) {
                let (first, rest) = number(block);
                if let (Some(first), Some(last)) = (first, rest.strip_prefix(':').and_then(|last| number(last).0)) {
                    options.sack.push((first, last));
                }
            }
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syn_with_options_is_read() {
        let printed = read("SEW], cksum 0x1f6d (incorrect -> 0x5c1b), seq 2043824403, win 62727, options [mss 8961,sackOK,TS val 1811 ecr 0,nop,wscale 7], length 0").unwrap();
        let segment = printed.segment;
        assert!(segment.flags.syn && segment.flags.ece && segment.flags.cwr && !segment.flags.ack);
        assert_eq!(
            (segment.seq, segment.ack, segment.window, segment.len),
            (Some(2_043_824_403), None, Some(62_727), 0)
        );
        assert_eq!(printed.checksum, Some(false));
        let options = segment.options.unwrap();
        assert_eq!(
            (options.mss, options.wscale, options.sack_ok),
            (Some(8961), Some(7), true)
        );
        assert_eq!(options.timestamps, Some((1811, 0)));
    }

    #[test]
    fn data_and_what_follows_it_is_told_apart() {
        let printed = read("P.], seq 1:59, ack 1, win 64240, length 58 17177+ [1au] A? www.example.com. (56)").unwrap();
        assert_eq!(
            (printed.segment.seq, printed.segment.ack, printed.segment.len),
            (Some(1), Some(1), 58)
        );
        assert_eq!(printed.after, " 17177+ [1au] A? www.example.com. (56)");
        let http = read("P.], seq 1:79, ack 1, win 502, options [nop,nop,TS val 1 ecr 2], length 78: HTTP: GET /?a=, seq 99, ack 5 HTTP/1.1").unwrap();
        assert_eq!(
            (http.segment.seq, http.segment.ack, http.segment.len),
            (Some(1), Some(1), 78)
        );
    }

    #[test]
    fn gaps_and_odd_options_are_read() {
        let printed = read(".], ack 20, win 5, options [nop,nop,sack 2 {30:40}{50:60}], length 0").unwrap();
        assert_eq!(printed.segment.options.unwrap().sack, [(30, 40), (50, 60)]);
        let mptcp = read("S], seq 6, win 64240, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7,mptcp 4 capable v1 flags [H]], length 0").unwrap();
        assert_eq!((mptcp.segment.len, mptcp.segment.options.unwrap().wscale), (0, Some(7)));
        let odd = read("none], seq 7, [ack 9 != 0 while ACK flag not set], win 512, length 3").unwrap();
        assert_eq!(
            (odd.segment.ack, odd.segment.window, odd.segment.len),
            (None, Some(512), 3)
        );
        assert_eq!(odd.segment.flags, TcpFlags::default());
        let cut = read(".U], seq 8:9, ack 8, win 3, urg 4, options [tcp-ao keyid 48 mac 0x30 [|tcp]").unwrap();
        assert_eq!(cut.segment.ack, Some(8));
        assert!(read("S").is_none());
    }
}
