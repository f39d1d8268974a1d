//! JSON Web Tokens in the compact form of RFC 7515: three parts of base64url; the first is a JSON object, so it begins
//! with `eyJ`.

use super::{Secret, base64_url, follows, run};

/// Finds tokens.
pub fn find(text: &str, out: &mut Vec<Secret>) {
    let mut done = 0;
    for (at, _) in text.match_indices("eyJ") {
        if at < done || follows(text, at, |b| base64_url(b) || b == b'.') {
            continue;
        }
        let header = run(text, at, base64_url);
        done = at + header;
        if header < 10 || text.as_bytes().get(done) != Some(&b'.') {
            continue;
        }
        let payload = run(text, done + 1, base64_url);
        let end = done + 1 + payload;
        if payload < 10 {
            continue;
        }
        // Without a signature a cut paste still shows who somebody is.
        let signature = if text.as_bytes().get(end) == Some(&b'.') {
            1 + run(text, end + 1, base64_url)
        } else {
            0
        };
        done = end + signature;
        out.push((at..done, "jwt"));
    }
}
