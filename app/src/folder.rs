//! Folders that are dropped or chosen: which files are in them. What of them is read is decided by the analyzers' `Listing`.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry,
    FileSystemFileEntry,
};
use whypath_analyzers::archive::folder::{Listing, UNREADABLE};

use crate::client::size_of;

/// Something that was dropped.
#[derive(Debug)]
pub enum Dropped {
    /// A file.
    File(File),
    /// A folder, which is still to be walked.
    Folder(FileSystemDirectoryEntry),
}

/// What was dropped. A browser tells it while it tells of the drop, and never after.
pub fn dropped(data: &DataTransfer) -> Vec<Dropped> {
    let items = data.items();
    let found: Vec<Dropped> = (0..items.length())
        .filter_map(|index| items.get(index))
        .filter(|item| item.kind() == "file")
        .filter_map(|item| {
            let entry = item.webkit_get_as_entry().ok().flatten();
            let folder = entry.filter(FileSystemEntry::is_directory);
            match folder {
                Some(folder) => Some(Dropped::Folder(folder.unchecked_into())),
                None => item.get_as_file().ok().flatten().map(Dropped::File),
            }
        })
        .collect();
    if found.is_empty() {
        let files = data.files().map(|files| of_list(&files)).unwrap_or_default();
        return files.into_iter().map(Dropped::File).collect();
    }
    found
}

/// Lists a folder by the names in it.
pub async fn walk(root: FileSystemDirectoryEntry) -> Listing<File> {
    let mut listing = Listing::default();
    // What is still to be looked at, the next one last.
    let Ok(mut waiting) = entries(&root, "").await else {
        listing.leave_out(".".to_owned(), None, UNREADABLE);
        return listing;
    };
    while let Some(found) = waiting.pop() {
        match found {
            Found::File(path, Some(file)) => {
                let bytes = size_of(&file);
                listing.file(path, bytes, file);
            }
            Found::File(path, None) => listing.leave_out(path, None, UNREADABLE),
            Found::Folder(path, folder) => {
                if listing.enter(&path) {
                    match entries(&folder, &path).await {
                        Ok(inside) => waiting.extend(inside),
                        Err(_) => listing.leave_out(path, None, UNREADABLE),
                    }
                }
            }
        }
        if listing.more {
            break;
        }
    }
    listing
}

/// Something in a folder, with its path from the root of the walk.
enum Found {
    /// A file, if the browser lets it be read.
    File(String, Option<File>),
    Folder(String, FileSystemDirectoryEntry),
}

impl Found {
    fn path(&self) -> &str {
        match self {
            Self::File(path, _) | Self::Folder(path, _) => path,
        }
    }
}

/// What is in a folder, the first name last.
async fn entries(folder: &FileSystemDirectoryEntry, below: &str) -> Result<Vec<Found>, JsValue> {
    let reader = folder.create_reader();
    let mut all: Vec<FileSystemEntry> = Vec::new();
    // A browser tells of some at a time (Chromium of 100), and of none at the end.
    loop {
        let some: Array = JsFuture::from(next_entries(&reader)).await?.dyn_into()?;
        if some.length() == 0 {
            break;
        }
        all.extend(some.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
    let files: Array = all.iter().map(file_of).collect();
    let files: Array = JsFuture::from(Promise::all_settled(&files)).await?.dyn_into()?;
    let mut found: Vec<Found> = all
        .into_iter()
        .zip(files.iter())
        .map(|(entry, file)| {
            let path = if below.is_empty() {
                entry.name()
            } else {
                format!("{below}/{}", entry.name())
            };
            if entry.is_directory() {
                Found::Folder(path, entry.unchecked_into())
            } else {
                let file = Reflect::get(&file, &"value".into()).ok();
                Found::File(path, file.and_then(|file| file.dyn_into().ok()))
            }
        })
        .collect();
    found.sort_by(|one, other| other.path().cmp(one.path()));
    Ok(found)
}

fn next_entries(reader: &FileSystemDirectoryReader) -> Promise {
    promise(|resolve, reject| reader.read_entries_with_callback_and_callback(resolve, reject))
}

/// The file of an entry, `null` for that of a folder.
fn file_of(entry: &FileSystemEntry) -> Promise {
    if !entry.is_file() {
        return Promise::resolve(&JsValue::NULL);
    }
    // Chromium has no such class to ask for: `instanceof` knows the objects by another name.
    let entry: &FileSystemFileEntry = entry.unchecked_ref();
    promise(|resolve, reject| {
        entry.file_with_callback_and_callback(resolve, reject);
        Ok(())
    })
}

fn promise(start: impl Fn(&Function, &Function) -> Result<(), JsValue>) -> Promise {
    Promise::new(&mut |resolve, reject| {
        if let Err(error) = start(&resolve, &reject) {
            // Nobody is told what a callback of a promise throws.
            let _ = reject.call1(&JsValue::UNDEFINED, &error);
        }
    })
}

/// The files of a list.
pub fn of_list(files: &FileList) -> Vec<File> {
    (0..files.length()).filter_map(|index| files.get(index)).collect()
}

/// The folder that a chooser gave, and what is in it: browsers list all its files, with paths that begin with its name.
pub fn chosen(files: &FileList) -> Option<(String, Listing<File>)> {
    let mut name = None;
    let files = of_list(files).into_iter().filter_map(|file| {
        let path = Reflect::get(&file, &"webkitRelativePath".into()).ok()?.as_string()?;
        let (root, path) = path.split_once('/')?;
        name.get_or_insert_with(|| root.to_owned());
        Some((path.to_owned(), size_of(&file), file))
    });
    let listing = Listing::of(files.collect());
    name.map(|name| (name, listing))
}
