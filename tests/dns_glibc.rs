//! The names that this machine's own glibc asks for, against the names that `flow::dns::resolver` says it asks for.
//!
//! `getent ahosts` runs in a mount and network namespace of its own, with a `resolv.conf` of its own, against a DNS server on
//! the namespace's loopback address that writes down what it was asked. Where namespaces are not allowed, or the machine has no
//! glibc, the test says that it was skipped.

use std::collections::BTreeSet;
use std::net::UdpSocket;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use whypath_analyzers::flow::dns::resolver::{Outcome, Resolver, asked, candidates};

/// Tells the test inside the namespace that it is there.
const INSIDE: &str = "WHYPATH_DNS_NAMESPACE";

const SEARCH: &str = "shop.svc.cluster.local svc.cluster.local cluster.local eu-west-1.compute.internal";

/// What the server answers: `None` for nothing at all.
fn outcome(name: &str) -> Outcome {
    match name {
        "api.example.com" | "cart.web.svc.cluster.local" | "cart" | "deep.a.b.c.d.e" => Outcome::Answer,
        "nodata.example.com.svc.cluster.local" => Outcome::NoData,
        "broken.example.com.svc.cluster.local" | "down.example.com" => Outcome::ServFail,
        "refused.example.com.shop.svc.cluster.local" => Outcome::Failed,
        _ => Outcome::NxDomain,
    }
}

/// Search list, ndots, name.
const CASES: &[(&str, u32, &str)] = &[
    (SEARCH, 5, "api.example.com"),
    (SEARCH, 5, "api.example.com."),
    (SEARCH, 2, "api.example.com"),
    (SEARCH, 3, "api.example.com"),
    (SEARCH, 5, "cart.web"),
    (SEARCH, 2, "cart.web.svc"),
    (SEARCH, 5, "cart"),
    (SEARCH, 0, "cart"),
    (SEARCH, 5, "missing.example.com"),
    (SEARCH, 1, "missing.example.com"),
    (SEARCH, 5, "nodata.example.com"),
    (SEARCH, 5, "broken.example.com"),
    (SEARCH, 1, "down.example.com"),
    (SEARCH, 5, "refused.example.com"),
    (SEARCH, 5, "deep.a.b.c.d.e"),
    ("a.test . b.test", 5, "missing.example.com"),
    ("a.test. .b.test", 5, "missing.example.com"),
    ("", 5, "api.example.com"),
    (SEARCH, 99, "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p"),
    (SEARCH, 99, "b.c.d.e.f.g.h.i.j.k.l.m.n.o.p"),
];

