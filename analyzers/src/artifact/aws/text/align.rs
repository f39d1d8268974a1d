//! Which of a structure's members the words of a line are. aws-cli prints the values of the members that are there in the order of their
//! names and says neither the names nor which members are not there. Of all ways to give names to the words those count that explain the
//! most of them by what they look like (an id, a time, one of the few values of a member, not just any text); and a word gets a name only
//! where all of these give it the same one.

/// How a word fits a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It cannot be its value.
    Not,
    /// It can, as any text can.
    Plain,
    /// It looks as the values of this member do.
    Telling,
}

/// What a member may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It may be absent.
    Optional,
    /// It has a word on every line.
    Always,
}

/// The member of each of `words` words, by its place among `members`; `None` where it cannot be told. The whole is `None` where there is
/// no way at all.
pub fn align(words: usize, members: &[Presence], fit: &dyn Fn(usize, usize) -> Fit) -> Option<Vec<Option<usize>>> {
    ways(words, members, fit).map(|(_, named)| named)
}

/// How many words are told by what they look like, at best; `None` where there is no way at all.
pub fn points(words: usize, members: &[Presence], fit: &dyn Fn(usize, usize) -> Fit) -> Option<usize> {
    ways(words, members, fit).map(|(points, _)| points)
}

/// A member each word, and how many words tell it.
type Named = (usize, Vec<Option<usize>>);

fn ways(words: usize, members: &[Presence], fit: &dyn Fn(usize, usize) -> Fit) -> Option<Named> {
    let spare = members.len().checked_sub(words).filter(|_| members.len() <= MEMBERS)?;
    let optional = |member: usize| members.get(member) == Some(&Presence::Optional);
    if words == 0 {
        return (0..members.len()).all(optional).then(|| (0, Vec::new()));
    }
    // Word w can only be one of the members w..=w+spare. `before` has how many words up to w are told at best where w is this member, and
    // `after` how many from w on.
    let width = spare + 1;
    let points: Vec<Option<usize>> = (0..words * width)
        .map(|cell| match fit(cell / width, cell / width + cell % width) {
            Fit::Not => None,
            Fit::Plain => Some(0),
            Fit::Telling => Some(1),
        })
        .collect();
    let mut before = vec![None; words * width];
    let mut after = vec![None; words * width];
    for word in 0..words {
        // The best way to here, with only members left out since that may be absent.
        let mut reached = None;
        for shift in 0..width {
            let left_out = shift > 0 && !optional(word + shift - 1);
            reached = reached.filter(|_| !left_out);
            if word == 0 {
                if shift == 0 {
                    reached = Some(0);
                }
            } else {
                reached = reached.max(at(&before, (word - 1) * width + shift));
            }
            let here = word * width + shift;
            set(&mut before, here, reached, at(&points, here));
        }
    }
    for word in (0..words).rev() {
        let mut reached = None;
        for shift in (0..width).rev() {
            let left_out = shift < spare && !optional(word + shift + 1);
            reached = reached.filter(|_| !left_out);
            if word + 1 == words {
                if shift == spare {
                    reached = Some(0);
                }
            } else {
                reached = reached.max(at(&after, (word + 1) * width + shift));
            }
            let here = word * width + shift;
            set(&mut after, here, reached, at(&points, here));
        }
    }
    let told = |cell: usize| Some(at(&before, cell)? + at(&after, cell)? - at(&points, cell)?);
    let best = (0..width).filter_map(told).max()?;
    let mut named = Vec::with_capacity(words);
    for word in 0..words {
        let mut ways = (0..width).filter(|shift| told(word * width + shift) == Some(best));
        let first = ways.next()?;
        named.push(ways.next().is_none().then_some(word + first));
    }
    Some((best, named))
}

/// No structure of an API has as many members; a query may name more.
const MEMBERS: usize = 400;

fn at(table: &[Option<usize>], place: usize) -> Option<usize> {
    table.get(place).copied().flatten()
}

fn set(table: &mut [Option<usize>], place: usize, reached: Option<usize>, points: Option<usize>) {
    if let (Some(cell), Some(reached), Some(points)) = (table.get_mut(place), reached, points) {
        *cell = Some(reached + points);
    }
}

#[cfg(test)]
mod tests {
    use super::Presence::{Always, Optional};
    use super::{Fit, Presence, align};

    /// A member takes the words that begin with its letters; `*` takes all.
    fn with(words: &[&str], members: &[(&str, Presence)]) -> Option<Vec<Option<usize>>> {
        let presences: Vec<Presence> = members.iter().map(|(_, presence)| *presence).collect();
        align(words.len(), &presences, &|word, member| match members[member].0 {
            "*" => Fit::Plain,
            letters if words[word].starts_with(letters) => Fit::Telling,
            _ => Fit::Not,
        })
    }

    #[test]
    fn all_members_there_are_named() {
        assert_eq!(
            with(&["x", "y"], &[("*", Optional), ("*", Optional)]),
            Some(vec![Some(0), Some(1)])
        );
    }

    #[test]
    fn what_fits_twice_is_not_named() {
        let members = [("a", Optional), ("b", Optional), ("b", Optional), ("c", Optional)];
        assert_eq!(with(&["a1", "b1", "c1"], &members), Some(vec![Some(0), None, Some(3)]));
        assert_eq!(with(&["b1", "b2"], &members), Some(vec![Some(1), Some(2)]));
        assert_eq!(with(&["b1"], &members), Some(vec![None]));
        assert_eq!(with(&["c1", "a1"], &members), None);
        assert_eq!(with(&["a", "b", "b", "c", "c"], &members), None);
    }

    #[test]
    fn what_looks_like_a_member_is_not_taken_for_a_free_text() {
        let members = [("a", Optional), ("*", Optional), ("c", Optional), ("*", Optional)];
        assert_eq!(
            with(&["a1", "free", "c1"], &members),
            Some(vec![Some(0), Some(1), Some(2)])
        );
        assert_eq!(with(&["a1", "c1"], &members), Some(vec![Some(0), Some(2)]));
        assert_eq!(with(&["a1", "free"], &members), Some(vec![Some(0), None]));
        assert_eq!(
            with(&["a1", "free", "text"], &members),
            Some(vec![Some(0), Some(1), Some(3)])
        );
    }

    #[test]
    fn members_that_are_always_there_decide() {
        let members = [("*", Optional), ("*", Always), ("*", Optional)];
        assert_eq!(with(&["x"], &members), Some(vec![Some(1)]));
        assert_eq!(with(&["x", "y"], &members), Some(vec![None, None]));
        assert_eq!(with(&[], &members), None);
        assert_eq!(with(&[], &[("*", Optional)]), Some(vec![]));
    }
}
