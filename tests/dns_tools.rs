//! What is read of the printed answers of `dig`, `host` and `nslookup`, against what a DNS server that the test runs on the loopback
//! address sent them: records, rcodes, chains of aliases, truncation, and silence.

use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use whypath_tests::printed::read;

/// A record: name, type, data as dig prints it. All live 300 seconds.
type Record = (&'static str, &'static str, &'static str);

/// What the server says of a name and type: the rcode and the answer section; `None`: nothing at all.
fn zone(name: &str, kind: &str) -> Option<(u8, Vec<Record>)> {
    const PLAIN: [Record; 2] = [("plain.test.", "A", "192.0.2.1"), ("plain.test.", "A", "192.0.2.2")];
    Some(match (name, kind) {
        ("silent.test", _) => return None,
        ("plain.test", "A") => (0, PLAIN.to_vec()),
        ("plain.test", "AAAA") => (0, vec![("plain.test.", "AAAA", "2001:db8::1")]),
        ("alias.test", "A") => {
            let mut all = vec![
                ("alias.test.", "CNAME", "middle.test."),
                ("middle.test.", "CNAME", "plain.test."),
            ];
            all.extend(PLAIN);
            (0, all)
        }
        ("plain.test", "MX") => (0, vec![("plain.test.", "MX", "10 mail.test.")]),
        ("plain.test", "TXT") => (0, vec![("plain.test.", "TXT", "\"v=spf1 include:mail.test ~all\"")]),
        ("_http._tcp.web.test", "SRV") => (
            0,
            vec![
                ("_http._tcp.web.test.", "SRV", "0 50 8080 web-0.test."),
                ("_http._tcp.web.test.", "SRV", "10 50 8080 web-1.test."),
            ],
        ),
        ("1.2.0.192.in-addr.arpa", "PTR") => (0, vec![("1.2.0.192.in-addr.arpa.", "PTR", "plain.test.")]),
        ("plain.test" | "alias.test", _) => (0, Vec::new()),
        ("broken.test", _) => (2, Vec::new()),
        ("refused.test", _) => (5, Vec::new()),
        ("big.test", "A") => (0, vec![("big.test.", "A", "192.0.2.77"); 60]),
        _ => (3, Vec::new()),
    })
}

/// The names of rcodes (RFC 1035, section 4.1.1).
fn rcode(code: u8) -> &'static str {
    match code {
        0 => "NOERROR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        _ => "REFUSED",
    }
}

const TYPES: [(&str, u16); 7] = [
    ("A", 1),
    ("CNAME", 5),
    ("PTR", 12),
    ("MX", 15),
    ("TXT", 16),
    ("AAAA", 28),
    ("SRV", 33),
];

/// Every question that each tool is asked.
const QUESTIONS: [(&str, &str); 12] = [
    ("plain.test", "A"),
    ("plain.test", "AAAA"),
    ("plain.test", "MX"),
    ("plain.test", "TXT"),
    ("plain.test", "SRV"),
    ("alias.test", "A"),
    ("_http._tcp.web.test", "SRV"),
    ("1.2.0.192.in-addr.arpa", "PTR"),
    ("missing.test", "A"),
    ("broken.test", "A"),
    ("refused.test", "A"),
    ("big.test", "A"),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let server = Server::start();
    let mut trials = Vec::new();
    for tool in ["dig", "host", "nslookup"] {
        let missing = Command::new(tool).arg("-h").output().is_err();
        if missing {
            println!("skipped: there is no {tool}");
        }
        let port = server.port;
        trials.push(Trial::test(format!("{tool}'s answers"), move || answers(tool, port)).with_ignored_flag(missing));
        trials.push(Trial::test(format!("{tool} and silence"), move || silence(tool, port)).with_ignored_flag(missing));
        if tool == "dig" {
            trials.push(Trial::test("dig's options", move || options(port)).with_ignored_flag(missing));
        }
    }
    let exit = libtest_mimic::run(&arguments, trials).exit_code();
    server.over.store(true, Ordering::Relaxed);
    exit
}

