//! DNS messages as tcpdump prints them: `domain_print` in print-domain.c of the-tcpdump-group/tcpdump.

use std::sync::Arc;

use super::text::{starts_with_digit, word};
use crate::artifact::{DnsMessage, DnsRecord, DnsRecords, Edns, Mnemonic};

/// How tcpdump prints response codes, without the flags after them (`ns_resp` in print-domain.c), and their names in IANA's registry;
/// the others are `Resp11` and so on.
const RCODES: [(&str, &str); 14] = [
    ("FormErr", "FORMERR"),
    ("ServFail", "SERVFAIL"),
    ("NXDomain", "NXDOMAIN"),
    ("NotImp", "NOTIMP"),
    ("Refused", "REFUSED"),
    ("YXDomain", "YXDOMAIN"),
    ("YXRRSet", "YXRRSET"),
    ("NXRRSet", "NXRRSET"),
    ("NotAuth", "NOTAUTH"),
    ("NotZone", "NOTZONE"),
    ("NoChange", "NOCHANGE"),
    ("BadVers", "BADVERS"),
    ("BadCookie", "BADCOOKIE"),
    ("NoError", "NOERROR"),
];

/// The types that are asked for and answered around a cluster; the others are kept as printed.
const TYPES: [&str; 12] = [
    "A", "AAAA", "CNAME", "PTR", "SRV", "HTTPS", "TXT", "MX", "NS", "SOA", "SVCB", "OPT",
];

/// A message, and the name that its first record answers to (printed with `-v`).
#[derive(Debug, PartialEq, Eq)]
pub struct Printed {
    /// The message.
    pub message: Box<DnsMessage>,
    /// The owner of the first record of the answer.
    pub owner: Option<Arc<str>>,
}

/// Reads a message: `12345+ A? example.com. (29)`, `12345 NXDomain*- 0/1/0 (101)`, `12345 q: A? a.example. 1/0/0 a.example. A 10.0.0.1 (61)`.
pub fn read(text: &str) -> Option<Printed> {
    let text = text.trim();
    let digits = text.bytes().take(6).take_while(u8::is_ascii_digit).count();
    let id = text.get(..digits)?.parse::<u16>().ok()?;
    let rest = text.get(digits..)?;
    let mut message = Box::new(DnsMessage {
        id,
        ..DnsMessage::default()
    });
    let mut rest = flags(rest, &mut message)?;
    let (mut known, mut question) = (false, false);
    // No message has more words before its records.
    for _ in 0..WORDS {
        let (first, after) = word(rest);
        if first.is_empty() {
            if after.is_empty() {
                break;
            }
        } else if first.starts_with('[') {
            // `[1au]`, `[2q]`, `[b2&3=0x182]`; an answer has its counts in another place.
            message.cut |= first == "[|domain]";
            known |= first.starts_with("[b2&3=") || first.get(1..).is_some_and(starts_with_digit);
        } else if let Some(counts) = counts(first) {
            message.counts = Some(counts);
            rest = after;
            known = true;
            break;
        } else if first == "q:" {
            message.response = true;
        } else if !question && (first.len() > 1 && first.ends_with('?') || next_is_class(first, after)) {
            rest = asked(first, after, &mut message)?;
            question = true;
            continue;
        } else if !question && code(first, &mut message) {
            known = true;
        } else if !question {
            return None;
        } else if first == "ar:" || first == "ns:" {
            break;
        }
        rest = after;
    }
    if !known && !question && message.opcode == 0 {
        return None;
    }
    // Answers alone have counts, a code, and the flags AA, no RA, TC and AD.
    message.response |= message.counts.is_some() || message.rcode.is_some();
    let owner = finish(&mut message, rest);
    Some(Printed { message, owner })
}

/// More words than any message has before its records.
const WORDS: usize = 64;

