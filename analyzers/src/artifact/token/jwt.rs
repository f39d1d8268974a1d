//! JSON Web Tokens (RFC 7519): header and claims, as of a projected ServiceAccount token. The signature is not kept.

use crate::artifact::{Artifacts, Placed, base64};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec, no_command};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// A token alone on its line.
pub const FORMAT: Format = Format::new(&Spec {
    name: "jwt",
    title: "a JSON Web Token",
    command: no_command,
    sniff: take,
    read,
});

/// The three parts of a token; the last may be missing or redacted.
fn parts(text: &str) -> Option<(&str, &str)> {
    let mut parts = text.trim().split('.');
    let (header, claims) = (parts.next()?, parts.next()?);
    // A JSON object begins with `{"`: `eyJ` in base64.
    (header.starts_with("eyJ") && claims.starts_with("eyJ") && parts.count() <= 1).then_some((header, claims))
}

fn object(part: &str) -> Option<serde_json::Value> {
    let value: serde_json::Value = serde_json::from_slice(&base64::decode(part)?).ok()?;
    value.is_object().then_some(value)
}

fn take(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    if !line.trim_start().starts_with("eyJ") {
        return None;
    }
    let (header, _) = parts(line)?;
    object(header)?;
    Some(Taken {
        len: ends(rest).next()?.1,
        format: FORMAT,
        confidence: 0.97,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    let Some((header, claims)) = parts(part.text()) else {
        problems.push(Problem::new(part.span(), "This token is damaged and was not read."));
        return;
    };
    for (name, encoded) in [("header", header), ("claims", claims)] {
        match object(encoded) {
            Some(value) => root.put(name, Placed::tree(value, whole)),
            None => problems.push(Problem::new(
                part.span(),
                format!("The token's {name} cannot be decoded; it may be cut or redacted."),
            )),
        }
    }
    let complete = root.len() == 2;
    formats::add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn the_claims_of_a_service_account_token_are_read_and_its_signature_is_not_kept() {
        let read = read(include_str!("../../../../tests/samples/jwt/service-account.txt"));
        read.is("jwt");
        assert_eq!(read.problems, Vec::<String>::new());
        for (pointer, text) in [
            ("/header/alg", "RS256"),
            ("/claims/sub", "system:serviceaccount:shop:cart"),
            ("/claims/aud/0", "sts.amazonaws.com"),
            ("/claims/exp", "1715160000"),
            ("/claims/kubernetes.io/serviceaccount/name", "cart"),
            ("/claims/kubernetes.io/namespace", "shop"),
        ] {
            assert_eq!(read.at(pointer), text, "{pointer}");
        }
        assert!(!read.json().contains("c2lnbmF0dXJl"));
    }

    #[test]
    fn a_token_whose_claims_are_cut_is_said() {
        let cut = read("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ\n");
        assert_eq!(cut.format, "jwt");
        assert!(cut.problems[0].contains("claims cannot be decoded"));
    }
}
