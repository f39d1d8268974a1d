//! What is read, compared with the objects.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::Failed;
use serde_json::{Value, json};
use whypath_analyzers::analysis::{Input, read};

/// What the analyzers read; what they could not read is a failure here.
pub fn documents(paste: &str) -> Result<Vec<(String, Value)>, Failed> {
    let input = Input {
        name: "paste 1".to_owned(),
        bytes: paste.as_bytes().to_vec(),
    };
    let analysis = read(vec![input], &mut |_| {});
    if let Some(problem) = analysis.problems.first() {
        return Err(format!("{}: {}\n{paste}", problem.message, analysis.sources.text(problem.span)).into());
    }
    Ok(analysis
        .artifacts
        .roots()
        .map(|(artifact, node)| {
            let kind = artifact.kinds.first().map(|(kind, _)| kind.clone()).unwrap_or_default();
            (kind, node.value().to_json())
        })
        .collect())
}

/// Every leaf of `partial` that is not kubectl's own is the leaf of `full` at the same place. The API leaves `false`, `0` and empty texts out
/// (`omitempty`), describe prints them.
pub fn compare(partial: &Value, full: &Value) -> Result<(), String> {
    let mut leaves = BTreeMap::new();
    flatten(String::new(), partial, &mut leaves);
    for (pointer, value) in leaves {
        let there = full.pointer(&pointer).filter(|there| !there.is_null());
        let same = match there {
            Some(there) => there == value,
            None => *value == json!(false) || *value == json!(0) || *value == json!(""),
        };
        if !same {
            return Err(format!("{pointer} was read as {value}; the object has {there:?}"));
        }
    }
    Ok(())
}

/// What a role's rules grant, rule by rule: kubectl takes them apart, so only these can be compared.
pub fn grants(role: &Value) -> BTreeSet<String> {
    let words = |rule: &Value, name: &str| -> Vec<String> {
        let list = rule[name].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut found = BTreeSet::new();
    for rule in role["rules"].as_array().into_iter().flatten() {
        let names = words(rule, "resourceNames").join(",");
        for verb in words(rule, "verbs") {
            for url in words(rule, "nonResourceURLs") {
                found.insert(format!("{verb} {url}"));
            }
            for group in words(rule, "apiGroups") {
                for resource in words(rule, "resources") {
                    found.insert(format!("{verb} {group}/{resource} {names}"));
                }
            }
        }
    }
    found
}

pub fn rules(partial: &Value, full: &Value) -> Result<(), String> {
    let (read, there) = (grants(partial), grants(full));
    if read == there {
        Ok(())
    } else {
        Err(format!("the rules grant {read:?}, not {there:?}"))
    }
}

pub fn flatten<'a>(at: String, value: &'a Value, leaves: &mut BTreeMap<String, &'a Value>) {
    match value {
        Value::Object(members) => {
            let own = |name: &str| name.starts_with("x-") || (at.is_empty() && name == "rules");
            for (name, member) in members.iter().filter(|(name, _)| !own(name)) {
                flatten(
                    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")),
                    member,
                    leaves,
                );
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                flatten(format!("{at}/{i}"), item, leaves);
            }
        }
        leaf => {
            leaves.insert(at, leaf);
        }
    }
}
