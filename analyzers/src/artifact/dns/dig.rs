//! `dig` of BIND (bin/dig/dig.c): full answers, several in one output, `+short`, `+trace`, `+noall +answer`.

use super::{Query, document, failure, host};
use crate::artifact::unread::Unread;
use crate::artifact::{Artifact, Artifacts, Content, Document, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::segment::{CommandLine, resolved};
use crate::text::Piece;

/// What dig prints.
pub const FORMAT: Format = Format::new(&Spec {
    name: "dig",
    title: "dig's answer",
    command: |line| matches!(line.program.as_str(), "dig" | "delv" | "kdig"),
    least: 6,
    sniff: take,
    read,
});

fn is_short(command: &CommandLine) -> bool {
    command.args.iter().any(|arg| arg == "+short" || arg == "+sho")
}

/// The pieces of a printed resource record.
struct Record<'a> {
    name: Piece<'a>,
    ttl: Option<Piece<'a>>,
    class: Piece<'a>,
    kind: Piece<'a>,
    data: Piece<'a>,
}

/// A record or, after `;`, a question: name, TTL (not in questions nor with `+nottlid`), class, type, data.
fn record(line: Piece<'_>) -> Option<Record<'_>> {
    let mut words = line.words();
    let name = words.next().filter(|_| !line.starts_with([' ', '\t']))?;
    let mut class = words.next()?;
    let mut ttl = None;
    // `+ttlunits` prints `5m`, `1h30m`.
    if class.starts_with(|c: char| c.is_ascii_digit())
        && class.bytes().all(|b| b.is_ascii_digit() || b"smhdw".contains(&b))
    {
        ttl = Some(class);
        class = words.next()?;
    }
    if !matches!(class.str(), "IN" | "CH" | "HS" | "ANY" | "NONE") {
        return None;
    }
    let kind = words.next()?;
    let plain = kind
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    let data = line.skip(kind.end().saturating_sub(line.start())).trim();
    plain.then_some(Record {
        name,
        ttl,
        class,
        kind,
        data,
    })
}

/// Whether a line is a record as dig prints it and no other thing: absolute name, TTL, class, type, data.
fn is_record(line: &str) -> bool {
    record(Piece::new(line)).is_some_and(|record| {
        record.name.ends_with('.') && record.ttl.is_some() && !record.data.is_empty() && record.class.str() != "ANY"
    })
}

/// `dig: couldn't get address for 'x': not found`, `dig: 'a..b' is not a legal name …`
fn is_complaint(line: &str) -> bool {
    line.starts_with("dig: ")
}

fn begins(line: &str) -> bool {
    match line.as_bytes().first() {
        Some(b';') => {
            line.starts_with("; <<>> DiG")
                || [
                    ";; Got answer:",
                    ";; ->>HEADER<<-",
                    ";; global options:",
                    ";; QUESTION SECTION:",
                    ";; ANSWER SECTION:",
                    ";; AUTHORITY SECTION:",
                    ";; Received ",
                    ";; OPT PSEUDOSECTION:",
                ]
                .iter()
                .any(|beginning| line.starts_with(beginning))
                || failure(Piece::new(line)).is_some()
        }
        Some(b'd') => is_complaint(line) || is_record(line),
        Some(_) => is_record(line),
        None => false,
    }
}

/// A line of `+short`: one record's data, cut so that no sentence is taken for one.
fn is_short_line(line: &str) -> bool {
    let line = line.trim_end();
    let words = line.split_ascii_whitespace().count();
    line.starts_with('"')
        || (words == 1 && (line.ends_with('.') || line.parse::<std::net::IpAddr>().is_ok()))
        // MX, SRV, SOA, CAA, DS: numbers and names.
        || (words > 1 && words <= 16 && (line.starts_with(|c: char| c.is_ascii_digit()) || line.contains(". ")))
}

/// Whether a further line of a record closes its parenthesis; comments may have their own.
fn closes(line: &str) -> bool {
    line.split(';').next().unwrap_or_default().contains(')')
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let short = expected
        && hint
            .line
            .as_ref()
            .is_some_and(|line| is_short(line.inner().as_ref().unwrap_or(line)));
    if !(begins(line) || short && is_short_line(line) || expected && line.starts_with(';')) {
        return None;
    }
    let mut len = 0;
    let mut open = false;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            continue;
        }
        let belongs = line.starts_with(';')
            || is_complaint(line)
            || record(Piece::new(line)).is_some()
            || (short && is_short_line(line))
            || (open && line.starts_with([' ', '\t']));
        if !belongs {
            break;
        }
        open = if open { !closes(line) } else { line.ends_with('(') };
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.95 },
    })
}

