//! RFC 1951, with a limit on what comes out.

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush, MZStatus};

/// What was inflated.
pub struct Inflated {
    pub bytes: Vec<u8>,
    /// How much of the input it took.
    pub used: usize,
    /// Whether the stream came to its end.
    pub whole: bool,
}

/// Inflates a raw stream, up to `room` bytes.
pub fn take(input: &[u8], room: usize) -> Inflated {
    let mut state = InflateState::new_boxed(DataFormat::Raw);
    let mut window = vec![0_u8; 64 << 10];
    let mut out = Inflated {
        bytes: Vec::new(),
        used: 0,
        whole: false,
    };
    loop {
        let step = inflate(
            &mut state,
            input.get(out.used..).unwrap_or_default(),
            &mut window,
            MZFlush::None,
        );
        let written = window.get(..step.bytes_written).unwrap_or_default();
        let fits = written.len().min(room.saturating_sub(out.bytes.len()));
        out.bytes.extend_from_slice(written.get(..fits).unwrap_or_default());
        out.used += step.bytes_consumed;
        if step.status == Ok(MZStatus::StreamEnd) {
            out.whole = fits == written.len();
            return out;
        }
        if step.status.is_err() || fits < written.len() || (step.bytes_consumed == 0 && written.is_empty()) {
            return out;
        }
    }
}
