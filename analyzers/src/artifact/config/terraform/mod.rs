//! What `terraform` and `tofu` print for people: progress, plans, outputs and diagnostics (hashicorp/terraform `internal/command/views`,
//! `hook_ui.go`; `internal/command/format/diagnostic.go`; `internal/command/jsonformat`).
//!
//! `{"hooks": [{"resource": {"addr"}, "message", "elapsed", "id"}], "changes": [{"resource": {"addr"}, "message", "attributes": {…}}],
//! "summaries": [{"message", "add", "change", "remove"}], "outputs": {…}, "diagnostics": [{"severity", "summary", "detail",
//! "address", "range": {"filename", "start": {"line"}}, "snippet": {"context", "code"}}]}`: the shapes of the machine-readable UI.

mod diagnostic;
mod hcl;
mod lines;
mod plan;
#[cfg(test)]
mod tests;
mod tree;

use crate::artifact::node::lines::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;
use diagnostic::Diagnostic;
pub use hcl::HCL;
use lines::{Kind, State};
use plan::Change;

/// `terraform`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "terraform",
    title: "terraform",
    command: |line| {
        calls(line)
            && !line.flag(&["-json", "--json"])
            && !matches!(line.positional().first(), Some(&"version" | &"fmt"))
            && !line.flag(&["-version", "--version", "-v"])
    },
    least: 8,
    sniff,
    read,
});

fn calls(line: &CommandLine) -> bool {
    matches!(line.program.as_str(), "terraform" | "tofu" | "terragrunt")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    if !expected && !State::begins(line, rest) {
        return None;
    }
    let mut state = State::new(expected);
    let mut len = 0;
    for (line, end) in ends(rest) {
        let line = Piece::new(line);
        if line.trim().is_empty() && !state.inside() {
            continue;
        }
        if state.next(line).is_none() {
            break;
        }
        len = end;
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.93 },
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let command = part.command().filter(calls);
    let mut unread = Unread::new(part, problems);
    let mut document = Document::new(whole);
    // Values alone: `terraform output -raw NAME`, `terraform state list`.
    let words: Vec<&str> = command.as_ref().map(CommandLine::positional).unwrap_or_default();
    let raw = command.as_ref().is_some_and(|line| line.flag(&["-raw", "--raw"]));
    let mut state = State::new(command.is_some());
    for line in whole.lines() {
        if line.trim().is_empty() && !state.inside() {
            continue;
        }
        match state.next(line) {
            Some(Kind::Other(text)) => match words.as_slice() {
                ["output", name, ..] if raw || !text.contains(" = ") => {
                    document.root.put_at(&["outputs", name], text, Placed::text(text));
                }
                ["state", "list", ..] => document.root.push_at(&["resources"], text, Placed::text(text)),
                _ => document.add_other(text),
            },
            Some(kind) => document.add(line, kind),
            None => unread.line(line, FORMAT.title()),
        }
    }
    let root = document.finish();
    unread.finish();
    // Progress is what was pasted of it, and plans leave out what does not change.
    add_document(part, FORMAT.name(), root, false, artifacts);
}

/// The document as it is filled.
struct Document<'a> {
    root: Placed,
    whole: Piece<'a>,
    change: Option<Change<'a>>,
    diagnostic: Option<Diagnostic<'a>>,
}

impl<'a> Document<'a> {
    fn new(whole: Piece<'a>) -> Self {
        Self {
            root: Placed::object(whole),
            whole,
            change: None,
            diagnostic: None,
        }
    }

    fn add(&mut self, line: Piece<'a>, kind: Kind<'a>) {
        match kind {
            Kind::Boxed(text) => {
                if let Some(opened) = Diagnostic::begin(text) {
                    self.end_diagnostic();
                    self.diagnostic = Some(opened);
                } else if let Some(diagnostic) = &mut self.diagnostic {
                    diagnostic.line(text);
                }
            }
            Kind::Inside(text) => {
                if let Some(change) = &mut self.change {
                    change.line(text);
                }
            }
            Kind::Change { addr, message } => {
                self.end_change();
                self.change = Some(Change::new(addr, message));
            }
            Kind::Resource(text) => {
                // `terraform show` and cut plans have no line above it.
                self.change.get_or_insert_with(|| Change::untitled(text)).begin(text);
            }
            Kind::Progress(progress) => {
                self.end_diagnostic();
                let mut hook = Placed::object(line);
                hook.put_at(&["resource", "addr"], line, Placed::text(progress.addr));
                hook.put_text("message", progress.message);
                if let Some(elapsed) = progress.elapsed {
                    hook.put_text("elapsed", elapsed);
                }
                if let Some(id) = progress.id {
                    hook.put_text("id", id);
                }
                self.root.push_at(&["hooks"], line, hook);
            }
            Kind::Summary(text) => self.summary(text),
            Kind::Output { name, value } => {
                self.root.put_at(&["outputs", name.str()], line, Placed::number(value));
            }
            Kind::Mark => self.end_diagnostic(),
            Kind::Aside | Kind::Other(_) => {}
        }
    }

    /// A line that only the command makes terraform's.
    fn add_other(&mut self, text: Piece<'a>) {
        self.root.push_at(&["messages"], text, Placed::text(text));
    }

    /// `Plan: 1 to add, 0 to change, 2 to destroy.`, `Apply complete! Resources: 1 added, 0 changed, 0 destroyed.`
    fn summary(&mut self, text: Piece<'a>) {
        let mut summary = Placed::object(text);
        summary.put_text("message", text);
        let words: Vec<Piece<'a>> = text.words().collect();
        for (at, word) in words.iter().enumerate() {
            let name = match word.trim_end_matches([',', '.']) {
                "add" | "added" => "add",
                "change" | "changed" => "change",
                "destroy" | "destroyed" => "remove",
                "import" | "imported" => "import",
                _ => continue,
            };
            let before = [at.checked_sub(1), at.checked_sub(2)];
            let number = before
                .into_iter()
                .flatten()
                .filter_map(|at| words.get(at))
                .find(|word| word.bytes().all(|b| b.is_ascii_digit()));
            if let Some(number) = number {
                summary.put_number(name, *number);
            }
        }
        self.root.push_at(&["summaries"], text, summary);
    }

    fn end_change(&mut self) {
        if let Some(change) = self.change.take() {
            let value = change.finish(self.whole);
            self.root.push_at(&["changes"], self.whole, value);
        }
    }

    fn end_diagnostic(&mut self) {
        if let Some(diagnostic) = self.diagnostic.take() {
            let value = diagnostic.finish(self.whole);
            self.root.push_at(&["diagnostics"], self.whole, value);
        }
    }

    fn finish(mut self) -> Placed {
        self.end_change();
        self.end_diagnostic();
        self.root
    }
}
