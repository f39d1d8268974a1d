//! Names the words of the structures that were read.

use super::super::expected::Expected;
use super::UNNAMED;
use super::align::{Fit, Presence, align};
use super::fit::fit;
use super::tree::{self, Inside, Tree};
use super::words::words as split;
use crate::artifact::Placed;
use crate::text::Piece;

/// Names the words of the structures that were found.
pub struct Builder<'a> {
    pub tree: Tree<'a>,
    pub body: Piece<'a>,
    pub queried: bool,
    pub paged: bool,
    pub unnamed: usize,
}

/// Deeper structures are left out.
pub const DEPTH: usize = 64;

impl Builder<'_> {
    pub fn root(&mut self, listed: bool) -> Placed {
        if !listed {
            let names = self.names(&[0]);
            return self.structure(0, &names, 0);
        }
        let mut list = Placed::array(self.body);
        for node in self.tree.roots.clone() {
            let names = self.names(&[node]);
            let element = self.structure(node, &names, 0);
            list.push(element);
        }
        list
    }

    /// The columns of structures that have the same ones: the elements of one list.
    fn names(&mut self, nodes: &[usize]) -> Vec<Option<tree::Column>> {
        let first = nodes.first().and_then(|node| self.tree.nodes.get(*node));
        let Some(expected) = first.map(|first| first.expected.clone()) else {
            return Vec::new();
        };
        let columns = self.tree.columns(&expected);
        let none = Vec::new();
        let lines: Vec<_> = nodes
            .iter()
            .filter_map(|node| self.tree.nodes.get(*node))
            .filter(|node| !node.unsure)
            .collect();
        let width = lines.iter().map(|node| node.words.len()).max().unwrap_or_default();
        // Of a line that was cut the words that are not there are empty ones.
        let fits = |node: &&tree::Node<'_>| node.words.len() == width || node.cut;
        if width == 0 || !lines.iter().all(fits) {
            return none;
        }
        let presences: Vec<Presence> = columns.iter().map(|column| column.presence).collect();
        let found = align(width, &presences, &|word, member| {
            let Some(column) = columns.get(member) else {
                return Fit::Not;
            };
            let words = lines.iter().filter_map(|node| node.words.get(word));
            // The elements that do not have it tell nothing.
            words
                .filter(|word| !word.is_empty())
                .map(|word| fit(&column.name, &column.expected, word.str(), self.queried))
                .min()
                .unwrap_or(Fit::Plain)
        });
        found.map_or(none, |found| {
            found
                .into_iter()
                .map(|member| member.and_then(|member| columns.get(member).cloned()))
                .collect()
        })
    }

    fn structure(&mut self, number: usize, names: &[Option<tree::Column>], depth: usize) -> Placed {
        let Some(node) = self.tree.nodes.get_mut(number) else {
            return Placed::object(self.body);
        };
        let members = std::mem::take(&mut node.members);
        let words = std::mem::take(&mut node.words);
        let line = node.line.unwrap_or(self.body);
        let names = if node.unsure { &[] } else { names };
        let mut object = Placed::object(line);
        let mut unnamed = Placed::array(line);
        for (at, word) in words.into_iter().enumerate() {
            match names.get(at).and_then(Option::as_ref) {
                _ if word.is_empty() => {}
                Some(column) => {
                    let value = column.expected.member_scalar(&column.name, word, self.queried);
                    object.put(&column.name, value);
                }
                None => unnamed.push(Placed::text(word)),
            }
        }
        self.unnamed += unnamed.len();
        if !unnamed.is_empty() {
            object.put(UNNAMED, unnamed);
        }
        if depth >= DEPTH {
            return object;
        }
        for (name, inside) in members {
            let value = self.inside(number, inside, line, depth + 1);
            object.put(&name, value);
        }
        object
    }

    fn inside(&mut self, owner: usize, inside: Inside<'_>, line: Piece<'_>, depth: usize) -> Placed {
        match inside {
            Inside::One(node) => {
                let names = self.names(&[node]);
                self.structure(node, &names, depth)
            }
            Inside::Many(nodes) => {
                // The parts of an answer that comes in several have each their own columns: then a line tells only its own.
                let together = !(self.paged && owner == 0);
                let names = if together { self.names(&nodes) } else { Vec::new() };
                let mut list = Placed::array(line);
                for node in nodes {
                    let element = if together {
                        self.structure(node, &names, depth)
                    } else {
                        let names = self.names(&[node]);
                        self.structure(node, &names, depth)
                    };
                    list.push(element);
                }
                list
            }
            Inside::Scalars(expected, words) => {
                let mut list = Placed::array(line);
                // Of the line that tells how to go on there is one, and it is no list.
                if matches!((&expected, words.as_slice()), (Expected::Unknown, [_]))
                    && let [word] = words.as_slice()
                {
                    return Placed::text(*word);
                }
                for word in words {
                    list.extend(word);
                    list.push(expected.scalar(word, self.queried));
                }
                list
            }
            Inside::Document(lines) => {
                let mut list = Placed::array(line);
                for line in lines {
                    let mut words = Placed::array(line);
                    for word in split(line) {
                        self.unnamed += 1;
                        words.push(Placed::text(word));
                    }
                    list.push(words);
                }
                let mut object = Placed::object(line);
                object.put(UNNAMED, list);
                object
            }
        }
    }
}