/// Asks, and gives the one document that is read of what is printed.
fn ask(tool: &str, port: u16, name: &str, kind: &str, more: &[&str]) -> Result<Value, Failed> {
    let mut command = Command::new(tool);
    let (port, shown) = (port.to_string(), more.join(" "));
    match tool {
        "dig" => command
            .args(["-p", &port, "@127.0.0.1", "+nocookie"])
            .args(more)
            .args([name, kind]),
        "host" => command
            .args(["-p", &port, "-t", kind])
            .args(more)
            .args([name, "127.0.0.1"]),
        _ => command
            .arg(format!("-port={port}"))
            .arg(format!("-type={kind}"))
            .args(more)
            .args([name, "127.0.0.1"]),
    };
    let output = command.output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let (mut documents, problems) = read(&format!("$ {tool} {shown} {name} {kind}\n{printed}{errors}"));
    if !problems.is_empty() || documents.len() != 1 || documents[0].0 != tool {
        return Err(format!("{tool} {name} {kind}: {documents:?} {problems:?} of\n{printed}{errors}").into());
    }
    Ok(documents.remove(0).1)
}

/// A text without the dot at its end.
fn bare(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.trim_end_matches('.').to_ascii_lowercase()
}

fn answers(tool: &str, port: u16) -> Result<(), Failed> {
    let mut faults = Vec::new();
    let mut compared = 0;
    for (name, kind) in QUESTIONS {
        // host and nslookup say the address's own name.
        let asked = if tool != "dig" && kind == "PTR" {
            "192.0.2.1"
        } else {
            name
        };
        let document = ask(tool, port, asked, kind, &[])?;
        let (code, expected) = zone(name, kind).ok_or("no question is left unanswered")?;
        let query = document["queries"]
            .as_array()
            .and_then(|queries| queries.last())
            .ok_or_else(|| format!("{tool} {name} {kind}: no query in {document}"))?;
        let read: Vec<(String, String, String)> = query["answer"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|record| (bare(&record["name"]), bare(&record["type"]), bare(&record["data"])))
            .collect();
        let sent: Vec<(String, String, String)> = expected
            .iter()
            .map(|(name, kind, data)| {
                let bare = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
                (bare(name), bare(kind), bare(data))
            })
            .collect();
        compared += sent.len();
        if read != sent {
            faults.push(format!("{tool} {name} {kind}: {read:?} read, {sent:?} sent"));
        }
        // Only dig prints the rcode of success.
        let status = query["status"].as_str();
        if status.is_some_and(|status| status != rcode(code)) || status.is_none() && (tool == "dig" || code != 0) {
            faults.push(format!(
                "{tool} {name} {kind}: status {status:?} read, {} sent",
                rcode(code)
            ));
        }
        if tool == "dig" {
            let ttls = query["answer"]
                .as_array()
                .into_iter()
                .flatten()
                .all(|record| record["ttl"] == 300);
            let counted = query["counts"]["answer"].as_u64() == Some(sent.len() as u64);
            if !ttls || !counted {
                faults.push(format!("dig {name} {kind}: TTLs or counts differ: {query}"));
            }
        }
    }
    println!("{tool}: {} questions, {compared} records compared", QUESTIONS.len());
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n").into())
    }
}

fn silence(tool: &str, port: u16) -> Result<(), Failed> {
    let options: &[&str] = match tool {
        "dig" => &["+time=1", "+tries=1"],
        "host" => &["-W", "1", "-R", "1"],
        _ => &["-timeout=1", "-retry=1"],
    };
    let document = ask(tool, port, "silent.test", "A", options)?;
    let text = document.to_string();
    let answered = document["queries"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|query| !query["answer"].is_null() || query["status"] == "NOERROR");
    let said = text.contains("timed out") || text.contains("no servers could be reached");
    if answered || !said {
        return Err(format!("{tool}: silence is read as {document}").into());
    }
    Ok(())
}

/// Layouts of dig that people use.
fn options(port: u16) -> Result<(), Failed> {
    let short = ask("dig", port, "alias.test", "A", &["+short"])?;
    let data: Vec<String> = short["queries"][0]["answer"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|record| bare(&record["data"]))
        .collect();
    if data != ["middle.test", "plain.test", "192.0.2.1", "192.0.2.2"] {
        return Err(format!("+short: {data:?} of {short}").into());
    }
    let only = ask("dig", port, "plain.test", "A", &["+noall", "+answer"])?;
    if only["queries"][0]["answer"].as_array().map(Vec::len) != Some(2) {
        return Err(format!("+noall +answer: {only}").into());
    }
    // Over UDP the server says that not all fits.
    let cut = ask("dig", port, "big.test", "A", &["+ignore", "+noedns"])?;
    let flags = cut["queries"][0]["flags"].to_string();
    if !flags.contains("\"tc\"") {
        return Err(format!("+ignore: the flag tc is not read: {cut}").into());
    }
    let again = ask("dig", port, "big.test", "A", &["+noedns"])?;
    let query = again["queries"]
        .as_array()
        .and_then(|queries| queries.last())
        .ok_or("no query")?;
    if query["answer"].as_array().map(Vec::len) != Some(60) || !again.to_string().contains("\"truncated\":true") {
        return Err(format!("a retry over TCP: {again}").into());
    }
    Ok(())
}

