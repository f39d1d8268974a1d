//! One table: how long reading takes beside the tool that a person would use for the same text, in the same run. The child processes
//! that this program starts of itself tell the memory. Nothing is decided by these times.
//!
//! A row is an entry of [`ROWS`]; `--size N` is the number of megabytes, and words name the rows that are wanted.

#![allow(clippy::print_stdout, missing_docs, reason = "it prints a table")]

mod inputs;

use std::hint::black_box;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use whypath_analyzers::text::Sources;
use whypath_analyzers::{Input, analysis, segment};

/// A measurement: its name, the text, our work, and what it is compared with.
struct Row {
    name: &'static str,
    make: Make,
    ours: fn(Vec<u8>) -> Duration,
    others: &'static [Other],
}

/// Makes that many bytes.
enum Make {
    Text(fn(usize) -> String),
    Bytes(fn(usize) -> Vec<u8>),
}

impl Make {
    fn bytes(&self, size: usize) -> Vec<u8> {
        match self {
            Self::Text(make) => make(size).into_bytes(),
            Self::Bytes(make) => make(size),
        }
    }
}

/// What somebody would use instead.
enum Other {
    /// A library, in this process.
    Library(&'static str, fn(&[u8]) -> Duration),
    /// A program that reads its standard input; left out where it is not installed.
    Program(&'static str, &'static [&'static str]),
}

const ROWS: &[Row] = &[
    Row {
        name: "json",
        make: Make::Text(inputs::pods_json),
        ours: model,
        others: &[
            Other::Library("serde_json to Value", value),
            Other::Program("jq", &["-c", ".items | length"]),
            Other::Program("python3", &["-m", "json.tool", "--compact"]),
        ],
    },
    Row {
        name: "yaml",
        make: Make::Text(inputs::pods_yaml),
        ours: model,
        others: &[Other::Library("serde_yaml to Value", yaml)],
    },
    Row {
        name: "table",
        make: Make::Text(inputs::pods_table),
        ours: model,
        others: &[Other::Program("awk", &["{n[$4]++} END {for (i in n) print i, n[i]}"])],
    },
    Row {
        name: "tcpdump",
        make: Make::Text(inputs::packets),
        ours: model,
        others: &[Other::Program("grep", &["-c", "NXDomain"])],
    },
    Row {
        name: "pcap",
        make: Make::Bytes(|bytes| inputs::capture::file(bytes / inputs::capture::PACKET)),
        ours: model,
        others: &[
            Other::Program("tshark", &["-n", "-r", "-"]),
            Other::Program("tcpdump", &["-nn", "-tttt", "-r", "-"]),
        ],
    },
    Row {
        name: "log",
        make: Make::Text(inputs::log),
        ours: model,
        others: &[Other::Program("grep", &["-c", "timeout"])],
    },
    Row {
        name: "words",
        make: Make::Text(inputs::words),
        ours: model,
        others: &[],
    },
    Row {
        name: "split json",
        make: Make::Text(inputs::pods_json),
        ours: split,
        others: &[],
    },
    Row {
        name: "split words",
        make: Make::Text(inputs::words),
        ours: split,
        others: &[],
    },
];

/// From bytes to a model.
fn model(bytes: Vec<u8>) -> Duration {
    let begin = Instant::now();
    let input = Input {
        name: "paste 1".to_owned(),
        bytes,
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    let model = analysis.model();
    black_box(model.all("Pod").count());
    begin.elapsed()
}

fn split(bytes: Vec<u8>) -> Duration {
    let mut sources = Sources::default();
    let id = sources.add("paste 1", String::from_utf8(bytes).unwrap_or_default());
    let begin = Instant::now();
    black_box(segment::split(&sources, id).len());
    begin.elapsed()
}

fn value(bytes: &[u8]) -> Duration {
    let begin = Instant::now();
    let value: Result<serde_json::Value, _> = serde_json::from_slice(bytes);
    black_box(&value);
    begin.elapsed()
}

fn yaml(bytes: &[u8]) -> Duration {
    let begin = Instant::now();
    let value: Result<serde_yaml::Value, _> = serde_yaml::from_slice(bytes);
    black_box(&value);
    begin.elapsed()
}

/// A program's whole run, or `None` where it is not there.
fn program(name: &str, arguments: &[&str], text: &[u8]) -> Option<Duration> {
    let begin = Instant::now();
    let mut child = Command::new(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    input.write_all(text).ok()?;
    drop(input);
    child.wait().ok()?.success().then(|| begin.elapsed())
}

/// The most memory that this process had, as Linux tells it (`VmHWM` of proc(5)).
fn high_water() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim()
        .strip_suffix(" kB")?
        .trim()
        .parse::<usize>()
        .ok()
        .map(|kilobytes| kilobytes << 10)
}

/// The memory that a row needs, by a process that does only that.
fn memory(row: &Row, size: usize) -> Option<usize> {
    let program = std::env::current_exe().ok()?;
    let mut child = Command::new(program)
        .args(["--memory", row.name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    input.write_all(&row.make.bytes(size)).ok()?;
    drop(input);
    String::from_utf8(child.wait_with_output().ok()?.stdout)
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// The best of a few runs: the others were disturbed.
fn best(mut run: impl FnMut() -> Duration) -> Duration {
    (0..5).map(|_| run()).min().unwrap_or_default()
}

fn child(name: &str) {
    let Some(row) = ROWS.iter().find(|row| row.name == name) else {
        return;
    };
    let mut bytes = Vec::new();
    let _ = std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes);
    // What a buffer that grows left over is not what reading needs.
    let bytes = bytes.into_boxed_slice().into_vec();
    black_box((row.ours)(bytes));
    println!("{}", high_water().unwrap_or_default());
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1).cloned()
    };
    if let Some(name) = after("--memory") {
        return child(&name);
    }
    let size = after("--size").and_then(|size| size.parse().ok()).unwrap_or(100_usize);
    let wanted = |name: &str| {
        let mut words = arguments
            .iter()
            .filter(|word| ROWS.iter().any(|row| row.name == word.as_str()))
            .peekable();
        words.peek().is_none() || words.any(|word| word == name)
    };
    println!(
        "{:<14}{:>7}{:>10}{:>9}{:>12}{:>11}  beside",
        "what", "MB", "seconds", "MB/s", "k lines/s", "memory"
    );
    for row in ROWS.iter().filter(|row| wanted(row.name)) {
        // YAML takes long, in every library.
        let bytes = if row.name == "yaml" {
            size * 100_000
        } else {
            size * 1_000_000
        };
        let text = row.make.bytes(bytes);
        let ours = best(|| (row.ours)(text.clone())).as_secs_f64();
        #[allow(clippy::cast_precision_loss, reason = "for people")]
        let (megabytes, lines, memory) = (
            text.len() as f64 / 1e6,
            memchr::memchr_iter(b'\n', &text).count() as f64,
            memory(row, bytes).unwrap_or_default() as f64 / text.len() as f64,
        );
        print!(
            "{:<14}{megabytes:>7.1}{ours:>10.3}{:>9.0}{:>12.0}{memory:>9.1} x ",
            row.name,
            megabytes / ours,
            lines / ours / 1e3
        );
        for other in row.others {
            let (name, time) = match other {
                Other::Library(name, run) => (*name, Some(best(|| run(&text)))),
                Other::Program(name, arguments) => (*name, program(name, arguments, &text)),
            };
            match time.map(|time| time.as_secs_f64()) {
                Some(time) => print!(" {name} {time:.3} s (ours {:.2} x);", ours / time),
                None => print!(" {name} is not installed;"),
            }
        }
        println!();
    }
}
