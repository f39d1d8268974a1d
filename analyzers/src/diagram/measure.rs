//! Widths of text without a browser: estimates from above, so that text keeps inside its box in any common font.
//!
//! The sans widths are those of DejaVu Sans Bold and Verdana, the widest of the faces that systems put behind
//! `system-ui`; the monospaced advance is that of SF Mono (0.618 em), the widest of the usual ones (Menlo and DejaVu
//! Sans Mono have 0.602 em, Consolas 0.55 em).

use super::scene::TextRole;

/// Advance of a monospaced character, in em.
const MONO: f64 = 0.62;
/// The advance that monospaced text is set to where other shapes are aligned with its characters, in em.
const MONO_SET: f64 = 0.605;

/// The size of a role's text in pixels.
pub fn size(role: TextRole) -> f64 {
    match role {
        TextRole::Title => 12.5,
        TextRole::Number => 10.5,
        TextRole::Label
        | TextRole::Code
        | TextRole::CodeStrong
        | TextRole::CodeFaint
        | TextRole::CodeStop
        | TextRole::Note => 11.0,
    }
}

/// Whether a role's text is monospaced.
pub fn mono(role: TextRole) -> bool {
    match role {
        TextRole::Code | TextRole::CodeStrong | TextRole::CodeFaint | TextRole::CodeStop => true,
        TextRole::Title | TextRole::Label | TextRole::Number | TextRole::Note => false,
    }
}

/// The advance of one monospaced character in text that is set to an exact width.
pub fn set_advance(role: TextRole) -> f64 {
    size(role) * MONO_SET
}

/// The width of a text in pixels, rather too much than too little.
pub fn width(text: &str, role: TextRole) -> f64 {
    text.chars().map(|c| advance(c, role)).sum()
}

fn advance(c: char, role: TextRole) -> f64 {
    size(role) * if mono(role) { mono_em(c) } else { sans_em(c) }
}

fn mono_em(c: char) -> f64 {
    match c {
        ' '..='~' | '…' | '→' | '·' | '–' => MONO,
        // What the face does not have comes from another one.
        _ => other_em(c),
    }
}

fn sans_em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '!' | '|' | '·' | ' ' | 'I' => 0.40,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | '\\' | '`' | '"' => 0.53,
        'c' | 's' | 'z' | '*' | '_' | '–' => 0.62,
        'm' | '%' | 'W' | '—' | '…' | '@' => 1.11,
        'w' | 'M' => 1.0,
        'A'..='Z' | '+' | '<' | '=' | '>' | '~' | '#' | '&' | '^' | '→' => 0.86,
        ' '..='~' => 0.72,
        _ => other_em(c),
    }
}

fn other_em(c: char) -> f64 {
    match u32::from(c) {
        0..0x1100 => 1.1,
        // Emoji of colour fonts are wider than an em.
        0x1_F000..=0x1_FFFF => 1.5,
        _ => 1.25,
    }
}

/// A text that fits, and the whole of it where it had to be shortened in the middle.
pub fn fit(text: &str, role: TextRole, max: f64) -> (String, Option<String>) {
    let clean = clean(text);
    if width(&clean, role) <= max {
        return (clean, None);
    }
    // A name's end tells it from its siblings (pod suffixes, account paths), its beginning says what it is.
    let room = (max - advance('…', role)).max(0.0);
    let (mut head, mut head_width) = (String::new(), 0.0);
    for c in clean.chars() {
        if head_width + advance(c, role) > room * 0.5 {
            break;
        }
        head_width += advance(c, role);
        head.push(c);
    }
    let (mut tail, mut tail_width) = (Vec::new(), 0.0);
    for c in clean.chars().rev() {
        if head_width + tail_width + advance(c, role) > room {
            break;
        }
        tail_width += advance(c, role);
        tail.push(c);
    }
    head.push('…');
    head.extend(tail.iter().rev());
    (head, Some(clean))
}

/// Words in at most `lines` lines that fit; what is left over is shortened in the last one.
pub fn wrap(text: &str, role: TextRole, max: f64, lines: usize) -> Vec<(String, Option<String>)> {
    let clean = clean(text);
    let mut out: Vec<(String, Option<String>)> = Vec::new();
    let mut line = String::new();
    let mut words = clean.split(' ').filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.peek() {
        let longer = if line.is_empty() {
            (*word).to_owned()
        } else {
            format!("{line} {word}")
        };
        if width(&longer, role) <= max {
            line = longer;
            words.next();
        } else if out.len() + 1 >= lines {
            // The rest goes into the last line, shortened: no more of it than can matter for the cut.
            for word in words.by_ref() {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
        } else if line.is_empty() {
            let (cut, _) = fit(word, role, max);
            out.push((cut, Some(clean.clone())));
            words.next();
        } else {
            out.push((std::mem::take(&mut line), None));
        }
    }
    if !line.is_empty() {
        let (cut, full) = fit(&line, role, max);
        out.push((cut, full.map(|_| clean.clone())));
    }
    out
}

/// Control characters, and those that turn the direction of writing, cannot be drawn.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' => ' ',
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' => '\u{FFFD}',
            c if c.is_control() => '\u{FFFD}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_stays_whole() {
        assert_eq!(fit("cart-0", TextRole::Title, 200.0), ("cart-0".into(), None));
    }

    #[test]
    fn long_text_keeps_both_ends() {
        let name = "a".repeat(60) + "-7d9f8c6b5d-x2x8k";
        let (cut, full) = fit(&name, TextRole::Code, 150.0);
        assert!(
            cut.starts_with("aaa") && cut.ends_with("x2x8k") && cut.contains('…'),
            "{cut}"
        );
        assert!(width(&cut, TextRole::Code) <= 150.0);
        assert_eq!(full.as_deref(), Some(name.as_str()));
    }

    #[test]
    fn words_wrap_and_the_last_line_is_cut() {
        let lines = wrap("one two three four five six seven eight", TextRole::Note, 60.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|(line, _)| width(line, TextRole::Note) <= 60.0));
        assert!(lines.last().is_some_and(|(_, full)| full.is_some()));
    }

    #[test]
    fn dejavu_bold_is_not_wider_than_the_estimate() {
        // Advances in 1/2048 em as the font file DejaVuSans-Bold.ttf has them.
        for (text, units) in [
            ("checkout", [1214, 1458, 1389, 1214, 1362, 1407, 1458, 979]),
            ("MMWW0000", [2038, 2038, 2259, 2259, 1425, 1425, 1425, 1425]),
        ] {
            let real: f64 = units.iter().map(|&unit| f64::from(unit) / 2048.0 * 12.5).sum();
            assert!(width(text, TextRole::Title) >= real, "{text}");
        }
    }
}
