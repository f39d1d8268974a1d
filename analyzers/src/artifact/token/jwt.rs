//! JSON Web Tokens (RFC 7519): header and claims, as of a projected ServiceAccount token. The signature is not kept.

use crate::artifact::{Artifacts, Placed, base64};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::{Piece, is_redacted};

/// A token alone on its line.
pub const FORMAT: Format = Format::new(&Spec {
    name: "jwt",
    title: "a JSON Web Token",
    command: |line| prints_token(line),
    least: 25,
    sniff: take,
    read,
});

/// Whether a command prints a token of a pod's files (`/var/run/secrets/…/serviceaccount/token`), or asks for one.
fn prints_token(line: &CommandLine) -> bool {
    let reads = matches!(line.program.as_str(), "cat" | "head" | "tail" | "more" | "less")
        && line.args.iter().any(|arg| {
            arg.ends_with("/token") && arg.contains("secrets/")
                || arg.ends_with("AWS_WEB_IDENTITY_TOKEN_FILE")
                || arg.ends_with("AWS_WEB_IDENTITY_TOKEN_FILE}")
                || arg.ends_with("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        });
    let asks = line.is_kubectl() && line.positional().starts_with(&["create", "token"]) && line.output().is_none();
    (reads || asks) && line.piped_into.is_none()
}

/// Whether a line stands where a token was blacked out: one word, or a placeholder's few.
fn is_masked(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.len() < 4096 && (!line.contains(' ') || line.starts_with(['<', '['])) && is_redacted(line)
}

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

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if hint.expects(FORMAT) && (is_masked(line) || line.starts_with("eyJ") && !line.contains(' ')) {
        return Some(Taken {
            len: ends(rest).next()?.1,
            format: FORMAT,
            confidence: 0.9,
        });
    }
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
    let masked = part.command().is_some_and(|line| prints_token(&line)) && is_redacted(part.text().trim());
    let known = parts(part.text()).filter(|(header, claims)| object(header).is_some() || object(claims).is_some());
    if masked && known.is_none() {
        // That a token was printed is all that is known.
        root.put("redacted", Placed::value(true, whole));
        formats::add_document(part, FORMAT.name(), root, false, artifacts);
        problems.push(Problem::new(
            part.span(),
            "The token was blacked out: whose it is, for which audience and until when is not known; its middle part alone, decoded, would tell.",
        ));
        return;
    }
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

    #[test]
    fn a_token_that_a_pod_shows_masked_is_known_to_have_been_there() {
        for token in [
            "eyJhbGciOiJSUzI1NiIs...<redacted>",
            "***",
            "<REDACTED>",
            "[token removed]xxxx",
        ] {
            let found = read(&format!(
                "/ $ cat /var/run/secrets/kubernetes.io/serviceaccount/token\n{token}\n"
            ));
            found.is("jwt");
            assert_eq!(found.at("/redacted"), "true", "{token}");
            assert_eq!(found.problems.len(), 1);
            assert!(!found.complete());
        }
        let denied = read(
            "/ $ cat /var/run/secrets/kubernetes.io/serviceaccount/token\ncat: can't open it: Permission denied\n",
        );
        assert_ne!(denied.format, "jwt");
    }
}
