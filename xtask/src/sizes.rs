//! How much a reader has to download.

use std::fs;
use std::path::Path;

use miniz_oxide::deflate::compress_to_vec;

use crate::error::{Error, Result};
use crate::site;

/// The best compression that gzip offers, as static hosts use it for files that they compress once.
const LEVEL: u8 = 9;
/// What gzip puts around the compressed data.
const GZIP_FRAME: usize = 18;

/// Prints the size of each wasm file, as it is and gzipped.
pub fn print(dist: &Path) -> Result<()> {
    for path in site::files(dist, &["wasm"])? {
        let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
        let gzipped = compress_to_vec(&bytes, LEVEL).len() + GZIP_FRAME;
        println!(
            "build: {:>9} bytes, {:>8} gzipped  {}",
            bytes.len(),
            gzipped,
            site::name(&path)
        );
    }
    Ok(())
}
