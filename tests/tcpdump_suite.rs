//! tcpdump's own tests: every packet that it prints of its captures has to be read, with the values that stand in the line; and the same
//! captures read as files have to say the same.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

use whypath_analyzers::artifact::{Content, Endpoint, Frame, Numbers, Packet, TcpFlags, TcpSegment, Transport, pcap};
use whypath_analyzers::text::SourceId;
use whypath_analyzers::{Analysis, Input, analysis};

/// One of the suite's cases.
struct Case {
    name: String,
    options: String,
    file: String,
    printed: String,
}

fn cases(suite: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(suite.join("cases.json")).unwrap();
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let cases = cases.iter().map(|case| Case {
        name: case["name"].as_str().unwrap().to_owned(),
        options: case["opts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|option| option.as_str().unwrap())
            .filter(|option| *option != "SPECIAL_t")
            .collect::<Vec<_>>()
            .join(" "),
        file: case["pcap"].as_str().unwrap().rsplit('/').next().unwrap().to_owned(),
        printed: case["expected"].as_str().unwrap().to_owned(),
    });
    cases.collect()
}

impl Case {
    /// As somebody pastes it.
    fn read(&self) -> Analysis {
        let paste = format!("$ tcpdump -# -nn {} -r {}\n{}", self.options, self.file, self.printed);
        let input = Input {
            name: "case".to_owned(),
            bytes: paste.into_bytes(),
        };
        analysis::read(vec![input], &mut |_| {})
    }

    /// The packets: their number, the line that they begin on (the command is line 1), and their lines.
    fn blocks(&self) -> Vec<(usize, usize, Vec<&str>)> {
        let mut blocks: Vec<(usize, usize, Vec<&str>)> = Vec::new();
        for (index, line) in self.printed.lines().enumerate() {
            let head = line.get(..7).unwrap_or_default();
            let number = head
                .trim_start()
                .strip_suffix("  ")
                .and_then(|number| number.parse::<usize>().ok());
            let last = blocks.last().map_or(0, |(number, ..)| *number);
            match number {
                Some(number) if number > last => blocks.push((number, index + 2, vec![line])),
                _ => {
                    if let Some((_, _, lines)) = blocks.last_mut() {
                        lines.push(line);
                    }
                }
            }
        }
        blocks
    }
}

/// What was read from a line.
#[derive(Clone, Copy)]
enum Read<'a> {
    Packet(&'a Packet),
    Frame(&'a Frame),
}

/// What was read, by the line that it begins on.
fn by_line(analysis: &Analysis) -> BTreeMap<usize, Read<'_>> {
    let mut all = BTreeMap::new();
    for (_, artifact) in analysis.artifacts.iter() {
        let Content::Capture(capture) = &artifact.content else {
            continue;
        };
        for packet in &capture.packets {
            all.insert(analysis.sources.lines(packet.span).first, Read::Packet(packet));
        }
        for frame in &capture.others {
            all.insert(analysis.sources.lines(frame.span).first, Read::Frame(frame));
        }
    }
    all
}

/// `SOURCE > DESTINATION` before a mark in a line, and what follows the mark: told by plain searches that know nothing of the parser.
fn addressed<'a>(line: &'a str, mark: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let (before, after) = line.split_once(mark)?;
    let (before, destination) = before.rsplit_once(" > ")?;
    let source = before.rsplit([' ', '\t']).next()?;
    (!destination.contains(' ')).then_some((source, destination, after))
}

/// `10.0.0.1.80` with a port, `10.0.0.1` without.
fn end(text: &str, port: bool) -> Option<Endpoint> {
    if !port {
        return Some(Endpoint {
            address: text.parse().ok()?,
            port: None,
        });
    }
    let (address, port) = text.rsplit_once('.')?;
    Some(Endpoint {
        address: address.parse::<IpAddr>().ok()?,
        port: Some(port.parse().ok()?),
    })
}

