//! `openssl s_client` (apps/s_client.c): the chain, what verifying said, protocol and cipher; and `openssl verify` (apps/verify.c).

use super::{openssl_x509, pem};
use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `openssl s_client`'s text.
pub const FORMAT: Format = Format::new(&Spec {
    name: "openssl-s_client",
    title: "openssl s_client's text",
    command: |line| {
        line.program == "openssl" && line.piped_into.is_none() && line.args.first().is_some_and(|arg| arg == "s_client")
    },
    least: 4,
    sniff: take,
    read,
});

/// `openssl verify`'s text.
pub const VERIFY: Format = Format::new(&Spec {
    name: "openssl-verify",
    title: "openssl verify's text",
    command: |line| line.program == "openssl" && line.args.first().is_some_and(|arg| arg == "verify"),
    least: 14,
    sniff: take_verify,
    read: read_verify,
});

/// Beginnings of lines that say nothing about the connection's fate.
const SILENT: [&str; 29] = [
    "---",
    "verify return:",
    "No client certificate CA names sent",
    "Acceptable client certificate CA names",
    "Client Certificate Types:",
    "Requested Signature Algorithms:",
    "Shared Requested Signature Algorithms:",
    "Secure Renegotiation IS",
    "Compression:",
    "Expansion:",
    "No ALPN negotiated",
    "SSL-Session:",
    "Early data was not sent",
    "Post-Handshake New Session Ticket arrived",
    "DONE",
    "closed",
    "read R BLOCK",
    "Can't use SSL_get_servername",
    "This TLS version forbids renegotiation",
    "Negotiated TLS1.3 group",
    "New, (NONE), Cipher is (NONE)",
    "Certificate chain",
    "Server certificate",
    "SSL handshake has read",
    "Reused, ",
    "Protocol: ",
    "Supported Elliptic ",
    "Signature Algorithms:",
    "Shared Signature Algorithms:",
];

/// Beginnings of lines that are kept in their own words: what failed.
const MESSAGES: [&str; 14] = [
    "connect:",
    "no peer certificate available",
    "write:errno",
    "read:errno",
    "getaddrinfo:",
    "gethostbyname failure",
    "BIO_lookup_ex",
    "BIO_connect",
    "Connection refused",
    "socket:",
    "SSL_connect",
    "unexpected EOF",
    "139",
    "140",
];

/// `name: value` lines and the fields that they are.
const FIELDS: [(&str, &str); 14] = [
    ("Peer signing digest:", "peerSigningDigest"),
    ("Peer signature type:", "peerSignatureType"),
    ("Server Temp Key:", "serverTempKey"),
    ("Peer Temp Key:", "serverTempKey"),
    ("Verification:", "verification"),
    ("Verification error:", "verification"),
    ("ALPN protocol:", "alpn"),
    ("Protocol version:", "protocol"),
    ("Connecting to ", "connectingTo"),
    // `-brief` (`print_ssl_summary` of apps/lib/s_cb.c) says the same in other words.
    ("Ciphersuite:", "cipher"),
    ("Peer certificate:", "peerCertificate"),
    ("Hash used:", "peerSigningDigest"),
    ("Signature type:", "peerSignatureType"),
    ("Verified peername:", "verifiedPeername"),
];

fn is_message(line: &str) -> bool {
    openssl_x509::is_error(line) || MESSAGES.iter().any(|beginning| line.starts_with(beginning))
}

fn begins(line: &str) -> bool {
    is_connected(line) || line.starts_with("verify error:num=") || depth(Piece::new(line)).is_some()
}

/// `CONNECTED(00000003)`, and with `-brief` `CONNECTION ESTABLISHED`.
fn is_connected(line: &str) -> bool {
    line.starts_with("CONNECTED(") || line.trim_end() == "CONNECTION ESTABLISHED"
}

/// What verifying said at last: indented in a session's lines, and with TLS 1.3, whose sessions come later, at the margin.
const VERIFIED: &str = "Verify return code:";

/// `depth=2 C = US, …`: the depth and the name.
fn depth(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (depth, name) = line.strip_prefix("depth=")?.split_once(" ")?;
    (depth.bytes().all(|b| b.is_ascii_digit()) && name.contains('=')).then_some((depth, name))
}

