//! The words of nft's language (nftables, `src/scanner.l`), each with its place.

use crate::text::Piece;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A word, a number, an operator that stands alone.
    Word,
    /// A text in quotes; the piece is what stands between them.
    Quoted,
    /// `{`, `}`, `,`, `;`, `(`, `)` or `|`.
    Mark,
}

/// A token.
#[derive(Debug, Clone, Copy)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub piece: Piece<'a>,
}

impl Token<'_> {
    /// Whether it is this word or mark; a quoted text is neither.
    pub fn is(&self, text: &str) -> bool {
        self.kind != Kind::Quoted && self.piece.str() == text
    }
}

/// Whether a character is a token by itself.
fn is_mark(c: char) -> bool {
    matches!(c, '{' | '}' | ',' | ';' | '(' | ')' | '|')
}

/// Cuts a piece into tokens. An open quote ends with its line.
pub fn tokens(piece: Piece<'_>) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = piece;
    loop {
        let blank = rest.len() - rest.str().trim_start().len();
        rest = rest.skip(blank);
        let Some(first) = rest.chars().next() else { return found };
        let (kind, token, used) = if first == '"' {
            let inner = rest.skip(1);
            let end = inner.find(['"', '\n']).unwrap_or(inner.len());
            (Kind::Quoted, inner.part(0..end), (end + 2).min(rest.len()))
        } else if is_mark(first) {
            (Kind::Mark, rest.part(0..first.len_utf8()), first.len_utf8())
        } else {
            let end = rest
                .find(|c: char| c.is_whitespace() || c == '"' || is_mark(c))
                .unwrap_or(rest.len());
            (Kind::Word, rest.part(0..end), end)
        };
        found.push(Token { kind, piece: token });
        rest = rest.skip(used);
    }
}

/// How many more braces a line opens than it closes, outside of quotes.
pub fn braces(line: &str) -> isize {
    let mut depth = 0;
    let mut quoted = false;
    for byte in line.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    depth
}

/// Tokens, read one after the other.
pub struct Cursor<'a, 't> {
    all: &'t [Token<'a>],
    at: usize,
    whole: Piece<'a>,
    /// How many expressions are open around this place.
    pub depth: usize,
}

impl<'a, 't> Cursor<'a, 't> {
    /// The tokens of `whole`.
    pub fn new(all: &'t [Token<'a>], whole: Piece<'a>) -> Self {
        Self {
            all,
            at: 0,
            whole,
            depth: 0,
        }
    }

    /// What the tokens were cut from.
    pub fn whole(&self) -> Piece<'a> {
        self.whole
    }

    /// Nothing, at the end.
    fn end(&self) -> Piece<'a> {
        self.whole.skip(self.whole.len())
    }

    /// The token `ahead` places from here.
    pub fn ahead(&self, ahead: usize) -> Option<Token<'a>> {
        self.all.get(self.at + ahead).copied()
    }

    /// The next token's text, unless that is quoted; it stays. Empty at the end.
    pub fn peek(&self) -> &'a str {
        self.word_ahead(0)
    }

    /// The text of the token `ahead` places from here, unless that is quoted.
    pub fn word_ahead(&self, ahead: usize) -> &'a str {
        self.ahead(ahead)
            .filter(|token| token.kind != Kind::Quoted)
            .map_or("", |token| token.piece.str())
    }

    /// Takes the next token.
    pub fn next(&mut self) -> Option<Token<'a>> {
        let token = self.all.get(self.at).copied()?;
        self.at += 1;
        Some(token)
    }

    /// Takes the next token where it is this word or mark.
    pub fn eat(&mut self, text: &str) -> Option<Piece<'a>> {
        let token = self.ahead(0).filter(|token| token.is(text))?;
        self.at += 1;
        Some(token.piece)
    }

    /// Takes the next token where it is a word or a quoted text.
    pub fn word(&mut self) -> Option<Piece<'a>> {
        let token = self.ahead(0).filter(|token| token.kind != Kind::Mark)?;
        self.at += 1;
        Some(token.piece)
    }

    /// Takes the next token where it is one of these words.
    pub fn one_of(&mut self, words: &[&str]) -> Option<Piece<'a>> {
        words.contains(&self.peek()).then(|| self.word())?
    }

    /// Where it stands, to come back to.
    pub fn place(&self) -> usize {
        self.at
    }

    /// Goes back to a place.
    pub fn back(&mut self, place: usize) {
        self.at = place;
    }

    /// Whether all was taken.
    pub fn is_done(&self) -> bool {
        self.at >= self.all.len()
    }

    /// The piece of the next token; nothing, at the end, where there is none.
    pub fn here(&self) -> Piece<'a> {
        self.ahead(0).map_or_else(|| self.end(), |token| token.piece)
    }

    /// The piece of the token before this place.
    pub fn last(&self) -> Piece<'a> {
        self.at
            .checked_sub(1)
            .and_then(|at| self.all.get(at))
            .map_or_else(|| self.end(), |token| token.piece)
    }
}
