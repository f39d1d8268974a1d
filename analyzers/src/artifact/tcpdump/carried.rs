//! What a packet carries, as `-A` prints it below the packet's line: its bytes as they are, with a dot for each that is no character (tcpdump,
//! `print-ascii.c`, `ascii_print`). Nothing marks its end, so that its length and what other outputs look like have to tell it.

use super::{has_time, is_notice, is_packet};
use crate::artifact::kubectl::metrics;
use crate::artifact::reach::http_body;
use crate::segment::formats::{self, Format};
use crate::segment::sniff::{self, ends};

/// How many lines that are none of tcpdump's may stand below a packet.
const MOST: usize = 400;

/// More than the headers have that are printed with what a packet carries, and that the length in its line may not count: those of a link, of
/// IP and of TCP with all their options (18, 60 and 60 bytes).
const HEADERS: usize = 138;

/// More than TCP's options have beyond a timestamp, and the zeros that fill a short Ethernet frame.
const SLACK: usize = 40;

/// How far what a packet carries reaches.
#[derive(Debug, PartialEq)]
pub struct Carried {
    /// In bytes.
    pub len: usize,
    /// Whether tcpdump goes on right below it.
    pub goes_on: bool,
}

/// Whether the line below a packet's begins what it carries. `asked`: `-A` is known to have been given, so that it may also be of a protocol
/// whose header is not known.
pub fn begins(line: &str, asked: bool) -> bool {
    let dots = || line.bytes().filter(|byte| *byte == b'.').count();
    is_header(line) || asked && line.len() >= 4 && dots() * 2 >= line.len()
}

/// `E..<.h@.@.!`: an IP header, with a dot for every byte that is no character. `E` is version 4 with five words, and a backquote version 6. A
/// byte of 10 ends the line: in a header from 10.0.0.0/8 that is the thirteenth, or one before it. With `-AA` Ethernet's header stands before
/// it, whose last two bytes are the type: no characters either.
fn is_header(line: &str) -> bool {
    let header = |line: &str| {
        let dots = line.bytes().take(12).filter(|byte| *byte == b'.').count();
        line.starts_with(['E', '`']) && (line.len() >= 8 && dots >= 3 && !line.contains(". ") || line == "E..")
    };
    header(line) || behind_link(line).is_some_and(header)
}

/// What stands behind Ethernet's header.
fn behind_link(line: &str) -> Option<&str> {
    line.get(12..14)
        .filter(|kind| *kind == "..")
        .and_then(|_| line.get(14..))
}

/// The extent of what `packet` carries, which begins where `rest` does. It ends where tcpdump goes on, where it is longer than the packet, and
/// where another output begins.
pub fn extent(packet: &str, rest: &str) -> Carried {
    let (stop, goes_on) = next_packet(rest);
    let run = rest.get(..stop).unwrap_or_default();
    let size = Size::new(packet, run);
    let (mut len, mut skipped, mut printed, mut lines, mut blank) = (0, 0, 0_usize, 0, false);
    for (line, end) in ends(run) {
        let start = std::mem::replace(&mut len, end);
        if line.trim().is_empty() {
            blank |= end > skipped;
        } else if end > skipped {
            // The last newline is tcpdump's own.
            if printed > size.most || !goes_on && size.least.is_some_and(|least| printed > least) {
                return Carried::until(run, start);
            }
            // Between two packets all is carried as far as nothing parts it.
            let here = run.get(start..).unwrap_or_default();
            if start > 0
                && (blank || !goes_on)
                && let Some(taken) = sniff::other(line, here)
            {
                let last = here.get(taken.len..).is_some_and(|below| below.trim().is_empty());
                if !(is_body(taken.format) && (goes_on && last || size.fits(printed, lines, taken.len))) {
                    return Carried::until(run, sniff::without_words(run, start));
                }
                skipped = start + taken.len;
            }
            blank = false;
        }
        printed += line.len() + 1;
        lines += 1;
    }
    if goes_on {
        Carried { len: stop, goes_on }
    } else {
        Carried::until(run, stop)
    }
}

