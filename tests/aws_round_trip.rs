//! The same answers in every output format that the real aws-cli has: it asks a real `moto_server` on this machine, and what is read of its
//! tables, its text and (aws-cli 2) its YAML has to be what is read of its JSON. Without the programs the test says so and is over.

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

/// The Pythons that have an aws-cli, by its major version: 1 comes from PyPI, 2 from the system's packages.
fn clients() -> BTreeMap<String, &'static str> {
    const ASK: &str = "import awscli.clidriver, jmespath; print(awscli.__version__.split('.')[0])";
    let mut found = BTreeMap::new();
    for python in ["python3", "python", "/usr/bin/python3"] {
        let answer = Command::new(python)
            .args(["-c", ASK])
            .stderr(Stdio::null())
            .output()
            .ok()
            .filter(|output| output.status.success());
        if let Some(version) = answer.and_then(|output| String::from_utf8(output.stdout).ok()) {
            found.entry(version.trim().to_owned()).or_insert(python);
        }
    }
    found
}

/// What was answered, an object a command.
fn answers(python: &str) -> Option<Vec<Value>> {
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

/// Whether two scalars are the same as printed: of a structure whose shape is not kept the types cannot be told, nor which blanks a text
/// ends with.
fn same(a: Option<&Value>, b: &Value) -> bool {
    let printed = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), |text| text.trim_end().to_owned())
    };
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

/// What a value is compared by: its scalars, each by where it stands.
fn compared(value: &Value, nested: bool) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    leaves(value, "", false, &mut found);
    if nested {
        found = without_numbers(found);
    }
    // moto gives the time at which it is asked.
    found.retain(|pointer, _| pointer != "/Timestamp" && !pointer.ends_with("SizeInBytes/Timestamp"));
    found
}

#[derive(Debug, Default)]
struct Counts {
    outputs: usize,
    equal: usize,
    unnamed: usize,
    missing: usize,
    wrong: usize,
}

/// What the outputs of one client came to.
#[derive(Default)]
struct Tally {
    counts: BTreeMap<&'static str, Counts>,
    wrong: Vec<String>,
}

impl Tally {
    /// Compares a table or a text, which do not show all that the JSON shows.
    fn shown(&mut self, command: &str, output: &'static str, text: &str, json: &str) {
        // Of an empty list nothing is printed.
        if text.is_empty() {
            return;
        }
        let (value, kind, _) = read(command, "json", json);
        let nested = command.contains("[*].[") || command.contains("Instances[") || command.matches("[*]").count() > 1;
        let wanted = compared(&value, nested);
        let (value, own, problems) = read(command, output, text);
        let found = compared(&value, nested);
        let count = self.counts.entry(output).or_default();
        count.outputs += 1;
        let printed = wanted.values().filter(|value| is_shown(value)).count();
        if own != kind && printed > 0 {
            self.wrong.push(format!("{command} {output}: {own} instead of {kind}"));
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
                self.wrong.push(format!(
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
            self.wrong.push(format!(
                "{command} {output}: {} values are missing; {problems:?}",
                printed - named
            ));
        }
        println!("{output}: {command}: {named} of {printed}");
    }

    /// Compares YAML, which shows everything, with its types. Of a stream the members that tell whether there is more are not in the JSON.
    fn whole(&mut self, command: &str, output: &'static str, text: &str, json: &str) {
        let (value, kind, _) = read(command, "json", json);
        let (own, own_kind, problems) = read(command, output, text);
        let (wanted, mut found) = (compared(&value, false), compared(&own, false));
        if output == "yaml-stream" {
            found.retain(|pointer, _| {
                let told = ["/IsTruncated", "/Truncated", "/MaxItems", "/MaxRecords"].contains(&pointer.as_str());
                !told || wanted.contains_key(pointer)
            });
        }
        let count = self.counts.entry(output).or_default();
        count.outputs += 1;
        if kind != own_kind && !text.is_empty() {
            self.wrong
                .push(format!("{command} {output}: {own_kind} instead of {kind}"));
        }
        for (pointer, value) in &wanted {
            if found.remove(pointer).as_ref() == Some(value) {
                count.equal += 1;
            } else {
                count.missing += 1;
                self.wrong
                    .push(format!("{command} {output}: {pointer} is not {value}; {problems:?}"));
            }
        }
        count.wrong += found.len();
        self.wrong.extend(
            found
                .iter()
                .map(|(pointer, value)| format!("{command} {output}: {pointer}: {value}")),
        );
    }
}

fn compare(version: &str, answers: &[Value]) -> Vec<String> {
    let mut tally = Tally::default();
    let mut asked = 0;
    for answer in answers {
        let command = answer["command"].as_str().unwrap();
        for told in ["setup", "error"] {
            assert!(answer[told].is_null(), "{command}: {}", answer[told]);
        }
        let Some(json) = answer["json"].as_str() else { continue };
        asked += 1;
        for output in ["table", "text"] {
            match answer[output].as_str() {
                Some(text) => tally.shown(command, output, text, json),
                None => assert_eq!(output, "table", "{command}"),
            }
        }
        for output in ["yaml", "yaml-stream"] {
            if let Some(text) = answer[output].as_str() {
                tally.whole(command, output, text, json);
            }
        }
    }
    for (output, count) in &tally.counts {
        println!("aws-cli {version} round trip: {output}: {count:?}");
    }
    assert!(asked > 100, "{asked}");
    tally.wrong
}

#[test]
fn every_output_format_tells_what_the_json_tells() {
    let clients = clients();
    if clients.is_empty() || !runs("moto_server", "--help") {
        println!("ignored: no aws-cli with its Python, or no moto_server, is here; `cargo xtask setup` installs them");
        return;
    }
    let asked: Vec<_> = clients
        .into_iter()
        .map(|(version, python)| (version, std::thread::spawn(move || answers(python))))
        .collect();
    let mut wrong = Vec::new();
    for (version, answers) in asked {
        let Some(answers) = answers.join().unwrap() else {
            continue;
        };
        wrong.extend(compare(&version, &answers));
    }
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
}
