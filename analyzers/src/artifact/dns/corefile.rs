//! A Corefile (coredns.io/manual/configuration; core/dnsserver/register.go; the lexer of caddyfile): server blocks with their zones and
//! plugins.

use std::ops::Range;

use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// CoreDNS' configuration.
pub const FORMAT: Format = Format::new(&Spec {
    name: "corefile",
    title: "CoreDNS' Corefile",
    command: |line| {
        matches!(line.program.as_str(), "cat" | "less" | "more")
            && line.args.iter().any(|arg| arg.ends_with("Corefile"))
    },
    least: 1,
    sniff: take,
    read,
});

/// Plugins that tell a Corefile from other files with braces (nginx has `server {`, HCL has `resource "x" {`).
const PLUGINS: [&str; 14] = [
    "errors",
    "health",
    "ready",
    "kubernetes",
    "forward",
    "cache",
    "loop",
    "reload",
    "loadbalance",
    "log",
    "hosts",
    "rewrite",
    "template",
    "file",
];

/// What a Corefile says, and what is wrong with it.
#[derive(Debug)]
pub struct Corefile {
    /// `serverBlocks` and `snippets`.
    pub values: Placed,
    /// What CoreDNS would not take, or what could not be read: the bytes and a sentence.
    pub faults: Vec<(Range<usize>, String)>,
}

/// The words of a line: separated by blanks, quoted ones whole, up to a comment.
fn words(line: Piece<'_>) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() && !rest.starts_with('#') {
        let (word, next) = if let Some(quoted) = rest.strip_prefix("\"") {
            let end = quoted_end(quoted.str());
            (quoted.part(0..end), quoted.skip((end + 1).min(quoted.len())))
        } else {
            let end = rest.find([' ', '\t']).unwrap_or(rest.len());
            (rest.part(0..end), rest.skip(end))
        };
        found.push(word);
        rest = next.trim();
    }
    found
}

fn quoted_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\\' if !escaped => escaped = true,
            b'"' if !escaped => return at,
            _ => escaped = false,
        }
    }
    text.len()
}

/// The zones of a server block's first line, where it is one.
fn opens(line: &str) -> bool {
    let Some(zones) = line.split('#').next().unwrap_or_default().trim_end().strip_suffix('{') else {
        return false;
    };
    let mut count = 0;
    let zone = |word: &str| {
        word.split(',').filter(|zone| !zone.is_empty()).all(|zone| {
            zone.contains(['.', ':'])
                && zone.bytes().all(|b| {
                    b.is_ascii_alphanumeric()
                        || matches!(b, b'.' | b':' | b'-' | b'_' | b'/' | b'[' | b']' | b'{' | b'}' | b'$')
                })
        }) || word.starts_with('(') && word.ends_with(')')
    };
    zones.split_ascii_whitespace().all(|word| {
        count += 1;
        zone(word)
    }) && count > 0
}

/// Whether a server block begins here whose zones were lost: a brace, and below it plugins, the cluster's among them.
fn without_zones(line: &str, rest: &str) -> bool {
    let mut plugins = 0;
    let mut cluster = false;
    line.trim() == "{" && {
        for (line, _) in ends(rest).skip(1).take(8) {
            let word = line.split_ascii_whitespace().next().unwrap_or_default();
            plugins += usize::from(PLUGINS.contains(&word));
            cluster |= word == "kubernetes" && line.contains('.');
        }
        cluster && plugins > 2
    }
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    if !(opens(line)
        || without_zones(line, rest)
        || expected && (line.starts_with('#') || line.starts_with("import ") || line.trim_end().ends_with('{')))
    {
        return None;
    }
    if !expected {
        let plugin = |line: &str| {
            line.split_ascii_whitespace()
                .next()
                .is_some_and(|word| PLUGINS.contains(&word))
        };
        if !ends(rest).skip(1).take(8).any(|(line, _)| plugin(line)) {
            return None;
        }
    }
    let mut len = 0;
    let mut depth = 0_usize;
    let mut first = true;
    for (line, end) in ends(rest) {
        let clean = line.trim();
        if clean.is_empty() {
            continue;
        }
        if depth == 0 && !(opens(line) || first || clean.starts_with('#') || clean.starts_with("import ")) {
            break;
        }
        first = false;
        let code = words(Piece::new(clean));
        if code.last().is_some_and(|word| word.str() == "{") {
            depth += 1;
        } else if code.first().is_some_and(|word| word.str() == "}") {
            depth = depth.saturating_sub(1);
        }
        if depth > 0 || !clean.starts_with('#') {
            len = end;
        }
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.9 },
    })
}

