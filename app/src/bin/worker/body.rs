//! What the page hands over: the bytes of a file, or the files of a folder.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, FileReaderSync};
use whypath_analyzers::Input;
use whypath_analyzers::analysis::{Unpacked, unpack, unpack_folder};
use whypath_analyzers::archive::folder::{Folder, Listing, Readable, UNREADABLE};
use whypath_app::protocol;

/// A source, read.
#[derive(Debug)]
pub enum Body {
    /// A text, a capture or an archive.
    One(Vec<u8>),
    /// A folder without its name.
    Folder(Folder),
}

impl Body {
    /// Reads what was handed over.
    ///
    /// # Errors
    /// Why the browser did not give it, in words. A file of a folder that cannot be read is left out of it.
    pub fn read(handed: &JsValue, folder: Option<protocol::Folder>) -> Result<Self, String> {
        match folder {
            None => {
                let blob = handed.dyn_ref().ok_or("it was not handed over")?;
                read(blob).map(Self::One)
            }
            Some(folder) => {
                let files: &Array = handed.dyn_ref().ok_or("it was not handed over")?;
                Ok(Self::Folder(read_folder(files, folder)))
            }
        }
    }

    /// Takes it apart; its texts are named by this name.
    pub fn unpack(self, name: &str) -> Unpacked {
        let name = name.to_owned();
        match self {
            Self::One(bytes) => unpack(vec![Input { name, bytes }]),
            Self::Folder(folder) => unpack_folder(Folder { name, ..folder }),
        }
    }
}

fn read_folder(files: &Array, folder: protocol::Folder) -> Folder {
    let mut listing = Listing::default();
    listing.left_out = folder.left_out;
    listing.more = folder.more;
    for (path, file) in folder.paths.into_iter().zip(files.iter()) {
        match file.dyn_into() {
            Ok(file) => listing.files.push((path, Handed(file))),
            Err(_) => listing.leave_out(path, None, UNREADABLE),
        }
    }
    Folder::read(String::new(), listing)
}

/// A file of a folder.
struct Handed(Blob);

impl Readable for Handed {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes are whole and not negative"
    )]
    fn bytes(&self) -> u64 {
        self.0.size() as u64
    }

    fn read(&self, first: Option<usize>) -> Option<Vec<u8>> {
        match first {
            None => read(&self.0).ok(),
            Some(first) => {
                let end = i32::try_from(first).unwrap_or(i32::MAX);
                let beginning = self.0.slice_with_i32_and_i32(0, end).ok()?;
                read(&beginning).ok()
            }
        }
    }
}

fn read(blob: &Blob) -> Result<Vec<u8>, String> {
    FileReaderSync::new()
        .and_then(|reader| reader.read_as_array_buffer(blob))
        .map(|buffer| Uint8Array::new(&buffer).to_vec())
        .map_err(|error| {
            error.dyn_ref::<js_sys::Error>().map_or_else(
                || "the browser does not say why".to_owned(),
                |error| error.message().into(),
            )
        })
}
