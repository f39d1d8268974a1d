//! From a request's path to a file of the site, and never to another file.

use std::path::{Component, Path, PathBuf};

/// A file to send.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub mime: &'static str,
}

/// The file that an URL's path and query name, if the site has it.
pub fn find(site: &Path, url: &str) -> Option<Found> {
    let path = url.split(['?', '#']).next()?;
    let decoded = percent_decode(path)?;
    let relative = Path::new(decoded.trim_start_matches('/'));
    if !relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        return None;
    }
    let mut path = site.join(relative);
    if path.is_dir() {
        path.push("index.html");
    }
    // A symbolic link may lead anywhere.
    let path = path.canonicalize().ok()?;
    let inside = path.starts_with(site.canonicalize().ok()?) && path.is_file();
    inside.then(|| Found {
        mime: mime(&path),
        path,
    })
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    // No file of the site has such a name, and the system's calls end at it.
    let decoded = String::from_utf8(bytes).ok()?;
    (!decoded.contains('\0')).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::find;

    /// This crate's own directory stands for the site.
    fn site() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    #[test]
    fn a_file_is_found_with_and_without_a_query() {
        for url in ["/src/main.rs", "/src/main.rs?build", "/src/m%61in.rs"] {
            assert!(find(site(), url).is_some(), "{url}");
        }
    }

    #[test]
    fn nothing_outside_the_site_is_found() {
        for url in [
            "/../Cargo.lock",
            "/src/../../Cargo.lock",
            "/%2e%2e/Cargo.lock",
            "/..%2fCargo.lock",
            "//etc/passwd",
            "/%2fetc/passwd",
            "/src",
            "/absent",
            "/%",
            "/%zz",
            "/src/main.rs%00",
            "/\u{e4}",
        ] {
            assert_eq!(find(site(), url), None, "{url}");
        }
    }
}
