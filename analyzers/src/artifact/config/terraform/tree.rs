//! Blocks, objects and lists of Terraform's language as a tree.

use std::collections::BTreeMap;

use crate::artifact::Placed;
use crate::text::Piece;

/// How deep they may stand in each other; what is deeper counts to the one around it.
const DEEP: usize = 32;

/// What is open.
struct Open<'a> {
    name: &'a str,
    kind: Kind,
    value: Placed,
    /// The blocks in it, by their names: there may be several of one name.
    blocks: BTreeMap<&'a str, Placed>,
}

/// What a bracket opens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// `name {`
    Block,
    /// `name = {`, or an element of a list.
    Object,
    /// `name = [`, and the arguments of a function.
    List,
}

/// The tree as it grows.
pub struct Tree<'a> {
    /// The outermost is the whole.
    open: Vec<Open<'a>>,
    deeper: usize,
}

impl<'a> Tree<'a> {
    /// An empty one, read from `piece`.
    pub fn new(piece: Piece<'a>) -> Self {
        Self {
            open: vec![Open {
                name: "",
                kind: Kind::Block,
                value: Placed::object(piece),
                blocks: BTreeMap::new(),
            }],
            deeper: 0,
        }
    }

    /// Whether nothing but the whole is open.
    pub fn is_outside(&self) -> bool {
        self.open.len() == 1
    }

    /// Opens one.
    pub fn open(&mut self, name: &'a str, kind: Kind, line: Piece<'a>) {
        if self.open.len() > DEEP {
            self.deeper += 1;
            return;
        }
        let value = if kind == Kind::List {
            Placed::array(line)
        } else {
            Placed::object(line)
        };
        self.open.push(Open {
            name,
            kind,
            value,
            blocks: BTreeMap::new(),
        });
    }

    /// Closes the innermost.
    pub fn close(&mut self, line: Piece<'a>) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        if self.is_outside() {
            return;
        }
        let Some(mut done) = self.open.pop() else { return };
        done.value.extend(line);
        let (name, kind) = (done.name, done.kind);
        let value = done.finish();
        let Some(outer) = self.open.last_mut() else { return };
        match (outer.kind, kind) {
            (Kind::List, _) => outer.value.push(value),
            (_, Kind::Block) => {
                let list = outer.blocks.entry(name).or_insert_with(|| Placed::array(line));
                list.push(value);
            }
            _ => outer.value.put(name, value),
        }
    }

    /// Adds a value; an element of a list has no name.
    pub fn leaf(&mut self, name: &'a str, value: Piece<'a>) {
        let Some(inner) = self.open.last_mut() else { return };
        if inner.kind == Kind::List {
            inner.value.push(Placed::number(value));
        } else {
            inner.value.put(name, Placed::number(value));
        }
    }

    /// The whole; what is open is closed.
    pub fn finish(mut self, end: Piece<'a>) -> Placed {
        self.deeper = 0;
        while !self.is_outside() {
            self.close(end);
        }
        match self.open.pop() {
            Some(whole) => whole.finish(),
            None => Placed::object(end),
        }
    }
}

impl Open<'_> {
    fn finish(mut self) -> Placed {
        for (name, list) in self.blocks {
            self.value.put(name, list);
        }
        self.value
    }
}

/// What the last bracket of a line opens.
pub fn opens(line: &str, assigned: bool) -> Option<Kind> {
    match line.as_bytes().last()? {
        b'{' if assigned => Some(Kind::Object),
        b'{' => Some(Kind::Block),
        b'[' | b'(' => Some(Kind::List),
        _ => None,
    }
}
