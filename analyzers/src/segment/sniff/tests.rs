use std::path::Path;

use super::{Hint, ends};
use crate::segment::formats::{self, Format};

/// The texts of all samples.
fn samples() -> Vec<String> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/samples");
    let folders = std::fs::read_dir(all).unwrap().map(|folder| folder.unwrap().path());
    folders
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|file| String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).into_owned())
        .collect()
}

/// The shortest line in the place of `line` that a format's sniffer still takes, found by leaving out stretches of it, ever smaller ones.
fn shortest(format: Format, line: &str, below: &str) -> Option<String> {
    let takes = |line: &str| {
        let text = format!("{line}\n{below}");
        !line.trim().is_empty()
            && (format.spec().sniff)(line, &text, &Hint::default()).is_some_and(|taken| taken.len > 0)
    };
    let mut kept: Vec<char> = line.chars().take(400).collect();
    if !takes(&String::from_iter(&kept)) {
        return None;
    }
    let mut size = kept.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at + size <= kept.len() {
            let mut tried = kept.clone();
            tried.drain(at..at + size);
            if takes(&String::from_iter(&tried)) {
                kept = tried;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    Some(String::from_iter(kept))
}

#[test]
fn no_sniffer_takes_a_line_that_is_too_short_to_be_shown_to_it() {
    const LINES: usize = 4;
    let mut tried = 0;
    let mut hidden = Vec::new();
    for text in samples() {
        for (line, end) in ends(&text).take(LINES) {
            let below: String = text.get(end..).unwrap().chars().take(600).collect();
            for &format in formats::ALL {
                let Some(least) = shortest(format, line, &below) else {
                    continue;
                };
                tried += 1;
                let wanted = format.spec().least;
                if least.trim().len() < wanted {
                    hidden.push(format!(
                        "{}: takes {least:?}, of less than {wanted} bytes",
                        format.name()
                    ));
                }
            }
        }
    }
    assert!(hidden.is_empty(), "{}", hidden.join("\n"));
    assert!(tried > 500, "only {tried} lines were tried");
}