/// The number after a name in a line.
fn number_after(text: &str, name: &str) -> Option<u64> {
    let (_, rest) = text.split_once(name)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn letters(flags: TcpFlags) -> String {
    let all = [
        (flags.fin, 'F'),
        (flags.syn, 'S'),
        (flags.rst, 'R'),
        (flags.psh, 'P'),
        (flags.ack, '.'),
        (flags.urg, 'U'),
        (flags.ece, 'E'),
        (flags.cwr, 'W'),
        (flags.ae, 'e'),
    ];
    let letters: String = all.iter().filter(|(set, _)| *set).map(|(_, letter)| letter).collect();
    if letters.is_empty() { "none".to_owned() } else { letters }
}

#[derive(Debug, Default)]
struct Count {
    lines: usize,
    packets: usize,
    frames: usize,
    problems: usize,
    tcp: usize,
    udp: usize,
    icmp: usize,
    dns: usize,
}

/// Compares a packet with the lines that it was printed on; the message says what differs.
fn compare(lines: &[&str], read: Read<'_>, count: &mut Count) -> Result<(), String> {
    let text = lines.join("\n");
    if let Some(result) = lines.iter().find_map(|line| icmp(line, read)) {
        count.icmp += 1;
        return result;
    }
    if text.contains("ICMP") {
        return Ok(());
    }
    // The last one is the innermost packet.
    let tcp = lines.iter().rev().find_map(|line| addressed(line, ": Flags ["));
    if let Some((source, destination, rest)) = tcp.filter(|_| !text.contains("Flags [none], vni")) {
        count.tcp += 1;
        let Read::Packet(packet) = read else {
            return Err("TCP is no packet".to_owned());
        };
        ends(packet, source, destination, true)?;
        let segment = packet.transport.tcp().ok_or("TCP is no segment")?;
        same("flags", rest.split(']').next(), Some(letters(segment.flags).as_str()))?;
        let fields = rest
            .split(" options [")
            .next()
            .unwrap()
            .split(", length ")
            .next()
            .unwrap();
        same("seq", number_after(fields, ", seq "), segment.seq.map(u64::from))?;
        same("ack", number_after(fields, ", ack "), segment.ack.map(u64::from))?;
        same("win", number_after(fields, ", win "), segment.window.map(u64::from))?;
        let (_, options) = rest.split_once(" options [").unwrap_or_default();
        let inside = segment.options.as_deref();
        same(
            "mss",
            number_after(options, "mss "),
            inside.and_then(|o| o.mss).map(u64::from),
        )?;
        same(
            "wscale",
            number_after(options, "wscale "),
            inside.and_then(|o| o.wscale).map(u64::from),
        )?;
        let value = inside.and_then(|o| o.timestamps).map(|(value, _)| u64::from(value));
        same("TS", number_after(options, "TS val "), value)?;
    }
    let udp = lines
        .iter()
        .find_map(|line| addressed(line, ": UDP, length ").or_else(|| addressed(line, ": [udp sum ok] UDP, length ")));
    if let Some((source, destination, rest)) = udp {
        count.udp += 1;
        let Read::Packet(packet) = read else {
            return Err("UDP is no packet".to_owned());
        };
        ends(packet, source, destination, true)?;
        let Transport::Udp(length) = packet.transport else {
            return Err(format!("UDP is {:?}", packet.transport));
        };
        same("length", number_after(&format!("@{rest}"), "@"), Some(length as u64))?;
    }
    lines.iter().find_map(|line| dns(line, read, count)).unwrap_or(Ok(()))
}

fn ends(packet: &Packet, source: &str, destination: &str, ports: bool) -> Result<(), String> {
    same("source", end(source, ports), Some(packet.source))?;
    same("destination", end(destination, ports), Some(packet.destination))
}

#[allow(clippy::needless_pass_by_value, reason = "the callers make what is compared")]
fn same<T: PartialEq + std::fmt::Debug>(what: &str, printed: T, read: T) -> Result<(), String> {
    if printed == read {
        Ok(())
    } else {
        Err(format!("{what}: printed {printed:?}, read {read:?}"))
    }
}

fn icmp(line: &str, read: Read<'_>) -> Option<Result<(), String>> {
    let marks = [": ICMP ", ": [icmp6 sum ok] ICMP6, ", ": ICMP6, "];
    let (source, destination, rest) = marks.iter().find_map(|mark| addressed(line, mark))?;
    let Read::Packet(packet) = read else {
        return Some(Err("ICMP is no packet".to_owned()));
    };
    let Transport::Icmp(icmp) = &packet.transport else {
        return Some(Err(format!("ICMP is {:?}", packet.transport)));
    };
    let echo = rest.starts_with("echo re");
    let result = ends(packet, source, destination, false)
        .and_then(|()| same("version", line.contains("ICMP6, "), icmp.v6))
        .and_then(|()| {
            let id = number_after(rest, ", id ").filter(|_| echo);
            same("id", id, icmp.id.filter(|_| echo).map(u64::from))
        })
        .and_then(|()| {
            let seq = number_after(rest, ", seq ").filter(|_| echo);
            same("seq", seq, icmp.seq.filter(|_| echo).map(u64::from))
        })
        .and_then(|()| {
            let kind = match (icmp.v6, rest.split(',').next().unwrap()) {
                (false, "echo request") => Some(8),
                (false, "echo reply") => Some(0),
                (false, words) if words.contains("unreachable") => Some(3),
                (true, "echo request") => Some(128),
                (true, "neighbor solicitation") => Some(135),
                (true, "router advertisement") => Some(134),
                _ => icmp.kind,
            };
            same("type", kind, icmp.kind)
        });
    Some(result)
}

fn dns(line: &str, read: Read<'_>, count: &mut Count) -> Option<Result<(), String>> {
    let (source, destination, rest) = addressed(line, ": ")?;
    if ![source, destination]
        .iter()
        .any(|end| end.ends_with(".53") || end.ends_with(".5353"))
    {
        return None;
    }
    let rest = match rest.split_once(" length ").filter(|_| rest.starts_with("Flags [")) {
        Some((_, over_tcp)) => over_tcp.split_once(' ')?.1,
        None => rest.strip_prefix("[udp sum ok] ").unwrap_or(rest),
    };
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let id: u16 = digits.parse().ok()?;
    let counts = rest.split(' ').find(|word| {
        let parts: Vec<&str> = word.split('/').collect();
        parts.len() == 3 && parts.iter().all(|part| part.parse::<u16>().is_ok())
    });
    let question = rest
        .split_once("? ")
        .filter(|(before, _)| counts.is_none_or(|counts| !before.contains(counts)));
    if counts.is_none() && question.is_none() {
        return None;
    }
    count.dns += 1;
    let Read::Packet(packet) = read else {
        return Some(Err("DNS is no packet".to_owned()));
    };
    let Transport::Dns(message) = &packet.transport else {
        return Some(Err(format!("DNS is {:?}", packet.transport)));
    };
    let result = ends(packet, source, destination, true)
        .and_then(|()| same("id", id, message.id))
        .and_then(|()| same("response", counts.is_some() || rest.contains(" q: "), message.response))
        .and_then(|()| match question {
            Some((before, after)) => {
                // A class stands after the type: `Type507 (Class 769)?`.
                let before = before.split(" (Class ").next().unwrap();
                let qtype = before.rsplit(' ').next();
                same("type", qtype, message.qtype.as_deref())?;
                let name = after.split(' ').next().unwrap().trim_end_matches(',');
                let name = if name == "." { name } else { name.trim_end_matches('.') };
                same("name", Some(name.to_lowercase().as_str()), message.name.as_deref())
            }
            None => Ok(()),
        })
        .and_then(|()| {
            let code = [
                "NXDomain", "ServFail", "Refused", "FormErr", "NotImp", "BadVers", "NoChange",
            ]
            .iter()
            .find(|code| rest.split(' ').take(3).any(|word| word.starts_with(**code)));
            let code = counts.map(|_| code.map_or("NOERROR".to_owned(), |code| code.to_uppercase()));
            same(
                "rcode",
                code,
                message.rcode.as_deref().map(str::to_owned).filter(|_| counts.is_some()),
            )
        })
        .and_then(|()| {
            let counts = counts.map(str::to_owned);
            same("counts", counts, message.counts.map(|(a, b, c)| format!("{a}/{b}/{c}")))
        });
    Some(result)
}

#[test]
fn every_packet_that_is_printed_is_read() {
    let Some(suite) = whypath_tests::suite("tcpdump") else {
        return;
    };
    let (mut count, mut wrong) = (Count::default(), Vec::new());
    let cases = cases(&suite);
    for case in &cases {
        let analysis = case.read();
        let read = by_line(&analysis);
        let named: Vec<_> = analysis
            .problems
            .iter()
            .map(|problem| analysis.sources.lines(problem.span))
            .collect();
        for (number, line, lines) in case.blocks() {
            count.lines += 1;
            let Some(read) = read.get(&line) else {
                if named.iter().any(|range| (range.first..=range.last).contains(&line)) {
                    count.problems += 1;
                } else {
                    wrong.push(format!("{} {number}: lost: {}", case.name, lines[0]));
                }
                continue;
            };
            match read {
                Read::Packet(_) => count.packets += 1,
                Read::Frame(_) => count.frames += 1,
            }
            if let Err(message) = compare(&lines, *read, &mut count) {
                wrong.push(format!("{} {number}: {message}: {}", case.name, lines.join("\n")));
            }
        }
    }
    println!("tcpdump suite: {} cases, {count:?}, {} wrong", cases.len(), wrong.len());
    assert!(
        count.tcp > 500 && count.dns > 50 && count.icmp > 150 && count.udp > 100,
        "the suite has become something else"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The first numbers of a connection, as tcpdump remembers them: what its relative numbers count from.
#[derive(Default)]
struct Connections(BTreeMap<(Endpoint, Endpoint), (u32, u32)>);

impl Connections {
    /// What the text prints for a segment of the file: sequence and acknowledgement number.
    fn printed(&mut self, packet: &Packet, segment: &TcpSegment) -> (u32, u32) {
        let (seq, ack) = (segment.seq.unwrap_or(0), segment.ack.unwrap_or(0));
        if !segment.flags.ack {
            return (seq, ack);
        }
        let forward = packet.source <= packet.destination;
        let key = if forward {
            (packet.source, packet.destination)
        } else {
            (packet.destination, packet.source)
        };
        if let Some((low, high)) = self.0.get(&key).filter(|_| !segment.flags.syn) {
            let (own, other) = if forward { (low, high) } else { (high, low) };
            return (seq.wrapping_sub(*own), ack.wrapping_sub(*other));
        }
        let other = ack.wrapping_sub(1);
        self.0.insert(key, if forward { (seq, other) } else { (other, seq) });
        (seq, ack)
    }
}

#[derive(Debug, Default)]
struct Agreement {
    files: usize,
    packets: usize,
    frames: usize,
    unknown: usize,
    times: usize,
    segments: usize,
    messages: usize,
    icmp: usize,
}

fn agree(text: &Packet, file: &Packet, numbers: (u32, u32), timed: bool, count: &mut Agreement) -> Result<(), String> {
    // A tunnel that is not decoded: the packet inside it is known from the text alone.
    let tunnels = |packet: &Packet| packet.header.as_ref().map_or(0, |header| header.tunnels.len());
    if tunnels(text) > tunnels(file) {
        return Ok(());
    }
    same("source", text.source, file.source)?;
    same("destination", text.destination, file.destination)?;
    if timed {
        count.times += 1;
        same("time", text.time, file.time)?;
    }
    if let (Some(printed), Some(segment)) = (text.transport.tcp(), file.transport.tcp()) {
        count.segments += 1;
        same("flags", letters(printed.flags), letters(segment.flags))?;
        same("length", printed.len, segment.len)?;
        same("window", printed.window, segment.window)?;
        let expected = match printed.numbers {
            Numbers::Absolute => (segment.seq.unwrap_or(0), segment.ack.unwrap_or(0)),
            Numbers::Relative | Numbers::Unknown => numbers,
        };
        if let Some(seq) = printed.seq {
            same("seq", seq, expected.0)?;
        }
        if let Some(ack) = printed.ack {
            same("ack", ack, expected.1)?;
        }
    }
    if let (Transport::Dns(printed), Transport::Dns(message)) = (&text.transport, &file.transport) {
        count.messages += 1;
        same("id", printed.id, message.id)?;
        same("response", printed.response, message.response)?;
        same("rcode", &printed.rcode, &message.rcode)?;
        if printed.counts.is_some() {
            same("counts", printed.counts, message.counts)?;
        }
        if printed.name.is_some() && !printed.cut && !message.cut {
            same("name", &printed.name, &message.name)?;
            same("type", &printed.qtype, &message.qtype)?;
        }
        let data = |message: &whypath_analyzers::artifact::DnsMessage| -> Vec<String> {
            let shown = message
                .answers()
                .iter()
                .filter(|record| matches!(&*record.rtype, "A" | "AAAA" | "CNAME" | "PTR" | "NS"));
            shown
                .map(|record| format!("{} {}", record.rtype, record.data))
                .collect()
        };
        if !printed.cut {
            same("answers", data(printed), data(message))?;
        }
    }
    if let (Transport::Icmp(printed), Transport::Icmp(message)) = (&text.transport, &file.transport) {
        count.icmp += 1;
        same("v6", printed.v6, message.v6)?;
        same("echo", (printed.id, printed.seq), (message.id, message.seq))?;
        if printed.kind.is_some() {
            same("type", printed.kind, message.kind)?;
        }
        if printed.code.is_some() {
            same("code", printed.code, message.code)?;
        }
        same("mtu", printed.mtu, message.mtu)?;
    }
    match (&text.transport, &file.transport) {
        (Transport::Udp(printed), Transport::Udp(length)) => same("length", printed, length)?,
        // What tcpdump knows of more protocols than are decoded here, and what it prints with `-q`.
        (Transport::Other(_), _) | (_, Transport::Other(_)) => {}
        (printed, read) => same("kind", std::mem::discriminant(printed), std::mem::discriminant(read))?,
    }
    Ok(())
}

#[test]
fn text_and_file_agree() {
    let Some(suite) = whypath_tests::suite("tcpdump") else {
        return;
    };
    let (mut count, mut wrong) = (Agreement::default(), Vec::new());
    for case in cases(&suite) {
        let Ok(bytes) = std::fs::read(suite.join("captures").join(&case.file)) else {
            continue;
        };
        let input = Input {
            name: case.file.clone(),
            bytes,
        };
        let file = analysis::read(vec![input], &mut |_| {});
        if file
            .problems
            .iter()
            .any(|problem| problem.message.contains("kind of link"))
        {
            continue;
        }
        count.files += 1;
        let of_file = by_line(&file);
        let mut connections = Connections::default();
        let numbers: BTreeMap<usize, (u32, u32)> = of_file
            .iter()
            .filter_map(|(line, read)| match read {
                Read::Packet(packet) => Some((*line, connections.printed(packet, packet.transport.tcp()?))),
                Read::Frame(_) => None,
            })
            .collect();
        let text = case.read();
        let of_text = by_line(&text);
        for (number, line, lines) in case.blocks() {
            let (Some(printed), Some(read)) = (of_text.get(&line), of_file.get(&number)) else {
                wrong.push(format!("{} {number}: not in both: {}", case.name, lines[0]));
                continue;
            };
            let numbers = numbers.get(&number).copied().unwrap_or_default();
            let result = match (printed, read) {
                (Read::Packet(printed), Read::Packet(read)) => {
                    count.packets += 1;
                    // `-t` prints none; `-ttt` and `-ttttt` count from another packet, and the default from midnight.
                    agree(printed, read, numbers, lines[0].get(11..12) == Some("-"), &mut count)
                }
                (Read::Frame(_), Read::Frame(_)) => {
                    count.frames += 1;
                    Ok(())
                }
                (Read::Frame(frame), Read::Packet(_)) => Err(format!("the text has a frame of {}", frame.protocol)),
                // A link's protocol around the packet that is known from the text alone.
                (Read::Packet(_), Read::Frame(frame)) if &*frame.protocol == "Unknown" => {
                    count.unknown += 1;
                    Ok(())
                }
                (Read::Packet(_), Read::Frame(frame)) => Err(format!("the file has a frame of {}", frame.protocol)),
            };
            if let Err(message) = result {
                let shown = file.sources.line(SourceId(0), number);
                wrong.push(format!(
                    "{} {number}: {message}\n  {}\n  {shown}",
                    case.name,
                    lines.join("\n  ")
                ));
            }
        }
    }
    println!("tcpdump suite, text and file: {count:?}, {} differ", wrong.len());
    assert!(
        count.files > 200 && count.segments > 300 && count.messages > 30,
        "the suite has become something else"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn other_captures_are_read_to_their_end() {
    let Some(suite) = whypath_tests::suite("zeek") else {
        return;
    };
    let (mut files, mut packets) = (0, 0);
    for entry in std::fs::read_dir(suite.join("captures")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        if !pcap::is_capture(&bytes) {
            continue;
        }
        let read = pcap::read(&bytes, SourceId(0));
        files += 1;
        packets += read.capture.packets.len() + read.capture.others.len();
        let said = read.problems.len();
        let lines = read.text.lines().filter(|line| !line.starts_with('[')).count();
        let all = read.capture.packets.len() + read.capture.others.len();
        assert!(lines <= all && lines + said + 1 >= all, "every packet has its line");
    }
    println!("zeek's captures: {files} files, {packets} packets");
    assert!(files > 10 && packets > 100, "the suite has become something else");
}
