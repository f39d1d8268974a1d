//! The same capture file read here, by tshark and by tcpdump. Without these programs the tests say so and pass.

use std::process::Command;

use whypath_analyzers::artifact::{Capture, Content, Frame, Packet, Transport};
use whypath_analyzers::{Analysis, Input, analysis};
use whypath_tests::capture_file;

fn read(bytes: Vec<u8>) -> Analysis {
    let input = Input {
        name: "capture".to_owned(),
        bytes,
    };
    analysis::read(vec![input], &mut |_| {})
}

fn capture(analysis: &Analysis) -> &Capture {
    let mut captures = analysis
        .artifacts
        .iter()
        .filter_map(|(_, artifact)| match &artifact.content {
            Content::Capture(capture) => Some(capture),
            _ => None,
        });
    let capture = captures.next().expect("a capture");
    assert!(captures.next().is_none(), "one capture");
    capture
}

/// What a program prints about the file, or `None`, said aloud, where it is not installed.
fn printed(program: &str, arguments: &[&str], name: &str) -> Option<String> {
    let path = std::env::temp_dir().join(format!("whypath-{}-{name}.pcap", std::process::id()));
    std::fs::write(&path, capture_file::file()).unwrap();
    let output = Command::new(program).arg("-r").arg(&path).args(arguments).output();
    std::fs::remove_file(&path).unwrap();
    let Ok(output) = output else {
        eprintln!("SKIPPED: {program} is not installed");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The innermost value of a field that tshark gives for every layer.
fn inner(field: &str) -> &str {
    field.rsplit(',').next().unwrap_or_default()
}

fn flags(packet: &Packet) -> Option<u16> {
    let flags = packet.tcp()?.flags;
    let bits = [
        flags.fin, flags.syn, flags.rst, flags.psh, flags.ack, flags.urg, flags.ece, flags.cwr, flags.ae,
    ];
    Some(bits.iter().enumerate().map(|(bit, set)| u16::from(*set) << bit).sum())
}

/// What tshark is asked about every packet.
const FIELDS: [&str; 20] = [
    "frame.time_epoch",
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.flags",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.len",
    "udp.srcport",
    "dns.id",
    "dns.qry.name",
    "dns.flags.rcode",
    "icmp.type",
    "vlan.id",
    "vxlan.vni",
    "ip.ttl",
    "arp.dst.proto_ipv4",
    "tcp.options.mss_val",
];

#[test]
#[allow(clippy::too_many_lines, reason = "one field after the other")]
fn tshark_reads_the_same() {
    let mut arguments = vec!["-n", "-T", "fields", "-E", "separator=;"];
    for field in FIELDS {
        arguments.extend(["-e", field]);
    }
    let Some(printed) = printed("tshark", &arguments, "tshark") else {
        return;
    };
    let analysis = read(capture_file::file());
    let capture = capture(&analysis);
    let (mut packets, mut others) = (capture.packets.iter(), capture.others.iter());
    let (mut segments, mut messages, mut all) = (0, 0, 0);
    for line in printed.lines() {
        let values: Vec<&str> = line.split(';').collect();
        assert_eq!(values.len(), FIELDS.len(), "{line}");
        let value = |name: &str| values[FIELDS.iter().position(|field| *field == name).unwrap()];
        all += 1;
        if !value("arp.dst.proto_ipv4").is_empty() {
            let frame: &Frame = others.next().expect("a frame");
            let target = frame
                .arp
                .as_ref()
                .and_then(|arp| arp.target)
                .map(|target| target.to_string());
            assert_eq!(target.as_deref(), Some(value("arp.dst.proto_ipv4")), "{line}");
            continue;
        }
        let packet = packets.next().expect("a packet");
        let time = packet.time.unwrap();
        assert_eq!(
            format!("{}.{:06}000", time / 1_000_000, time % 1_000_000),
            value("frame.time_epoch")
        );
        let icmp_error = value("icmp.type") == "3";
        let source = [value("ip.src"), value("ipv6.src")]
            .into_iter()
            .find(|source| !source.is_empty())
            .unwrap();
        // Of an error tshark lists the quoted packet's too.
        let source = if icmp_error {
            source.split(',').next().unwrap()
        } else {
            inner(source)
        };
        assert_eq!(packet.source.address.to_string(), source, "{line}");
        if !value("ip.dst").is_empty() && !icmp_error {
            assert_eq!(packet.destination.address.to_string(), inner(value("ip.dst")), "{line}");
            let ttl = packet.ip.map(|header| header.ttl.to_string());
            assert_eq!(ttl.as_deref(), Some(inner(value("ip.ttl"))), "{line}");
        }
        if let Some(segment) = packet.tcp() {
            segments += 1;
            assert_eq!(
                packet.source.port.map(|port| port.to_string()).as_deref(),
                Some(value("tcp.srcport")),
                "{line}"
            );
            assert_eq!(
                packet.destination.port.map(|port| port.to_string()).as_deref(),
                Some(value("tcp.dstport")),
                "{line}"
            );
            let bits = u16::from_str_radix(value("tcp.flags").trim_start_matches("0x"), 16).ok();
            assert_eq!(flags(packet), bits, "{line}");
            assert_eq!(
                segment.seq.map(|seq| seq.to_string()).as_deref(),
                Some(value("tcp.seq_raw")),
                "{line}"
            );
            assert_eq!(segment.ack.unwrap_or(0).to_string(), value("tcp.ack_raw"), "{line}");
            assert_eq!(segment.len.to_string(), value("tcp.len"), "{line}");
            let mss = segment
                .options
                .as_ref()
                .and_then(|options| options.mss)
                .map(|mss| mss.to_string());
            assert_eq!(mss.unwrap_or_default(), value("tcp.options.mss_val"), "{line}");
        } else {
            assert!(value("tcp.flags").is_empty(), "{line}");
        }
        if let Transport::Dns(message) = &packet.transport {
            messages += 1;
            assert_eq!(format!("0x{:04x}", message.id), value("dns.id"), "{line}");
            assert_eq!(message.name.as_deref(), Some(value("dns.qry.name")), "{line}");
            let rcode = match message.rcode.as_deref() {
                None => "",
                Some("NOERROR") => "0",
                Some("NXDOMAIN") => "3",
                Some(other) => other,
            };
            assert_eq!(rcode, value("dns.flags.rcode"), "{line}");
        }
        if let Transport::Icmp(icmp) = &packet.transport
            && !icmp.v6
        {
            assert_eq!(
                icmp.kind.map(|kind| kind.to_string()).as_deref(),
                Some(value("icmp.type")),
                "{line}"
            );
        }
        let header = packet.header.as_deref();
        let vlan = header.and_then(|header| header.vlans.first()).map(u16::to_string);
        assert_eq!(vlan.unwrap_or_default(), value("vlan.id"), "{line}");
        let vni = header
            .and_then(|header| header.tunnels.first())
            .and_then(|tunnel| tunnel.id)
            .map(|id| id.to_string());
        assert_eq!(vni.unwrap_or_default(), value("vxlan.vni"), "{line}");
    }
    assert!(
        packets.next().is_none() && others.next().is_none(),
        "more packets than tshark's"
    );
    println!("tshark: {all} packets, {segments} segments, {messages} messages agree");
    assert!(segments > 100 && messages > 100);
}

#[test]
fn tcpdump_prints_the_same() {
    for options in [
        ["-nn", "-tttt", "-S"].as_slice(),
        &["-nn", "-tttt", "-S", "-v"],
        &["-nn", "-tttt", "-S", "-e", "-vvv"],
    ] {
        let Some(printed) = printed("tcpdump", options, &options.concat()) else {
            return;
        };
        let command = format!("$ TZ=UTC tcpdump {} -r x.pcap\n", options.join(" "));
        let text = read(format!("{command}{printed}").into_bytes());
        let file = read(capture_file::file());
        let (text, file) = (capture(&text), capture(&file));
        assert_eq!(text.packets.len(), file.packets.len(), "{options:?}");
        assert_eq!(text.others.len(), file.others.len(), "{options:?}");
        for (text, file) in text.packets.iter().zip(&file.packets) {
            assert_eq!(
                (text.source, text.destination),
                (file.source, file.destination),
                "{options:?}"
            );
            assert_eq!(flags(text), flags(file));
            if let (Some(printed), Some(segment)) = (text.tcp(), file.tcp()) {
                assert_eq!(printed.seq.unwrap_or(segment.seq.unwrap()), segment.seq.unwrap());
                assert_eq!(
                    (printed.ack, printed.window, printed.len),
                    (segment.ack, segment.window, segment.len)
                );
                assert_eq!(printed.options, segment.options);
            }
            match (&text.transport, &file.transport) {
                (Transport::Dns(printed), Transport::Dns(message)) => {
                    assert_eq!(
                        (printed.id, &printed.name, &printed.rcode),
                        (message.id, &message.name, &message.rcode)
                    );
                    assert_eq!(printed.answers().len(), message.answers().len());
                }
                (Transport::Icmp(printed), Transport::Icmp(message)) => {
                    assert_eq!(
                        (printed.kind, printed.id, printed.seq),
                        (message.kind, message.id, message.seq)
                    );
                    if options.contains(&"-v") {
                        assert_eq!(printed.quoted, message.quoted);
                    }
                }
                (printed, message) => assert_eq!(std::mem::discriminant(printed), std::mem::discriminant(message)),
            }
            let tunnels = |packet: &Packet| {
                packet
                    .header
                    .as_ref()
                    .map(|header| header.tunnels.clone())
                    .unwrap_or_default()
            };
            assert_eq!(tunnels(text), tunnels(file));
            if options.contains(&"-v") {
                let fields = |packet: &Packet| packet.ip.map(|header| (header.ttl, header.id, header.dont_fragment));
                assert_eq!(fields(text), fields(file));
            }
            if options.contains(&"-e") {
                let vlans = |packet: &Packet| {
                    packet
                        .header
                        .as_ref()
                        .map(|header| header.vlans.clone())
                        .unwrap_or_default()
                };
                assert_eq!(vlans(text), vlans(file));
            }
        }
    }
}