/// A line with words, and the block that it opens.
struct Directive<'a> {
    line: Piece<'a>,
    words: Vec<Piece<'a>>,
    block: Option<Vec<Directive<'a>>>,
}

/// How deep blocks may stand in each other; CoreDNS' plugins use two.
const DEEP: usize = 16;

/// Reads a Corefile; the places count from the beginning of `text`.
pub fn read_text(text: &str) -> Corefile {
    let whole = Piece::new(text);
    let mut faults = Vec::new();
    let mut open: Vec<Directive<'_>> = Vec::new();
    let mut top: Vec<Directive<'_>> = Vec::new();
    for line in whole.lines() {
        let mut words = words(line);
        let Some(first) = words.first() else { continue };
        if first.str() == "}" {
            match open.pop() {
                Some(mut done) => {
                    done.line = done.line.to(line, whole);
                    attach(&mut open, &mut top, done);
                }
                None => faults.push((line.range(), "This `}` closes nothing.".to_owned())),
            }
            if words.len() > 1 {
                faults.push((line.range(), "What follows `}` on its line is not read.".to_owned()));
            }
            continue;
        }
        let opens = words.last().is_some_and(|word| word.str() == "{");
        if opens {
            words.pop();
        }
        let directive = Directive {
            line,
            words,
            block: opens.then(Vec::new),
        };
        if opens && open.len() < DEEP {
            open.push(directive);
        } else {
            attach(&mut open, &mut top, directive);
        }
    }
    while let Some(done) = open.pop() {
        let name = done.words.first().map_or("", |word| word.str()).to_owned();
        faults.push((
            done.line.range(),
            format!("The block of `{name}` has no closing brace."),
        ));
        attach(&mut open, &mut top, done);
    }
    let mut values = Placed::object(whole);
    for directive in &top {
        server_block(directive, &mut values, &mut faults);
    }
    Corefile { values, faults }
}

fn attach<'a>(open: &mut [Directive<'a>], top: &mut Vec<Directive<'a>>, done: Directive<'a>) {
    match open.last_mut().and_then(|outer| outer.block.as_mut()) {
        Some(block) => block.push(done),
        None => top.push(done),
    }
}

fn server_block(directive: &Directive<'_>, values: &mut Placed, faults: &mut Vec<(Range<usize>, String)>) {
    let line = directive.line;
    let first = directive.words.first().map_or("", |word| word.str());
    let Some(block) = &directive.block else {
        if first == "import" {
            values.push_at(&["imports"], line, plugin(directive));
        } else {
            let message = "This line stands outside of every server block; CoreDNS does not take it.";
            faults.push((line.range(), message.to_owned()));
        }
        return;
    };
    let mut server = Placed::object(line);
    let mut plugins = Placed::array(line);
    for inner in block {
        plugins.push(plugin(inner));
    }
    server.put("plugins", plugins);
    if first.starts_with('(') {
        if let Some(name) = directive.words.first() {
            server.put_text("name", name.part(1..name.len().saturating_sub(1)));
        }
        values.push_at(&["snippets"], line, server);
        return;
    }
    let mut zones = Placed::array(line);
    for zone in directive.words.iter().flat_map(|word| word.split(|c| c == ',')) {
        if !zone.is_empty() {
            zones.push(Placed::text(zone));
        }
    }
    if zones.is_empty() {
        faults.push((line.range(), "This server block names no zone.".to_owned()));
    }
    server.put("zones", zones);
    values.push_at(&["serverBlocks"], line, server);
}

