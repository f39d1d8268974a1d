//! What holds for every capture: nothing panics, no packet's line is lost, a packet's facts stand in its lines, and a capture file's text,
//! pasted, says what the file said.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

#[path = "../benches/inputs/capture.rs"]
#[allow(dead_code, clippy::pedantic, reason = "the benchmarks use all of it")]
mod inputs;

use proptest::prelude::*;
use whypath_analyzers::artifact::{Capture, Content, Packet, Transport, pcap};
use whypath_analyzers::text::SourceId;
use whypath_analyzers::{Analysis, Input, analysis};

fn read(bytes: &[u8]) -> Analysis {
    let input = Input {
        name: "capture".to_owned(),
        bytes: bytes.to_vec(),
    };
    analysis::read(vec![input], &mut |_| {})
}

fn captures(analysis: &Analysis) -> impl Iterator<Item = &Capture> {
    analysis
        .artifacts
        .iter()
        .filter_map(|(_, artifact)| match &artifact.content {
            Content::Capture(capture) => Some(capture),
            _ => None,
        })
}

/// What a packet's lines have to hold.
fn values(packet: &Packet) -> Vec<String> {
    let mut values = Vec::new();
    for end in [packet.source, packet.destination] {
        values.push(match end.port {
            Some(port) => format!("{}.{port}", end.address),
            None => end.address.to_string(),
        });
    }
    if let Some(segment) = packet.transport.tcp() {
        values.extend(segment.seq.map(|seq| format!("seq {seq}")));
        values.extend(segment.ack.map(|ack| format!("ack {ack}")));
        values.push(format!("length {}", segment.len));
        if let Some((value, echo)) = segment.options.as_ref().and_then(|options| options.timestamps) {
            values.push(format!("TS val {value} ecr {echo}"));
        }
    }
    match &packet.transport {
        Transport::Dns(message) => {
            values.push(message.id.to_string());
            for record in message.answers() {
                // A record of a damaged message may have no data.
                values.push(format!("{} {}", record.rtype, record.data).trim_end().to_owned());
            }
        }
        Transport::Udp(length) => values.push(format!("length {length}")),
        Transport::Icmp(icmp) => values.push(icmp.message.to_string()),
        Transport::Other(name) => values.push(name.to_string()),
        Transport::Tcp(_) => {}
    }
    values.extend(packet.ip.map(|header| header.ttl.to_string()));
    values
}

fn facts_stand_in_their_lines(analysis: &Analysis) {
    for packet in captures(analysis).flat_map(|capture| &capture.packets) {
        let lines = analysis.sources.text(packet.span);
        for value in values(packet) {
            assert!(lines.contains(&value), "{value:?} is not in {lines:?}");
        }
    }
}

/// One packet with all that a line of it shows, but for where it stands.
fn shown(packet: &Packet) -> String {
    let Packet {
        time,
        source,
        destination,
        ip,
        transport,
        ..
    } = packet;
    format!("{time:?} {source} {destination} {ip:?} {transport:?}")
        .replace("numbers: Absolute", "")
        .replace("numbers: Unknown", "")
}

#[test]
fn a_files_text_says_what_the_file_says() {
    let file = read(&inputs::file(90));
    let all: Vec<&Packet> = captures(&file).flat_map(|capture| &capture.packets).collect();
    assert_eq!(all.len(), 90);
    facts_stand_in_their_lines(&file);
    let text = &file.sources.get(SourceId(0)).unwrap().text;
    let pasted = read(format!("$ tcpdump -nn -tttt -v -S -r x.pcap\n{text}").as_bytes());
    let again: Vec<&Packet> = captures(&pasted).flat_map(|capture| &capture.packets).collect();
    assert_eq!(again.len(), 90);
    for (file, text) in all.iter().zip(again) {
        // What is not printed because it is not set is not known from the text.
        assert_eq!(shown(file), shown(text), "{}", pasted.sources.text(text.span));
    }
    assert!(pasted.problems.is_empty(), "{:?}", pasted.problems);
}

#[test]
fn text_is_read_line_by_line() {
    let analysis = read(inputs::text(90).as_bytes());
    let packets: Vec<&Packet> = captures(&analysis).flat_map(|capture| &capture.packets).collect();
    assert_eq!(packets.len(), 90);
    facts_stand_in_their_lines(&analysis);
    let syns = packets
        .iter()
        .filter(|packet| packet.tcp().is_some_and(|tcp| tcp.flags.syn && !tcp.flags.ack));
    assert_eq!(syns.count(), 10);
    assert!(
        packets
            .iter()
            .all(|packet| packet.interface.as_deref() == Some("eni1a2b3c"))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_read(packets in 1usize..12, damage in prop::collection::vec((0usize..2000, any::<u8>()), 0..12), end in 0usize..2400) {
        let mut bytes = inputs::file(packets);
        for (at, byte) in damage {
            let len = bytes.len();
            bytes[at % len] = byte;
        }
        bytes.truncate(end.max(4));
        let analysis = read(&bytes);
        if pcap::is_capture(&bytes) {
            facts_stand_in_their_lines(&analysis);
        }
    }

    #[test]
    fn anything_behind_a_files_first_bytes_is_read(magic in 0usize..5, rest in prop::collection::vec(any::<u8>(), 0..600)) {
        let magics: [&[u8]; 5] = [
            &[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0],
            &[0xa1, 0xb2, 0x3c, 0x4d, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 101],
            &[0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1, 20],
            &[0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 28, 0, 0, 0],
            &[0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0],
        ];
        let bytes = [magics[magic], &rest].concat();
        prop_assert!(pcap::is_capture(&bytes));
        facts_stand_in_their_lines(&read(&bytes));
    }

    #[test]
    fn no_line_of_damaged_text_is_lost(packets in 1usize..12, damage in prop::collection::vec((0usize..1800, "[ -~\t\n]{0,3}"), 0..10)) {
        let mut text = inputs::text(packets);
        for (at, with) in damage {
            let at = at % text.len();
            text.replace_range(at..at + usize::from(at + 1 < text.len()), &with);
        }
        let analysis = read(text.as_bytes());
        // Every line is one of a packet, of a segment that says itself what it is, or named.
        let mut named = vec![false; text.lines().count() + 2];
        let mut cover = |span| {
            let lines = analysis.sources.lines(span);
            named[lines.first..=lines.last].fill(true);
        };
        for capture in captures(&analysis) {
            capture.packets.iter().for_each(|packet| cover(packet.span));
            capture.others.iter().for_each(|frame| cover(frame.span));
        }
        for problem in &analysis.problems {
            cover(problem.span);
        }
        for segment in &analysis.segments {
            match &segment.command {
                _ if segment.format.name() != "tcpdump" => cover(segment.span),
                // A `\` at its end makes the next line the command's, as in a shell.
                Some(command) => cover(command.span),
                None => {}
            }
        }
        for (index, line) in text.lines().enumerate().skip(1) {
            let begins = line.starts_with("2026-05-01 10:") && line.get(19..20) == Some(".") && line.get(26..27) == Some(" ");
            prop_assert!(!begins || named[index + 1], "{line}");
        }
    }
}
