//! ICMP (RFC 792) and ICMPv6 (RFC 4443, RFC 4861), in the words of print-icmp.c and print-icmp6.c of the-tcpdump-group/tcpdump.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::bytes::{from, u8_at, u16_at, u32_at};
use super::{Decoded, ip};
use crate::artifact::{Icmp, Quoted, Transport};

/// A message.
pub fn read(data: &[u8], v6: bool) -> Transport {
    let (Some(kind), Some(code)) = (u8_at(data, 0), u8_at(data, 1)) else {
        return Transport::Other(if v6 { "icmp6" } else { "icmp" }.into());
    };
    let mut icmp = Icmp {
        v6,
        kind: Some(kind),
        code: Some(code),
        ..Icmp::default()
    };
    if matches!((v6, kind), (false, 0 | 8) | (true, 128 | 129)) {
        icmp.id = u16_at(data, 4);
        icmp.seq = u16_at(data, 6);
    }
    // Its sequence number has one byte (RFC 8335, section 2).
    if matches!((v6, kind), (false, 42 | 43) | (true, 160 | 161)) {
        icmp.id = u16_at(data, 4);
        icmp.seq = u8_at(data, 6).map(u16::from);
    }
    if matches!((v6, kind), (false, 3 | 4 | 5 | 11 | 12) | (true, 1..=4)) {
        let mut inner = Decoded::default();
        let protocol = ip::quoted(from(data, 8), &mut inner);
        icmp.quoted = inner.ends.map(|(source, destination)| Quoted {
            source: Some(source),
            destination: Some(destination),
            protocol,
        });
    }
    icmp.mtu = match (v6, kind, code) {
        (false, 3, 4) => u16_at(data, 6).filter(|mtu| *mtu > 0).map(u32::from),
        (true, 2, _) => u32_at(data, 4),
        _ => None,
    };
    icmp.message = if v6 {
        words6(&icmp, kind, code, data)
    } else {
        words4(&icmp, kind, code, data)
    }
    .into();
    Transport::Icmp(Box::new(icmp))
}

/// Where the quoted packet went, as `10.0.0.1` and `udp port 53`.
fn about(icmp: &Icmp) -> (String, String) {
    let Some(quoted) = icmp.quoted else {
        return ("?".to_owned(), String::new());
    };
    let address = quoted
        .destination
        .map_or_else(|| "?".to_owned(), |end| end.address.to_string());
    let port = quoted.destination.and_then(|end| end.port);
    let port = match (quoted.protocol, port) {
        (Some(6), Some(port)) => format!("tcp port {port}"),
        (Some(17), Some(port)) => format!("udp port {port}"),
        (Some(protocol), _) => format!("protocol {protocol}"),
        _ => String::new(),
    };
    (address, port)
}

fn words4(icmp: &Icmp, kind: u8, code: u8, data: &[u8]) -> String {
    match (kind, code) {
        (0, _) => echo(icmp, "reply"),
        (8, _) => echo(icmp, "request"),
        (3, _) => unreachable4(icmp, code),
        (4, _) => "source quench".to_owned(),
        (5, _) => {
            let gateway = u32_at(data, 4).map_or_else(|| "?".to_owned(), |bits| Ipv4Addr::from(bits).to_string());
            let tos = if code > 1 { "-tos" } else { "" };
            let to = if code & 1 == 0 { "net" } else { "host" };
            format!("redirect{tos} {} to {to} {gateway}", about(icmp).0)
        }
        (9, _) => "router advertisement".to_owned(),
        (10, _) => "router solicitation".to_owned(),
        (11, 0) => "time exceeded in-transit".to_owned(),
        (11, 1) => "ip reassembly time exceeded".to_owned(),
        (11, _) => format!("time exceeded-#{code}"),
        (12, _) => format!("parameter problem - code {code}"),
        (13, _) => "time stamp query".to_owned(),
        (14, _) => "time stamp reply".to_owned(),
        (15, _) => "information request".to_owned(),
        (16, _) => "information reply".to_owned(),
        (17, _) => "address mask request".to_owned(),
        (18, _) => "address mask is".to_owned(),
        (42, _) => format!("extended {}", echo(icmp, "request")),
        (43, _) => format!("extended {}", echo(icmp, "reply")),
        _ => format!("type-#{kind}"),
    }
}

