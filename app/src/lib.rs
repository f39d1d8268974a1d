//! What the page's program is made of. The worker's program does not use it, so that nothing of Leptos reaches it.

pub mod client;
pub mod pages;
pub mod privacy;
