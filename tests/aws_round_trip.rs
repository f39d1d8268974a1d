//! The same answers in every output format that the real aws-cli has: it asks a real `moto_server` on this machine, and what is read of its
//! tables and its text has to be what is read of its JSON. Without the two programs the test says so and is over.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use whypath_analyzers::artifact::Content;
use whypath_analyzers::{Input, analysis};

/// Where an answer that is no member of the API's is kept; see `artifact/aws/answer.rs`.
const REMAINDER: &str = "--query";
/// Where the words of a line of text are kept that cannot be named; see `artifact/aws/text.rs`.
const UNNAMED: &str = "--text";

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program on PATH that runs: a shim of a version manager may be there without it.
fn runs(program: &str, argument: &str) -> bool {
    Command::new(program)
        .arg(argument)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn serve() -> Option<(Server, u16)> {
    let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
    let child = Command::new("moto_server")
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let server = Server(child);
    let started = Instant::now();
    while started.elapsed() < Duration::from_mins(1) {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some((server, port));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    None
}

/// The Python that aws-cli runs with has its modules.
fn python() -> Option<&'static str> {
    ["python3", "python"].into_iter().find(|python| {
        Command::new(python)
            .args(["-c", "import awscli.clidriver, jmespath"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })
}

/// What was answered, an object a command.
fn answers() -> Option<Vec<Value>> {
    let python = python().filter(|_| runs("moto_server", "--help"))?;
    let (_server, port) = serve()?;
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("aws_round_trip");
    let commands = std::fs::read(folder.join("commands.txt")).unwrap();
    let mut child = Command::new(python)
        .arg(folder.join("drive.py"))
        .arg(port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&commands));
    let lines: Vec<Value> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    writer.join().unwrap().unwrap();
    assert!(child.wait().unwrap().success());
    Some(lines)
}

/// The document that is read of an output, its kind, and the problems.
fn read(command: &str, output: &str, text: &str) -> (Value, String, Vec<String>) {
    let input = Input {
        name: "answer".to_owned(),
        bytes: format!("$ aws {command} --output {output}\n{text}").into_bytes(),
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    let problems = analysis
        .problems
        .iter()
        .map(|problem| problem.message.clone())
        .collect();
    let mut documents = analysis
        .artifacts
        .iter()
        .filter_map(|(_, artifact)| match &artifact.content {
            Content::Document(document) => Some((document.value.to_json(), artifact.kinds[0].0.clone())),
            _ => None,
        });
    let (value, kind) = documents.next().unwrap_or_default();
    assert!(documents.next().is_none(), "{command} {output}: several documents");
    (value, kind, problems)
}

/// The scalars of a value with their pointers. Of a list of one object or scalar in a document that aws-cli decoded (a policy), the table
/// does not tell that it is a list: its pointer leaves the number out.
fn leaves(value: &Value, pointer: &str, policy: bool, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let policy = policy || name.ends_with("Document") || name == "policy";
                leaves(member, &format!("{pointer}/{name}"), policy, found);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                let inner = if policy && items.len() == 1 {
                    pointer.to_owned()
                } else {
                    format!("{pointer}/{number}")
                };
                leaves(item, &inner, policy, found);
            }
        }
        scalar => {
            found.insert(pointer.to_owned(), scalar.clone());
        }
    }
}

/// Of a query that makes lists in lists, text and table do not show where the outer ones end: only what is in them can be compared.
fn without_numbers(leaves: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut shortened: Vec<(String, String, Value)> = leaves
        .into_iter()
        .map(|(pointer, value)| {
            let names: Vec<&str> = pointer
                .split('/')
                .filter(|name| name.parse::<usize>().is_err())
                .collect();
            (names.join("/"), value.to_string(), value)
        })
        .collect();
    shortened.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    shortened
        .into_iter()
        .map(|(pointer, _, value)| {
            let count = counts.entry(pointer.clone()).or_default();
            *count += 1;
            (format!("{pointer}#{count}"), value)
        })
        .collect()
}

/// Whether two scalars are the same as printed: of a structure whose shape is not kept the types cannot be told.
fn same(a: Option<&Value>, b: &Value) -> bool {
    let printed = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    a.is_some_and(|a| printed(a) == printed(b))
}

fn is_unnamed(pointer: &str) -> bool {
    pointer
        .split(['/', '#'])
        .any(|name| name == REMAINDER || name == UNNAMED)
}

/// Whether an output shows this value at all: what is empty has no line and no cell.
fn is_shown(value: &Value) -> bool {
    !value.is_null() && value.as_str() != Some("")
}

#[derive(Debug, Default)]
struct Counts {
    outputs: usize,
    equal: usize,
    unnamed: usize,
    missing: usize,
    wrong: usize,
}

#[test]
fn every_output_format_tells_what_the_json_tells() {
    let Some(answers) = answers() else {
        println!("ignored: aws-cli 1 with its Python, or moto_server, is not here; `cargo xtask setup` installs them");
        return;
    };
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for answer in &answers {
        let command = answer["command"].as_str().unwrap();
        for told in ["setup", "error"] {
            assert!(answer[told].is_null(), "{command}: {}", answer[told]);
        }
        let Some(json) = answer["json"].as_str() else { continue };
        asked += 1;
        let (value, kind, _) = read(command, "json", json);
        let mut wanted = BTreeMap::new();
        leaves(&value, "", false, &mut wanted);
        let nested = command.contains("[*].[") || command.contains("Instances[");
        if nested {
            wanted = without_numbers(wanted);
        }
        // moto gives the time at which it is asked.
        wanted.retain(|pointer, _| !pointer.ends_with("SizeInBytes/Timestamp"));
        for output in ["table", "text"] {
            let text = answer[output].as_str().unwrap();
            let (value, own, problems) = read(command, output, text);
            let mut found = BTreeMap::new();
            leaves(&value, "", false, &mut found);
            if nested {
                found = without_numbers(found);
            }
            found.retain(|pointer, _| !pointer.ends_with("SizeInBytes/Timestamp"));
            let count = counts.entry(output).or_default();
            count.outputs += 1;
            let printed = wanted.values().filter(|value| is_shown(value)).count();
            if own != kind && printed > 0 && !text.is_empty() {
                wrong.push(format!("{command} {output}: {own} instead of {kind}"));
            }
            let mut named = 0;
            for (pointer, value) in &found {
                if is_unnamed(pointer) {
                    count.unnamed += 1;
                } else if same(wanted.get(pointer), value) {
                    count.equal += 1;
                    named += usize::from(is_shown(value));
                } else if is_shown(value) {
                    count.wrong += 1;
                    wrong.push(format!(
                        "{command} {output}: {pointer}: {value}, not {:?}",
                        wanted.get(pointer)
                    ));
                }
            }
            count.missing += printed - named;
            if output == "table"
                && printed > named
                && problems.is_empty()
                && !wanted.keys().any(|pointer| is_unnamed(pointer))
            {
                wrong.push(format!(
                    "{command} {output}: {} values are missing; {problems:?}",
                    printed - named
                ));
            }
            println!("{output}: {command}: {named} of {printed}");
        }
    }
    for (output, count) in &counts {
        println!("aws-cli round trip: {output}: {count:?}");
    }
    assert!(asked > 100, "{asked}");
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
}
