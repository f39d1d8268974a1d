//! What is read of `nft list ruleset`, against `nft -j list ruleset` of the same rules in a kernel.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use whypath_tests::printed::{differences, missing, read};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let missing = missing(&[("ip", "-V"), ("nft", "-v")]);
    if let Some(why) = &missing {
        println!("skipped: {why}");
    }
    let trial = Trial::test("nft's text says what its JSON says", rulesets).with_ignored_flag(missing.is_some());
    libtest_mimic::run(&arguments, vec![trial]).exit_code()
}

fn rulesets() -> Result<(), Failed> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernel/nft_ruleset.sh");
    let output = Command::new("bash").arg(script).output()?;
    if !output.status.success() {
        return Err(format!("the script failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    print!("{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout)?;
    let sections: BTreeMap<&str, &str> = printed
        .split("=== ")
        .filter_map(|section| section.split_once('\n'))
        .collect();
    let mut faults = Vec::new();
    let (mut rules, mut compared) = (0, 0);
    for (name, text) in sections.iter().filter(|(name, _)| name.strip_suffix(".json").is_none()) {
        let (documents, problems) = read(text);
        let [(kind, ours)] = documents.as_slice() else {
            return Err(format!("{name}: {} documents: {problems:?}", documents.len()).into());
        };
        if kind != "nft-ruleset" || !problems.is_empty() {
            faults.push(format!("{name}: {kind}: {problems:?}"));
        }
        let theirs: Value = serde_json::from_str(sections.get(format!("{name}.json").as_str()).ok_or("no JSON")?)?;
        let (ours, theirs) = (by_place(ours), by_place(&theirs));
        if !ours.keys().eq(theirs.keys()) {
            faults.push(format!(
                "{name}: {:?} read, {:?} printed as JSON",
                ours.keys(),
                theirs.keys()
            ));
        }
        for (place, theirs) in theirs {
            let mut ours = ours.get(&place).cloned().unwrap_or_default();
            let mut theirs = theirs;
            rules += usize::from(place.starts_with("rule "));
            alike(
                &mut ours,
                &mut theirs,
                name.ends_with("-handles") || *name == "statements",
            );
            compared += differences(&format!("{name}/{place}"), &ours, &theirs, &mut faults);
        }
    }
    println!("{rules} rules, {compared} values compared");
    if rules < 200 {
        faults.push(format!("only {rules} rules were compared"));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n").into())
    }
}

/// The entries under their kind, table, chain and number in it: the text has them in another order.
fn by_place(ruleset: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for entry in ruleset["nftables"].as_array().into_iter().flatten() {
        for (kind, value) in entry
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(kind, _)| *kind != "metainfo")
        {
            let word = |name: &str| value[name].as_str().unwrap_or_default();
            let place = format!(
                "{kind} {} {} {} {}",
                word("family"),
                word("table"),
                word("chain"),
                word("name")
            );
            let number = counts.entry(place.clone()).or_default();
            *number += 1;
            found.insert(format!("{place} {number}"), value.clone());
        }
    }
    found
}

/// Takes out what only one of the two prints.
fn alike(ours: &mut Value, theirs: &mut Value, handles: bool) {
    let (Some(a), Some(b)) = (ours.as_object_mut(), theirs.as_object_mut()) else {
        return;
    };
    if !handles {
        b.remove("handle");
    }
    // JSON leaves these out (nft 1.0.6), the text prints them.
    for name in ["comment", "auto-merge", "gc-interval"] {
        if !b.contains_key(name) {
            a.remove(name);
        }
    }
    for flags in [a.get_mut("flags"), b.get_mut("flags")].into_iter().flatten() {
        if let Some(flags) = flags.as_array_mut() {
            flags.retain(|flag| flag != "dynamic");
        }
    }
    // A set whose elements end has the flag in JSON only.
    if !a.contains_key("flags") && b.get("flags") == Some(&json!(["timeout"])) && b.contains_key("timeout") {
        b.remove("flags");
    }
    // The text prints what has the type, JSON the type.
    if a.remove("typeof").is_some() {
        a.remove("type");
        b.remove("type");
    }
    // A quota of a table: JSON counts bytes. A limit of a table: the text leaves a burst of 5 out.
    if let (Some(size), Some("mbytes")) = (
        a.get("val").and_then(Value::as_u64),
        a.get("val_unit").and_then(Value::as_str),
    ) {
        a.insert("bytes".to_owned(), json!(size << 20));
        a.remove("val");
        a.remove("val_unit");
        b.remove("used");
    }
    if !a.contains_key("burst") && b.get("burst") == Some(&json!(5)) {
        b.remove("burst");
    }
    defaults(ours, theirs);
}

/// Takes defaults out that the text does not print, and times that go on.
fn defaults(ours: &mut Value, theirs: &mut Value) {
    match (ours, theirs) {
        (Value::Array(a), Value::Array(b)) => a.iter_mut().zip(b).for_each(|(a, b)| defaults(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.remove("expires");
            b.remove("expires");
            if a.get("reject") == Some(&Value::Null) {
                b.insert("reject".to_owned(), Value::Null);
            }
            if let (Some(ours), Some(theirs)) = (a.get("limit"), b.get_mut("limit").and_then(Value::as_object_mut))
                && ours.get("burst").is_none()
                && theirs.get("burst") == Some(&json!(5))
            {
                theirs.remove("burst");
            }
            for hash in ["numgen", "jhash", "symhash"] {
                if let Some(theirs) = b.get_mut(hash).and_then(Value::as_object_mut)
                    && theirs.get("offset") == Some(&json!(0))
                {
                    theirs.remove("offset");
                }
            }
            if let (Some(ours), Some(theirs)) = (a.get("right").and_then(Value::as_u64), b.get_mut("right")) {
                // JSON has the number of a realm as a text; with `-n` it has a protocol's number with its bytes swapped, and whether
                // there is a route as a truth value.
                let swapped = u16::try_from(ours).map_or(ours, |number| u64::from(number.swap_bytes()));
                if theirs.as_str() == Some(&ours.to_string())
                    || theirs.as_u64() == Some(swapped)
                    || theirs.as_bool() == Some(ours != 0)
                {
                    *theirs = json!(ours);
                }
            }
            for (name, a) in a.iter_mut() {
                if let Some(b) = b.get_mut(name) {
                    defaults(a, b);
                }
            }
        }
        _ => {}
    }
}
