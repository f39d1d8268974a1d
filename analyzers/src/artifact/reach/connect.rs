//! Whether a connection could be made, as these say: `nc` of OpenBSD, macOS, nmap (`ncat`), busybox and the traditional one, `telnet`, and
//! bash's `/dev/tcp/HOST/PORT`.
//!
//! `{"attempts": [{"host", "address", "port", "protocol", "result", "reason"}], "asked": {"host", "port"}}`: `result` is `connected`,
//! `failed` or `unresolved`. What the tool is asked to reach is cited where its command stands, for attempts that do not print it.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Content, Document, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::segment::{CommandLine, resolved};
use crate::text::Piece;

/// `nc`, `telnet`, `/dev/tcp`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "connect",
    title: "an attempt to connect",
    command: |line| {
        matches!(
            line.program.as_str(),
            "nc" | "ncat" | "netcat" | "nc.openbsd" | "nc.traditional" | "telnet"
        ) || line.args.iter().any(|arg| arg.contains("/dev/tcp/"))
    },
    least: 4,
    sniff,
    read,
});

/// What is said of an attempt.
#[derive(Debug, Default, Clone, Copy)]
struct Said<'a> {
    host: Option<Piece<'a>>,
    address: Option<Piece<'a>>,
    port: Option<Piece<'a>>,
    protocol: Option<Piece<'a>>,
    result: Option<&'static str>,
    reason: Option<Piece<'a>>,
}

/// A line that says something else: a version, a count of bytes, how to leave.
fn is_aside(line: &str) -> bool {
    [
        "Ncat: Version ",
        "Escape character is ",
        "Connection closed by foreign host",
        "Entering character mode",
        "Console escape. Commands are:",
    ]
    .iter()
    .any(|beginning| line.starts_with(beginning))
        || line.starts_with("Ncat: ") && line.contains(" bytes sent, ")
        || line.starts_with("Warning: inverse host lookup failed")
        || line.trim() == "^C"
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let own = |line: &str| said(Piece::new(line)).is_some_and(|(telling, _)| telling || expected) || is_aside(line);
    let begins = own(line) && (expected || !is_aside(line) || line.starts_with("Ncat: "));
    begins.then(|| take(rest, FORMAT, hint, own))?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut attempts = Placed::array(whole);
    // `Trying 10.0.0.5...` is followed by what came of it.
    let mut trying: Option<Piece<'_>> = None;
    let mut last: Option<(&'static str, Option<Piece<'_>>)> = None;
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        if is_aside(line.str()) {
            continue;
        }
        let Some((_, mut said)) = said(line) else {
            unread.line(line, FORMAT.title());
            continue;
        };
        let Some(result) = said.result else {
            trying = said.address;
            continue;
        };
        said.address = said.address.or(trying.take());
        // bash says the same twice: `bash: connect: REASON`, and the same with the path.
        let same = last.is_some_and(|(before, reason)| {
            before == result && reason.map(Piece::str) == said.reason.map(Piece::str) && said.host.is_none()
        });
        if same {
            continue;
        }
        last = Some((result, said.reason));
        attempts.push(attempt(line, result, said));
    }
    if let Some(address) = trying {
        // Nothing came of it before it was cut off.
        let mut value = Placed::object(address);
        value.put_text("address", address);
        attempts.push(value);
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("attempts", attempts);
    add(part, root, complete, artifacts);
}

