//! `.pcapng`: blocks of a type and a length; each section tells its order of bytes and its interfaces.

use super::classic::LARGEST;
use super::{Ended, Interface, Record, Writer};

/// The Section Header Block's type, the same in both orders.
const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// Whether bytes begin with a section.
pub fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(&SECTION) && order(bytes, 0).is_some()
}

/// Whether a section is written in the order of the network.
fn order(bytes: &[u8], at: usize) -> Option<bool> {
    match bytes.get(at + 8..)?.first_chunk()? {
        [0x1a, 0x2b, 0x3c, 0x4d] => Some(true),
        [0x4d, 0x3c, 0x2b, 0x1a] => Some(false),
        _ => None,
    }
}

/// What a section's interface says about times.
#[derive(Clone, Copy)]
struct Clock {
    /// Units of a second.
    units: u64,
    /// Seconds to add.
    offset: i64,
    /// How many bytes of a packet were captured at most; 0 where all were.
    snap: usize,
}

/// One section.
struct Section {
    big: bool,
    /// How many interfaces the sections before have.
    first: usize,
    clocks: Vec<Clock>,
}

/// Numbers and options of one block.
#[derive(Clone, Copy)]
struct Block<'a> {
    body: &'a [u8],
    big: bool,
}

impl<'a> Block<'a> {
    fn u16(self, at: usize) -> Option<u16> {
        let bytes = *self.body.get(at..)?.first_chunk()?;
        Some(if self.big {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    }

    fn u32(self, at: usize) -> Option<u32> {
        let bytes = *self.body.get(at..)?.first_chunk()?;
        Some(if self.big {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    }

    /// The options from there on: a code, a length, a value that is filled up to four bytes.
    fn options(self, at: usize) -> impl Iterator<Item = (u16, Block<'a>)> {
        let mut at = at;
        std::iter::from_fn(move || {
            let (code, len) = (self.u16(at)?, usize::from(self.u16(at + 2)?));
            if code == 0 {
                return None;
            }
            let body = self.body.get(at + 4..at + 4 + len)?;
            at += 4 + len.next_multiple_of(4);
            Some((code, Block { body, big: self.big }))
        })
    }

    fn u64(self) -> Option<u64> {
        let bytes = *self.body.first_chunk()?;
        Some(if self.big {
            u64::from_be_bytes(bytes)
        } else {
            u64::from_le_bytes(bytes)
        })
    }
}

/// Reads the packets.
pub fn read(bytes: &[u8], writer: &mut Writer) -> Ended {
    let mut section = Section {
        big: false,
        first: 0,
        clocks: Vec::new(),
    };
    let mut at = 0;
    while at < bytes.len() {
        if bytes.get(at..).is_some_and(|rest| rest.starts_with(&SECTION)) {
            let Some(big) = order(bytes, at) else {
                return Ended::Damaged;
            };
            section = Section {
                big,
                first: writer.interfaces(),
                clocks: Vec::new(),
            };
        }
        let rest = Block {
            body: bytes.get(at..).unwrap_or_default(),
            big: section.big,
        };
        let (Some(kind), Some(len)) = (rest.u32(0), rest.u32(4)) else {
            return Ended::Cut;
        };
        let len = len as usize;
        if !(12..=LARGEST * 2).contains(&len) {
            return Ended::Damaged;
        }
        let len = len.next_multiple_of(4);
        let cut = at + len > bytes.len();
        // The length stands at the end again.
        let end = if cut { rest.body.len() } else { len - 4 };
        let block = Block {
            body: rest.body.get(8..end).unwrap_or_default(),
            big: section.big,
        };
        section.block(kind, block, writer);
        if cut {
            return Ended::Cut;
        }
        at += len;
    }
    Ended::Whole
}

impl Section {
    fn block(&mut self, kind: u32, block: Block<'_>, writer: &mut Writer) {
        // A block that has not even its fixed fields tells nothing.
        let _ = match kind {
            1 => self.description(block, writer),
            2 => self.old_packet(block, writer),
            3 => self.simple_packet(block, writer),
            5 => Self::statistics(block, writer),
            6 => self.packet(block, writer),
            _ => Some(()),
        };
    }

    /// Interface Description Block.
    fn description(&mut self, block: Block<'_>, writer: &mut Writer) -> Option<()> {
        let link = block.u16(0)?;
        let mut clock = Clock {
            units: 1_000_000,
            offset: 0,
            snap: block.u32(4)? as usize,
        };
        let mut name = None;
        for (code, option) in block.options(8) {
            match code {
                // if_name
                2 => {
                    let text = String::from_utf8_lossy(option.body);
                    // It stands between blanks in the lines that are printed.
                    let text: String = text.trim_end_matches('\0').chars().take(64).collect();
                    name = Some(text.replace(|c: char| c.is_whitespace() || c.is_control() || ",>:".contains(c), "_"));
                }
                // if_tsresol: a negative power of 10, or, with the first bit, of 2.
                9 => {
                    let power = *option.body.first()?;
                    let base: u64 = if power & 0x80 == 0 { 10 } else { 2 };
                    clock.units = base.checked_pow(u32::from(power & 0x7f)).unwrap_or(1_000_000);
                }
                // if_tsoffset
                14 => clock.offset = option.u64().map_or(0, u64::cast_signed),
                _ => {}
            }
        }
        self.clocks.push(clock);
        writer.interface(Interface {
            link,
            name: name.filter(|name| !name.is_empty()).map(Into::into),
        });
        Some(())
    }

    /// Enhanced Packet Block.
    fn packet(&self, block: Block<'_>, writer: &mut Writer) -> Option<()> {
        let interface = block.u32(0)? as usize;
        let time = self.time(interface, block.u32(4)?, block.u32(8)?);
        let (captured, length) = (block.u32(12)? as usize, block.u32(16)? as usize);
        let end = 20_usize.checked_add(captured)?;
        let mut outbound = None;
        for (code, option) in block.options(end.next_multiple_of(4)) {
            // epb_flags: the low two bits are the direction.
            if code == 2 {
                outbound = match option.u32(0)? & 3 {
                    1 => Some(false),
                    2 => Some(true),
                    _ => None,
                };
            }
        }
        writer.packet(&Record {
            time,
            interface: self.first + interface,
            outbound,
            data: block.body.get(20..end.min(block.body.len()))?,
            length,
        });
        Some(())
    }

    /// Simple Packet Block: of the first interface, without a time.
    fn simple_packet(&self, block: Block<'_>, writer: &mut Writer) -> Option<()> {
        let length = block.u32(0)? as usize;
        let snap = self.clocks.first().map_or(0, |clock| clock.snap);
        let captured = if snap == 0 { length } else { length.min(snap) };
        let end = 4_usize.checked_add(captured)?;
        writer.packet(&Record {
            time: None,
            interface: self.first,
            outbound: None,
            data: block.body.get(4..end.min(block.body.len()))?,
            length,
        });
        Some(())
    }

    /// Packet Block, of the format's first years.
    fn old_packet(&self, block: Block<'_>, writer: &mut Writer) -> Option<()> {
        let interface = usize::from(block.u16(0)?);
        let time = self.time(interface, block.u32(4)?, block.u32(8)?);
        let (captured, length) = (block.u32(12)? as usize, block.u32(16)? as usize);
        let end = 20_usize.checked_add(captured)?;
        writer.packet(&Record {
            time,
            interface: self.first + interface,
            outbound: None,
            data: block.body.get(20..end.min(block.body.len()))?,
            length,
        });
        Some(())
    }

    /// Interface Statistics Block: its numbers count since the beginning, so that the last ones hold; several interfaces add up only
    /// where each has one.
    fn statistics(block: Block<'_>, writer: &mut Writer) -> Option<()> {
        block.u32(0)?;
        let trailer = writer.trailer();
        let add = |field: &mut Option<u64>, option: Block<'_>| {
            if let Some(count) = option.u64() {
                *field = Some(field.unwrap_or(0).saturating_add(count));
            }
        };
        for (code, option) in block.options(12) {
            match code {
                // isb_ifdrop
                5 => add(&mut trailer.dropped_by_interface, option),
                // isb_filteraccept
                6 => add(&mut trailer.received_by_filter, option),
                // isb_osdrop
                7 => add(&mut trailer.dropped_by_kernel, option),
                // isb_usrdeliv
                8 => add(&mut trailer.captured, option),
                _ => {}
            }
        }
        Some(())
    }

    /// Microseconds since the epoch.
    fn time(&self, interface: usize, high: u32, low: u32) -> Option<i64> {
        let clock = self.clocks.get(interface)?;
        let ticks = u64::from(high) << 32 | u64::from(low);
        let seconds = i64::try_from(ticks / clock.units).ok()?.checked_add(clock.offset)?;
        let fraction = u128::from(ticks % clock.units) * 1_000_000 / u128::from(clock.units);
        seconds
            .checked_mul(1_000_000)?
            .checked_add(i64::try_from(fraction).ok()?)
    }
}
