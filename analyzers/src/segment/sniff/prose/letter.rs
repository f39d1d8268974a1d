//! What stands around the text of a mail or a ticket: its header, the greeting, the end, a word above what follows.

/// Words that greet; alone or with a name.
const GREETINGS: [&str; 6] = ["hi", "hello", "hey", "dear", "hallo", "greetings"];

/// Words that a letter ends with.
const CLOSINGS: [&str; 6] = ["regards", "thanks", "thank", "cheers", "thx", "wishes"];

/// Titles of one word that people put above what they paste. Keys that programs print with nothing behind them (`Events:`, `Labels:`) are
/// none of them.
const TITLES: [&str; 14] = [
    "output", "outputs", "result", "results", "logs", "log", "command", "commands", "expected", "actual", "before",
    "after", "update", "note",
];

/// Whether a line is a letter's: none of its text.
pub fn is_letters(line: &str) -> bool {
    is_header(line) || is_greeting(line) || is_closing(line) || is_title(line)
}

/// The words of a line that has nothing but words in it, in small letters, without the marks around them.
fn words(line: &str) -> Option<Vec<String>> {
    let text = line.trim_end();
    if text.is_empty() || text.len() > 60 || text.starts_with([' ', '\t']) || text.contains("  ") {
        return None;
    }
    text.split(' ')
        .map(|word| {
            let word = word.trim_end_matches([',', '!', '.', ':', '?']).to_lowercase();
            let plain = !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '@' | '/'));
            plain.then_some(word)
        })
        .collect()
}

fn is_greeting(line: &str) -> bool {
    let Some(words) = words(line) else { return false };
    let first = words.first().map(String::as_str).unwrap_or_default();
    let day = first == "good"
        && words
            .get(1)
            .is_some_and(|word| matches!(word.as_str(), "morning" | "afternoon" | "evening" | "day"));
    (GREETINGS.contains(&first) || day)
        && (words.len() <= 3 || words.len() <= 6 && line.trim_end().ends_with([',', '!']))
}

/// Whether a letter ends with a line: thanks, regards, or the two dashes above a signature (RFC 3676, section 4.3).
pub fn is_closing(line: &str) -> bool {
    // `grep` prints two dashes without the blank between its stretches.
    if line == "-- " {
        return true;
    }
    // The shortest is `thx`.
    let long_enough = line.trim_end().len() > 2;
    long_enough
        && words(line)
            .is_some_and(|words| words.len() <= 6 && words.iter().any(|word| CLOSINGS.contains(&word.as_str())))
}

/// Whether a line below a letter's end may be the writer's name or office: a few words, each with a capital.
pub fn is_signature(line: &str) -> bool {
    let text = line.trim_end();
    words(line).is_some_and(|words| words.len() <= 4)
        && !text.ends_with(':')
        && text.split(' ').all(|word| word.starts_with(char::is_uppercase))
}

fn is_title(line: &str) -> bool {
    line.trim_end()
        .strip_suffix(':')
        .is_some_and(|title| TITLES.contains(&title.to_ascii_lowercase().as_str()))
}

/// A line of a mail's header (RFC 5322, section 3.6) as mail programs quote it, and the lines that they put above it.
fn is_header(line: &str) -> bool {
    let text = line.trim_end();
    if text.starts_with("-----Original Message-----") || text.starts_with("---------- Forwarded message") {
        return true;
    }
    if text.starts_with("On ") && text.ends_with(" wrote:") {
        return true;
    }
    let Some((name, value)) = text.split_once(": ") else {
        return false;
    };
    let weekday = || {
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
            .iter()
            .any(|day| value.starts_with(day))
    };
    let people = || {
        value.contains('@') || value.contains(", ") || value.split(' ').all(|word| word.starts_with(char::is_uppercase))
    };
    match name {
        // A certificate's subject has `CN=`.
        "Subject" => !value.contains('='),
        "From" | "To" | "Cc" | "CC" => people() && !value.contains(['=', '/', '{']),
        // HTTP's `Date` is in GMT (RFC 9110, section 5.6.7).
        "Sent" | "Date" => weekday() && !value.ends_with("GMT"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_closing, is_letters, is_signature};

    #[test]
    fn the_frame_of_a_letter() {
        for line in [
            "Hey Priya,",
            "Hello platform folks!",
            "Good afternoon",
            "Many thanks and best regards",
            "Cheers, Tom",
            "Thank you!",
            "Result:",
            "logs:",
            "From: Priya Nair <priya@pay.example>",
            "To: platform@pay.example",
            "Cc: Weber, Tom",
            "Subject: Re: 504 from the ledger since noon",
            "Sent: Monday, March 3, 2025 11:08",
            "On Mon, 3 Mar 2025 at 11:08, Priya Nair wrote:",
            "-----Original Message-----",
        ] {
            assert!(is_letters(line), "{line}");
        }
        assert!(is_closing("-- "));
        assert!(is_signature("Priya Nair") && is_signature("Site Reliability Engineer"));
    }

    #[test]
    fn lines_of_programs() {
        for line in [
            "hello from ledger-0",
            "Events:",
            "Endpoints:",
            "Subject: CN=ledger.pay.svc",
            "Date: Mon, 03 Mar 2025 11:08:54 GMT",
            "To: 10.8.3.4:443",
            "From: 10.8.0.0/16",
            "To Port: 8443/TCP",
            "Regards-Count: 4",
            "hi=1",
            "-------",
        ] {
            assert!(!is_letters(line), "{line}");
        }
        assert!(!is_signature("ledger-0") && !is_signature("Labels:") && !is_signature("Running 0/1"));
    }
}
