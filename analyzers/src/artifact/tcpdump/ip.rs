//! IP's header as `-v` prints it: `ip_print` in print-ip.c and `ip6_print` in print-ip6.c of the-tcpdump-group/tcpdump.

use super::text::{after_brackets, after_parentheses, any_number};
use crate::artifact::IpHeader;

/// What stands before the addresses.
pub struct Printed<'a> {
    /// The header's fields.
    pub header: Option<IpHeader>,
    /// The number of the protocol that follows.
    pub protocol: Option<u8>,
    /// From the addresses on; empty where they stand on the next line.
    pub rest: &'a str,
}

/// What follows `IP ` or `IP6 `.
pub fn read(text: &str) -> Printed<'_> {
    let mut printed = Printed {
        header: None,
        protocol: None,
        rest: text.trim_start_matches(' '),
    };
    // Notes come before the parenthesis and after it: `[total length 60 > length 48] (invalid) `, `truncated-ip - 20 bytes missing! `,
    // `[real length 80122, presumed BIG TCP] `.
    for _ in 0..6 {
        let text = printed.rest;
        let Some(first) = text.bytes().next() else { break };
        let after = match first {
            b'(' => {
                let after = after_parentheses(text).unwrap_or("");
                let inside = text.get(1..text.len() - after.len()).unwrap_or("");
                if inside != "invalid)" {
                    fields(inside.strip_suffix(')').unwrap_or(inside), &mut printed);
                }
                Some(after)
            }
            b'[' => after_brackets(text),
            b't' if text.starts_with("truncated-ip") => text.split_once("missing! ").map(|(_, after)| after),
            b'b' if text.starts_with("bad-len ") || text.starts_with("bad-hlen ") => None,
            _ => None,
        };
        let Some(after) = after else { break };
        printed.rest = after.trim_start_matches([' ', ',']);
    }
    printed
}

fn fields(text: &str, printed: &mut Printed<'_>) {
    let mut header = IpHeader::default();
    for field in text.split(", ") {
        let (name, value) = field.split_once(' ').unwrap_or((field, ""));
        match name {
            "tos" | "class" => header.tos = byte(value),
            "ttl" | "hlim" => header.ttl = byte(value),
            "id" => header.id = any_number(value).and_then(|id| u16::try_from(id).ok()),
            "offset" => header.offset = any_number(value).unwrap_or(0),
            // `DF`, `+` (more fragments), `+, DF` cut at the comma.
            "flags" => {
                header.dont_fragment = value.contains("DF");
                header.more_fragments = value.contains('+');
            }
            "DF]" => header.dont_fragment = true,
            "proto" | "next-header" => {
                printed.protocol = value
                    .rsplit_once('(')
                    .and_then(|(_, number)| any_number(number))
                    .or_else(|| any_number(value))
                    .and_then(|number| u8::try_from(number).ok());
            }
            "length" => header.length = any_number(value).unwrap_or(0),
            "payload" => header.length = value.strip_prefix("length ").and_then(any_number).unwrap_or(0),
            _ => {}
        }
    }
    printed.header = Some(header);
}

/// `0x2,ECT(0)`, `64`.
fn byte(value: &str) -> u8 {
    any_number(value)
        .and_then(|value| u8::try_from(value).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn headers_are_read() {
        let v4 = read(
            "(tos 0x2,ECT(0), ttl 63, id 30662, offset 1480, flags [+, DF], proto UDP (17), length 1500, options (RA), bad cksum cdf9 (->bdf9)!) 10.0.0.1 > 10.0.0.2: udp",
        );
        let header = v4.header.unwrap();
        assert_eq!(
            (header.ttl, header.ecn(), header.id, header.offset),
            (63, 2, Some(30_662), 1480)
        );
        assert!(header.dont_fragment && header.more_fragments);
        assert_eq!(
            (v4.protocol, header.length, v4.rest),
            (Some(17), 1500, "10.0.0.1 > 10.0.0.2: udp")
        );
        let v6 = read(
            "(flowlabel 0x48db8, hlim 61, next-header TCP (6), payload length 32) [real length 80122, presumed BIG TCP] fd00::2.1 > fd00::1.2: x",
        );
        assert_eq!((v6.header.unwrap().ttl, v6.protocol), (61, Some(6)));
        assert_eq!(v6.rest, "fd00::2.1 > fd00::1.2: x");
        assert_eq!(
            read("truncated-ip - 40 bytes missing! 10.0.0.1.1 > 10.0.0.2.2: x").rest,
            "10.0.0.1.1 > 10.0.0.2.2: x"
        );
        let next_line = read(
            "[total length 4419 > length 323] (invalid) (tos 0x0, ttl 64, id 1, offset 0, flags [DF], proto ICMP (1), length 4419)",
        );
        assert_eq!((next_line.rest, next_line.header.unwrap().length), ("", 4419));
    }
}