fn is_line(line: &str) -> bool {
    line.starts_with(' ')
        || line.trim().is_empty()
        || begins(line)
        || is_message(line)
        || line.starts_with("New, ")
        || line.starts_with(VERIFIED)
        || line.starts_with("Server public key is")
        || SILENT.iter().any(|beginning| line.starts_with(beginning))
        || FIELDS.iter().any(|(beginning, _)| line.starts_with(beginning))
        || openssl_x509::field(Piece::new(line)).is_some()
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    if !(begins(line) || expected && !line.starts_with(' ') && is_line(line)) {
        return None;
    }
    let mut len = 0;
    let mut inside = false;
    // Names of authorities that the server accepts stand between lines of openssl's own.
    for (line, end) in ends(rest) {
        if inside {
            inside = !pem::is_end(line);
        } else if pem::label(line).is_some() {
            inside = true;
        } else if line.trim().is_empty() {
            continue;
        } else if !is_line(line) {
            if expected || line.contains("CN") && line.contains('=') {
                continue;
            }
            break;
        }
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.93 },
    })
}

#[derive(Default)]
struct State<'a> {
    /// The depth and name that verifying is at.
    at: Option<(Piece<'a>, Piece<'a>)>,
    block: Option<(Piece<'a>, String)>,
    link: Option<Placed>,
    names: bool,
    unread: Unread,
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut state = State::default();
    let mut root = Placed::object(whole);
    for line in whole.lines() {
        if let Some((begin, encoded)) = &mut state.block {
            if pem::is_end(line.str()) {
                let block = begin.to(line, whole);
                match pem::certificate(block, encoded) {
                    Some(certificate) => match &mut state.link {
                        Some(link) => link.put("certificate", certificate),
                        None => root.put("certificate", certificate),
                    },
                    None => state
                        .unread
                        .say(block, || "This certificate is damaged and was not read.".to_owned()),
                }
                state.block = None;
            } else {
                encoded.push_str(line.trim().str());
            }
        } else if pem::label(line.str()).is_some() {
            state.block = Some((line, String::new()));
        } else if !line.trim().is_empty() {
            one(&mut state, &mut root, line);
        }
    }
    if let Some((begin, _)) = state.block {
        state.unread.say(begin, || {
            "This certificate has no END line and was not read.".to_owned()
        });
    }
    if let Some(link) = state.link {
        root.push_at(&["chain"], whole, link);
    }
    state.unread.finish(part, problems);
    formats::add_document(part, FORMAT.name(), root, true, artifacts);
}

fn one<'a>(state: &mut State<'a>, root: &mut Placed, line: Piece<'a>) {
    if !line.starts_with(' ')
        && let Some(link) = state.link.take()
    {
        root.push_at(&["chain"], line, link);
    }
    if let Some(at) = depth(line) {
        state.at = Some(at);
    } else if let Some(rest) = line.strip_prefix("verify error:num=") {
        let mut error = Placed::object(line);
        if let Some((code, text)) = rest.split_once(":") {
            error.put_number("code", code);
            error.put_text("text", text);
        }
        if let Some((depth, name)) = state.at {
            error.put_number("depth", depth);
            error.put_text("subject", name);
        }
        root.push_at(&["verifyErrors"], line, error);
    } else if is_connected(&line) {
        root.put("connected", Placed::value(true, line));
    } else if line.starts_with(' ') {
        indented(state, root, line);
    } else if let Some(value) = line.strip_prefix(VERIFIED) {
        verified(root, line, value);
    } else if let Some((name, value)) = openssl_x509::field(line) {
        root.put_text(name, value);
    } else if let Some((words, name)) = FIELDS.iter().find(|(words, _)| line.starts_with(words)) {
        root.put_text(name, line.skip(words.len()).trim());
    } else if let Some((protocol, cipher)) = line
        .strip_prefix("New, ")
        .and_then(|rest| rest.split_once(", Cipher is "))
    {
        if protocol.str() != "(NONE)" {
            root.put_text("protocol", protocol);
            root.put_text("cipher", cipher);
        }
    } else if is_message(line.str()) {
        root.push_at(&["messages"], line, Placed::text(line.trim()));
    } else if line.starts_with("Acceptable client certificate CA names") {
        state.names = true;
    } else if state.names && line.contains('=') {
        root.push_at(&["acceptableClientCAs"], line, Placed::text(line.trim()));
    } else if SILENT.iter().any(|words| line.starts_with(words)) || line.starts_with("Server public key is") {
        state.names = false;
    } else {
        state.unread.line(line);
    }
}

