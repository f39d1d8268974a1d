//! Takes secrets out of what leaves the page. One detector a file.
//!
//! A detector says where secrets stand; here they are replaced by `[redacted:kind]`. Names and addresses are not secrets
//! and stay.

mod aws_access_key;
mod aws_secret_key;
mod aws_session_token;
mod eks_token;
mod jwt;
mod kubeconfig;
mod named;
mod private_key;

use std::borrow::Cow;
use std::ops::Range;

use crate::flow::{Actor, Flow, Step};

/// Where a secret stands, and which kind it is.
type Secret = (Range<usize>, &'static str);

const DETECTORS: &[fn(&str, &mut Vec<Secret>)] = &[
    private_key::find,
    aws_access_key::find,
    aws_secret_key::find,
    aws_session_token::find,
    eks_token::find,
    jwt::find,
    kubeconfig::find,
];

/// The text with every secret replaced. Doing it twice changes nothing more.
pub fn secrets(text: &str) -> Cow<'_, str> {
    let mut found = Vec::new();
    for detector in DETECTORS {
        detector(text, &mut found);
    }
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    // Where two detectors see the same bytes, the one that begins first names them, and the longest of those.
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (range, kind) in found {
        if range.start >= done {
            out.push_str(text.get(done..range.start).unwrap_or(""));
            out.push_str("[redacted:");
            out.push_str(kind);
            out.push(']');
        }
        done = done.max(range.end);
    }
    out.push_str(text.get(done..).unwrap_or(""));
    Cow::Owned(out)
}

/// The flow with every secret in its words and values replaced: what pictures are drawn from.
#[must_use]
pub fn flow(flow: &Flow) -> Flow {
    let mut flow = flow.clone();
    clean(&mut flow.title);
    clean(&mut flow.subtitle);
    for outcome in &mut flow.outcomes {
        clean(&mut outcome.label);
        let back = outcome.back.iter_mut().flat_map(|back| &mut back.steps);
        for step in outcome.steps.iter_mut().chain(back) {
            clean_step(step);
        }
    }
    flow
}

fn clean(text: &mut String) {
    if let Cow::Owned(safe) = secrets(text) {
        *text = safe;
    }
}

fn clean_actor(actor: &mut Actor) {
    clean(&mut actor.name);
    actor.details.iter_mut().chain(&mut actor.zones).for_each(clean);
}

fn clean_step(step: &mut Step) {
    clean_actor(&mut step.actor);
    step.to.iter_mut().for_each(clean_actor);
    clean(&mut step.action);
    step.note.iter_mut().for_each(clean);
    for (_, value) in step.before.iter_mut().chain(&mut step.after) {
        clean(value);
    }
    for check in &mut step.checks {
        clean(&mut check.what);
        check.has.iter_mut().chain(&mut check.wants).for_each(clean);
    }
}

/// How many bytes from `at` on are of a kind.
fn run(text: &str, at: usize, of: impl Fn(u8) -> bool) -> usize {
    text.as_bytes()
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take_while(|&&b| of(b))
        .count()
}

/// Whether the byte before `at` is of a kind.
fn follows(text: &str, at: usize, of: impl Fn(u8) -> bool) -> bool {
    at.checked_sub(1)
        .and_then(|before| text.as_bytes().get(before))
        .is_some_and(|&b| of(b))
}

/// Base64 of RFC 4648, both alphabets.
fn base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_')
}

