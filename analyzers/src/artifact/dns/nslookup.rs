//! `nslookup`: of BIND (bin/dig/nslookup.c: `printsection` prints the answers; with `-debug` `printmessage` prints lines of dashes, and
//! `detailsection` what stands between them), of busybox in its old and its new layout (networking/nslookup.c), and of Windows.

use super::{Query, address_record, document, failure};
use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::{Problem, blacked_out};
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::{Piece, is_redacted_address};

/// What nslookup prints.
pub const FORMAT: Format = Format::new(&Spec {
    name: "nslookup",
    title: "nslookup's answer",
    command: |line| {
        line.program == "nslookup"
            || line.program == "busybox" && line.args.first().is_some_and(|arg| arg == "nslookup")
    },
    least: 4,
    sniff: take,
    read,
});

/// The words between a name and its data, and the type that they tell (`nslookup.c`, `printrdata` and the table `rtypetext`).
const RELATIONS: [(&str, &str); 9] = [
    ("canonical name = ", "CNAME"),
    ("mail exchanger = ", "MX"),
    ("nameserver = ", "NS"),
    ("name = ", "PTR"),
    ("text = ", "TXT"),
    ("service = ", "SRV"),
    ("has AAAA address ", "AAAA"),
    ("internet address = ", "A"),
    ("origin = ", "SOA"),
];

const NOTES: [&str; 4] = [
    "Non-authoritative answer:",
    "Authoritative answers can be found from:",
    "DNS request timed out.",
    "Authoritative answer:",
];

/// `** server can't find x: NXDOMAIN`, `*** Can't find x: No answer`, `nslookup: can't resolve 'x'`: the name and the reason.
fn refusal(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    if let Some(rest) = line.strip_prefix("nslookup: can't resolve ") {
        let (name, reason) = rest.split_once(": ").unwrap_or((rest, line.part(10..23)));
        return Some((unquoted(name), reason));
    }
    let stars = line.strip_prefix("** ").or_else(|| line.strip_prefix("*** "))?;
    for words in [
        "server can't find ",
        "Can't find ",
        "can't find ",
        "Can't find address for server ",
    ] {
        if let Some((_, rest)) = stars.split_once(words) {
            let (name, reason) = rest.rsplit_once(": ")?;
            return Some((name, reason));
        }
    }
    if let Some(rest) = stars.strip_prefix("Request to ") {
        let (server, reason) = rest.split_once(" ")?;
        return Some((server, reason));
    }
    None
}

fn unquoted(piece: Piece<'_>) -> Piece<'_> {
    piece
        .strip_prefix("'")
        .and_then(|piece| piece.strip_suffix("'"))
        .unwrap_or(piece)
}

/// A line `Server:`, `Address:`, `Address 1:`, `Addresses:`, `Name:`, `Aliases:`: its word and what follows.
fn field(line: Piece<'_>) -> Option<(&str, Piece<'_>)> {
    let (name, value) = line.split_once(":")?;
    let name = name.str();
    let plain = matches!(name, "Server" | "Address" | "Addresses" | "Name" | "Aliases")
        || name
            .strip_prefix("Address ")
            .is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()));
    plain.then(|| (name, value.trim()))
}

fn relation(line: Piece<'_>) -> Option<(Piece<'_>, &'static str, Piece<'_>)> {
    let cut = line.find(['\t', ' '])?;
    let rest = line.skip(cut).trim();
    RELATIONS.iter().find_map(|(words, kind)| {
        let data = rest.strip_prefix(words)?;
        Some((line.part(0..cut), *kind, data))
    })
}

fn is_line(line: &str) -> bool {
    let piece = Piece::new(line);
    match line.as_bytes().first() {
        Some(b'*') => refusal(piece).is_some(),
        Some(b';') => failure(piece).is_some(),
        Some(b'n') if line.starts_with("nslookup: ") => true,
        Some(b'S' | b'A' | b'N' | b'D') => {
            field(piece).is_some() || NOTES.iter().any(|note| line.starts_with(note)) || relation(piece).is_some()
        }
        Some(b'\t' | b' ') => soa_field(piece).is_some() || line.trim().starts_with("timeout was") || is_address(line),
        Some(_) => relation(piece).is_some(),
        None => false,
    }
}

