//! `timedatectl`, `hostnamectl`, `chronyc tracking` and `chronyc sources`: which host it is, and whether its clock is right, without which
//! tokens and certificates are refused.
//!
//! `{"System clock synchronized": "yes", …}`, `{"Leap status": "Normal", …}`: the words before the colons; `{"sources": [{"mode", "state",
//! "name", "stratum", "poll", "reach", "lastRx", "lastSample"}]}`.

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
    least: 6,
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
    least: 7,
    sniff: |line, rest, hint| {
        let own = |line: &str| name(line).is_some_and(|name| CHRONY.contains(&name));
        (name(line) == Some("Reference ID")).then(|| take(rest, CHRONYC, hint, own))?
    },
    read: |part, artifacts, problems| read(part, CHRONYC, artifacts, problems),
});

/// `hostnamectl`.
pub const HOSTNAMECTL: Format = Format::new(&Spec {
    name: "hostnamectl",
    title: "hostnamectl",
    command: |line| line.program == "hostnamectl",
    least: 9,
    sniff: |line, rest, hint| {
        let own = |line: &str| name(line).is_some_and(|name| HOST.contains(&name));
        (name(line) == Some("Static hostname")).then(|| take(rest, HOSTNAMECTL, hint, own))?
    },
    read: |part, artifacts, problems| read(part, HOSTNAMECTL, artifacts, problems),
});

/// systemd, `src/hostname/hostnamectl.c`.
const HOST: [&str; 18] = [
    "Static hostname",
    "Transient hostname",
    "Pretty hostname",
    "Icon name",
    "Chassis",
    "Deployment",
    "Location",
    "Machine ID",
    "Boot ID",
    "Virtualization",
    "Operating System",
    "CPE OS Name",
    "Kernel",
    "Architecture",
    "Hardware Vendor",
    "Hardware Model",
    "Firmware Version",
    "Firmware Date",
];

/// `chronyc sources`.
pub const SOURCES: Format = Format::new(&Spec {
    name: "chronyc-sources",
    title: "chronyc sources",
    command: |line| line.program == "chronyc" && line.args.iter().any(|arg| arg == "sources"),
    least: 10,
    sniff: |line, rest, hint| {
        let begins =
            is_heading(line) || hint.expects(SOURCES) && (is_legend(line) || source(Piece::new(line)).is_some());
        begins.then(|| {
            take(rest, SOURCES, hint, |line| {
                is_heading(line) || is_legend(line) || source(Piece::new(line)).is_some()
            })
        })?
    },
    read: read_sources,
});

/// The titles, the count above them in old versions, and the line below.
fn is_heading(line: &str) -> bool {
    line.starts_with("MS Name/IP address ")
        || line.starts_with("210 Number of sources = ")
        || line.len() > 70 && line.bytes().all(|b| b == b'=')
}

/// What `-v` explains.
fn is_legend(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with(".-- ")
        || line.starts_with("/ .- ")
        || line.starts_with("| /")
        || line.starts_with("||")
        || line.starts_with("|  ")
}

/// `^* 169.254.169.123   3   4   377   8   +18us[  +22us] +/-  512us` (chrony `client.c`, `process_cmd_sources`).
fn source(line: Piece<'_>) -> Option<Placed> {
    let marks = line.get(..2)?.as_bytes();
    let known =
        marks.first().is_some_and(|b| b"^=#".contains(b)) && marks.get(1).is_some_and(|b| b"*+-?x~ ".contains(b));
    let rest = line.skip(2);
    let words: Vec<Piece<'_>> = rest.words().take(6).collect();
    let [name, stratum, poll, reach, last, sample] = words.as_slice() else {
        return None;
    };
    if !known || stratum.parse::<u8>().is_err() || reach.parse::<u16>().is_err() {
        return None;
    }
    let mut value = Placed::object(line);
    value.put_text("mode", line.part(0..1));
    value.put("state", Placed::text(line.part(1..2)));
    value.put_text("name", *name);
    for (name, word) in [("stratum", stratum), ("poll", poll), ("reach", reach)] {
        value.put_number(name, *word);
    }
    value.put_text("lastRx", *last);
    value.put_text("lastSample", sample.to(rest.skip(rest.len()), rest).trim());
    Some(value)
}

fn read_sources(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut sources = Placed::array(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        match source(line) {
            Some(source) => sources.push(source),
            None if is_heading(line.str()) || is_legend(line.str()) => {}
            None => unread.line(line, SOURCES.title()),
        }
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("sources", sources);
    add_document(part, SOURCES.name(), root, complete, artifacts);
}

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
    use serde_json::json;

    #[test]
    fn a_host() {
        let text = include_str!("../../../../tests/samples/hostnamectl/node.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = only("hostnamectl", text);
            assert_eq!(read["Operating System"], "Amazon Linux 2023.6.20241121");
            assert_eq!(read["CPE OS Name"], "cpe:2.3:o:amazon:amazon_linux:2023");
        }
    }

    #[test]
    fn sources_of_time() {
        let text = include_str!("../../../../tests/samples/chronyc-sources/node.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = only("chronyc-sources", text);
            assert_eq!(
                read["sources"][0],
                json!({"mode": "^", "state": "*", "name": "169.254.169.123", "stratum": 3, "poll": 4, "reach": 377, "lastRx": "8",
                    "lastSample": "+18us[  +22us] +/-  512us"})
            );
            assert_eq!(read["sources"][1]["state"], "?");
        }
    }

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
