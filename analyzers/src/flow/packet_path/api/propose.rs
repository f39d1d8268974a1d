//! The questions that a paste asks by itself: `kubectl` that reached no API server, where the cluster was described.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::between;
use super::known::tried;
use crate::evidence::Evidence;
use crate::flow::Flow;
use crate::flow::packet_path::tried::{self as whom, Whom};
use crate::flow::packet_path::{Endpoint, Protocol, Query, asking};
use crate::model::aws::eks;
use crate::model::{Model, ip_in_name};
use crate::segment::Segment;
use crate::text::Span;

/// The ways that are shown.
const SHOWN: usize = 3;

/// A command that asked an API server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Who ran it, as far as that is told: by the address in its prompt, or the public address that was asked for in the same shell.
    pub from: Endpoint,
    /// Where the caller's address stands.
    pub told: Option<Evidence>,
    /// The address that it tried.
    pub tried: Option<IpAddr>,
    /// The line that says that nobody answered.
    pub line: Option<Span>,
    /// The command.
    pub command: Span,
}

/// The commands that reached no API server, and those that try whether its endpoint answers.
pub fn attempts(model: &Model<'_>) -> Vec<Attempt> {
    model
        .segments
        .iter()
        .filter_map(|segment| attempt(model, segment))
        .collect()
}

/// What is asked by them.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    if model.clusters().is_empty() {
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    attempts(model)
        .into_iter()
        .filter(|attempt| seen.insert(attempt.from.to_string()))
        .take(SHOWN)
        .filter_map(|attempt| {
            let query = attempt.query();
            Some(asking(between(model, &query)?, &query))
        })
        .collect()
}

impl Attempt {
    /// The question.
    pub fn query(&self) -> Query {
        Query {
            from: self.from.clone(),
            to: Endpoint::Api { cluster: None },
            protocol: Protocol::Tcp,
            at: None,
        }
    }
}

fn attempt(model: &Model<'_>, segment: &Segment) -> Option<Attempt> {
    let command = segment.command.as_ref().filter(|command| command.typed())?;
    let inside = segment
        .within
        .iter()
        .any(|outer| outer.contains("exec") || outer.contains("debug"));
    if inside {
        return None;
    }
    let silence = model
        .sources
        .lines_in(segment.body)
        .find(|(_, text)| is_silence(&text.to_lowercase()));
    let tests = || matches!(whom::tried(segment)?.to, Whom::Name(name) if eks::is_api_host(&name)).then_some(());
    if !command.line().is_kubectl() {
        tests()?;
    } else if silence.is_none() {
        return None;
    }
    let at = segment.at.as_deref();
    let by_prompt = at.and_then(ip_in_name).map(|address| (address, None));
    let told = by_prompt.or_else(|| own_address(model, at));
    let (from, evidence) = match told {
        Some((address, evidence)) => (Endpoint::Ip { address, port: None }, evidence),
        None => (Endpoint::Internet, None),
    };
    Some(Attempt {
        from,
        told: evidence,
        tried: silence.and_then(|(_, text)| tried(text)),
        line: silence.map(|(line, _)| line),
        command: command.span,
    })
}

/// Whether a line says that the API server did not answer: neither refused nor answered in another way (client-go prints the error of Go's dialer,
/// or that a deadline passed).
fn is_silence(lower: &str) -> bool {
    (lower.contains("dial tcp") && lower.contains(":443: i/o timeout") && !lower.contains("lookup "))
        || lower.contains("net/http: request canceled while waiting for connection")
}

/// The public address that was asked for in the same shell: `curl https://checkip.amazonaws.com`.
fn own_address(model: &Model<'_>, at: Option<&str>) -> Option<(IpAddr, Option<Evidence>)> {
    const ASKED: [&str; 5] = [
        "checkip.amazonaws.com",
        "ifconfig.me",
        "icanhazip.com",
        "api.ipify.org",
        "myip.opendns.com",
    ];
    model
        .segments
        .iter()
        .filter(|segment| segment.at.as_deref() == at)
        .filter(|segment| {
            segment
                .command
                .as_ref()
                .is_some_and(|command| command.typed() && ASKED.iter().any(|name| command.text.contains(name)))
        })
        .find_map(|segment| {
            let mut lines = model.sources.lines_in(segment.body);
            let (span, address) = lines.find_map(|(span, line)| Some((span, line.trim().parse().ok()?)))?;
            Some((address, Some(Evidence::Text(span))))
        })
}
