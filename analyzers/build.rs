//! Collects the rules' pages into the program, and refuses to build a rule without its page or its cases.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let pages = pages(&root.join("cases"))?;
    for code in rule_codes(&root.join("src/finding/rules"))? {
        let Some((_, path)) = pages.iter().find(|(known, _)| *known == code) else {
            return Err(format!("rule {code} has no page: write cases/{}/{code}.md", area(&code)).into());
        };
        let text = fs::read_to_string(path)?;
        for kind in ["kind=trigger", "kind=near-miss", "kind=insufficient"] {
            if !text
                .lines()
                .any(|line| line.starts_with("```") && line.contains("case ") && line.contains(kind))
            {
                return Err(format!(
                    "the page of rule {code} has no case block with {kind}: {}",
                    path.display()
                )
                .into());
            }
        }
    }
    let mut out = String::from("/// Every page: its code and its text.\npub static PAGES: &[(&str, &str)] = &[\n");
    // By the crate's folder of the day: a target folder outside the checkout may be another checkout's next time.
    for code in pages.iter().map(|(code, _)| code) {
        let page = format!("/cases/{}/{code}.md", area(code));
        writeln!(
            out,
            "    ({code:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {page:?}))),"
        )?;
    }
    out.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("pages.rs"), out)?;
    println!("cargo::rerun-if-changed=cases");
    println!("cargo::rerun-if-changed=src/finding/rules");
    Ok(())
}

/// `cases/<AREA>/<CODE>.md`, by code.
fn pages(dir: &Path) -> Result<Vec<(String, PathBuf)>, Box<dyn Error>> {
    let mut pages = Vec::new();
    for path in files(dir)? {
        let (Some(stem), Some("md")) = (path.file_stem(), path.extension().and_then(|e| e.to_str())) else {
            continue;
        };
        let code = stem.to_string_lossy().into_owned();
        let folder = path
            .parent()
            .and_then(Path::file_name)
            .map(|n| n.to_string_lossy().into_owned());
        if folder.as_deref() != Some(area(&code)) {
            return Err(format!("{} belongs in cases/{}/", path.display(), area(&code)).into());
        }
        pages.push((code, path));
    }
    pages.sort();
    Ok(pages)
}

/// The codes that the rule files declare: `code: "LB-011"`.
fn rule_codes(dir: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut codes = Vec::new();
    for path in files(dir)? {
        for line in fs::read_to_string(&path)?.lines() {
            // The formatter puts a short rule on one line, a longer one on several.
            let declared = line
                .split_once("Rule { code: \"")
                .map(|(_, rest)| rest)
                .or_else(|| line.trim().strip_prefix("code: \""));
            if let Some(code) = declared.and_then(|rest| rest.split('"').next()) {
                codes.push(code.to_owned());
            }
        }
    }
    codes.sort();
    Ok(codes)
}

fn area(code: &str) -> &str {
    code.split('-').next().unwrap_or(code)
}

fn files(dir: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
