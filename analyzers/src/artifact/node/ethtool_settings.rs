//! `ethtool DEV`, `ethtool -i DEV` and `ethtool -k DEV` (ethtool, `ethtool.c` and `netlink/`).

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::text::Piece;

/// `ethtool DEV`: `{"ifname": "ens5", "Speed": "10000Mb/s", "Link detected": "yes"}`.
pub const SETTINGS: Format = Format::new(&Spec {
    name: "ethtool",
    title: "ethtool",
    command: |line| line.program == "ethtool" && !line.args.iter().any(|arg| arg.starts_with('-')),
    least: 7,
    sniff: |line, rest, hint| {
        line.starts_with("Settings for ").then(|| {
            let mut titles = 0;
            take(rest, SETTINGS, hint, |line| {
                titles += usize::from(line.starts_with("Settings for "));
                titles < 2 && (line.starts_with(['\t', ' ']) || line.starts_with("Settings for ") || is_refusal(line))
            })
        })?
    },
    read: read_settings,
});

/// `ethtool -i`.
pub const DRIVER: Format = Format::new(&Spec {
    name: "ethtool-driver",
    title: "ethtool -i",
    command: |line| line.program == "ethtool" && line.flag(&["-i", "--driver"]),
    least: 4,
    sniff: |line, rest, hint| {
        let begins =
            line.starts_with("driver: ") && rest.lines().nth(1).is_some_and(|line| line.starts_with("version:"));
        begins.then(|| {
            take(rest, DRIVER, hint, |line| {
                DRIVER_NAMES.iter().any(|name| line.starts_with(name))
            })
        })?
    },
    read: read_driver,
});

/// `ethtool -k`, in the shape of `ethtool -j -k`: `{"ifname": "ens5", "tcp-segmentation-offload": {"active": true, "fixed": false}}`.
pub const FEATURES: Format = Format::new(&Spec {
    name: "ethtool-features",
    title: "ethtool -k",
    command: |line: &CommandLine| line.program == "ethtool" && line.flag(&["-k", "--show-features", "--show-offload"]),
    least: 7,
    sniff: |line, rest, hint| {
        let begins = line.starts_with("Features for ") || hint.expects(FEATURES) && feature(Piece::new(line)).is_some();
        begins.then(|| {
            let mut titles = 0;
            take(rest, FEATURES, hint, |line| {
                titles += usize::from(line.starts_with("Features for "));
                titles < 2 && (line.starts_with("Features for ") || feature(Piece::new(line)).is_some())
            })
        })?
    },
    read: read_features,
});

const DRIVER_NAMES: [&str; 10] = [
    "driver:",
    "version:",
    "firmware-version:",
    "expansion-rom-version:",
    "bus-info:",
    "supports-statistics:",
    "supports-test:",
    "supports-eeprom-access:",
    "supports-register-dump:",
    "supports-priv-flags:",
];

/// `netlink error: Operation not permitted`, `Cannot get wake-on-lan settings: …`: parts that need other rights.
fn is_refusal(line: &str) -> bool {
    line.starts_with("netlink error: ") || line.starts_with("Cannot get ") || line.starts_with("No data available")
}

/// `eth0` of `Settings for eth0:`.
fn device<'a>(line: Piece<'a>, prefix: &str) -> Option<Piece<'a>> {
    line.strip_prefix(prefix)?.trim().strip_suffix(":")
}

fn read_settings(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    // A list of link modes goes on over lines, under the first of them.
    let mut list: Option<(&str, Placed)> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(name) = device(line, "Settings for ") {
            root.put_text("ifname", name);
        } else if is_refusal(line.str()) {
            root.push_at(&["errors"], line, Placed::text(line.trim()));
        } else if let Some((name, value)) = line.trim().split_once(":") {
            if let Some((name, values)) = list.take() {
                root.put(name, values);
            }
            if name.ends_with("modes") {
                let mut values = Placed::array(line);
                values.push(Placed::text(value.trim()));
                list = Some((name.str(), values));
            } else {
                root.put(name.str(), Placed::number(value.trim()));
            }
        } else if let Some((_, values)) = &mut list {
            values.push(Placed::text(line.trim()));
            values.extend(line);
        } else {
            unread.line(line, "`ethtool`");
        }
    }
    if let Some((name, values)) = list {
        root.put(name, values);
    }
    let complete = unread.finish() && !root.has("errors");
    add_document(part, SETTINGS.name(), root, complete, artifacts);
}

fn read_driver(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        match line.split_once(":") {
            Some((name, value)) => root.put(name.str(), Placed::text(value.trim())),
            None => unread.line(line, "`ethtool -i`"),
        }
    }
    let complete = unread.finish();
    add_document(part, DRIVER.name(), root, complete, artifacts);
}

/// ` tx-checksum-ipv4: off [fixed]`, `rx-gro-hw: on [requested off]`.
fn feature(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, value) = line.trim().split_once(": ")?;
    let value = value.trim();
    let known = value.str() == "on" || value.str() == "off" || value.starts_with("on [") || value.starts_with("off [");
    (known && !name.contains(' ')).then_some((name, value))
}

fn read_features(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let mut titled = false;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(name) = device(line, "Features for ") {
            titled = true;
            root.put_text("ifname", name);
        } else if let Some((name, value)) = feature(line) {
            let mut member = Placed::object(line);
            member.put("active", Placed::value(value.starts_with("on"), value));
            member.put("fixed", Placed::value(value.ends_with("[fixed]"), value));
            root.put(name.str(), member);
        } else {
            unread.line(line, "`ethtool -k`");
        }
    }
    // `| grep` leaves the title out, and other features.
    let complete = unread.finish() && titled;
    add_document(part, FEATURES.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::only;
    use serde_json::json;

    #[test]
    fn settings() {
        let read = only("ethtool", include_str!("../../../../tests/samples/ethtool/ens5.txt"));
        assert_eq!(read["ifname"], "ens5");
        assert_eq!(read["Speed"], "10000Mb/s");
        assert_eq!(read["Link detected"], "yes");
        assert_eq!(
            read["Supported link modes"],
            json!(["1000baseT/Full", "10000baseT/Full"])
        );
        assert_eq!(read["errors"], json!(["netlink error: Operation not permitted"]));
    }

    #[test]
    fn driver_and_features() {
        let read = only(
            "ethtool-driver",
            include_str!("../../../../tests/samples/ethtool-driver/ens5.txt"),
        );
        assert_eq!(read["driver"], "ena");
        assert_eq!(read["bus-info"], "0000:00:05.0");
        let read = only(
            "ethtool-features",
            include_str!("../../../../tests/samples/ethtool-features/ens5.txt"),
        );
        assert_eq!(read["tx-checksum-ipv4"], json!({"active": true, "fixed": false}));
        assert_eq!(read["large-receive-offload"], json!({"active": false, "fixed": true}));
    }
}
