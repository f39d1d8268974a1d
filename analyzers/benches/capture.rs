//! How fast captures are read: tcpdump's text and capture files, in packets a second, and how much memory what was read takes.

// The macros of criterion write functions without documentation.
#![allow(missing_docs)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use whypath_analyzers::artifact::pcap;
use whypath_analyzers::text::{SourceId, Sources};
use whypath_analyzers::{Input, analysis, segment};

/// Packets of an input.
const PACKETS: usize = 200_000;

/// DNS and TCP as `tcpdump -nn -tttt -i any` prints them around a cluster: a lookup, a handshake, data, an end.
fn text(packets: usize) -> String {
    let mut all = String::from("$ tcpdump -nn -tttt -i any\n");
    for number in 0..packets {
        let (client, port, id) = (number / 9 % 250, 20_000 + number / 9 % 40_000, number % 65_536);
        let time = format!("2026-05-01 10:{:02}:{:02}.{:06}", number / 60_000 % 60, number / 1000 % 60, number % 1000 * 1000);
        let (from, to) = (format!("10.0.3.{client}.{port}"), "10.0.7.41.8443");
        let _ = match number % 9 {
            0 => writeln!(all, "{time} eni1a2b3c In  IP {from} > 172.20.0.10.53: {id}+ A? api.shop.svc.cluster.local. (44)"),
            1 => writeln!(all, "{time} eni1a2b3c Out IP 172.20.0.10.53 > {from}: {} 1/0/0 A 172.20.5.9 (86)", id - 1),
            2 => writeln!(all, "{time} eni1a2b3c In  IP {from} > {to}: Flags [S], seq {}, win 62727, options [mss 8961,sackOK,TS val 181 ecr 0,nop,wscale 7], length 0", 9_000_000 + id),
            3 => writeln!(all, "{time} eni1a2b3c Out IP {to} > {from}: Flags [S.], seq {}, ack {}, win 62643, options [mss 8961,sackOK,TS val 7 ecr 181,nop,wscale 7], length 0", 7_000_000 + id, 9_000_000 + id),
            4 => writeln!(all, "{time} eni1a2b3c In  IP {from} > {to}: Flags [P.], seq 1:518, ack 1, win 491, options [nop,nop,TS val 182 ecr 7], length 517"),
            8 => writeln!(all, "{time} eni1a2b3c Out IP {to} > {from}: Flags [R.], seq 1, ack 518, win 0, length 0"),
            _ => writeln!(all, "{time} eni1a2b3c Out IP {to} > {from}: Flags [.], ack 518, win 486, options [nop,nop,TS val 8 ecr 182], length 0"),
        };
    }
    all
}

/// The same kinds of packets as a capture file.
fn file(packets: usize) -> Vec<u8> {
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

fn input(bytes: Vec<u8>) -> Vec<Input> {
    vec![Input {
        name: "capture".to_owned(),
        bytes,
    }]
}

fn reading_text(criterion: &mut Criterion) {
    let text = text(PACKETS);
    let mut group = criterion.benchmark_group("tcpdump text");
    group.throughput(Throughput::Elements(PACKETS as u64));
    let mut sources = Sources::default();
    let id = sources.add("capture", text.as_str());
    group.bench_function("split", |bencher| bencher.iter(|| segment::split(black_box(&sources), id)));
    group.bench_function("split and read", |bencher| {
        bencher.iter_batched(
            || input(text.clone().into_bytes()),
            |input| analysis::read(input, &mut |_| {}),
            criterion::BatchSize::PerIteration,
        );
    });
}

fn reading_files(criterion: &mut Criterion) {
    let bytes = file(PACKETS);
    let mut group = criterion.benchmark_group("capture file");
    group.throughput(Throughput::Elements(PACKETS as u64));
    group.bench_function("read", |bencher| bencher.iter(|| pcap::read(black_box(&bytes), SourceId(0))));
}

criterion_group! {
    name = capture;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(3));
    targets = reading_text, reading_files
}
criterion_main!(capture);
