//! The lines of an answer, where a text with several lines does not end one: a line of a structure begins with a name in capitals.

use crate::text::Piece;

/// Whether a line begins with a member's name as aws-cli prints it, by Python's `upper()`.
fn has_name(line: &str) -> bool {
    let first = line.split([' ', '\t']).next().unwrap_or_default();
    !first.is_empty() && !first.chars().any(char::is_lowercase) && first.starts_with(char::is_alphabetic)
}

/// What a query or another part of the answer prints of a member that is not there.
fn is_nothing(line: &str) -> bool {
    line.split('\t').all(|word| word == "None")
}

/// The lines of an answer whose structures have names. What stands below a line and has no name goes on with its last word.
pub fn rows(body: Piece<'_>) -> Vec<Piece<'_>> {
    let mut found: Vec<Piece<'_>> = Vec::new();
    // Whether the last of them is nothing, and so ends where it began.
    let mut nothing = false;
    for line in body.lines().filter(|line| !line.is_empty()) {
        match found.last_mut() {
            Some(row) if !nothing && !has_name(line.str()) && !is_nothing(line.str()) => *row = row.to(line, body),
            _ => {
                nothing = is_nothing(line.str());
                found.push(line);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::rows;
    use crate::text::Piece;

    #[test]
    fn a_text_of_several_lines_stays_in_its_line() {
        let text = "STACKS\tfirst\nsecond\n\n  third\tarn:x\nTAGS\tName\tx\nNone\nOUTPUTS\ta\n";
        let found: Vec<&str> = rows(Piece::new(text)).into_iter().map(Piece::str).collect();
        assert_eq!(
            found,
            [
                "STACKS\tfirst\nsecond\n\n  third\tarn:x",
                "TAGS\tName\tx",
                "None",
                "OUTPUTS\ta"
            ]
        );
        // The first line may have no name: the answer's own words.
        assert_eq!(rows(Piece::new("123456789012\tarn:x\tme\n")).len(), 1);
    }
}
