//! What can be seen, one widget a file. Components show what the [`Desk`](crate::state::Desk) holds and tell it what
//! the reader did; they compute nothing.

mod cite;
mod copy_button;
mod finding;
mod header;
mod marks;
mod next_command;
mod overview;
mod paste_box;
mod picture;
mod rests_on;
mod samples;
mod source_list;
mod status;
mod steps;
mod text_lines;
mod text_pane;
mod theme_toggle;
mod welcome;
mod words;

pub use cite::Cites;
pub use copy_button::CopyButton;
pub use finding::Finding;
pub use header::Header;
pub use marks::{Mark, Verdict, class_mark};
pub use next_command::NextCommand;
pub use overview::Overview;
pub use paste_box::PasteBox;
pub use picture::Picture;
pub use rests_on::RestsOn;
pub use samples::Samples;
pub use source_list::SourceList;
pub use status::Status;
pub use steps::{StepLine, Steps};
pub use text_lines::TextLines;
pub use text_pane::TextPane;
pub use theme_toggle::ThemeToggle;
pub use welcome::Welcome;
pub use words::{Prose, Words};
