//! Times: differences between packets are added up, and the hours go on past midnight.

use crate::artifact::tcpdump::time::{Clock, DAY};
use crate::artifact::{Frame, Packet};

/// The times of a capture in the order of its lines.
#[derive(Default)]
pub struct Times {
    /// Of every packet: whether it is one between addresses, and what its time counts from.
    order: Vec<(bool, Option<Clock>)>,
    first: Option<i64>,
    last: Option<i64>,
    /// Whether a time is smaller than the one before.
    falls: bool,
}

impl Times {
    /// Looks at the next packet's time.
    pub fn see(&mut self, is_packet: bool, time: Option<(i64, Clock)>) {
        self.order.push((is_packet, time.map(|(_, clock)| clock)));
        if let Some((time, Clock::Day)) = time {
            self.first.get_or_insert(time);
            self.falls |= self.last.is_some_and(|last| time < last);
            self.last = Some(time);
        }
    }

    /// Makes differences of times mean what they say: adds up `-ttt`'s, and goes on counting past midnight.
    pub fn settle(self, packets: &mut [Packet], frames: &mut [Frame], deltas: bool) {
        // `-ttt` and `-ttttt` both begin at zero; only differences go down again.
        let deltas = deltas || self.first == Some(0) && self.falls;
        if !deltas && !self.falls {
            return;
        }
        let (mut packets, mut frames) = (packets.iter_mut(), frames.iter_mut());
        let (mut last, mut added) = (0_i64, 0_i64);
        for (is_packet, clock) in self.order {
            let time = if is_packet {
                packets.next().and_then(|packet| packet.time.as_mut())
            } else {
                frames.next().and_then(|frame| frame.time.as_mut())
            };
            let Some(time) = time.filter(|_| clock == Some(Clock::Day)) else {
                continue;
            };
            if deltas {
                added = added.saturating_add(*time);
                *time = added;
                continue;
            }
            if *time + DAY / 2 < last {
                added += DAY;
            }
            last = *time;
            *time += added;
        }
    }
}