/// Takes the flags off that stand after the id or a code.
fn flags<'a>(text: &'a str, message: &mut DnsMessage) -> Option<&'a str> {
    let mut recursion = true;
    let mut len = 0;
    for byte in text.bytes() {
        match byte {
            b'+' => message.recursion_desired = true,
            b'%' => message.checking_disabled = true,
            b'*' => message.authoritative = true,
            b'-' => recursion = false,
            b'|' => message.truncated = true,
            b'$' => message.authenticated = true,
            _ => break,
        }
        message.response |= matches!(byte, b'*' | b'-' | b'|' | b'$');
        len += 1;
    }
    message.recursion_available = recursion;
    let rest = text.get(len..)?;
    (rest.is_empty() || rest.starts_with(' ')).then_some(rest)
}

/// `NXDomain*-`, `notify`, `update+`: a code or an operation, with the flags after it.
fn code(first: &str, message: &mut DnsMessage) -> bool {
    let bare = first.trim_end_matches(['*', '-', '|', '$', '+', '%']);
    if let Some(opcode) = DnsMessage::opcode_of(bare) {
        message.opcode = opcode;
    } else if let Some((_, code)) = RCODES.iter().find(|(printed, _)| *printed == bare) {
        message.rcode = Some(Mnemonic::Borrowed(code));
    } else if bare
        .strip_prefix("Resp")
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    {
        message.rcode = Some(bare.to_ascii_uppercase().into());
    } else {
        return false;
    }
    let suffix = first.get(bare.len()..).unwrap_or("");
    suffix.is_empty() && !message.response && !message.recursion_desired || flags(suffix, message).is_some()
}

/// `2/0/1`: how many records each section has.
fn counts(word: &str) -> Option<(u16, u16, u16)> {
    if !starts_with_digit(word) {
        return None;
    }
    let mut parts = word.split('/').map(|part| part.parse::<u16>().ok());
    let counts = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(counts)
}

/// `TXT CHAOS? version.bind.`, `A (QM)? printer.local.`, `Type507 (Class 769)?`: a class or mDNS's note stands after the type.
fn next_is_class(first: &str, after: &str) -> bool {
    if !is_type(first) {
        return false;
    }
    let class = after.strip_prefix("(Class ").unwrap_or(after);
    let class = word(class).0;
    class.len() > 1 && class.ends_with('?')
}

/// The question, from its type on; returns what follows the name.
fn asked<'a>(first: &'a str, after: &'a str, message: &mut DnsMessage) -> Option<&'a str> {
    message.qtype = Some(record_type(first.trim_end_matches('?')));
    let after = if first.ends_with('?') {
        after
    } else {
        after.split_once("? ").map_or("", |(_, after)| after)
    };
    let (first, mut rest) = word(after);
    if first.is_empty() || first.starts_with("[|") {
        return Some(after);
    }
    // Names of services may have blanks in them; names end with a dot.
    let mut len = first.len();
    if !first.trim_end_matches(',').ends_with('.') {
        let mut end = len;
        for next in rest.split(' ').take(8) {
            end += 1 + next.len();
            if next.starts_with('(') || counts(next).is_some() {
                break;
            }
            if next.trim_end_matches(',').ends_with('.') {
                len = end;
                rest = after.get(end + 1..).unwrap_or("");
                break;
            }
        }
    }
    message.name = Some(name(after.get(..len)?.trim_end_matches(',')));
    // More questions than one: `A? a.example., AAAA? a.example.`.
    Some(rest)
}

/// Reads what follows the counts, or a query's question.
fn finish(message: &mut DnsMessage, rest: &str) -> Option<Arc<str>> {
    if !message.response {
        message.recursion_available = false;
        // `-vv`: the additional section of a query.
        if rest.as_bytes().contains(&b':')
            && let Some(at) = rest
                .find("ar: ")
                .filter(|at| *at == 0 || rest.as_bytes().get(at - 1) == Some(&b' '))
        {
            let text = without_length(rest.get(at + 4..).unwrap_or(""));
            let additional = records(text, usize::from(u16::MAX), message);
            keep(
                message,
                DnsRecords {
                    additional,
                    ..DnsRecords::default()
                },
            );
        }
        return None;
    }
    message.recursion_desired = false;
    message.checking_disabled = false;
    message.rcode.get_or_insert(Mnemonic::Borrowed("NOERROR"));
    let (wanted, _, _) = message.counts?;
    let (answer, authority, additional) = sections(without_length(rest));
    let read = DnsRecords {
        answers: records(answer, usize::from(wanted), message),
        authority: records(authority.unwrap_or(""), usize::from(u16::MAX), message),
        additional: records(additional.unwrap_or(""), usize::from(u16::MAX), message),
    };
    keep(message, read);
    message.answers().first()?.name.clone()
}

