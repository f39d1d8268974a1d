//! Characters that a terminal obeys instead of showing, and those that an editor put in the place of ASCII.

use super::{boxes, typography};

/// What a byte may begin: nothing to clean, something, or a carriage return.
#[allow(clippy::indexing_slicing, reason = "a constant: the compiler checks every index")]
const CLASSES: [u8; 256] = {
    let mut classes = [0_u8; 256];
    let mut byte = 0;
    while byte < 0x20 {
        classes[byte] = DIRT;
        byte += 1;
    }
    classes[b'\t' as usize] = 0;
    classes[b'\n' as usize] = 0;
    classes[b'\r' as usize] = RETURN;
    classes[0x7F] = DIRT;
    // U+0080 to U+00BF, U+1680 and U+180E, U+2000 to U+2FFF, U+3000, U+FEFF, and the private letters of powerline fonts.
    classes[0xC2] = LATIN;
    classes[0xE1] = DIRT;
    classes[0xE2] = DIRT;
    classes[0xE3] = IDEOGRAPHIC;
    classes[0xEF] = DIRT;
    classes
};
const DIRT: u8 = 1;
const RETURN: u8 = 2;
const LATIN: u8 = 3;
const IDEOGRAPHIC: u8 = 4;

/// A colour's end as it stays behind where the escape character was lost on the way, or is printed as `^[`.
const LOST_RESET: &str = "[0m";

/// Whether a text holds anything that [`clean_line`] may change.
fn dirty(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| {
        match CLASSES.get(usize::from(*byte)) {
            Some(&DIRT) => true,
            // `\r\n`, `\r\r\n`, and a `\r` at the very end are endings.
            Some(&RETURN) => !matches!(bytes.get(at + 1), None | Some(b'\n' | b'\r')),
            // The controls U+0080 to U+009F, the no-break space and the soft hyphen.
            Some(&LATIN) => matches!(bytes.get(at + 1), Some(0x80..=0xA0 | 0xAD)),
            Some(&IDEOGRAPHIC) => matches!(bytes.get(at + 1..at + 3), Some([0x80, 0x80])),
            _ => false,
        }
    }) || text.contains(LOST_RESET)
}

/// So many bytes stay in the processor's cache from one look at them to the next.
const NEAR: usize = 16 << 10;

/// A quick look that most texts pass: ASCII without the controls that programs print on purpose.
fn plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let reset = memchr::memmem::Finder::new(LOST_RESET);
    (0..bytes.len()).step_by(NEAR).all(|start| {
        let near = |more: usize| {
            bytes
                .get(start..bytes.len().min(start + NEAR + more))
                .unwrap_or_default()
        };
        let here = near(0);
        here.is_ascii()
            && memchr::memchr3(0x1B, 0x08, 0x07, here).is_none()
            && memchr::memchr3(b'\r', 0x7F, 0x0F, here).is_none()
            && reset.find(near(LOST_RESET.len() - 1)).is_none()
    })
}

/// Cleans the characters of a text; the same text where there is nothing to clean.
pub fn clean(text: String) -> String {
    if plain(&text) || !dirty(&text) {
        return text;
    }
    // Where no line ends, a carriage return is all there is between lines, and nothing was overwritten.
    let overwrites = text.contains('\n');
    let mut out = String::with_capacity(text.len());
    for full in text.split_inclusive('\n') {
        if !dirty(full) {
            out.push_str(full);
            continue;
        }
        let body = full.trim_end_matches(['\n', '\r']);
        let ending = full.get(body.len()..).unwrap_or_default();
        let start = out.len();
        if overwrites && body.contains('\r') {
            overwritten(body, &mut out);
        } else {
            visible(body, &mut out);
        }
        let line = out.get(start..).unwrap_or_default();
        if let Some(better) = improved(line) {
            out.truncate(start);
            out.push_str(&better);
        }
        if out.len() == start && ending.is_empty() {
            // The last line stays one.
            out.push(' ');
        }
        out.push_str(ending);
    }
    out
}

/// What the passes over one line make of it.
fn improved(line: &str) -> Option<String> {
    let mut better = None;
    if line.contains(LOST_RESET) {
        better = Some(without_lost_colours(line));
    }
    for pass in [boxes::clean, typography::clean] {
        if let Some(next) = pass(better.as_deref().unwrap_or(line)) {
            better = Some(next);
        }
    }
    better
}

/// A progress display: what was printed last stayed on the screen.
fn overwritten(body: &str, out: &mut String) {
    let start = out.len();
    for piece in body.rsplit('\r') {
        visible(piece, out);
        if !out.get(start..).unwrap_or_default().trim().is_empty() {
            return;
        }
        out.truncate(start);
    }
}

/// Appends what a terminal shows of a line.
fn visible(line: &str, out: &mut String) {
    let start = out.len();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => escape(&mut chars, out, start),
            '\u{9b}' => control_sequence(&mut chars, out, start),
            // `man` prints bold as a letter, a backspace and the letter again.
            '\u{8}' => {
                if out.len() > start {
                    out.pop();
                }
            }
            '\u{b}'
            | '\u{c}'
            | '\u{85}'
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}' => out.push(' '),
            // Controls, and characters without a width: joiners, marks of direction, byte order marks, soft hyphens, variation selectors.
            '\0'..='\u{7}'
            | '\u{e}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fe00}'..='\u{fe0f}'
                if c != '\t' && c != '\r' => {}
            c => out.push(c),
        }
    }
}

