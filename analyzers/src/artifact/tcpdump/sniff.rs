//! Recognises `tcpdump`'s text by its packet lines.

use super::{carried, has_time, is_notice, is_packet, listening_on};
use crate::artifact::Content;
use crate::segment::formats::{self, Format, Spec};
use crate::segment::sniff::{Hint, Taken, ends};

/// `tcpdump`'s text.
pub const FORMAT: Format = Format::new(&Spec {
    name: "tcpdump",
    title: "tcpdump's text",
    command: |line| line.program == "tcpdump",
    least: 3,
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
    // What packets carry stands below them at the beginning of lines with `-A` alone: `-x` and `-X` print a tab before it.
    let text = asked
        && hint.line.as_ref().is_some_and(|line| {
            let run = line.inner().unwrap_or_else(|| line.clone());
            super::Options::new(run.args.iter().map(String::as_str)).text
        });
    let (mut packets, mut len, mut at) = (0_usize, 0, 0);
    // The packet above, where only its own lines stand between.
    let mut packet = None;
    for (line, end) in ends(rest) {
        // Within what a packet carries.
        if end <= len {
            at = end;
            continue;
        }
        let start = std::mem::replace(&mut at, end);
        let continues = line.starts_with(['\t', ' ']) && packets > 0;
        if !line.starts_with('\t') && is_packet(line) {
            packets += 1;
            packet = Some(line);
        } else if !continues && is_notice(line) {
            // Another run of tcpdump is another capture.
            if packets > 0 && (listening_on(line).is_some() || line.starts_with("tcpdump: verbose")) {
                break;
            }
            packet = None;
        } else if line.trim().is_empty() {
            continue;
        } else if !(continues || (packets > 0 || asked) && has_time(line)) {
            let Some(above) = packet.take().filter(|_| carried::begins(line, text)) else {
                break;
            };
            let carried = carried::extent(above, rest.get(start..).unwrap_or_default());
            len = start + carried.len;
            if !carried.goes_on {
                break;
            }
            continue;
        }
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
        for command in [
            "",
            "tcpdump -nnA port 80",
            "kubectl exec -it web-0 -- tcpdump -nnA port 80",
        ] {
            assert_eq!(taken(text, command), Some(5), "{command}");
        }
    }

    #[test]
    fn the_address_of_a_sender_may_end_the_line_of_what_it_sends() {
        let packet = |port: u16| {
            format!("10:00:00.000000 IP 10.0.14.9.{port} > 10.0.15.4.8080: Flags [S], seq 1000, win 62727, length 0\n")
        };
        // 45 00 00 28 1c 46 40 00 40 06 b1 e6 0a 00 0e 09 0a 00 0f 04 …: the thirteenth byte is a newline, and so is the seventeenth.
        let payload = "E..(.F@.@...\n..\t\n...............P.......\n";
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
        // What the packet's line says of its length tells that it ends there.
        assert_eq!(taken(&text, "tcpdump -nnA"), Some(8));
        let link = text.replace("E..(", "..^.k.....0...E..(");
        assert_eq!(taken(&link, ""), Some(8));
        // A sentence below a packet is none.
        let words = [packet(5000).as_str(), "Every... well, see below.\n"].concat();
        assert_eq!(taken(&words, ""), Some(1));
    }

    const PODS: &str = "NAME     READY   STATUS    RESTARTS   AGE\ncart-0   1/1     Running   0          3d\n";

    #[test]
    fn another_output_below_a_capture_is_none_of_it() {
        let dump = "10:00:00.000000 IP 10.0.14.9.41234 > 10.0.0.10.53: 7+ A? cart.shop. (27)\n\
            \t0x0000:  4500 0037 1c46 4000 4011 b1e6 0a00 0e09  E..7.F@.@.......\n\
            \t0x0010:  0a00 000a a112 0035 0023 0000 0007 0100  .......5.#......\n";
        for option in ["-X", "-x", "-XX", "-A -X", "-A", "-v"] {
            for between in ["", "\n", "\n\n"] {
                let command = format!("tcpdump -nn {option} -c1 port 53");
                let text = [dump, between, PODS].concat();
                assert_eq!(taken(&text, &command), Some(3), "{command}");
                assert_eq!(
                    taken(&[dump, between, "done\n"].concat(), &command),
                    Some(3),
                    "{command}"
                );
            }
        }
        let carried = "10:00:00.000000 IP 10.0.14.9.41234 > 10.0.0.10.53: 7+ A? cart.shop. (27)\n\
            E..7.F@.@......\n...5.#..........cart.shop.....\n";
        for between in ["", "\n", "\n\n"] {
            let text = [carried, between, PODS].concat();
            for command in ["", "tcpdump -nnA -c1 port 53"] {
                let lines = taken(&text, command).unwrap();
                assert_eq!(
                    text.lines().take(lines).filter(|line| !line.is_empty()).count(),
                    3,
                    "{command}"
                );
            }
        }
    }

    #[test]
    fn what_is_below_a_capture_is_read() {
        for command in [
            "tcpdump -nnX -c1 port 53 2>/dev/null",
            "tcpdump -nnA -c1 port 53 2>/dev/null",
        ] {
            let packet = "10:00:00.000000 IP 10.0.14.9.41234 > 10.0.0.10.53: 7+ A? cart.shop. (27)\n";
            let carried = if command.contains('X') {
                "\t0x0000:  4500 0037 1c46 4000 4011 b1e6 0a00 0e09  E..7.F@.@.......\n"
            } else {
                "E..7.F@.@......\n...5.#..........cart.shop.....\n"
            };
            let read = crate::artifact::testing::read(&format!("$ {command}\n{packet}{carried}\n{PODS}"));
            assert_eq!(read.formats(), ["tcpdump", "kubectl-table"], "{command}");
        }
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
