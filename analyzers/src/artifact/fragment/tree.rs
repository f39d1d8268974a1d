//! Puts the lines of a document's fragments together, as far as their indentation shows which belongs to which.

use crate::artifact::Placed;
use crate::text::Piece;
use std::collections::BTreeSet;

/// Deeper nesting begins a fragment of its own: no document that people cut comes near it.
const DEEPEST: usize = 64;

/// What a container holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Members with names.
    Members,
    /// Elements.
    Elements,
}

/// A value as a line shows it.
#[derive(Debug)]
pub enum Shown {
    /// All of it.
    Value(Placed),
    /// It may stand on the lines below.
    Below(Option<Shape>),
}

/// What a frame's last entry waits for.
#[derive(Debug)]
struct Open {
    name: Option<String>,
    shape: Option<Shape>,
    place: (usize, usize),
}

/// A container whose entries stand in one column.
#[derive(Debug)]
struct Frame {
    column: usize,
    shape: Shape,
    node: Placed,
    names: BTreeSet<String>,
    open: Option<Open>,
}

/// Fragments as they are read, line by line.
#[derive(Debug)]
pub struct Tree<'a> {
    whole: Piece<'a>,
    /// Whether a list may stand in the column of the name that it belongs to: YAML's may.
    lists_in_column: bool,
    stack: Vec<Frame>,
    done: Vec<Fragment>,
}

/// A fragment, and the column that its entries stand in; none for a value alone.
pub type Fragment = (Option<usize>, Placed);

impl<'a> Tree<'a> {
    /// No fragments yet.
    pub fn new(whole: Piece<'a>, lists_in_column: bool) -> Self {
        Self {
            whole,
            lists_in_column,
            stack: Vec::new(),
            done: Vec::new(),
        }
    }

    /// The text that the lines are of.
    pub fn whole(&self) -> Piece<'a> {
        self.whole
    }

    /// Adds a member in a column.
    pub fn member(&mut self, column: usize, name: &str, piece: Piece<'a>, shown: Shown) {
        self.make_room(column, Shape::Members, piece, Some(name));
        let Some(frame) = self.stack.last_mut() else { return };
        frame.node.extend(piece);
        frame.names.insert(name.to_owned());
        match shown {
            Shown::Value(value) => frame.node.put(name, value),
            Shown::Below(shape) => {
                frame.open = Some(Open {
                    name: Some(name.to_owned()),
                    shape,
                    place: (piece.start(), piece.end()),
                });
            }
        }
    }

    /// Adds an element in a column.
    pub fn element(&mut self, column: usize, piece: Piece<'a>, shown: Shown) {
        self.make_room(column, Shape::Elements, piece, None);
        let Some(frame) = self.stack.last_mut() else { return };
        frame.node.extend(piece);
        match shown {
            Shown::Value(value) => frame.node.push(value),
            Shown::Below(shape) => {
                frame.open = Some(Open {
                    name: None,
                    shape,
                    place: (piece.start(), piece.end()),
                });
            }
        }
    }

    /// Adds a value that stands alone on its line: the one that the entry above waits for, or a fragment of its own.
    pub fn value(&mut self, column: usize, value: Placed) {
        let belongs = self
            .stack
            .last()
            .is_some_and(|top| top.column < column && top.open.as_ref().is_some_and(|open| open.shape.is_none()));
        if !belongs {
            self.gap();
            self.done.push((None, value));
            return;
        }
        let Some(frame) = self.stack.last_mut() else { return };
        let end = value.range().end;
        match frame.open.take().and_then(|open| open.name) {
            Some(name) => frame.node.put(&name, value),
            None => frame.node.push(value),
        }
        frame.node.extend(self.whole.part(end..end));
    }

    /// Ends the container that was opened in that column; where it is not here, what follows is another fragment.
    pub fn close(&mut self, column: usize) {
        while self.stack.last().is_some_and(|top| top.column > column) && self.stack.len() > 1 {
            self.pop();
        }
        match self.stack.last_mut() {
            Some(top) if top.column == column => self.settle(),
            _ => self.gap(),
        }
    }

    /// Lines are missing here: what follows is another fragment.
    pub fn gap(&mut self) {
        while !self.stack.is_empty() {
            self.pop();
        }
    }

    /// The fragments.
    pub fn finish(mut self) -> Vec<Fragment> {
        self.gap();
        self.done
    }

    /// Makes the top of the stack the container that an entry in this column belongs to.
    fn make_room(&mut self, column: usize, shape: Shape, piece: Piece<'a>, name: Option<&str>) {
        while self.stack.last().is_some_and(|top| top.column > column) {
            self.pop();
        }
        if let Some(top) = self.stack.last() {
            let opens = top
                .open
                .as_ref()
                .is_some_and(|open| open.shape.is_none_or(|wanted| wanted == shape));
            if top.column < column {
                if !opens || self.stack.len() >= DEEPEST {
                    self.gap();
                }
            } else if top.shape == shape {
                if name.is_some_and(|name| top.names.contains(name)) {
                    self.gap();
                } else {
                    self.settle();
                    return;
                }
            } else if top.shape == Shape::Elements && self.lists_in_column && self.below_is_member(column) {
                // The list in its name's column has ended.
                self.pop();
                if name.is_some_and(|name| self.stack.last().is_some_and(|top| top.names.contains(name))) {
                    self.gap();
                } else {
                    self.settle();
                    return;
                }
            } else if !(opens && self.lists_in_column && shape == Shape::Elements) {
                self.gap();
            }
        }
        let node = match shape {
            Shape::Members => Placed::object(piece),
            Shape::Elements => Placed::array(piece),
        };
        self.stack.push(Frame {
            column,
            shape,
            node,
            names: BTreeSet::new(),
            open: None,
        });
    }

    fn below_is_member(&self, column: usize) -> bool {
        self.stack
            .len()
            .checked_sub(2)
            .and_then(|at| self.stack.get(at))
            .is_some_and(|frame| frame.column == column && frame.shape == Shape::Members)
    }

    /// An entry whose value did not come has none: nothing, or nothing in its brackets.
    fn settle(&mut self) {
        let Some(frame) = self.stack.last_mut() else { return };
        let Some(open) = frame.open.take() else { return };
        let piece = self.whole.part(open.place.0..open.place.1);
        let value = match open.shape {
            Some(Shape::Members) => Placed::object(piece),
            Some(Shape::Elements) => Placed::array(piece),
            None => Placed::value(serde_json::Value::Null, piece),
        };
        match open.name {
            Some(name) => frame.node.put(&name, value),
            None => frame.node.push(value),
        }
    }

    fn pop(&mut self) {
        self.settle();
        let Some(mut frame) = self.stack.pop() else { return };
        // There may be as many as lines.
        frame.node.shrink();
        let end = frame.node.range().end;
        let end = self.whole.part(end..end);
        let Some(parent) = self.stack.last_mut() else {
            self.done.push((Some(frame.column), frame.node));
            return;
        };
        match parent.open.take().map(|open| open.name) {
            Some(Some(name)) => parent.node.put(&name, frame.node),
            Some(None) => parent.node.push(frame.node),
            None => {}
        }
        parent.node.extend(end);
    }
}
