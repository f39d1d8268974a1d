//! What the tools on a node print, against the same tools' own JSON and against each other, of a namespace that the test makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use whypath_tests::printed::{differences, missing, read};
use whypath_tests::suite;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let missing = missing(&[("ip", "-V"), ("bridge", "-V"), ("iptables", "-V"), ("sysctl", "-V")]);
    if let Some(why) = &missing {
        println!("skipped, what asks the kernel: {why}");
    }
    let no_suite = suite("kube-proxy-trace").is_none();
    let mut trials = vec![Trial::test("kube-proxy's dumps", dumps).with_ignored_flag(no_suite)];
    trials.push(Trial::test("the tools of a namespace", tools).with_ignored_flag(missing.is_some()));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Every rule is read, counted by its lines; only the dumps with faults have problems.
fn dumps() -> Result<(), Failed> {
    let folder = suite("kube-proxy-trace").ok_or("no suite")?;
    let mut files = vec![folder.join("dump.iptables")];
    for entry in fs::read_dir(folder.join("dumps"))? {
        files.push(entry?.path());
    }
    let mut faults = Vec::new();
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(file)?;
        let (documents, problems) = read(&text);
        let rules: usize = documents.iter().map(|(_, dump)| members(dump, "rules")).sum();
        let chains: usize = documents.iter().map(|(_, dump)| members(dump, "chains")).sum();
        let starting = |prefix: &str| text.lines().filter(|line| line.trim().starts_with(prefix)).count();
        let wanted = (starting("-A "), starting(":"));
        if (rules, chains) != wanted {
            faults.push(format!("{name}: {rules} rules and {chains} chains of {wanted:?}"));
        }
        let junk = ["junk", "trailing", "comment-styles", "bad-start", "sort-"];
        // Some write `…` for the rest of a rule.
        let may_fail = junk.iter().any(|word| name.contains(word)) || text.contains("\" ...");
        if !may_fail && !problems.is_empty() {
            faults.push(format!("{name}: {problems:?}"));
        }
        if name.contains("parse-trailing-junk") && !problems.iter().any(|problem| problem.starts_with("junk")) {
            faults.push(format!("{name}: its junk is not named: {problems:?}"));
        }
        if name.contains("parse-bad-start-line")
            && !problems.iter().any(|problem| problem.starts_with(":KUBE-SERVICES"))
        {
            faults.push(format!("{name}: the chain without a table is not named: {problems:?}"));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n").into())
    }
}

/// How many there are of a kind in all tables.
fn members(dump: &Value, kind: &str) -> usize {
    dump["tables"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|table| table[kind].as_array().map_or(0, Vec::len))
        .sum()
}

fn tools() -> Result<(), Failed> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernel/node_tools.sh");
    let output = Command::new("bash").arg(script).output()?;
    if !output.status.success() {
        return Err(format!("the script failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let printed = String::from_utf8(output.stdout)?;
    let sections: Vec<(&str, &str)> = printed
        .split("=== ")
        .filter_map(|section| section.split_once('\n'))
        .collect();
    let mut faults = Vec::new();
    let mut compared = 0;
    let mut of_kind: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (i, (name, text)) in sections.iter().enumerate() {
        if name.rsplit_once('.').is_some_and(|(_, ending)| ending == "json") {
            continue;
        }
        let (mut documents, problems) = read(text);
        if !problems.is_empty() || documents.len() != 1 || documents[0].0 != *name {
            faults.push(format!("{name}: {documents:?} {problems:?} of\n{text}"));
            continue;
        }
        let (_, ours) = documents.remove(0);
        if let Some((next, json)) = sections.get(i + 1)
            && *next == format!("{name}.json")
        {
            let mut theirs: Value = serde_json::from_str(json)?;
            let mut ours = ours.clone();
            alike(&mut ours, &mut theirs);
            compared += differences(name, &ours, &theirs, &mut faults);
        }
        of_kind.entry(name).or_default().push(ours);
    }
    filter(&of_kind, &sections, &mut faults);
    println!("{compared} members compared");
    if compared < 200 {
        faults.push(format!("only {compared} members were compared"));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n").into())
    }
}

/// `iptables -S`, `-L` and `iptables-save` of one table have the same rules.
fn filter(of_kind: &BTreeMap<&str, Vec<Value>>, sections: &[(&str, &str)], faults: &mut Vec<String>) {
    let lines = sections
        .iter()
        .find(|(name, _)| *name == "iptables-save")
        .map_or(0, |(_, text)| {
            text.lines().filter(|line| line.starts_with("-A")).count()
        });
    let Some([saved, listed]) = of_kind.get("iptables-save").map(Vec::as_slice) else {
        faults.push("iptables-save and iptables -S were not both read".to_owned());
        return;
    };
    let rules = |dump: &Value| dump["tables"][0]["rules"].clone();
    if lines < 2 || members(saved, "rules") != lines || rules(saved) != rules(listed) {
        faults.push(format!("{lines} rules:\n{}\n{}", rules(saved), rules(listed)));
    }
    let shown: usize = of_kind["iptables-list"][0]["chains"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|chain| chain["rules"].as_array().map_or(0, Vec::len))
        .sum();
    if shown != lines {
        faults.push(format!("iptables -L has {shown} rules of {lines}"));
    }
}

/// Takes out what the text does not show, or what goes on counting between the two calls.
fn alike(ours: &mut Value, theirs: &mut Value) {
    // `ethtool -k` is of one device; whether another state was asked for is in JSON only.
    if ours.is_object()
        && let Some(device) = theirs.as_array_mut().and_then(Vec::pop)
    {
        *theirs = device;
        for feature in theirs
            .as_object_mut()
            .into_iter()
            .flat_map(|features| features.values_mut())
        {
            if let Some(feature) = feature.as_object_mut() {
                feature.remove("requested");
                // A group of features has no own state.
                if feature.get("fixed") == Some(&Value::Null) {
                    feature.insert("fixed".to_owned(), Value::Bool(false));
                }
            }
        }
    }
    for list in [ours, theirs] {
        for device in list.as_array_mut().into_iter().flatten() {
            let Some(members) = device.as_object_mut() else {
                continue;
            };
            members.remove("stats64");
            // `df unset` is printed in JSON only.
            if let Some(data) = members
                .get_mut("linkinfo")
                .and_then(|info| info.get_mut("info_data"))
                .and_then(Value::as_object_mut)
            {
                data.remove("df");
                // As `learning` is.
                if data.get("learning") == Some(&Value::Bool(true)) {
                    data.remove("learning");
                }
                // Text has them with two digits behind the point, as a text.
                data.retain(|name, _| !name.ends_with("_timer"));
            }
        }
    }
}