/// A plugin, or a line in a plugin's block: its name, arguments and block.
fn plugin(directive: &Directive<'_>) -> Placed {
    let mut plugin = Placed::object(directive.line);
    let mut args = Placed::array(directive.line);
    for (at, word) in directive.words.iter().enumerate() {
        if at == 0 {
            plugin.put_text("name", *word);
        } else {
            args.push(Placed::text(*word));
        }
    }
    plugin.put("args", args);
    if let Some(block) = &directive.block {
        let mut inner = Placed::array(directive.line);
        for directive in block {
            inner.push(self::plugin(directive));
        }
        plugin.put("block", inner);
    }
    plugin
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let corefile = read_text(part.text());
    let whole = Piece::new(part.text());
    let complete = corefile.faults.is_empty();
    let mut unread = Unread::default();
    for (range, message) in corefile.faults {
        unread.say(whole.part(range), || message);
    }
    unread.finish(part, problems);
    formats::add_document(part, FORMAT.name(), corefile.values, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn server_blocks_have_zones_and_plugins() {
        let read = read(include_str!("../../../../tests/samples/corefile/eks.txt"));
        read.is("corefile");
        assert_eq!(read.problems, Vec::<String>::new());
        for (pointer, text) in [
            ("/serverBlocks/0/zones/0", ".:53"),
            ("/serverBlocks/0/plugins/0/name", "errors"),
            ("/serverBlocks/0/plugins/1/block/0/name", "lameduck"),
            ("/serverBlocks/0/plugins/1/block/0/args/0", "5s"),
            ("/serverBlocks/0/plugins/3/args/0", "cluster.local"),
            ("/serverBlocks/0/plugins/5/args/1", "/etc/resolv.conf"),
            ("/serverBlocks/1/zones/1", "corp.example:5353"),
            ("/serverBlocks/1/plugins/1/args/1", "10.20.0.2"),
            ("/snippets/0/name", "common"),
        ] {
            assert_eq!(read.at(pointer), text, "{pointer}");
            assert!(read.shown(pointer).contains(text), "{pointer}");
        }
    }

    #[test]
    fn a_block_that_is_not_closed_is_said_with_its_line() {
        let found = super::read_text(".:53 {\n  errors\n  forward . 10.0.0.2 {\n    max_concurrent 1000\n}\n");
        assert_eq!(found.faults.len(), 1);
        assert_eq!(found.faults[0].0, 0..6);
        let outside = super::read_text("errors\n. {\n log\n}\n}\n");
        assert_eq!(outside.faults.len(), 2);
    }

    #[test]
    fn files_of_other_programs_are_not_taken() {
        for text in [
            "server {\n  listen 80;\n}\n",
            "resource \"aws_vpc\" \"x\" {\n  cidr = 1\n}\n",
            "upstream a.example {\n  server 10.0.0.1;\n}\n",
        ] {
            assert_ne!(read(text).format, "corefile", "{text}");
        }
    }

    #[test]
    fn a_block_whose_zones_and_indentation_were_lost_is_read() {
        let text = "{\nerrors\nhealth\nkubernetes cluster.local in-addr.arpa ip6.arpa {\npods insecure\nfallthrough in-addr.arpa ip6.arpa\n}\nforward . /etc/resolv.conf\ncache 30\n}\n";
        let found = read(text);
        found.is("corefile");
        assert_eq!(found.at("/serverBlocks/0/plugins/3/args/1"), "/etc/resolv.conf");
        assert!(found.problems.iter().any(|problem| problem.contains("names no zone")));
    }
}
