//! Outputs of aws-cli as its own documentation prints them: each has to be recognised as the answer of its operation, with the command
//! above it and without.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use whypath_analyzers::analysis;
use whypath_analyzers::artifact::Content;
use whypath_analyzers::{Analysis, Input};

fn read(text: &str) -> Analysis {
    let input = Input {
        name: "case".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    analysis::read(vec![input], &mut |_| {})
}

/// The command and `aws/ec2/describe-vpcs`, by its words alone. The suite has only the first line of a command of several.
fn asked(case: &Value) -> Option<(&str, String)> {
    let command = case["command"].as_str()?.trim().trim_end_matches('\\').trim();
    let mut words = command.split_whitespace().skip(1);
    Some((command, format!("aws/{}/{}", words.next()?, words.next()?)))
}

fn kinds(analysis: &Analysis) -> Vec<String> {
    let artifacts = analysis.artifacts.iter();
    artifacts
        .filter(|(_, artifact)| matches!(artifact.content, Content::Document(_)))
        .flat_map(|(_, artifact)| artifact.kinds.iter().map(|(kind, _)| kind.clone()))
        .collect()
}

/// Outputs that stand in the documentation of another operation than the one that answers so, by the members in the API references
/// (`TransitGatewayPolicyTables` is a list; `VolumeModification` is one).
const MISPLACED: [(&str, &str); 2] = [
    (
        "aws/ec2/delete-transit-gateway-policy-table",
        "aws/ec2/describe-transit-gateway-policy-tables",
    ),
    ("aws/ec2/describe-volumes-modifications", "aws/ec2/modify-volume"),
];

fn cases() -> Option<Vec<Value>> {
    let suite = whypath_tests::suite("awscli")?;
    let text = std::fs::read_to_string(suite.join("cases.json")).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn published_outputs_are_recognised_as_their_operations_answers() {
    let Some(cases) = cases() else { return };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut with_command, mut objects) = (0, 0);
    let mut wrong = Vec::new();
    for case in cases.iter().filter(|case| case["kind"] == "json") {
        let (Some((command, wanted)), Some(output)) = (asked(case), case["output"].as_str()) else {
            continue;
        };
        // `aws eks get-token` prints a Kubernetes object, which is read as one.
        if output.contains("client.authentication.k8s.io") {
            continue;
        }
        objects += 1;
        let found = kinds(&read(&format!("$ {command}\n{output}\n")));
        if found == [wanted.clone()] {
            with_command += 1;
        } else {
            println!("with the command: {wanted}: {found:?}");
        }
        let alone = kinds(&read(output));
        let outcome = match alone.as_slice() {
            [kind] if *kind == wanted || MISPLACED.contains(&(wanted.as_str(), kind.as_str())) => "named",
            // The services are told, the operation is not.
            [kind] if kind.starts_with("aws/") && kind.matches('/').count() == 1 => {
                let service = wanted.split('/').nth(1).unwrap();
                if kind.split(['/', '|']).any(|told| told == service) {
                    "ambiguous"
                } else {
                    "wrong"
                }
            }
            [kind] if kind.starts_with("aws/") => "wrong",
            _ => "not told",
        };
        *counts.entry(outcome).or_default() += 1;
        if outcome == "wrong" {
            wrong.push(format!("{wanted}: {alone:?}"));
        } else if outcome == "not told" {
            println!("not told without the command: {wanted}: {alone:?}");
        }
    }
    println!("aws-cli suite: {objects} JSON outputs; with the command {with_command}; without {counts:?}");
    assert!(objects > 400, "the suite has become something else: {objects}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(with_command, objects);
    assert!(counts["named"] >= 200, "{counts:?}");
}

/// How many scalars a value holds.
fn leaves(value: &whypath_analyzers::artifact::Value) -> usize {
    use whypath_analyzers::artifact::Value;
    match value {
        Value::Array(items) => items.iter().map(leaves).sum(),
        Value::Object(members) => members.iter().map(|(_, member)| leaves(member)).sum(),
        _ => 1,
    }
}

#[test]
fn outputs_that_were_published_damaged_yield_what_they_can_and_the_line_of_the_fault() {
    let Some(cases) = cases() else { return };
    let (mut damaged, mut told, mut whole) = (0, 0, 0);
    for case in cases.iter().filter(|case| case["kind"] == "json-invalid") {
        let (Some((command, wanted)), Some(output)) = (asked(case), case["output"].as_str()) else {
            continue;
        };
        damaged += 1;
        let analysis = read(&format!("$ {command}\n{output}\n"));
        let found: usize = analysis
            .artifacts
            .iter()
            .filter_map(|(_, artifact)| match &artifact.content {
                Content::Document(document) if artifact.kinds[0].0 == wanted => Some(leaves(&document.value)),
                _ => None,
            })
            .sum();
        // Lines that name a value, by a plain look.
        let printed = output
            .lines()
            .filter(|line| line.contains("\": ") && !line.trim_end().ends_with(['{', '[']))
            .count();
        if analysis.problems.is_empty() || found == 0 {
            println!("short: {wanted}: {found} of {printed} values, {:?}", analysis.problems);
        } else {
            told += 1;
        }
        whole += usize::from(found >= printed);
        if found < printed {
            println!(
                "partly: {wanted}: {found} of {printed} values, {:?}",
                analysis.problems.first().map(|p| &p.message)
            );
        }
    }
    println!("aws-cli suite: {damaged} damaged outputs; {told} read with the fault's line, {whole} of them wholly");
    assert!(damaged > 20, "the suite has become something else: {damaged}");
    assert!(told * 100 >= damaged * 85, "{told} of {damaged}");
}

/// The scalars of a value as they are printed in text and tables, and the names of its members.
fn printed(value: &Value, scalars: &mut BTreeSet<String>, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| printed(item, scalars, names)),
        Value::Object(members) => {
            for (name, member) in members {
                names.insert(name.clone());
                printed(member, scalars, names);
            }
        }
        // Python's words for them.
        Value::Bool(true) => drop(scalars.insert("True".to_owned())),
        Value::Bool(false) => drop(scalars.insert("False".to_owned())),
        Value::Null => {}
        Value::String(text) => drop(scalars.insert(text.clone())),
        Value::Number(number) => drop(scalars.insert(number.to_string())),
    }
}

