//! Where the lines of `--output text` belong. A line begins with the name of the member that it is (in capitals, alone, without the way to
//! it), and what a structure has in it follows in the order of the names (aws-cli's `text.py`). So what is open decides where a line can
//! belong, and sometimes it can belong to two places: then it belongs to none.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::align::{Fit, Presence, points};
use super::always::presence;
use super::fit::fit;
use super::words::{self, Readings};
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

/// An open structure.
#[derive(Debug, Clone)]
struct Frame {
    /// Tells it from others; two ways of reading that have it in common have the same one.
    key: usize,
    expected: Expected,
    /// Where it is kept; nowhere where its own place is not certain.
    node: Option<usize>,
    /// The member that the last line inside of it belongs to.
    last: Option<String>,
    /// How many words an element of that member has, where it is a list of structures.
    words: usize,
}

/// One way of reading the lines so far: what is open, outermost first.
type Way = Vec<Frame>;

/// A place that a line can have.
#[derive(Debug, Clone)]
struct Place {
    /// How many frames stay open.
    depth: usize,
    /// The members on the way from the innermost of them.
    path: Vec<(String, Expected)>,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Structure,
    Scalar,
    Document,
    /// A line without a name in front: the root's own words.
    Root,
}

/// A line as it is cut into words, and where it can belong then.
struct Choice<'a> {
    words: Vec<Piece<'a>>,
    next: Vec<(usize, Place)>,
    /// Whether it can as well be cut otherwise.
    unsure: bool,
}

/// More ways than this at a time, and the lines belong nowhere.
const WAYS: usize = 16;
/// So many ways to cut lines are tried in a text.
const CUTS: usize = 8192;
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
/// Members that a paginator takes out of an answer: their words stand on a line of their own (`formatter.py`, `TextFormatter`).
const TOKENS: [&str; 6] = [
    "NextToken",
    "nextToken",
    "Marker",
    "NextMarker",
    "NextRecordName",
    "nextMarker",
];

