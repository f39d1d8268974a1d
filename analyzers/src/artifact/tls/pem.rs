//! PEM blocks (RFC 7468): certificates are decoded, private keys are recognised and not kept.

use super::der::{Reader, tag};
use super::x509;
use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed, base64};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// PEM blocks.
pub const FORMAT: Format = Format::new(&Spec {
    name: "pem",
    title: "certificates in PEM",
    command: |line| {
        matches!(line.program.as_str(), "cat" | "less" | "more")
            && line
                .args
                .iter()
                .filter_map(|arg| arg.rsplit_once('.'))
                .any(|(_, extension)| matches!(extension, "pem" | "crt" | "cert"))
    },
    least: 9,
    sniff: take,
    read,
});

/// The label of a block's first line.
pub fn label(line: &str) -> Option<&str> {
    let label = line.trim().strip_prefix("-----BEGIN ")?.strip_suffix("-----")?;
    // RFC 7468, section 3: a label is short.
    (label.len() <= 40).then_some(label)
}

pub fn is_end(line: &str) -> bool {
    line.trim_start().starts_with("-----END ")
}

fn is_base64(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
}

fn take(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    label(line)?;
    let mut inside = false;
    let mut len = 0;
    for (line, end) in ends(rest) {
        if label(line).is_some() {
            inside = true;
        } else if is_end(line) && inside {
            inside = false;
        } else if line.trim().is_empty() {
            continue;
        // `Proc-Type: 4,ENCRYPTED` stands at the head of old encrypted keys (RFC 1421).
        } else if !inside || !(is_base64(line) || line.contains(": ")) {
            break;
        }
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: 0.98,
    })
}

/// A certificate's fields, all told by `block`.
pub fn certificate(block: Piece<'_>, encoded: &str) -> Option<Placed> {
    let fields = x509::certificate(&base64::decode(encoded)?)?;
    let mut certificate = Placed::object(block);
    for (name, value) in fields {
        certificate.put(&name, Placed::tree(value, block));
    }
    Some(certificate)
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut root = Placed::object(whole);
    let mut open: Option<(Piece<'_>, String)> = None;
    for line in whole.lines() {
        if label(line.str()).is_some() {
            if let Some((begin, _)) = open.replace((line, String::new())) {
                broken(begin, &mut unread);
            }
        } else if is_end(line.str()) {
            if let Some((begin, encoded)) = open.take() {
                block(begin, begin.to(line, whole), &encoded, &mut root, &mut unread);
            }
        } else if let Some((_, encoded)) = &mut open
            && is_base64(line.str())
        {
            encoded.push_str(line.trim().str());
        }
    }
    if let Some((begin, _)) = open {
        broken(begin, &mut unread);
    }
    unread.finish(part, problems);
    formats::add_document(part, FORMAT.name(), root, true, artifacts);
}

fn broken(begin: Piece<'_>, unread: &mut Unread) {
    if label(begin.str()).is_some_and(|label| label.ends_with("PRIVATE KEY")) {
        private_key(begin, unread);
    } else {
        unread.say(begin, || {
            "This block has no END line and was not read; paste all of it.".to_owned()
        });
    }
}

fn private_key(block: Piece<'_>, unread: &mut Unread) {
    unread.say(block, || {
        "This is a private key. It was not read and is not kept; whoever can see this paste can use it, so replace it.".to_owned()
    });
}

fn block(begin: Piece<'_>, block: Piece<'_>, encoded: &str, root: &mut Placed, unread: &mut Unread) {
    let label = label(begin.str()).unwrap_or_default();
    if label.ends_with("PRIVATE KEY") {
        private_key(block, unread);
        root.push_at(&["privateKeys"], block, Placed::value(label, begin));
    } else if matches!(label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE") {
        match certificate(block, encoded) {
            Some(certificate) => root.push_at(&["certificates"], block, certificate),
            None => unread.say(block, || {
                "This certificate is damaged: its bytes are no X.509 certificate. Paste it unchanged.".to_owned()
            }),
        }
    } else if label == "PUBLIC KEY"
        && let Some(key) =
            base64::decode(encoded).and_then(|der| Reader(&der).expect(tag::SEQUENCE).and_then(x509::public_key))
    {
        root.push_at(&["publicKeys"], block, Placed::tree(key, block));
    } else {
        unread.say(block, || format!("A PEM block of `{label}` is not decoded."));
        root.push_at(&["others"], block, Placed::value(label, begin));
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn a_certificate_is_decoded() {
        let read = read(include_str!("../../../../tests/samples/pem/certificates.txt"));
        read.is("pem");
        assert_eq!(read.problems, Vec::<String>::new());
        for (pointer, text) in [
            (
                "/certificates/0/subject",
                "C = US, O = Shop Example, CN = api.shop.example.com",
            ),
            (
                "/certificates/0/issuer",
                "C = US, O = Shop Example, CN = api.shop.example.com",
            ),
            ("/certificates/0/serial", "0A1B2C3D4E5F"),
            ("/certificates/0/subjectAltName/0", "DNS:api.shop.example.com"),
            ("/certificates/0/subjectAltName/1", "DNS:*.shop.svc.cluster.local"),
            ("/certificates/0/subjectAltName/2", "IP Address:10.0.0.7"),
            ("/certificates/0/publicKey/curve", "prime256v1"),
            ("/certificates/0/publicKey/size", "256"),
            ("/certificates/0/signatureAlgorithm", "ecdsa-with-SHA256"),
            ("/certificates/0/basicConstraints/ca", "false"),
            ("/certificates/0/keyUsage/0", "Digital Signature"),
            ("/certificates/0/extendedKeyUsage/0", "TLS Web Server Authentication"),
        ] {
            assert_eq!(read.at(pointer), text, "{pointer}");
        }
        assert!(
            read.shown("/certificates/0/serial")
                .starts_with("-----BEGIN CERTIFICATE")
        );
    }

    #[test]
    fn a_private_key_is_said_and_not_kept() {
        let read = read(
            "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY\n-----END EC PRIVATE KEY-----\n",
        );
        read.is("pem");
        assert!(read.problems[0].contains("private key"));
        assert!(!read.json().contains("MHcCAQ"));
    }

    #[test]
    fn damaged_and_cut_blocks_are_said() {
        let cut = read("-----BEGIN CERTIFICATE-----\nMIIB8TCCAZegAwIBAgIUO\n");
        assert!(cut.problems[0].contains("no END line"));
        let damaged = read("-----BEGIN CERTIFICATE-----\nMIIB8TCCAZegAwIBAgIUO\n-----END CERTIFICATE-----\n");
        assert!(damaged.problems[0].contains("damaged"));
    }
}
