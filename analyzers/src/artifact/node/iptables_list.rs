//! `iptables -L`, with and without `-n`, `-v` and `--line-numbers`.
//!
//! What a rule matches beyond its columns is printed for people (`iptables/iptables.c`, `print_rule` and each extension's `print`); it is
//! kept as one text, `extra`, the comments in it apart.

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `iptables -L`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "iptables-list",
    title: "iptables -L",
    command: prints,
    sniff,
    read,
});

/// The columns' titles, and the names of `iptables-save` here.
const COLUMNS: [(&str, &str); 10] = [
    ("num", "num"),
    ("pkts", "packets"),
    ("bytes", "bytes"),
    ("target", "target"),
    ("prot", "protocol"),
    ("opt", "opt"),
    ("in", "inInterface"),
    ("out", "outInterface"),
    ("source", "source"),
    ("destination", "destination"),
];

fn prints(line: &CommandLine) -> bool {
    (line.program.starts_with("iptables") || line.program.starts_with("ip6tables"))
        && line
            .args
            .iter()
            .any(|arg| arg == "--list" || arg.starts_with('-') && !arg.starts_with("--") && arg.contains('L'))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !is_chain(line) {
        return None;
    }
    let mut columns = 0;
    take(rest, FORMAT, hint, |line| {
        if is_chain(line) {
            columns = 0;
            return true;
        }
        if is_titles(line) {
            columns = line.split_whitespace().count();
            return true;
        }
        // A rule without a target has a column less.
        columns > 0 && line.split_whitespace().count() + 1 >= columns && looks_like_rule(line)
    })
}

/// `Chain INPUT (policy ACCEPT 0 packets, 0 bytes)`, `Chain KUBE-SERVICES (2 references)`.
fn is_chain(line: &str) -> bool {
    line.strip_prefix("Chain ").is_some_and(|rest| {
        rest.trim_end().ends_with(')') && (rest.contains(" (policy ") || rest.contains(" references)"))
    })
}

fn is_titles(line: &str) -> bool {
    line.contains("prot") && line.contains("source") && line.contains("destination") && line.contains("target")
}

fn looks_like_rule(line: &str) -> bool {
    line.split_whitespace().any(|word| matches!(word, "--" | "-f" | "!f"))
        || line.contains("::/0")
        || line.contains("anywhere")
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut chains = Placed::array(whole);
    let mut open: Option<(Placed, Placed)> = None;
    let mut titles: Vec<&str> = Vec::new();
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_chain(line.str()) {
            close(&mut chains, open.take());
            open = Some((chain(line), Placed::array(line)));
            titles.clear();
        } else if is_titles(line.str()) {
            titles = line.str().split_whitespace().collect();
        } else if let (Some((value, rules)), Some(rule)) = (&mut open, rule(line, &titles)) {
            value.extend(line);
            rules.extend(line);
            rules.push(rule);
        } else {
            unread.line(line, "`iptables -L`");
        }
    }
    close(&mut chains, open);
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("chains", chains);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

fn close(chains: &mut Placed, open: Option<(Placed, Placed)>) {
    if let Some((mut chain, rules)) = open {
        chain.put("rules", rules);
        chains.push(chain);
    }
}

fn chain(line: Piece<'_>) -> Placed {
    let mut value = Placed::object(line);
    let words: Vec<Piece<'_>> = line.words().collect();
    if let Some(name) = words.get(1) {
        value.put_text("name", *name);
    }
    for pair in words.windows(2) {
        if let [first, second] = pair {
            let bare = |piece: &Piece<'_>| piece.str().trim_matches(['(', ')', ',']).len();
            match (first.str(), second.str().trim_matches([')', ','])) {
                ("(policy", _) => value.put_text("policy", second.part(0..bare(second))),
                (_, "packets") => value.put_number("packets", *first),
                (_, "bytes") => value.put_number("bytes", *first),
                (_, "references") => value.put_number("references", first.skip(1)),
                _ => {}
            }
        }
    }
    value
}

/// A rule under its chain's titles.
fn rule(line: Piece<'_>, titles: &[&str]) -> Option<Placed> {
    let words: Vec<Piece<'_>> = line.words().collect();
    // The column `opt` shows `--`; where the target is missing, it stands one column earlier. ip6tables before 1.8.9 leaves it blank.
    let opt = titles.iter().position(|title| *title == "opt")?;
    let is_opt = |at: usize| {
        words
            .get(at)
            .is_some_and(|word| matches!(word.str(), "--" | "-f" | "!f"))
    };
    let without_target = !is_opt(opt) && opt > 0 && is_opt(opt - 1);
    let without_opt = !is_opt(opt) && !without_target;
    let shown = titles
        .iter()
        .filter(|title| !(without_target && **title == "target" || without_opt && **title == "opt"));
    let mut value = Placed::object(line);
    let mut used = 0;
    for (title, word) in shown.zip(&words) {
        let name = COLUMNS.iter().find(|(text, _)| text == title).map(|(_, name)| *name)?;
        value.put_number(name, *word);
        used += 1;
    }
    if !value.has("destination") {
        return None;
    }
    if let (Some(first), Some(last)) = (words.get(used), words.last()) {
        let extra = first.to(*last, line);
        value.put_text("extra", extra);
        let mut rest = extra;
        while let Some((_, after)) = rest.split_once("/* ") {
            let Some((comment, after)) = after.split_once(" */") else {
                break;
            };
            value.push_at(&["comments"], extra, Placed::text(comment));
            rest = after;
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::only;
    use serde_json::json;

    #[test]
    fn columns_and_what_follows_them() {
        let listed = only(
            "iptables-list",
            include_str!("../../../../tests/samples/iptables-list/filter-nv.txt"),
        );
        assert_eq!(listed["chains"].as_array().unwrap().len(), 2);
        assert_eq!(listed["chains"][0]["policy"], "ACCEPT");
        assert_eq!(listed["chains"][0]["packets"], 1201);
        assert_eq!(listed["chains"][1]["references"], 2);
        assert_eq!(
            listed["chains"][0]["rules"],
            json!([
                {"num": 1, "packets": "12K", "bytes": "701K", "target": "KUBE-SERVICES", "protocol": "all", "opt": "--",
                    "inInterface": "*", "outInterface": "*", "source": "0.0.0.0/0", "destination": "0.0.0.0/0",
                    "extra": "ctstate NEW /* kubernetes service portals */", "comments": ["kubernetes service portals"]},
                {"num": 2, "packets": 0, "bytes": 0, "protocol": 6, "opt": "--", "inInterface": "eth0",
                    "outInterface": "*", "source": "!10.0.0.0/8", "destination": "0.0.0.0/0"},
            ])
        );
        assert_eq!(
            listed["chains"][1]["rules"][0]["extra"],
            "/* shop/pay:http has no endpoints */ tcp dpt:80 reject-with icmp-port-unreachable"
        );
    }

    #[test]
    fn narrow_and_ipv6_lists() {
        let listed = only(
            "iptables-list",
            "Chain INPUT (policy DROP)\ntarget     prot opt source               destination         \n\
             ACCEPT     all      anywhere             anywhere             ctstate RELATED,ESTABLISHED\n",
        );
        assert_eq!(
            listed["chains"][0],
            json!({"name": "INPUT", "policy": "DROP", "rules": [{"target": "ACCEPT", "protocol": "all",
                "source": "anywhere", "destination": "anywhere", "extra": "ctstate RELATED,ESTABLISHED"}]})
        );
    }
}