/// Gives a message the records that it has, if any.
fn keep(message: &mut DnsMessage, records: DnsRecords) {
    if records != DnsRecords::default() {
        message.records = Some(Box::new(records));
    }
}

/// Without `(61)`, the message's length in bytes.
fn without_length(text: &str) -> &str {
    let text = text.trim();
    match text.rfind('(') {
        Some(at)
            if text
                .get(at + 1..)
                .and_then(|inside| inside.strip_suffix(')'))
                .is_some_and(|inside| !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_digit())) =>
        {
            text.get(..at).unwrap_or("").trim_end()
        }
        _ => text,
    }
}

/// The sections, which `ns:` and `ar:` outside quotes begin.
fn sections(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let (mut ns, mut ar, mut quoted) = (None, None, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b':' if !quoted => {
                let start = at.saturating_sub(3);
                let marks = text.get(start..at).unwrap_or("");
                let begins = at == 2 || marks.starts_with(' ');
                if begins && marks.ends_with("ns") && ns.is_none() && ar.is_none() {
                    ns = Some((start, at + 1));
                } else if begins && marks.ends_with("ar") && ar.is_none() {
                    ar = Some((start, at + 1));
                }
            }
            _ => {}
        }
    }
    let end = ns.or(ar).map_or(text.len(), |(start, _)| start);
    let ns = ns.map(|(_, from)| text.get(from..ar.map_or(text.len(), |(start, _)| start)).unwrap_or(""));
    let ar = ar.map(|(_, from)| text.get(from..).unwrap_or(""));
    (text.get(..end).unwrap_or(""), ns, ar)
}

/// `AAAA`, `HTTPS`, `Type65`.
fn is_type(word: &str) -> bool {
    let number = word.strip_prefix("Type");
    if let Some(number) = number {
        return !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    }
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The name of a type.
fn record_type(word: &str) -> Mnemonic {
    match TYPES.iter().find(|name| **name == word) {
        Some(name) => Mnemonic::Borrowed(name),
        None => word.to_owned().into(),
    }
}

/// A name as it is compared: without the trailing dot, in lower case; the root stays a dot.
pub fn name(text: &str) -> Arc<str> {
    let bare = text.strip_suffix('.').filter(|bare| !bare.is_empty()).unwrap_or(text);
    if bare.bytes().any(|byte| byte.is_ascii_uppercase()) {
        bare.to_ascii_lowercase().into()
    } else {
        bare.into()
    }
}

/// The records of a section. EDNS' pseudo-record enters the message.
fn records(text: &str, wanted: usize, message: &mut DnsMessage) -> Vec<DnsRecord> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && found.len() < wanted {
        let (part, after) = outside_quotes(rest);
        rest = after;
        match record(part, message) {
            Item::Record(record) => {
                if found.is_empty() {
                    // Most sections have one record; by itself a `Vec` makes room for four.
                    found.reserve_exact(1);
                }
                found.push(record);
            }
            Item::Edns => {}
            Item::Unread => {
                message.cut = true;
                break;
            }
        }
    }
    found
}

/// What stands between two commas.
enum Item {
    Record(DnsRecord),
    /// EDNS' pseudo-record, which is in the message now.
    Edns,
    Unread,
}

