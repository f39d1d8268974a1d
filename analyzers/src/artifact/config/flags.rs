//! Options of a command line as an object: `--max-pods=58`, `--max-pods 58`, `--register-node`.

use super::shell::Word;
use crate::artifact::Placed;
use crate::text::Piece;

/// The options among the words, by their names without dashes; the last of a name counts. An option without a value is `true`, as the
/// flags of Go programs are (spf13/pflag, `NoOptDefVal`).
pub fn flags(words: &[Word<'_>], whole: Piece<'_>) -> Placed {
    let mut found = Placed::object(whole);
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        if word.text == "--" {
            break;
        }
        let Some(name) = word.text.strip_prefix("--") else {
            continue;
        };
        if let Some((_, value)) = word.assignment() {
            let name = name.split('=').next().unwrap_or(name);
            found.put(name, Placed::value(value.text.as_str(), value.piece));
        } else if let Some(value) = words.next_if(|next| !next.text.starts_with('-')) {
            found.put(name, Placed::value(value.text.as_str(), value.piece));
        } else {
            found.put(name, Placed::value(true, word.piece));
        }
    }
    found
}
