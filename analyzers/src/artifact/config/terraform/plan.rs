//! What a plan says of a resource.

use super::lines::{assignment, without_comment, without_sign};
use super::tree::{Kind, Tree, opens};
use crate::artifact::Placed;
use crate::text::Piece;

/// A resource of a plan, as its lines are read.
pub struct Change<'a> {
    addr: Piece<'a>,
    message: Option<Piece<'a>>,
    attributes: Tree<'a>,
    /// Whether there are any.
    told: bool,
    end: Piece<'a>,
}

impl<'a> Change<'a> {
    /// `# ADDR will be created`.
    pub fn new(addr: Piece<'a>, message: Piece<'a>) -> Self {
        Self {
            addr,
            message: Some(message),
            attributes: Tree::new(message),
            told: false,
            end: message,
        }
    }

    /// A block without the line above it: its type and name stand for the address.
    pub fn untitled(text: Piece<'a>) -> Self {
        let bare = without_comment(without_sign(text.trim()).1);
        let addr = bare.strip_suffix("{").unwrap_or(bare).trim();
        Self {
            message: None,
            ..Self::new(addr, text)
        }
    }

    /// The first line of its block.
    pub fn begin(&mut self, text: Piece<'a>) {
        self.end = text;
    }

    /// A line of its block.
    pub fn line(&mut self, text: Piece<'a>) {
        let (_, bare) = without_sign(text.trim());
        if bare.is_empty() || bare.starts_with('#') {
            return;
        }
        self.end = text;
        self.told = true;
        if bare.starts_with(['}', ']', ')']) {
            self.attributes.close(text);
            return;
        }
        let given = assignment(bare);
        let end = without_comment(bare);
        match (opens(end.str(), given.is_some()), given) {
            (Some(kind), Some((name, _))) => self.attributes.open(name.str(), kind, text),
            (Some(kind), None) => {
                // `scaling_config {`; an element of a list has no name.
                let name = bare.str().split([' ', '{', '[', '(']).next().unwrap_or_default();
                let kind = if name.is_empty() && kind == Kind::Block {
                    Kind::Object
                } else {
                    kind
                };
                self.attributes.open(name, kind, text);
            }
            (None, Some((name, value))) => self.attributes.leaf(name.str(), value),
            (None, None) => self.attributes.leaf("", bare.strip_suffix(",").unwrap_or(bare)),
        }
    }

    /// The change as a value.
    pub fn finish(self, whole: Piece<'a>) -> Placed {
        let mut value = Placed::object(self.addr.to(self.end, whole));
        value.put_at(&["resource", "addr"], self.addr, Placed::text(self.addr));
        if let Some(message) = self.message {
            value.put_text("message", message);
        }
        if self.told {
            value.put("attributes", self.attributes.finish(self.end));
        }
        value
    }
}
