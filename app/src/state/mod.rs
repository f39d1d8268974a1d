//! What the page knows: plain values that components show. Nothing in here touches the browser, but for
//! [`desk`], which holds them all as signals and is what components act upon.

mod choices;
pub mod desk;
mod evidence;
mod filter;
pub mod outcome;
pub mod path;
mod rows;
pub mod run;
mod selection;
mod source;
mod window;

pub use choices::Choices;
pub use desk::Desk;
pub use evidence::{EvidenceIndex, Rest};
pub use filter::{Filter, Findable};
pub use outcome::{Outcome, pictures_in_order};
pub use path::PathState;
pub use rows::{Row, Rows};
pub use run::Run;
pub use selection::{Place, Selection};
pub use source::{Origin, Source, Sources, size_in_words};
pub use window::{CHUNK, Viewport};
