//! Recognises `tcpdump`'s text by its packet lines.

use super::{has_time, is_notice, is_packet, listening_on};
use crate::artifact::Content;
use crate::segment::formats::{self, Format, Spec};
use crate::segment::sniff::{Hint, Taken, ends};

/// How many lines that are none of tcpdump's may stand between two packets: `-A` prints what the packets carry.
const BETWEEN: usize = 400;

/// `tcpdump`'s text.
pub const FORMAT: Format = Format::new(&Spec {
    name: "tcpdump",
    title: "tcpdump's text",
    command: |line| line.program == "tcpdump",
    sniff: take,
    read: |part, artifacts, problems| {
        let options = part
            .command()
            .map(|line| super::Options::new(line.args.iter().map(String::as_str)))
            .unwrap_or_default();
        let capture = super::read(part.sources, part.span(), options, problems);
        formats::add(part, FORMAT, Content::Capture(capture), artifacts);
    },
});

/// Takes the lines of one capture.
fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let asked = hint.expects(FORMAT);
    if !(is_packet(line) || begins_capture(line) || asked && has_time(line)) {
        return None;
    }
    let mut content = asked
        && hint
            .line
            .as_ref()
            .is_some_and(|line| super::Options::new(line.args.iter().map(String::as_str)).content);
    let (mut packets, mut len, mut between) = (0_usize, 0, 0);
    let mut after_packet = false;
    for (line, end) in ends(rest) {
        let continues = line.starts_with(['\t', ' ']) && packets > 0;
        if !line.starts_with('\t') && is_packet(line) {
            packets += 1;
            after_packet = true;
        } else if !continues && is_notice(line) {
            // Another run of tcpdump is another capture.
            if packets > 0 && (listening_on(line).is_some() || line.starts_with("tcpdump: verbose")) {
                break;
            }
            after_packet = false;
        } else if line.trim().is_empty() {
            continue;
        } else if !(continues || (packets > 0 || asked) && has_time(line)) {
            content |= after_packet && is_header_as_text(line);
            after_packet = false;
            between += 1;
            if between > BETWEEN || !content {
                break;
            }
            continue;
        }
        between = 0;
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if asked { 0.98 } else { 0.9 },
    })
}

/// tcpdump's first words.
fn begins_capture(line: &str) -> bool {
    line.starts_with("tcpdump: ")
        || listening_on(line).is_some_and(|_| line.contains("link-type"))
        || line.starts_with("dropped privs to ")
}

/// `E..<.h@.@.!`: an IP header as `-A` prints it, with a dot for every byte that is no character. `E` is version 4 with five words, and
/// a backquote version 6.
fn is_header_as_text(line: &str) -> bool {
    line.starts_with(['E', '`']) && line.bytes().take(24).filter(|byte| *byte == b'.').count() >= 4 && line.len() >= 20
}

#[cfg(test)]
mod tests {
    use super::{FORMAT, take};
    use crate::segment::sniff::Hint;

    fn taken(text: &str, command: &str) -> Option<usize> {
        let hint = if command.is_empty() {
            Hint::default()
        } else {
            Hint::new(command)
        };
        let taken = take(text.lines().next()?, text, &hint)?;
        assert_eq!(taken.format, FORMAT);
        Some(text.get(..taken.len)?.lines().count())
    }

    #[test]
    fn a_capture_reaches_to_its_counts() {
        let text = "tcpdump: listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n\
            10:00:00.000000 IP (tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 60)\n    \
            10.0.3.17.5000 > 10.0.3.18.443: Flags [S], cksum 0x1 (correct), seq 7, win 1, length 0\n\
            10:00:00.100000 ARP, Request who-has 10.0.3.1 tell 10.0.3.17, length 28\n\
            ^C\n2 packets captured\n2 packets received by filter\n0 packets dropped by kernel\nsome other text\n";
        assert_eq!(taken(text, ""), Some(8));
        assert_eq!(taken("10:00:00 IP addresses are listed below\n", ""), None);
    }

    #[test]
    fn what_packets_carry_is_theirs() {
        let text = "10:00:00.000000 IP 10.0.3.17.5000 > 10.0.3.18.80: Flags [P.], seq 1:79, ack 1, win 502, length 78: HTTP: GET / HTTP/1.1\n\
            E..r.h@.@.!B.........P...GET / HTTP/1.1\nHost: web\n\n\
            10:00:00.000100 IP 10.0.3.18.80 > 10.0.3.17.5000: Flags [.], ack 79, win 501, length 0\nafterwards\n";
        assert_eq!(taken(text, ""), Some(5));
        assert_eq!(taken(text, "tcpdump -nnA port 80"), Some(5));
    }
}
