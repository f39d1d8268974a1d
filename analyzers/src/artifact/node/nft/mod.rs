//! `nft list ruleset`, `list table`, `list chain`, `list set` (nftables, `src/rule.c`, `src/statement.c` and `src/expression.c` print
//! them).
//!
//! The document has the shape of `nft -j list ruleset` (`man libnftables-json`): `{"nftables": [{"table": …}, {"chain": …}, {"set": …},
//! {"rule": {"family", "table", "chain", "expr": […]}}]}`, in the order of the text, so that a chain's rules follow it. What is not
//! understood of a rule, from the first word on, is kept as the last of its statements, `{"unread": "…"}`, and named. What the text does
//! not print has no member: `handle` without `-a`, and defaults such as the type of a bare `reject`.

mod expression;
mod statement;
pub mod tables;
mod token;

use super::lines::Unread;
use super::tool_error;
use crate::artifact::{Artifacts, Placed};
use crate::problem::{Problem, excerpt};
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;
use expression::wrap;
use token::{Cursor, Kind, braces, tokens};

/// nft's rules.
pub const FORMAT: Format = Format::new(&Spec {
    name: "nft-ruleset",
    title: "nft list ruleset",
    command: prints,
    least: 7,
    sniff,
    read,
});

/// Families of tables (`man nft`, "ADDRESS FAMILIES").
const FAMILIES: [&str; 6] = ["ip", "ip6", "inet", "arp", "bridge", "netdev"];

/// What a table has in it, and `ct helper`, `ct timeout` and `ct expectation`.
const BLOCKS: [&str; 9] = [
    "set",
    "map",
    "chain",
    "flowtable",
    "counter",
    "quota",
    "limit",
    "secmark",
    "synproxy",
];

fn prints(line: &CommandLine) -> bool {
    line.program == "nft"
        && !is_json(line)
        && listed(line) != Some("tables")
        && line
            .args
            .iter()
            .any(|arg| arg == "list" || arg == "-s" || arg == "reset")
}

fn is_json(line: &CommandLine) -> bool {
    line.args
        .iter()
        .any(|arg| arg == "--json" || arg.starts_with('-') && !arg.starts_with("--") && arg.contains('j'))
}

/// What is listed: `ruleset`, `table`, `chains`.
fn listed(line: &CommandLine) -> Option<&str> {
    let at = line
        .args
        .iter()
        .position(|arg| matches!(arg.as_str(), "list" | "reset"))?;
    line.args.get(at + 1).map(String::as_str)
}

/// Whether all that the tables have is listed, of what is named: `list chains` and `list sets` print the tables without their rules.
fn lists_rules(line: &CommandLine) -> bool {
    matches!(listed(line), None | Some("ruleset" | "table" | "chain"))
}

/// `table ip kube-proxy {`, with or without a handle behind; `list tables` prints it without the brace.
fn is_table(line: &str, closed: bool) -> bool {
    let mut words = line.split_whitespace();
    words.next() == Some("table")
        && words.next().is_some_and(|family| FAMILIES.contains(&family))
        && words.next().is_some_and(|name| name != "{")
        && match words.next() {
            Some("{") => !closed && matches!(words.next(), None | Some("#" | "}")),
            Some("#") | None => closed,
            Some(_) => false,
        }
}

/// `# Warning: table ip nat is managed by iptables-nft, do not touch!`.
fn warning(line: &str) -> Option<&str> {
    line.strip_prefix("# Warning: ")
        .filter(|rest| rest.starts_with("table "))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    // The marks below an error are none of a ruleset's lines.
    let filtered = expected && line.starts_with([' ', '\t']) && !tool_error::is_marks(line);
    if !(line.starts_with("table ") && is_table(line, false) || warning(line).is_some() || filtered) {
        return None;
    }
    let mut len = 0;
    let mut depth = 0;
    // Whether the indentation was lost on the way, as the first line in a table shows.
    let mut flat: Option<bool> = None;
    for (line, end) in ends(rest) {
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        let indented = line.starts_with([' ', '\t']);
        let own = if depth > 0 {
            indented || text.starts_with('}') || *flat.get_or_insert(true)
        } else {
            is_table(text, false) || warning(text).is_some() || expected && filtered && indented
        };
        if !own {
            break;
        }
        if depth > 0 {
            flat.get_or_insert(!indented);
        }
        depth = (depth + braces(text)).max(0);
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.95 },
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut reader = Reader {
        list: Placed::array(whole),
        warnings: Placed::array(whole),
        table: None,
        block: None,
        unread: Unread::new(part, problems),
        homeless: false,
    };
    let mut lines = whole.lines().map(Piece::trim).filter(|line| !line.is_empty());
    while let Some(line) = lines.next() {
        if line.starts_with('#') && !line.starts_with("# xt_") {
            if let Some(text) = line.strip_prefix("# Warning: ") {
                reader.warnings.push(Placed::text(text));
            } else {
                reader.unread.line(line, FORMAT.title());
            }
            continue;
        }
        if reader.structure(line) {
            continue;
        }
        // A list of elements goes on over lines until its brace is closed.
        let mut all = line;
        let mut depth = braces(line.str());
        while depth > 0 {
            let Some(more) = lines.next() else { break };
            depth += braces(more.str());
            all = all.to(more, whole);
        }
        reader.line(all);
    }
    reader.finish(part, artifacts);
}