#[derive(Default)]
struct State<'a> {
    query: Option<Query>,
    done: Vec<Query>,
    section: &'static str,
    /// A record that goes on in the next lines (`+multiline`).
    open: Option<(Record<'a>, Piece<'a>)>,
    unread: Unread,
}

impl<'a> State<'a> {
    fn query(&mut self, line: Piece<'a>) -> &mut Query {
        let query = self.query.get_or_insert_with(|| Query::new(line));
        query.placed.extend(line);
        query
    }

    /// Ends the query at hand: what follows is another.
    fn next(&mut self) {
        self.done.extend(self.query.take());
        self.section = "answer";
    }

    fn next_if(&mut self, over: impl Fn(&Query) -> bool) {
        if self.query.as_ref().is_some_and(over) {
            self.next();
        }
    }

    fn add(&mut self, line: Piece<'a>, found: &Record<'a>, data: Placed) {
        self.next_if(|query| query.closed);
        let mut record = Placed::object(line);
        record.put_text("name", found.name);
        if let Some(ttl) = found.ttl {
            record.put_number("ttl", ttl);
        }
        record.put_text("class", found.class);
        record.put_text("type", found.kind);
        record.put("data", data);
        let section = self.section;
        self.query(line).record(section, line, record);
    }
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    read_as(part, FORMAT, artifacts, problems);
}

/// Whether a line is one of an answer in dig's words, as `host -v` prints it.
pub(super) fn is_answer(line: &str) -> bool {
    line.starts_with(';') || record(Piece::new(line)).is_some()
}

/// Reads answers in dig's words that `format`'s tool printed.
pub(super) fn read_as(part: &Part<'_>, format: Format, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let command = part.command();
    let short = command.as_ref().is_some_and(is_short);
    let mut state = State {
        section: "answer",
        ..State::default()
    };
    for line in whole.lines() {
        if line.trim().is_empty() {
            continue;
        }
        if let Some((found, first)) = state.open.take() {
            continued(&mut state, whole, found, first, line);
        } else if let Some(complaint) = line.strip_prefix("dig: ") {
            state.query(line).error(line, complaint, None);
        } else if format != FORMAT && verbose(&mut state, line) {
            // One of the lines that host puts around an answer.
        } else if line.starts_with(';') {
            comment(&mut state, line);
        } else if let Some(found) = record(line) {
            if found.data.ends_with('(') {
                state.open = Some((found, line));
            } else {
                let data = Placed::text(found.data);
                state.add(line, &found, data);
            }
        } else if short {
            let mut record = Placed::object(line);
            record.put_text("data", line.trim());
            state.query(line).record("answer", line, record);
        } else {
            state.unread.line(line);
        }
    }
    if let Some((found, first)) = state.open.take() {
        state.unread.say(first, || {
            "This record breaks off: its closing `)` is missing.".to_owned()
        });
        let data = Placed::text(found.data);
        state.add(first, &found, data);
    }
    state.next();
    let asked = (state.done.len() == 1)
        .then(|| command.as_ref().and_then(question))
        .flatten();
    let root = document(state.done, whole);
    state.unread.finish(part, problems);
    add(part, format, root, short.then_some(asked).flatten(), artifacts);
}

/// A line of `host -v` that is none of dig's; whether it is one.
fn verbose<'a>(state: &mut State<'a>, line: Piece<'a>) -> bool {
    if let Some(name) = host::tried(line) {
        state.next();
        state.query(line).placed.put_text("tried", name);
    } else if let Some(rest) = line.strip_prefix("Received ") {
        return received(state.query(line), rest);
    } else if let Some(server) = line.strip_prefix("Address: ") {
        state.query(line).placed.put_text("server", server);
    } else if host::missing(line).is_some() {
        host::not_found(state.query(line), line);
    } else {
        return host::is_server(line.str());
    }
    true
}