/// The server: UDP and TCP on one port.
struct Server {
    port: u16,
    over: Arc<AtomicBool>,
}

impl Server {
    fn start() -> Self {
        // A port that is free for both.
        let (udp, tcp) = (0..100)
            .find_map(|_| {
                let udp = UdpSocket::bind("127.0.0.1:0").ok()?;
                let tcp = TcpListener::bind(udp.local_addr().ok()?).ok()?;
                Some((udp, tcp))
            })
            .expect("a free port");
        let port = udp.local_addr().expect("it is bound").port();
        udp.set_read_timeout(Some(Duration::from_millis(100)))
            .expect("a timeout that is not zero");
        let over = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&over);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while !end.load(Ordering::Relaxed) {
                if let Ok((length, from)) = udp.recv_from(&mut buffer)
                    && let Some(reply) = reply(&buffer[..length], true)
                {
                    let _ = udp.send_to(&reply, from);
                }
            }
        });
        thread::spawn(move || {
            for stream in tcp.incoming() {
                let Ok(mut stream) = stream else { continue };
                let mut length = [0; 2];
                if stream.read_exact(&mut length).is_err() {
                    continue;
                }
                let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
                if stream.read_exact(&mut message).is_ok()
                    && let Some(reply) = reply(&message, false)
                {
                    let _ = stream.write_all(&u16::try_from(reply.len()).unwrap_or(0).to_be_bytes());
                    let _ = stream.write_all(&reply);
                }
            }
        });
        Self { port, over }
    }
}

/// The answer to a message (RFC 1035, section 4.1).
fn reply(message: &[u8], datagram: bool) -> Option<Vec<u8>> {
    let mut at = 12;
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(message.get(at..at + length)?).to_ascii_lowercase());
        at += length;
    }
    let number = u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]);
    let kind = TYPES
        .iter()
        .find(|(_, known)| *known == number)
        .map_or("", |(name, _)| *name);
    let (code, records) = zone(&labels.join("."), kind)?;
    let mut answer = message.get(..at + 4)?.to_vec();
    // More than 512 bytes go over TCP.
    let cut = datagram && records.len() > 20;
    answer[2] = 0x85 | if cut { 2 } else { 0 };
    answer[3] = 0x80 | code;
    let count = if cut { 0 } else { u8::try_from(records.len()).ok()? };
    answer[4..12].copy_from_slice(&[0, 1, 0, count, 0, 0, 0, 0]);
    for (name, kind, data) in records.iter().take(usize::from(count)) {
        encode(name, &mut answer);
        let number = TYPES.iter().find(|(known, _)| known == kind)?.1;
        answer.extend(number.to_be_bytes());
        answer.extend([0, 1, 0, 0, 1, 44]);
        let data = rdata(kind, data)?;
        answer.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
        answer.extend(data);
    }
    Some(answer)
}

fn encode(name: &str, message: &mut Vec<u8>) {
    for label in name.split('.').filter(|label| !label.is_empty()) {
        message.push(u8::try_from(label.len()).unwrap_or(0));
        message.extend(label.as_bytes());
    }
    message.push(0);
}

fn rdata(kind: &str, data: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    match kind {
        "A" => bytes.extend(data.parse::<std::net::Ipv4Addr>().ok()?.octets()),
        "AAAA" => bytes.extend(data.parse::<std::net::Ipv6Addr>().ok()?.octets()),
        "TXT" => {
            let text = data.trim_matches('"');
            bytes.push(u8::try_from(text.len()).ok()?);
            bytes.extend(text.as_bytes());
        }
        _ => {
            // Numbers before the name: a preference, or priority, weight and port.
            let (numbers, name) = data.rsplit_once(' ').unwrap_or(("", data));
            for number in numbers.split_whitespace() {
                bytes.extend(number.parse::<u16>().ok()?.to_be_bytes());
            }
            encode(name, &mut bytes);
        }
    }
    Some(bytes)
}