/// A table that is open.
struct Table<'a> {
    value: Placed,
    family: Piece<'a>,
    name: Piece<'a>,
    /// What is in it, in the order of the text.
    members: Vec<Placed>,
    header: Piece<'a>,
}

/// A chain, a set or another block of a table.
struct Block<'a> {
    kind: Piece<'a>,
    name: Piece<'a>,
    value: Placed,
    rules: Vec<Placed>,
}

struct Reader<'a, 'p> {
    list: Placed,
    warnings: Placed,
    table: Option<Table<'a>>,
    block: Option<Block<'a>>,
    unread: Unread<'a, 'p>,
    /// Whether rules stood in no chain.
    homeless: bool,
}

/// A line without `# handle 12` at its end, and the handle.
fn handle(line: Piece<'_>) -> (Piece<'_>, Option<Piece<'_>>) {
    match line.rsplit_once("# handle ") {
        Some((rest, number)) if number.trim().bytes().all(|b| b.is_ascii_digit()) => (rest.trim(), Some(number.trim())),
        _ => (line, None),
    }
}

impl<'a> Reader<'a, '_> {
    /// Reads a line that opens or closes a table or a block of it.
    fn structure(&mut self, full: Piece<'a>) -> bool {
        let (line, number) = handle(full);
        if line.str() == "}" {
            if self.block.is_some() {
                self.close_block(Some(full));
            } else if self.table.is_some() {
                self.close_table(Some(full));
            } else {
                self.unread.say(
                    full,
                    "a brace that closes nothing: the ruleset's beginning was not pasted",
                );
            }
            return true;
        }
        let (open, empty) = match line.strip_suffix("}") {
            Some(inner) => (inner.trim(), true),
            None => (line, false),
        };
        let head = open.strip_suffix("{").map(Piece::trim);
        if self.block.is_none() && is_table(line.str(), head.is_none()) {
            self.open_table(full, head.unwrap_or(line), number);
            if empty || head.is_none() {
                self.close_table(None);
            }
            return true;
        }
        let Some(head) = head.filter(|_| self.block.is_none()) else {
            return false;
        };
        let mut words = head.words();
        let (Some(kind), Some(mut name)) = (words.next(), words.next()) else {
            return false;
        };
        if kind.str() == "ct" {
            let Some(third) = words.next() else { return false };
            name = third;
        } else if !BLOCKS.contains(&kind.str()) {
            return false;
        }
        let mut value = Placed::object(full);
        self.home(&mut value);
        value.put_text("name", unquoted(name));
        if let Some(number) = number {
            value.put_number("handle", number);
        }
        self.block = Some(Block {
            kind: if kind.str() == "ct" {
                kind.to(name, full)
                    .part(0..name.start().saturating_sub(kind.start()))
                    .trim()
            } else {
                kind
            },
            name: unquoted(name),
            value,
            rules: Vec::new(),
        });
        if empty {
            self.close_block(None);
        }
        true
    }

    fn open_table(&mut self, full: Piece<'a>, head: Piece<'a>, number: Option<Piece<'a>>) {
        self.close_table(None);
        let mut words = head.words().skip(1);
        let (Some(family), Some(name)) = (words.next(), words.next()) else {
            return;
        };
        let name = unquoted(name);
        let mut value = Placed::object(full);
        value.put_text("family", family);
        value.put_text("name", name);
        if let Some(number) = number {
            value.put_number("handle", number);
        }
        self.table = Some(Table {
            value,
            family,
            name,
            members: Vec::new(),
            header: full,
        });
    }

    /// Says in which table something is.
    fn home(&self, value: &mut Placed) {
        if let Some(table) = &self.table {
            value.put_text("family", table.family);
            value.put_text("table", table.name);
        }
    }

    fn close_block(&mut self, end: Option<Piece<'a>>) {
        let Some(mut block) = self.block.take() else { return };
        if let Some(end) = end {
            block.value.extend(end);
        }
        let mut members = vec![wrap(block.kind.str(), block.value, block.kind)];
        members.extend(block.rules.into_iter().map(|rule| wrap("rule", rule, block.name)));
        match &mut self.table {
            Some(table) => table.members.append(&mut members),
            None => members.into_iter().for_each(|member| self.list.push(member)),
        }
    }

    fn close_table(&mut self, end: Option<Piece<'a>>) {
        self.close_block(None);
        let Some(mut table) = self.table.take() else { return };
        if let Some(end) = end {
            table.value.extend(end);
        }
        self.list.push(wrap("table", table.value, table.header));
        for member in table.members {
            self.list.push(member);
        }
    }

    /// Reads what stands in a chain, a set, a table.
    fn line(&mut self, full: Piece<'a>) {
        let (line, number) = handle(full);
        let tokens = tokens(line);
        let mut cursor = Cursor::new(&tokens, line);
        let Some(block) = &mut self.block else {
            self.outside(full, &mut cursor, number);
            return;
        };
        let kind = block.kind.str();
        let done = match kind {
            "chain" => {
                if chain_line(
                    &mut block.value,
                    &mut cursor,
                    self.table.as_ref().map(|table| table.family),
                ) {
                    true
                } else {
                    cursor.back(0);
                    let mut value = Placed::object(full);
                    if let Some(table) = &self.table {
                        value.put_text("family", table.family);
                        value.put_text("table", table.name);
                    }
                    value.put_text("chain", block.name);
                    rule(&mut value, line, number, &mut cursor, &mut self.unread);
                    block.rules.push(value);
                    true
                }
            }
            "set" | "map" => {
                let unread = &mut self.unread;
                statement::set_line(&mut block.value, &mut cursor, |from, cursor| {
                    let piece = from.to(cursor.last(), line);
                    unread.say(
                        piece,
                        format!("`{}` is not understood as an element", excerpt(piece.str())),
                    );
                })
                .is_some()
            }
            _ => other_line(&mut block.value, kind, &mut cursor),
        };
        if !done {
            self.unread.line(full, FORMAT.title());
        }
    }

    /// A line of no block: a table's comment and flags, or a rule that was cut out of its chain.
    fn outside(&mut self, full: Piece<'a>, cursor: &mut Cursor<'a, '_>, number: Option<Piece<'a>>) {
        if let Some(table) = &mut self.table
            && let Some(word) = cursor.one_of(&["comment", "flags"])
        {
            table.value.extend(full);
            while let Some(text) = cursor.word() {
                if word.str() == "comment" {
                    table.value.put_text("comment", text);
                } else {
                    table.value.push_at(&["flags"], word, Placed::text(text));
                    cursor.eat(",");
                }
            }
            return;
        }
        if self.table.is_some() {
            self.unread.line(full, FORMAT.title());
            return;
        }
        self.homeless = true;
        let mut value = Placed::object(full);
        rule(&mut value, cursor.whole(), number, cursor, &mut self.unread);
        self.list.push(wrap("rule", value, full));
    }

    fn finish(mut self, part: &Part<'_>, artifacts: &mut Artifacts) {
        if let Some(table) = &self.table {
            self.unread.say(
                table.header,
                format!(
                    "`table {} {}` is not closed: what follows in it was not pasted",
                    table.family.str(),
                    table.name.str()
                ),
            );
        }
        self.close_table(None);
        let all = part.command().is_none_or(|line| lists_rules(&line));
        let complete = self.unread.finish() && !self.homeless && all;
        let whole = Piece::new(part.text());
        let mut root = Placed::object(whole);
        root.put("nftables", self.list);
        if !self.warnings.is_empty() {
            root.put("warnings", self.warnings);
        }
        add_document(part, FORMAT.name(), root, complete, artifacts);
    }
}

