//! EKS bearer tokens: `k8s-aws-v1.` and a presigned URL of STS in base64url (aws-iam-authenticator, pkg/token/token.go). Of the URL the
//! signature, the session token and the key's id are not kept.

use crate::artifact::{Artifacts, Placed, base64};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

const PREFIX: &str = "k8s-aws-v1.";

/// A token alone on its line, or in an `ExecCredential`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "eks-token",
    title: "an EKS bearer token",
    command: |line| {
        line.aws_operation() == Some(("eks", "get-token"))
            || line.program == "aws-iam-authenticator" && line.args.first().is_some_and(|arg| arg == "token")
    },
    least: 1,
    sniff: take,
    read,
});

/// Longer than any credential.
const LONGEST: usize = 16_384;

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let clean = line.trim_start();
    let len = if clean.starts_with(PREFIX) {
        ends(rest).next()?.1
    } else if clean.starts_with('{') {
        // What `aws eks get-token` prints: a look at its first lines before the whole is read, which may be a list of all pods.
        let mut head = rest.len().min(LONGEST);
        while !rest.is_char_boundary(head) {
            head -= 1;
        }
        let head = rest.get(..head)?;
        if !head.contains("\"ExecCredential\"") || !head.contains(PREFIX) {
            return None;
        }
        let taken = crate::segment::sniff::json::take(line, rest, hint)?;
        let text = rest.get(..taken.len.min(rest.len()))?;
        if taken.len > LONGEST || !text.contains("\"ExecCredential\"") || !text.contains(PREFIX) {
            return None;
        }
        taken.len
    } else {
        return None;
    };
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.98,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let Some(at) = whole.find(PREFIX) else { return };
    let encoded = whole.skip(at + PREFIX.len());
    let end = encoded
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=')))
        .unwrap_or(encoded.len());
    let encoded = encoded.part(0..end);
    let mut root = Placed::object(whole);
    if let Some(piece) = whole
        .split_once("\"expirationTimestamp\"")
        .and_then(|(_, rest)| rest.split(|c| c == '"').nth(1))
    {
        root.put_text("expirationTimestamp", piece);
    }
    let url = base64::decode(&encoded).and_then(|bytes| String::from_utf8(bytes).ok());
    match url.as_deref().and_then(|url| url.strip_prefix("https://")) {
        Some(url) => presigned(url, encoded, &mut root),
        None => problems.push(Problem::new(
            part.span().slice(encoded.range()),
            "The token cannot be decoded to a presigned URL of STS; it may be cut or redacted.",
        )),
    }
    let complete = root.has("host");
    formats::add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// The parts of the URL that say who signed what, when and for which service.
fn presigned(url: &str, piece: Piece<'_>, root: &mut Placed) {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let host = place.split('/').next().unwrap_or_default();
    let mut put = |name: &str, value: &str| root.put(name, Placed::value(value, piece));
    put("host", host);
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let value = percent_decoded(value);
        match name {
            "X-Amz-Credential" => {
                // KEY/DATE/REGION/SERVICE/aws4_request: of the key only its kind, `ASIA` for temporary, `AKIA` for long-lived ones.
                let mut scope = value.split('/');
                let key = scope.next().unwrap_or_default();
                put(
                    "accessKeyKind",
                    key.get(..4).filter(|_| key.len() >= 16).unwrap_or_default(),
                );
                put("credentialDate", scope.next().unwrap_or_default());
                put("region", scope.next().unwrap_or_default());
                put("service", scope.next().unwrap_or_default());
            }
            "Action" | "Version" | "X-Amz-Algorithm" | "X-Amz-Date" | "X-Amz-Expires" | "X-Amz-SignedHeaders" => {
                put(name, &value);
            }
            "X-Amz-Security-Token" => put("hasSessionToken", "true"),
            _ => {}
        }
    }
}

/// `%2F` as `/` (RFC 3986, section 2.1).
fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let decoded = (*first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        if let Some(byte) = decoded {
            out.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn a_token_says_who_signed_it_and_keeps_nothing_secret() {
        let bare = include_str!("../../../../tests/samples/eks-token/bare.txt");
        let credential = include_str!("../../../../tests/samples/eks-token/exec-credential.txt");
        for sample in [bare, credential] {
            let read = read(sample);
            read.is("eks-token");
            assert_eq!(read.problems, Vec::<String>::new());
            for (pointer, text) in [
                ("/host", "sts.eu-west-1.amazonaws.com"),
                ("/Action", "GetCallerIdentity"),
                ("/accessKeyKind", "ASIA"),
                ("/region", "eu-west-1"),
                ("/X-Amz-Date", "20240507T091421Z"),
                ("/X-Amz-Expires", "60"),
                ("/X-Amz-SignedHeaders", "host;x-k8s-aws-id"),
            ] {
                assert_eq!(read.at(pointer), text, "{pointer}");
            }
            for secret in ["EXAMPLEKEY", "0123456789abcdef", "FwoGZXIvYXdzE"] {
                assert!(!read.json().contains(secret), "{secret}");
            }
        }
        assert_eq!(read(credential).at("/expirationTimestamp"), "2024-05-07T09:28:21Z");
    }

    #[test]
    fn a_redacted_token_is_said() {
        let read = read("k8s-aws-v1.xxxx****\n");
        assert!(read.problems[0].contains("cannot be decoded"));
    }
}
