//! Where packets stand, by what they have in common with later ones.

use std::hash::{BuildHasher as _, Hash};

use foldhash::fast::RandomState;

use crate::artifact::Endpoint;

/// The places of packets by a key. It is looked up and never walked: its order is nobody's business.
///
/// In a long capture with a connection for each few packets, the time is that of reaching memory that is far away. So the key itself is left
/// in the packet; half of its hash and the place are one number in one table (open addressing, one slot after another), where a
/// `HashMap` reaches for two. And the standard library's hash is made against strangers who choose the keys, and takes longer than reading
/// a line.
#[derive(Default)]
pub struct Places {
    state: RandomState,
    /// Half of a hash above a place; 0 where nothing is. As many as a power of two, and at least half of them free.
    slots: Vec<u64>,
    used: usize,
}

/// A slot's place.
#[allow(clippy::cast_possible_truncation, reason = "the lower half is the place")]
fn place_of(slot: u64) -> usize {
    slot as u32 as usize
}

impl Places {
    /// Makes room for the keys of a capture of so many bytes, where every fourth packet of the usual length has one of its own: growing
    /// step by step, a table is written twice. The system gives memory only for what is written.
    pub fn for_bytes(bytes: usize) -> Self {
        Self {
            slots: vec![0; (bytes / 256).next_power_of_two()],
            ..Self::default()
        }
    }

    /// Half of a key's hash, which is never 0.
    fn hash(&self, key: &impl Hash) -> u64 {
        self.state.hash_one(key) >> 32 | 1
    }

    /// The slots that a key with that hash may be in, in the order in which they are looked at.
    fn slots_of(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        let (first, len) = (usize::try_from(hash >> 1).unwrap_or(0), self.slots.len());
        (0..len).map(move |step| (first + step) & (len - 1))
    }

    /// Looks for a key: the slot where it is, or the free one where it belongs.
    fn slot(&self, hash: u64, is: impl Fn(usize) -> bool) -> Option<(usize, Option<usize>)> {
        for at in self.slots_of(hash) {
            let slot = *self.slots.get(at)?;
            if slot == 0 {
                return Some((at, None));
            }
            if slot >> 32 == hash && is(place_of(slot)) {
                return Some((at, Some(place_of(slot))));
            }
        }
        None
    }

    /// The place of the packet that `is` the one with this key.
    pub fn get(&self, key: &impl Hash, is: impl Fn(usize) -> bool) -> Option<usize> {
        self.slot(self.hash(key), is)?.1
    }

    /// Puts a packet at a place in the stead of the one with this key; returns where that stood.
    pub fn insert(&mut self, key: &impl Hash, place: usize, is: impl Fn(usize) -> bool) -> Option<usize> {
        // A text of more packets than that does not fit into any memory.
        let place = u64::from(u32::try_from(place).ok()?);
        if self.used * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = self.hash(key);
        let (at, before) = self.slot(hash, is)?;
        *self.slots.get_mut(at)? = hash << 32 | place;
        self.used += usize::from(before.is_none());
        before
    }

    fn grow(&mut self) {
        let new = vec![0; (self.slots.len() * 2).max(16)];
        for slot in std::mem::replace(&mut self.slots, new) {
            if slot != 0
                && let Some((at, _)) = self.slot(slot >> 32, |_| false)
                && let Some(free) = self.slots.get_mut(at)
            {
                *free = slot;
            }
        }
    }
}

/// An end in a form that is hashed in few steps.
pub fn bits(end: Endpoint) -> (u128, u32) {
    let address = match end.address {
        std::net::IpAddr::V4(address) => u128::from(address.to_bits()),
        std::net::IpAddr::V6(address) => address.to_bits(),
    };
    (address, end.port.map_or(u32::MAX, u32::from))
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn many_keys_are_found_again() {
        for bytes in [0, 100_000] {
            let mut places = Places::for_bytes(bytes);
            for place in 0..10_000 {
                assert_eq!(places.insert(&place, place, |at| at == place), None);
            }
            for place in 0..10_000 {
                assert_eq!(places.get(&place, |at| at == place), Some(place));
                assert_eq!(places.get(&(place + 10_000), |at| at == place + 10_000), None);
            }
        }
    }

    #[test]
    fn keys_of_one_hash_are_told_apart_by_their_packets() {
        let keys = ["a", "b", "a", "c"];
        let mut places = Places::for_bytes(0);
        for (place, key) in keys.iter().enumerate() {
            let before = places.insert(key, place, |at| keys[at] == *key);
            assert_eq!(before, (place == 2).then_some(0));
        }
        assert_eq!(places.get(&"a", |at| keys[at] == "a"), Some(2));
        assert_eq!(places.get(&"c", |at| keys[at] == "c"), Some(3));
        assert_eq!(places.get(&"d", |at| keys[at] == "d"), None);
        // The hash is there, the packet is another one.
        assert_eq!(places.get(&"a", |_| false), None);
    }
}
