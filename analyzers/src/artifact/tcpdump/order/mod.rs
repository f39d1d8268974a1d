//! What only the packets before tell: what a time counts from, which name an answer answers to, and what a sequence number counts from.
//!
//! Each looks at a packet when it is added, while it is at hand: going over a million packets again takes as long as reading them.

mod answers;
mod numbers;
mod times;

pub use answers::Answers;
pub use numbers::Numbering;
pub use times::Times;

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash};

use foldhash::fast::RandomState;

use crate::artifact::Endpoint;

/// What is known of the packets with a key. It is looked up and never walked: its order is nobody's business.
///
/// A key is kept as its hash alone, because an entry for each connection of a long capture is what takes the time; who finds something
/// asks the packet whether it is the one that was meant. The standard library's hash is made against strangers who choose the keys, and
/// takes longer than reading a line.
#[derive(Default)]
struct Index<V> {
    state: RandomState,
    known: HashMap<u64, V, RandomState>,
}

impl<V: Copy> Index<V> {
    fn get(&self, key: &impl Hash) -> Option<V> {
        self.known.get(&self.state.hash_one(key)).copied()
    }

    /// Returns what was known before.
    fn insert(&mut self, key: &impl Hash, value: V) -> Option<V> {
        self.known.insert(self.state.hash_one(key), value)
    }
}

/// An end in a form that is hashed in few steps.
fn bits(end: Endpoint) -> (u128, u32) {
    let address = match end.address {
        std::net::IpAddr::V4(address) => u128::from(address.to_bits()),
        std::net::IpAddr::V6(address) => address.to_bits(),
    };
    (address, end.port.map_or(u32::MAX, u32::from))
}
