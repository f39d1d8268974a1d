//! DNS messages as tcpdump prints them: `domain_print` in print-domain.c of the-tcpdump-group/tcpdump.

use super::{DnsMessage, DnsRecord};

/// How tcpdump prints response codes, without the flags after them (`ns_resp` and the extended codes in print-domain.c).
const RCODES: [&str; 17] = [
    "FormErr", "ServFail", "NXDomain", "NotImp", "Refused", "YXDomain", "YXRRSet", "NXRRSet", "NotAuth", "NotZone",
    "BadVers", "BadKey", "BadTime", "BadMode", "BadName", "BadAlg", "BadTrunc",
];

/// A message, and the name that its first record answers to (printed with `-v`).
#[derive(Debug, PartialEq, Eq)]
pub struct Printed {
    /// The message.
    pub message: DnsMessage,
    /// The owner of the first record of the answer.
    pub owner: Option<String>,
}

/// Reads a message: `12345+ A? example.com. (29)`, `12345 NXDomain*- 0/1/0 (101)`, `12345 q: A? a.example. 1/0/0 a.example. A 10.0.0.1 (61)`.
pub fn read(text: &str) -> Option<Printed> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let id = text.get(..digits)?.parse::<u16>().ok()?;
    let rest = text.get(digits..)?;
    let flags_len = rest.bytes().take_while(|byte| b"+%*-|$".contains(byte)).count();
    let mut flags = rest.get(..flags_len)?.to_owned();
    let rest = rest.get(flags_len..)?;
    if !(rest.is_empty() || rest.starts_with(' ')) {
        return None;
    }
    let words: Vec<&str> = rest.split(' ').filter(|word| !word.is_empty()).take(WORDS).collect();
    let counts = words.iter().position(|word| is_counts(word));
    let question = words
        .iter()
        .position(|word| word.len() > 1 && word.ends_with('?'))
        .filter(|at| counts.is_none_or(|counts| *at < counts));
    let mut rcode = None;
    for word in words.iter().take(counts.unwrap_or(words.len())).take(3) {
        let bare = word.trim_end_matches(['*', '-', '|', '$']);
        if RCODES.contains(&bare)
            || (bare.starts_with("Resp") && bare.bytes().skip(4).all(|byte| byte.is_ascii_digit()) && bare.len() > 4)
        {
            rcode = Some(bare.to_ascii_uppercase());
            flags.push_str(word.get(bare.len()..).unwrap_or_default());
        }
    }
    if question.is_none() && counts.is_none() && rcode.is_none() {
        return None;
    }
    // Answers alone have counts, a code, and the flags AA, no RA, TC and AD.
    let response = counts.is_some() || rcode.is_some() || flags.contains(['*', '-', '|', '$']) || words.contains(&"q:");
    let mut message = DnsMessage {
        id,
        response,
        truncated: flags.contains('|'),
        ..DnsMessage::default()
    };
    if let Some(at) = question {
        let word = words.get(at).copied().unwrap_or_default().trim_end_matches('?');
        let previous = at
            .checked_sub(1)
            .and_then(|at| words.get(at))
            .copied()
            .unwrap_or_default();
        // `TXT CHAOS? version.bind.`, `A (QM)? printer.local.`: a class or mDNS's note stands after the type.
        message.qtype = Some(if is_type(previous) { previous } else { word }.to_owned());
        message.name = words
            .get(at + 1)
            .filter(|name| !name.starts_with("[|"))
            .map(|name| self::name(name));
    }
    let mut owner = None;
    if response {
        message.rcode = Some(rcode.unwrap_or_else(|| "NOERROR".to_owned()));
        if let Some(word) = counts.and_then(|at| words.get(at)) {
            let wanted: usize = word.split('/').next()?.parse().ok()?;
            let at = rest
                .find(&format!(" {word}"))
                .map_or(rest.len(), |at| at + 1 + word.len());
            (message.answers, owner) = records(rest.get(at..).unwrap_or_default(), wanted);
        }
    }
    Some(Printed { message, owner })
}

/// More words than any message has before its records.
const WORDS: usize = 64;

/// `2/0/1`: how many records each section has.
fn is_counts(word: &str) -> bool {
    let mut parts = 0;
    word.split('/').all(|part| {
        parts += 1;
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
    }) && parts == 3
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
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// A name as it is compared: without the trailing dot, in lower case; the root stays a dot.
fn name(text: &str) -> String {
    let bare = text.strip_suffix('.').filter(|bare| !bare.is_empty()).unwrap_or(text);
    bare.to_ascii_lowercase()
}

/// The records of the answer section, and the owner of the first where it is printed.
fn records(text: &str, wanted: usize) -> (Vec<DnsRecord>, Option<String>) {
    let mut text = text.trim();
    for end in [" ns:", " ar:", " [|domain]"] {
        if let Some(at) = text.find(end) {
            text = text.get(..at).unwrap_or_default();
        }
    }
    // The message's length in bytes.
    if text.ends_with(')')
        && let Some(at) = text.rfind('(')
        && text
            .get(at + 1..text.len() - 1)
            .is_some_and(|inside| inside.bytes().all(|byte| byte.is_ascii_digit()))
    {
        text = text.get(..at).unwrap_or_default();
    }
    let mut found = Vec::new();
    let mut first_owner = None;
    for part in outside_quotes(text).into_iter().take(wanted) {
        let mut words = part.split_ascii_whitespace().peekable();
        let mut owner = None;
        if words.peek().is_some_and(|word| word.ends_with('.')) {
            owner = words.next();
        }
        // The time to live (`-vvv`) and classes other than IN.
        while words.peek().is_some_and(|word| {
            word.starts_with(['[', '(']) || matches!(*word, "Class" | "flush)" | "CHAOS" | "HS") || word.ends_with(')')
        }) {
            words.next();
        }
        let Some(rtype) = words.next().filter(|word| is_type(word)) else {
            break;
        };
        if found.is_empty() {
            first_owner = owner.map(name);
        }
        found.push(DnsRecord {
            rtype: rtype.to_owned(),
            data: words.collect::<Vec<_>>().join(" "),
        });
    }
    (found, first_owner)
}

/// The parts of a text between commas that stand outside quotes.
fn outside_quotes(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                parts.push(text.get(start..at).unwrap_or_default().trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts.retain(|part| !part.is_empty());
    parts
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
        assert!(missing.answers.is_empty());
        let found = read("22836*- 2/2/5 A 192.0.2.66, A 198.51.100.104 (224)")
            .unwrap()
            .message;
        assert_eq!(found.rcode.as_deref(), Some("NOERROR"));
        let data: Vec<_> = found
            .answers
            .iter()
            .map(|record| (record.rtype.as_str(), record.data.as_str()))
            .collect();
        assert_eq!(data, [("A", "192.0.2.66"), ("A", "198.51.100.104")]);
        let verbose = read("9*| q: A? a.example. 2/0/1 a.example. [5m] CNAME b.example., b.example. [30s] A 192.0.2.1 ar: . OPT UDPsize=4096 (9)").unwrap();
        assert!(verbose.message.truncated);
        assert_eq!(verbose.message.name.as_deref(), Some("a.example"));
        assert_eq!(verbose.owner.as_deref(), Some("a.example"));
        assert_eq!(verbose.message.answers[0].data, "b.example.");
        assert_eq!(verbose.message.answers[1].data, "192.0.2.1");
        let text = read("7 1/0/0 TXT \"v=spf1, all\" (40)").unwrap().message;
        assert_eq!(text.answers[0].data, "\"v=spf1, all\"");
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
}
