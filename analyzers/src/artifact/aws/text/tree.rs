//! The structures that the lines of `--output text` are, and the columns that a structure's line may have.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::align::Presence;
use super::always::presence;
use crate::artifact::aws::expected::Expected;
use crate::text::Piece;

/// A structure that a line is, or that lines are inside of.
#[derive(Debug)]
pub struct Node<'a> {
    /// What it is.
    pub expected: Expected,
    /// Its line; none where it has no scalars.
    pub line: Option<Piece<'a>>,
    /// The words of its line, without the name in front.
    pub words: Vec<Piece<'a>>,
    /// Whether its line can be cut into words in several ways, so that none of them has a name.
    pub unsure: bool,
    /// Whether empty words at its end may have been cut off with its blanks: it may have fewer words than others of its list.
    pub cut: bool,
    /// What is in it.
    pub members: Vec<(String, Inside<'a>)>,
}

/// What a structure has in it.
#[derive(Debug)]
pub enum Inside<'a> {
    /// A structure.
    One(usize),
    /// A list of structures.
    Many(Vec<usize>),
    /// A list of scalars.
    Scalars(Expected, Vec<Piece<'a>>),
    /// A document that aws-cli decoded: its lines.
    Document(Vec<Piece<'a>>),
}

/// What was found.
#[derive(Debug, Default)]
pub struct Tree<'a> {
    /// The structures; the first is the root, or of a list of structures that a query made the elements are `roots`.
    pub nodes: Vec<Node<'a>>,
    /// The elements of a list that a query made.
    pub roots: Vec<usize>,
    /// Lines that belong to no place, or to one of several.
    pub unplaced: Vec<Piece<'a>>,
    /// The columns and the structures of the structures of the API that came.
    known: BTreeMap<usize, Known>,
}

/// What is looked up of a structure for every line that may be in it.
#[derive(Debug, Clone)]
struct Known {
    columns: Rc<[Column]>,
    nested: Rc<[(String, Expected)]>,
}

impl Known {
    fn new(expected: &Expected) -> Self {
        Self {
            columns: columns(expected).into(),
            nested: expected.nested().into(),
        }
    }
}

impl Tree<'_> {
    fn known(&mut self, expected: &Expected) -> Known {
        match expected.number() {
            Some(number) => self.known.entry(number).or_insert_with(|| Known::new(expected)).clone(),
            None => Known::new(expected),
        }
    }

    /// The columns that a structure's line may have.
    pub fn columns(&mut self, expected: &Expected) -> Rc<[Column]> {
        self.known(expected).columns
    }

    /// The structures and lists in a structure.
    pub fn nested(&mut self, expected: &Expected) -> Rc<[(String, Expected)]> {
        self.known(expected).nested
    }

    /// Whether no line has a place, and none has a name in front.
    pub fn is_bare(&self) -> bool {
        let root = self.nodes.first();
        self.roots.is_empty()
            && root.is_some_and(|root| root.words.is_empty() && root.members.is_empty())
            && !self.unplaced.is_empty()
            && self.unplaced.iter().all(|line| !line.contains('\t'))
    }
}

/// A column that a structure's line may have.
#[derive(Debug, Clone)]
pub struct Column {
    /// The member.
    pub name: String,
    /// What it is.
    pub expected: Expected,
    /// Whether it is always there.
    pub presence: Presence,
}

/// Members that a paginator takes out of an answer: their words stand on a line of their own (`formatter.py`, `TextFormatter`).
const TOKENS: [&str; 6] = [
    "NextToken",
    "nextToken",
    "Marker",
    "NextMarker",
    "NextRecordName",
    "nextMarker",
];

/// Whether an answer has a member that leads to its next part.
pub fn is_paged(expected: &Expected) -> bool {
    TOKENS.iter().any(|token| expected.member(token).is_some())
}

/// The columns that a structure's line may have, in their order.
pub fn columns(expected: &Expected) -> Vec<Column> {
    match expected {
        Expected::Api(shape) => shape
            .members()
            .filter(|(name, member)| member.is_scalar() && !TOKENS.contains(name))
            .map(|(name, member)| Column {
                name: name.to_owned(),
                expected: Expected::Api(member),
                presence: presence(*shape, name, member),
            })
            .collect(),
        // A query gives all of its names in every object; what is absent is a `None` in a column of its own.
        Expected::Members(members) => {
            let mut columns: Vec<Column> = members
                .iter()
                .map(|(name, expected)| Column {
                    name: name.clone(),
                    expected: expected.clone(),
                    presence: if expected.is_scalar() {
                        Presence::Always
                    } else {
                        Presence::Optional
                    },
                })
                .collect();
            columns.sort_by(|a, b| a.name.cmp(&b.name));
            columns
        }
        _ => Vec::new(),
    }
}

/// Whether a word is a member's name in capitals, as Python's `upper()` makes them.
pub fn is_capitals_of(word: &str, name: &str) -> bool {
    word.len() == name.len()
        && word
            .bytes()
            .zip(name.bytes())
            .all(|(capital, letter)| capital == letter.to_ascii_uppercase())
}
