//! AWS secret access keys: 40 characters that look like nothing, so they are known by their name or by the access key id
//! close before them.

use super::named::Named;
use super::{Secret, aws_access_key, run};

const LENGTH: usize = 40;
/// How far behind an access key id its secret may stand.
const NEAR: usize = 160;

/// Finds secret access keys.
pub fn find(text: &str, out: &mut Vec<Secret>) {
    let named = Named {
        names: &["aws_secret_access_key", "secretaccesskey", "secret_access_key"],
        least: LENGTH,
        most: LENGTH,
        kind: "aws-secret-key",
    };
    named.find(text, of, out);
    for id in aws_access_key::ids(text) {
        let mut at = id + aws_access_key::LENGTH;
        let end = at + NEAR;
        while at < end && at < text.len() {
            let length = run(text, at, of);
            if length == LENGTH {
                out.push((at..at + length, "aws-secret-key"));
            }
            at += length.max(1);
        }
    }
}

fn of(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+')
}