fn is_address(line: &str) -> bool {
    line.trim().parse::<std::net::IpAddr>().is_ok()
}

/// The dashes around an answer of `-debug`.
fn is_fence(line: &str) -> bool {
    line.trim_end() == "------------"
}

/// A line of a SOA record: `mail addr = x`, `serial = 1`.
fn soa_field(line: Piece<'_>) -> Option<(&'static str, Piece<'_>)> {
    [
        ("origin = ", "mname"),
        ("mail addr = ", "rname"),
        ("serial = ", "serial"),
        ("refresh = ", "refresh"),
        ("retry = ", "retry"),
        ("expire = ", "expire"),
        ("minimum = ", "minimum"),
    ]
    .iter()
    .find_map(|(words, name)| Some((*name, line.trim().strip_prefix(words)?)))
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let begins = match line.as_bytes().first()? {
        b'S' => {
            line.starts_with("Server:")
                && ends(rest)
                    .nth(1)
                    .is_some_and(|(next, _)| next.starts_with("Address:") || next.starts_with("Address 1:"))
        }
        b'*' => refusal(Piece::new(line)).is_some(),
        b'n' => line.starts_with("nslookup: "),
        _ => false,
    };
    if !(begins || expected && (is_line(line) || is_fence(line))) {
        return None;
    }
    let mut len = 0;
    let mut inside = false;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            continue;
        }
        if is_fence(line) {
            inside = !inside;
            len = end;
            continue;
        }
        if inside && line.starts_with([' ', '\t']) {
            len = end;
            continue;
        }
        let soa = || rest.get(end..).is_some_and(|next| next.starts_with("\torigin = "));
        if !is_line(line) && !soa() {
            break;
        }
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.9 },
    })
}

#[derive(Default)]
struct State<'a> {
    query: Option<Query>,
    done: Vec<Query>,
    /// The addresses that follow are the server's.
    server: bool,
    name: Option<Piece<'a>>,
    /// `Authoritative answers can be found from:` was printed; what follows is about name servers.
    section: &'static str,
    soa: Option<(Piece<'a>, Placed)>,
    /// Whether an answer of `-debug` is open.
    fenced: bool,
    /// Whether there were such answers: the lines after one say its records once more.
    told: bool,
    /// A record of such an answer.
    open: Option<Placed>,
    /// The server's name and address, for the answers after the first.
    from: [Option<Piece<'a>>; 2],
    unread: Unread,
}

impl<'a> State<'a> {
    fn query(&mut self, line: Piece<'a>) -> &mut Query {
        let query = self.query.get_or_insert_with(|| Query::new(line));
        query.placed.extend(line);
        query
    }

    fn next(&mut self) {
        self.end_soa();
        self.told = false;
        self.done.extend(self.query.take());
        self.name = None;
        self.section = "answer";
    }

    fn record(&mut self, line: Piece<'a>, record: Placed) {
        if self.told && !self.fenced {
            self.query(line);
            return;
        }
        let section = self.section;
        self.query(line).record(section, line, record);
    }

    fn end_soa(&mut self) {
        if let Some((line, record)) = self.soa.take() {
            self.record(line, record);
        }
    }
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut state = State {
        section: "answer",
        ..State::default()
    };
    for line in whole.lines() {
        if !line.trim().is_empty() {
            one(&mut state, line);
        }
    }
    state.next();
    let root = document(state.done, whole);
    state.unread.finish(part, problems);
    formats::add_document(part, FORMAT.name(), root, true, artifacts);
}

fn one<'a>(state: &mut State<'a>, line: Piece<'a>) {
    if let (Some((_, soa)), Some((name, value))) = (&mut state.soa, soa_field(line)) {
        soa.put_number(name, value);
        soa.extend(line);
        return;
    }
    state.end_soa();
    if is_fence(line.str()) {
        fence(state, line);
    } else if state.fenced {
        fenced(state, line);
    } else if let Some((name, reason)) = refusal(line) {
        let query = state.query(line);
        query.error(line, reason, None);
        if !query.placed.has("question") {
            let mut question = Placed::object(line);
            question.put_text("name", name);
            query.record("question", line, question);
        }
        if reason.bytes().all(|b| b.is_ascii_uppercase()) {
            query.placed.put_text("status", reason);
        }
    } else if let Some((reason, server)) = failure(line) {
        state.query(line).error(line, reason, server);
    } else if let Some((field, value)) = field(line) {
        named(state, line, field, value);
    } else if let Some((name, kind, data)) = relation(line) {
        let mut record = Placed::object(line);
        record.put_text("name", name);
        record.put("type", Placed::value(kind, line));
        record.put_text("data", data);
        state.record(line, record);
    } else if line.starts_with("Authoritative answers") {
        state.section = "authority";
    } else if line.starts_with("Non-authoritative answer") {
        state
            .query(line)
            .placed
            .put("authoritative", Placed::value(false, line));
    } else if line.starts_with("DNS request timed out") {
        state.query(line).error(line, line.part(12..21), None);
    } else if soa_field(line).is_some() {
        state.unread.line(line);
    } else if is_address(line.str()) {
        addresses(state, line, line.trim());
    } else if line.trim().starts_with("timeout was") {
        state.query(line);
    } else if !line.contains('\t') && !line.contains("origin") && !line.starts_with("nslookup: ") {
        // A name alone introduces the fields of its SOA record.
        state.soa = Some((line, soa(line)));
    } else if let Some(complaint) = line.strip_prefix("nslookup: ") {
        state.query(line).error(line, complaint, None);
    } else {
        state.unread.line(line);
    }
}