/// A link of the chain, or a field of the session. Its keys and tickets are not kept.
fn indented<'a>(state: &mut State<'a>, root: &mut Placed, line: Piece<'a>) {
    let clean = line.trim();
    if let Some((number, subject)) = clean.split_once(" s:")
        && number.bytes().all(|b| b.is_ascii_digit())
    {
        if let Some(link) = state.link.take() {
            root.push_at(&["chain"], line, link);
        }
        let mut link = Placed::object(line);
        link.put_number("depth", number);
        link.put_text("subject", subject);
        state.link = Some(link);
    } else if let Some(link) = &mut state.link {
        link.extend(line);
        if let Some(issuer) = clean.strip_prefix("i:") {
            link.put_text("issuer", issuer);
        } else if let Some((before, after)) = clean
            .strip_prefix("v:NotBefore: ")
            .and_then(|rest| rest.split_once("; NotAfter: "))
        {
            link.put_text("notBefore", before);
            link.put_text("notAfter", after);
        } else if let Some(key) = clean.strip_prefix("a:") {
            link.put_text("key", key);
        }
    } else if let Some((name, value)) = clean.split_once(":") {
        match name.trim().str() {
            "Protocol" => root.put_text("protocol", value.trim()),
            "Cipher" => root.put_text("cipher", value.trim()),
            "Verify return code" => verified(root, line, value),
            _ => {}
        }
    }
}

/// `18 (self-signed certificate)`.
fn verified(root: &mut Placed, line: Piece<'_>, value: Piece<'_>) {
    let value = value.trim();
    let (code, text) = value.split_once(" ").unwrap_or((value, value));
    let mut verify = Placed::object(line);
    verify.put_number("code", code);
    let text = text.strip_prefix("(").and_then(|text| text.strip_suffix(")"));
    verify.put_text("text", text.unwrap_or(value));
    root.put("verifyReturnCode", verify);
}

fn verify_error(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>, Piece<'_>)> {
    let (code, rest) = line.strip_prefix("error ")?.split_once(" at ")?;
    let (depth, text) = rest.split_once(" depth lookup:")?;
    Some((code, depth, text.trim()))
}

fn take_verify(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(VERIFY);
    let own = |line: &str| {
        verify_error(Piece::new(line)).is_some()
            || line.starts_with("error ") && line.ends_with(": verification failed")
            || expected && (line.ends_with(": OK") || line.contains("CN") && line.contains('=') || is_message(line))
            || line.starts_with("Can't open ")
            || line.starts_with("Could not open ")
    };
    if !own(line) || !(expected || line.starts_with("error ")) {
        return None;
    }
    let len = ends(rest).take_while(|(line, _)| own(line)).last()?.1;
    Some(Taken {
        len,
        format: VERIFY,
        confidence: 0.95,
    })
}

fn read_verify(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut root = Placed::object(whole);
    let mut subject = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some((code, depth, text)) = verify_error(line) {
            let mut error = Placed::object(line);
            error.put_number("code", code);
            error.put_number("depth", depth);
            error.put_text("text", text);
            if let Some(subject) = subject {
                error.put_text("subject", subject);
            }
            root.push_at(&["verifyErrors"], line, error);
        } else if let Some(file) = line.strip_suffix(": OK") {
            result(&mut root, line, file, true);
        } else if let Some(file) = line
            .strip_prefix("error ")
            .and_then(|rest| rest.strip_suffix(": verification failed"))
        {
            result(&mut root, line, file, false);
        } else if line.contains('=') {
            subject = Some(line.trim());
        } else if line.starts_with("Can't open") || line.starts_with("Could not open") || is_message(line.str()) {
            root.push_at(&["messages"], line, Placed::text(line.trim()));
        } else {
            unread.line(line);
        }
    }
    unread.finish(part, problems);
    formats::add_document(part, VERIFY.name(), root, true, artifacts);
}

