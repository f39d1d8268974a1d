//! EKS bearer tokens: `k8s-aws-v1.` and a presigned URL of STS in base64url (aws-iam-authenticator, pkg/token/token.go).

use super::{Secret, base64_url, run};

/// Finds bearer tokens.
pub fn find(text: &str, out: &mut Vec<Secret>) {
    const PREFIX: &str = "k8s-aws-v1.";
    for (at, _) in text.match_indices(PREFIX) {
        let length = run(text, at + PREFIX.len(), |b| base64_url(b) || b == b'=');
        if length >= 8 {
            out.push((at..at + PREFIX.len() + length, "eks-token"));
        }
    }
}