/// An answer of `-debug` begins or ends. Each is a query of its own.
fn fence<'a>(state: &mut State<'a>, line: Piece<'a>) {
    end_record(state, line);
    state.fenced = !state.fenced;
    if !state.fenced {
        state.section = "answer";
        return;
    }
    if state.query.as_ref().is_some_and(|query| query.placed.has("question")) {
        state.next();
        for (name, value) in ["serverName", "server"].into_iter().zip(state.from) {
            if let Some(value) = value {
                state.query(line).placed.put_text(name, value);
            }
        }
    }
    state.query(line);
    state.told = true;
}

fn end_record<'a>(state: &mut State<'a>, line: Piece<'a>) {
    if let Some(record) = state.open.take() {
        state.record(line, record);
    }
}

/// A line of an answer of `-debug`: a section's title, a question, a record's name (`->  x`) or one of its values.
fn fenced<'a>(state: &mut State<'a>, line: Piece<'a>) {
    let clean = line.trim();
    let section = match clean.str() {
        "QUESTIONS:" => "question",
        "ANSWERS:" => "answer",
        "AUTHORITY RECORDS:" => "authority",
        "ADDITIONAL RECORDS:" => "additional",
        _ => "",
    };
    if !section.is_empty() {
        end_record(state, line);
        state.section = section;
    } else if let Some((name, rest)) = clean.split_once(", type = ") {
        let mut question = Placed::object(line);
        question.put_text("name", name);
        let (kind, class) = rest.split_once(", class = ").unwrap_or((rest, rest.skip(rest.len())));
        question.put_text("type", kind);
        question.put_text("class", class);
        state.query(line).record("question", line, question);
    } else if let Some(name) = clean.strip_prefix("->") {
        end_record(state, line);
        let mut record = Placed::object(line);
        record.put_text("name", name.trim());
        state.open = Some(record);
    } else if state.open.as_mut().is_none_or(|record| !value(record, clean)) {
        state.unread.line(line);
    }
}

