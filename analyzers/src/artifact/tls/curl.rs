//! `curl -v` (lib/vtls, lib/connect.c and src/tool_operate.c print these lines): attempts to connect, the TLS handshake, request and
//! response headers, errors. The body is not read.

use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::redact;
use crate::segment::CommandLine;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `curl -v`'s text.
pub const FORMAT: Format = Format::new(&Spec {
    name: "curl",
    title: "curl's verbose text and errors",
    command: |line| line.program == "curl",
    least: 3,
    sniff: take,
    read,
});

/// Whether the command asks for more than the body: `-v`, `-kv`, `--trace -`.
pub fn is_verbose(line: &CommandLine) -> bool {
    line.args.iter().any(|arg| match arg.strip_prefix("--") {
        Some(name) => matches!(name, "verbose" | "trace" | "trace-ascii" | "head" | "include"),
        None => {
            arg.starts_with('-')
                && arg.bytes().skip(1).all(|b| b.is_ascii_alphabetic())
                && arg.contains(['v', 'i', 'I'])
        }
    })
}

/// First lines that curl prints of a transfer.
const BEGINNINGS: [&str; 11] = [
    "* Trying ",
    "*  Trying ",
    "*   Trying ",
    "* Could not resolve host",
    "* Host ",
    "* About to connect() to ",
    "* Rebuilt URL to: ",
    "* Connected to ",
    "* Resolving timed out",
    "* Added ",
    "* Uses proxy env variable",
];

/// `curl: (28) …`: the exit code and what it means.
fn exit(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (code, text) = line.strip_prefix("curl: (")?.split_once(")")?;
    (!code.is_empty() && code.bytes().all(|b| b.is_ascii_digit())).then(|| (code, text.trim()))
}

/// The progress meter that curl prints where its output goes to a file or pipe.
fn is_meter(line: &str) -> bool {
    line.starts_with("  % Total") || line.contains("Dload  Upload") || line.contains("--:--:--")
}

fn is_line(line: &str) -> bool {
    line.starts_with("* ")
        || line.trim_end() == "*"
        || line.starts_with("> ")
        || line.starts_with("< ")
        || matches!(line.trim_end(), ">" | "<")
        || (line.starts_with(['{', '}']) && line.ends_with("bytes data]"))
        || exit(Piece::new(line)).is_some()
        || is_meter(line)
        || line.starts_with("More details here: https://curl.")
        || line.starts_with("curl failed to verify the legitimacy")
        || line.starts_with("establish a secure connection to it. To learn")
        || line.starts_with("how to fix it, please visit the web")
        || line.starts_with("To learn more about this situation")
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let begins = BEGINNINGS.iter().any(|beginning| line.starts_with(beginning)) || exit(Piece::new(line)).is_some();
    if !(begins || expected && is_line(line)) {
        return None;
    }
    let mut len = 0;
    // The body stands between the headers and `* Connection #0 to host x left intact`, in as many lines as it has: it is passed over only
    // where curl's own lines come again soon.
    let mut foreign = 0;
    for (line, end) in ends(rest) {
        if line.is_empty() {
            continue;
        }
        if is_line(line) {
            foreign = 0;
            len = end;
        } else {
            foreign += 1;
            if foreign > 8 || !expected {
                break;
            }
        }
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.97 } else { 0.9 },
    })
}

/// Headers whose values let others in.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(
        name.as_str(),
        "authorization" | "proxy-authorization" | "cookie" | "set-cookie"
    ) || ["token", "secret", "api-key", "apikey", "signature", "password"]
        .iter()
        .any(|word| name.contains(word))
}

struct State {
    root: Placed,
    /// The request and the response at hand.
    exchange: Option<Placed>,
    side: &'static str,
    /// The lines that follow describe the server's certificate.
    certificate: bool,
    unread: Unread,
}

impl State {
    fn end_exchange(&mut self, line: Piece<'_>) {
        if let Some(exchange) = self.exchange.take() {
            self.root.push_at(&["exchanges"], line, exchange);
        }
    }
}

