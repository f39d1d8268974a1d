//! What a source is made of, as it is handed to workers: without being copied.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{Blob, File};
use whypath_analyzers::archive::folder::Listing;

use crate::protocol::Folder;

/// The bytes of a source, which stay out of this program's memory.
#[derive(Debug, Clone)]
pub enum Body {
    /// A text or a file.
    One(Blob),
    /// The files of a folder.
    Folder(Rc<Listing<File>>),
}

impl Body {
    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        match self {
            Self::One(blob) => size_of(blob),
            Self::Folder(listing) => listing.files.iter().map(|(_, file)| size_of(file)).sum(),
        }
    }

    /// What a worker is told of it, where it is a folder.
    pub fn folder(&self) -> Option<Folder> {
        match self {
            Self::One(_) => None,
            Self::Folder(listing) => Some(Folder {
                paths: listing.files.iter().map(|(path, _)| path.clone()).collect(),
                left_out: listing.left_out.clone(),
                more: listing.more,
            }),
        }
    }

    /// What a worker reads it from: a blob, or one for each file of a folder.
    pub(crate) fn to_message(&self) -> JsValue {
        match self {
            Self::One(blob) => blob.into(),
            Self::Folder(listing) => listing.files.iter().map(|(_, file)| file).collect::<Array>().into(),
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes are whole and not negative"
)]
pub(crate) fn size_of(blob: &Blob) -> u64 {
    blob.size() as u64
}
