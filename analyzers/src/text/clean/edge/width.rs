//! How many columns of a terminal a text takes.

/// A terminal's tab stops.
const TAB: usize = 8;

/// The columns of a line: a tab reaches to the next stop, letters of East Asia and pictures take two columns, accents none (UAX #11).
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() && memchr::memchr(b'\t', text.as_bytes()).is_none() {
        return text.len();
    }
    text.chars().fold(0, |at, c| match c {
        '\t' => (at / TAB + 1) * TAB,
        c => at + of(c),
    })
}

fn of(c: char) -> usize {
    if c < '\u{300}' {
        return 1;
    }
    match c {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1f9ff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::width;

    #[test]
    fn columns_are_counted_as_a_terminal_does() {
        for (text, columns) in [
            ("", 0),
            ("web-0", 5),
            ("\tchain", 13),
            ("1234567\t8", 9),
            ("12345678\t9", 17),
            ("é…─", 3),
            ("e\u{301}", 1),
            ("東京", 4),
            ("🚀 ok", 5),
        ] {
            assert_eq!(width(text), columns, "{text:?}");
        }
    }
}