/// A name without the quotes around it.
fn unquoted(name: Piece<'_>) -> Piece<'_> {
    name.strip_prefix("\"")
        .and_then(|rest| rest.strip_suffix("\""))
        .unwrap_or(name)
}

/// Reads a rule's statements.
fn rule<'a>(
    value: &mut Placed,
    line: Piece<'a>,
    number: Option<Piece<'a>>,
    cursor: &mut Cursor<'a, '_>,
    unread: &mut Unread<'a, '_>,
) {
    let mut statements = Placed::array(line);
    while !cursor.is_done() {
        if cursor.eat("comment").is_some() {
            if let Some(text) = cursor.word() {
                value.put("comment", Placed::text(text));
            }
            continue;
        }
        let here = cursor.here();
        if let Some(said) = statement::statement(cursor) {
            statements.push(said);
        } else {
            let rest = line.skip(here.start().saturating_sub(line.start()));
            unread.say(rest, format!("`{}` is not understood in a rule", excerpt(rest.str())));
            statements.push(wrap("unread", Placed::text(rest), rest));
            break;
        }
    }
    value.put("expr", statements);
    if let Some(number) = number {
        value.put_number("handle", number);
    }
}

/// `type nat hook prerouting priority dstnat; policy accept;`, `comment "…"`. Whether it is such a line.
fn chain_line(chain: &mut Placed, cursor: &mut Cursor<'_, '_>, family: Option<Piece<'_>>) -> bool {
    if cursor.peek() == "comment" && cursor.ahead(2).is_none() {
        cursor.next();
        if let Some(text) = cursor.word() {
            chain.put("comment", Placed::text(text));
        }
        return true;
    }
    if cursor.peek() == "policy" {
        cursor.next();
        if let Some(policy) = cursor.word() {
            chain.put_text("policy", policy);
        }
        cursor.eat(";");
        return cursor.is_done();
    }
    if cursor.peek() != "type" || cursor.word_ahead(2) != "hook" {
        return false;
    }
    while let Some(token) = cursor.next() {
        match token.piece.str() {
            name @ ("type" | "hook" | "policy") => {
                if let Some(value) = cursor.word() {
                    chain.put_text(name, value);
                }
            }
            "device" => {
                if let Some(value) = cursor.word() {
                    chain.put_text("dev", value);
                }
            }
            "devices" => {
                cursor.eat("=");
                if let Some(list) = expression::elements(cursor, |_, _| {}) {
                    chain.put("dev", list);
                }
            }
            "priority" => {
                let start = cursor.here();
                if let Some(value) = priority(cursor, family.map_or("", Piece::str)) {
                    chain.put("prio", Placed::value(value, start));
                } else {
                    chain.put_text("prio", start);
                }
            }
            ";" => {}
            _ => {
                cursor.back(0);
                return false;
            }
        }
    }
    true
}

