//! What only the packets before tell: what a time counts from, which name an answer answers to, and what a sequence number counts from.
//!
//! Each looks at a packet when it is added, while it is at hand: going over a million packets again takes as long as reading them.

mod answers;
mod numbers;
mod places;
mod times;

pub use answers::Answers;
pub use numbers::Numbering;
use places::{Places, bits};
pub use times::Times;
