//! RFC 1951, with a limit on what comes out.

use miniz_oxide::inflate::stream::{InflateState, ZeroReset, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

/// What was inflated.
pub struct Inflated {
    pub bytes: Vec<u8>,
    /// How much of the input it took.
    pub used: usize,
    pub end: End,
}

/// How inflating ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With the end of the stream.
    Whole,
    /// The input ends before the stream does.
    Cut,
    /// What follows is no deflated stream.
    Damaged,
    /// More would come out than there is room for.
    Full,
}

/// What inflating needs, used again for every stream of an archive: a file may have a million of them.
pub struct Inflater {
    state: Box<InflateState>,
    window: Vec<u8>,
    used: bool,
}

impl Inflater {
    pub fn new() -> Self {
        Self {
            state: InflateState::new_boxed(DataFormat::Raw),
            window: vec![0; 64 << 10],
            used: false,
        }
    }

    /// Inflates a raw stream, up to `room` bytes.
    pub fn take(&mut self, input: &[u8], room: usize) -> Inflated {
        if self.used {
            // Nothing of the stream before shows in a damaged one.
            self.state.reset_as(ZeroReset);
        }
        self.used = true;
        let mut out = Inflated {
            bytes: Vec::new(),
            used: 0,
            end: End::Whole,
        };
        loop {
            let step = inflate(
                &mut self.state,
                input.get(out.used..).unwrap_or_default(),
                &mut self.window,
                MZFlush::None,
            );
            let written = self.window.get(..step.bytes_written).unwrap_or_default();
            let fits = written.len().min(room.saturating_sub(out.bytes.len()));
            out.bytes.extend_from_slice(written.get(..fits).unwrap_or_default());
            out.used += step.bytes_consumed;
            let idle = step.bytes_consumed == 0 && written.is_empty();
            out.end = match step.status {
                _ if fits < written.len() => End::Full,
                Ok(MZStatus::StreamEnd) => End::Whole,
                Ok(_) if !idle => continue,
                Ok(_) | Err(MZError::Buf) => End::Cut,
                Err(_) => End::Damaged,
            };
            return out;
        }
    }
}
