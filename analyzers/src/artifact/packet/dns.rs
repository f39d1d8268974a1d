//! DNS messages (RFC 1035, RFC 6891), with data in the words of print-domain.c of the-tcpdump-group/tcpdump.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::bytes::{u8_at, u16_at, u32_at};
use crate::artifact::{DnsMessage, DnsRecord, Edns, Mnemonic};

/// A message that is being read.
struct Reader<'a> {
    data: &'a [u8],
    at: usize,
    /// How many bytes of names may still be made: pointers let a small message name much.
    names: usize,
}

/// A message. `None` where its header is not there.
pub fn read(data: &[u8]) -> Option<Box<DnsMessage>> {
    let (id, flags) = (u16_at(data, 0)?, u16_at(data, 2)?);
    let (questions, answers) = (u16_at(data, 4)?, u16_at(data, 6)?);
    let (authorities, additionals) = (u16_at(data, 8)?, u16_at(data, 10)?);
    let response = flags & 0x8000 != 0;
    let mut message = Box::new(DnsMessage {
        id,
        response,
        opcode: (flags >> 11 & 15) as u8,
        rcode: response.then(|| code(flags & 15)),
        counts: response.then_some((answers, authorities, additionals)),
        truncated: response && flags & 0x0200 != 0,
        authoritative: response && flags & 0x0400 != 0,
        recursion_desired: !response && flags & 0x0100 != 0,
        recursion_available: response && flags & 0x0080 != 0,
        authenticated: response && flags & 0x0020 != 0,
        checking_disabled: !response && flags & 0x0010 != 0,
        ..DnsMessage::default()
    });
    let mut reader = Reader {
        data,
        at: 12,
        names: data.len() * 4 + 1024,
    };
    if reader
        .sections(questions, [answers, authorities, additionals], &mut message)
        .is_none()
    {
        message.cut = true;
    }
    Some(message)
}

impl Reader<'_> {
    fn sections(&mut self, questions: u16, records: [u16; 3], message: &mut DnsMessage) -> Option<()> {
        for index in 0..questions {
            let name = self.name()?;
            let kind = self.u16()?;
            self.u16()?;
            if index == 0 {
                message.name = Some(compared(&name));
                message.qtype = Some(type_name(kind));
            }
        }
        let [answers, authorities, additionals] = records;
        self.section(answers, 0, message)?;
        self.section(authorities, 1, message)?;
        self.section(additionals, 2, message)
    }

    fn section(&mut self, count: u16, which: u8, message: &mut DnsMessage) -> Option<()> {
        for _ in 0..count {
            let name = self.name()?;
            let kind = self.u16()?;
            let class = self.u16()?;
            let ttl = self.u32()?;
            let len = usize::from(self.u16()?);
            let end = self.at.checked_add(len)?;
            if kind == 41 {
                // The class is the size, the time to live holds more flags (RFC 6891, section 6.1.3).
                message.edns = Some(Edns {
                    udp_size: class,
                    dnssec_ok: ttl & 0x8000 != 0,
                });
                let extended = (ttl >> 24) as u16;
                if extended > 0
                    && message.response
                    && let Some(low) = u16_at(self.data, 2)
                {
                    message.rcode = Some(code(extended << 4 | low & 15));
                }
            } else {
                let data = self.rdata(kind, end);
                if end > self.data.len() {
                    return None;
                }
                let record = DnsRecord {
                    name: Some(compared(&name)),
                    ttl: Some(ttl),
                    rtype: type_name(kind),
                    data: data.unwrap_or_default(),
                };
                let records = message.records.get_or_insert_default();
                match which {
                    0 => records.answers.push(record),
                    1 => records.authority.push(record),
                    _ => records.additional.push(record),
                }
            }
            self.at = end;
        }
        Some(())
    }

    /// The data of the types that tcpdump prints.
    fn rdata(&mut self, kind: u16, end: usize) -> Option<String> {
        let data = self.data;
        let at = self.at;
        Some(match kind {
            1 => Ipv4Addr::from(u32_at(data, at)?).to_string(),
            28 => Ipv6Addr::from(*data.get(at..)?.first_chunk::<16>()?).to_string(),
            // NS, CNAME, PTR, DNAME.
            2 | 5 | 12 | 39 => self.name()?,
            15 => {
                let preference = self.u16()?;
                format!("{} {preference}", self.name()?)
            }
            33 => {
                let (priority, weight, port) = (self.u16()?, self.u16()?, self.u16()?);
                format!("{}:{port} {priority} {weight}", self.name()?)
            }
            6 => {
                let (server, mail) = (self.name()?, self.name()?);
                let mut text = format!("{server} {mail}");
                for _ in 0..5 {
                    let _ = write!(text, " {}", self.u32()?);
                }
                text
            }
            16 => {
                let mut texts = Vec::new();
                while self.at < end {
                    let len = usize::from(u8_at(data, self.at)?);
                    let text = data.get(self.at + 1..(self.at + 1 + len).min(end))?;
                    texts.push(format!("\"{}\"", shown(text)));
                    self.at += 1 + len;
                }
                texts.join(" ")
            }
            _ => return None,
        })
    }

    fn u16(&mut self) -> Option<u16> {
        let value = u16_at(self.data, self.at)?;
        self.at += 2;
        Some(value)
    }

    fn u32(&mut self) -> Option<u32> {
        let value = u32_at(self.data, self.at)?;
        self.at += 4;
        Some(value)
    }

    /// A name with its dot at the end (RFC 1035, section 4.1.4). A pointer points back, so that no two go in a circle.
    fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        let (mut at, mut followed) = (self.at, false);
        loop {
            let len = u8_at(self.data, at)?;
            match len >> 6 {
                0 if len == 0 => {
                    at += 1;
                    break;
                }
                0 => {
                    let label = self.data.get(at + 1..at + 1 + usize::from(len))?;
                    self.names = self.names.checked_sub(label.len() + 1)?;
                    push_shown(&mut name, label);
                    name.push('.');
                    at += 1 + usize::from(len);
                }
                3 => {
                    let target = usize::from(u16_at(self.data, at)? & 0x3fff);
                    if !followed {
                        self.at = at + 2;
                        followed = true;
                    }
                    if target >= at {
                        return None;
                    }
                    at = target;
                    self.names = self.names.checked_sub(1)?;
                }
                _ => return None,
            }
            if name.len() > 1024 {
                return None;
            }
        }
        if !followed {
            self.at = at;
        }
        if name.is_empty() {
            name.push('.');
        }
        Some(name)
    }
}

