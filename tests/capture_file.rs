//! A capture file of packets as they are around a cluster, made here, so that other tools can be asked what they read in it.

/// A file with one packet of each kind that is decoded, Ethernet, microseconds.
///
/// # Panics
///
/// Where a packet would be longer than its field can say.
pub fn file() -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1] {
        bytes.extend(word.to_le_bytes());
    }
    for (number, packet) in packets().iter().enumerate() {
        let length = u32::try_from(packet.len()).unwrap();
        let number = u32::try_from(number).unwrap();
        for word in [1_777_600_000 + number / 10, number * 7919 % 1_000_000, length, length] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(packet);
    }
    bytes
}

fn packets() -> Vec<Vec<u8>> {
    let (pod, peer, dns) = ([10, 0, 3, 17], [10, 0, 7, 41], [172, 20, 0, 10]);
    let mut packets = Vec::new();
    for round in 0_u16..40 {
        let port = 30_000 + round;
        let isn = 4_000_000_000_u32.wrapping_add(u32::from(round) * 7_654_321);
        let other = 1_000_000 * (u32::from(round) + 1);
        packets.extend([
            ip(17, pod, dns, &udp(port, 53, &question(round, 1))),
            ip(17, pod, dns, &udp(port, 53, &question(round + 100, 28))),
            ip(17, dns, pod, &udp(53, port, &answer(round, 1, 0))),
            ip(17, dns, pod, &udp(53, port, &answer(round + 100, 28, 3))),
            ip(
                6,
                pod,
                peer,
                &tcp(port, 8443, isn, 0, 2, &[2, 4, 0x23, 0x01, 4, 2, 1, 3, 3, 7, 0, 0], &[]),
            ),
            ip(
                6,
                peer,
                pod,
                &tcp(8443, port, other, isn.wrapping_add(1), 18, &[2, 4, 0x05, 0xb4], &[]),
            ),
            ip(
                6,
                pod,
                peer,
                &tcp(port, 8443, isn.wrapping_add(1), other + 1, 16, &[], &[]),
            ),
            ip(
                6,
                pod,
                peer,
                &tcp(
                    port,
                    8443,
                    isn.wrapping_add(1),
                    other + 1,
                    24,
                    &[1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8],
                    &[0x17; 77],
                ),
            ),
            ip(
                6,
                peer,
                pod,
                &tcp(8443, port, other + 1, isn.wrapping_add(78), 20, &[], &[]),
            ),
            ip(17, pod, peer, &udp(port, 8125, &[b'x'; 33])),
            ip(1, pod, peer, &echo(round)),
            ip(1, peer, pod, &unreachable(pod, dns, port)),
            ip6(58, &[128, 0, 0, 0, 0, 9, 0, 1]),
            ip6(17, &udp(port, 53, &question(round, 1))),
            vlan(100 + round, &ip(6, pod, peer, &tcp(port, 443, isn, 0, 2, &[], &[]))),
            ip(
                17,
                [10, 0, 0, 1],
                [10, 0, 0, 2],
                &udp(
                    40_000,
                    4789,
                    &vxlan(77, &ip(6, pod, peer, &tcp(port, 443, isn, 0, 2, &[], &[]))),
                ),
            ),
            arp(),
        ]);
    }
    packets
}

fn question(id: u16, kind: u16) -> Vec<u8> {
    let mut message = id.to_be_bytes().to_vec();
    message.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    message.extend(b"\x03api\x04shop\x03svc\x07cluster\x05local\x00");
    message.extend(kind.to_be_bytes());
    message.extend([0, 1]);
    message
}

fn answer(id: u16, kind: u16, rcode: u8) -> Vec<u8> {
    let mut message = question(id, kind);
    message[2..4].copy_from_slice(&[0x85, 0x80 | rcode]);
    if rcode == 0 {
        message[6..8].copy_from_slice(&[0, 1]);
        message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 172, 20, 5, 9]);
    }
    message
}

fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 8).unwrap();
    let mut datagram: Vec<u8> = [source, destination, length, 0]
        .iter()
        .flat_map(|word| word.to_be_bytes())
        .collect();
    datagram.extend(payload);
    datagram
}

fn tcp(source: u16, destination: u16, seq: u32, ack: u32, flags: u8, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut segment = [source.to_be_bytes(), destination.to_be_bytes()].concat();
    segment.extend(seq.to_be_bytes());
    segment.extend(ack.to_be_bytes());
    let words = u8::try_from(5 + options.len() / 4).unwrap();
    segment.extend([words << 4, flags, 0xf5, 0x07, 0, 0, 0, 0]);
    segment.extend(options);
    segment.extend(payload);
    segment
}

fn echo(seq: u16) -> Vec<u8> {
    let mut message = vec![8, 0, 0, 0, 0x30, 0x39];
    message.extend(seq.to_be_bytes());
    message.extend([0; 56]);
    message
}

fn unreachable(source: [u8; 4], destination: [u8; 4], port: u16) -> Vec<u8> {
    let mut message = vec![3, 3, 0, 0, 0, 0, 0, 0];
    message.extend(&ip(17, source, destination, &udp(port, 53, &[0; 12]))[14..]);
    message
}

fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    frame.extend(kind.to_be_bytes());
    frame.extend(payload);
    frame
}

fn ip(protocol: u8, source: [u8; 4], destination: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 20).unwrap();
    let mut header = vec![0x45, 0];
    header.extend(length.to_be_bytes());
    header.extend([0, 1, 0x40, 0, 63, protocol, 0, 0]);
    header.extend(source);
    header.extend(destination);
    let sum: u32 = header
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]))
        .sum();
    let sum = !u16::try_from((sum & 0xffff) + (sum >> 16)).unwrap();
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    header.extend(payload);
    ethernet(0x0800, &header)
}

fn ip6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    packet.extend([next, 64]);
    for last in [1, 2] {
        packet.extend([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    packet.extend(payload);
    ethernet(0x86dd, &packet)
}

fn vlan(id: u16, frame: &[u8]) -> Vec<u8> {
    let mut tagged = frame[..12].to_vec();
    tagged.extend([0x81, 0]);
    tagged.extend(id.to_be_bytes());
    tagged.extend(&frame[12..]);
    tagged
}

fn vxlan(id: u32, frame: &[u8]) -> Vec<u8> {
    let mut packet = vec![8, 0, 0, 0];
    packet.extend((id << 8).to_be_bytes());
    packet.extend(frame);
    packet
}

fn arp() -> Vec<u8> {
    let mut request = vec![
        0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 3, 17, 0, 0, 0, 0, 0, 0, 169, 254, 1, 1,
    ];
    request.resize(46, 0);
    ethernet(0x0806, &request)
}
