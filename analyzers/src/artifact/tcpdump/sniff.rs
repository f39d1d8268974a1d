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
    // Whether what stands here is surely what the last packet carries.
    let mut carried = false;
    for (line, end) in ends(rest) {
        let continues = line.starts_with(['\t', ' ']) && packets > 0;
        if !line.starts_with('\t') && is_packet(line) {
            packets += 1;
            (after_packet, carried) = (true, asked && content);
        } else if !continues && is_notice(line) {
            // Another run of tcpdump is another capture.
            if packets > 0 && (listening_on(line).is_some() || line.starts_with("tcpdump: verbose")) {
                break;
            }
            (after_packet, carried) = (false, false);
        } else if line.trim().is_empty() {
            carried &= asked;
            continue;
        } else if !(continues || (packets > 0 || asked) && has_time(line)) {
            if std::mem::take(&mut after_packet) && is_header_as_text(line) {
                (content, carried) = (true, true);
            }
            between += 1;
            if between > BETWEEN || !content {
                break;
            }
            if carried {
                len = end;
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
        || (listening_on(line).is_some() || line.starts_with("reading from file ")) && line.contains("link-type")
        || line.starts_with("dropped privs to ")
}

/// `E..<.h@.@.!`: an IP header as `-A` prints it, with a dot for every byte that is no character. `E` is version 4 with five words, and
/// a backquote version 6. A byte of 10 ends the line: in a header from 10.0.0.0/8 that is the thirteenth, or one before it. With `-AA`
/// Ethernet's header stands before it, whose last two bytes are the type: no characters either.
pub(super) fn is_header_as_text(line: &str) -> bool {
    let header = |line: &str| {
        let dots = line.bytes().take(12).filter(|byte| *byte == b'.').count();
        line.starts_with(['E', '`']) && (line.len() >= 8 && dots >= 3 && !line.contains(". ") || line == "E..")
    };
    header(line) || line.get(12..14) == Some("..") && line.get(14..).is_some_and(header)
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
        assert_eq!(taken(text, "tcpdump -nnA port 80"), Some(6));
    }

    #[test]
    fn the_address_of_a_sender_may_end_the_line_of_what_it_sends() {
        let packet = |port: u16| {
            format!("10:00:00.000000 IP 10.0.14.9.{port} > 10.0.15.4.8080: Flags [S], seq 1000, win 62727, length 0\n")
        };
        // 45 00 00 3c 1c 46 40 00 40 06 b1 e6 0a …: the thirteenth byte is the newline.
        let payload = "E..<.F@.@...\n..	.\n...P....\n";
        let text = [
            packet(5000).as_str(),
            payload,
            &packet(5001),
            payload,
            "\n",
            "NAME READY\n",
        ]
        .concat();
        assert_eq!(taken(&text, ""), Some(8));
        assert_eq!(taken(&text, "tcpdump -nnA"), Some(10));
        let link = text.replace("E..<", "..^.k.....0...E..<");
        assert_eq!(taken(&link, ""), Some(8));
        // A sentence below a packet is none.
        let words = [packet(5000).as_str(), "Every... well, see below.\n"].concat();
        assert_eq!(taken(&words, ""), Some(1));
    }

    #[test]
    fn a_file_that_is_read_back_is_a_capture() {
        let text = "reading from file dns.pcap, link-type EN10MB (Ethernet), snapshot length 262144\n\
            Warning: interface names might be incorrect\n\
            10:00:00.000000 IP 10.0.3.17.5000 > 10.0.3.18.443: Flags [S], seq 7, win 1, length 0\n";
        assert_eq!(taken(text, ""), Some(3));
        assert_eq!(taken("Warning: interface names might be incorrect\n", ""), None);
    }
}