/// What stands in an output, by a plain look: between the bars of a table, between the tabs of a text; of lines in words the lines.
fn fields(kind: &str, output: &str) -> Vec<String> {
    let lines = output.lines().filter(|line| !line.trim().is_empty());
    let cells: Vec<String> = if kind == "table" {
        let rows = lines.filter(|line| line.starts_with('|'));
        rows.flat_map(|line| line.split('|')).map(str::to_owned).collect()
    } else {
        lines.flat_map(|line| line.split('\t')).map(str::to_owned).collect()
    };
    let cells = cells.into_iter().map(|cell| cell.trim().to_owned());
    cells.filter(|cell| !cell.is_empty()).collect()
}

#[test]
fn every_value_of_the_published_texts_and_tables_is_read() {
    let Some(cases) = cases() else { return };
    let (mut asked_for, mut values, mut unnamed, mut headings) = (0, 0, 0, 0);
    for case in cases
        .iter()
        .filter(|case| case["kind"] == "text" || case["kind"] == "table")
    {
        let (Some((command, wanted)), Some(output), Some(kind)) =
            (asked(case), case["output"].as_str(), case["kind"].as_str())
        else {
            continue;
        };
        let analysis = read(&format!("$ {command}\n{output}\n"));
        // What Windows' certutil printed when it made the operation's input.
        if output.contains("CertUtil: ") {
            assert_eq!(kinds(&analysis), Vec::<String>::new());
            assert!(!analysis.problems.is_empty());
            continue;
        }
        asked_for += 1;
        assert_eq!(kinds(&analysis), std::slice::from_ref(&wanted), "{output}");
        if kind == "table" {
            // A table has its operation's name above it.
            assert_eq!(
                kinds(&read(output)),
                std::slice::from_ref(&wanted),
                "without the command"
            );
        }
        let (mut scalars, mut names) = (BTreeSet::new(), BTreeSet::new());
        let mut nameless = BTreeSet::new();
        for (_, artifact) in analysis.artifacts.iter() {
            if let Content::Document(document) = &artifact.content {
                let value = document.value.to_json();
                printed(&value, &mut scalars, &mut names);
                let words = value.get("--text").into_iter();
                words.for_each(|words| printed(words, &mut nameless, &mut BTreeSet::new()));
            }
        }
        // `DescribeAddonVersions` of `describe-addon-versions`.
        let title = wanted.rsplit('/').next().unwrap().replace('-', "");
        for field in fields(kind, output) {
            if scalars.contains(&field) {
                values += 1;
                unnamed += usize::from(nameless.contains(&field));
            } else {
                assert!(
                    kind == "table" && (names.contains(&field) || field.to_lowercase() == title),
                    "{wanted}: `{field}` is lost"
                );
                headings += 1;
            }
        }
    }
    println!(
        "aws-cli suite: {asked_for} texts and tables; {values} values, {unnamed} of them without a name; {headings} headings"
    );
    assert!(asked_for >= 6, "the suite has become something else: {asked_for}");
    assert!(values > 250 && headings > 8, "{values} {headings}");
    assert!(unnamed < 20, "{unnamed}");
}