/// Adds the document with the host and port of the command.
fn add(part: &Part<'_>, mut root: Placed, complete: bool, artifacts: &mut Artifacts) {
    let whole = Piece::new(part.text());
    let mut cited = Vec::new();
    if let (Some((host, port)), Some(command)) = (
        part.command().and_then(|line| asked(&line)),
        part.segment.command.as_ref(),
    ) {
        let mut place = Placed::object(whole);
        place.put("host", Placed::value(host, whole));
        cited.extend(["/asked", "/asked/host"]);
        if let Some(port) = port {
            place.put("port", Placed::value(port, whole));
            cited.push("/asked/port");
        }
        root.put("asked", place);
        let mut document = Document::placed(part.span(), root, complete);
        document
            .cells
            .extend(cited.into_iter().map(|pointer| (pointer.to_owned(), command.span)));
        formats::add(part, FORMAT, Content::Document(document), artifacts);
        return;
    }
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

fn attempt(line: Piece<'_>, result: &'static str, said: Said<'_>) -> Placed {
    let mut value = Placed::object(line);
    for (name, piece) in [
        ("host", said.host),
        ("address", said.address),
        ("protocol", said.protocol),
        ("reason", said.reason),
    ] {
        if let Some(piece) = piece {
            value.put_text(name, piece);
        }
    }
    if let Some(port) = said.port {
        value.put_number("port", port);
    }
    value.put("result", Placed::value(result, line));
    value
}

/// The host and the port that a command names: its last two words.
fn asked(line: &CommandLine) -> Option<(String, Option<String>)> {
    let path = std::iter::once(&line.program)
        .chain(&line.args)
        .find_map(|arg| arg.split_once("/dev/tcp/"));
    if let Some((_, rest)) = path {
        let (host, port) = rest.split_once('/')?;
        let digits: String = port.chars().take_while(char::is_ascii_digit).collect();
        return Some((resolved(host)?.to_owned(), Some(digits)));
    }
    let mut words: Vec<&String> = Vec::new();
    let mut args = line.args.iter();
    while let Some(arg) = args.next() {
        if matches!(
            arg.as_str(),
            "-w" | "-i" | "-p" | "-s" | "-X" | "-x" | "-q" | "-T" | "-W" | "-c" | "-e"
        ) {
            args.next();
        } else if !arg.starts_with('-') && !arg.contains(['<', '>']) {
            words.push(arg);
        }
    }
    match words.as_slice() {
        [.., host, port] if port.parse::<u16>().is_ok() => Some((resolved(host)?.to_owned(), Some((*port).clone()))),
        [host] => Some((resolved(host)?.to_owned(), None)),
        _ => None,
    }
}

/// What a line says, and whether it is told without the command that it is such a line.
fn said(line: Piece<'_>) -> Option<(bool, Said<'_>)> {
    let line = line.trim();
    openbsd(line)
        .map(|said| (true, said))
        .or_else(|| ncat(line).map(|said| (true, said)))
        .or_else(|| bash(line))
        .or_else(|| telnet(line))
        .or_else(|| other_nc(line))
}

fn failed(reason: Piece<'_>) -> Said<'_> {
    Said {
        result: Some("failed"),
        reason: Some(reason),
        ..Said::default()
    }
}

/// `db (10.0.0.5)`: the name and the address.
fn host_of<'a>(said: &mut Said<'a>, host: Piece<'a>) {
    match host.split_once(" (") {
        Some((name, address)) => {
            said.host = Some(name);
            said.address = Some(address.strip_suffix(")").unwrap_or(address));
        }
        None => said.host = Some(host),
    }
}

/// OpenBSD's and macOS's (`usr.bin/nc/netcat.c`).
fn openbsd(line: Piece<'_>) -> Option<Said<'_>> {
    let mut said = Said::default();
    if let Some(rest) = line
        .strip_prefix("Connection to ")
        .and_then(|rest| rest.strip_suffix(" succeeded!"))
    {
        // `db (10.0.0.5) 5432 port [tcp/postgresql]`; macOS prints `port 5432 [tcp/postgresql]`.
        let (place, service) = rest.split_once(" [")?;
        let place = place.strip_suffix(" port").unwrap_or(place);
        let (host, port) = place.rsplit_once(" ")?;
        host_of(&mut said, host.strip_suffix(" port").unwrap_or(host));
        said.port = Some(port);
        said.protocol = Some(service.split_once("/").map_or(service, |(protocol, _)| protocol));
        said.result = Some("connected");
        return Some(said);
    }
    let rest = line.strip_prefix("nc: ")?;
    if let Some(rest) = rest.strip_prefix("getaddrinfo") {
        // `getaddrinfo for host "db" port 80: Name or service not known`; before: `getaddrinfo: Name or service not known`.
        let (place, reason) = rest.rsplit_once(": ").unwrap_or((rest, rest));
        if let Some((_, place)) = place.split_once("host \"") {
            let (host, port) = place.split_once("\"")?;
            said.host = Some(host);
            said.port = port.words().last();
        }
        said.result = Some("unresolved");
        said.reason = Some(reason);
        return Some(said);
    }
    let rest = rest
        .strip_prefix("connect to ")
        .or_else(|| rest.strip_prefix("connectx to "))?;
    let (host, rest) = rest.split_once(" port ")?;
    host_of(&mut said, host);
    let (port, rest) = rest.split_once(" ")?;
    said.port = Some(port);
    let (protocol, rest) = rest.strip_prefix("(")?.split_once(") ")?;
    said.protocol = Some(protocol);
    said.result = Some("failed");
    // `timed out: Operation now in progress`: the time of -w was over.
    said.reason = Some(rest.strip_prefix("failed: ").unwrap_or(rest));
    Some(said)
}

/// nmap's (`ncat/ncat_connect.c`).
fn ncat(line: Piece<'_>) -> Option<Said<'_>> {
    let rest = line.strip_prefix("Ncat: ")?;
    let rest = rest.strip_suffix(".").unwrap_or(rest);
    if let Some(place) = rest
        .strip_prefix("Connected to ")
        .or_else(|| rest.strip_prefix("Connection to "))
    {
        let place = place.strip_suffix(" succeeded").unwrap_or(place);
        let (address, port) = place.rsplit_once(":")?;
        return Some(Said {
            address: Some(address),
            port: Some(port),
            result: Some("connected"),
            ..Said::default()
        });
    }
    if let Some(rest) = rest.strip_prefix("Could not resolve hostname \"") {
        let (host, reason) = rest.split_once("\": ")?;
        return Some(Said {
            host: Some(host),
            result: Some("unresolved"),
            reason: Some(reason.split_once(". QUITTING").map_or(reason, |(reason, _)| reason)),
            ..Said::default()
        });
    }
    Some(failed(rest))
}

/// `bash: connect: Connection refused`, `bash: line 1: /dev/tcp/10.0.0.5/80: Connection refused`.
fn bash(line: Piece<'_>) -> Option<(bool, Said<'_>)> {
    let (shell, rest) = line.split_once(": ")?;
    let shell = shell
        .str()
        .trim_start_matches('-')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    if !matches!(shell, "bash" | "sh") {
        return None;
    }
    let rest = match rest.split_once(": ") {
        Some((number, rest)) if number.starts_with("line ") => rest,
        _ => rest,
    };
    let (what, reason) = rest.split_once(": ")?;
    if what.str() == "connect" {
        return Some((true, failed(reason)));
    }
    if let Some(place) = what
        .strip_prefix("/dev/tcp/")
        .or_else(|| what.strip_prefix("/dev/udp/"))
    {
        let (host, port) = place.split_once("/")?;
        // After a name that was not found, `Invalid argument` says no more.
        let mut said = failed(reason);
        said.host = Some(host);
        said.port = Some(port);
        return Some((true, said));
    }
    let unresolved = [
        "Name or service not known",
        "Temporary failure in name resolution",
        "No address associated with hostname",
    ];
    unresolved.contains(&reason.str()).then_some((
        true,
        Said {
            host: Some(what),
            result: Some("unresolved"),
            reason: Some(reason),
            ..Said::default()
        },
    ))
}

/// `Trying 10.0.0.5...`, `Connected to db.`, `telnet: Unable to connect to remote host: Connection refused`.
fn telnet(line: Piece<'_>) -> Option<(bool, Said<'_>)> {
    if let Some(address) = line.strip_prefix("Trying ").and_then(|rest| rest.strip_suffix("...")) {
        return Some((
            true,
            Said {
                address: Some(address),
                ..Said::default()
            },
        ));
    }
    if let Some(host) = line.strip_prefix("Connected to ") {
        let said = Said {
            host: Some(host.strip_suffix(".").unwrap_or(host)),
            result: Some("connected"),
            ..Said::default()
        };
        return Some((false, said));
    }
    if let Some(rest) = line.strip_prefix("Server lookup failure:") {
        let (host, reason) = rest.trim().split_once(", ")?;
        let (host, port) = host
            .rsplit_once(":")
            .map_or((host, None), |(host, port)| (host, Some(port)));
        let said = Said {
            host: Some(host),
            port,
            result: Some("unresolved"),
            reason: Some(reason),
            ..Said::default()
        };
        return Some((true, said));
    }
    let rest = line.strip_prefix("telnet: ")?;
    if let Some(reason) = rest.strip_prefix("Unable to connect to remote host: ") {
        return Some((true, failed(reason)));
    }
    if let Some(rest) = rest.strip_prefix("connect to address ") {
        let (address, reason) = rest.split_once(": ")?;
        let mut said = failed(reason);
        said.address = Some(address);
        return Some((true, said));
    }
    if let Some(rest) = rest.strip_prefix("could not resolve ") {
        let (place, reason) = rest.split_once(": ")?;
        let (host, port) = place
            .rsplit_once("/")
            .map_or((place, None), |(host, port)| (host, Some(port)));
        let said = Said {
            host: Some(host),
            port,
            result: Some("unresolved"),
            reason: Some(reason),
            ..Said::default()
        };
        return Some((true, said));
    }
    busybox(rest).map(|said| (true, said))
}

/// `can't connect to remote host (10.0.0.5): Connection refused`, `bad address 'db'` (busybox, `libbb/xconnect.c`).
pub(super) fn busybox_failure(rest: Piece<'_>) -> Option<(Option<Piece<'_>>, Piece<'_>, bool)> {
    if let Some(rest) = rest.strip_prefix("can't connect to remote host") {
        let (place, reason) = rest.split_once(": ")?;
        let address = place.trim().strip_prefix("(").and_then(|place| place.strip_suffix(")"));
        return Some((address, reason, false));
    }
    let name = rest.strip_prefix("bad address '")?.strip_suffix("'")?;
    Some((Some(name), rest, true))
}

fn busybox(rest: Piece<'_>) -> Option<Said<'_>> {
    let (place, reason, unresolved) = busybox_failure(rest)?;
    let mut said = failed(reason);
    if unresolved {
        said.host = place;
        said.result = Some("unresolved");
    } else {
        said.address = place;
    }
    Some(said)
}

/// busybox's nc and the traditional one.
fn other_nc(line: Piece<'_>) -> Option<(bool, Said<'_>)> {
    if let Some(rest) = line.strip_prefix("nc: ") {
        if let Some(said) = busybox(rest) {
            return Some((true, said));
        }
        if rest.str() == "timed out" || rest.str() == "timeout" {
            return Some((true, failed(rest)));
        }
        // `10.0.0.5 (10.0.0.5:80): Connection refused`; errors of the options stand here, too.
        let (place, reason) = rest.split_once("): ")?;
        let mut said = failed(reason);
        let (host, place) = place.split_once(" (")?;
        let (address, port) = place.rsplit_once(":")?;
        (said.host, said.address, said.port) = (Some(host), Some(address), Some(port));
        return Some((true, said));
    }
    // `10.0.0.5 (10.0.0.5:80) open`.
    if let Some(place) = line.strip_suffix(") open")
        && let Some((host, place)) = place.split_once(" (")
        && let Some((address, port)) = place.rsplit_once(":")
        && port.parse::<u16>().is_ok()
    {
        let said = Said {
            host: Some(host),
            address: Some(address),
            port: Some(port),
            result: Some("connected"),
            ..Said::default()
        };
        return Some((true, said));
    }
    // `(UNKNOWN) [10.0.0.5] 80 (http) : Connection refused`, `db [10.0.0.5] 80 (http) open`.
    let (host, rest) = line.split_once(" [")?;
    let (address, rest) = rest.split_once("] ")?;
    let (port, rest) = rest.split_once(" ")?;
    if !crate::artifact::node::lines::is_address(address.str()) || port.parse::<u16>().is_err() {
        return None;
    }
    let mut said = Said {
        host: (host.str() != "(UNKNOWN)").then_some(host),
        address: Some(address),
        port: Some(port),
        ..Said::default()
    };
    if rest.ends_with(" open") {
        said.result = Some("connected");
    } else {
        said.result = Some("failed");
        said.reason = Some(rest.split_once(" : ")?.1);
    }
    Some((true, said))
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::{Value, json};

    fn attempts(text: &str) -> Value {
        only("connect", text)["attempts"].clone()
    }

    #[test]
    fn openbsds_nc() {
        assert_eq!(
            attempts(include_str!("../../../../tests/samples/connect/openbsd.txt")),
            json!([{"host": "db.shop", "address": "172.20.40.7", "port": 5432, "protocol": "tcp", "result": "connected"}])
        );
        assert_eq!(
            attempts("nc: connect to 10.20.3.77 port 80 (tcp) timed out: Operation now in progress\n"),
            json!([{"host": "10.20.3.77", "port": 80, "protocol": "tcp", "result": "failed",
                "reason": "timed out: Operation now in progress"}])
        );
        assert_eq!(
            attempts("nc: getaddrinfo for host \"nope.invalid\" port 80: Name or service not known\n"),
            json!([{"host": "nope.invalid", "port": 80, "result": "unresolved", "reason": "Name or service not known"}])
        );
        assert_eq!(
            attempts("Connection to 10.0.0.9 port 443 [tcp/https] succeeded!\n"),
            json!([{"host": "10.0.0.9", "port": 443, "protocol": "tcp", "result": "connected"}])
        );
    }

    #[test]
    fn ncat_does_not_print_the_place() {
        assert_eq!(
            attempts(include_str!("../../../../tests/samples/connect/ncat-refused.txt")),
            json!([{"result": "failed", "reason": "Connection refused"}])
        );
        let asked = only(
            "connect",
            include_str!("../../../../tests/samples/connect/ncat-refused.txt"),
        )["asked"]
            .clone();
        assert_eq!(asked, json!({"host": "172.20.31.8", "port": "8080"}));
        assert_eq!(
            attempts(
                "Ncat: Version 7.93 ( https://nmap.org/ncat )\nNcat: Connected to 10.20.3.1:8080.\nNcat: 0 bytes sent, 0 bytes received in 0.32 seconds.\n"
            ),
            json!([{"address": "10.20.3.1", "port": 8080, "result": "connected"}])
        );
    }

    #[test]
    fn bashs_files() {
        let asked = only("connect", include_str!("../../../../tests/samples/connect/dev-tcp.txt"))["asked"].clone();
        assert_eq!(asked, json!({"host": "10.20.3.1", "port": "9999"}));
        assert_eq!(
            attempts(include_str!("../../../../tests/samples/connect/dev-tcp.txt")),
            json!([{"result": "failed", "reason": "Connection refused"},
                {"host": "10.20.3.1", "port": 9999, "result": "failed", "reason": "Connection refused"}])
        );
    }

    #[test]
    fn telnets_trying_and_its_end() {
        assert_eq!(
            attempts(include_str!("../../../../tests/samples/connect/telnet.txt")),
            json!([{"address": "172.20.31.8", "result": "failed", "reason": "Connection timed out"}])
        );
        assert_eq!(
            attempts("$ telnet db 5432\nTrying 10.0.0.5...\nConnected to db.\nEscape character is '^]'.\n"),
            json!([{"host": "db", "address": "10.0.0.5", "result": "connected"}])
        );
        // What was given up says nothing of an end.
        assert_eq!(
            attempts("$ telnet db 5432\nTrying 10.0.0.5...\n^C\n"),
            json!([{"address": "10.0.0.5"}])
        );
    }

    #[test]
    fn busybox_and_the_traditional_one() {
        assert_eq!(
            attempts("10.20.3.1 (10.20.3.1:8080) open\n"),
            json!([{"host": "10.20.3.1", "address": "10.20.3.1", "port": 8080, "result": "connected"}])
        );
        assert_eq!(
            attempts("nc: bad address 'db'\n"),
            json!([{"host": "db", "result": "unresolved", "reason": "bad address 'db'"}])
        );
        assert_eq!(
            attempts("(UNKNOWN) [10.20.3.1] 9999 (?) : Connection refused\n"),
            json!([{"address": "10.20.3.1", "port": 9999, "result": "failed", "reason": "Connection refused"}])
        );
        assert!(documents("nc: invalid option -- 'z'\n").is_empty());
    }
}
