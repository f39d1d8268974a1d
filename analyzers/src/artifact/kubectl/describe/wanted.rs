//! What the command asked to describe: of kinds that print the same fields only this tells which one it is.

use super::FORMAT;
use crate::segment::CommandLine;
use crate::segment::formats::Part;

/// The resources that a command line describes.
pub struct Wanted {
    words: Vec<String>,
}

impl Wanted {
    /// What the command of a part asks for that has so many objects.
    pub fn of(part: &Part<'_>, objects: usize) -> Self {
        let text = part
            .segment
            .command
            .as_ref()
            .map_or("", |command| command.text.as_str());
        let mut words = Vec::new();
        let mut commands = 0;
        for command in commands_of(text) {
            let line = CommandLine::new(command);
            let line = line.inner().unwrap_or(line);
            if (FORMAT.spec().command)(&line) {
                commands += 1;
                words.extend(word(&line));
            }
        }
        // Of several commands each has to have printed one object, or all describe the same kind: else nothing tells which one an object is of.
        if commands != words.len() || commands > 1 && words.windows(2).all(|pair| pair.first() == pair.last()) {
            words.truncate(usize::from(commands == words.len()));
        } else if commands > 1 && commands != objects {
            words.clear();
        }
        Self { words }
    }

    /// The resource of an object by its number.
    pub fn word(&self, object: usize) -> Option<&str> {
        match self.words.as_slice() {
            [one] => Some(one),
            words => words.get(object).map(String::as_str),
        }
    }
}

/// The resource that a command describes: `pod` of `kubectl describe pod/cart-0 -n shop`.
fn word(line: &CommandLine) -> Option<String> {
    let words = line.positional();
    let word = words.get(1)?.split('/').next()?;
    (!word.contains(',')).then(|| word.to_owned())
}

/// The commands of a line between which `;`, `&&` or `||` stand, outside of quotes.
fn commands_of(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut quote = None;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match (quote, byte) {
            (Some(open), byte) if byte == open => quote = None,
            (Some(b'"') | None, b'\\') => {
                bytes.next();
            }
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'&' | b'|') if bytes.next_if(|(_, next)| *next == byte).is_some() => {
                found.extend(text.get(start..at));
                start = at + 2;
            }
            (None, b';' | b'\n') => {
                found.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    found.extend(text.get(start..));
    found
}

#[cfg(test)]
mod tests {
    use super::commands_of;

    #[test]
    fn commands_end_outside_of_quotes() {
        let parts = |text| commands_of(text).into_iter().map(str::trim).collect::<Vec<_>>();
        assert_eq!(parts("a b; c && d | e || f"), ["a b", "c", "d | e", "f"]);
        assert_eq!(
            parts("grep 'a;b' \"c && \\\"d;\" 2>&1"),
            ["grep 'a;b' \"c && \\\"d;\" 2>&1"]
        );
        assert_eq!(parts(""), [""]);
    }
}
