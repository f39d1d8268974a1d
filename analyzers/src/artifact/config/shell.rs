//! The words of a shell's command, with their places (POSIX, Shell Command Language, sections 2.2 and 2.3): enough for the calls that
//! configuration files make. Nothing is expanded.

use crate::text::Piece;

/// A word without its quotes, and the bytes that show it.
#[derive(Debug, Clone)]
pub struct Word<'a> {
    /// The text.
    pub text: String,
    /// Where it stands; without the quotes, where they are around the whole of it.
    pub piece: Piece<'a>,
}

impl<'a> Word<'a> {
    /// What stands before and after the first `=`.
    pub fn assignment(&self) -> Option<(&str, Word<'a>)> {
        let (name, value) = self.text.split_once('=')?;
        let (_, piece) = self.piece.split_once("=")?;
        Some((
            name,
            Word {
                text: value.to_owned(),
                piece: unquoted(piece, value),
            },
        ))
    }

    /// The words inside of a quoted word.
    pub fn words(&self) -> Vec<Word<'a>> {
        if self.piece.str() == self.text {
            return words(self.piece);
        }
        // Escapes and quotes inside: the words are all told by the whole.
        words(Piece::new(&self.text))
            .into_iter()
            .map(|word| Word {
                text: word.text,
                piece: self.piece,
            })
            .collect()
    }
}

/// The piece without the quotes around `text`.
fn unquoted<'a>(piece: Piece<'a>, text: &str) -> Piece<'a> {
    for quote in ["\"", "'"] {
        if let Some(inner) = piece.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote))
            && inner.str() == text
        {
            return inner;
        }
    }
    piece
}

/// Takes `(…)` of a command that is put in: one word, whatever it holds.
fn substitution(chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>, read: &mut String) {
    let mut depth = 0_usize;
    while let Some((_, c)) = chars.next_if(|(_, c)| *c != '\n') {
        read.push(c);
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

/// The words of the first command of a text: up to its line's end (a backslash, or PowerShell's backtick, continues the line), a comment,
/// a pipe, a redirection or `;`.
pub fn words(text: Piece<'_>) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut word: Option<(usize, String)> = None;
    let mut quote = None;
    let mut end = text.len();
    let mut chars = text.char_indices().peekable();
    let close = |word: &mut Option<(usize, String)>, at: usize, found: &mut Vec<_>| {
        if let Some((start, read)) = word.take() {
            let piece = unquoted(text.part(start..at), &read);
            found.push(Word { text: read, piece });
        }
    };
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        if c == '$' && next == Some('(') && quote != Some('\'') {
            let (_, read) = word.get_or_insert_with(|| (at, String::new()));
            read.push(c);
            substitution(&mut chars, read);
        } else if quote == Some(c) {
            quote = None;
        } else if (c == '\\' || (c == '`' && matches!(next, Some('\n' | '\r')))) && quote != Some('\'') {
            let mut next = chars.next();
            if matches!(next, Some((_, '\r'))) {
                next = chars.next();
            }
            match next {
                Some((_, '\n')) if quote.is_none() => close(&mut word, at, &mut found),
                Some((_, '\n')) | None => {}
                Some((_, escaped)) => {
                    // In double quotes a backslash before another character stays (section 2.2.3).
                    let (_, read) = word.get_or_insert_with(|| (at, String::new()));
                    if quote == Some('"') && !matches!(escaped, '"' | '\\' | '$' | '`') {
                        read.push(c);
                    }
                    read.push(escaped);
                }
            }
        } else if quote.is_some() {
            word.get_or_insert_with(|| (at, String::new())).1.push(c);
        } else if matches!(c, '"' | '\'') {
            quote = Some(c);
            word.get_or_insert_with(|| (at, String::new()));
        } else if matches!(c, '|' | ';' | '&' | '<' | '>' | '\n') || (c == '#' && word.is_none()) {
            end = at;
            break;
        } else if c.is_whitespace() {
            close(&mut word, at, &mut found);
        } else {
            word.get_or_insert_with(|| (at, String::new())).1.push(c);
        }
    }
    close(&mut word, end, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::text::Piece;

    #[test]
    fn words_lose_their_quotes_and_keep_their_places() {
        let text = "run \"a b\" --x='c d' e\\ f \\\n  last # no\nother";
        let found = words(Piece::new(text));
        let texts: Vec<&str> = found.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["run", "a b", "--x=c d", "e f", "last"]);
        assert_eq!(text.get(found[1].piece.range()), Some("a b"));
        let (name, value) = found[2].assignment().unwrap();
        assert_eq!((name, value.text.as_str(), value.piece.str()), ("--x", "c d", "c d"));
        assert_eq!(value.words().len(), 2);
        assert_eq!(found[4].piece.str(), "last");
    }

    #[test]
    fn what_another_command_prints_is_one_word() {
        for (text, word) in [
            (
                "a --ip=$(hostname -i | cut -d' ' -f1) b",
                "--ip=$(hostname -i | cut -d' ' -f1)",
            ),
            ("a \"$(b $(c d))\" b", "$(b $(c d))"),
            ("a `b`c b", "`b`c"),
            ("a $(open", "$(open"),
        ] {
            assert_eq!(words(Piece::new(text))[1].text, word, "{text}");
        }
    }

    #[test]
    fn a_command_ends_at_its_pipe() {
        for text in ["a b | c", "a b;c", "a b && c", "a b > c", "a b\nc"] {
            assert_eq!(words(Piece::new(text)).len(), 2, "{text}");
        }
        assert_eq!(words(Piece::new("a \"open b")).len(), 2);
    }
}
