//! How Cilium tells a packet in short (cilium `pkg/monitor/dissect.go`, `GetConnectionSummary`): `10.0.1.7:41234 -> 10.0.2.9:80 tcp SYN`,
//! `fe80::1 -> ff02::2 RouterSolicitation`, `06:…:f -> 06:…:33 ARP`.
//!
//! `{"l3": {"src", "dst"}, "l4": {"src", "dst", "protocol", "flags"}, "l2": {"src", "dst"}, "what"}`; `l2` and `l3` as Cilium's JSON has them.

use crate::artifact::Placed;
use crate::artifact::node::lines::is_mac;
use crate::text::Piece;

/// Takes a packet's summary apart; `None` where it is none.
pub fn summary(text: Piece<'_>) -> Option<Placed> {
    let text = text.trim();
    let (from, rest) = text.split_once(" -> ")?;
    let (to, what) = rest.split_once(" ").unwrap_or((rest, rest.skip(rest.len())));
    if from.contains(' ') || from.is_empty() || to.is_empty() {
        return None;
    }
    let mut value = Placed::object(text);
    if is_mac(from.str()) || is_mac(to.str()) {
        value.put_at(&["l2", "src"], text, Placed::text(from));
        value.put_at(&["l2", "dst"], text, Placed::text(to));
        value.put_text("what", what.trim());
        return Some(value);
    }
    let (source, source_port) = endpoint(from)?;
    let (destination, destination_port) = endpoint(to)?;
    value.put_at(&["l3", "src"], text, Placed::text(source));
    value.put_at(&["l3", "dst"], text, Placed::text(destination));
    let (Some(source_port), Some(destination_port)) = (source_port, destination_port) else {
        value.put_text("what", what.trim());
        return Some(value);
    };
    value.put_at(&["l4", "src"], text, Placed::number(source_port));
    value.put_at(&["l4", "dst"], text, Placed::number(destination_port));
    let (protocol, flags) = what
        .trim()
        .split_once(" ")
        .unwrap_or((what.trim(), what.skip(what.len())));
    for (name, piece) in [("protocol", protocol), ("flags", flags)] {
        if !piece.is_empty() {
            value.put_at(&["l4", name], text, Placed::text(piece));
        }
    }
    Some(value)
}

/// An address, and the port behind it: `10.0.1.7:80`, `[fd00::7]:80`, `fd00::7`.
pub fn endpoint(text: Piece<'_>) -> Option<(Piece<'_>, Option<Piece<'_>>)> {
    let is_address = |piece: Piece<'_>| piece.parse::<std::net::IpAddr>().is_ok();
    if is_address(text) {
        return Some((text, None));
    }
    let (address, port) = text.rsplit_once(":")?;
    let address = address
        .strip_prefix("[")
        .and_then(|inside| inside.strip_suffix("]"))
        .unwrap_or(address);
    (is_address(address) && port.parse::<u16>().is_ok()).then_some((address, Some(port)))
}
