//! `resolv.conf` (man page resolv.conf(5)).

use std::net::IpAddr;

use crate::evidence::{Evidence, Fact};
use crate::problem::{Problem, blacked_out};
use crate::text::{Sources, Span, is_redacted, is_redacted_address};

/// A resolver's configuration, every setting with its line.
#[derive(Debug, Clone, Default)]
pub struct ResolvConf {
    /// The servers, in order. glibc reads three (`MAXNS`); the rest stay in this list.
    pub nameservers: Vec<Fact<IpAddr>>,
    /// The search list: the last `search` or `domain` line wins.
    pub search: Vec<Fact<String>>,
    /// The options as written, `ndots:5` and the like.
    pub options: Vec<Fact<String>>,
}

impl ResolvConf {
    /// The number after `name:` in the options.
    pub fn option(&self, name: &str) -> Option<Fact<u32>> {
        self.options.iter().rev().find_map(|option| {
            let number = option.value.strip_prefix(name)?.strip_prefix(':')?.parse().ok()?;
            Some(Fact::new(number, option.evidence.clone()))
        })
    }

    /// Whether an option without a value is set.
    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|option| option.value == name)
    }
}

/// The settings that glibc reads, and those that other resolvers add; a line that begins with another word is none.
const SETTINGS: [&str; 8] = [
    "nameserver",
    "search",
    "domain",
    "options",
    "sortlist",
    "lookup",
    "family",
    "port",
];

/// Whether a line belongs into a resolver's configuration: a setting with a value, or a comment.
pub fn is_line(line: &str) -> bool {
    line.starts_with(['#', ';']) || is_setting(line)
}

/// Whether a line is a setting with a value.
pub fn is_setting(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let Some(setting) = words.next() else { return false };
    SETTINGS.contains(&setting) && words.next().is_some()
}

/// Whether a line names a server by its address.
pub fn is_nameserver(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    words.next() == Some("nameserver")
        && words
            .next()
            .is_some_and(|word| address(word).is_some() || is_redacted_address(word))
}

/// An address, with or without a zone (`fe80::1%eth0`).
fn address(word: &str) -> Option<IpAddr> {
    word.split('%').next()?.parse().ok()
}

/// Reads a resolver's configuration.
pub fn read(sources: &Sources, span: Span, problems: &mut Vec<Problem>) -> ResolvConf {
    let mut conf = ResolvConf::default();
    for (line_span, line) in sources.lines_in(span) {
        // The keyword begins the line, as resolv.conf(5) demands; glibc ignores an indented one. A pasted indentation is the paste's.
        let mut words = words(line_span, line).into_iter();
        let Some((_, setting)) = words.next() else { continue };
        if setting.starts_with(['#', ';']) {
            continue;
        }
        let values = words.take_while(|(_, word)| !word.starts_with(['#', ';']));
        let fact = |(at, word): (Span, &str)| Fact::new(word.to_owned(), Evidence::Text(at));
        match setting {
            "nameserver" => {
                let mut values = values;
                match values.next() {
                    Some((at, word)) => match address(word) {
                        Some(address) => conf.nameservers.push(Fact::new(address, Evidence::Text(at))),
                        None if is_redacted_address(word) || is_redacted(word) => {
                            problems.push(Problem::new(at, blacked_out(word)));
                        }
                        None => problems.push(Problem::new(
                            at,
                            format!(
                                "`{}` is no address, so resolvers pass over this nameserver.",
                                crate::problem::excerpt(word)
                            ),
                        )),
                    },
                    None => problems.push(Problem::new(line_span, "This nameserver line names no server.")),
                }
            }
            "search" => conf.search = values.map(fact).collect(),
            "domain" => conf.search = values.take(1).map(fact).collect(),
            "options" => conf.options.extend(values.map(fact)),
            _ if SETTINGS.contains(&setting) => {}
            _ => problems.push(Problem::new(
                line_span,
                format!(
                    "`{}` is no setting of resolv.conf; resolvers pass over this line.",
                    crate::problem::excerpt(setting)
                ),
            )),
        }
    }
    conf
}

/// The words of a line with where each stands.
fn words(span: Span, line: &str) -> Vec<(Span, &str)> {
    let mut at = 0;
    let mut found = Vec::new();
    for part in line.split([' ', '\t', '\r']) {
        if !part.is_empty() {
            found.push((span.slice(at..at + part.len()), part));
        }
        at += part.len() + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::text::Sources;

    #[test]
    fn the_last_search_line_wins_and_every_setting_has_its_place() {
        let mut sources = Sources::default();
        let text = "# by kubelet\nsearch a.example\nnameserver 172.20.0.10\nnameserver fe80::1%eth0\nsearch shop.svc.cluster.local svc.cluster.local\noptions ndots:5 rotate ; c\n";
        let id = sources.add("paste", text);
        let mut problems = Vec::new();
        let conf = read(&sources, sources.whole(id), &mut problems);
        assert!(problems.is_empty());
        let servers: Vec<String> = conf.nameservers.iter().map(|fact| fact.value.to_string()).collect();
        assert_eq!(servers, ["172.20.0.10", "fe80::1"]);
        let search: Vec<&str> = conf.search.iter().map(|fact| fact.value.as_str()).collect();
        assert_eq!(search, ["shop.svc.cluster.local", "svc.cluster.local"]);
        assert_eq!(conf.option("ndots").map(|fact| fact.value), Some(5));
        assert!(conf.has("rotate") && !conf.has(";"));
        let crate::evidence::Evidence::Text(span) = conf.search[1].evidence else {
            panic!()
        };
        assert_eq!(sources.text(span), "svc.cluster.local");
    }

    #[test]
    fn a_blacked_out_server_is_no_mistake_of_the_configuration() {
        for (server, hidden) in [
            ("10.100.x.x", true),
            ("xx.xx.xx.xx", true),
            ("[masked]", true),
            ("***", true),
            ("dns.example", false),
        ] {
            let mut sources = Sources::default();
            let id = sources.add("paste", format!("nameserver {server}\noptions ndots:5\n"));
            let mut problems = Vec::new();
            let conf = read(&sources, sources.whole(id), &mut problems);
            assert!(conf.nameservers.is_empty());
            let [problem] = problems.as_slice() else {
                panic!("{problems:?}")
            };
            assert_eq!(sources.text(problem.span), server);
            assert_eq!(
                problem.message.contains("is blacked out"),
                hidden,
                "{}",
                problem.message
            );
            assert_eq!(
                problem.message.contains("is no address"),
                !hidden,
                "{}",
                problem.message
            );
        }
    }
}