impl Carried {
    /// It ends above something else, and above blank lines.
    fn until(run: &str, end: usize) -> Self {
        let text = run.get(..end).unwrap_or_default().trim_end().len();
        let ending = run.get(text..end).and_then(|blank| ends(blank).next());
        Self {
            len: text + ending.map_or(0, |(_, ending)| ending),
            goes_on: false,
        }
    }
}

/// How many bytes are printed of a packet.
struct Size {
    /// What its line says.
    said: Option<usize>,
    /// With its headers, where their lengths are known: all of it, but for some options of TCP.
    least: Option<usize>,
    most: usize,
}

impl Size {
    fn new(packet: &str, carried: &str) -> Self {
        let said = said_length(packet);
        let begins = |carried: &str| carried.starts_with(['E', '`']);
        let (link, carried) = match behind_link(carried).filter(|behind| !begins(carried) && begins(behind)) {
            Some(behind) => (14, behind),
            None => (0, carried),
        };
        let ip = link + if carried.starts_with('E') { 20 } else { 40 };
        let headers = if !begins(carried) {
            // Another protocol's.
            None
        } else if packet.contains("(tos ") {
            // With `-v` the length is that of all.
            Some(link)
        } else if packet.contains(": Flags [") {
            Some(ip + if packet.contains("TS val ") { 32 } else { 20 })
        } else if packet.contains(": ICMP") {
            Some(ip)
        } else if packet.contains(": UDP, length ") || packet.trim_end().ends_with(')') {
            Some(ip + 8)
        } else {
            None
        };
        let least = headers.zip(said).map(|(headers, said)| said.saturating_add(headers));
        let most = least
            .map(|least| least.saturating_add(SLACK))
            .or_else(|| said.map(|said| said.saturating_add(HEADERS)));
        Self {
            said,
            least,
            most: most.unwrap_or(usize::MAX),
        }
    }

    /// Whether more has to come below what is printed, and all of the next bytes may be it. A carriage return before a newline is not printed;
    /// a link's header is counted where it is not printed.
    fn fits(&self, printed: usize, lines: usize, next: usize) -> bool {
        let more = |said: usize| printed.saturating_add(lines).saturating_add(18) < said;
        self.said.is_some_and(more) && printed.saturating_add(next) <= self.most
    }
}

/// Where the next packet begins, or what tcpdump says at its end, and whether there is one.
fn next_packet(rest: &str) -> (usize, bool) {
    let (mut len, mut lines) = (0, 0);
    for (line, end) in ends(rest) {
        if !line.starts_with('\t') && (is_packet(line) || is_notice(line) || has_time(line)) {
            return (len, true);
        }
        lines += usize::from(!line.trim().is_empty());
        if lines > MOST {
            break;
        }
        len = end;
    }
    (len, false)
}

/// How many bytes a packet has by its line: the greatest of the lengths that stand there, which are a frame's, IP's or only the data's; that of
/// a DNS message stands in brackets at the end.
fn said_length(packet: &str) -> Option<usize> {
    let number = |text: &str| {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        text.get(..digits)?.parse::<usize>().ok()
    };
    let lengths = packet
        .match_indices("length ")
        .filter_map(|(at, word)| number(packet.get(at + word.len()..)?));
    let message = packet
        .trim_end()
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once(" ("))
        .and_then(|(_, digits)| digits.parse().ok());
    lengths.chain(message).max()
}

/// Whether it is often what a server answers.
fn is_body(format: Format) -> bool {
    [
        formats::JSON,
        formats::KUBERNETES_JSON,
        formats::AWS_JSON,
        metrics::FORMAT,
        http_body::FORMAT,
    ]
    .contains(&format)
}

#[cfg(test)]
mod tests {
    use super::{Carried, begins, extent, said_length};

