//! What `openssl x509` prints of a certificate: `-text` (crypto/x509/t_x509.c) and single fields (`-subject`, `-dates`, …).

use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `openssl x509`'s text.
pub const FORMAT: Format = Format::new(&Spec {
    name: "openssl-x509",
    title: "openssl's text of a certificate",
    command: |line| {
        // `openssl s_client … | openssl x509 -noout -dates` is known by its first program only.
        line.program == "openssl"
            && (line.args.first().is_some_and(|arg| arg == "x509") || line.piped_into.as_deref() == Some("openssl"))
    },
    least: 6,
    sniff: take,
    read,
});

/// `name=value` lines and the fields that they are.
const FIELDS: [(&str, &str); 5] = [
    ("subject=", "subject"),
    ("issuer=", "issuer"),
    ("notBefore=", "notBefore"),
    ("notAfter=", "notAfter"),
    ("serial=", "serial"),
];

/// Digests that a fingerprint is made with; OpenSSL 3 prints their names as they were asked for, 1.1 in capitals.
const FINGERPRINTS: [(&str, &str); 5] = [
    ("sha256", "sha256Fingerprint"),
    ("sha1", "sha1Fingerprint"),
    ("md5", "md5Fingerprint"),
    ("sha384", "sha384Fingerprint"),
    ("sha512", "sha512Fingerprint"),
];

/// What openssl says without a certificate, or of its end.
const SAYINGS: [&str; 8] = [
    "unable to load certificate",
    "Could not ",
    "Unable to load",
    "Certificate will ",
    "No extensions",
    "Can't open",
    "Error opening",
    "Expecting: ",
];

/// The field of a line of its own, and its value.
pub fn field(line: Piece<'_>) -> Option<(&'static str, Piece<'_>)> {
    if let Some((name, value)) = line.split_once(" Fingerprint=")
        && let Some((_, field)) = FINGERPRINTS
            .iter()
            .find(|(digest, _)| name.eq_ignore_ascii_case(digest))
    {
        return Some((field, value.trim()));
    }
    FIELDS
        .iter()
        .find_map(|(words, name)| Some((*name, line.strip_prefix(words)?.trim())))
}

/// The extensions that have several lines.
fn extension(title: &str) -> Option<&'static str> {
    Some(match title {
        "X509v3 Subject Alternative Name" => "subjectAltName",
        "X509v3 Key Usage" => "keyUsage",
        "X509v3 Extended Key Usage" => "extendedKeyUsage",
        "X509v3 Basic Constraints" => "basicConstraints",
        "X509v3 Subject Key Identifier" => "subjectKeyIdentifier",
        "X509v3 Authority Key Identifier" => "authorityKeyIdentifier",
        _ => return None,
    })
}

fn is_strict(line: &str) -> bool {
    match field(Piece::new(line)) {
        Some(("subject" | "issuer", value)) => value.contains("CN") && value.contains('='),
        Some(("notBefore" | "notAfter", value)) => value.ends_with("GMT"),
        Some(("serial", value)) => value.len() > 7 && value.bytes().all(|b| b.is_ascii_hexdigit()),
        Some(_) => true,
        None => false,
    }
}

fn is_line(line: &str) -> bool {
    line.starts_with([' ', '\t'])
        || line == "Certificate:"
        || line.starts_with("X509v3 ")
        || field(Piece::new(line)).is_some()
        || SAYINGS.iter().any(|saying| line.starts_with(saying))
        || is_error(line)
}

/// An entry of OpenSSL's error queue: `140…:error:0909006C:PEM routines:…`
pub fn is_error(line: &str) -> bool {
    line.split_once(":error:")
        .is_some_and(|(thread, _)| thread.len() >= 8 && thread.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let text = line == "Certificate:"
        && rest
            .get(13..)
            .is_some_and(|rest| rest.trim_start().starts_with("Data:"));
    let extension = line.strip_prefix("X509v3 ").is_some_and(|rest| rest.contains(':'));
    if !(text || extension || is_strict(line) || expected && !line.starts_with(' ') && is_line(line)) {
        return None;
    }
    let len = ends(rest)
        .take_while(|(line, _)| line.is_empty() || is_line(line))
        .filter(|(line, _)| !line.is_empty())
        .last()?
        .1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.9 },
    })
}

