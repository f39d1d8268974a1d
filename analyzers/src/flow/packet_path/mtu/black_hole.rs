//! Full-size segments that a sender sends again and again while small ones arrive, as a capture shows them.
//!
//! Path MTU discovery (RFC 1191, RFC 8201) works where a router's message reaches the sender, who then sends smaller packets; who sends the same
//! size again was not told. What a capture shows as one segment may be several on the wire (TCP segmentation offload), so that only those
//! count that are exactly as large as what both ends agreed on.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::tried::{Fate, Tried};
use crate::artifact::{Capture, Endpoint, Packet};
use crate::evidence::Evidence;
use crate::flow::packet_path::Protocol;
use crate::text::Span;

/// The first retransmission comes after 200 milliseconds at the earliest (`TCP_RTO_MIN` in the kernel's `include/net/tcp.h`); the same packet
/// seen on another interface does not.
const AGAIN_MICROSECONDS: i64 = 200_000;

/// So often a segment has to be sent again.
const OFTEN: usize = 2;

/// What timestamps take of a segment, with the padding in front of them (RFC 7323, appendix A).
const TIMESTAMPS: usize = 12;

/// One direction of a connection.
#[derive(Default)]
struct Way {
    /// The largest segment that the sender announced to take, with its line.
    mss: Option<(u16, Span)>,
    /// Whether SYN and ACK came from there: small packets pass.
    answered: Option<Span>,
    /// What the sender acknowledged of the other direction.
    acknowledged: u32,
    /// Segments that are not acknowledged, by their first byte.
    open: BTreeMap<u32, Segment>,
}

struct Segment {
    len: usize,
    /// What its options take.
    options: usize,
    first: Span,
    time: Option<i64>,
    again: Vec<Span>,
    whole: bool,
}

/// The segments of a capture that are lost for their size, as far as it shows.
pub fn stalled(capture: &Capture) -> Vec<Tried> {
    // A hole may have swallowed the message that tells, or the acknowledgement.
    if capture.trailer.has_holes() {
        return Vec::new();
    }
    let mut ways: BTreeMap<(Endpoint, Endpoint), Way> = BTreeMap::new();
    for packet in &capture.packets {
        see(&mut ways, packet);
    }
    ways.iter()
        .filter_map(|((from, to), way)| lost(*from, *to, way, ways.get(&(*to, *from))?))
        .collect()
}

fn see(ways: &mut BTreeMap<(Endpoint, Endpoint), Way>, packet: &Packet) {
    let Some(segment) = packet.tcp() else { return };
    let (from, to) = (packet.source, packet.destination);
    if segment.flags.syn || segment.flags.rst {
        let way = ways.entry((from, to)).or_default();
        if segment.flags.rst {
            *way = Way::default();
            ways.remove(&(to, from));
            return;
        }
        let mss = segment.options.as_ref().and_then(|options| options.mss);
        way.mss = mss.map(|mss| (mss, packet.span));
        way.answered = segment.flags.ack.then_some(packet.span);
        return;
    }
    if let Some(ack) = segment.ack.filter(|_| segment.flags.ack) {
        ways.entry((from, to)).or_default().acknowledged = ack;
        if let Some(other) = ways.get_mut(&(to, from)) {
            other.open = other.open.split_off(&ack);
        }
    }
    let Some(seq) = segment.seq.filter(|_| segment.len > 0) else {
        return;
    };
    let way = ways.entry((from, to)).or_default();
    let known = way.open.entry(seq).or_insert_with(|| Segment {
        len: segment.len,
        options: match &segment.options {
            Some(options) if options.timestamps.is_some() => TIMESTAMPS,
            _ => 0,
        },
        first: packet.span,
        time: packet.time,
        again: Vec::new(),
        whole: packet.ip.is_some_and(|ip| ip.dont_fragment),
    });
    let later = match (known.time, packet.time) {
        (Some(before), Some(now)) => now.saturating_sub(before) >= AGAIN_MICROSECONDS,
        _ => known.first != packet.span,
    };
    if later && known.first != packet.span && segment.len == known.len {
        known.again.push(packet.span);
        known.time = packet.time;
    }
}

/// The first segment of a way that is full, was sent often, and is not acknowledged.
fn lost(from: Endpoint, to: Endpoint, way: &Way, other: &Way) -> Option<Tried> {
    let (own, other_mss) = (way.mss?, other.mss?);
    let small = other.answered.or(way.answered)?;
    let mss = usize::from(own.0.min(other_mss.0));
    let (_, segment) = way
        .open
        .iter()
        .find(|(_, segment)| segment.whole && segment.again.len() >= OFTEN && segment.len + segment.options == mss)?;
    let head = if matches!(from.address, IpAddr::V6(_)) { 60 } else { 40 };
    let lines = [
        Some(own.1),
        Some(small),
        Some(segment.first),
        segment.again.last().copied(),
    ];
    Some(Tried {
        from: Some(from.address),
        to: to.address,
        size: u32::try_from(mss + head).ok(),
        whole: true,
        fate: Fate::Lost,
        evidence: lines.into_iter().flatten().map(Evidence::Text).collect(),
        owner: None,
        carries: (Protocol::Tcp, to.port),
    })
}