/// What follows an escape character (ECMA-48): a control sequence, a string, a choice of letters.
fn escape(chars: &mut std::str::Chars<'_>, out: &mut String, start: usize) {
    let before = chars.clone();
    match chars.next() {
        Some('[') => control_sequence(chars, out, start),
        // OSC, DCS, SOS, PM and APC: up to BEL or ST.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while let Some(c) = chars.next() {
                match c {
                    '\u{7}' | '\u{9c}' => break,
                    '\u{1b}' => {
                        chars.next();
                        break;
                    }
                    _ => {}
                }
            }
        }
        Some('(' | ')' | '*' | '+' | '#' | '%' | ' ') => {
            chars.next();
        }
        // ECMA-48, section 5.3: one letter.
        Some('0'..='~') => {}
        _ => *chars = before,
    }
}

/// CSI: parameters, and one letter that ends it. Moves to the right are blanks on the screen.
fn control_sequence(chars: &mut std::str::Chars<'_>, out: &mut String, start: usize) {
    let mut parameter = 0_usize;
    loop {
        let before = chars.clone();
        match chars.next() {
            Some(c @ '0'..='9') => parameter = (parameter * 10 + (c as usize - '0' as usize)).min(1000),
            Some(' '..='/' | ':'..='?') => {}
            Some('C') => {
                out.extend(std::iter::repeat_n(' ', parameter.clamp(1, 400)));
                return;
            }
            Some('G') => {
                let width = out.get(start..).unwrap_or_default().chars().count();
                out.extend(std::iter::repeat_n(' ', parameter.min(400).saturating_sub(width + 1)));
                return;
            }
            Some('@'..='~') | None => return,
            // Not a control sequence: what follows is text.
            Some(_) => {
                *chars = before;
                return;
            }
        }
    }
}

/// Takes out `[31m`, `^[[31m` and `\u001b[31m` of a line in which one of them resets the colour.
fn without_lost_colours(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('[') {
        let (before, from) = rest.split_at(at);
        let len = colour_len(from);
        if len == 0 {
            out.push_str(before);
            out.push('[');
            rest = from.get(1..).unwrap_or_default();
            continue;
        }
        out.push_str(before);
        let escape = ["\\u001b", "\\x1b", "\\033", "^[", "ESC", "␛"];
        let kept = escape
            .iter()
            .find_map(|escape| out.strip_suffix(escape))
            .map_or(out.len(), str::len);
        out.truncate(kept);
        rest = from.get(len..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The length of `[0m`, `[1;31m`. A range of PromQL (`[5m]`, `[1h:5m]`) is none.
fn colour_len(text: &str) -> usize {
    let Some(end) = text
        .bytes()
        .skip(1)
        .take(20)
        .position(|byte| !byte.is_ascii_digit() && byte != b';')
    else {
        return 0;
    };
    let inside = text.get(1..=end).unwrap_or_default();
    let after = text.as_bytes().get(end + 2);
    if text.as_bytes().get(end + 1) != Some(&b'm') || matches!(after, Some(b']' | b':' | b'0'..=b'9')) {
        return 0;
    }
    let known = |code: &str| {
        code.is_empty()
            || code
                .parse::<u16>()
                .is_ok_and(|code| matches!(code, 0..=9 | 21..=29 | 30..=49 | 90..=107))
    };
    let extended = inside.starts_with("38;") || inside.starts_with("48;");
    if extended || inside.split(';').all(known) {
        end + 2
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::clean;

    fn cleaned(text: &str) -> String {
        clean(text.to_owned())
    }

    #[test]
    fn colours_titles_and_moves_are_not_text() {
        for (dirty, wanted) in [
            (
                "\u{1b}[01;32mroot@web\u{1b}[00m:\u{1b}[01;34m/\u{1b}[00m# ls",
                "root@web:/# ls",
            ),
            ("\u{1b}]0;root@web: /\u{7}root@web:/# ls", "root@web:/# ls"),
            ("\u{1b}]8;;https://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}[?2004hsh-4.2$ ls\u{1b}[?2004l", "sh-4.2$ ls"),
            ("a\u{1b}[3Cb\u{1b}[10Gc", "a   b    c"),
            ("\u{1b}(B\u{1b}[mNAME\u{1b}[K", "NAME"),
            ("^[[31mRunning^[[0m", "Running"),
            ("[1;32mOK[0m 3 pods", "OK 3 pods"),
            ("{\"msg\":\"\\u001b[34mup\\u001b[0m\"}", "{\"msg\":\"up\"}"),
            ("N\u{8}NA\u{8}AM\u{8}ME\u{8}E", "NAME"),
        ] {
            assert_eq!(cleaned(dirty), wanted, "{dirty:?}");
        }
    }

    #[test]
    fn brackets_that_are_text_stay() {
        for text in [
            "rate(errors_total[5m]) > 0",
            "[0m] is a range too, sum(rate(x[0m:1m]))",
            "[INFO] plugin/reload: Running",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn blanks_of_all_kinds_are_blanks() {
        assert_eq!(
            cleaned("NAME\u{a0}\u{a0}READY\u{2003}x\u{200b}y\u{3000}z\u{ad}"),
            "NAME  READY xy z"
        );
        assert_eq!(cleaned("größe: 5 µs, Ω, é"), "größe: 5 µs, Ω, é");
    }

    #[test]
    fn of_a_progress_display_the_last_state_is_seen() {
        assert_eq!(cleaned("Pulling 10%\rPulling 99%\rDone\r\nnext\n"), "Done\r\nnext\n");
        assert_eq!(cleaned("only\rreturns\rhere"), "only\rreturns\rhere");
        assert_eq!(cleaned("a\r\r\nb\r\n"), "a\r\r\nb\r\n");
    }
}