#[derive(Default)]
struct State {
    certificate: Option<Placed>,
    done: Vec<Placed>,
    /// The field whose value stands in the lines below.
    pending: Option<&'static str>,
    unread: Unread,
}

impl State {
    fn put(&mut self, line: Piece<'_>, name: &str, value: Placed) {
        // The same field once more is another certificate; -text names the signature's algorithm twice.
        if self.certificate.as_ref().is_some_and(|here| here.has(name)) {
            if name == "signatureAlgorithm" {
                return;
            }
            self.next();
        }
        let certificate = self.certificate.get_or_insert_with(|| Placed::object(line));
        certificate.put(name, value);
        certificate.extend(line);
    }

    fn next(&mut self) {
        self.pending = None;
        self.done.extend(self.certificate.take());
    }
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut state = State::default();
    let mut root = Placed::object(whole);
    for line in whole.lines() {
        let clean = line.trim();
        if clean.is_empty() {
            continue;
        }
        if clean.str() == "Certificate:" {
            state.next();
        } else if let Some((name, value)) = field(line) {
            state.pending = None;
            state.put(line, name, Placed::text(value));
        } else if SAYINGS.iter().any(|saying| line.starts_with(saying)) || is_error(line.str()) {
            root.push_at(&["messages"], line, Placed::text(clean));
        } else {
            text_line(&mut state, line, clean);
        }
    }
    state.next();
    for certificate in state.done {
        root.push_at(&["certificates"], whole, certificate);
    }
    state.unread.finish(part, problems);
    formats::add_document(part, FORMAT.name(), root, true, artifacts);
}

/// A line of `-text`.
fn text_line(state: &mut State, line: Piece<'_>, clean: Piece<'_>) {
    if let Some(name) = state.pending.take() {
        value_below(state, line, clean, name);
        return;
    }
    let Some((title, value)) = clean.split_once(":") else {
        return;
    };
    let value = value.trim();
    match title.trim().str() {
        "Serial Number" if value.is_empty() => state.pending = Some("serial"),
        "Serial Number" => {
            // `4096 (0x1000)`: a small number in both notations.
            let hex = value
                .split_once("(0x")
                .and_then(|(_, hex)| hex.strip_suffix(")"))
                .unwrap_or(value);
            let even = if hex.len() % 2 == 1 { "0" } else { "" };
            let serial = [even, &hex.to_uppercase()].concat();
            state.put(line, "serial", Placed::value(serial, hex));
        }
        "Signature Algorithm" => state.put(line, "signatureAlgorithm", Placed::text(value)),
        "Issuer" => state.put(line, "issuer", Placed::text(value)),
        "Subject" => state.put(line, "subject", Placed::text(value)),
        "Not Before" => state.put(line, "notBefore", Placed::text(value)),
        "Not After" => state.put(line, "notAfter", Placed::text(value)),
        "Public Key Algorithm" => {
            let mut key = Placed::object(line);
            key.put_text("algorithm", value);
            state.put(line, "publicKey", key);
        }
        "Public-Key" | "RSA Public-Key" => {
            let size = value.strip_prefix("(").and_then(|rest| rest.split_once(" "));
            if let (Some((size, _)), Some(certificate)) = (size, &mut state.certificate) {
                certificate.put_at(&["publicKey", "size"], line, Placed::number(size));
            }
        }
        "ASN1 OID" => {
            if let Some(certificate) = &mut state.certificate {
                certificate.put_at(&["publicKey", "curve"], line, Placed::text(value));
            }
        }
        title => state.pending = extension(title),
    }
}

