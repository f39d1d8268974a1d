//! What a plan says of a resource.

use super::lines::{assignment, without_comment, without_sign};
use crate::artifact::Placed;
use crate::text::Piece;

/// A resource of a plan, as its lines are read.
pub struct Change<'a> {
    addr: Piece<'a>,
    message: Option<Piece<'a>>,
    /// The names of the blocks that are open, below the resource's own.
    path: Vec<&'a str>,
    attributes: Vec<Attribute<'a>>,
    end: Piece<'a>,
}

struct Attribute<'a> {
    action: Piece<'a>,
    name: String,
    value: Piece<'a>,
}

impl<'a> Change<'a> {
    /// `# ADDR will be created`.
    pub fn new(addr: Piece<'a>, message: Piece<'a>) -> Self {
        Self {
            addr,
            message: Some(message),
            path: Vec::new(),
            attributes: Vec::new(),
            end: message,
        }
    }

    /// A block without the line above it: its type and name stand for the address.
    pub fn untitled(text: Piece<'a>) -> Self {
        let bare = without_sign(text.trim()).1;
        Self {
            addr: without_comment(bare).strip_suffix("{").unwrap_or(bare).trim(),
            message: None,
            path: Vec::new(),
            attributes: Vec::new(),
            end: text,
        }
    }

    /// The resource's address.
    pub fn addr(&self) -> Piece<'a> {
        self.addr
    }

    /// The first line of its block.
    pub fn begin(&mut self, text: Piece<'a>) {
        self.end = text;
    }

    /// A line of its block.
    pub fn line(&mut self, text: Piece<'a>) {
        self.end = text;
        let trimmed = text.trim();
        let (action, bare) = without_sign(trimmed);
        let end = without_comment(bare);
        if bare.starts_with(['}', ']', ')']) {
            self.path.pop();
            return;
        }
        if bare.is_empty() || bare.starts_with('#') {
            return;
        }
        let opens = end.ends_with(['{', '[', '(']);
        let (name, value) = match assignment(bare) {
            Some((name, value)) => (name.str(), value),
            // `scaling_config {`, `+ {` of a list, and an element.
            None if opens => (
                bare.str().split([' ', '{', '[', '(']).next().unwrap_or_default(),
                bare.part(0..0),
            ),
            None => ("", bare.strip_suffix(",").unwrap_or(bare)),
        };
        if opens {
            self.path.push(name);
            return;
        }
        let mut full: Vec<&str> = self.path.iter().copied().filter(|part| !part.is_empty()).collect();
        if !name.is_empty() {
            full.push(name);
        }
        self.attributes.push(Attribute {
            action,
            name: full.join("."),
            value,
        });
    }

    /// The change as a value.
    pub fn finish(self, whole: Piece<'a>) -> Placed {
        let all = self.addr.to(self.end, whole);
        let mut value = Placed::object(all);
        value.put_at(&["resource", "addr"], self.addr, Placed::text(self.addr));
        if let Some(message) = self.message {
            value.put_text("message", message);
        }
        if self.attributes.is_empty() {
            return value;
        }
        let mut list = Placed::array(all);
        for attribute in self.attributes {
            let mut item = Placed::object(attribute.value);
            item.put_text("action", attribute.action);
            // The last name stands on the line, the others above it.
            item.put("name", Placed::value(attribute.name, attribute.value));
            item.put_number("value", attribute.value);
            list.push(item);
        }
        value.put("attributes", list);
        value
    }
}