/// A value of a record of `-debug`; whether it is one.
fn value(record: &mut Placed, line: Piece<'_>) -> bool {
    if let Some(ttl) = line.strip_prefix("ttl = ") {
        record.put_number("ttl", ttl);
    } else if let Some((name, value)) = soa_field(line) {
        if !record.has("type") {
            record.put("type", Placed::value("SOA", line));
        }
        record.put_number(name, value);
    } else if let Some((kind, data)) = RELATIONS
        .iter()
        .find_map(|(words, kind)| Some((*kind, line.strip_prefix(words)?)))
    {
        let kind = match data.parse() {
            Ok(std::net::IpAddr::V6(_)) => "AAAA",
            _ => kind,
        };
        record.put("type", Placed::value(kind, line));
        record.put_text("data", data);
    } else if let Some((number, data)) = line.strip_prefix("rdata_").and_then(|rest| rest.split_once(" = ")) {
        // RFC 3597, section 5: a type that is known by its number alone.
        record.put("type", Placed::value(format!("TYPE{}", number.str()), number));
        record.put_text("data", data);
    } else {
        return false;
    }
    record.extend(line);
    true
}

fn soa(line: Piece<'_>) -> Placed {
    let mut record = Placed::object(line);
    record.put_text("name", line.trim());
    record.put("type", Placed::value("SOA", line));
    record
}

fn named<'a>(state: &mut State<'a>, line: Piece<'a>, field: &str, value: Piece<'a>) {
    match field {
        "Server" => {
            state.next();
            state.server = true;
            state.from = [Some(value), None];
            state.query(line).placed.put_text("serverName", value);
        }
        "Name" => {
            state.server = false;
            state.name = Some(value);
            state.query(line);
        }
        "Aliases" => {
            state.query(line).record("aliases", line, Placed::text(value));
        }
        _ => addresses(state, line, value),
    }
}

