//! Captures: the same kinds of packets as tcpdump's text and as a file.

use std::fmt::Write as _;

/// Bytes that a packet of [`file`] has in the middle.
pub const PACKET: usize = 151;

/// DNS and TCP as `tcpdump -nn -tttt -i any` prints them around a cluster: a lookup, a handshake, data, an end.
pub fn text(packets: usize) -> String {
    let mut all = String::from("$ tcpdump -nn -tttt -i any\n");
    for number in 0..packets {
        let (client, port, id) = (number / 9 % 250, 20_000 + number / 9 % 40_000, number % 65_536);
        let time = format!(
            "2026-05-01 10:{:02}:{:02}.{:06}",
            number / 60_000 % 60,
            number / 1000 % 60,
            number % 1000 * 1000
        );
        let (from, to) = (format!("10.0.3.{client}.{port}"), "10.0.7.41.8443");
        let _ = match number % 9 {
            0 => writeln!(
                all,
                "{time} eni1a2b3c In  IP {from} > 172.20.0.10.53: {id}+ A? api.shop.svc.cluster.local. (44)"
            ),
            1 => writeln!(
                all,
                "{time} eni1a2b3c Out IP 172.20.0.10.53 > {from}: {} 1/0/0 A 172.20.5.9 (86)",
                id - 1
            ),
            2 => writeln!(
                all,
                "{time} eni1a2b3c In  IP {from} > {to}: Flags [S], seq {}, win 62727, options [mss 8961,sackOK,TS val 181 ecr 0,nop,wscale 7], length 0",
                9_000_000 + id
            ),
            3 => writeln!(
                all,
                "{time} eni1a2b3c Out IP {to} > {from}: Flags [S.], seq {}, ack {}, win 62643, options [mss 8961,sackOK,TS val 7 ecr 181,nop,wscale 7], length 0",
                7_000_000 + id,
                9_000_000 + id
            ),
            4 => writeln!(
                all,
                "{time} eni1a2b3c In  IP {from} > {to}: Flags [P.], seq 1:518, ack 1, win 491, options [nop,nop,TS val 182 ecr 7], length 517"
            ),
            8 => writeln!(
                all,
                "{time} eni1a2b3c Out IP {to} > {from}: Flags [R.], seq 1, ack 518, win 0, length 0"
            ),
            _ => writeln!(
                all,
                "{time} eni1a2b3c Out IP {to} > {from}: Flags [.], ack 518, win 486, options [nop,nop,TS val 8 ecr 182], length 0"
            ),
        };
    }
    all
}

/// The same kinds of packets as a capture file.
pub fn file(packets: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1] {
        bytes.extend(word.to_le_bytes());
    }
    for number in 0..packets {
        let client = [10, 0, 3, u8::try_from(number / 9 % 250).unwrap_or(0)];
        let port = u16::try_from(20_000 + number / 9 % 40_000).unwrap_or(0);
        let id = u16::try_from(number % 65_536).unwrap_or(0);
        let packet = match number % 9 {
            0 => udp(client, port, [172, 20, 0, 10], 53, &question(id)),
            1 => udp([172, 20, 0, 10], 53, client, port, &answer(id - 1)),
            2 => tcp(client, port, [10, 0, 7, 41], 8443, 2, 0),
            3 => tcp([10, 0, 7, 41], 8443, client, port, 18, 0),
            4 => tcp(client, port, [10, 0, 7, 41], 8443, 24, 517),
            8 => tcp([10, 0, 7, 41], 8443, client, port, 20, 0),
            _ => tcp([10, 0, 7, 41], 8443, client, port, 16, 0),
        };
        let length = u32::try_from(packet.len()).unwrap_or(0);
        let second = u32::try_from(number / 1000).unwrap_or(0);
        let micros = u32::try_from(number % 1000 * 1000).unwrap_or(0);
        for word in [1_777_600_000 + second, micros, length, length] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(packet);
    }
    bytes
}

fn question(id: u16) -> Vec<u8> {
    let mut message = id.to_be_bytes().to_vec();
    message.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    message.extend(b"\x03api\x04shop\x03svc\x07cluster\x05local\x00\x00\x01\x00\x01");
    message
}

fn answer(id: u16) -> Vec<u8> {
    let mut message = question(id);
    if let Some(flags) = message.get_mut(2..8) {
        flags.copy_from_slice(&[0x81, 0x80, 0, 1, 0, 1]);
    }
    message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 172, 20, 5, 9]);
    message
}

fn udp(from: [u8; 4], source: u16, to: [u8; 4], destination: u16, payload: &[u8]) -> Vec<u8> {
    let mut segment = Vec::new();
    let length = u16::try_from(payload.len() + 8).unwrap_or(0);
    for word in [source, destination, length, 0] {
        segment.extend(word.to_be_bytes());
    }
    segment.extend(payload);
    ip(17, from, to, &segment)
}

fn tcp(from: [u8; 4], source: u16, to: [u8; 4], destination: u16, flags: u8, payload: usize) -> Vec<u8> {
    let mut segment = Vec::new();
    segment.extend(source.to_be_bytes());
    segment.extend(destination.to_be_bytes());
    segment.extend([0, 1, 2, 3, 4, 5, 6, 7, 0x80, flags, 1, 246, 0, 0, 0, 0]);
    segment.extend([1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8]);
    segment.resize(segment.len() + payload, 0x17);
    ip(6, from, to, &segment)
}

fn ip(protocol: u8, from: [u8; 4], to: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    let length = u16::try_from(payload.len() + 20).unwrap_or(0);
    packet.extend([0x45, 0]);
    packet.extend(length.to_be_bytes());
    packet.extend([0, 1, 0x40, 0, 64, protocol, 0, 0]);
    packet.extend(from);
    packet.extend(to);
    packet.extend(payload);
    packet
}