/// What a command asks: name and type (`A` where none is given, as dig's manual says).
fn question(command: &CommandLine) -> Option<(String, String)> {
    let mut name = None;
    let mut kind = None;
    let mut args = command.args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-t" => kind = args.next().cloned(),
            "-q" => name = args.next().cloned(),
            "-x" => return None,
            "-p" | "-b" | "-c" | "-f" | "-k" | "-y" => {
                args.next();
            }
            word if word.starts_with(['+', '@', '-']) => {}
            "A" | "AAAA" | "SRV" | "CNAME" | "TXT" | "MX" | "NS" | "SOA" | "PTR" | "ANY" | "CAA" | "HTTPS" | "a"
            | "aaaa" | "srv" | "cname" | "txt" | "mx" | "ns" | "soa" | "ptr" | "any" => kind = Some(arg.to_uppercase()),
            "IN" | "in" | "CH" | "ch" => {}
            _ if name.is_none() => name = Some(arg.clone()),
            _ => return None,
        }
    }
    let name = name.filter(|name| resolved(name).is_some())?;
    Some((name, kind.unwrap_or_else(|| "A".to_owned())))
}

/// Adds the document; with `+short` the question is the command's, and is cited there.
fn add(part: &Part<'_>, format: Format, mut root: Placed, asked: Option<(String, String)>, artifacts: &mut Artifacts) {
    let whole = Piece::new(part.text());
    let command = part.segment.command.as_ref();
    let mut cited = Vec::new();
    if let (Some((name, kind)), Some(command)) = (asked, command) {
        let mut question = Placed::object(whole);
        question.put("name", Placed::value(name, whole));
        question.put("type", Placed::value(kind, whole));
        root.put("question", question);
        cited = ["/question", "/question/name", "/question/type"]
            .map(|pointer| (pointer.to_owned(), command.span))
            .to_vec();
    }
    let mut document = Document::placed(part.span(), root, true);
    document.cells.extend(cited);
    artifacts.add(Artifact {
        segment: part.index,
        span: part.span(),
        kinds: vec![(format.name().to_owned(), 1)],
        content: Content::Document(document),
    });
}

/// A further line of a record in parentheses.
fn continued<'a>(state: &mut State<'a>, whole: Piece<'a>, found: Record<'a>, first: Piece<'a>, line: Piece<'a>) {
    // The line that is not indented is another record: the parenthesis was never closed.
    if !line.starts_with([' ', '\t']) {
        state.unread.line(line);
    }
    if !closes(line.str()) {
        state.open = Some((found, first));
        return;
    }
    let all = found.data.to(line, whole);
    let text: Vec<&str> = all
        .str()
        .lines()
        .flat_map(|line| line.split(';').next().unwrap_or_default().split_ascii_whitespace())
        .filter(|word| !matches!(*word, "(" | ")"))
        .collect();
    let record_lines = first.to(line, whole);
    state.add(record_lines, &found, Placed::value(text.join(" "), all));
}

/// A line that begins with `;`.
fn comment<'a>(state: &mut State<'a>, line: Piece<'a>) {
    if let Some(rest) = line.strip_prefix("; <<>> DiG ") {
        // dig 9.18 prints the failures of the first attempts before this line.
        state.next_if(|query| {
            query.closed
                || ["version", "status", "answer"]
                    .iter()
                    .any(|name| query.placed.has(name))
        });
        if let Some((version, arguments)) = rest.split_once(" <<>>") {
            let query = state.query(line);
            query.placed.put_text("version", version);
            query.placed.put_text("arguments", arguments.trim());
        }
        return;
    }
    if line.str() == ";; Got answer:" {
        state.next_if(|query| query.closed || query.placed.has("status"));
        state.query(line);
        return;
    }
    if let Some(rest) = line.strip_prefix(";; ->>HEADER<<- ") {
        state.next_if(|query| query.closed || query.placed.has("status"));
        let query = state.query(line);
        for field in rest.split(|c| c == ',').filter_map(|field| field.split_once(": ")) {
            match field.0.trim().str() {
                "id" => query.placed.put_number("id", field.1.trim()),
                name => query.placed.put_text(name, field.1.trim()),
            }
        }
        return;
    }
    if let Some((reason, server)) = failure(line) {
        state.next_if(|query| query.closed);
        let retry = reason.starts_with("Truncated, retrying");
        let query = state.query(line);
        if retry {
            query.placed.put("truncated", Placed::value(true, reason));
        } else {
            query.error(line, reason, server);
        }
        return;
    }
    if let Some(rest) = line.strip_prefix(";; ") {
        if !fact(state, line, rest) {
            state.unread.line(line);
        }
        return;
    }
    if let Some(rest) = line.strip_prefix("; EDNS: ") {
        edns(state, line, rest);
    } else if let Some(rest) = line.strip_prefix("; COOKIE: ") {
        state
            .query(line)
            .placed
            .put_at(&["edns", "cookie"], line, Placed::text(rest.trim()));
    } else if let Some((name, value)) = line.strip_prefix("; ").and_then(|rest| rest.split_once(": ")) {
        // EDE, CLIENT-SUBNET, NSID and other options of EDNS, in dig's words.
        let name = name.trim().to_lowercase();
        state
            .query(line)
            .placed
            .push_at(&["edns", &name], line, Placed::text(value.trim()));
    } else if let Some(found) = line.strip_prefix(";").and_then(record) {
        let query = state.query(line);
        let mut question = Placed::object(line);
        question.put_text("name", found.name);
        question.put_text("class", found.class);
        question.put_text("type", found.kind);
        query.record("question", line, question);
    } else if !matches!(line.trim().str(), ";" | ";;") && !line.contains("found") {
        state.unread.line(line);
    }
}

