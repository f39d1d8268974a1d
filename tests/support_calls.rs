//! The support-call cases beside the checkout: what was pasted in a call, and the diagnosis that it must get.
//!
//! No case may be over-claimed, whatever rules there are. A diagnosis is asked for only where the rule that gives it is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use whypath_analyzers::Analysis;
use whypath_analyzers::finding::{Class, registry};
use whypath_tests::{analyze_texts, shared};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let Some(folder) = shared("cases") else {
        println!("skipped: there are no support-call cases beside this checkout");
        let trial = Trial::test("support-call cases", || Ok(())).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![trial]).exit_code();
    };
    let mut trials = Vec::new();
    let (mut asked, mut waiting) = (0, 0);
    for case in cases(&folder) {
        let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Ok(expected) = expectation(&case) else {
            trials.push(Trial::test(format!("{name} is readable"), || {
                Err("case.json is not".into())
            }));
            continue;
        };
        let codes = strings(&expected, "any_of");
        let decidable = !codes.is_empty() && expected.get("decidable").and_then(Value::as_str) == Some("yes");
        let (here, there) = (case.clone(), expected.clone());
        trials.push(Trial::test(format!("{name} is not over-claimed"), move || {
            not_over_claimed(&here, &there)
        }));
        if decidable {
            let known = codes
                .iter()
                .any(|code| registry::RULES.iter().any(|rule| rule.code == code));
            if known {
                asked += 1;
            } else {
                waiting += 1;
            }
            trials.push(
                Trial::test(format!("{name} is {}", codes.join(" or ")), move || {
                    diagnosed(&case, &codes)
                })
                .with_ignored_flag(!known),
            );
        }
    }
    println!("{asked} cases have a rule that decides them; {waiting} wait for one and are ignored");
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("case.json").is_file())
        .collect();
    cases.sort();
    cases
}

/// `expect` of `case.json`, with `decidable` beside it.
fn expectation(case: &Path) -> Result<Value, Failed> {
    let text = fs::read_to_string(case.join("case.json"))?;
    let all: Value = serde_json::from_str(&text)?;
    let mut expected = all.get("expect").cloned().unwrap_or_default();
    if let (Some(object), Some(decidable)) = (expected.as_object_mut(), all.get("decidable")) {
        object.insert("decidable".to_owned(), decidable.clone());
    }
    Ok(expected)
}

fn strings(value: &Value, key: &str) -> Vec<String> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

fn run(case: &Path) -> Result<Analysis, Failed> {
    let paste = fs::read_to_string(case.join("paste.txt"))?;
    Ok(analyze_texts(&[("paste.txt", &paste)]))
}

fn not_over_claimed(case: &Path, expected: &Value) -> Result<(), Failed> {
    let forbidden = strings(expected, "must_not");
    let loud: Vec<&str> = run(case)?
        .findings
        .iter()
        .filter(|finding| finding.class == Class::Fault)
        .map(|finding| finding.code)
        .filter(|code| forbidden.iter().any(|no| no == code || no == "*"))
        .collect();
    if loud.is_empty() {
        Ok(())
    } else {
        Err(format!("claims {loud:?}").into())
    }
}

fn diagnosed(case: &Path, codes: &[String]) -> Result<(), Failed> {
    let analysis = run(case)?;
    let first = analysis
        .findings
        .iter()
        .find(|finding| matches!(finding.class, Class::Fault | Class::Risk))
        .map(|finding| finding.code);
    if first.is_some_and(|first| codes.iter().any(|code| code == first)) {
        Ok(())
    } else {
        Err(format!("the first claim is {first:?}").into())
    }
}
