//! Addresses outside of the cluster, as policies cut them into blocks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::ranges::Ranges;

/// Sets of IPv4 and of IPv6 addresses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Addresses {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
}

impl Addresses {
    /// All addresses of both families.
    pub fn all() -> Self {
        Self {
            v4: Ranges::new(0, u32::MAX),
            v6: Ranges::new(0, u128::MAX),
        }
    }

    /// A block, `10.0.0.0/8`; an address alone is a block of one. `None` where it is none of these.
    pub fn block(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
            None => (text, None),
        };
        Some(match address.trim().parse().ok()? {
            IpAddr::V4(address) => {
                let bits = bits.unwrap_or(32);
                let mask = u32::MAX.checked_shl(32_u32.checked_sub(bits)?).unwrap_or(0);
                let first = u32::from(address) & mask;
                Self {
                    v4: Ranges::new(first, first | !mask),
                    v6: Ranges::default(),
                }
            }
            IpAddr::V6(address) => {
                let bits = bits.unwrap_or(128);
                let mask = u128::MAX.checked_shl(128_u32.checked_sub(bits)?).unwrap_or(0);
                let first = u128::from(address) & mask;
                Self {
                    v4: Ranges::default(),
                    v6: Ranges::new(first, first | !mask),
                }
            }
        })
    }

    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.contains(address.into()),
            IpAddr::V6(address) => self.v6.contains(address.into()),
        }
    }

    /// Whether there is no address in it.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether all addresses of a family are in it.
    pub fn has_all(&self) -> bool {
        self.v4 == Ranges::new(0, u32::MAX) || self.v6 == Ranges::new(0, u128::MAX)
    }

    /// Whether there are IPv6 addresses in it.
    pub fn has_v6(&self) -> bool {
        !self.v6.is_empty()
    }

    /// Without IPv6.
    #[must_use]
    pub fn only_v4(&self) -> Self {
        Self {
            v4: self.v4.clone(),
            v6: Ranges::default(),
        }
    }

    fn with(
        &self,
        other: &Self,
        v4: impl Fn(&Ranges<u32>, &Ranges<u32>) -> Ranges<u32>,
        v6: impl Fn(&Ranges<u128>, &Ranges<u128>) -> Ranges<u128>,
    ) -> Self {
        Self {
            v4: v4(&self.v4, &other.v4),
            v6: v6(&self.v6, &other.v6),
        }
    }

    /// Those of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.with(other, Ranges::union, Ranges::union)
    }

    /// Those of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.with(other, Ranges::intersection, Ranges::intersection)
    }

    /// Those of this that are not of the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.with(other, Ranges::difference, Ranges::difference)
    }

    /// The largest blocks that make it up, in order.
    pub fn blocks(&self) -> Vec<String> {
        let v4 = self.v4.iter().flat_map(|(first, last)| {
            cut(u128::from(first), u128::from(last), 32).map(|(first, bits)| {
                // Both ends are of 32 bits.
                let first = u32::try_from(first).unwrap_or(u32::MAX);
                format!("{}/{bits}", Ipv4Addr::from(first))
            })
        });
        let v6 = self.v6.iter().flat_map(|(first, last)| {
            cut(first, last, 128).map(|(first, bits)| format!("{}/{bits}", Ipv6Addr::from(first)))
        });
        v4.chain(v6).collect()
    }
}

/// The blocks of a range of numbers of that many bits: their first number, and how many bits it fixes.
fn cut(first: u128, last: u128, width: u32) -> impl Iterator<Item = (u128, u32)> {
    let mut from = Some(first);
    std::iter::from_fn(move || {
        let start = from.filter(|start| *start <= last)?;
        // As large as the start's place allows, and not beyond the end.
        let mut free = start.trailing_zeros().min(width);
        let end = |free: u32| start | 1_u128.checked_shl(free).map_or(u128::MAX, |size| size - 1);
        while end(free) > last {
            free -= 1;
        }
        from = end(free).checked_add(1);
        Some((start, width - free))
    })
}

/// Cuts all addresses so that each part lies wholly inside or wholly outside of every one of the given sets.
pub fn parts<'s>(sets: impl IntoIterator<Item = &'s Addresses>) -> Vec<Addresses> {
    let mut parts = vec![
        Addresses {
            v4: Ranges::new(0, u32::MAX),
            v6: Ranges::default(),
        },
        Addresses {
            v4: Ranges::default(),
            v6: Ranges::new(0, u128::MAX),
        },
    ];
    for set in sets {
        parts = parts
            .iter()
            .flat_map(|part| [part.intersection(set), part.difference(set)])
            .filter(|part| !part.is_empty())
            .collect();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{Addresses, parts};

    #[test]
    fn blocks_are_read_and_written() {
        let all = Addresses::block("0.0.0.0/0").unwrap();
        let private = Addresses::block("10.0.0.0/8").unwrap();
        let rest = all.difference(&private);
        assert_eq!(
            rest.blocks(),
            [
                "0.0.0.0/5",
                "8.0.0.0/7",
                "11.0.0.0/8",
                "12.0.0.0/6",
                "16.0.0.0/4",
                "32.0.0.0/3",
                "64.0.0.0/2",
                "128.0.0.0/1"
            ]
        );
        assert_eq!(rest.union(&private).blocks(), ["0.0.0.0/0"]);
        assert!(private.contains("10.9.9.9".parse().unwrap()) && !rest.contains("10.9.9.9".parse().unwrap()));
        assert_eq!(Addresses::block("10.20.3.77/20").unwrap().blocks(), ["10.20.0.0/20"]);
        assert_eq!(Addresses::block("192.0.2.7").unwrap().blocks(), ["192.0.2.7/32"]);
        assert_eq!(Addresses::block("2001:db8::/32").unwrap().blocks(), ["2001:db8::/32"]);
        assert_eq!(Addresses::all().blocks(), ["0.0.0.0/0", "::/0"]);
        for wrong in ["10.0.0.0/33", "x/8", "10.0.0.0/", "::/129"] {
            assert_eq!(Addresses::block(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn parts_are_inside_or_outside_of_every_set() {
        let sets = ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24", "2001:db8::/32"]
            .map(|block| Addresses::block(block).unwrap());
        let parts = parts(&sets);
        assert_eq!(parts.len(), 6);
        for part in &parts {
            for set in &sets {
                let inside = part.intersection(set);
                assert!(inside.is_empty() || inside == *part);
            }
        }
        let whole = parts.iter().fold(Addresses::default(), |all, part| all.union(part));
        assert_eq!(whole, Addresses::all());
    }
}