/// A line that begins with `;; ` and tells something of the answer; whether it was understood.
fn fact<'a>(state: &mut State<'a>, line: Piece<'a>, rest: Piece<'a>) -> bool {
    if let Some(section) = rest.trim().str().strip_suffix(" SECTION:") {
        state.section = match section {
            "ANSWER" => "answer",
            "AUTHORITY" => "authority",
            "ADDITIONAL" => "additional",
            "QUESTION" => "question",
            _ => return false,
        };
        return true;
    }
    if let Some(rest) = rest.strip_prefix("flags: ") {
        flags(state.query(line), line, rest);
        return true;
    }
    if let Some(rest) = rest.strip_prefix("Received ") {
        // `+trace`: `239 bytes from 10.0.0.2#53(10.0.0.2) in 0 ms`
        return received(state.query(line), rest);
    }
    let Some((name, value)) = rest.split_once(":") else {
        return rest.starts_with("QUERY SIZE") || rest.starts_with("Sending") || put_warning(state, line, rest);
    };
    let value = value.trim();
    match name.trim().str() {
        "Query time" => {
            let number = value.words().next().unwrap_or(value);
            state.query(line).placed.put_number("queryTime", number);
        }
        "SERVER" => state.query(line).placed.put_text("server", value),
        "WHEN" => state.query(line).placed.put_text("when", value),
        "MSG SIZE  rcvd" => {
            let query = state.query(line);
            query.placed.put_number("size", value);
            query.closed = true;
        }
        "WARNING" => return put_warning(state, line, value),
        "XFR size" | "global options" | "OPT PSEUDOSECTION" | "QUERY SIZE" | "Sending" | "TSIG PSEUDOSECTION" => {}
        _ => return false,
    }
    true
}

/// `WARNING: recursion requested but not available`, `WARNING: .local is reserved for Multicast DNS`, and what that goes on with.
fn put_warning<'a>(state: &mut State<'a>, line: Piece<'a>, text: Piece<'a>) -> bool {
    let known = line.contains("WARNING") || text.starts_with("You are currently testing");
    if known {
        state.query(line).record("warnings", line, Placed::text(text.trim()));
    }
    known
}

fn received(query: &mut Query, rest: Piece<'_>) -> bool {
    let Some((size, rest)) = rest.split_once(" bytes from ") else {
        return false;
    };
    let Some((server, time)) = rest.rsplit_once(" in ") else {
        return false;
    };
    query.placed.put_number("size", size);
    query.placed.put_text("server", server);
    if let Some(time) = time.strip_suffix(" ms") {
        query.placed.put_number("queryTime", time);
    }
    query.closed = true;
    true
}

/// `qr rd ra; QUERY: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 1`
fn flags(query: &mut Query, line: Piece<'_>, rest: Piece<'_>) {
    let (flags, counts) = rest.split_once(";").unwrap_or((rest, rest.skip(rest.len())));
    let mut list = Placed::array(flags);
    for flag in flags.words() {
        list.push(Placed::text(flag));
    }
    query.placed.put("flags", list);
    for (name, count) in counts.split(|c| c == ',').filter_map(|count| count.split_once(": ")) {
        let name = name.trim().to_lowercase();
        query
            .placed
            .put_at(&["counts", &name], line, Placed::number(count.trim()));
    }
}

