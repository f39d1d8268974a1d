//! AWS session tokens, by the names that the CLI, the SDKs and signed URLs give them.

use super::named::Named;
use super::{Secret, base64};

/// Finds session tokens.
pub fn find(text: &str, out: &mut Vec<Secret>) {
    let named = Named {
        names: &[
            "aws_session_token",
            "sessiontoken",
            "x-amz-security-token",
            "aws_security_token",
        ],
        least: 16,
        most: usize::MAX,
        kind: "aws-session-token",
    };
    // In URLs the token is percent-encoded.
    named.find(text, |b| base64(b) || b == b'%', out);
}
