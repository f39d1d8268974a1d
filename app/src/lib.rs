//! What the page's program is made of, and the protocol that it shares with the worker's. The worker's program uses
//! [`protocol`] only, so that nothing of Leptos reaches it.

pub mod browser;
pub mod client;
pub mod components;
pub mod folder;
pub mod pages;
pub mod privacy;
pub mod prose;
pub mod protocol;
pub mod state;
