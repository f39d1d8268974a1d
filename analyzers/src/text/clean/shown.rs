//! Whose a line is that stands at the margin between a text's outputs: whether a command's output goes on there, and whether that output
//! is a text with examples in it.

use super::edge::typed;
use crate::text::program::{is_assignment, starts_another};

/// What the lines at the margin, read from the top, say about the line below them.
#[derive(Debug, Default)]
pub struct Shown {
    open: Option<Output>,
}

/// An output that may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// A program's.
    Any,
    /// One that is, or has in it, a text that somebody wrote for readers.
    Prose,
}

impl Shown {
    /// Looks at the next line, which is not indented.
    pub fn see(&mut self, before: &str, line: &str) {
        if line.starts_with("```") || line.starts_with("~~~") {
            self.open = None;
        } else if let Some(typed) = typed(line) {
            self.open = match (typed.is_empty(), prints_prose(typed)) {
                (true, _) => None,
                (false, true) => Some(Output::Prose),
                (false, false) => Some(Output::Any),
            };
        } else if begins_prose(before.trim_end(), line.trim_end()) {
            self.open = Some(Output::Prose);
        }
    }

    /// A part that somebody indented ends what stood above it.
    pub fn end(&mut self) {
        self.open = None;
    }

    /// The output that may go on here.
    pub fn open(&self) -> Option<Output> {
        self.open
    }
}

/// Whether a line begins a text for readers within an output, whose command need not be there: helm's notes (`pkg/cmd/status.go` prints
/// them below these), or a value of a config map (`describeConfigMap` in kubectl's `pkg/describe/describe.go` underlines its name).
fn begins_prose(before: &str, line: &str) -> bool {
    match line {
        "NOTES:" => ["REVISION:", "DESCRIPTION:", "TEST SUITE:"]
            .iter()
            .any(|name| before.starts_with(name)),
        "----" => before.ends_with(':') && !before.contains(' '),
        _ => false,
    }
}

/// Whether a command prints texts that were written for readers, which have examples in them.
fn prints_prose(command: &str) -> bool {
    let mut words = command
        .split_ascii_whitespace()
        .filter(|word| !is_assignment(word) && !starts_another(word));
    let program = words.next().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default();
    let mut words = words.take_while(|word| *word != ";" && *word != "&&");
    if words.clone().any(|word| matches!(word, "--help" | "-h" | "help")) {
        return true;
    }
    match program {
        "man" | "info" | "tldr" => true,
        "helm" => words.any(|word| {
            matches!(
                word,
                "status" | "install" | "upgrade" | "rollback" | "get" | "show" | "test"
            )
        }),
        "cat" | "less" | "more" | "head" | "tail" | "bat" | "zcat" | "curl" | "wget" | "Get-Content" => {
            words.any(is_prose_file)
        }
        "kubectl" | "k" | "oc" | "kubecolor" | "microk8s.kubectl" => {
            let (mut describe, mut get) = (false, false);
            for word in words {
                describe |= word == "describe";
                get |= word == "get";
                let kind = word.split(['/', '.']).next().unwrap_or_default();
                if word == "explain"
                    || (describe && matches!(kind, "cm" | "configmap" | "configmaps"))
                    || (get && (word.contains("jsonpath") || word.contains("template")))
                {
                    return true;
                }
            }
            false
        }
        _ => false,
    }
}

/// Whether a file's name says that it is a text for readers.
fn is_prose_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let upper = name.to_ascii_uppercase();
    upper.starts_with("README")
        || upper.starts_with("NOTES")
        || [".MD", ".RST", ".ADOC", ".TXT"]
            .iter()
            .any(|ending| upper.ends_with(ending))
}