#[test]
fn glibc_asks_for_the_names_that_the_resolver_says() {
    let me = std::env::current_exe().expect("the test's own path");
    let probe = Command::new("unshare").args(["-rmn", "true"]).output();
    if !probe.is_ok_and(|output| output.status.success()) || !is_glibc() {
        eprintln!("SKIPPED: this machine allows no `unshare -rmn`, or `getent` is not glibc's");
        return;
    }
    let output = Command::new("unshare")
        .arg("-rmn")
        .arg(me)
        .args(["--exact", "inside_the_namespace", "--ignored", "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("unshare starts");
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    assert!(
        output.status.success(),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
#[ignore = "runs inside the namespace that the other test makes"]
fn inside_the_namespace() {
    if std::env::var_os(INSIDE).is_none() {
        eprintln!("SKIPPED: not inside the namespace");
        return;
    }
    run("ip", &["link", "set", "lo", "up"]);
    let conf = std::env::temp_dir().join(format!("whypath-resolv-{}.conf", std::process::id()));
    std::fs::write(&conf, "").expect("a temporary file");
    run("mount", &["--bind", &conf.display().to_string(), "/etc/resolv.conf"]);
    let server = Server::start();
    let mut ran = 0;
    for &(search, ndots, name) in CASES {
        let search_line = if search.is_empty() {
            String::new()
        } else {
            format!("search {search}\n")
        };
        // One attempt, one second: what is refused is asked again otherwise, which says nothing of the order.
        let text = format!("nameserver 127.0.0.1\n{search_line}options ndots:{ndots} attempts:1 timeout:1\n");
        std::fs::write(&conf, text).expect("the same temporary file");
        server.seen.lock().expect("not poisoned").clear();
        let _ = Command::new("getent")
            .args(["-s", "dns", "--no-addrconfig", "ahosts", name])
            .output();
        let seen = server.seen.lock().expect("not poisoned").clone();

        let list: Vec<String> = search.split_whitespace().map(str::to_owned).collect();
        let all = candidates(name, &list, ndots, Resolver::Glibc);
        let expected: Vec<String> = asked(&all, Resolver::Glibc, outcome)
            .into_iter()
            .map(|candidate| candidate.name)
            .collect();
        let mut order: Vec<String> = Vec::new();
        for (name, _) in &seen {
            if order.last() != Some(name) {
                order.push(name.clone());
            }
        }
        assert_eq!(order, expected, "search {search:?}, ndots:{ndots}, {name}");
        // 1 is A, 28 is AAAA (RFC 1035, RFC 3596).
        for name in &expected {
            let types: BTreeSet<u16> = seen
                .iter()
                .filter(|(known, _)| known == name)
                .map(|(_, qtype)| *qtype)
                .collect();
            assert_eq!(types, BTreeSet::from([1, 28]), "{name}");
        }
        ran += 1;
    }
    server.stop();
    let _ = std::fs::remove_file(&conf);
    println!("{ran} lookups of glibc agree");
}

fn is_glibc() -> bool {
    Command::new("getent")
        .arg("--version")
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("Free Software Foundation"))
}

fn run(program: &str, args: &[&str]) {
    let status = Command::new(program).args(args).status();
    assert!(status.is_ok_and(|status| status.success()), "{program} {args:?}");
}

/// A DNS server that knows only [`outcome`].
struct Server {
    seen: Arc<Mutex<Vec<(String, u16)>>>,
    over: Arc<AtomicBool>,
    thread: thread::JoinHandle<()>,
}

impl Server {
    fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:53").expect("root of the namespace may bind port 53");
        socket
            .set_read_timeout(Some(Duration::from_millis(100)))
            .expect("a timeout that is not zero");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let over = Arc::new(AtomicBool::new(false));
        let (log, end) = (Arc::clone(&seen), Arc::clone(&over));
        let thread = thread::spawn(move || {
            let mut buffer = [0; 1500];
            while !end.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut buffer) else {
                    continue;
                };
                let question = &buffer[..length];
                if let Some((name, qtype, end)) = read(question) {
                    log.lock().expect("not poisoned").push((name.clone(), qtype));
                    let _ = socket.send_to(&reply(&question[..end], qtype, outcome(&name)), from);
                }
            }
        });
        Self { seen, over, thread }
    }

    fn stop(self) {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().expect("the server does not panic");
    }
}

/// The name, the type, and where the question section ends (RFC 1035, section 4.1).
fn read(message: &[u8]) -> Option<(String, u16, usize)> {
    let mut at = 12;
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*message.get(at)?);
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(message.get(at + 1..at + 1 + length)?).to_ascii_lowercase());
        at += 1 + length;
    }
    let qtype = u16::from_be_bytes([*message.get(at + 1)?, *message.get(at + 2)?]);
    Some((labels.join("."), qtype, at + 5))
}

fn reply(question: &[u8], qtype: u16, outcome: Outcome) -> Vec<u8> {
    let rcode = match outcome {
        Outcome::Answer | Outcome::NoData => 0,
        Outcome::ServFail => 2,
        Outcome::NxDomain => 3,
        Outcome::Failed => 5,
    };
    let has_record = outcome == Outcome::Answer && qtype == 1;
    let mut message = question.to_vec();
    message[2] = 0x81;
    message[3] = 0x80 | rcode;
    // One question, an answer or none, nothing else.
    message[4..12].copy_from_slice(&[0, 1, 0, u8::from(has_record), 0, 0, 0, 0]);
    if has_record {
        // A pointer to the question's name, A, IN, 30 seconds, 192.0.2.1.
        message.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 0, 2, 1]);
    }
    message
}
