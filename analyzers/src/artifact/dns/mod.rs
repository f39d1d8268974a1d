//! What the tools print that ask a name server. All give the same shape: `queries`, each with `question`, `status`, `flags`, `answer`,
//! `authority`, `additional` (records of `name`, `ttl`, `class`, `type`, `data`), `server`, `queryTime` and `errors` (`reason`, `text`),
//! as far as the tool prints them.

pub mod corefile;
pub(crate) mod dig;
pub(crate) mod getent;
pub(crate) mod host;
pub(crate) mod nslookup;

use std::net::IpAddr;

use super::Placed;
use crate::text::Piece;

/// One of a tool's questions, and what came back.
struct Query {
    placed: Placed,
    /// What came back is all printed; further records belong to another query.
    closed: bool,
}

impl Query {
    fn new(line: Piece<'_>) -> Self {
        Self {
            placed: Placed::object(line),
            closed: false,
        }
    }

    fn record(&mut self, section: &str, line: Piece<'_>, record: Placed) {
        self.placed.push_at(&[section], line, record);
        self.placed.extend(line);
    }

    /// Something that went wrong, in the tool's words.
    fn error(&mut self, line: Piece<'_>, reason: Piece<'_>, server: Option<Piece<'_>>) {
        let mut error = Placed::object(line);
        error.put_text("text", line.trim());
        error.put_text("reason", reason);
        if let Some(server) = server {
            error.put_text("server", server);
        }
        self.record("errors", line, error);
    }
}

/// A tool's questions, as the document that they are.
fn document(queries: Vec<Query>, whole: Piece<'_>) -> Placed {
    let mut list = Placed::array(whole);
    for query in queries {
        list.push(query.placed);
    }
    let mut root = Placed::object(whole);
    root.put("queries", list);
    root
}

/// A record whose address tells its type.
fn address_record(line: Piece<'_>, name: Option<Piece<'_>>, address: Piece<'_>) -> Option<Placed> {
    let kind = match address.str().parse().ok()? {
        IpAddr::V4(_) => "A",
        IpAddr::V6(_) => "AAAA",
    };
    let mut record = Placed::object(line);
    if let Some(name) = name {
        record.put_text("name", name);
    }
    record.put("type", Placed::value(kind, address));
    record.put_text("data", address);
    Some(record)
}

/// What dig, nslookup and host of BIND print alike when no answer comes (bin/dig/dighost.c): the reason and the server.
/// `;; connection timed out; no servers could be reached`, `;; communications error to 10.0.0.2#53: timed out`,
/// `;; Got SERVFAIL reply from 10.0.0.2, trying next server`, `;; reply from unexpected source: …`, `;; Truncated, retrying in TCP mode.`
fn failure(line: Piece<'_>) -> Option<(Piece<'_>, Option<Piece<'_>>)> {
    let text = line.strip_prefix(";; ").map(Piece::trim)?;
    if let Some(rest) = text.strip_prefix("communications error to ") {
        // The server may be an IPv6 address: the reason stands behind the last colon with a blank.
        return Some(match rest.rsplit_once(": ") {
            Some((server, reason)) => (reason, Some(server)),
            None => (text, Some(rest)),
        });
    }
    if let Some(rest) = text.strip_prefix("Got ") {
        let (status, rest) = rest.split_once(" reply from ")?;
        let server = rest.split(|c| c == ',').next()?;
        return Some((status, Some(server)));
    }
    if let Some(rest) = text.strip_prefix("Connection to ") {
        let (server, rest) = rest.split_once(" for ")?;
        let (_, reason) = rest.rsplit_once(": ")?;
        return Some((reason.strip_suffix(".").unwrap_or(reason), Some(server)));
    }
    if let Some(rest) = text.strip_prefix("connection timed out") {
        return Some((text.part(0..text.len() - rest.len()), None));
    }
    [
        "no servers could be reached",
        "Truncated, retrying in TCP mode",
        "reply from unexpected source",
        "Warning: ID mismatch",
        "Question section mismatch",
        "Couldn't verify signature",
        "Got bad packet",
        "bad packet",
        "Transfer failed",
        "network unreachable",
        "host unreachable",
        "UDP setup with ",
        "Connection refused",
    ]
    .iter()
    .any(|beginning| text.starts_with(beginning))
    .then_some((text, None))
}