/// The URL-safe alphabet without padding, as RFC 7515 uses it.
fn base64_url(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::secrets;

    // Put together here, so that no scanner takes this file for a leak.
    fn key_id() -> String {
        ["AK", "IAIOSFODNN7EXAMPLE"].concat()
    }
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJlLW9mLWl0";

    fn check(text: &str, secret: &str, want: &str) {
        let safe = secrets(text);
        assert!(!safe.contains(secret), "{safe}");
        assert_eq!(safe, want);
        assert_eq!(secrets(&safe), safe, "twice is the same");
    }

    #[test]
    fn access_keys_and_the_secrets_beside_them() {
        let id = key_id();
        check(&format!("user {id} did"), &id, "user [redacted:aws-access-key-id] did");
        check(
            &format!("aws_access_key_id = {id}\naws_secret_access_key = {SECRET}\nregion = x"),
            SECRET,
            "aws_access_key_id = [redacted:aws-access-key-id]\naws_secret_access_key = [redacted:aws-secret-key]\nregion = x",
        );
        check(
            &format!("{{\"AccessKeyId\": \"{id}\", \"SecretAccessKey\": \"{SECRET}\"}}"),
            SECRET,
            "{\"AccessKeyId\": \"[redacted:aws-access-key-id]\", \"SecretAccessKey\": \"[redacted:aws-secret-key]\"}",
        );
        check(
            &format!("{id} {SECRET}"),
            SECRET,
            "[redacted:aws-access-key-id] [redacted:aws-secret-key]",
        );
    }

    #[test]
    fn hashes_without_a_key_beside_them_stay() {
        let text = "commit da39a3ee5e6b4b0d3255bfef95601890afd80709";
        assert_eq!(secrets(text), text);
    }

    #[test]
    fn tokens() {
        check(&format!("token: {JWT}\n"), JWT, "token: [redacted:jwt]\n");
        check("k8s-aws-v1.aHR0cHM6Ly9zdHM", "aHR0cHM6Ly9zdHM", "[redacted:eks-token]");
        check(
            "X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE%2F%2F&X-Amz-Date=1",
            "IQoJ",
            "X-Amz-Security-Token=[redacted:aws-session-token]&X-Amz-Date=1",
        );
        check(
            "export AWS_SESSION_TOKEN=\"FwoGZXIvYXdzEBYaDEXAMPLE==\"",
            "FwoG",
            "export AWS_SESSION_TOKEN=\"[redacted:aws-session-token]\"",
        );
    }

    #[test]
    fn private_keys_and_client_keys() {
        let (begin, end) = ("-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----");
        check(
            &format!("a\n{begin}\nMIIEpAIBAAKCAQEA\nabc=\n{end}\nb"),
            "MIIE",
            "a\n[redacted:private-key]\nb",
        );
        check(
            &format!("a\n{begin}\nMIIEpAIBAAKCAQEA\nabc="),
            "MIIE",
            "a\n[redacted:private-key]",
        );
        check(
            "    client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJ\n",
            "LS0t",
            "    client-key-data: [redacted:client-key]\n",
        );
    }

    #[test]
    fn what_only_looks_alike_stays() {
        for text in [
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "arn:aws:iam::111122223333:role/AKIA",
            "eyJ.x.y",
            "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----",
            "SessionToken: <nil>",
            "system:serviceaccount:shop:uploader",
        ] {
            assert_eq!(secrets(text), text);
        }
    }

    #[test]
    fn large_text_is_read_once() {
        // Beginnings without ends are what makes a careless search quadratic.
        let mut text = String::new();
        for n in 0..60_000 {
            let _ = writeln!(text, "-----BEGIN PRIVATE KEY----- eyJ SessionToken {n}");
        }
        let begin = std::time::Instant::now();
        let _ = secrets(&text);
        assert!(begin.elapsed().as_secs() < 5, "{:?}", begin.elapsed());
    }

    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn twice_is_the_same_and_no_secret_stays(
            pieces in prop::collection::vec(
                prop_oneof![
                    Just(key_id()),
                    Just(SECRET.to_owned()),
                    Just(JWT.to_owned()),
                    Just("aws_secret_access_key = ".to_owned()),
                    Just("\"SessionToken\": \"".to_owned()),
                    Just("k8s-aws-v1.".to_owned()),
                    Just("-----BEGIN EC PRIVATE KEY-----\n".to_owned()),
                    Just("-----END EC PRIVATE KEY-----".to_owned()),
                    Just("client-key-data: ".to_owned()),
                    Just("\n".to_owned()),
                    "\\PC{0,12}",
                ],
                0..14,
            )
        ) {
            let text = pieces.join(" ");
            let safe = secrets(&text).into_owned();
            prop_assert_eq!(&*secrets(&safe), safe.as_str());
            // Secrets that stand by themselves are gone.
            for secret in [key_id(), JWT.to_owned()] {
                let alone = [" ", secret.as_str(), " "].concat();
                prop_assert!(!safe.contains(&alone), "{}", safe);
            }
        }
    }
}
