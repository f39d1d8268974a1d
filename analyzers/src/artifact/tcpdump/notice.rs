//! What tcpdump says besides the packets: what it listens on, and the counts at its end.

use crate::artifact::Trailer;

/// Whether a line is one of tcpdump's own.
pub fn is_notice(line: &str) -> bool {
    let line = line.trim();
    // Most lines are packets, and begin with a digit or a blank.
    if line == "^C"
        || line.starts_with("tcpdump: ")
        || line.starts_with("listening on ")
        || line.starts_with("reading from file ")
        || line.starts_with("dropped privs to ")
        // tcpdump.c says the first of files with link-type LINUX_SLL2; libpcap's reason stands in brackets below an error.
        || line == "Warning: interface names might be incorrect"
        || line.starts_with("(SIOC") && line.ends_with(')')
        || line.starts_with("(socket: ") && line.ends_with(')')
    {
        return true;
    }
    count(line).is_some()
}

/// `42 packets captured`, also after `^C`: the number and the words after `packets `.
fn count(line: &str) -> Option<(u64, &str)> {
    let line = line.trim().trim_start_matches("^C").trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..)?;
    let words = rest
        .strip_prefix(" packets ")
        .or_else(|| rest.strip_prefix(" packet "))?;
    let number = line.get(..digits)?.parse().ok()?;
    (words.starts_with("captured") || words.starts_with("received by filter") || words.starts_with("dropped by "))
        .then_some((number, words))
}

/// Adds what a line of the trailer says. `info` of SIGUSR1 prints the counts in between, so that the last ones hold.
pub fn trailer(line: &str, trailer: &mut Trailer) -> bool {
    let Some((number, words)) = count(line) else {
        // SIGUSR1: `tcpdump: 10 packets captured, 20 packets received by filter, 0 packets dropped by kernel`.
        let Some(rest) = line.trim().strip_prefix("tcpdump: ") else {
            return false;
        };
        let mut any = false;
        for part in rest.split(", ").take(4) {
            if let Some((number, words)) = count(part) {
                set(trailer, number, words);
                any = true;
            }
        }
        return any;
    };
    set(trailer, number, words);
    true
}

fn set(trailer: &mut Trailer, number: u64, words: &str) {
    let field = if words.starts_with("captured") {
        &mut trailer.captured
    } else if words.starts_with("received by filter") {
        &mut trailer.received_by_filter
    } else if words.starts_with("dropped by interface") {
        &mut trailer.dropped_by_interface
    } else {
        &mut trailer.dropped_by_kernel
    };
    *field = Some(number);
}

/// The interface of `listening on eth0, link-type EN10MB (Ethernet), …`.
pub fn listening_on(line: &str) -> Option<&str> {
    let line = line.trim();
    let rest = line
        .strip_prefix("tcpdump: ")
        .unwrap_or(line)
        .strip_prefix("listening on ")?;
    rest.split(',').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_are_read() {
        let mut read = Trailer::default();
        for line in [
            "^C1200 packets captured",
            "1312 packets received by filter",
            "112 packets dropped by kernel",
            "1 packet dropped by interface",
        ] {
            assert!(is_notice(line) && trailer(line, &mut read), "{line}");
        }
        assert_eq!((read.captured, read.received_by_filter), (Some(1200), Some(1312)));
        assert_eq!(
            (read.dropped_by_kernel, read.dropped_by_interface),
            (Some(112), Some(1))
        );
        assert!(read.has_holes());
        let mut info = Trailer::default();
        assert!(trailer(
            "tcpdump: 5 packets captured, 6 packets received by filter, 0 packets dropped by kernel",
            &mut info
        ));
        assert_eq!((info.captured, info.dropped_by_kernel), (Some(5), Some(0)));
        assert!(!info.has_holes());
        assert!(!trailer(
            "10:00:00.000000 IP 10.0.0.1 > 10.0.0.2: packets captured",
            &mut info
        ));
        assert!(!is_notice("3 packets lost"));
    }
}
