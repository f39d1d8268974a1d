//! What `curl -w FORMAT` prints after a transfer (curl(1), `--write-out`): the values of the variables that the command's format names.

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// The values that `curl -w` prints.
pub const FORMAT: Format = Format::new(&Spec {
    name: "curl-write-out",
    title: "what curl -w prints",
    command: |line| line.program == "curl" && !super::curl::is_verbose(line) && template(line).is_some(),
    least: 1,
    sniff: take,
    read,
});

/// A part of the format: text, or a variable's name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Text(String),
    Variable(String),
}

/// The format that the command gives, on one line; `None` where it has no variable, or two that nothing separates.
fn template(line: &CommandLine) -> Option<Vec<Token>> {
    let format = line.option(&["-w", "--write-out"])?;
    let mut tokens = Vec::new();
    let mut rest = format;
    while !rest.is_empty() {
        let (text, variable, after) = match rest.split_once("%{") {
            Some((text, more)) => {
                let (name, after) = more.split_once('}')?;
                (text, Some(name), after)
            }
            None => (rest, None, ""),
        };
        let text = text.replace("\\r", "").replace("\\n", "\n").replace("\\t", "\t");
        if !text.is_empty() {
            tokens.push(Token::Text(text));
        }
        if let Some(name) = variable {
            if matches!(tokens.last(), Some(Token::Variable(_))) {
                return None;
            }
            tokens.push(Token::Variable(name.to_owned()));
        }
        rest = after;
    }
    while let Some(Token::Text(last)) = tokens.last_mut() {
        last.truncate(last.trim_end().len());
        if !last.is_empty() {
            break;
        }
        tokens.pop();
    }
    tokens
        .iter()
        .any(|token| matches!(token, Token::Variable(_)))
        .then_some(tokens)
}

/// The variables' values in a text that the format made.
fn values<'a>(tokens: &[Token], text: Piece<'a>) -> Option<Vec<(String, Piece<'a>)>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut tokens = tokens.iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(text) => rest = rest.skip(rest.strip_prefix(text.as_str()).map(|_| text.len())?),
            Token::Variable(name) => {
                let len = match tokens.peek() {
                    Some(Token::Text(next)) => rest.find(next.as_str())?,
                    _ => rest.len(),
                };
                found.push((name.clone(), rest.part(0..len).trim()));
                rest = rest.skip(len);
            }
        }
    }
    rest.trim().is_empty().then_some(found)
}

/// How many lines a format makes.
fn lines(tokens: &[Token]) -> usize {
    let breaks = |token: &Token| match token {
        Token::Text(text) => text.matches('\n').count(),
        Token::Variable(_) => 0,
    };
    tokens.iter().map(breaks).sum::<usize>() + 1
}

fn take(_: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let tokens = hint.line.as_ref().filter(|_| hint.expects(FORMAT)).and_then(|line| {
        let inner = line.inner();
        template(inner.as_ref().unwrap_or(line))
    })?;
    let len = ends(rest).take(lines(&tokens)).last()?.1;
    values(&tokens, Piece::new(rest.get(..len)?).trim())
        .filter(|values| values.iter().all(|(_, value)| is_value(value)))?;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.9,
    })
}

/// Values are words: a body before them is none.
fn is_value(value: &str) -> bool {
    !value.contains(char::is_whitespace) && value.len() < 300
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let found = part
        .command()
        .as_ref()
        .and_then(template)
        .and_then(|tokens| values(&tokens, whole.trim()));
    let Some(found) = found else {
        problems.push(Problem::new(
            part.span(),
            "This does not have the form that curl's -w asks for; paste the command with its whole output.",
        ));
        return;
    };
    let mut root = Placed::object(whole);
    for (name, value) in found {
        root.put(&name, Placed::number(value));
    }
    formats::add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn values_have_the_names_that_the_command_gives_them() {
        let read = read(
            "$ curl -sk -o /dev/null -w '%{http_code} %{time_total}s via %{remote_ip}\\n' https://shop.example.com/healthz\n\
             503 0.004512s via 10.0.3.17\n",
        );
        assert_eq!(read.format, "curl-write-out");
        assert_eq!(read.at("/http_code"), "503");
        assert_eq!(read.shown("/time_total"), "0.004512");
        assert_eq!(read.at("/remote_ip"), "10.0.3.17");
        assert_eq!(read.problems, Vec::<String>::new());
    }

    #[test]
    fn what_has_another_form_is_left_alone() {
        for text in [
            "$ curl -s -w '%{http_code}\\n' https://shop.example.com/\n<html>not this</html>\n200\n",
            "$ curl -s -w '%{http_code}%{time_total}' https://shop.example.com/\n2000.1\n",
        ] {
            assert_ne!(read(text).format, "curl-write-out", "{text}");
        }
    }
}
