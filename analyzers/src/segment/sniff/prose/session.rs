//! What a terminal shows that no command printed: that a recording begins, who logged in before, how long a command took, that it was
//! interrupted.

/// Whether a line is the terminal's or the shell's own. It may stand right below a command.
pub fn is_session(line: &str) -> bool {
    let text = line.trim_end();
    match text.as_bytes().first() {
        // What the terminal shows of Control-C, and what zsh adds where a line has no end.
        Some(b'^') => matches!(text, "^C" | "^C%" | "^D" | "^Z" | "^C^C"),
        // util-linux `term-utils/script.c`.
        Some(b'S') => {
            text.starts_with("Script started on ")
                || text.starts_with("Script done on ")
                || text.starts_with("Script started, output log file is")
        }
        // OpenSSH `session.c` and pam_lastlog.
        Some(b'L') => text.strip_prefix("Last login: ").is_some_and(|when| {
            ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
                .iter()
                .any(|day| when.starts_with(day))
        }),
        // Ubuntu's greeting.
        Some(b'W') => text.starts_with("Welcome to ") && text.contains("(GNU/Linux "),
        Some(b'r' | b'u' | b's') => is_time(text),
        Some(b' ') => is_greeting(text),
        _ => is_zsh_time(text),
    }
}

/// bash's `time`: `real    0m1.234s`; with `-p` seconds alone (bash `execute_cmd.c`, POSIX `time`).
fn is_time(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let (Some("real" | "user" | "sys"), Some(value), None) = (words.next(), words.next(), words.next()) else {
        return is_zsh_time(text);
    };
    let seconds = value.split_once('m').map_or(value, |(minutes, rest)| {
        if minutes.bytes().all(|byte| byte.is_ascii_digit()) {
            rest.strip_suffix('s').unwrap_or_default()
        } else {
            ""
        }
    });
    is_decimal(seconds)
}

fn is_decimal(text: &str) -> bool {
    text.split_once(['.', ',']).is_some_and(|(whole, part)| {
        [whole, part]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// zsh's `time`: `kubectl get nodes  0.10s user 0.02s system 3% cpu 3.208 total` (zsh `Src/jobs.c`, its default `TIMEFMT`).
fn is_zsh_time(text: &str) -> bool {
    text.ends_with(" total") && text.contains("s user ") && text.contains("s system ") && text.contains("% cpu ")
}

/// The drawing that Amazon Linux greets with, and Ubuntu's links.
fn is_greeting(text: &str) -> bool {
    let links = [" * Documentation:", " * Management:", " * Support:"];
    if links.iter().any(|link| text.starts_with(link)) {
        return true;
    }
    let drawn = ["Amazon Linux 2023", "Amazon Linux 2 AMI", "Amazon Linux 2"]
        .iter()
        .find_map(|name| text.strip_suffix(name))
        .unwrap_or(text);
    let drawn = drawn.split("https://aws.amazon.com/").next().unwrap_or_default();
    let pen = |byte: u8| {
        matches!(
            byte,
            b' ' | b',' | b'#' | b'_' | b'~' | b'\\' | b'/' | b'|' | b'\'' | b'-' | b'>' | b'.' | b'(' | b')'
        )
    };
    drawn.bytes().all(|byte| pen(byte) || matches!(byte, b'V' | b'm'))
        && drawn
            .bytes()
            .any(|byte| matches!(byte, b'~' | b'#' | b'/' | b'\\' | b'_'))
        && drawn.bytes().any(|byte| matches!(byte, b'_' | b'~' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::is_session;

    #[test]
    fn what_no_command_printed() {
        for line in [
            "^C",
            "^C%",
            "Script started on 2025-03-03 11:08:54+00:00 [TERM=\"xterm\" TTY=\"/dev/pts/3\"]",
            "Script done on 2025-03-03 11:20:01+00:00 [COMMAND_EXIT_CODE=\"0\"]",
            "Last login: Mon Mar  3 11:08:54 2025 from 10.8.3.4",
            "real\t0m4.071s",
            "user    0m0.310s",
            "sys 0.02",
            "kubectl get nodes  0.11s user 0.04s system 6% cpu 2.317 total",
            "Welcome to Ubuntu 24.04.1 LTS (GNU/Linux 6.8.0-1021-aws x86_64)",
            "   ~\\_  ####_        Amazon Linux 2023",
            "       _/m/'",
            "      \\_/___|  https://aws.amazon.com/amazon-linux-2/",
        ] {
            assert!(is_session(line), "{line}");
        }
    }

    #[test]
    fn what_commands_print() {
        for line in [
            "^Chello",
            "user 1000",
            "users 4.2 3",
            "sys: 4",
            "real-time clock",
            "Last login: never",
            "Scripts are gone",
            "  eth0",
            "    -- ",
            "  |",
        ] {
            assert!(!is_session(line), "{line}");
        }
    }
}