/// `version: 0, flags: do; udp: 1232`
fn edns<'a>(state: &mut State<'a>, line: Piece<'a>, rest: Piece<'a>) {
    let query = state.query(line);
    for (name, value) in rest
        .split(|c| c == ',' || c == ';')
        .filter_map(|field| field.split_once(":"))
    {
        let value = value.trim();
        if !value.is_empty() {
            query
                .placed
                .put_at(&["edns", name.trim().str()], line, Placed::number(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    const FULL: &str = include_str!("../../../../tests/samples/dig/full.txt");
    const MANY: &str = include_str!("../../../../tests/samples/dig/many.txt");
    const TRACE: &str = include_str!("../../../../tests/samples/dig/trace.txt");

    #[test]
    fn a_full_answer_is_read() {
        let read = read(FULL);
        read.is("dig");
        assert_eq!(read.problems, Vec::<String>::new());
        for (pointer, text) in [
            ("/queries/0/status", "NOERROR"),
            ("/queries/0/flags/2", "rd"),
            ("/queries/0/question/0/name", "api.shop.example.com."),
            ("/queries/0/question/0/type", "A"),
            (
                "/queries/0/answer/0/data",
                "internal-shop-1234567890.eu-west-1.elb.amazonaws.com.",
            ),
            ("/queries/0/answer/1/data", "10.0.12.34"),
            ("/queries/0/answer/1/ttl", "60"),
            ("/queries/0/authority/0/data", "ns-1.awsdns-01.com."),
            ("/queries/0/edns/udp", "1232"),
            ("/queries/0/counts/answer", "2"),
            ("/queries/0/queryTime", "3"),
            ("/queries/0/server", "10.100.0.10#53(10.100.0.10) (UDP)"),
            ("/queries/0/size", "187"),
        ] {
            assert_eq!(read.at(pointer), text, "{pointer}");
            assert!(read.shown(pointer).contains(text), "{pointer}");
        }
    }

    #[test]
    fn several_answers_timeouts_and_retries_are_kept_apart() {
        let read = read(MANY);
        assert_eq!(read.problems, Vec::<String>::new());
        for (pointer, text) in [
            ("/queries/0/status", "NXDOMAIN"),
            ("/queries/0/authority/0/type", "SOA"),
            ("/queries/1/truncated", "true"),
            ("/queries/1/status", "NOERROR"),
            ("/queries/2/errors/0/server", "10.100.0.10#53"),
            ("/queries/2/errors/0/reason", "timed out"),
            ("/queries/2/errors/3/reason", "no servers could be reached"),
            ("/queries/3/errors/0/reason", "connection timed out"),
        ] {
            assert_eq!(read.at(pointer), text, "{pointer}");
        }
        assert_eq!(read.count("/queries"), 4);
    }

    #[test]
    fn each_step_of_a_trace_is_an_answer_with_its_server() {
        let read = read(TRACE);
        assert_eq!(read.problems, Vec::<String>::new());
        assert_eq!(read.count("/queries"), 3);
        assert_eq!(read.at("/queries/0/server"), "10.0.0.2#53(10.0.0.2)");
        assert_eq!(read.at("/queries/1/answer/0/name"), "com.");
        assert_eq!(read.at("/queries/2/queryTime"), "12");
        assert_eq!(read.at("/queries/2/answer/0/data"), "192.0.2.10");
    }

    #[test]
    fn short_answers_are_read_with_the_question_of_the_command() {
        let read =
            read("$ dig +short srv _http._tcp.web.shop.svc.cluster.local\n0 50 80 web-0.shop.svc.cluster.local.\n");
        assert_eq!(read.at("/question/name"), "_http._tcp.web.shop.svc.cluster.local");
        assert_eq!(read.at("/question/type"), "SRV");
        assert!(read.shown("/question/name").starts_with("$ dig"));
        assert_eq!(
            read.at("/queries/0/answer/0/data"),
            "0 50 80 web-0.shop.svc.cluster.local."
        );
    }

    #[test]
    fn records_alone_and_records_over_several_lines_are_read() {
        let read = read(
            "$ dig +noall +answer +multiline soa example.com\nexample.com.\t\t3600 IN SOA ns.example.com. root.example.com. (\n\t\t\t\t2024010100 ; serial\n\t\t\t\t7200       ; refresh (2 hours)\n\t\t\t\t)\n",
        );
        assert_eq!(read.problems, Vec::<String>::new());
        assert_eq!(read.at("/queries/0/answer/0/type"), "SOA");
        assert!(
            read.at("/queries/0/answer/0/data")
                .starts_with("ns.example.com. root.example.com. 2024010100 7200")
        );
    }

    #[test]
    fn what_dig_does_not_print_is_not_taken() {
        for text in [
            "; a comment\nkey = value\n",
            "example.com is down\n",
            "web 1 IN progress\n",
        ] {
            assert_ne!(read(text).format, "dig", "{text}");
        }
    }
}
