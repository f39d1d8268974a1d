//! What a line opens, and keeping its structures where its place is certain.

use super::super::tree::{Inside, Node};
use super::{Frame, Place, Reader, Way, What};
use crate::artifact::aws::expected::Expected;
use crate::text::Piece;

impl<'a> Reader<'a> {
    /// The frames that a line opens; its structures are kept where its place is certain.
    pub(super) fn open(
        &mut self,
        way: &Way,
        place: &Place,
        certain: bool,
        line: Piece<'a>,
        words: &[Piece<'a>],
        unsure: bool,
    ) -> Vec<Frame> {
        let mut owner = way.last().and_then(|frame| frame.node).filter(|_| certain);
        let mut frames = Vec::new();
        let values = words.get(1..).unwrap_or_default();
        if place.what == What::Root {
            if !self.listed {
                if let Some(root) = self.tree.nodes.first_mut() {
                    root.words = words.to_vec();
                    root.line = Some(line);
                    root.unsure = unsure;
                }
                return frames;
            }
            let element = way.first().and_then(|frame| frame.expected.element());
            let expected = element.unwrap_or(Expected::Unknown);
            let node = certain.then(|| self.keep(expected.clone(), Some(line), words.to_vec(), unsure));
            self.tree.roots.extend(node);
            frames.push(self.frame(expected, node));
            return frames;
        }
        if place.path.is_empty() {
            // A further line of a document.
            if let Some(Inside::Document(lines)) = owner
                .and_then(|owner| self.tree.nodes.get_mut(owner))
                .and_then(|node| node.members.last_mut())
                .map(|(_, inside)| inside)
            {
                lines.push(line);
            }
            return frames;
        }
        let count = place.path.len();
        for (number, (member, expected)) in place.path.iter().enumerate() {
            let last = number + 1 == count;
            match place.what {
                What::Scalar if last => {
                    let element = expected.element().unwrap_or(Expected::Unknown);
                    if let (Some(node), Some(value)) = (owner.and_then(|o| self.tree.nodes.get_mut(o)), values.first())
                    {
                        match node.members.iter_mut().rev().find(|(name, _)| name == member) {
                            Some((_, Inside::Scalars(_, list))) => list.push(*value),
                            _ => node
                                .members
                                .push((member.clone(), Inside::Scalars(element, vec![*value]))),
                        }
                    }
                }
                What::Document if last => {
                    if let Some(node) = owner.and_then(|o| self.tree.nodes.get_mut(o)) {
                        node.members.push((member.clone(), Inside::Document(vec![line])));
                    }
                    // Its frame has the node of its owner, where its lines go.
                    let frame = self.frame(Expected::Unknown, owner);
                    frames.push(frame);
                }
                _ => {
                    let listed = expected.element().is_some();
                    let inner = expected.element().unwrap_or_else(|| expected.clone());
                    let node = owner.map(|owner| {
                        let node = if last {
                            self.keep(inner.clone(), Some(line), values.to_vec(), unsure)
                        } else {
                            self.keep(inner.clone(), None, Vec::new(), false)
                        };
                        self.attach(owner, member, node, listed);
                        node
                    });
                    let mut frame = self.frame(inner, node);
                    if let Some((next, _)) = place.path.get(number + 1) {
                        frame.last = Some(next.clone());
                        frame.words = values.len();
                        frame.width = frame.words;
                    }
                    frames.push(frame);
                    owner = node;
                }
            }
        }
        frames
    }

    fn frame(&mut self, expected: Expected, node: Option<usize>) -> Frame {
        self.keys += 1;
        Frame {
            key: self.keys,
            expected,
            node,
            last: None,
            words: 0,
            width: 0,
        }
    }

    fn keep(&mut self, expected: Expected, line: Option<Piece<'a>>, words: Vec<Piece<'a>>, unsure: bool) -> usize {
        self.tree.nodes.push(Node {
            expected,
            line,
            words,
            unsure,
            cut: self.cut && line.is_some(),
            members: Vec::new(),
        });
        self.tree.nodes.len() - 1
    }

    fn attach(&mut self, owner: usize, member: &str, node: usize, listed: bool) {
        let Some(owner) = self.tree.nodes.get_mut(owner) else {
            return;
        };
        match owner.members.iter_mut().rev().find(|(name, _)| name == member) {
            Some((_, Inside::Many(nodes))) => nodes.push(node),
            _ if listed => owner.members.push((member.to_owned(), Inside::Many(vec![node]))),
            _ => owner.members.push((member.to_owned(), Inside::One(node))),
        }
    }
}
