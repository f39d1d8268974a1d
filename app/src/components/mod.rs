//! What can be seen, one widget a file. Components show what the [`Desk`](crate::state::Desk) holds and tell it what
//! the reader did; they compute nothing.

// A component takes over what its place in the page hands it; it cannot borrow from there.
#![allow(clippy::needless_pass_by_value)]

mod cite;
mod copy_button;
mod drawing;
mod file_chooser;
mod finding;
mod header;
mod marks;
mod next_command;
mod notice;
mod overview;
mod paste_box;
mod picture;
mod picture_exports;
mod remedy;
mod rests_on;
mod samples;
mod source_list;
mod status;
mod steps;
mod text_lines;
mod text_pane;
mod theme_toggle;
mod welcome;
mod whys;
mod words;

pub use cite::Cites;
pub use copy_button::CopyButton;
pub use drawing::Drawing;
pub use file_chooser::FileChooser;
pub use finding::Finding;
pub use header::Header;
pub use marks::{Mark, Verdict, class_mark};
pub use next_command::NextCommand;
pub use notice::NoticeLine;
pub use overview::Overview;
pub use paste_box::PasteBox;
pub use picture::Picture;
pub use picture_exports::PictureExports;
pub use remedy::Remedy;
pub use rests_on::RestsOn;
pub use samples::Samples;
pub use source_list::SourceList;
pub use status::Status;
pub use steps::{StepLine, Steps};
pub use text_lines::TextLines;
pub use text_pane::TextPane;
pub use theme_toggle::ThemeToggle;
pub use welcome::Welcome;
pub use whys::Whys;
pub use words::{Prose, Words};
