//! `tcpdump`'s text, in all its time formats, with and without `-v`, `-e`, `-X` and `-i any`; one protocol a file.
//!
//! What is printed where: print.c, print-ip.c, print-ip6.c, print-tcp.c, print-udp.c and util-print.c of the-tcpdump-group/tcpdump.

mod arp;
mod carried;
pub(crate) mod dns;
mod endpoint;
mod head;
mod icmp;
mod ip;
mod link;
mod notice;
mod open;
mod order;
mod payload;
mod say;
mod sniff;
mod tcp;
mod text;
mod time;

use std::sync::Arc;

pub use head::{has_time, is_packet, is_usual};
pub use notice::{is_notice, listening_on};
pub use sniff::FORMAT;

use self::open::Open;
use self::say::Faults;
use super::{Capture, Frame, Packet};
use crate::problem::Problem;
use crate::text::{Sources, Span};

/// What the command tells about its output.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command")]
pub struct Options {
    /// `-ttt`: each time counts from the packet before.
    pub deltas: bool,
    /// `-S`: sequence numbers are those of the header.
    pub absolute: bool,
    /// `-A`: what the packets carry stands between them as text. With `-x` or `-X` tcpdump prints a dump instead (`print.c`,
    /// `pretty_print_packet`).
    pub text: bool,
}

impl Options {
    /// Of a command's arguments.
    pub fn new<'a>(args: impl Iterator<Item = &'a str>) -> Self {
        let mut options = Self::default();
        let mut dump = false;
        for arg in args {
            if arg == "--absolute-tcp-sequence-numbers" {
                options.absolute = true;
            }
            // One-letter options may stand together, up to the first that takes a value.
            let Some(letters) = arg.strip_prefix('-').filter(|letters| !letters.starts_with('-')) else {
                continue;
            };
            let end = letters
                .find(|c| "BcCEFGijmMQrsTVwWyzZ".contains(c))
                .unwrap_or(letters.len());
            let letters = letters.get(..end).unwrap_or("");
            // Not `-tttt` or `-ttttt`.
            options.deltas |= letters.bytes().filter(|byte| *byte == b't').count() == 3;
            options.absolute |= letters.contains('S');
            options.text |= letters.contains('A');
            dump |= letters.contains(['x', 'X']);
        }
        options.text &= !dump;
        options
    }
}

/// The packets that are read, and what is needed of them until all are.
#[derive(Default)]
struct Reader {
    packets: Vec<Packet>,
    frames: Vec<Frame>,
    times: order::Times,
    answers: order::Answers,
    numbering: order::Numbering,
    /// `-S`.
    absolute: bool,
    interfaces: Vec<Arc<str>>,
    faults: Faults,
}

/// More interfaces than a capture has: beyond that names are not looked for, so that reading stays linear.
const INTERFACES: usize = 256;