fn compared(name: &str) -> std::sync::Arc<str> {
    crate::artifact::tcpdump::dns::name(name)
}

fn shown(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    push_shown(&mut text, bytes);
    text
}

/// As tcpdump shows what is no character (`fn_print_char` in util-print.c): `^A`, `M-x`.
fn push_shown(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let mut low = *byte;
        if low >= 0x80 {
            text.push_str("M-");
            low &= 0x7f;
        }
        if low.is_ascii_control() {
            text.push('^');
            low ^= 0x40;
        }
        text.push(char::from(low));
    }
}

/// `ns_resp` in print-domain.c, in capitals.
fn code(code: u16) -> Mnemonic {
    Mnemonic::Borrowed(match code {
        0 => "NOERROR",
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        6 => "YXDOMAIN",
        7 => "YXRRSET",
        8 => "NXRRSET",
        9 => "NOTAUTH",
        10 => "NOTZONE",
        15 => "NOCHANGE",
        16 => "BADVERS",
        23 => "BADCOOKIE",
        _ => return format!("RESP{code}").into(),
    })
}

/// `ns_type2str` in print-domain.c; others as `Type` and their number.
fn type_name(kind: u16) -> Mnemonic {
    Mnemonic::Borrowed(match kind {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        12 => "PTR",
        13 => "HINFO",
        15 => "MX",
        16 => "TXT",
        17 => "RP",
        24 => "SIG",
        25 => "KEY",
        28 => "AAAA",
        29 => "LOC",
        33 => "SRV",
        35 => "NAPTR",
        39 => "DNAME",
        41 => "OPT",
        43 => "DS",
        44 => "SSHFP",
        46 => "RRSIG",
        47 => "NSEC",
        48 => "DNSKEY",
        50 => "NSEC3",
        51 => "NSEC3PARAM",
        52 => "TLSA",
        64 => "SVCB",
        65 => "HTTPS",
        99 => "SPF",
        249 => "TKEY",
        250 => "TSIG",
        251 => "IXFR",
        252 => "AXFR",
        255 => "ANY",
        256 => "URI",
        257 => "CAA",
        _ => return format!("Type{kind}").into(),
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    /// An answer of a cluster's resolver with a pointer to its question.
    fn answer() -> Vec<u8> {
        let mut bytes = vec![0x12, 0x34, 0x84, 0x80, 0, 1, 0, 1, 0, 0, 0, 1];
        bytes.extend(b"\x03API\x04shop\x00\x00\x01\x00\x01");
        bytes.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 172, 20, 5, 9]);
        bytes.extend([0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 0]);
        bytes
    }

    #[test]
    fn an_answer_is_read() {
        let message = read(&answer()).unwrap();
        assert_eq!(
            (message.id, message.name.as_deref(), message.rcode.as_deref()),
            (0x1234, Some("api.shop"), Some("NOERROR"))
        );
        assert!(message.response && message.authoritative && message.recursion_available && !message.cut);
        let record = &message.answers()[0];
        assert_eq!(
            (record.name.as_deref(), record.ttl, record.data.as_str()),
            (Some("api.shop"), Some(30), "172.20.5.9")
        );
        let edns = message.edns.unwrap();
        assert!(edns.udp_size == 1232 && edns.dnssec_ok);
    }

    #[test]
    fn a_cut_message_shows_what_is_there() {
        let bytes = answer();
        for len in 12..bytes.len() {
            let message = read(&bytes[..len]).unwrap();
            assert!(message.cut, "{len}");
            assert_eq!(message.answers().len(), usize::from(len >= 42), "{len}");
        }
        assert!(read(&bytes[..11]).is_none());
    }

    #[test]
    fn pointers_in_a_circle_end() {
        let mut bytes = vec![0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        bytes.extend([0xc0, 12, 0, 1, 0, 1]);
        assert!(read(&bytes).unwrap().cut);
        bytes[13] = 200;
        assert!(read(&bytes).unwrap().cut);
    }
}