fn echo(icmp: &Icmp, which: &str) -> String {
    let mut words = format!("echo {which}");
    if let (Some(id), Some(seq)) = (icmp.id, icmp.seq) {
        let _ = write!(words, ", id {id}, seq {seq}");
    }
    words
}

fn unreachable4(icmp: &Icmp, code: u8) -> String {
    let (address, what) = about(icmp);
    match code {
        0 => format!("net {address} unreachable"),
        1 => format!("host {address} unreachable"),
        2 => {
            let protocol = icmp.quoted.and_then(|quoted| quoted.protocol).unwrap_or(0);
            format!("{address} protocol {protocol} unreachable")
        }
        3 => format!("{address} {what} unreachable"),
        4 => match icmp.mtu {
            Some(mtu) => format!("{address} unreachable - need to frag (mtu {mtu})"),
            None => format!("{address} unreachable - need to frag"),
        },
        5 => format!("{address} unreachable - source route failed"),
        6 => format!("net {address} unreachable - unknown"),
        7 => format!("host {address} unreachable - unknown"),
        8 => format!("{address} unreachable - source host isolated"),
        9 => format!("net {address} unreachable - admin prohibited"),
        10 => format!("host {address} unreachable - admin prohibited"),
        11 => format!("net {address} unreachable - tos prohibited"),
        12 => format!("host {address} unreachable - tos prohibited"),
        13 => format!("host {address} unreachable - admin prohibited filter"),
        14 => format!("host {address} unreachable - host precedence violation"),
        15 => format!("{address} unreachable - precedence cutoff"),
        _ => format!("{address} unreachable - #{code}"),
    }
}

fn words6(icmp: &Icmp, kind: u8, code: u8, data: &[u8]) -> String {
    let (address, what) = about(icmp);
    let target = || {
        let bytes: Option<&[u8; 16]> = data.get(8..).and_then(|data| data.first_chunk());
        bytes.map_or_else(
            || "?".to_owned(),
            |bytes| IpAddr::from(Ipv6Addr::from(*bytes)).to_string(),
        )
    };
    match (kind, code) {
        (1, 0) => format!("destination unreachable, unreachable route {address}"),
        (1, 1) => format!("destination unreachable, unreachable prohibited {address}"),
        (1, 2) => format!("destination unreachable, beyond scope {address}"),
        (1, 3) => format!("destination unreachable, unreachable address {address}"),
        (1, 4) => format!("destination unreachable, unreachable port, {address} {what}"),
        (1, _) => format!("destination unreachable, unknown unreach code ({code})"),
        (2, _) => format!("packet too big, mtu {}", icmp.mtu.unwrap_or(0)),
        (3, 0) => format!("time exceeded in-transit for {address}"),
        (3, 1) => "ip reassembly time exceeded".to_owned(),
        (3, _) => "time exceeded".to_owned(),
        (4, 0) => "parameter problem, errorneous".to_owned(),
        (4, 1) => "parameter problem, next header".to_owned(),
        (4, 2) => "parameter problem, option".to_owned(),
        (4, 3) => "parameter problem, incomplete header chain".to_owned(),
        (4, _) => "parameter problem".to_owned(),
        (128, _) => echo(icmp, "request"),
        (129, _) => echo(icmp, "reply"),
        (130, _) => "multicast listener query".to_owned(),
        (131, _) => "multicast listener report".to_owned(),
        (132, _) => "multicast listener done".to_owned(),
        (133, _) => "router solicitation".to_owned(),
        (134, _) => "router advertisement".to_owned(),
        (135, _) => format!("neighbor solicitation, who has {}", target()),
        (136, _) => format!("neighbor advertisement, tgt is {}", target()),
        (137, _) => "redirect".to_owned(),
        (138, _) => "router renumbering".to_owned(),
        (139, _) => "node information query".to_owned(),
        (140, _) => "node information reply".to_owned(),
        (143, _) => "multicast listener report v2".to_owned(),
        _ => format!("type-#{kind}"),
    }
}
