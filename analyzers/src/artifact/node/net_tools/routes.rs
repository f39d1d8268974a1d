//! `route -n`, `netstat -rn`, of IPv4 and of IPv6.

use super::{netstat, prefix_length};
use crate::artifact::node::lines::{Unread, is_address, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `route -n`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "route",
    title: "route -n",
    command: |line| line.program == "route" || netstat(line, 'r'),
    least: 12,
    sniff,
    read,
});

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    (is_title(line) || is_header(line)).then(|| {
        take(rest, FORMAT, hint, |line| {
            is_title(line) || is_header(line) || row(&line.split_whitespace().collect::<Vec<_>>())
        })
    })?
}

fn is_title(line: &str) -> bool {
    matches!(line.trim_end(), "Kernel IP routing table" | "Kernel IPv6 routing table")
}

fn is_header(line: &str) -> bool {
    line.starts_with("Destination ")
        && (line.contains(" Gateway ") && line.contains(" Genmask ") || line.contains(" Next Hop "))
}

/// A row of eight columns (IPv4), or of seven (IPv6).
fn row(words: &[&str]) -> bool {
    match words {
        [destination, _, mask, _, _, _, _, _] => {
            prefix_length(mask).is_some() && (is_address(destination) || !destination.contains(':'))
        }
        [destination, hop, _, _, _, _, _] => is_address(destination) && (is_address(hop) || *hop == "[::]"),
        _ => false,
    }
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut routes = Placed::array(whole);
    // `netstat -r` has other columns before the device than `route`.
    let mut metric = true;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_title(line.str()) {
            continue;
        }
        if is_header(line.str()) {
            metric = line.contains(" Metric ") || line.contains(" Met ");
            continue;
        }
        match route(line, metric) {
            Some(route) => routes.push(route),
            None => unread.line(line, "`route -n`"),
        }
    }
    unread.finish();
    add_document(part, "ip-route", routes, false, artifacts);
}

fn route(line: Piece<'_>, metric: bool) -> Option<Placed> {
    let words: Vec<Piece<'_>> = line.words().collect();
    let texts: Vec<&str> = words.iter().map(|word| word.str()).collect();
    if !row(&texts) {
        return None;
    }
    let mut value = Placed::object(line);
    let (destination, gateway, flags) = if let [destination, gateway, mask, flags, ..] = words.as_slice()
        && words.len() == 8
    {
        let len = prefix_length(mask.str())?;
        let dst = if len == 0 || destination.str() == "default" {
            "default".to_owned()
        } else if len == 32 {
            // As `ip route` prints a single address.
            destination.str().to_owned()
        } else {
            format!("{}/{len}", destination.str())
        };
        value.put("dst", Placed::value(dst, destination.to(*mask, line)));
        (*destination, *gateway, *flags)
    } else {
        let (destination, gateway, flags) = (*words.first()?, *words.get(1)?, *words.get(2)?);
        value.put_text("dst", destination);
        (destination, gateway, flags)
    };
    // `!`: packets are refused.
    if flags.contains('!') {
        value.put("type", Placed::value("unreachable", flags));
    } else if !matches!(gateway.str(), "0.0.0.0" | "*" | "::" | "[::]" | "-") {
        value.put_text("gateway", gateway);
    }
    if metric {
        let at = if words.len() == 8 { 4 } else { 3 };
        if let Some(word) = words.get(at).filter(|word| word.str() != "-") {
            value.put_number("metric", *word);
        }
    }
    let device = *words.last()?;
    if device.str() != "-" {
        value.put_text("dev", device);
    }
    value.put("flags", Placed::array(destination));
    value.put_text("printedFlags", flags);
    Some(value)
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn routes_of_a_pod_and_of_netstat() {
        let read = only("ip-route", include_str!("../../../../../tests/samples/route/pod.txt"));
        assert_eq!(
            read,
            json!([
                {"dst": "default", "gateway": "169.254.1.1", "metric": 0, "dev": "eth0", "flags": [], "printedFlags": "UG"},
                {"dst": "169.254.1.1", "metric": 0, "dev": "eth0", "flags": [], "printedFlags": "UH"},
                {"dst": "10.99.0.0/16", "type": "unreachable", "metric": 0, "flags": [], "printedFlags": "!"},
            ])
        );
        let read = only(
            "ip-route",
            include_str!("../../../../../tests/samples/route/netstat.txt"),
        );
        assert_eq!(
            read[1],
            json!({"dst": "10.20.3.0/24", "dev": "eth0", "flags": [], "printedFlags": "U"})
        );
        let read = only(
            "ip-route",
            include_str!("../../../../../tests/samples/route/netstat-ipv6.txt"),
        );
        assert_eq!(
            read[1],
            json!({"dst": "::/0", "gateway": "fe80::8c:d3ff:fe11:1", "metric": 512, "dev": "eth0", "flags": [],
                "printedFlags": "UGDAe"})
        );
    }

    #[test]
    fn masks_with_holes_have_no_length() {
        assert_eq!(super::prefix_length("255.255.240.0"), Some(20));
        assert_eq!(super::prefix_length("255.0.255.0"), None);
    }
}