impl Reader {
    /// The name of an interface, once for all packets.
    fn interface(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.interfaces.iter().find(|known| ***known == *name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        if self.interfaces.len() < INTERFACES {
            self.interfaces.push(Arc::clone(&name));
        }
        name
    }

    /// Adds a packet. `owner`: of the first record of a DNS answer.
    fn packet(&mut self, packet: Packet, owner: Option<Arc<str>>) {
        self.packets.push(packet);
        self.answers.see(&mut self.packets, owner);
        self.numbering.see(&mut self.packets, self.absolute);
    }
}

/// Reads the packets of a capture.
///
/// tcpdump prints the name that was asked for in answers only with `-vv`; without it, name and type come from the query of the same
/// id, addresses and ports earlier in the capture (or, where an answer comes from another address than was asked, as behind a Service's
/// address, of the same id and client); where the query is not in the capture, from the owner of the first record, which `-v` prints.
pub fn read(sources: &Sources, span: Span, options: Options, problems: &mut Vec<Problem>) -> Capture {
    let mut capture = Capture::default();
    let mut reader = Reader {
        absolute: options.absolute,
        answers: order::Answers::new(span.end - span.start),
        numbering: order::Numbering::new(span.end - span.start),
        ..Reader::default()
    };
    let mut open: Option<Open<'_>> = None;
    // Whether no other than a packet's own lines stand above, and whether what it carries does.
    let (mut fresh, mut carried) = (false, false);
    for (line_span, line) in sources.lines_in(span) {
        let Some(first) = line.bytes().next() else { continue };
        if first == b'\t' {
            // A hex dump, more of a verbose packet, or a packet inside this one.
            if let Some(open) = &mut open {
                open.below(line_span, line);
            }
            continue;
        }
        let head = head::head(line);
        let begins = if head.time.is_some() {
            true
        } else if open.as_ref().is_some_and(Open::expects_packet) && !head.numbered {
            false
        } else {
            head.direction.is_some() && head.interface.is_some()
                || (first != b' ' || head.numbered) && head::bare(head.rest)
                || head.numbered && is_number_column(line)
        };
        if begins {
            finish(&mut open, &mut reader);
            let interface = head.interface.map(|name| reader.interface(name));
            open = Some(Open::new(line_span, &head, interface));
            (fresh, carried) = (true, false);
        } else if is_notice(line) {
            (fresh, carried) = (false, false);
            finish(&mut open, &mut reader);
            open = None;
            if let Some(interface) = listening_on(line) {
                capture.interface.get_or_insert_with(|| interface.to_owned());
            }
            notice::trailer(line, &mut capture.trailer);
        } else if let Some(open) = open.as_mut().filter(|open| first == b' ' || open.expects_packet()) {
            open.below(line_span, line);
        } else if !carried && !line.trim().is_empty() {
            carried = std::mem::take(&mut fresh) && carried::begins(line, options.text);
            if !carried {
                reader.faults.strange.add(line_span);
            }
        }
    }
    finish(&mut open, &mut reader);
    reader.faults.say(problems);
    reader
        .times
        .settle(&mut reader.packets, &mut reader.frames, options.deltas);
    reader.numbering.settle(&mut reader.packets);
    capture.packets = reader.packets;
    capture.packets.shrink_to_fit();
    capture.others = reader.frames;
    capture
}

/// Adds the packet whose lines are read.
fn finish(open: &mut Option<Open<'_>>, reader: &mut Reader) {
    if let Some(open) = open {
        open.finish(reader);
    }
}

/// Whether a line begins with `-#`'s column: a number in five places, and two blanks.
fn is_number_column(line: &str) -> bool {
    let blanks = line.bytes().take_while(|byte| *byte == b' ').count();
    let digits = line.bytes().skip(blanks).take_while(u8::is_ascii_digit).count();
    digits > 0 && blanks + digits >= 5 && (blanks == 0 || blanks + digits == 5)
}

#[cfg(test)]
mod tests {
    use super::{Capture, Options, read};
    use crate::artifact::Transport;
    use crate::text::Sources;

    fn capture(text: &str) -> (Capture, Vec<String>) {
        let mut sources = Sources::default();
        let id = sources.add("paste", text);
        let mut problems = Vec::new();
        let capture = read(&sources, sources.whole(id), Options::default(), &mut problems);
        (capture, problems.into_iter().map(|problem| problem.message).collect())
    }

    fn shown(capture: &Capture) -> Vec<String> {
        capture
            .packets
            .iter()
            .map(|packet| format!("{} > {}", packet.source, packet.destination))
            .collect()
    }

    #[test]
    fn blacked_out_ends_are_no_names_of_hosts() {
        let text = "10:00:00.000000 IP 10.42.xx.xx.41234 > 10.100.0.10.53: 7+ A? a.example. (27)\n\
            10:00:00.100000 IP xxx.xxx.xxx.xxx.53 > 10.42.1.7.41234: 7 NXDomain 0/1/0 (99)\n";
        let (hidden, problems) = capture(text);
        assert_eq!(hidden.others.len(), 2);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            problems[0].starts_with("2 packets of this capture have blacked-out addresses"),
            "{problems:?}"
        );
        let (_, problems) = capture("10:00:00.000000 IP web.41234 > kube-dns.domain: 7+ A? a.example. (27)\n");
        assert!(problems[0].contains("host names instead of addresses"), "{problems:?}");
    }

