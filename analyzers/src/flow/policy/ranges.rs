//! Sets of numbers as ranges: ports, addresses.

use std::fmt::Debug;

/// A number that has neighbours.
pub trait Number: Copy + Ord + Debug {
    /// The next one; `None` after the last.
    fn next(self) -> Option<Self>;
    /// The one before; `None` before the first.
    fn previous(self) -> Option<Self>;
}

macro_rules! number {
    ($($type:ty),*) => {$(
        impl Number for $type {
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }

            fn previous(self) -> Option<Self> {
                self.checked_sub(1)
            }
        }
    )*};
}

number!(u16, u32, u128);

/// Disjoint ranges in ascending order, both ends included; neighbours are one range.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ranges<T>(Vec<(T, T)>);

impl<T> Default for Ranges<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Number> Ranges<T> {
    /// One range; none where the ends are the wrong way round.
    pub fn new(first: T, last: T) -> Self {
        Self(if first <= last { vec![(first, last)] } else { Vec::new() })
    }

    /// The ranges.
    pub fn iter(&self) -> impl Iterator<Item = (T, T)> {
        self.0.iter().copied()
    }

    /// Whether there is no number in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a number is in it.
    pub fn contains(&self, number: T) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= number);
        after
            .checked_sub(1)
            .and_then(|at| self.0.get(at))
            .is_some_and(|(_, last)| number <= *last)
    }

    /// The numbers of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if other.is_empty() {
            return self.clone();
        }
        let mut all: Vec<(T, T)> = self.0.iter().chain(&other.0).copied().collect();
        all.sort_unstable();
        let mut joined: Vec<(T, T)> = Vec::with_capacity(all.len());
        for (first, last) in all {
            match joined.last_mut() {
                Some(open) if open.1.next().is_none_or(|next| first <= next) => open.1 = open.1.max(last),
                _ => joined.push((first, last)),
            }
        }
        Self(joined)
    }

    /// The numbers of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut common = Vec::new();
        while let (Some(&&(a, b)), Some(&&(c, d))) = (left.peek(), right.peek()) {
            let (first, last) = (a.max(c), b.min(d));
            if first <= last {
                common.push((first, last));
            }
            if b < d {
                left.next();
            } else {
                right.next();
            }
        }
        Self(common)
    }

    /// The numbers of this that are not of the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut rest = Vec::new();
        let mut holes = other.0.iter().peekable();
        for &(first, last) in &self.0 {
            let mut from = Some(first);
            while let Some(start) = from {
                // Holes that end before this range are of no use to later ones either.
                while holes.peek().is_some_and(|(_, end)| *end < start) {
                    holes.next();
                }
                match holes.peek() {
                    Some(&&(begin, end)) if begin <= last => {
                        if let Some(before) = begin.previous().filter(|before| start <= *before) {
                            rest.push((start, before));
                        }
                        from = end.next().filter(|next| *next <= last);
                    }
                    _ => {
                        rest.push((start, last));
                        from = None;
                    }
                }
            }
        }
        Self(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Ranges;

    fn of(parts: &[(u16, u16)]) -> Ranges<u16> {
        parts.iter().fold(Ranges::default(), |all, (first, last)| {
            all.union(&Ranges::new(*first, *last))
        })
    }

    fn members(ranges: &Ranges<u16>) -> BTreeSet<u16> {
        ranges.iter().flat_map(|(first, last)| first..=last).collect()
    }

    #[test]
    fn neighbours_are_one_range() {
        assert_eq!(of(&[(5, 9), (1, 4), (20, 30), (25, 40)]).0, [(1, 9), (20, 40)]);
        assert_eq!(of(&[(0, u16::MAX), (7, 7)]).0, [(0, u16::MAX)]);
        assert!(Ranges::new(5_u16, 4).is_empty());
    }

    proptest! {
        #[test]
        fn they_are_the_sets_that_they_stand_for(
            a in prop::collection::vec((0_u16..60, 0_u16..12), 0..6),
            b in prop::collection::vec((0_u16..60, 0_u16..12), 0..6),
        ) {
            let ranges = |parts: &[(u16, u16)]| of(&parts.iter().map(|(first, len)| (*first, first + len)).collect::<Vec<_>>());
            let (a, b) = (ranges(&a), ranges(&b));
            let (in_a, in_b) = (members(&a), members(&b));
            prop_assert_eq!(members(&a.union(&b)), &in_a | &in_b);
            prop_assert_eq!(members(&a.intersection(&b)), &in_a & &in_b);
            prop_assert_eq!(members(&a.difference(&b)), &in_a - &in_b);
            for number in 0..80 {
                prop_assert_eq!(a.contains(number), in_a.contains(&number));
            }
        }
    }
}
