//! ARP: `arp_print` in print-arp.c of the-tcpdump-group/tcpdump.

use super::link::mac;
use super::text::word;
use crate::artifact::Arp;

/// What follows `ARP, `, or, with `-e`, the link's header.
pub fn read(text: &str) -> Option<Arp> {
    let mut rest = text;
    // `-v`: `Ethernet (len 6), IPv4 (len 4), `.
    while let Some((before, after)) = rest.split_once("), ") {
        if !before.contains(" (len ") || before.contains("who-has") {
            break;
        }
        rest = after;
    }
    let address = |text: &str| word(text).0.trim_end_matches(',').parse().ok();
    if let Some(asked) = rest.strip_prefix("Request who-has ") {
        return Some(Arp {
            operation: 1,
            target: address(asked),
            sender: asked.split_once(" tell ").and_then(|(_, sender)| address(sender)),
            mac: None,
        });
    }
    for (start, operation) in [("Announcement ", 1), ("Probe ", 1)] {
        if let Some(whose) = rest.strip_prefix(start) {
            return Some(Arp {
                operation,
                sender: address(whose),
                target: address(whose),
                mac: None,
            });
        }
    }
    let answer = rest.strip_prefix("Reply ")?;
    Some(Arp {
        operation: 2,
        sender: address(answer),
        target: None,
        mac: answer.split_once(" is-at ").and_then(|(_, at)| mac(at)),
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn questions_and_answers_are_read() {
        for text in [
            "Request who-has 169.254.1.1 tell 10.0.3.17, length 28",
            "Ethernet (len 6), IPv4 (len 4), Request who-has 169.254.1.1 (ff:ff:ff:ff:ff:ff) tell 10.0.3.17, length 28",
        ] {
            let arp = read(text).unwrap();
            assert_eq!(arp.operation, 1);
            assert_eq!(arp.target, Some("169.254.1.1".parse().unwrap()), "{text}");
            assert_eq!(arp.sender, Some("10.0.3.17".parse().unwrap()), "{text}");
        }
        let reply = read("Reply 169.254.1.1 is-at 0a:58:a9:fe:01:01, length 28").unwrap();
        assert_eq!(
            (reply.operation, reply.mac),
            (2, Some([0x0a, 0x58, 0xa9, 0xfe, 0x01, 0x01]))
        );
        assert!(read("Unknown (65535), length 28").is_none());
    }
}