/// The line below a title.
fn value_below(state: &mut State, line: Piece<'_>, clean: Piece<'_>, name: &'static str) {
    match name {
        "serial" => {
            let serial = clean.replace(':', "").to_uppercase();
            state.put(line, name, Placed::value(serial, clean));
        }
        "subjectKeyIdentifier" => state.put(line, name, Placed::text(clean)),
        "authorityKeyIdentifier" => {
            let id = clean.strip_prefix("keyid:").unwrap_or(clean);
            state.put(line, name, Placed::text(id));
        }
        "basicConstraints" => {
            let mut constraints = Placed::object(clean);
            for (name, value) in clean.split(|c| c == ',').filter_map(|field| field.split_once(":")) {
                match name.trim().str() {
                    "CA" => constraints.put("ca", Placed::value(value.str() == "TRUE", value)),
                    "pathlen" => constraints.put_number("pathLen", value),
                    _ => state.unread.line(line),
                }
            }
            state.put(line, name, constraints);
        }
        _ => {
            let mut list = Placed::array(clean);
            for item in clean.split(|c| c == ',') {
                list.push(Placed::text(item.trim()));
            }
            state.put(line, name, list);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn the_text_of_a_certificate_is_read() {
        let read = read(include_str!("../../../../tests/samples/openssl-x509/text.txt"));
        read.is("openssl-x509");
        assert_eq!(read.problems, Vec::<String>::new());
        for (pointer, text) in [
            (
                "/certificates/0/subject",
                "C = US, O = Shop Example, CN = api.shop.example.com",
            ),
            ("/certificates/0/serial", "0A1B2C3D4E5F"),
            ("/certificates/0/notAfter", "Nov 21 14:49:51 2027 GMT"),
            ("/certificates/0/publicKey/size", "256"),
            ("/certificates/0/publicKey/curve", "prime256v1"),
            ("/certificates/0/subjectAltName/2", "IP Address:10.0.0.7"),
            ("/certificates/0/basicConstraints/ca", "false"),
            ("/certificates/0/extendedKeyUsage/0", "TLS Web Server Authentication"),
            (
                "/certificates/0/authorityKeyIdentifier",
                "9A:61:32:32:6A:36:6B:3C:42:24:BF:22:09:F3:38:1F:40:63:E8:E1",
            ),
        ] {
            assert_eq!(read.at(pointer), text, "{pointer}");
        }
        assert_eq!(read.count("/certificates"), 1);
    }

    #[test]
    fn fingerprints_are_read_whatever_the_case_of_their_digest() {
        for (title, pointer) in [
            ("sha1 Fingerprint", "/certificates/0/sha1Fingerprint"),
            ("SHA1 Fingerprint", "/certificates/0/sha1Fingerprint"),
            ("SHA256 Fingerprint", "/certificates/0/sha256Fingerprint"),
            ("sha256 Fingerprint", "/certificates/0/sha256Fingerprint"),
            ("MD5 Fingerprint", "/certificates/0/md5Fingerprint"),
            ("sha512 Fingerprint", "/certificates/0/sha512Fingerprint"),
        ] {
            let read = read(&format!("{title}=5C:07:E1:9A:44:B2:0F:D3\n"));
            read.is("openssl-x509");
            assert_eq!(read.problems, Vec::<String>::new(), "{title}");
            assert_eq!(read.at(pointer), "5C:07:E1:9A:44:B2:0F:D3", "{title}");
        }
        assert_ne!(read("ssh Fingerprint=5C:07:E1\n").format, "openssl-x509");
    }

    #[test]
    fn single_fields_are_read_with_and_without_their_command() {
        let text = "subject=CN = api.example.com\nissuer= /C=US/O=Let's Encrypt/CN=R3\nnotBefore=Feb  5 00:00:00 2024 GMT\nnotAfter=May  5 23:59:59 2024 GMT\n";
        for paste in [
            text.to_owned(),
            format!("$ openssl x509 -noout -dates -subject\n{text}"),
        ] {
            let read = read(&paste);
            read.is("openssl-x509");
            assert_eq!(read.at("/certificates/0/issuer"), "/C=US/O=Let's Encrypt/CN=R3");
            assert_eq!(read.at("/certificates/0/notAfter"), "May  5 23:59:59 2024 GMT");
        }
        assert_ne!(read("subject=hello\n").format, "openssl-x509");
    }
}