/// A priority as a number: `-100`, `dstnat`, `dstnat - 10` (nftables, `src/rule.c`, `std_prios`; the names mean other numbers in the family
/// `bridge`).
fn priority(cursor: &mut Cursor<'_, '_>, family: &str) -> Option<i64> {
    let word = cursor.word()?;
    if let Ok(number) = word.parse::<i64>() {
        return Some(number);
    }
    let bridge = family == "bridge";
    let named = match word.str() {
        "raw" => -300,
        "mangle" => -150,
        "dstnat" if bridge => -300,
        "dstnat" => -100,
        "filter" if bridge => -200,
        "filter" => 0,
        "security" => 50,
        "srcnat" if bridge => 300,
        "srcnat" | "out" => 100,
        _ => return None,
    };
    let sign = match cursor.peek() {
        "+" => 1,
        "-" => -1,
        _ => return Some(named),
    };
    cursor.next();
    let offset = cursor.word()?.parse::<i64>().ok()?;
    Some(named + sign * offset.clamp(-1_000_000, 1_000_000))
}

/// A line of a counter, quota, limit, flow table or another object.
fn other_line(value: &mut Placed, kind: &str, cursor: &mut Cursor<'_, '_>) -> bool {
    if cursor.eat("comment").is_some() {
        if let Some(text) = cursor.word() {
            value.put_text("comment", text);
        }
        return cursor.is_done();
    }
    if let Some(read) = statement::object(kind, cursor) {
        value.merge(read);
        return cursor.is_done();
    }
    if matches!(kind, "counter" | "quota" | "limit") {
        return false;
    }
    // `hook ingress priority filter`, `devices = { eth0, eth1 }`, `type "ftp" protocol tcp`, `l3proto ip`.
    while let Some(name) = cursor.word() {
        let read = match cursor.peek() {
            "=" => {
                cursor.eat("=");
                expression::elements(cursor, |_, _| {})
            }
            _ => cursor.ahead(0).filter(|token| token.kind != Kind::Mark).map(|token| {
                cursor.next();
                expression::number(token.piece)
            }),
        };
        let Some(read) = read else { return false };
        value.put(name.str(), read);
        cursor.eat(";");
        cursor.eat(",");
    }
    cursor.is_done()
}

#[cfg(test)]
mod tests;
