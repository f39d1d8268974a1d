//! tcpdump's own tests: what it prints of its captures has to be recognised and read.

use whypath_analyzers::artifact::{Content, Transport};
use whypath_analyzers::{Input, analysis};

/// What stands in the printed text, told by plain searches that know nothing of the parser.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    tcp: usize,
    udp: usize,
    dns: usize,
}

/// Lines of TCP, of UDP that is nothing more, and of DNS between numeric addresses.
fn expected(text: &str) -> Count {
    let mut count = Count::default();
    let mut headed = false;
    for line in text.lines() {
        // A packet begins with its number; `-v` prints the addresses on the line after. What follows is inside a tunnel.
        let number = line.trim_start().split(' ').next().unwrap_or_default();
        let first = line.starts_with(' ') && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let addressed = line.contains(" > ") && !line.contains("MPLS") && (first || headed);
        headed = first && !line.contains(" > ") && line.contains(" IP ");
        if !addressed || line.matches(" > ").count() != 1 {
            continue;
        }
        let Some((_, payload)) = line.split_once(" > ") else {
            continue;
        };
        let Some((_, payload)) = payload.split_once(": ") else {
            continue;
        };
        let dns = line.contains(".53 > ") || payload_port(line) == Some("53");
        if payload.starts_with("Flags [") && !dns {
            count.tcp += 1;
        } else if payload.starts_with("UDP, length ") {
            count.udp += 1;
        } else if dns && payload.contains("? ") && payload.starts_with(|c: char| c.is_ascii_digit()) {
            count.dns += 1;
        }
    }
    count
}

fn payload_port(line: &str) -> Option<&str> {
    line.split_once(" > ")?.1.split_once(": ")?.0.rsplit('.').next()
}

#[test]
fn what_tcpdump_prints_of_its_own_captures_is_read() {
    let Some(suite) = whypath_tests::suite("tcpdump") else {
        return;
    };
    let text = std::fs::read_to_string(suite.join("cases.json")).unwrap();
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let (mut wanted, mut read) = (Count::default(), Count::default());
    let mut worse = Vec::new();
    for case in &cases {
        let printed = case["expected"].as_str().unwrap();
        let analysis = analysis::read(
            vec![Input {
                name: "case".to_owned(),
                bytes: printed.as_bytes().to_vec(),
            }],
            &mut |_| {},
        );
        let mut here = Count::default();
        for (_, artifact) in analysis.artifacts.iter() {
            let Content::Capture(capture) = &artifact.content else {
                continue;
            };
            for packet in &capture.packets {
                match &packet.transport {
                    Transport::Tcp(_) => here.tcp += 1,
                    Transport::Udp(_) => here.udp += 1,
                    Transport::Dns(_) => here.dns += 1,
                    Transport::Other(_) => {}
                }
            }
        }
        let want = expected(printed);
        if here.tcp < want.tcp || here.udp < want.udp || here.dns < want.dns {
            worse.push(format!("{}: {here:?} of {want:?}", case["name"]));
        }
        wanted = Count {
            tcp: wanted.tcp + want.tcp,
            udp: wanted.udp + want.udp,
            dns: wanted.dns + want.dns,
        };
        read = Count {
            tcp: read.tcp + here.tcp.min(want.tcp),
            udp: read.udp + here.udp.min(want.udp),
            dns: read.dns + here.dns.min(want.dns),
        };
    }
    println!(
        "tcpdump suite: {} cases, read {read:?} of {wanted:?}; short in {}:",
        cases.len(),
        worse.len()
    );
    for line in &worse {
        println!("  {line}");
    }
    assert!(
        wanted.tcp > 100 && wanted.dns > 10,
        "the suite has become something else: {wanted:?}"
    );
    assert!(read.tcp * 100 >= wanted.tcp * 95, "{read:?} of {wanted:?}");
    assert!(read.udp * 100 >= wanted.udp * 95, "{read:?} of {wanted:?}");
    assert!(read.dns * 100 >= wanted.dns * 95, "{read:?} of {wanted:?}");
}