fn result(root: &mut Placed, line: Piece<'_>, file: Piece<'_>, ok: bool) {
    let mut result = Placed::object(line);
    result.put_text("file", file);
    result.put("ok", Placed::value(ok, line));
    root.push_at(&["results"], line, result);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn a_handshake_is_read_and_its_secrets_are_not() {
        let read = read(include_str!(
            "../../../../tests/samples/openssl-s_client/self-signed.txt"
        ));
        read.is("openssl-s_client");
        assert_eq!(read.problems, Vec::<String>::new());
        for (pointer, text) in [
            ("/connected", "true"),
            ("/verifyErrors/0/code", "18"),
            ("/verifyErrors/0/text", "self-signed certificate"),
            ("/verifyErrors/0/depth", "0"),
            ("/chain/0/issuer", "C = US, O = Shop Example, CN = api.shop.example.com"),
            ("/chain/0/notAfter", "Nov 21 14:49:51 2027 GMT"),
            ("/certificate/subjectAltName/0", "DNS:api.shop.example.com"),
            ("/protocol", "TLSv1.2"),
            ("/cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"),
            ("/verifyReturnCode/code", "18"),
            ("/verifyReturnCode/text", "self-signed certificate"),
        ] {
            assert_eq!(read.at(pointer), text, "{pointer}");
        }
        assert!(!read.json().contains("CDF9A1716C3AA91A"));
    }

    #[test]
    fn tls_1_3_says_at_the_margin_what_verifying_said() {
        let sample = include_str!("../../../../tests/samples/openssl-s_client/tls-1.3.txt");
        let bare = sample.split_once('\n').unwrap().1;
        for text in [sample, bare] {
            let read = read(text);
            read.is("openssl-s_client");
            assert_eq!(read.problems, Vec::<String>::new());
            assert_eq!(read.at("/verifyReturnCode/code"), "18");
            assert_eq!(read.at("/verifyReturnCode/text"), "self-signed certificate");
            assert_eq!(read.at("/verification"), "self-signed certificate");
            assert_eq!(read.at("/protocol"), "TLSv1.3");
            assert_eq!(read.at("/serverTempKey"), "X25519, 253 bits");
        }
        // A session that comes later says it once more.
        let more = format!(
            "{sample}---\nPost-Handshake New Session Ticket arrived:\nSSL-Session:\n    Protocol  : TLSv1.3\n    Verify return code: 18 (self-signed certificate)\n    Max Early Data: 0\n---\nread R BLOCK\nclosed\n"
        );
        let more = read(&more);
        more.is("openssl-s_client");
        assert_eq!(more.problems, Vec::<String>::new());
    }

    #[test]
    fn brief_words_are_the_same_fields() {
        let sample = include_str!("../../../../tests/samples/openssl-s_client/brief.txt");
        let bare = sample.split_once('\n').unwrap().1;
        for text in [sample, bare] {
            let read = read(text);
            read.is("openssl-s_client");
            assert_eq!(read.problems, Vec::<String>::new(), "{text}");
            for (pointer, text) in [
                ("/connected", "true"),
                ("/protocol", "TLSv1.3"),
                ("/cipher", "TLS_AES_128_GCM_SHA256"),
                ("/peerCertificate", "CN = pay.example.com"),
                ("/peerSigningDigest", "SHA256"),
                ("/peerSignatureType", "RSA-PSS"),
                ("/verification", "OK"),
                ("/verifiedPeername", "pay.example.com"),
            ] {
                assert_eq!(read.at(pointer), text, "{pointer}");
            }
        }
    }

    #[test]
    fn what_fails_before_the_handshake_is_kept_in_openssls_words() {
        let refused = read(
            "$ openssl s_client -connect 10.0.0.7:443\n140737353:error:0200206F:system library:connect:Connection refused:crypto/bio/b_sock2.c:110:\nconnect:errno=111\n",
        );
        refused.is("openssl-s_client");
        assert_eq!(refused.count("/messages"), 2);
        assert_eq!(refused.at("/messages/1"), "connect:errno=111");
    }

    #[test]
    fn verifying_a_file_is_read() {
        let read = read(include_str!("../../../../tests/samples/openssl-verify/failed.txt"));
        read.is("openssl-verify");
        assert_eq!(read.problems, Vec::<String>::new());
        assert_eq!(read.at("/verifyErrors/0/code"), "20");
        assert_eq!(
            read.at("/verifyErrors/0/subject"),
            "C = US, O = Shop, CN = api.example.com"
        );
        assert_eq!(read.at("/results/0/ok"), "false");
        assert_eq!(read.at("/results/1/file"), "ca.pem");
    }
}
