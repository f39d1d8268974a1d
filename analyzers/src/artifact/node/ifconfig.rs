//! `ifconfig`, of net-tools and in the old writing that busybox still has, in the shape of `ip addr` (net-tools, `lib/interface.c`,
//! `ife_print_long`; busybox, `networking/interface.c`). It says less than `ip addr`: the document is never complete.

use super::lines::{Unread, take};
use super::net_tools::prefix_length;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::text::Piece;

/// `ifconfig`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "ifconfig",
    title: "ifconfig",
    command: |line| line.program == "ifconfig",
    least: 7,
    sniff: |line, rest, hint| is_header(line).then(|| take(rest, FORMAT, hint, is_own))?,
    read,
});

/// Words of the counters' lines, and the names of `ip -j -s`.
const COUNTERS: [(&str, &str); 8] = [
    ("packets", "packets"),
    ("bytes", "bytes"),
    ("errors", "errors"),
    ("dropped", "dropped"),
    ("overruns", "over_errors"),
    ("frame", "frame_errors"),
    ("carrier", "carrier_errors"),
    ("collisions", "collisions"),
];

fn is_own(line: &str) -> bool {
    is_header(line) || line.starts_with(' ')
}

/// `eth0: flags=4163<UP,BROADCAST>  mtu 1500`, `eth0      Link encap:Ethernet  HWaddr 02:…`.
fn is_header(line: &str) -> bool {
    !line.starts_with([' ', '\t'])
        && (line.contains(": flags=") && line.contains('<') && line.contains("mtu ") || line.contains(" Link encap:"))
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut all = Placed::array(whole);
    let mut open: Option<Device> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_header(line.str()) {
            if let Some(device) = open.take() {
                all.push(device.finish());
            }
            open = Some(header(line));
        } else if let Some(device) = &mut open {
            device.value.extend(line);
            if !device.line(line.trim()) {
                unread.line(line, "`ifconfig`");
            }
        } else {
            unread.line(line, "`ifconfig`");
        }
    }
    if let Some(device) = open {
        all.push(device.finish());
    }
    unread.finish();
    add_document(part, "ip-addr", all, false, artifacts);
}

struct Device {
    value: Placed,
    addresses: Placed,
    stats: Placed,
}

fn header(line: Piece<'_>) -> Device {
    let mut device = Device {
        value: Placed::object(line),
        addresses: Placed::array(line),
        stats: Placed::object(line),
    };
    if let Some((name, rest)) = line.split_once(": flags=") {
        device.value.put_text("ifname", name);
        if let Some((flags, mtu)) = rest.split_once("<").and_then(|(_, rest)| rest.split_once(">")) {
            let mut list = Placed::array(flags);
            for flag in flags.split(|c| c == ',').filter(|flag| !flag.is_empty()) {
                list.push(Placed::text(flag));
            }
            device.value.put("flags", list);
            if let Some((_, mtu)) = mtu.split_once("mtu ") {
                device.value.put_number("mtu", mtu.trim());
            }
        }
        return device;
    }
    let mut words = line.words();
    if let Some(name) = words.next() {
        device.value.put_text("ifname", name);
    }
    // `Link encap:Local Loopback`, `Link encap:Ethernet  HWaddr 02:8C:D3:11:00:01`.
    if let Some(address) = words.skip_while(|word| word.str() != "HWaddr").nth(1) {
        device.value.put_text("address", address);
    }
    device
}

impl Device {
    /// Reads a line below the header; whether it is understood.
    fn line(&mut self, line: Piece<'_>) -> bool {
        let mut words = line.words();
        let Some(first) = words.next() else { return true };
        match first.str() {
            "inet" | "inet6" => self.address(first, line),
            "ether" | "infiniband" => {
                if let Some(address) = words.next() {
                    self.value.put_text("address", address);
                }
                true
            }
            "RX" | "TX" => {
                let direction = if first.str() == "RX" { "rx" } else { "tx" };
                let words: Vec<Piece<'_>> = words.collect();
                // `RX packets 9  bytes 802 (802.0 B)`; the old writing has `packets:9`, and both directions' bytes on one line.
                let mut direction = direction;
                for pair in words.windows(2) {
                    if let [name, number] = pair {
                        self.counter(direction, *name, *number);
                    }
                }
                for word in &words {
                    if word.str() == "TX" {
                        direction = "tx";
                    } else if let Some((name, number)) = word.split_once(":") {
                        self.counter(direction, name, number);
                    }
                }
                true
            }
            "loop" | "unspec" | "tunnel" | "ppp" | "sit" | "device" | "Interrupt:" | "Memory:" => true,
            _ if first.starts_with("collisions:") => {
                if let Some((name, number)) = first.split_once(":") {
                    self.counter("tx", name, number);
                }
                true
            }
            _ if first.starts_with("Interrupt:") || first.starts_with("Base") => true,
            // `UP BROADCAST RUNNING MULTICAST  MTU:9001  Metric:1`.
            _ if line.contains(" MTU:") => {
                for word in line.words() {
                    if let Some(mtu) = word.strip_prefix("MTU:") {
                        self.value.put_number("mtu", mtu);
                    } else if !word.contains(':') {
                        self.value.push_at(&["flags"], line, Placed::text(word));
                    }
                }
                true
            }
            _ => false,
        }
    }

