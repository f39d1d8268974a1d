//! Where the lines of `--output text` belong. A line begins with the name of the member that it is (in capitals, alone, without the way to
//! it), and what a structure has in it follows in the order of the names (aws-cli's `text.py`). So what is open decides where a line can
//! belong, and sometimes it can belong to two places: then it belongs to none.

mod open;
mod places;

use super::align::{Fit, Presence, points};
use super::fit::fit;
use super::tree::{Inside, Node, Tree, is_paged};
use super::words::{self, Readings};
use crate::artifact::aws::expected::Expected;
use crate::text::Piece;

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
    /// The most words that one had.
    width: usize,
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
                width: 0,
            }]);
        } else {
            reader.tree.nodes.push(Node {
                expected: expected.clone(),
                line: None,
                words: Vec::new(),
                unsure: false,
                cut: false,
                members: Vec::new(),
            });
            reader.ways.push(vec![Frame {
                key: 0,
                expected: expected.clone(),
                node: Some(0),
                last: None,
                words: 0,
                width: 0,
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
            .any(|(_, place)| place.depth + place.path.len() > super::build::DEPTH);
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
                let again = frame.last.as_ref() == Some(name);
                frame.last = Some(name.clone());
                frame.words = if unsure { 0 } else { values.len() };
                frame.width = frame.words.max(if again { frame.width } else { 0 });
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
}

/// Whether a frame is a document that aws-cli decoded.
fn is_document(frame: &Frame) -> bool {
    matches!(frame.expected, Expected::Unknown)
}