/// What follows `> ` or `< `; a body's `<html>` is none.
fn header(line: Piece<'_>, sign: char) -> Option<Piece<'_>> {
    let rest = line.str().strip_prefix(sign)?;
    (rest.trim().is_empty() || rest.starts_with(' ')).then(|| line.skip(1))
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut state = State {
        root: Placed::object(whole),
        exchange: None,
        side: "",
        certificate: false,
        unread: Unread::default(),
    };
    let mut body = 0_usize;
    for line in whole.lines() {
        // The progress meter ends without a line's end: curl's own line may follow it on the same one.
        let line = match line.find("*   Trying ") {
            Some(at) if is_meter(line.str()) => line.skip(at),
            _ => line,
        };
        if let Some(note) = line.strip_prefix("*") {
            note_line(&mut state, line, note.trim());
        } else if let Some(header) = header(line, '>') {
            message_line(&mut state, line, header.trim(), "request");
        } else if let Some(header) = header(line, '<') {
            message_line(&mut state, line, header.trim(), "response");
        } else if let Some((code, text)) = exit(line) {
            let mut error = Placed::object(line);
            error.put_number("code", code);
            error.put_text("message", text);
            state.root.push_at(&["errors"], line, error);
        } else if !line.trim().is_empty() && !is_line(line.str()) {
            body += 1;
        }
    }
    state.end_exchange(whole);
    if body > 0 {
        state.root.put("bodyLinesNotRead", Placed::value(body, whole));
    }
    state.unread.finish(part, problems);
    formats::add_document(part, FORMAT.name(), state.root, true, artifacts);
}

/// A line of a request or a response: its first line, or a header.
fn message_line(state: &mut State, line: Piece<'_>, text: Piece<'_>, side: &'static str) {
    if text.is_empty() {
        state.side = "";
        return;
    }
    let first = state.side != side;
    state.side = side;
    if first && side == "request" {
        state.end_exchange(line);
    }
    let exchange = state.exchange.get_or_insert_with(|| Placed::object(line));
    exchange.extend(line);
    if first {
        let words: Vec<Piece<'_>> = text.words().collect();
        match (side, words.as_slice()) {
            ("request", [method, path, version]) => {
                exchange.put_at(&[side, "method"], line, Placed::text(*method));
                exchange.put_at(
                    &[side, "path"],
                    line,
                    Placed::value(redact::secrets(path).into_owned(), *path),
                );
                exchange.put_at(&[side, "version"], line, Placed::text(*version));
            }
            ("response", [version, status, ..]) => {
                exchange.put_at(&[side, "version"], line, Placed::text(*version));
                exchange.put_at(&[side, "status"], line, Placed::number(*status));
            }
            _ => state.unread.line(line),
        }
        return;
    }
    let Some((name, value)) = text.split_once(":") else {
        state.unread.line(line);
        return;
    };
    let value = value.trim();
    let kept = if is_secret(&name) {
        Placed::value("[redacted]", value)
    } else {
        Placed::value(redact::secrets(&value).into_owned(), value)
    };
    let key = name.to_ascii_lowercase();
    exchange.put_at(&[side, "headers", &key], line, kept);
}

/// A line that begins with `*`.
fn note_line(state: &mut State, line: Piece<'_>, note: Piece<'_>) {
    state.side = "";
    if state.certificate && certificate_line(state, line, note) {
        return;
    }
    state.certificate = false;
    if note.str() == "Server certificate:" {
        state.certificate = true;
    } else if let Some(rest) = note.strip_prefix("Trying ") {
        let mut attempt = Placed::object(line);
        attempt.put_text("address", rest.trim().strip_suffix("...").unwrap_or(rest.trim()));
        state.root.push_at(&["attempts"], line, attempt);
    } else if let Some(rest) = note.strip_prefix("connect to ") {
        // `connect to 10.0.0.7 port 443 failed: Connection refused`; curl 8.7 adds `from LOCAL port 0`.
        if let (Some((place, _)), Some((_, reason))) = (rest.split_once(" port "), rest.rsplit_once(" failed: ")) {
            let mut failure = Placed::object(line);
            failure.put_text("address", place);
            failure.put_text("reason", reason);
            state.root.push_at(&["failures"], line, failure);
        } else {
            state.unread.line(line);
        }
    } else if let Some(rest) = note.strip_prefix("Connected to ") {
        connected(state, line, rest);
    } else if let Some(rest) = note.strip_prefix("SSL connection using ") {
        let mut parts = rest.split(|c| c == '/');
        if let (Some(protocol), Some(cipher)) = (parts.next(), parts.next()) {
            state
                .root
                .put_at(&["tls", "protocol"], line, Placed::text(protocol.trim()));
            state.root.put_at(&["tls", "cipher"], line, Placed::text(cipher.trim()));
        }
    } else if let Some(rest) = note.strip_prefix("Could not resolve host: ") {
        state.root.push_at(&["unresolved"], line, Placed::text(rest));
    } else {
        // curl has some hundred such lines: what is not taken apart is kept in its own words.
        let text = redact::secrets(&note).into_owned();
        if !text.is_empty() {
            state.root.push_at(&["messages"], line, Placed::value(text, note));
        }
    }
}

/// `api.example.com (10.0.0.7) port 443 (#0)`
fn connected(state: &mut State, line: Piece<'_>, rest: Piece<'_>) {
    let mut connection = Placed::object(line);
    if let Some((host, rest)) = rest.split_once(" (")
        && let Some((address, rest)) = rest.split_once(") port ")
    {
        connection.put_text("host", host);
        connection.put_text("address", address);
        if let Some(port) = rest.words().next() {
            connection.put_number("port", port);
        }
        state.root.push_at(&["connections"], line, connection);
    } else {
        state.unread.line(line);
    }
}

/// A line of the server's certificate; whether it is one.
fn certificate_line(state: &mut State, line: Piece<'_>, note: Piece<'_>) -> bool {
    if note.starts_with("SSL certificate verify ok") {
        state.root.put_at(&["tls", "verified"], line, Placed::value(true, note));
        return true;
    }
    if let Some(result) = note.strip_prefix("SSL certificate verify result: ") {
        state
            .root
            .put_at(&["tls", "verified"], line, Placed::value(false, note));
        state.root.put_at(&["tls", "verifyResult"], line, Placed::text(result));
        return true;
    }
    let Some((name, value)) = note.split_once(":") else {
        return false;
    };
    let name = match name.str() {
        "subject" => "subject",
        "issuer" => "issuer",
        "start date" => "notBefore",
        "expire date" => "notAfter",
        "subjectAltName" => "subjectAltName",
        "common name" => "commonName",
        _ => return false,
    };
    state
        .root
        .put_at(&["tls", "certificate", name], line, Placed::text(value.trim()));
    true
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn errors_without_the_verbose_text() {
        for (text, code, message) in [
            (
                include_str!("../../../../tests/samples/curl/refused.txt"),
                "7",
                "Failed to connect to 10.20.3.1 port 9999 after 0 ms: Couldn't connect to server",
            ),
            (
                include_str!("../../../../tests/samples/curl/timeout.txt"),
                "28",
                "Connection timed out after 5001 milliseconds",
            ),
            (
                include_str!("../../../../tests/samples/curl/unresolved.txt"),
                "6",
                "Could not resolve host: cart.shop.svc",
            ),
        ] {
            let read = read(text);
            assert_eq!(read.format, "curl");
            assert_eq!(read.problems, Vec::<String>::new());
            assert_eq!(read.at("/errors/0/code"), code);
            assert_eq!(read.at("/errors/0/message"), message);
        }
    }

    #[test]
    fn a_transfer_is_read_and_its_credentials_are_not_kept() {
        let read = read(include_str!("../../../../tests/samples/curl/ok.txt"));
        assert_eq!(read.format, "curl");
        assert_eq!(read.problems, Vec::<String>::new());
        for (pointer, text) in [
            ("/attempts/0/address", "10.0.0.7:443"),
            ("/failures/0/reason", "Connection refused"),
            ("/connections/0/host", "api.shop.example.com"),
            ("/connections/0/address", "10.0.0.8"),
            ("/connections/0/port", "443"),
            ("/tls/protocol", "TLSv1.3"),
            ("/tls/certificate/subject", "CN=api.shop.example.com"),
            ("/tls/certificate/notAfter", "Aug  1 12:00:00 2024 GMT"),
            ("/tls/verified", "true"),
            ("/exchanges/0/request/method", "GET"),
            ("/exchanges/0/request/path", "/v1/cart"),
            ("/exchanges/0/request/headers/host", "api.shop.example.com"),
            ("/exchanges/0/request/headers/authorization", "[redacted]"),
            ("/exchanges/0/response/status", "503"),
            ("/exchanges/0/response/headers/server", "awselb/2.0"),
        ] {
            assert_eq!(read.at(pointer), text, "{pointer}");
        }
        assert!(!read.json().contains("c2VjcmV0"));
    }

    #[test]
    fn errors_have_their_exit_code() {
        let read = read(include_str!("../../../../tests/samples/curl/self-signed.txt"));
        read.is("curl");
        assert_eq!(read.at("/attempts/0/address"), "10.0.0.7:8443");
        assert_eq!(read.at("/errors/0/code"), "60");
        assert_eq!(
            read.at("/errors/0/message"),
            "SSL certificate problem: self-signed certificate"
        );
        let alone = super::super::super::testing::read("curl: (6) Could not resolve host: cart.shop\n");
        assert_eq!(alone.at("/errors/0/code"), "6");
        assert_ne!(
            super::super::super::testing::read("* a list\n* of things\n").format,
            "curl"
        );
    }
}