    #[test]
    fn every_time_format_gives_the_same_differences() {
        for text in [
            "10:00:00.000000 IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [S], seq 7, win 1, length 0\n10:00:01.500000 IP 10.0.0.2.80 > 10.0.0.1.5000: Flags [S.], seq 1, ack 8, win 1, length 0\n",
            "1714557600.000000 IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [S], seq 7, length 0\n1714557601.500000 IP 10.0.0.2.80 > 10.0.0.1.5000: Flags [S.], seq 1, ack 8, length 0\n",
            "2024-05-01 23:59:59.000000 IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [S], seq 7, length 0\n2024-05-02 00:00:00.500000 IP 10.0.0.2.80 > 10.0.0.1.5000: Flags [S.], seq 1, ack 8, length 0\n",
            "23:59:59.000000 IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [S], seq 7, length 0\n00:00:00.500000 IP 10.0.0.2.80 > 10.0.0.1.5000: Flags [S.], seq 1, ack 8, length 0\n",
            " 00:00:00.000000 IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [S], seq 7, length 0\n 00:00:01.500000 IP 10.0.0.2.80 > 10.0.0.1.5000: Flags [S.], seq 1, ack 8, length 0\n",
        ] {
            let (capture, problems) = capture(text);
            assert!(problems.is_empty(), "{problems:?}");
            let times: Vec<i64> = capture.packets.iter().filter_map(|packet| packet.time).collect();
            assert_eq!(times[1] - times[0], 1_500_000, "{text}");
            let Transport::Tcp(segment) = &capture.packets[1].transport else {
                panic!()
            };
            assert!(segment.flags.syn && segment.flags.ack && !segment.flags.rst);
            assert_eq!((segment.seq, segment.ack), (Some(1), Some(8)));
        }
        // 2024-05-01 00:00 UTC is 1714521600 seconds after the epoch (`date -u -d 2024-05-01 +%s`).
        let (dated, _) =
            capture("2024-05-01 00:00:00.000001 IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 64\n");
        assert_eq!(dated.packets[0].time, Some(1_714_521_600_000_001));
    }

    #[test]
    fn differences_between_packets_are_added_up() {
        let line = |time: &str| format!(" {time} IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [.], ack 1, length 0\n");
        let text = ["00:00:00.000000", "00:00:00.127522", "00:00:00.000088"]
            .map(line)
            .concat();
        let (capture, _) = capture(&text);
        let times: Vec<_> = capture.packets.iter().filter_map(|packet| packet.time).collect();
        assert_eq!(times, [0, 127_522, 127_610]);
    }

    #[test]
    fn interfaces_links_and_verbose_packets_are_read() {
        let text = "tcpdump: listening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 262144 bytes\n\
            10:00:00.000000 eni1a In  IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [S], seq 7, win 1, length 0\n\
            10:00:00.000001 eth0  Out IP (tos 0x2,ECT(0), ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 60)\n    \
            10.0.0.3.5000 > 10.0.0.4.https: Flags [R.], cksum 0x1 (correct), seq 0, ack 8, win 0, length 0\n\
            10:00:00.000002 IP6 (hlim 64, next-header UDP (17), payload length 60) 2001:db8::1.5000 > 2001:db8::2.53: [udp sum ok] 9+ A? a.example. (27)\n\
            10:00:00.000003 02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 74: 10.0.0.5.1 > 10.0.0.6.2: UDP, length 32\n\
            \t0x0000:  4500 003c\n\
            ^C\n4 packets captured\n";
        let (capture, problems) = capture(text);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(capture.interface.as_deref(), Some("any"));
        assert_eq!(
            shown(&capture),
            [
                "10.0.0.1:5000 > 10.0.0.2:80",
                "10.0.0.3:5000 > 10.0.0.4:443",
                "[2001:db8::1]:5000 > [2001:db8::2]:53",
                "10.0.0.5:1 > 10.0.0.6:2"
            ]
        );
        assert_eq!(capture.packets[0].interface.as_deref(), Some("eni1a"));
        let Transport::Tcp(reset) = &capture.packets[1].transport else {
            panic!()
        };
        assert!(reset.flags.rst && reset.flags.ack);
        assert!(
            matches!(&capture.packets[2].transport, Transport::Dns(message) if message.name.as_deref() == Some("a.example"))
        );
        assert!(matches!(capture.packets[3].transport, Transport::Udp(32)));
    }