    fn counter(&mut self, direction: &str, name: Piece<'_>, number: Piece<'_>) {
        if let Some((_, json)) = COUNTERS.iter().find(|(word, _)| *word == name.str())
            && number.parse::<u64>().is_ok()
        {
            self.stats.put_at(&[direction, json], number, Placed::number(number));
            self.stats.extend(number);
        }
    }

    /// `inet 10.20.3.41  netmask 255.255.255.0  broadcast 10.20.3.255`, `inet6 addr: fe80::1/64 Scope:Link`.
    fn address(&mut self, family: Piece<'_>, line: Piece<'_>) -> bool {
        let mut value = Placed::object(line);
        value.put_text("family", family);
        let words: Vec<Piece<'_>> = line.words().collect();
        let after = |name: &str| {
            words
                .iter()
                .position(|word| word.str() == name)
                .and_then(|at| words.get(at + 1).copied())
                .or_else(|| {
                    let prefix = format!("{name}:");
                    words
                        .iter()
                        .find_map(|word| word.strip_prefix(&prefix).filter(|rest| !rest.is_empty()))
                })
        };
        let Some(local) = after("addr")
            .or_else(|| after("addr:"))
            .or_else(|| words.get(1).copied())
        else {
            return false;
        };
        if let Some((local, len)) = local.split_once("/") {
            value.put_text("local", local);
            value.put_number("prefixlen", len);
        } else {
            value.put_text("local", local);
        }
        if let Some(len) = after("prefixlen") {
            value.put_number("prefixlen", len);
        }
        if let Some(mask) = after("netmask").or_else(|| after("Mask"))
            && let Some(len) = prefix_length(mask.str())
        {
            value.put("prefixlen", Placed::value(len, mask));
        }
        if let Some(address) = after("broadcast").or_else(|| after("Bcast")) {
            value.put_text("broadcast", address);
        }
        if let Some(address) = after("destination").or_else(|| after("P-t-P")) {
            value.put_text("address", address);
        }
        if let Some(scope) = after("scopeid").and_then(|scope| scope.split_once("<").map(|(_, scope)| scope)) {
            value.put_text("scope", scope.strip_suffix(">").unwrap_or(scope));
        }
        self.addresses.push(value);
        self.addresses.extend(line);
        true
    }

    fn finish(mut self) -> Placed {
        self.value.put("addr_info", self.addresses);
        if !self.stats.is_empty() {
            self.value.put("stats64", self.stats);
        }
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::only;
    use serde_json::json;

    #[test]
    fn net_tools_writing() {
        let read = only("ip-addr", include_str!("../../../../tests/samples/ifconfig/node.txt"));
        assert_eq!(
            read[0],
            json!({"ifname": "ens5", "flags": ["UP", "BROADCAST", "RUNNING", "MULTICAST"], "mtu": 9001,
                "address": "02:8c:d3:11:00:01", "addr_info": [
                    {"family": "inet", "local": "10.20.3.41", "prefixlen": 20, "broadcast": "10.20.15.255"},
                    {"family": "inet6", "local": "fe80::8c:d3ff:fe11:1", "prefixlen": 64, "scope": "link"}],
                "stats64": {"rx": {"packets": 8_120_431, "bytes": 9_031_203_412_u64, "errors": 0, "dropped": 14,
                    "over_errors": 0, "frame_errors": 0},
                    "tx": {"packets": 7_211_034, "bytes": 7_031_203_412_u64, "errors": 0, "dropped": 2,
                    "over_errors": 0, "carrier_errors": 0, "collisions": 0}}})
        );
        assert_eq!(read[1]["ifname"], "lo");
    }

    #[test]
    fn the_old_writing_of_busybox() {
        let read = only(
            "ip-addr",
            include_str!("../../../../tests/samples/ifconfig/busybox.txt"),
        );
        assert_eq!(
            read[0],
            json!({"ifname": "eth0", "address": "A2:11:22:33:44:55", "flags": ["UP", "BROADCAST", "RUNNING", "MULTICAST"],
                "mtu": 8951, "addr_info": [
                    {"family": "inet", "local": "10.20.3.90", "prefixlen": 32, "broadcast": "0.0.0.0"},
                    {"family": "inet6", "local": "fe80::a011:22ff:fe33:4455", "prefixlen": 64}],
                "stats64": {"rx": {"packets": 1204, "errors": 0, "dropped": 1, "over_errors": 0, "frame_errors": 0,
                        "bytes": 90312},
                    "tx": {"packets": 1100, "errors": 0, "dropped": 0, "over_errors": 0, "carrier_errors": 0,
                        "collisions": 0, "bytes": 81203}}})
        );
    }
}
