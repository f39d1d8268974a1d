//! Terraform's configuration, as people paste pieces of it (HCL's native syntax, hashicorp/hcl `hclsyntax/spec.md`).
//!
//! `{"resource": [{"labels": ["aws_eks_addon", "this"], "addon_version": "…", "timeouts": [{…}]}]}`: blocks are lists under their types, since
//! there may be several; values are as they are written.

use super::lines::{assignment, without_comment};
use super::tree::{Kind, Tree, opens};
use crate::artifact::Artifacts;
use crate::artifact::node::lines::Unread;
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `*.tf`.
pub const HCL: Format = Format::new(&Spec {
    name: "hcl",
    title: "Terraform's configuration",
    command: |line| {
        matches!(line.program.as_str(), "cat" | "less" | "more" | "head" | "tail")
            && line
                .args
                .iter()
                .any(|arg| [".tf", ".tfvars", ".hcl"].iter().any(|end| arg.ends_with(end)))
    },
    least: 3,
    sniff,
    read,
});

/// How many lines are looked at to tell a piece without its block's head.
const AHEAD: usize = 12;

/// `resource "aws_eks_addon" "this" {`, `module "eks" {`, `locals {`.
fn is_head(line: &str) -> bool {
    let Some(before) = line.trim_end().strip_suffix('{') else {
        return false;
    };
    let mut words = before.split_ascii_whitespace();
    let labels = match words.next() {
        Some("resource" | "data" | "ephemeral") => 2,
        Some("module" | "provider" | "variable" | "output") => 1,
        Some("locals" | "terraform") => 0,
        _ => return false,
    };
    let quoted = |word: &str| word.len() > 2 && word.starts_with('"') && word.ends_with('"');
    words.clone().count() == labels && words.all(quoted)
}

/// Whether lines are attributes whose values are lists or objects of several lines: a piece of a block, as nothing else writes it.
fn is_piece(line: &str, rest: &str) -> bool {
    // TOML's keys may have dots, and its sections have brackets; a shell has no blanks around its `=`.
    let own = |line: &str| {
        line.contains(" = ")
            && assignment(Piece::new(line)).is_some_and(|(name, value)| !name.contains('.') && is_value(value.str()))
    };
    own(line)
        && ends(rest)
            .take(AHEAD)
            .map(|(line, _)| line.trim_end())
            .take_while(|line| own(line) || line.trim().is_empty())
            .any(|line| line.ends_with("= [") || line.ends_with("= {"))
}

/// Whether a value is written as HCL has it: a literal, a bracket, a reference or a call.
fn is_value(value: &str) -> bool {
    let word = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'[' | b']' | b'-' | b'*'))
    };
    value.starts_with(['"', '[', '{']) || value.ends_with(')') || word(value)
}