/// One record.
fn record(part: &str, message: &mut DnsMessage) -> Item {
    let mut record = DnsRecord::default();
    let mut rest = part;
    // The owner (`-v`), which may have blanks in it, but ends with a dot.
    let (first, after) = word(rest);
    if first.ends_with('.') {
        record.name = Some(name(first));
        rest = after;
    }
    // The time to live (`-vvv`), mDNS's note and classes other than IN.
    loop {
        let (first, after) = word(rest);
        if let Some(ttl) = first.strip_prefix('[').and_then(|ttl| ttl.strip_suffix(']')) {
            record.ttl = seconds(ttl);
        } else if !(first.starts_with('(')
            || first.ends_with(')')
            || matches!(first, "CHAOS" | "HS" | "ANY")
            || first.is_empty() && !after.is_empty())
        {
            if !is_type(first) {
                return Item::Unread;
            }
            record.rtype = record_type(first);
            rest = after;
            break;
        }
        rest = after;
    }
    if record.rtype == "OPT" {
        message.edns = Some(Edns {
            udp_size: word(rest)
                .0
                .strip_prefix("UDPsize=")
                .and_then(|size| size.parse().ok())
                .unwrap_or(0),
            dnssec_ok: rest.split(' ').any(|word| word == "DO"),
        });
        return Item::Edns;
    }
    if let Some(before) = rest.strip_suffix("[|domain]") {
        message.cut = true;
        rest = before;
    }
    rest.trim().clone_into(&mut record.data);
    Item::Record(record)
}

/// `5m`, `1h30m`, `1w2d` (`unsigned_relts_print` in util-print.c).
fn seconds(text: &str) -> Option<u32> {
    let (mut total, mut value) = (0_u32, None);
    for byte in text.bytes() {
        if byte.is_ascii_digit() {
            value = Some(
                value
                    .unwrap_or(0_u32)
                    .checked_mul(10)?
                    .checked_add(u32::from(byte - b'0'))?,
            );
            continue;
        }
        let unit = match byte {
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            b'd' => 86_400,
            b'w' => 604_800,
            b'y' => 31_536_000,
            _ => return None,
        };
        total = total.checked_add(value.take()?.checked_mul(unit)?)?;
    }
    value.is_none().then_some(total)
}

