//! The last step of a build: the content security policy and the build's id, written into the page.
//!
//! Both depend on what Trunk generates, and neither can be a header, because a static host sends none of ours.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::site;

const SCRIPTS: &str = "INLINE-SCRIPTS";
const BUILD: &str = "BUILD-ID";

/// Fills the two placeholders of a built site's `index.html`.
pub fn seal(site: &Path) -> Result<()> {
    let path = site.join("index.html");
    let page = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let hashes: Vec<String> = inline_scripts(&page).into_iter().map(source).collect();
    let page = fill(&page, SCRIPTS, &hashes.join(" "))
        .and_then(|page| fill(&page, BUILD, &build_id(site).ok()?))
        .ok_or_else(|| Error::Unexpected {
            path: path.clone(),
            expected: format!(
                "should hold `{SCRIPTS}` in its Content-Security-Policy and `{BUILD}` as content of \
                 `whypath-build`"
            ),
        })?;
    fs::write(&path, page).map_err(Error::file("write", &path))
}

/// Replaces a placeholder within an attribute, which the comment that explains it is not.
fn fill(page: &str, placeholder: &str, text: &str) -> Option<String> {
    let mut from = 0;
    while let Some(at) = page.get(from..)?.find(placeholder).map(|at| from + at) {
        let before = page.get(..at)?;
        let after = page.get(at + placeholder.len()..)?;
        let in_comment = before.rfind("<!--") > before.rfind("-->");
        if !in_comment {
            return Some(format!("{before}{text}{after}"));
        }
        from = at + placeholder.len();
    }
    None
}

/// A script as the policy names it.
fn source(script: &str) -> String {
    let digest = Sha256::digest(script.as_bytes());
    format!("'sha256-{}'", STANDARD.encode(digest))
}

/// The text of each script that stands in the page itself. The checksum is over every byte between the tags.
fn inline_scripts(page: &str) -> Vec<&str> {
    let mut scripts = Vec::new();
    let mut rest = page;
    while let Some((_, tail)) = rest.split_once("<script") {
        let Some((attributes, tail)) = tail.split_once('>') else {
            break;
        };
        let Some((script, tail)) = tail.split_once("</script>") else {
            break;
        };
        if !attributes.contains(" src=") {
            scripts.push(script);
        }
        rest = tail;
    }
    scripts
}

/// A checksum of all programs of the site: it changes when any of them does.
fn build_id(site: &Path) -> Result<String> {
    let mut digest = Sha256::new();
    for path in site::files(site, &["js", "wasm"])? {
        let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
        digest.update(site::name(&path));
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    }
    // Half of the bytes are more than enough to tell two builds apart.
    let mut hex = String::new();
    for byte in digest.finalize().iter().take(8) {
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(hex)
}

#[cfg(test)]
mod tests {
    use super::{fill, inline_scripts, source};

    #[test]
    fn only_scripts_without_a_source_are_inline() {
        let page = "<script src=\"a.js\"></script><script type=\"module\">\nlet a;\n</script>";
        assert_eq!(inline_scripts(page), ["\nlet a;\n"]);
    }

    #[test]
    fn a_page_cut_off_within_a_script_has_no_further_script() {
        assert!(inline_scripts("<script>let a;").is_empty());
        assert!(inline_scripts("<script").is_empty());
    }

    #[test]
    fn the_checksum_is_the_one_that_browsers_compute() {
        // The example of the Content Security Policy specification.
        assert_eq!(
            source("doSomething();"),
            "'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='"
        );
    }

    #[test]
    fn a_comment_keeps_its_placeholder() {
        let page = "<!-- X is filled --><meta content=\"X\">";
        assert_eq!(
            fill(page, "X", "y").as_deref(),
            Some("<!-- X is filled --><meta content=\"y\">")
        );
        assert_eq!(fill("<!-- X -->", "X", "y"), None);
    }
}
