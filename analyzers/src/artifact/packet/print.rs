//! A packet as a line, so that its facts have a line to cite: our words, kept close to what `tcpdump -nn -tttt -v` prints, on one line
//! and with what the packet's facts hold. What a link's own addresses tell ends at the next hop, and they would be a third of the text,
//! so that they are printed for VLANs and for other protocols than IP only.

use std::fmt::Write as _;
use std::net::IpAddr;

use super::Decoded;
use crate::artifact::{
    Arp, Direction, DnsMessage, DnsRecord, Endpoint, Icmp, IpHeader, Mac, TcpFlags, TcpOptions, TcpSegment, Transport,
    Tunnel, TunnelKind,
};

/// A text that lines are added to.
#[derive(Debug, Default)]
pub struct Line(pub String);

/// Adds a packet's line, without its ending. `length`: of the packet as it was sent.
pub fn print(out: &mut Line, time: Option<i64>, interface: Option<&str>, length: usize, decoded: &Decoded) {
    if let Some(time) = time {
        out.time(time);
    }
    if let Some(interface) = interface {
        out.text(interface);
        out.text(" ");
    }
    match decoded.direction {
        Some(direction) => out.text(match direction {
            Direction::In => "In  ",
            Direction::Out => "Out ",
            Direction::Broadcast => "B   ",
            Direction::Multicast => "M   ",
            Direction::Other => "P   ",
        }),
        None if interface.is_some() => out.text("?   "),
        None => {}
    }
    let link = !decoded.header.vlans.is_empty() || decoded.ends.is_none() && decoded.arp.is_none();
    if link {
        out.link(decoded, length);
    }
    if let Some(ends) = decoded.ends {
        for tunnel in &decoded.header.tunnels {
            out.tunnel(tunnel);
        }
        let v4 = ends.0.address.is_ipv4();
        if !link || !decoded.header.tunnels.is_empty() {
            out.text(if v4 { "IP " } else { "IP6 " });
        }
        if let Some(header) = decoded.ip {
            out.header(header, v4);
        }
        out.ends(&ends);
        if let Some(transport) = &decoded.transport {
            out.transport(transport, decoded.length);
        }
    } else if let Some(arp) = &decoded.arp {
        if !link {
            out.text("ARP, ");
        }
        out.arp(arp, decoded.length);
    } else if let Some(protocol) = decoded.protocol {
        out.text(protocol);
        if !link {
            let _ = write!(out.0, ", length {length}");
        }
    } else {
        out.text("[cut before its addresses]");
    }
}

