//! What chat programs put around messages when they are copied: who wrote one and when, reactions, that it was edited.

/// Whether a line is a chat program's, or a message with its writer before it.
pub fn is_chat(line: &str) -> bool {
    is_head(line) || is_mark(line.trim()) || is_asked(line)
}

/// `9:12`, `09:12 AM`: a clock's time without seconds.
fn is_clock(text: &str) -> bool {
    let (time, half) = text
        .split_once([' ', '\u{202f}'])
        .map_or((text, None), |(time, half)| (time, Some(half)));
    let digits =
        |text: &str, least: usize| (least..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((hour, minute)) = time.split_once(':') else {
        return false;
    };
    digits(hour, 1) && digits(minute, 2) && half.is_none_or(|half| matches!(half, "AM" | "PM" | "am" | "pm"))
}

/// A person's name: `Max Meier`, `Meier, Max`.
fn is_name(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    (1..=4).contains(&words.len()) && words.iter().all(|word| {
        let word = word.trim_end_matches([',', '.']);
        word.starts_with(char::is_uppercase) && word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '.'))
                // Levels stand in the same place.
                && (word.chars().count() == 1 || word.chars().any(char::is_lowercase))
    })
}

/// The day before a time: `Yesterday`, `Mon`, `04/06/2024`, `2024-06-04`, `6/4`.
fn is_day(text: &str) -> bool {
    let word = text.trim_end_matches(',');
    word.is_empty()
        || word.chars().all(|c| c.is_alphabetic() || c == ' ')
        || word
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b'.'))
}

fn is_head(line: &str) -> bool {
    // `[Yesterday 9:12 AM] Meier, Max`, `[04/06/2024, 09:12] Max: hello`, `[04.06.24, 09:12:44] Max: hello`.
    if let Some((inside, rest)) = line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        let (name, message) = rest
            .split_once(": ")
            .map_or((rest.trim_end(), false), |(name, _)| (name, true));
        let at = inside
            .find(':')
            .and_then(|colon| inside.get(..colon))
            .map_or(0, |before| before.rfind(' ').map_or(0, |space| space + 1));
        let (day, time) = (
            inside.get(..at).unwrap_or_default().trim_end(),
            inside.get(at..).unwrap_or_default(),
        );
        let seconds = time.rsplit_once(':').is_some_and(|(minutes, seconds)| {
            is_clock(minutes) && seconds.len() == 2 && seconds.bytes().all(|byte| byte.is_ascii_digit())
        }) && time.matches(':').count() == 2;
        return is_name(name) && is_day(day) && (is_clock(time) || seconds && message && !day.is_empty());
    }
    // `max.meier  9:12 AM`, `Max Meier  |  9:16 AM`, and the time alone.
    let text = line.trim();
    if is_clock(text) {
        return text.len() == line.len() || text.contains(' ');
    }
    let Some((name, time)) = text.rsplit_once("  ") else {
        return false;
    };
    let name = name.trim_end().trim_end_matches('|').trim_end();
    let user = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_' | b'-'));
    time.contains(' ') && is_clock(time) && (user || is_name(name) || is_emoji(name))
}

/// `:palm_tree:`.
fn is_emoji(text: &str) -> bool {
    text.strip_prefix(':')
        .and_then(|text| text.strip_suffix(':'))
        .is_some_and(|name| {
            !name.is_empty()
                && name.bytes().all(|byte| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'+')
                })
        })
}

/// Reactions and what was done with a message.
fn is_mark(text: &str) -> bool {
    if matches!(text, "(edited)" | "Edited") {
        return true;
    }
    let Some((what, count)) = text.split_once(' ') else {
        return is_emoji(text);
    };
    let counted = !count.is_empty() && count.len() <= 3 && count.bytes().all(|byte| byte.is_ascii_digit());
    counted && (is_emoji(what) || matches!(what, "like" | "heart" | "laugh" | "surprised" | "sad"))
}

/// `Jane: and the nodes?`: what a program says of something does not ask.
fn is_asked(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(name, said)| {
        is_name(name)
            && !name.contains(',')
            && name.split(' ').count() <= 2
            && said.trim_end().ends_with('?')
            && said.split(' ').count() > 2
            && !said.contains(['=', '{', '/'])
    })
}

#[cfg(test)]
mod tests {
    use super::is_chat;

    #[test]
    fn who_wrote_it_and_when() {
        for line in [
            "[Monday 11:08 PM] Nair, Priya",
            "[03/03/2025, 11:08] Priya: look at this",
            "[03.03.25, 11:08:54] Priya Nair: look at this",
            "[11:08] Tom Weber",
            "tom.weber  11:08 AM",
            "Tom Weber  |  11:08 AM",
            "  11:08 AM",
            "11:08",
            ":wave:  11:08 AM",
            ":tada: 3",
            "(edited)",
            "heart 2",
            "Priya: and what about the ledger?",
        ] {
            assert!(is_chat(line), "{line}");
        }
    }

    #[test]
    fn lines_of_programs() {
        for line in [
            "[11:08:54] Starting",
            "[11:08] starting the server",
            "[11:08] INFO: started",
            "[2025-03-03 11:08:54] Started",
            "[2025-03-03 11:08] Started: ledger",
            "[main] Started: ledger",
            "11:08:54",
            "  11:08",
            "Last Seen  11:08",
            "ledger  Running  11:08",
            "like this",
            ":8443",
            ":::22",
            "Message: the ledger is full",
            "status: 3",
        ] {
            assert!(!is_chat(line), "{line}");
        }
    }
}