/// What aws-cli makes of an answer with `--output text` (its `text.py`): the scalars of a structure on a line in the order of their names,
/// then what is in it; the elements of a list have the same columns.
fn as_text(value: &Value, name: Option<&str>, columns: Option<&[String]>, text: &mut String) {
    let word = |value: &Value| match value {
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Null => "None".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let scalar = |value: &Value| !value.is_object() && !value.is_array();
    match value {
        Value::Object(members) => {
            let own: Vec<String> = columns.map_or_else(
                || {
                    members
                        .iter()
                        .filter(|(_, member)| scalar(member))
                        .map(|(name, _)| name.clone())
                        .collect()
                },
                <[String]>::to_vec,
            );
            if !own.is_empty() {
                let values = own.iter().map(|name| members.get(name).map_or_else(String::new, word));
                let words: Vec<String> = name.map(str::to_uppercase).into_iter().chain(values).collect();
                text.push_str(&words.join("\t"));
                text.push('\n');
            }
            for (name, member) in members.iter().filter(|(name, _)| !own.contains(name)) {
                as_text(member, Some(name), None, text);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let all: BTreeSet<String> = items
                .iter()
                .filter_map(Value::as_object)
                .flatten()
                .filter(|(_, member)| scalar(member))
                .map(|(name, _)| name.clone())
                .collect();
            let all: Vec<String> = all.into_iter().collect();
            for item in items {
                as_text(item, name, Some(&all), text);
            }
        }
        Value::Array(items) => {
            for item in items {
                let name = name.unwrap_or_default().to_uppercase();
                text.push_str(&[name.as_str(), "\t", &word(item), "\n"].concat());
            }
        }
        scalar => text.push_str(&(word(scalar) + "\n")),
    }
}

/// The scalars of a value with their pointers. A document that aws-cli decoded may be read as text.
fn leaves_of(value: &Value, pointer: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, member)| leaves_of(member, &format!("{pointer}/{name}"), found)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(number, item)| leaves_of(item, &format!("{pointer}/{number}"), found)),
        Value::Null => {}
        Value::String(text) => drop(found.insert(pointer.to_owned(), text.trim_end().to_owned())),
        other => drop(found.insert(pointer.to_owned(), other.to_string())),
    }
}

#[test]
fn published_answers_printed_as_text_have_no_wrong_value() {
    let Some(cases) = cases() else { return };
    let (mut answers, mut equal, mut unnamed) = (0, 0, 0);
    let mut wrong = Vec::new();
    for case in cases.iter().filter(|case| case["kind"] == "json") {
        let (Some((command, _)), Some(output)) = (asked(case), case["output"].as_str()) else {
            continue;
        };
        // What a query made is not what the operation answers.
        let called: Vec<&str> = command.split_whitespace().take(3).collect();
        let (true, Ok(answer)) = (!command.contains("--query"), serde_json::from_str::<Value>(output)) else {
            continue;
        };
        // botocore's parsers leave out what is null, and a Kubernetes object is printed as it is.
        if !answer.is_object() || output.contains(": null") || output.contains("client.authentication.k8s.io") {
            continue;
        }
        answers += 1;
        let called = called.join(" ");
        let mut text = String::new();
        as_text(&answer, None, None, &mut text);
        let of = |text: &str| {
            let mut found = BTreeMap::new();
            for (_, artifact) in read(text).artifacts.iter() {
                if let Content::Document(document) = &artifact.content {
                    leaves_of(&document.value.to_json(), "", &mut found);
                }
            }
            found
        };
        let wanted = of(&format!("$ {called} --output json\n{output}\n"));
        for (pointer, value) in of(&format!("$ {called} --output text\n{text}")) {
            if pointer.split('/').any(|name| name == "--text") {
                unnamed += 1;
            } else if wanted.get(&pointer) == Some(&value) {
                equal += 1;
            } else {
                wrong.push(format!("{called}: {pointer}: {value}, not {:?}", wanted.get(&pointer)));
            }
        }
    }
    println!(
        "aws-cli suite: {answers} answers printed as text: {equal} values named, {unnamed} not, {} wrong",
        wrong.len()
    );
    assert!(answers > 450, "the suite has become something else: {answers}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(equal > 1000, "{equal}");
}
