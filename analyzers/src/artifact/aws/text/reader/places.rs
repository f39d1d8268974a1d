//! The places that a line can have in what is open.

use super::super::align::Fit;
use super::super::fit::fit;
use super::super::tree::{Inside, Node, is_capitals_of};
use super::{Frame, Place, Reader, Way, What, is_document};
use crate::artifact::aws::expected::Expected;
use crate::text::Piece;

/// How deep structures without scalars are looked through.
const INVISIBLE: Invisible = Invisible { deeper: 3, any: false };

/// Which structures may have no line of their own.
#[derive(Debug, Clone, Copy)]
struct Invisible {
    /// How deep they are looked through.
    deeper: usize,
    /// Also such that could have scalars: all of them may be absent.
    any: bool,
}
/// The words of a policy that name a line: its elements, the principals, and the operators and keys of conditions (IAM user guide, "JSON
/// policy element reference").
fn is_policy_word(word: &str) -> bool {
    const WORDS: [&str; 14] = [
        "STATEMENT",
        "ACTION",
        "NOTACTION",
        "PRINCIPAL",
        "NOTPRINCIPAL",
        "RESOURCE",
        "NOTRESOURCE",
        "CONDITION",
        "AWS",
        "SERVICE",
        "FEDERATED",
        "CANONICALUSER",
        "BOOL",
        "NULL",
    ];
    const OPERATORS: [&str; 6] = ["STRING", "ARN", "NUMERIC", "DATE", "IPADDRESS", "NOTIPADDRESS"];
    WORDS.contains(&word) || word.contains(':') || OPERATORS.iter().any(|operator| word.starts_with(operator))
}

impl<'a> Reader<'a> {
    /// The places that a line can have in one way of reading what stands above it.
    pub(super) fn places(
        &mut self,
        way: &Way,
        name: Piece<'a>,
        values: &[Piece<'a>],
        words: &[Piece<'a>],
    ) -> Vec<Place> {
        let mut found = Vec::new();
        for depth in (1..=way.len()).rev() {
            let Some(frame) = way.get(depth - 1) else { continue };
            if is_document(frame) {
                if depth == way.len() && is_policy_word(name.str()) {
                    return vec![Place {
                        depth,
                        path: Vec::new(),
                        what: What::Document,
                    }];
                }
                continue;
            }
            self.inside(frame, depth, name, values, INVISIBLE, &mut found);
        }
        if found.is_empty() && !self.doubt {
            let invisible = Invisible { any: true, ..INVISIBLE };
            for (number, frame) in way.iter().enumerate().filter(|(_, frame)| !is_document(frame)) {
                self.inside(frame, number + 1, name, values, invisible, &mut found);
            }
        }
        let root = way.first();
        if found.is_empty() && !self.doubt && self.paged && !self.listed {
            // Another part of the answer begins with its first member.
            if let Some(root) = root {
                let mut anew = root.clone();
                anew.last = None;
                self.inside(&anew, 1, name, values, INVISIBLE, &mut found);
            }
        }
        if let Some(root) = root
            && found.is_empty()
            && let Some(element) = if self.listed {
                root.expected.element()
            } else {
                (root.last.is_none()
                    && !self.doubt
                    && self.tree.nodes.first().is_some_and(|node| node.words.is_empty()))
                .then(|| root.expected.clone())
            }
            && self.can_be(&element, words)
        {
            found.push(Place {
                depth: 1,
                path: Vec::new(),
                what: What::Root,
            });
        }
        found
    }

    /// The members of a structure that a line can be.
    fn inside(
        &mut self,
        frame: &Frame,
        depth: usize,
        name: Piece<'a>,
        values: &[Piece<'a>],
        invisible: Invisible,
        found: &mut Vec<Place>,
    ) {
        let nested = self.tree.nested(&frame.expected);
        for (member, expected) in nested.iter() {
            let again = frame.last.as_deref() == Some(member.as_str());
            let element = expected.element();
            if frame.last.as_deref().is_some_and(|last| member.as_str() < last) || (again && element.is_none()) {
                continue;
            }
            // Inside of a line that belongs nowhere nothing is certain but the next element of a list that is open.
            if self.doubt && !again {
                continue;
            }
            let inner = element.clone().unwrap_or_else(|| expected.clone());
            if is_capitals_of(name.str(), member) {
                let what = if expected.is_scalar() {
                    Some(What::Document)
                } else if inner.is_scalar() {
                    matches!(values, [only] if fit("", &inner, only.str(), self.queried) != Fit::Not)
                        .then_some(What::Scalar)
                } else {
                    let columns_agree = !again
                        || frame.words == values.len()
                        || (depth == 1 && self.paged)
                        || self.fits_cut(frame, member, &inner, name, values);
                    let nothing = values.is_empty();
                    let possible = if nothing {
                        self.cut && self.shown
                    } else {
                        self.can_be(&inner, values) || inner.is_map()
                    };
                    (columns_agree && possible).then_some(What::Structure)
                };
                if let Some(what) = what {
                    found.push(Place {
                        depth,
                        path: vec![(member.clone(), expected.clone())],
                        what,
                    });
                    continue;
                }
            }
            // A structure that has no scalars has no line: what is in it stands for it.
            if invisible.deeper > 0
                && inner.is_object()
                && !inner.is_map()
                && (invisible.any || self.tree.columns(&inner).is_empty())
            {
                let deeper = Invisible {
                    deeper: invisible.deeper - 1,
                    ..invisible
                };
                let fresh = Frame {
                    key: 0,
                    expected: inner,
                    node: None,
                    last: None,
                    words: 0,
                    width: 0,
                };
                let mut inside = Vec::new();
                self.inside(&fresh, depth, name, values, deeper, &mut inside);
                found.extend(inside.into_iter().map(|mut place| {
                    place.path.insert(0, (member.clone(), expected.clone()));
                    place
                }));
            }
        }
    }
    /// Whether a line can be of a list whose other elements have more or fewer words: aws-cli prints the same columns for all elements of a
    /// list, so that the shorter ones have lost empty words at their ends, with blanks that were cut off, and fit with these put back.
    fn fits_cut(
        &mut self,
        frame: &Frame,
        member: &str,
        inner: &Expected,
        name: Piece<'a>,
        values: &[Piece<'a>],
    ) -> bool {
        if !self.cut {
            return false;
        }
        // Of elements that can be cut into words in several ways it is not known how many they have.
        if frame.width == 0 || inner.is_map() {
            return true;
        }
        let padded = |words: &[Piece<'a>], width: usize| {
            let mut words = words.to_vec();
            words.resize(width, name.part(0..0));
            words
        };
        if values.len() <= frame.width {
            return self.can_be(inner, &padded(values, frame.width));
        }
        // The elements above are the shorter ones; those of a place that is not certain are not kept.
        let above = frame
            .node
            .and_then(|owner| self.tree.nodes.get(owner))
            .and_then(|owner| owner.members.iter().rev().find(|(name, _)| name == member))
            .and_then(|(_, inside)| match inside {
                Inside::Many(nodes) => self.tree.nodes.get(*nodes.last()?),
                _ => None,
            });
        let above = match above {
            Some(Node { unsure: true, .. }) => return true,
            Some(Node { cut: false, .. }) => return false,
            Some(node) => padded(&node.words, values.len()),
            None => return self.shown,
        };
        self.can_be(inner, &above)
    }
}
