//! What can be seen, one widget a file. Components show what the [`Desk`](crate::state::Desk) holds and tell it what
//! the reader did; they compute nothing.

// A component takes over what its place in the page hands it; it cannot borrow from there.
#![allow(clippy::needless_pass_by_value)]
// The desk is a handle: a few signals' numbers, copied once for a component and not in a loop.
#![allow(clippy::large_types_passed_by_value)]

mod cite;
mod copy_button;
mod drawing;
mod end_chooser;
mod file_chooser;
mod filter_bar;
mod finding;
mod format_choice;
mod header;
mod marks;
mod member_list;
mod next_command;
mod notice;
mod overview;
mod part_list;
mod paste_box;
mod path_form;
mod picture;
mod picture_exports;
mod remedy;
mod rests_on;
mod samples;
mod segment_head;
mod shortened;
mod source_list;
mod status;
mod steps;
mod text_lines;
mod text_pane;
mod theme_toggle;
mod welcome;
mod what_if;
mod whys;
mod words;

pub use cite::Cites;
pub use copy_button::CopyButton;
pub use drawing::Drawing;
pub use end_chooser::EndChooser;
pub use file_chooser::FileChooser;
pub use filter_bar::FilterBar;
pub use finding::Finding;
pub use format_choice::FormatChoice;
pub use header::Header;
pub use marks::{Mark, Verdict, class_mark};
pub use member_list::MemberList;
pub use next_command::NextCommand;
pub use notice::NoticeLine;
pub use overview::Overview;
pub use part_list::{PartList, UnopenedList};
pub use paste_box::PasteBox;
pub use path_form::PathForm;
pub use picture::Picture;
pub use picture_exports::PictureExports;
pub use remedy::Remedy;
pub use rests_on::RestsOn;
pub use samples::Samples;
pub use segment_head::SegmentHead;
pub use shortened::Shortened;
pub use source_list::SourceList;
pub use status::Status;
pub use steps::{StepLine, Steps};
pub use text_lines::TextLines;
pub use text_pane::TextPane;
pub use theme_toggle::ThemeToggle;
pub use welcome::Welcome;
pub use what_if::WhatIf;
pub use whys::Whys;
pub use words::{Prose, Words};
