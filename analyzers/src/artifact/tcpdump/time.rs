//! What stands before a packet: its number (`-#`), its lengths (`--lengths`) and its time (`-t` … `-ttttt`).
//!
//! `ts_print` in util-print.c and `pretty_print_packet` in print.c of the-tcpdump-group/tcpdump.

/// What a time counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Midnight, or (`-ttt`, `-ttttt`) another packet.
    Day,
    /// The epoch.
    Epoch,
}

/// A second in microseconds.
pub const SECOND: i64 = 1_000_000;
/// A day in microseconds.
pub const DAY: i64 = 86_400 * SECOND;

/// Takes `-#`'s number off, which two spaces follow.
pub fn without_number(line: &str) -> (bool, &str) {
    let trimmed = line.trim_start_matches(' ');
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    match trimmed.get(digits..) {
        Some(rest) if digits > 0 && rest.starts_with("  ") => (true, without_lengths(rest.trim_start_matches(' '))),
        _ => (false, without_lengths(trimmed)),
    }
}

/// Takes `caplen 98 len 266 ` off.
fn without_lengths(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("caplen ") else {
        return text;
    };
    let mut words = rest.splitn(4, ' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some(caplen), Some("len"), Some(len), Some(rest)) if number(caplen).is_some() && number(len).is_some() => {
            rest.trim_start_matches(' ')
        }
        _ => text,
    }
}

/// The time that most captures are printed with, `10:00:00.123456 `, in microseconds: told by its first 16 bytes.
pub fn usual(text: &str) -> Option<i64> {
    let (clock, _) = text.as_bytes().split_first_chunk::<16>()?;
    let [h, hh, b':', m, mm, b':', s, ss, b'.', fraction @ .., b' '] = clock else {
        return None;
    };
    let digits = |digits: &[u8]| {
        digits.iter().try_fold(0_i64, |value, byte| {
            byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0'))
        })
    };
    let (hours, minutes, seconds) = (digits(&[*h, *hh])?, digits(&[*m, *mm])?, digits(&[*s, *ss])?);
    (minutes <= 59 && seconds <= 60).then_some(((hours * 60 + minutes) * 60 + seconds) * SECOND + digits(fraction)?)
}

/// The time a text begins with, in microseconds, and what follows it.
pub fn time(text: &str) -> Option<((i64, Clock), &str)> {
    if let Some(time) = usual(text) {
        return Some(((time, Clock::Day), text.get(16..)?));
    }
    let bytes = text.as_bytes();
    if !bytes.first()?.is_ascii_digit() {
        return None;
    }
    let end = bytes.iter().position(|byte| *byte == b' ')?;
    let (first, rest) = (text.get(..end)?, text.get(end + 1..)?);
    let bytes = first.as_bytes();
    if bytes.len() == 10 && bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-') {
        // `-tttt`: a date, in the zone of the host.
        let (clock, rest) = rest.trim_start_matches(' ').split_once(' ')?;
        let (year, month, day) = (
            number(first.get(..4)?)?,
            number(first.get(5..7)?)?,
            number(first.get(8..)?)?,
        );
        let days = days_from_civil(year, month, day)?;
        return Some(((days * DAY + of_day(clock)?, Clock::Epoch), rest));
    }
    if bytes.contains(&b':') {
        return Some(((of_day(first)?, Clock::Day), rest));
    }
    // `-tt`: seconds and a fraction.
    let (seconds, fraction) = first.split_once('.')?;
    if seconds.len() > 11 {
        return None;
    }
    Some(((number(seconds)? * SECOND + micros(fraction)?, Clock::Epoch), rest))
}

/// The microseconds of `10:00:00.123456`; with `--nano` nine digits.
fn of_day(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.')?;
    let mut parts = clock.split(':').map(number);
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || minutes > 59 || seconds > 60 || hours > 100_000 {
        return None;
    }
    Some((hours * 3600 + minutes * 60 + seconds) * SECOND + micros(fraction)?)
}

/// A number of at most twelve digits.
fn number(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 12 {
        return None;
    }
    text.bytes().try_fold(0_i64, |value, byte| {
        byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0'))
    })
}

/// A decimal fraction of a second in microseconds.
fn micros(text: &str) -> Option<i64> {
    let value = number(text)?;
    Some(match text.len() {
        3 => value * 1000,
        4 => value * 100,
        5 => value * 10,
        6 => value,
        7 => value / 10,
        8 => value / 100,
        9 => value / 1000,
        _ => return None,
    })
}

/// Days since 1970-01-01 of a date of the Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years counted from March, so that the leap day is the last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    Some(year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468)
}