    #[test]
    fn answers_get_the_name_of_their_query() {
        let text = "10:00:00.000000 IP 10.0.0.1.5000 > 172.20.0.10.53: 1+ A? a.example. (27)\n\
            10:00:00.000001 IP 10.0.0.1.5000 > 172.20.0.10.53: 2+ AAAA? a.example. (27)\n\
            10:00:00.000002 IP 172.20.0.10.53 > 10.0.0.1.5000: 2 NXDomain 0/1/0 (90)\n\
            10:00:00.000003 IP 10.0.7.7.53 > 10.0.0.1.5000: 1 1/0/0 A 192.0.2.1 (43)\n\
            10:00:00.000004 IP 172.20.0.10.53 > 10.0.0.9.5000: 1 1/0/0 A 192.0.2.1 (43)\n";
        let (capture, _) = capture(text);
        let asked: Vec<_> = capture
            .packets
            .iter()
            .map(|packet| match &packet.transport {
                Transport::Dns(message) => (message.name.as_deref(), message.qtype.as_deref()),
                _ => panic!(),
            })
            .collect();
        assert_eq!(asked[2], (Some("a.example"), Some("AAAA")));
        assert_eq!(asked[3], (Some("a.example"), Some("A")));
        assert_eq!(asked[4], (None, None));
    }

    #[test]
    fn the_server_that_was_asked_decides_which_query_an_answer_answers() {
        let asked = |server: &str, name: &str| {
            format!("10:00:00.000000 IP 10.0.0.1.5000 > 172.20.0.{server}.53: 1+ A? {name}. (27)\n")
        };
        let answered =
            |server: &str| format!("10:00:00.000001 IP 172.20.0.{server}.53 > 10.0.0.1.5000: 1 NXDomain 0/1/0 (90)\n");
        let text = [
            asked("10", "a.example"),
            asked("11", "b.example"),
            answered("10"),
            answered("11"),
            asked("10", "c.example"),
            answered("11"),
            answered("10"),
            answered("12"),
        ]
        .concat();
        let (capture, _) = capture(&text);
        let names: Vec<_> = capture
            .packets
            .iter()
            .filter_map(|packet| match &packet.transport {
                Transport::Dns(message) if message.response => message.name.as_deref(),
                _ => None,
            })
            .collect();
        assert_eq!(names, ["a.example", "b.example", "b.example", "c.example", "c.example"]);
    }

    #[test]
    fn what_packets_carry_is_none_of_the_lines_that_are_not_understood() {
        let packet = "10:00:00.000000 IP 10.0.0.1.5000 > 10.0.0.2.80: Flags [P.], seq 1:7, ack 1, length 6\n";
        let payload = "E..<.F@.@...\n.....P..GET /\n";
        let (carried, problems) = capture(&[packet, payload, packet, payload].concat());
        assert!(carried.packets.len() == 2 && problems.is_empty(), "{problems:?}");
        let (_, problems) = capture(&[packet, "what is this\n", packet].concat());
        assert_eq!(problems.len(), 1);
        // With `-v` below the packet's second line; and what stands below a dump, or another packet, is none of it.
        let verbose = "10:00:00.000000 IP (tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto TCP (6), length 46)\n    10.0.0.1.5000 > 10.0.0.2.80: Flags [P.], cksum 0x1 (correct), seq 1:7, ack 1, length 6\n";
        let (carried, problems) = capture(&[verbose, payload].concat());
        assert!(carried.packets.len() == 1 && problems.is_empty(), "{problems:?}");
        let (_, problems) = capture(
            &[
                packet,
                payload,
                packet,
                "\t0x0000:  4500 002e\n",
                "what is this\n",
                packet,
            ]
            .concat(),
        );
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn names_are_said_and_not_guessed() {
        let (capture, problems) =
            capture("10:00:00.000000 IP ip-10-0-0-1.ec2.internal.5000 > kube-dns.domain: 1+ A? a. (20)\n");
        assert!(capture.packets.is_empty());
        assert!(problems.len() == 1 && problems[0].contains("tcpdump -nn"));
    }
}
