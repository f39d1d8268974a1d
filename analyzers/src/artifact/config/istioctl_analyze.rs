//! `istioctl analyze` (istio/istio, pkg/config/analysis/diag/message.go): `Error [IST0101] (VirtualService shop/cart) Referenced …`, in the
//! words of its own `-o json`; that, and `-o yaml`, are read as JSON and YAML.

use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// What `istioctl analyze` prints.
pub const FORMAT: Format = Format::new(&Spec {
    name: "istioctl-analyze",
    title: "istioctl analyze's messages",
    command: |line| {
        line.program == "istioctl"
            && line.positional().contains(&"analyze")
            && !matches!(line.output(), Some("json" | "yaml"))
    },
    least: 6,
    sniff: take,
    read,
});

/// Level, code, what stands in the brackets after it, and the text.
struct Message<'a> {
    level: Piece<'a>,
    code: Piece<'a>,
    origin: Option<Piece<'a>>,
    text: Piece<'a>,
}

/// Takes a line apart. Versions before 1.10 print `Warn` for `Warning`.
fn message(line: Piece<'_>) -> Option<Message<'_>> {
    let (level, rest) = line.split_once(" [")?;
    if !matches!(level.str(), "Error" | "Warning" | "Info" | "Warn") {
        return None;
    }
    let (code, rest) = rest.split_once("]")?;
    let digits = code.strip_prefix("IST")?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let rest = rest.trim();
    let bracketed = rest.strip_prefix("(").and_then(|rest| rest.split_once(") "));
    let (origin, text) = match bracketed {
        Some((origin, text)) => (Some(origin), text),
        None => (None, rest),
    };
    Some(Message {
        level,
        code,
        origin,
        text,
    })
}

/// What istioctl says around the messages.
fn is_note(line: &str) -> bool {
    line.starts_with("✔ No validation issues found")
        || line.starts_with("Analyzed resources from")
        || line.starts_with("Analyzing resources from")
        || line.starts_with("Error: Analyzers found issues")
        || line.starts_with("See https://istio.io/")
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let own = |line: &str| message(Piece::new(line)).is_some() || is_note(line);
    let begins = message(Piece::new(line)).is_some()
        || line.starts_with("✔ No validation issues")
        || line.starts_with("Error: Analyzers found issues");
    if !(begins || hint.expects(FORMAT) && own(line)) {
        return None;
    }
    let len = ends(rest).take_while(|(line, _)| own(line)).last()?.1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.97,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut messages = Placed::array(whole);
    let mut root = Placed::object(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(message) = message(line) {
            messages.push(of_message(line, &message));
        } else if line.starts_with('✔') || line.starts_with("Error: ") {
            root.put_text("summary", line);
        } else if !is_note(line.str()) {
            unread.line(line);
        }
    }
    root.put("messages", messages);
    unread.finish(part, problems);
    let complete = !part.command().is_some_and(|line| line.filtered());
    formats::add_document(part, FORMAT.name(), root, complete, artifacts);
}

fn of_message(line: Piece<'_>, message: &Message<'_>) -> Placed {
    let mut placed = Placed::object(line);
    placed.put_text("level", message.level);
    placed.put_text("code", message.code);
    placed.put_text("message", message.text);
    let Some(origin) = message.origin else { return placed };
    // `VirtualService shop/cart istio/cart.yaml:12`: kind and name, then the file that was analyzed.
    let words: Vec<Piece<'_>> = origin.words().collect();
    match words.as_slice() {
        [kind, name, reference, ..] => {
            placed.put_text("origin", kind.to(*name, origin));
            let end = words.last().copied().unwrap_or(*reference);
            placed.put_text("reference", reference.to(end, origin));
        }
        _ => placed.put_text("origin", origin),
    }
    placed
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn messages_have_level_code_and_origin() {
        let read = read(include_str!("../../../../tests/samples/istioctl-analyze/errors.txt"));
        read.is("istioctl-analyze");
        assert_eq!(read.problems, Vec::<String>::new());
        for (pointer, text) in [
            ("/messages/0/level", "Error"),
            ("/messages/0/code", "IST0101"),
            ("/messages/0/origin", "VirtualService shop/cart"),
            ("/messages/0/message", "Referenced host not found: \"cart.shop\""),
            ("/messages/1/code", "IST0102"),
            (
                "/summary",
                "Error: Analyzers found issues when analyzing namespace: shop.",
            ),
        ] {
            assert_eq!(read.at(pointer), text, "{pointer}");
            assert_eq!(read.shown(pointer), text, "{pointer}");
        }
    }

    #[test]
    fn files_and_old_words_are_told() {
        let read = read(include_str!("../../../../tests/samples/istioctl-analyze/files.txt"));
        read.is("istioctl-analyze");
        assert_eq!(read.problems, Vec::<String>::new());
        assert_eq!(read.count("/messages"), 4);
        for (pointer, text) in [
            ("/messages/0/origin", "VirtualService cart.shop"),
            ("/messages/0/reference", "mesh/cart.yaml:12"),
            ("/messages/1/level", "Warn"),
            ("/messages/2/origin", "Pod shop/web-7d4b9c6f5-x2x9p"),
            (
                "/messages/3/message",
                "Schema validation error: gateway must have at least one server",
            ),
        ] {
            assert_eq!(read.at(pointer), text, "{pointer}");
            assert_eq!(read.shown(pointer), text, "{pointer}");
        }
        assert_eq!(read.at("/messages/2/reference"), "");
    }

    #[test]
    fn nothing_found_is_a_fact_and_logs_are_none() {
        let clean =
            read("$ istioctl analyze -n shop\n\n✔ No validation issues found when analyzing namespace: shop.\n");
        clean.is("istioctl-analyze");
        assert_eq!(clean.at("/messages"), "[]");
        assert_ne!(read("Error [E001] (x) y\n").format, "istioctl-analyze");
    }
}
