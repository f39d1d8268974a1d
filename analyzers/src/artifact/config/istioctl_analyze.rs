//! `istioctl analyze` (istio/istio, pkg/config/analysis/diag/message.go): `Error [IST0101] (VirtualService shop/cart) Referenced …`.

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
    command: |line| line.program == "istioctl" && line.positional().contains(&"analyze"),
    sniff: take,
    read,
});

/// Level, code, origin (with the file where one was analyzed) and message.
fn message(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>, Piece<'_>, Piece<'_>)> {
    let (level, rest) = line.split_once(" [IST")?;
    if !matches!(level.str(), "Error" | "Warning" | "Info" | "Warn") {
        return None;
    }
    let (code, rest) = rest.split_once("] ")?;
    // The code with its prefix stands three bytes before what was cut.
    let code = line.part(level.len() + 2..level.len() + 5 + code.len());
    let (origin, text) = rest.strip_prefix("(")?.split_once(") ")?;
    Some((level, code, origin, text))
}

/// What istioctl says around the messages.
fn is_note(line: &str) -> bool {
    line.starts_with("✔ No validation issues found")
        || line.starts_with("Analyzed resources from")
        || line.starts_with("Error: Analyzers found issues")
        || line.starts_with("See https://istio.io/")
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let own = |line: &str| message(Piece::new(line)).is_some() || is_note(line);
    if !(message(Piece::new(line)).is_some() || line.starts_with("✔ No valid") || hint.expects(FORMAT) && own(line)) {
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
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some((level, code, origin, text)) = message(line) {
            let mut message = Placed::object(line);
            message.put_text("level", level);
            message.put_text("code", code);
            message.put_text("origin", origin);
            message.put_text("message", text);
            messages.push(message);
        } else if !is_note(line.str()) {
            unread.line(line);
        }
    }
    let mut root = Placed::object(whole);
    root.put("messages", messages);
    unread.finish(part, problems);
    formats::add_document(part, FORMAT.name(), root, true, artifacts);
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
        ] {
            assert_eq!(read.at(pointer), text, "{pointer}");
            assert_eq!(read.shown(pointer), text, "{pointer}");
        }
    }
}
