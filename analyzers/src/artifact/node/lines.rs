//! What the parsers of line formats share: cutting their lines from an output and naming the lines that they cannot read.

use crate::artifact::Placed;
use crate::problem::{Problem, blacked_out, excerpt};
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::{Piece, is_redacted_address};

/// How many lines are named one by one; the others are counted.
const NAMED: usize = 20;

/// Collects the lines that a parser could not read.
pub struct Unread<'a, 'p> {
    part: &'a Part<'a>,
    problems: &'p mut Vec<Problem>,
    count: usize,
    last: Option<Piece<'a>>,
}

impl<'a, 'p> Unread<'a, 'p> {
    /// Nothing unread so far.
    pub fn new(part: &'a Part<'a>, problems: &'p mut Vec<Problem>) -> Self {
        Self {
            part,
            problems,
            count: 0,
            last: None,
        }
    }

    /// Names what is not understood and says why.
    pub fn say(&mut self, piece: Piece<'a>, why: impl Into<String>) {
        self.count += 1;
        if self.count <= NAMED {
            let span = self.part.span().slice(piece.range());
            self.problems.push(Problem::new(span, why));
        } else {
            self.last = Some(piece);
        }
    }

    /// Names a line that is none of this format's.
    pub fn line(&mut self, line: Piece<'a>, title: &str) {
        self.say(line, format!("`{}` is no line of {title}", excerpt(line.trim().str())));
    }

    /// Names the addresses of a line that were blacked out: they are kept as they are printed, and equal no other one.
    pub fn hidden(&mut self, line: Piece<'a>) {
        if !line.contains(['x', 'X', '*', '#', '█', '<', '[']) {
            return;
        }
        for word in line.words().filter(|word| is_redacted_address(word.str())) {
            self.say(word, blacked_out(word.str()));
        }
    }

    /// Says how many there were beyond those that were named; whether all was read.
    pub fn finish(self) -> bool {
        if let Some(last) = self.last {
            let span = self.part.span().slice(last.range());
            let more = self.count - NAMED;
            self.problems.push(Problem::new(
                span,
                format!("{more} more lines like the ones before were not read, this one last"),
            ));
        }
        self.count == 0
    }
}

/// Takes lines as long as they are `own`, blank ones between them included.
pub fn take(rest: &str, format: Format, hint: &Hint, mut own: impl FnMut(&str) -> bool) -> Option<Taken> {
    let mut len = 0;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            continue;
        }
        if !own(line) {
            break;
        }
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format,
        confidence: if hint.expects(format) { 0.98 } else { 0.9 },
    })
}

/// A line's words, read one after the other.
pub struct Words<'a> {
    all: Vec<Piece<'a>>,
    at: usize,
    line: Piece<'a>,
}

impl<'a> Words<'a> {
    /// The words of a line.
    pub fn new(line: Piece<'a>) -> Self {
        Self {
            all: line.words().collect(),
            at: 0,
            line,
        }
    }

    /// The next word; it stays.
    pub fn peek(&self) -> &'a str {
        self.all.get(self.at).map_or("", |word| word.str())
    }

    /// The value after a word: empty, at the line's end, where there is none.
    pub fn value(&mut self) -> Piece<'a> {
        self.next().unwrap_or_else(|| self.line.skip(self.line.len()))
    }

    /// All that is left, as one text.
    pub fn rest(&mut self) -> Piece<'a> {
        let rest = self.all.get(self.at..).unwrap_or_default();
        self.at = self.all.len();
        match (rest.first(), rest.last()) {
            (Some(first), Some(last)) => first.to(*last, self.line),
            _ => self.line.skip(self.line.len()),
        }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let word = self.all.get(self.at).copied()?;
        self.at += 1;
        Some(word)
    }
}

/// An address, or one with the length of its prefix.
pub fn is_address(word: &str) -> bool {
    let (address, len) = word.split_once('/').unwrap_or((word, "0"));
    address.contains(['.', ':'])
        && address.parse::<std::net::IpAddr>().is_ok()
        && len.parse::<u8>().is_ok_and(|len| len <= 128)
}

/// An Ethernet address.
pub fn is_mac(word: &str) -> bool {
    word.len() == 17
        && word
            .split(':')
            .all(|byte| byte.len() == 2 && byte.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A number before its unit: `1799sec`. The text where it is none.
pub fn leading_number(piece: Piece<'_>) -> Placed {
    let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
    match piece.get(..digits).and_then(|digits| digits.parse::<u64>().ok()) {
        Some(number) => Placed::value(number, piece),
        None => Placed::text(piece),
    }
}

/// Whether a command is `ip OBJECT`, or an abbreviation of the object that has at least `least` letters; options before it do not count.
/// JSON is read as JSON, and brief tables are another format.
pub fn is_ip(line: &CommandLine, object: &str, least: usize) -> bool {
    ip_object(line).is_some_and(|(word, brief)| !brief && word.len() >= least && object.starts_with(word))
}

/// The same, of `ip -br`.
pub fn is_ip_brief(line: &CommandLine, object: &str, least: usize) -> bool {
    ip_object(line).is_some_and(|(word, brief)| brief && word.len() >= least && object.starts_with(word))
}

/// The object of `ip OBJECT`, and whether brief output is asked for.
fn ip_object(line: &CommandLine) -> Option<(&str, bool)> {
    let mut args = line.args.iter().map(String::as_str);
    let mut brief = false;
    if line.program != "ip" {
        return None;
    }
    while let Some(arg) = args.next() {
        if !arg.starts_with('-') {
            return Some((arg, brief));
        }
        match arg {
            "-n" | "-netns" | "-f" | "-family" => {
                args.next();
            }
            "-j" | "-json" => return None,
            "-br" | "-brief" => brief = true,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
pub mod tests {
    use crate::artifact::Content;
    use crate::{Analysis, Input, analyze};

    /// Analyzes a paste.
    pub fn paste(text: &str) -> Analysis {
        let input = Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        analyze(vec![input], &mut |_| {})
    }

    /// The documents of a paste with the formats that they were read as.
    pub fn documents(text: &str) -> Vec<(String, serde_json::Value)> {
        let analysis = paste(text);
        analysis
            .artifacts
            .iter()
            .filter_map(|(_, artifact)| match &artifact.content {
                Content::Document(document) => Some((
                    artifact.kinds.first().map(|(kind, _)| kind.clone()).unwrap_or_default(),
                    document.value.to_json(),
                )),
                _ => None,
            })
            .collect()
    }

    /// The one document of a paste of this format, all of which must be read.
    pub fn only(format: &str, text: &str) -> serde_json::Value {
        let analysis = paste(text);
        assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
        let mut found = documents(text);
        assert_eq!(found.len(), 1, "{found:?}");
        let (kind, value) = found.remove(0);
        assert_eq!(kind, format);
        value
    }

    /// The messages of a paste's problems, with the texts that they name.
    pub fn problems(text: &str) -> Vec<(String, String)> {
        let analysis = paste(text);
        analysis
            .problems
            .iter()
            .map(|problem| (analysis.sources.text(problem.span).to_owned(), problem.message.clone()))
            .collect()
    }
}