    const PACKET: &str = "10:00:00.000000 IP 10.0.3.18.80 > 10.0.3.17.5000: Flags [P.], seq 1:80, ack 1, win 502, length 79: HTTP: HTTP/1.1 200 OK";
    const NEXT: &str = "10:00:00.000100 IP 10.0.3.17.5000 > 10.0.3.18.80: Flags [.], ack 80, win 501, length 0\n";
    const HEADER: &str = "E..w.h@.@.!B.........P...Gt.HTTP/1.1 200 OK\n";

    fn carried(text: &str) -> (usize, bool) {
        let Carried { len, goes_on } = extent(PACKET, text);
        (text.get(..len).unwrap().lines().count(), goes_on)
    }

    #[test]
    fn the_next_packet_ends_it() {
        let text = [HEADER, "Content-Length: 6\n\nready\n\n", NEXT].concat();
        assert_eq!(carried(&text), (5, true));
        let text = [HEADER, "Content-Length: 6\n\nready\n\n", "^C2 packets captured\n"].concat();
        assert_eq!(carried(&text), (5, true));
        // JSON between its header and the next packet is what the server answered.
        let json = "Content-Type: application/json\n\n{\n  \"status\": \"UP\",\n  \"db\": \"UP\"\n}\n\n";
        assert_eq!(carried(&[HEADER, json, NEXT].concat()), (8, true));
        // At the end, its length says that more has to come.
        assert_eq!(carried(&[HEADER, json].concat()), (7, false));
    }

    #[test]
    fn another_output_ends_it() {
        let pods = "NAME     READY   STATUS    RESTARTS   AGE\ncart-0   1/1     Running   0          3d\ncart-1   1/1     Running   0          3d\n";
        for between in ["", "\n", "\n\n"] {
            assert_eq!(carried(&[HEADER, between, pods].concat()), (1, false));
        }
        assert_eq!(carried(&[HEADER, "\n", pods, "\n", NEXT].concat()), (1, false));
        let words = "and these are the pods that were asked, all of them:\n";
        assert_eq!(carried(&[HEADER, "\n", words, pods].concat()), (1, false));
    }

    #[test]
    fn it_is_no_longer_than_its_packet() {
        // Headers of 20 bytes each, and the 79 that the packet's line says.
        let first = "E..w.h@.@.!B.............P...G.tP.......HTTP/1.1 200 OK....\n";
        let line = "x".repeat(59) + "\n";
        assert_eq!(carried(&[first, &line, "done\n"].concat()), (2, false));
        assert_eq!(carried(&[first, &line, "\ndone\n"].concat()), (2, false));
        // Options may be printed, too, where a packet follows; not three lines more.
        assert_eq!(carried(&[first, &line, &line, NEXT].concat()), (3, true));
        assert_eq!(carried(&[first, &line, &line, &line, NEXT].concat()), (3, false));
    }

    #[test]
    fn a_packet_says_its_length() {
        for (packet, length) in [
            (PACKET, Some(79)),
            (
                "10:00:00.000000 IP (tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 131)",
                Some(131),
            ),
            (
                "10:00:00.000000 IP 10.0.3.17.5000 > 10.0.0.10.53: 7+ A? cart.shop.svc.cluster.local. (45)",
                Some(45),
            ),
            ("10:00:00.000000 IP 10.0.3.17 > 10.0.3.18: ip-proto-99", None),
        ] {
            assert_eq!(said_length(packet), length, "{packet}");
        }
    }

    #[test]
    fn what_begins_it() {
        for line in [
            "E..<.F@.@...",
            "E..",
            "`.4..(.@................",
            "..............E..<.h@.@.!R.........p.P7X.",
            "..^.k.....0...E..<.F@.@...",
        ] {
            assert!(begins(line, false), "{line}");
        }
        let arp = "............^.......................";
        assert!(begins(arp, true) && !begins(arp, false));
        for line in ["Every... well, see below.", "afterwards", "NAME READY", "..."] {
            assert!(!begins(line, true), "{line}");
        }
    }
}