/// How many brackets a line leaves open.
fn opened(line: Piece<'_>) -> i32 {
    let mut count = 0;
    let mut quoted = false;
    let mut escaped = false;
    for c in without_comment(line).chars() {
        match c {
            '"' if !escaped => quoted = !quoted,
            '{' | '[' | '(' if !quoted => count += 1,
            '}' | ']' | ')' if !quoted => count -= 1,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    count
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#') || line.starts_with("//") || line.starts_with("/*") || line.starts_with("* ")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(HCL);
    let head = is_head(line);
    if !head && !expected && !is_piece(line, rest) {
        return None;
    }
    let mut len = 0;
    let mut depth = 0;
    for (line, end) in ends(rest) {
        let blank = line.trim().is_empty();
        if depth <= 0 && !blank {
            let own = is_head(line)
                || is_comment(line) && (expected || head)
                || line.contains('=') && assignment(Piece::new(line)).is_some() && (!head || expected)
                || expected && line.trim_end().ends_with('{');
            if !own {
                break;
            }
        }
        depth += opened(Piece::new(line));
        if !blank {
            len = end;
        }
    }
    (len > 0).then_some(Taken {
        len,
        format: HCL,
        confidence: if expected { 0.98 } else { 0.85 },
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut tree = Tree::new(whole);
    let mut heredoc: Option<&str> = None;
    let mut end = whole;
    for line in whole.lines() {
        let text = without_comment(line);
        if let Some(end) = heredoc {
            heredoc = heredoc.filter(|_| line.trim().str() != end);
            continue;
        }
        if text.is_empty() || is_comment(line.str()) {
            continue;
        }
        end = line;
        let balance = opened(text);
        if text.starts_with(['}', ']', ')']) {
            // `}]`, and `}, {`, which opens the next element.
            let again = opens(text.str(), true);
            for _ in 0..(i32::from(again.is_some()) - balance).max(1) {
                tree.close(line);
            }
            if let Some(kind) = again {
                tree.open("", kind, line);
            }
            continue;
        }
        let given = assignment(text);
        if balance > 0 {
            match given {
                Some((name, _)) => {
                    // `x = [{`: a list, and its first element.
                    let outer = if balance > 1 {
                        Some(Kind::List)
                    } else {
                        opens(text.str(), true)
                    };
                    tree.open(name.str(), outer.unwrap_or(Kind::Object), line);
                }
                None => head(text, line, &mut tree),
            }
            for _ in 1..balance {
                tree.open("", opens(text.str(), true).unwrap_or(Kind::Object), line);
            }
            continue;
        }
        match given {
            Some((name, value)) => {
                heredoc = value
                    .split_once("<<")
                    .map(|(_, end)| end.str().trim_start_matches(['-', '~']));
                tree.leaf(name.str(), value.strip_suffix(",").unwrap_or(value));
            }
            None if !tree.is_outside() => tree.leaf("", text.strip_suffix(",").unwrap_or(text)),
            None => unread.line(line, HCL.title()),
        }
    }
    unread.finish();
    add_document(part, HCL.name(), tree.finish(end), false, artifacts);
}

/// `resource "aws_eks_addon" "this" {`, `timeouts {`, `{`.
fn head<'a>(text: Piece<'a>, line: Piece<'a>, tree: &mut Tree<'a>) {
    let before = text.strip_suffix("{").unwrap_or(text);
    let mut words = before.words();
    let Some(name) = words.next() else {
        tree.open("", Kind::Object, line);
        return;
    };
    tree.open(name.str(), opens(text.str(), false).unwrap_or(Kind::Block), line);
    let labels: Vec<Piece<'a>> = words.collect();
    if labels.is_empty() {
        return;
    }
    tree.open("labels", Kind::List, line);
    for label in labels {
        let inside = label.strip_prefix("\"").and_then(|rest| rest.strip_suffix("\""));
        tree.leaf("", inside.unwrap_or(label));
    }
    tree.close(line);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn whole_blocks() {
        let text = include_str!("../../../../../tests/samples/hcl/addon.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = only("hcl", text);
            assert_eq!(
                read,
                json!({"resource": [{"labels": ["aws_eks_addon", "this"], "cluster_name": "aws_eks_cluster.main.name",
                    "addon_version": "\"v1.18.1-eksbuild.1\"", "timeouts": [{"create": "\"30m\""}]}],
                    "module": [{"labels": ["eks"], "cluster_version": "\"1.30\"", "node_group": {"min_size": 2}}]})
            );
        }
    }

    #[test]
    fn pieces_of_blocks() {
        let text = "  manage_aws_auth = true\n\n  aws_auth_roles = [\n    {\n      rolearn  = one(data.aws_iam_roles.sso.arns)\n      groups   = [\"system:masters\"]\n    },\n  ]\n";
        let roles = json!({"manage_aws_auth": "true",
            "aws_auth_roles": [{"rolearn": "one(data.aws_iam_roles.sso.arns)", "groups": "[\"system:masters\"]"}]});
        assert_eq!(only("hcl", text), roles);
        let text = "manage_aws_auth = true\naws_auth_roles = [{\n  rolearn = one(data.aws_iam_roles.sso.arns)\n  groups = [\"system:masters\"]\n}]\n";
        assert_eq!(only("hcl", &format!("$ cat a.tf\n{text}")), roles);
        assert_eq!(documents("net.ipv4.ip_forward = 1\n")[0].0, "sysctl");
        assert_eq!(documents("the name = {\n"), []);
    }
}
