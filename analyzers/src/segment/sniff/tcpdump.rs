//! `tcpdump`'s text, by its packet lines.

use super::{Hint, Taken, ends};
use crate::artifact::tcpdump_text::{has_time, is_notice, is_packet, listening_on};
use crate::segment::formats;

/// How many lines that are none of tcpdump's may stand between two packets: `-A` and `-X` print what the packets carry.
const BETWEEN: usize = 24;

/// Takes the lines of one capture.
pub fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !is_packet(line) && !begins_capture(line) {
        return None;
    }
    let content = hint.expects(formats::TCPDUMP)
        && hint.line.as_ref().is_some_and(|line| {
            line.args
                .iter()
                .any(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.contains(['A', 'X', 'x']))
        });
    let mut packets = 0_usize;
    let mut len = 0;
    let mut between = 0;
    for (line, end) in ends(rest) {
        if is_packet(line) {
            packets += 1;
        } else if is_notice(line) {
            // Another run of tcpdump is another capture.
            if packets > 0 && (listening_on(line).is_some() || line.starts_with("tcpdump: verbose")) {
                break;
            }
        } else if line.trim().is_empty() {
            continue;
        } else if !(packets > 0 && (line.starts_with([' ', '\t']) || has_time(line))) {
            between += 1;
            if between > BETWEEN || !content {
                break;
            }
            continue;
        }
        between = 0;
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format: formats::TCPDUMP,
        confidence: if hint.expects(formats::TCPDUMP) { 0.98 } else { 0.9 },
    })
}

/// tcpdump's first words.
fn begins_capture(line: &str) -> bool {
    line.starts_with("tcpdump: ")
        || listening_on(line).is_some_and(|_| line.contains("link-type"))
        || line.starts_with("dropped privs to ")
}
