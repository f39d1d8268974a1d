//! The link's header (`-e`): `ether_print` in print-ether.c, `sll_print` and `sll2_print` in print-sll.c of the-tcpdump-group/tcpdump.

use super::text::{after_parentheses, any_number, word};
use crate::artifact::{Header, Mac};

/// What a link's header carries.
pub struct Link<'a> {
    /// The name of the protocol: `IPv4`, `ARP`, `Unknown (0x88cc)`.
    pub protocol: &'a str,
    /// From its first byte on.
    pub payload: &'a str,
}

/// A link address that a text begins with; `Broadcast` without `-n`.
pub fn mac(text: &str) -> Option<Mac> {
    if text.starts_with("Broadcast") {
        return Some([0xff; 6]);
    }
    let text = text.get(..17)?;
    let mut mac = [0_u8; 6];
    for (octet, digits) in mac.iter_mut().zip(text.as_bytes().chunks(3)) {
        let [high, low, rest @ ..] = digits else { return None };
        if !matches!(rest, [] | [b':']) {
            return None;
        }
        let digit = |byte: &u8| {
            char::from(*byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        *octet = digit(high)? * 16 + digit(low)?;
    }
    Some(mac)
}

/// A link's header at the beginning of a text: its addresses and VLANs enter `header`. `None` where there is none.
pub fn read<'a>(text: &'a str, header: &mut Header) -> Option<Link<'a>> {
    // Linux's cooked links, version 2: `ifindex 2 02:42:ac:11:00:02 ethertype IPv4 (0x0800), length 80: `.
    let rest = match text.strip_prefix("ifindex ") {
        Some(rest) => word(rest).1,
        None => text,
    };
    let source = mac(rest);
    if source.is_none() && rest.len() == text.len() && !rest.starts_with("ethertype ") {
        return None;
    }
    let rest = if source.is_some() {
        rest.get(17..).unwrap_or("")
    } else {
        rest
    };
    let rest = skip_vendor(rest.trim_start());
    let (destination, rest) = match rest.strip_prefix("> ") {
        Some(rest) => {
            let destination = mac(rest);
            let skipped = if rest.starts_with("Broadcast") { 9 } else { 17 };
            let rest = rest.get(skipped..).unwrap_or("");
            (destination, skip_vendor(rest.trim_start()))
        }
        None => (None, rest),
    };
    if let Some(source) = source {
        header.link = Some((source, destination));
    }
    let rest = rest
        .strip_prefix(", ")
        .or_else(|| rest.strip_prefix(','))
        .unwrap_or(rest);
    // A switch's tag may stand between.
    let (mut protocol, mut payload) = split(rest).or_else(|| {
        let at = rest.find(", ethertype ")?;
        split(rest.get(at + 2..)?)
    })?;
    // `802.1Q (0x8100), length 64: vlan 200, p 0, ethertype ARP (0x0806), Request …`.
    while let Some(tag) = payload.strip_prefix("vlan ") {
        header
            .vlans
            .push(any_number(tag).and_then(|id| u16::try_from(id).ok())?);
        let Some((_, rest)) = tag.split_once(", ") else { break };
        // Priority and DEI.
        let rest = match rest.strip_prefix("p ") {
            Some(priority) => priority.split_once(", ").map_or("", |(_, rest)| rest),
            None => rest,
        };
        let rest = rest.strip_prefix("DEI, ").unwrap_or(rest);
        match split(rest) {
            Some((inner, rest)) => (protocol, payload) = (inner, rest),
            None => payload = rest,
        }
    }
    Some(Link { protocol, payload })
}

/// Without `-n`: `(oui Unknown) `.
fn skip_vendor(text: &str) -> &str {
    match text.strip_prefix("(oui ") {
        Some(rest) => rest
            .split_once(')')
            .map_or("", |(_, rest)| rest.trim_start_matches(' ')),
        None => text,
    }
}

/// `ethertype IPv4 (0x0800), length 74: payload`, `ethertype IPv4 (0x0800), payload`, `IPv4, length 60: payload` (`-q`),
/// `802.3, length 38: LLC, …`: the protocol's name and what follows.
fn split(text: &str) -> Option<(&str, &str)> {
    let named = text.strip_prefix("ethertype ");
    let text = named.unwrap_or(text);
    let end = text.bytes().position(|byte| matches!(byte, b'(' | b',' | b':'))?;
    let protocol = text.get(..end)?.trim_end();
    let mut rest = text.get(end..)?;
    if rest.starts_with('(') && named.is_some() {
        rest = after_parentheses(rest)?;
    }
    if named.is_none() && !rest.starts_with(", length ") {
        return None;
    }
    let rest = rest.trim_start_matches([',', ' ']);
    let payload = match rest.strip_prefix("length ") {
        Some(length) => length
            .split_once(':')
            .map_or("", |(_, payload)| payload.trim_start_matches(' ')),
        None => rest.trim_start_matches([':', ' ']),
    };
    Some((protocol, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Header, String, String) {
        let mut header = Header::default();
        let link = read(text, &mut header).unwrap();
        (header, link.protocol.to_owned(), link.payload.to_owned())
    }

    #[test]
    fn headers_are_read() {
        let (header, protocol, payload) = of(
            "0a:1b:2c:3d:4e:5f > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 74: 10.0.0.5.1 > 10.0.0.6.2: UDP, length 32",
        );
        assert_eq!(
            header.link,
            Some(([0x0a, 0x1b, 0x2c, 0x3d, 0x4e, 0x5f], Some([2, 0, 0, 0, 0, 2])))
        );
        assert_eq!(
            (protocol.as_str(), payload.as_str()),
            ("IPv4", "10.0.0.5.1 > 10.0.0.6.2: UDP, length 32")
        );
        let (header, protocol, payload) = of(
            "00:20:d2:5a:fb:3f > ff:ff:ff:ff:ff:ff, ethertype 802.1Q-QinQ (0x88a8), length 64: vlan 200, p 0, ethertype 802.1Q (0x8100), vlan 2001, p 0, ethertype ARP (0x0806), Request who-has 10.0.0.1 tell 10.0.0.2, length 42",
        );
        assert_eq!(header.vlans, [200, 2001]);
        assert_eq!(
            (protocol.as_str(), payload.starts_with("Request who-has")),
            ("ARP", true)
        );
        let (header, protocol, _) = of(
            "ifindex 3 0a:58:0a:f4:00:01 ethertype IPv4 (0x0800), length 80: 10.0.0.5.1 > 10.0.0.6.2: UDP, length 32",
        );
        assert_eq!(
            (header.link, protocol.as_str()),
            (Some(([0x0a, 0x58, 0x0a, 0xf4, 0, 1], None)), "IPv4")
        );
        let (_, protocol, payload) = of(
            "02:00:00:00:00:01 (oui Unknown) > Broadcast, ethertype ARP (0x0806), length 42: Request who-has a tell b",
        );
        assert_eq!(
            (protocol.as_str(), payload.as_str()),
            ("ARP", "Request who-has a tell b")
        );
        let (_, protocol, payload) =
            of("02:00:00:00:00:01 > 02:00:00:00:00:02, IPv4, length 60: 10.0.0.1.2 > 10.0.0.2.80: tcp 0");
        assert_eq!(
            (protocol.as_str(), payload.as_str()),
            ("IPv4", "10.0.0.1.2 > 10.0.0.2.80: tcp 0")
        );
        for text in ["10.0.0.1.2 > 10.0.0.2.80: tcp 0", "IP 10.0.0.1 > 10.0.0.2: x", ""] {
            assert!(read(text, &mut Header::default()).is_none(), "{text}");
        }
    }
}
