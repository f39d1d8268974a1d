//! `wget`, GNU's and busybox' (GNU wget, `src/connect.c`, `src/http.c`; busybox, `networking/wget.c`).
//!
//! `{"requests": [{"url", "host", "addresses", "connections": [{"to", "result", "reason"}], "status", "statusText", "errors"}]}`. What was
//! downloaded is not read.

use super::connect::busybox_failure;
use crate::artifact::node::lines::is_address;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::redact;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `wget`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "wget",
    title: "wget",
    command: |line| line.program == "wget",
    least: 3,
    sniff,
    read,
});

/// `--2024-05-01 10:00:00--  http://…`.
fn url(line: Piece<'_>) -> Option<Piece<'_>> {
    let (time, url) = line.strip_prefix("--")?.split_once("--  ")?;
    (time.len() >= 8
        && time
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b':' | b' ')))
    .then_some(url)
}

fn is_own(line: &str) -> bool {
    url(Piece::new(line)).is_some()
        || [
            "Resolving ",
            "Connecting to ",
            "Reusing existing connection to ",
            "HTTP request sent, ",
            "wget: ",
            "Length: ",
            "Saving to: ",
            "Location: ",
            "Retrying.",
            "Giving up.",
            "ERROR: cannot verify ",
            "ERROR: certificate ",
            "To connect to ",
            "Unable to establish SSL connection",
            "saving to '",
            "writing to stdout",
        ]
        .iter()
        .any(|beginning| line.starts_with(beginning))
        || line.contains(" ERROR ") && line.starts_with("20")
        || line.contains("--:--") && line.contains("ETA")
        || line.starts_with("20") && (line.contains(" saved [") || line.contains(" written to stdout ["))
        || line.starts_with('‘') && line.ends_with('’')
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let begins = url(Piece::new(line)).is_some() || line.starts_with("wget: ") || expected && is_own(line);
    if !begins {
        return None;
    }
    let mut len = 0;
    // What was downloaded may stand between: it is passed over where wget's own lines come again soon.
    let mut foreign = 0;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            continue;
        }
        if is_own(line) || line.starts_with(['\t', ' ']) && line.contains('%') {
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

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut requests = Placed::array(whole);
    let mut open: Option<Placed> = None;
    let mut body = 0_usize;
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if let Some(url) = url(line) {
            let mut request = Placed::object(line);
            request.put("url", Placed::value(redact::secrets(&url).into_owned(), url));
            if let Some(before) = open.replace(request) {
                requests.push(before);
            }
            continue;
        }
        if !is_own(line.str()) {
            body += 1;
            continue;
        }
        let request = open.get_or_insert_with(|| Placed::object(line));
        request.extend(line);
        self::line(request, line);
    }
    if let Some(request) = open {
        requests.push(request);
    }
    let mut root = Placed::object(whole);
    root.put("requests", requests);
    if body > 0 {
        root.put("bodyLinesNotRead", Placed::value(body, whole));
    }
    add_document(part, FORMAT.name(), root, true, artifacts);
}

fn line(request: &mut Placed, line: Piece<'_>) {
    if let Some(rest) = line.strip_prefix("Resolving ") {
        let Some((host, answer)) = rest.split_once("... ") else {
            return;
        };
        let host = host.split_once(" (").map_or(host, |(host, _)| host);
        request.put_text("host", host);
        if let Some(reason) = answer.strip_prefix("failed: ") {
            request.push_at(
                &["errors"],
                line,
                Placed::text(reason.strip_suffix(".").unwrap_or(reason)),
            );
        } else {
            for address in answer
                .split(|c| c == ',')
                .map(Piece::trim)
                .filter(|word| is_address(word.str()))
            {
                request.push_at(&["addresses"], line, Placed::text(address));
            }
        }
    } else if let Some(rest) = line.strip_prefix("Connecting to ") {
        let mut connection = Placed::object(line);
        match rest.split_once("... ") {
            Some((to, answer)) => {
                connection.put_text("to", to);
                if let Some(reason) = answer.strip_prefix("failed: ") {
                    connection.put("result", Placed::value("failed", answer));
                    connection.put_text("reason", reason.strip_suffix(".").unwrap_or(reason));
                } else if answer.starts_with("connected") {
                    connection.put("result", Placed::value("connected", answer));
                }
            }
            // busybox says what came of it on another line, or nothing where it succeeded.
            None => connection.put_text("to", rest),
        }
        request.push_at(&["connections"], line, connection);
    } else if let Some(answer) = line.strip_prefix("HTTP request sent, awaiting response... ") {
        status(request, line, answer);
    } else if let Some(rest) = line.strip_prefix("wget: ") {
        if let Some(answer) = rest.strip_prefix("server returned error: ") {
            // `HTTP/1.1 403 Forbidden`.
            status(
                request,
                line,
                answer.split_once(" ").map_or(answer, |(_, answer)| answer),
            );
        } else if let Some((address, reason, false)) = busybox_failure(rest) {
            let mut connection = Placed::object(line);
            if let Some(address) = address {
                connection.put_text("to", address);
            }
            connection.put("result", Placed::value("failed", line));
            connection.put_text("reason", reason);
            request.push_at(&["connections"], line, connection);
        } else {
            request.push_at(&["errors"], line, Placed::text(rest));
        }
    } else if line.starts_with("ERROR: ") || line.starts_with("Unable to ") || line.starts_with("Giving up") {
        request.push_at(&["errors"], line, Placed::text(line));
    } else if let Some(location) = line.strip_prefix("Location: ") {
        let location = location.strip_suffix(" [following]").unwrap_or(location);
        request.put(
            "location",
            Placed::value(redact::secrets(&location).into_owned(), location),
        );
    }
}

/// `200 OK`, `Read error (Connection reset by peer) in headers.`
fn status(request: &mut Placed, line: Piece<'_>, answer: Piece<'_>) {
    let (code, text) = answer.split_once(" ").unwrap_or((answer, answer.skip(answer.len())));
    if code.parse::<u16>().is_ok() {
        request.put_number("status", code);
        request.put_text("statusText", text.trim());
    } else {
        request.push_at(&["errors"], line, Placed::text(answer));
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn gnus() {
        let read = only("wget", include_str!("../../../../tests/samples/wget/forbidden.txt"));
        assert_eq!(
            read["requests"],
            json!([{"url": "http://cart.shop/health", "host": "cart.shop", "addresses": ["172.20.31.8"],
                "connections": [{"to": "cart.shop (cart.shop)|172.20.31.8|:80", "result": "connected"}],
                "status": 403, "statusText": "Forbidden"}])
        );
        let read = only("wget", include_str!("../../../../tests/samples/wget/refused.txt"));
        assert_eq!(
            read["requests"][0]["connections"],
            json!([{"to": "10.20.3.1:9999", "result": "failed", "reason": "Connection refused"}])
        );
        let read = only("wget", include_str!("../../../../tests/samples/wget/unresolved.txt"));
        assert_eq!(
            read["requests"][0]["errors"],
            json!([
                "Temporary failure in name resolution",
                "unable to resolve host address ‘nope.invalid’"
            ])
        );
    }

    #[test]
    fn busybox() {
        let read = only("wget", include_str!("../../../../tests/samples/wget/busybox.txt"));
        assert_eq!(
            read["requests"],
            json!([{"connections": [{"to": "cart.shop (172.20.31.8:80)"},
                {"to": "172.20.31.8", "result": "failed", "reason": "Connection refused"}]}])
        );
    }
}