/// Reads the lines of an answer.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of the answer by itself")]
pub struct Reader<'a> {
    tree: Tree<'a>,
    ways: Vec<Way>,
    queried: bool,
    /// Whether the API may give the answer in several parts, each of which is printed for itself.
    paged: bool,
    listed: bool,
    /// After a line that belongs nowhere: what follows may be inside of it.
    doubt: bool,
    /// Whether empty words at the end of this line may have been cut off with its blanks.
    cut: bool,
    /// Whether a line before showed that blanks stand for tabs.
    shown: bool,
    /// How many ways to cut lines were tried.
    cuts: usize,
    keys: usize,
}

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
    /// For an answer of that shape.
    pub fn new(expected: &Expected, queried: bool, one_page: bool) -> Self {
        let element = expected.element();
        let listed = element.is_some();
        let mut reader = Self {
            tree: Tree::default(),
            ways: Vec::new(),
            queried,
            paged: !one_page && (queried || is_paged(expected)),
            listed,
            doubt: false,
            cut: false,
            shown: false,
            cuts: 0,
            keys: 0,
        };
        if listed {
            reader.ways.push(vec![Frame {
                key: 0,
                expected: expected.clone(),
                node: None,
                last: None,
                words: 0,
            }]);
        } else {
            reader.tree.nodes.push(Node {
                expected: expected.clone(),
                line: None,
                words: Vec::new(),
                unsure: false,
                members: Vec::new(),
            });
            reader.ways.push(vec![Frame {
                key: 0,
                expected: expected.clone(),
                node: Some(0),
                last: None,
                words: 0,
            }]);
        }
        reader
    }

    /// What was found, once all lines are in.
    pub fn finish(self) -> Tree<'a> {
        self.tree
    }

    /// Whether these can be the words of such a structure's line.
    pub fn can_be(&mut self, expected: &Expected, words: &[Piece<'a>]) -> bool {
        self.points(expected, words).is_some()
    }

    /// How many of these words look like what a structure's line has; `None` where they cannot be one.
    pub fn points(&mut self, expected: &Expected, words: &[Piece<'a>]) -> Option<usize> {
        let columns = self.tree.columns(expected);
        let presences: Vec<Presence> = columns.iter().map(|column| column.presence).collect();
        points(words.len(), &presences, &|word, member| {
            words
                .get(word)
                .zip(columns.get(member))
                .map_or(Fit::Not, |(word, column)| {
                    fit(&column.name, &column.expected, word.str(), self.queried)
                })
        })
    }

    /// Takes the root's own words in, which were cut already.
    pub fn own_line(&mut self, words: Vec<Piece<'a>>, line: Piece<'a>) {
        if let Some(root) = self.tree.nodes.first_mut() {
            root.words = words;
            root.line = Some(line);
        }
    }

    /// Takes a line in; `last`: there is none after it, so that the empty words at its end may have been cut off with its blanks.
    pub fn line(&mut self, line: Piece<'a>, last: bool) {
        let readings = words::readings(line, true);
        self.shown |= readings.blanks;
        self.cut = last || (self.shown && !line.contains('\t'));
        let Some((name, values)) = readings.ways.first().and_then(|words| words.split_first()) else {
            return;
        };
        // A member of the root that this part of the answer does not have is a `None` among the root's words.
        let nothing =
            self.paged && !self.listed && name.str() == "None" && values.iter().all(|word| word.str() == "None");
        if nothing || self.token(*name, values) {
            return;
        }
        let ways = std::mem::take(&mut self.ways);
        let named = readings.named;
        let mut choice = self.choose(&ways, readings);
        if named && choice.next.is_empty() {
            choice = self.choose(&ways, words::readings(line, false));
        }
        let Choice { words, next, unsure } = choice;
        let values = words.get(1..).unwrap_or_default();
        let deep = next
            .iter()
            .any(|(_, place)| place.depth + place.path.len() > super::DEPTH);
        if next.is_empty() || next.len() > WAYS || deep {
            self.doubt = true;
            self.tree.unplaced.push(line);
            self.ways = ways;
            return;
        }
        self.doubt = false;
        // A place is certain where all ways have the same one, in a structure whose own place is certain.
        let mut owners = next.iter().map(|(number, place)| {
            let owner = ways.get(*number).and_then(|way| way.get(place.depth.checked_sub(1)?));
            let names: Vec<&str> = place.path.iter().map(|(name, _)| name.as_str()).collect();
            (owner.map(|owner| (owner.key, owner.node)), names, place.what)
        });
        let first = owners.next();
        let agreed = first.as_ref().is_some_and(|first| owners.all(|other| other == *first));
        let owner = first.filter(|_| agreed).and_then(|(owner, ..)| owner);
        let certain = match owner {
            Some((_, Some(_))) => true,
            Some((_, None)) => self.listed && next.iter().all(|(_, place)| place.depth == 1),
            None => false,
        };
        if !certain {
            self.tree.unplaced.push(line);
        }
        let mut kept = None;
        for (number, place) in next {
            let Some(way) = ways.get(number) else { continue };
            let mut way: Way = way.iter().take(place.depth).cloned().collect();
            if kept.is_none() || !certain {
                kept = Some(self.open(&way, &place, certain, line, &words, unsure));
            }
            if let (Some(frame), Some((name, _))) = (way.last_mut(), place.path.first()) {
                frame.last = Some(name.clone());
                frame.words = if unsure { 0 } else { values.len() };
            }
            way.extend(kept.clone().unwrap_or_default());
            let same = |other: &Way| {
                other.len() == way.len()
                    && other
                        .iter()
                        .zip(&way)
                        .all(|(a, b)| a.key == b.key && a.last == b.last && a.words == b.words)
            };
            if !self.ways.iter().any(same) {
                self.ways.push(way);
            }
        }
    }

    /// Of the ways to cut a line the one in which the most words look like what has them, a name in front first.
    fn choose(&mut self, ways: &[Way], readings: Readings<'a>) -> Choice<'a> {
        let more = readings.more || self.cuts > CUTS;
        let cuts = if self.cuts > CUTS { 1 } else { readings.ways.len() };
        let more = more && (readings.more || readings.ways.len() > 1);
        let mut best = Choice {
            words: readings.ways.first().cloned().unwrap_or_default(),
            next: Vec::new(),
            unsure: false,
        };
        let mut most = None;
        for words in readings.ways.into_iter().take(cuts) {
            let Some((name, values)) = words.split_first() else {
                continue;
            };
            let mut next: Vec<(usize, Place)> = Vec::new();
            for (number, way) in ways.iter().enumerate() {
                for place in self.places(way, *name, values, &words) {
                    next.push((number, place));
                }
            }
            if next.is_empty() {
                continue;
            }
            let score = if cuts > 1 {
                self.cuts += 1;
                next.iter()
                    .map(|(number, place)| self.score(ways.get(*number), place, &words))
                    .max()
            } else {
                None
            };
            if most.is_some() && most == score {
                best.unsure = true;
            } else if best.next.is_empty() || score > most {
                most = score;
                best = Choice {
                    words,
                    next,
                    unsure: false,
                };
            }
        }
        best.unsure |= more;
        best
    }

    /// What speaks for a way to cut a line: a name in front, words that look like what has them, and as many as the line before has.
    fn score(&mut self, way: Option<&Way>, place: &Place, words: &[Piece<'a>]) -> (bool, usize, bool) {
        let frame = way.and_then(|way| way.get(place.depth.checked_sub(1)?));
        if place.what == What::Root {
            let root = frame.map(|frame| frame.expected.element().unwrap_or_else(|| frame.expected.clone()));
            let points = root.and_then(|root| self.points(&root, words));
            return (false, points.unwrap_or_default(), false);
        }
        let values = words.get(1..).unwrap_or_default();
        let agrees = frame.is_some_and(|frame| {
            frame.words == values.len() && frame.last.as_ref() == place.path.first().map(|(name, _)| name)
        });
        let inner = place
            .path
            .last()
            .map(|(_, expected)| expected.element().unwrap_or_else(|| expected.clone()));
        let points = match (inner, place.what) {
            (Some(inner), What::Structure) => self.points(&inner, values),
            _ => None,
        };
        (true, points.unwrap_or_default(), agrees)
    }

    /// The line that says how to go on where `--max-items` ended: it has its name twice.
    fn token(&mut self, name: Piece<'a>, values: &[Piece<'a>]) -> bool {
        if name.str() != "NEXTTOKEN" || values.len() != 1 || self.listed {
            return false;
        }
        if let (Some(root), [value]) = (self.tree.nodes.first_mut(), values) {
            root.members
                .push(("NextToken".to_owned(), Inside::Scalars(Expected::Unknown, vec![*value])));
        }
        true
    }

    /// The places that a line can have in one way of reading what stands above it.
    fn places(&mut self, way: &Way, name: Piece<'a>, values: &[Piece<'a>], words: &[Piece<'a>]) -> Vec<Place> {
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
        let nested = self.tree.known(&frame.expected).nested;
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
                        || (self.cut && (frame.words == 0 || frame.words != values.len()));
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

    /// The frames that a line opens; its structures are kept where its place is certain.
    fn open(
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
                            let mut words = values.to_vec();
                            if self.cut && !unsure {
                                self.pad(owner, member, &mut words, line);
                            }
                            self.keep(inner.clone(), Some(line), words, unsure)
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
        }
    }

    fn keep(&mut self, expected: Expected, line: Option<Piece<'a>>, words: Vec<Piece<'a>>, unsure: bool) -> usize {
        self.tree.nodes.push(Node {
            expected,
            line,
            words,
            unsure,
            members: Vec::new(),
        });
        self.tree.nodes.len() - 1
    }

    /// Gives the elements of a list that there are and the next one as many words: those at the end that are empty were cut off.
    fn pad(&mut self, owner: usize, member: &str, words: &mut Vec<Piece<'a>>, line: Piece<'a>) {
        let Some((_, Inside::Many(nodes))) = self
            .tree
            .nodes
            .get(owner)
            .and_then(|owner| owner.members.iter().rev().find(|(name, _)| name == member))
        else {
            return;
        };
        let width = nodes
            .last()
            .and_then(|last| self.tree.nodes.get(*last))
            .map_or(0, |node| node.words.len());
        if width >= words.len() {
            words.resize(width, line.skip(line.len()));
            return;
        }
        for number in nodes.clone() {
            if let Some(node) = self.tree.nodes.get_mut(number)
                && let Some(line) = node.line.filter(|_| !node.unsure)
            {
                node.words.resize(words.len(), line.skip(line.len()));
            }
        }
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

/// Whether a frame is a document that aws-cli decoded.
fn is_document(frame: &Frame) -> bool {
    matches!(frame.expected, Expected::Unknown)
}

/// Whether a word is a member's name in capitals, as Python's `upper()` makes them.
pub fn is_capitals_of(word: &str, name: &str) -> bool {
    word.len() == name.len()
        && word
            .bytes()
            .zip(name.bytes())
            .all(|(capital, letter)| capital == letter.to_ascii_uppercase())
}