impl Line {
    fn text(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// A number; `write!` is too slow for every field of a million packets.
    fn number(&mut self, number: impl Into<u64>) {
        let mut number = number.into();
        let mut digits = [0_u8; 20];
        let mut at = digits.len();
        for place in digits.iter_mut().rev() {
            *place = b'0' + u8::try_from(number % 10).unwrap_or(0);
            number /= 10;
            at -= 1;
            if number == 0 {
                break;
            }
        }
        if let Some(text) = digits.get(at..).and_then(|digits| std::str::from_utf8(digits).ok()) {
            self.0.push_str(text);
        }
    }

    /// A number in so many places.
    fn padded(&mut self, number: u64, places: usize) {
        let mut digits = [b'0'; 8];
        let mut number = number;
        for place in digits.iter_mut().rev() {
            *place = b'0' + u8::try_from(number % 10).unwrap_or(0);
            number /= 10;
        }
        if let Some(text) = digits
            .get(digits.len().saturating_sub(places)..)
            .and_then(|digits| std::str::from_utf8(digits).ok())
        {
            self.0.push_str(text);
        }
    }

    /// `2024-05-01 10:00:00.000000 `, in UTC.
    fn time(&mut self, micros: i64) {
        let (seconds, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let part = |number: i64| u64::try_from(number).unwrap_or(0);
        for (number, places, after) in [
            (year, 4, "-"),
            (month, 2, "-"),
            (day, 2, " "),
            (second / 3600, 2, ":"),
            (second / 60 % 60, 2, ":"),
            (second % 60, 2, "."),
            (fraction, 6, " "),
        ] {
            self.padded(part(number), places);
            self.text(after);
        }
    }

    fn mac(&mut self, mac: Mac) {
        for (index, byte) in mac.iter().enumerate() {
            if index > 0 {
                self.text(":");
            }
            let _ = write!(self.0, "{byte:02x}");
        }
    }

    fn link(&mut self, decoded: &Decoded, length: usize) {
        let Some((source, destination)) = decoded.link else {
            return;
        };
        self.mac(source);
        if let Some(destination) = destination {
            self.text(" > ");
            self.mac(destination);
            self.text(",");
        }
        let Some(kind) = decoded.ethertype else { return };
        let mut name = match kind {
            0x0800 => "IPv4",
            0x86dd => "IPv6",
            _ => decoded.protocol.unwrap_or("Unknown"),
        };
        let mut number = kind;
        if !decoded.header.vlans.is_empty() {
            (name, number) = ("802.1Q", 0x8100);
        }
        let _ = write!(self.0, " ethertype {name} (0x{number:04x}), length {length}: ");
        for (index, vlan) in decoded.header.vlans.iter().enumerate() {
            let last = index + 1 == decoded.header.vlans.len();
            let (name, number) = match (last, kind) {
                (false, _) => ("802.1Q", 0x8100),
                (true, 0x0800) => ("IPv4", kind),
                (true, 0x86dd) => ("IPv6", kind),
                (true, _) => (decoded.protocol.unwrap_or("Unknown"), kind),
            };
            let _ = write!(self.0, "vlan {vlan}, p 0, ethertype {name} (0x{number:04x}), ");
        }
    }

    fn tunnel(&mut self, tunnel: &Tunnel) {
        self.text(if tunnel.source.address.is_ipv4() { "IP " } else { "IP6 " });
        self.ends(&(tunnel.source, tunnel.destination));
        let id = tunnel.id.unwrap_or(0);
        let _ = match tunnel.kind {
            TunnelKind::Vxlan => write!(self.0, "VXLAN, flags [I] (0x08), vni {id}: "),
            TunnelKind::Geneve => write!(self.0, "Geneve, Flags [none], vni {id}: "),
            TunnelKind::Gre => match tunnel.id {
                Some(id) => write!(self.0, "GREv0, key={id}: "),
                None => write!(self.0, "GREv0: "),
            },
            TunnelKind::Ip | TunnelKind::Other => Ok(()),
        };
    }

    fn header(&mut self, header: IpHeader, v4: bool) {
        self.text("(");
        if header.tos > 0 {
            let _ = write!(self.0, "{} 0x{:x}, ", if v4 { "tos" } else { "class" }, header.tos);
        }
        self.text(if v4 { "ttl " } else { "hlim " });
        self.number(header.ttl);
        if let Some(id) = header.id {
            self.text(", id ");
            self.number(id);
        }
        if header.offset > 0 {
            self.text(", offset ");
            self.number(header.offset);
        }
        match (header.more_fragments, header.dont_fragment) {
            (false, false) => {}
            (true, false) => self.text(", flags [+]"),
            (false, true) => self.text(", flags [DF]"),
            (true, true) => self.text(", flags [+, DF]"),
        }
        self.text(if v4 { ", length " } else { ", payload length " });
        self.number(header.length);
        self.text(") ");
    }

    fn ends(&mut self, ends: &(Endpoint, Endpoint)) {
        self.end(ends.0);
        self.text(" > ");
        self.end(ends.1);
        self.text(": ");
    }

    fn end(&mut self, end: Endpoint) {
        match end.address {
            IpAddr::V4(address) => {
                let [a, b, c, d] = address.octets();
                self.number(a);
                self.text(".");
                self.number(b);
                self.text(".");
                self.number(c);
                self.text(".");
                self.number(d);
            }
            IpAddr::V6(address) => {
                let _ = write!(self.0, "{address}");
            }
        }
        if let Some(port) = end.port {
            self.text(".");
            self.number(port);
        }
    }

    fn transport(&mut self, transport: &Transport, length: usize) {
        match transport {
            Transport::Tcp(segment) => self.tcp(segment),
            Transport::Udp(length) => {
                self.text("UDP, length ");
                self.number(*length as u64);
            }
            Transport::Dns(message) => {
                if let Some(segment) = &message.tcp {
                    self.tcp(segment);
                    self.text(" ");
                }
                self.dns(message, length);
            }
            Transport::Icmp(icmp) => self.icmp(icmp, length),
            Transport::Other(name) => {
                self.text(name);
                self.text(", length ");
                self.number(length as u64);
            }
        }
    }

    fn tcp(&mut self, segment: &TcpSegment) {
        self.text("Flags [");
        self.flags(segment.flags);
        self.text("]");
        if let Some(seq) = segment.seq {
            self.text(", seq ");
            self.number(seq);
            if segment.len > 0 {
                self.text(":");
                self.number(seq.wrapping_add(u32::try_from(segment.len).unwrap_or(0)));
            }
        }
        if let Some(ack) = segment.ack {
            self.text(", ack ");
            self.number(ack);
        }
        if let Some(window) = segment.window {
            self.text(", win ");
            self.number(window);
        }
        if let Some(options) = &segment.options {
            self.options(options);
        }
        self.text(", length ");
        self.number(segment.len as u64);
    }

    fn flags(&mut self, flags: TcpFlags) {
        let mut any = false;
        for (set, letter) in [
            (flags.fin, 'F'),
            (flags.syn, 'S'),
            (flags.rst, 'R'),
            (flags.psh, 'P'),
            (flags.ack, '.'),
            (flags.urg, 'U'),
            (flags.ece, 'E'),
            (flags.cwr, 'W'),
            (flags.ae, 'e'),
        ] {
            if set {
                self.0.push(letter);
                any = true;
            }
        }
        if !any {
            self.text("none");
        }
    }

    fn options(&mut self, options: &TcpOptions) {
        self.text(", options [");
        let mut between = "";
        if let Some(mss) = options.mss {
            self.text("mss ");
            self.number(mss);
            between = ",";
        }
        if options.sack_ok {
            self.text(between);
            self.text("sackOK");
            between = ",";
        }
        if let Some((value, echo)) = options.timestamps {
            self.text(between);
            self.text("TS val ");
            self.number(value);
            self.text(" ecr ");
            self.number(echo);
            between = ",";
        }
        if let Some(scale) = options.wscale {
            self.text(between);
            self.text("wscale ");
            self.number(scale);
            between = ",";
        }
        if !options.sack.is_empty() {
            self.text(between);
            self.text("sack ");
            self.number(options.sack.len() as u64);
            self.text(" ");
            for (first, last) in &options.sack {
                self.text("{");
                self.number(*first);
                self.text(":");
                self.number(*last);
                self.text("}");
            }
        }
        self.text("]");
    }

    fn icmp(&mut self, icmp: &Icmp, length: usize) {
        self.text(if icmp.v6 { "ICMP6, " } else { "ICMP " });
        self.text(&icmp.message);
        self.text(", length ");
        self.number(length as u64);
        // What `-v` prints on two lines below.
        if let Some(quoted) = icmp.quoted
            && let (Some(source), Some(destination)) = (quoted.source, quoted.destination)
        {
            self.text(", quotes ");
            if let Some(protocol) = quoted.protocol {
                self.text("proto ");
                self.number(protocol);
                self.text(" ");
            }
            self.end(source);
            self.text(" > ");
            self.end(destination);
        }
    }

    fn dns(&mut self, message: &DnsMessage, length: usize) {
        self.number(message.id);
        if let Some(opcode) = message.operation() {
            self.text(" ");
            self.text(opcode);
        }
        if let Some(code) = message.rcode.as_deref().filter(|code| *code != "NOERROR") {
            self.text(" ");
            self.text(printed_code(code));
        }
        for (set, mark) in [
            (message.recursion_desired, '+'),
            (message.checking_disabled, '%'),
            (message.authoritative, '*'),
            (message.response && !message.recursion_available, '-'),
            (message.truncated, '|'),
            (message.authenticated, '$'),
        ] {
            if set {
                self.0.push(mark);
            }
        }
        if let (Some(name), Some(qtype)) = (&message.name, &message.qtype) {
            self.text(if message.response { " q: " } else { " " });
            self.text(qtype);
            self.text("? ");
            self.name(name);
        }
        if let Some((answers, authorities, additionals)) = message.counts {
            self.text(" ");
            self.number(answers);
            self.text("/");
            self.number(authorities);
            self.text("/");
            self.number(additionals);
        }
        self.records("", message.answers());
        self.records(" ns:", message.authority());
        self.records(" ar:", message.additional());
        if let Some(edns) = message.edns {
            self.text(if message.additional().is_empty() {
                " ar: . OPT UDPsize="
            } else {
                ", . OPT UDPsize="
            });
            self.number(edns.udp_size);
            if edns.dnssec_ok {
                self.text(" DO");
            }
        }
        if message.cut {
            self.text(" [|domain]");
        }
        self.text(" (");
        self.number(length as u64);
        self.text(")");
    }

    fn name(&mut self, name: &str) {
        self.text(name);
        if name != "." {
            self.text(".");
        }
    }

    fn records(&mut self, before: &str, records: &[DnsRecord]) {
        for (index, record) in records.iter().enumerate() {
            self.text(if index == 0 { before } else { "," });
            self.text(" ");
            if let Some(name) = &record.name {
                self.name(name);
                self.text(" ");
            }
            if let Some(ttl) = record.ttl {
                self.text("[");
                self.number(ttl);
                self.text("s] ");
            }
            self.text(&record.rtype);
            if !record.data.is_empty() {
                self.text(" ");
                self.text(&record.data);
            }
        }
    }

    fn arp(&mut self, arp: &Arp, length: usize) {
        let address = |address: Option<IpAddr>| address.map_or_else(|| "?".to_owned(), |address| address.to_string());
        match arp.operation {
            1 => {
                let _ = write!(
                    self.0,
                    "Request who-has {} tell {}",
                    address(arp.target),
                    address(arp.sender)
                );
            }
            2 => {
                let _ = write!(self.0, "Reply {} is-at ", address(arp.sender));
                if let Some(mac) = arp.mac {
                    self.mac(mac);
                }
            }
            other => {
                let _ = write!(self.0, "Unknown ({other})");
            }
        }
        self.text(", length ");
        self.number(length as u64);
    }
}

/// A code as `ns_resp` in print-domain.c writes it.
fn printed_code(code: &str) -> &str {
    match code {
        "FORMERR" => "FormErr",
        "SERVFAIL" => "ServFail",
        "NXDOMAIN" => "NXDomain",
        "NOTIMP" => "NotImp",
        "REFUSED" => "Refused",
        "YXDOMAIN" => "YXDomain",
        "YXRRSET" => "YXRRSet",
        "NXRRSET" => "NXRRSet",
        "NOTAUTH" => "NotAuth",
        "NOTZONE" => "NotZone",
        "NOCHANGE" => "NoChange",
        "BADVERS" => "BadVers",
        "BADCOOKIE" => "BadCookie",
        other => other.strip_prefix("RESP").map_or(other, |_| other),
    }
}

/// Year, month and day of the days since 1970-01-01, in the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Eras of 400 years, which begin in March, so that the leap day is the last.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 {
        (year, month + 3)
    } else {
        (year + 1, month - 9)
    };
    (year + era * 400, month, day)
}

#[cfg(test)]
mod tests {
    use super::{Line, civil};

    #[test]
    fn times_are_dates() {
        for (micros, expected) in [
            (0, "1970-01-01 00:00:00.000000 "),
            // `date -u -d @1714521600`
            (1_714_521_600_000_001, "2024-05-01 00:00:00.000001 "),
            (951_782_400_000_000, "2000-02-29 00:00:00.000000 "),
        ] {
            let mut line = Line::default();
            line.time(micros);
            assert_eq!(line.0, expected);
        }
        assert_eq!(civil(-1), (1969, 12, 31));
    }

    #[test]
    fn numbers_are_written() {
        let mut line = Line::default();
        for number in [0_u64, 7, 10, 4_294_967_295, u64::MAX] {
            line.number(number);
            line.text(" ");
        }
        assert_eq!(line.0, "0 7 10 4294967295 18446744073709551615 ");
    }
}