/// What stands before the first comma outside quotes, and what follows it.
fn outside_quotes(text: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                return (
                    text.get(..at).unwrap_or("").trim(),
                    text.get(at + 1..).unwrap_or("").trim_start(),
                );
            }
            _ => {}
        }
    }
    (text.trim(), "")
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn queries_are_read() {
        let query = read("44388+ A? Example.com. (29)").unwrap().message;
        assert!(!query.response && query.id == 44388);
        assert_eq!(query.name.as_deref(), Some("example.com"));
        assert_eq!(query.qtype.as_deref(), Some("A"));
        let edns = read("17177+% [1au] AAAA? www.tcpdump.org. ar: . OPT UDPsize=4096 (56)")
            .unwrap()
            .message;
        assert!(!edns.response);
        assert_eq!(
            (edns.qtype.as_deref(), edns.name.as_deref()),
            (Some("AAAA"), Some("www.tcpdump.org"))
        );
        let chaos = read("1+ TXT CHAOS? version.bind. (30)").unwrap().message;
        assert_eq!(
            (chaos.qtype.as_deref(), chaos.name.as_deref()),
            (Some("TXT"), Some("version.bind"))
        );
    }

    #[test]
    fn answers_are_read() {
        let missing = read("12345 NXDomain*- 0/1/0 (101)").unwrap().message;
        assert!(missing.response && !missing.truncated);
        assert_eq!(missing.rcode.as_deref(), Some("NXDOMAIN"));
        assert!(missing.answers().is_empty());
        let found = read("22836*- 2/2/5 A 192.0.2.66, A 198.51.100.104 (224)")
            .unwrap()
            .message;
        assert_eq!(found.rcode.as_deref(), Some("NOERROR"));
        let data: Vec<_> = found
            .answers()
            .iter()
            .map(|record| (&*record.rtype, record.data.as_str()))
            .collect();
        assert_eq!(data, [("A", "192.0.2.66"), ("A", "198.51.100.104")]);
        let verbose = read("9*| q: A? a.example. 2/0/1 a.example. [5m] CNAME b.example., b.example. [30s] A 192.0.2.1 ar: . OPT UDPsize=4096 (9)").unwrap();
        assert!(verbose.message.truncated);
        assert_eq!(verbose.message.name.as_deref(), Some("a.example"));
        assert_eq!(verbose.owner.as_deref(), Some("a.example"));
        assert_eq!(verbose.message.answers()[0].data, "b.example.");
        assert_eq!(verbose.message.answers()[1].data, "192.0.2.1");
        let text = read("7 1/0/0 TXT \"v=spf1, all\" (40)").unwrap().message;
        assert_eq!(text.answers()[0].data, "\"v=spf1, all\"");
        assert_eq!(
            read("8 ServFail- 0/0/0 (29)").unwrap().message.rcode.as_deref(),
            Some("SERVFAIL")
        );
    }

    #[test]
    fn other_payloads_are_none() {
        for text in [
            "UDP, length 12",
            "udp 12",
            "123",
            "123 foo bar",
            "",
            "99999+ A? a. (1)",
            "NTPv4, Client, length 48",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn every_section_is_read() {
        let text = "17177*- q: A? WWW.example.com. 1/1/2 www.example.com. [1m30s] A 192.0.2.6 ns: example.com. [1d] NS ns.example.net. \
            ar: ns.example.net. [5m] AAAA 2001:db8::1, . OPT UDPsize=1232 DO [COOKIE 8f06be7d691442f0] (224)";
        let message = read(text).unwrap().message;
        assert_eq!(message.counts, Some((1, 1, 2)));
        assert!(message.authoritative && !message.recursion_available && !message.cut);
        let answer = &message.answers()[0];
        assert_eq!(
            (answer.name.as_deref(), answer.ttl),
            (Some("www.example.com"), Some(90))
        );
        assert_eq!(
            (&*message.authority()[0].rtype, message.authority()[0].ttl),
            ("NS", Some(86_400))
        );
        assert_eq!(
            (message.additional().len(), message.additional()[0].data.as_str()),
            (1, "2001:db8::1")
        );
        let edns = message.edns.unwrap();
        assert!(edns.dnssec_ok && edns.udp_size == 1232);
        let cut = read("22836*- q: A? a.example. 2/2/5 a.example. A 192.0.2.6, a.example. [|domain]")
            .unwrap()
            .message;
        assert!(cut.cut && cut.answers().len() == 1);
    }

    #[test]
    fn operations_and_flags_are_read() {
        let notify = read("9 notify [b2&3=0x2400] [1a] SOA? example.com. (60)")
            .unwrap()
            .message;
        assert_eq!((notify.operation(), notify.response), (Some("notify"), false));
        assert_eq!(notify.name.as_deref(), Some("example.com"));
        let update = read("9 update Refused- 0/0/0 (12)").unwrap().message;
        assert_eq!(
            (update.operation(), update.rcode.as_deref()),
            (Some("update"), Some("REFUSED"))
        );
        let query = read("5+% A? a.example. (27)").unwrap().message;
        assert!(query.recursion_desired && query.checking_disabled && !query.response);
        let answer = read("5$ 1/0/0 A 192.0.2.1 (43)").unwrap().message;
        assert!(answer.authenticated && answer.recursion_available);
        let mdns = read("0*- [0q] 1/0/0 (Cache flush) PTR My Printer._http._tcp.local. (90)")
            .unwrap()
            .message;
        assert_eq!(mdns.answers()[0].rtype, "PTR");
        let blank = read("0 PTR (QM)? My Printer._http._tcp.local. (50)").unwrap().message;
        assert_eq!(blank.name.as_deref(), Some("my printer._http._tcp.local"));
        let odd = read("51584 zoneRef NoChange*|$ [64259q] q: Type507 (Class 769)? M-{.^A.<BAD PTR> [|domain]")
            .unwrap()
            .message;
        assert_eq!(
            (odd.operation(), odd.rcode.as_deref()),
            (Some("zoneRef"), Some("NOCHANGE"))
        );
        assert!(odd.truncated && odd.response);
        assert_eq!(odd.qtype.as_deref(), Some("Type507"));
    }
}