/// The server's address, or one of the name's. Busybox names the address' own name after it.
fn addresses<'a>(state: &mut State<'a>, line: Piece<'a>, value: Piece<'a>) {
    let mut words = value.words();
    let Some(address) = words.next() else { return };
    if state.server {
        state.server = false;
        let [name, _] = state.from;
        state.from = [name, Some(address)];
        state.query(line).placed.put_text("server", address);
        return;
    }
    let name = state.name;
    match address_record(line, name, address) {
        Some(mut record) => {
            if let Some(reverse) = words.next() {
                record.put_text("reverseName", reverse);
            }
            state.record(line, record);
        }
        None if is_redacted_address(address.str()) => {
            state.unread.say(address, || blacked_out(address.str()));
        }
        None => state.unread.line(line),
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn answers_of_debug_are_queries_of_their_own() {
        let read_one = |text: &str| {
            let read = read(text);
            assert_eq!(read.formats(), ["nslookup"], "{text}");
            assert_eq!(read.problems, Vec::<String>::new(), "{text}");
            read
        };
        let sample = include_str!("../../../../tests/samples/nslookup/debug.txt");
        for text in [sample, sample.split_once('\n').unwrap().1] {
            let read = read_one(text);
            assert_eq!(read.count("/queries"), 2);
            // What stands below an answer says its records once more.
            assert_eq!(read.count("/queries/0/answer"), 2);
            for (pointer, text) in [
                ("/queries/0/question/0/type", "A"),
                ("/queries/0/answer/0/type", "CNAME"),
                ("/queries/0/answer/1/name", "cart.example.com"),
                ("/queries/0/answer/1/data", "10.20.3.9"),
                ("/queries/0/answer/1/ttl", "30"),
                ("/queries/1/question/0/type", "AAAA"),
                ("/queries/1/server", "10.20.0.2#53"),
                ("/queries/1/authority/0/type", "SOA"),
                ("/queries/1/authority/0/minimum", "30"),
            ] {
                assert_eq!(read.at(pointer), text, "{pointer}");
            }
        }
        let gone = read_one(
            "$ nslookup -debug gone.example.com\nServer:\t\t10.20.0.2\nAddress:\t10.20.0.2#53\n\n------------\n    QUESTIONS:\n\tgone.example.com, type = A, class = IN\n    ANSWERS:\n    AUTHORITY RECORDS:\n    ADDITIONAL RECORDS:\n------------\n** server can't find gone.example.com: NXDOMAIN\n",
        );
        assert_eq!(gone.count("/queries"), 1);
        assert_eq!(gone.at("/queries/0/status"), "NXDOMAIN");
        assert_eq!(gone.count("/queries/0/question"), 1);
    }

    #[test]
    fn a_blacked_out_address_is_said_to_be_so() {
        let text =
            "Server:\t\t10.100.0.10\nAddress:\t10.100.0.10#53\n\nName:\tweb.shop.svc.cluster.local\nAddress: x.x.x.x\n";
        let input = crate::Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let analysis = crate::analyze(vec![input], &mut |_| {});
        let messages: Vec<_> = analysis.problems.iter().map(|problem| &problem.message).collect();
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(messages[0].starts_with("`x.x.x.x` is blacked out"), "{messages:?}");
    }

    #[test]
    fn the_layouts_of_bind_and_busybox_are_read() {
        for sample in [
            include_str!("../../../../tests/samples/nslookup/bind.txt"),
            include_str!("../../../../tests/samples/nslookup/busybox-old.txt"),
            include_str!("../../../../tests/samples/nslookup/busybox-new.txt"),
        ] {
            let read = read(sample);
            read.is("nslookup");
            assert_eq!(read.problems, Vec::<String>::new());
            assert!(read.at("/queries/0/server").starts_with("10.100.0.10"));
            assert_eq!(read.at("/queries/0/answer/0/name"), "cart.shop.svc.cluster.local");
            assert_eq!(read.at("/queries/0/answer/0/type"), "A");
            assert_eq!(read.at("/queries/0/answer/0/data"), "10.100.23.4");
            assert_eq!(read.shown("/queries/0/answer/0/data"), "10.100.23.4");
        }
    }

    #[test]
    fn names_that_do_not_resolve_say_why() {
        let bind = read(
            "$ nslookup cart.web\nServer:\t\t10.100.0.10\nAddress:\t10.100.0.10#53\n\n** server can't find cart.web: NXDOMAIN\n\n",
        );
        assert_eq!(bind.at("/queries/0/status"), "NXDOMAIN");
        assert_eq!(bind.at("/queries/0/question/0/name"), "cart.web");
        let old = read("Server:    10.100.0.10\nAddress 1: 10.100.0.10\n\nnslookup: can't resolve 'cart.web'\n");
        assert_eq!(old.format, "nslookup");
        assert_eq!(old.at("/queries/0/errors/0/reason"), "can't resolve");
        assert_eq!(old.at("/queries/0/question/0/name"), "cart.web");
        let none = read("$ nslookup cart.web\n;; connection timed out; no servers could be reached\n\n");
        assert_eq!(none.format, "nslookup");
        assert_eq!(none.at("/queries/0/errors/0/reason"), "connection timed out");
    }

    #[test]
    fn other_records_are_read() {
        let read = read(
            "$ nslookup -type=any example.com 10.0.0.2\nServer:\t\t10.0.0.2\nAddress:\t10.0.0.2#53\n\nNon-authoritative answer:\nwww.example.com\tcanonical name = example.com.\nexample.com\tmail exchanger = 10 mail.example.com.\nexample.com\n\torigin = ns.example.com\n\tmail addr = root.example.com\n\tserial = 7\n\nAuthoritative answers can be found from:\nexample.com\tnameserver = ns.example.com.\n",
        );
        read.is("nslookup");
        assert_eq!(read.problems, Vec::<String>::new());
        assert_eq!(read.at("/queries/0/authoritative"), "false");
        assert_eq!(read.at("/queries/0/answer/0/type"), "CNAME");
        assert_eq!(read.at("/queries/0/answer/1/data"), "10 mail.example.com.");
        assert_eq!(read.at("/queries/0/answer/2/serial"), "7");
        assert_eq!(read.at("/queries/0/authority/0/data"), "ns.example.com.");
    }
}
