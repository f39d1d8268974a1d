//! `timedatectl` and `chronyc tracking`: whether the clock is right, without which tokens and certificates are refused.
//!
//! `{"System clock synchronized": "yes", …}`, `{"Leap status": "Normal", …}`: the words before the colons.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::text::Piece;

/// `timedatectl`.
pub const TIMEDATECTL: Format = Format::new(&Spec {
    name: "timedatectl",
    title: "timedatectl",
    command: |line| line.program == "timedatectl",
    sniff: |line, rest, hint| {
        let own = |line: &str| name(line).is_some_and(|name| TIME.contains(&name));
        (name(line) == Some("Local time")).then(|| take(rest, TIMEDATECTL, hint, own))?
    },
    read: |part, artifacts, problems| read(part, TIMEDATECTL, artifacts, problems),
});

/// `chronyc tracking`.
pub const CHRONYC: Format = Format::new(&Spec {
    name: "chronyc-tracking",
    title: "chronyc tracking",
    command: |line| line.program == "chronyc" && line.args.iter().any(|arg| arg == "tracking"),
    sniff: |line, rest, hint| {
        let own = |line: &str| name(line).is_some_and(|name| CHRONY.contains(&name));
        (name(line) == Some("Reference ID")).then(|| take(rest, CHRONYC, hint, own))?
    },
    read: |part, artifacts, problems| read(part, CHRONYC, artifacts, problems),
});

/// systemd, `src/timedate/timedatectl.c`, old and new.
const TIME: [&str; 11] = [
    "Local time",
    "Universal time",
    "RTC time",
    "Time zone",
    "Timezone",
    "System clock synchronized",
    "NTP service",
    "RTC in local TZ",
    "NTP enabled",
    "NTP synchronized",
    "DST active",
];

/// chrony, `client.c`, `process_cmd_tracking`.
const CHRONY: [&str; 13] = [
    "Reference ID",
    "Stratum",
    "Ref time (UTC)",
    "System time",
    "Last offset",
    "RMS offset",
    "Frequency",
    "Residual freq",
    "Skew",
    "Root delay",
    "Root dispersion",
    "Update interval",
    "Leap status",
];

/// What stands before a line's first colon.
fn name(line: &str) -> Option<&str> {
    Some(line.split_once(':')?.0.trim())
}

fn read(part: &Part<'_>, format: Format, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        match line.split_once(":") {
            Some((name, value)) => root.put(name.trim().str(), Placed::number(value.trim())),
            None => unread.line(line, format.title()),
        }
    }
    let complete = unread.finish();
    add_document(part, format.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;

    #[test]
    fn clocks() {
        let read = only(
            "timedatectl",
            include_str!("../../../../tests/samples/timedatectl/node.txt"),
        );
        assert_eq!(read["System clock synchronized"], "no");
        assert_eq!(read["Universal time"], "Sat 2026-11-21 16:30:12 UTC");
        let read = only(
            "chronyc-tracking",
            include_str!("../../../../tests/samples/chronyc-tracking/node.txt"),
        );
        assert_eq!(read["Stratum"], 4);
        assert_eq!(read["Reference ID"], "A9FEA97B (169.254.169.123)");
        assert_eq!(read["System time"], "0.000004112 seconds slow of NTP time");
    }
}
