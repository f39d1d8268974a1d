//! The same world in IPv6: what is made up is made up of IPv4, and each address becomes one of IPv6, octet by octet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Which family a world speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    Four,
    /// IPv6.
    Six,
}

impl Family {
    /// The address in this family: `10.42.1.7` is `fd00:a:2a:1::7`.
    pub fn address(self, address: Ipv4Addr) -> IpAddr {
        match (self, address.octets()) {
            (Self::Four, _) => address.into(),
            (_, [127, ..]) => Ipv6Addr::LOCALHOST.into(),
            (_, [0, ..]) => Ipv6Addr::UNSPECIFIED.into(),
            // The pods' gateway.
            (_, [169, ..]) => Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1).into(),
            (_, [a, b, c, d]) => {
                let [a, b, c, d] = [a, b, c, d].map(u16::from);
                Ipv6Addr::new(0xfd00, a, b, c, 0, 0, 0, d).into()
            }
        }
    }

    /// The address and the port in this family.
    pub fn socket(self, socket: SocketAddr) -> SocketAddr {
        match socket.ip() {
            IpAddr::V4(address) => SocketAddr::new(self.address(address), socket.port()),
            IpAddr::V6(_) => socket,
        }
    }

    /// A program's name: `ip6tables-legacy-save` of `iptables-legacy-save`.
    pub fn program(self, name: &str) -> String {
        match self {
            Self::Four => name.to_owned(),
            Self::Six => name.replacen("iptables", "ip6tables", 1),
        }
    }

    /// A text with its addresses, blocks and sockets in this family, and the words that name a family.
    pub fn text(self, text: &str) -> String {
        if self == Self::Four {
            return text.to_owned();
        }
        let mut all = String::new();
        let mut rest = text;
        while let Some(first) = rest.find(|letter: char| letter.is_ascii_digit()) {
            let inside =
                rest[..first].ends_with(|before: char| before.is_ascii_alphanumeric() || "._:[".contains(before));
            let end = rest[first..]
                .find(|letter: char| !(letter.is_ascii_digit() || letter == '.'))
                .map_or(rest.len(), |length| first + length);
            all.push_str(&rest[..first]);
            let word = &rest[first..end];
            rest = &rest[end..];
            match word.parse::<Ipv4Addr>() {
                Ok(Ipv4Addr::BROADCAST) => all.push_str("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                Ok(address) if !inside => rest = self.put(&mut all, address, rest),
                _ => all.push_str(word),
            }
        }
        all.push_str(rest);
        for (four, six) in [
            ("icmp-port-unreachable", "icmp6-port-unreachable"),
            ("table ip ", "table ip6 "),
            ("ip daddr", "ip6 daddr"),
            ("ip saddr", "ip6 saddr"),
            ("ip protocol", "ip6 nexthdr"),
            ("ipv4_addr", "ipv6_addr"),
            ("nfproto ipv6", "nfproto ipv4"),
        ] {
            all = all.replace(four, six);
        }
        all
    }

    /// One address and what belongs to it. Returns the text behind it.
    fn put<'t>(self, all: &mut String, address: Ipv4Addr, rest: &'t str) -> &'t str {
        let number = |text: &'t str| {
            let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
            (text[..end].parse::<u8>().ok(), &text[end..])
        };
        let six = self.address(address);
        if let Some((Some(bits), rest)) = rest.strip_prefix('/').map(number) {
            let bits = match (address.octets()[0], bits) {
                (127, _) | (_, 32) => 128,
                (_, bits @ 25..) => 96 + bits,
                // The first group stands for all of them.
                (_, bits) => 16 + 2 * bits,
            };
            all.extend([six.to_string(), format!("/{bits}")]);
            return rest;
        }
        let has_port = rest
            .strip_prefix(':')
            .is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
        let address = if has_port { format!("[{six}]") } else { six.to_string() };
        all.push_str(&address);
        rest
    }
}
