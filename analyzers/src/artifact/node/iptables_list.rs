//! `iptables -L`, with and without `-n`, `-v` and `--line-numbers`.
//!
//! What a rule matches beyond its columns is printed for people (`iptables/iptables.c`, `print_rule` and each extension's `print`); it is
//! kept as one text, `extra`, the comments in it apart.

use super::lines::{Unread, is_address, take};
use crate::artifact::{Artifact, Artifacts, Content, Document, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `iptables -L`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "iptables-list",
    title: "iptables -L",
    command: prints,
    least: 9,
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
        && line.args.iter().any(|arg| is_list(arg))
}

/// `--list`, `-L`, `-nvL`.
fn is_list(arg: &str) -> bool {
    arg == "--list" || arg.starts_with('-') && !arg.starts_with("--") && arg.contains('L')
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if let Some(given) = hint.line.as_ref().filter(|_| hint.expects(FORMAT)).and_then(Given::of)
        && given.is_rule(line)
    {
        return take(rest, FORMAT, hint, |line| given.is_rule(line));
    }
    // A warning stands above the first chain; by itself it tells no list.
    let first = rest.lines().find(|line| !line.trim().is_empty() && !is_warning(line));
    if !(is_chain(line) || is_warning(line) && first.is_some_and(is_chain)) {
        return None;
    }
    let mut columns = 0;
    take(rest, FORMAT, hint, |line| {
        if is_warning(line) {
            return true;
        }
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

/// `# Warning: iptables-legacy tables present, use iptables-legacy to see them` (iptables, `iptables/nft.c`).
pub fn is_warning(line: &str) -> bool {
    line.starts_with("# Warning: iptables") || line.starts_with("# Warning: ip6tables")
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

/// What a command tells of lines whose chain and titles a filter left out.
struct Given {
    chain: Option<String>,
    titles: Vec<&'static str>,
}

impl Given {
    /// Of a list that was filtered. Its columns are those of `iptables/iptables.c`, `print_header`.
    fn of(line: &CommandLine) -> Option<Self> {
        let line = &line.inner().unwrap_or_else(|| line.clone());
        if !line.filtered() {
            return None;
        }
        let has = |test: fn(&str) -> bool| line.args.iter().any(|arg| test(arg));
        let mut titles = Vec::new();
        if has(|arg| arg.starts_with("--line")) {
            titles.push("num");
        }
        if has(|arg| arg == "--verbose" || arg.starts_with('-') && !arg.starts_with("--") && arg.contains('v')) {
            titles.extend(["pkts", "bytes", "target", "prot", "opt", "in", "out"]);
        } else {
            titles.extend(["target", "prot", "opt"]);
        }
        titles.extend(["source", "destination"]);
        let at = line.args.iter().position(|arg| is_list(arg))?;
        let chain = line
            .args
            .get(at + 1)
            .filter(|arg| !arg.starts_with('-') && arg.bytes().any(|b| b.is_ascii_alphabetic()))
            .cloned();
        Some(Self { chain, titles })
    }

    /// Whether a line is surely a rule under these titles.
    fn is_rule(&self, line: &str) -> bool {
        let end = |word: &str| {
            let word = word.trim_start_matches('!');
            matches!(word, "anywhere" | "localhost") || is_address(word)
        };
        looks_like_rule(line)
            && columns(Piece::new(line), &self.titles).is_some_and(|(columns, _)| {
                columns
                    .iter()
                    .filter(|(name, _)| matches!(*name, "source" | "destination"))
                    .all(|(_, word)| end(word.str()))
            })
    }
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut chains = Placed::array(whole);
    let mut warnings = Placed::array(whole);
    let command = part.command();
    let given = command.as_ref().and_then(Given::of);
    let mut open: Option<(Placed, Placed)> = None;
    let mut titles: Vec<&str> = Vec::new();
    let mut told = None;
    if let (Some(given), true) = (&given, whole.lines().next().is_some_and(|line| !is_chain(line.str()))) {
        titles.clone_from(&given.titles);
        let mut chain = Placed::object(whole);
        if let Some(name) = &given.chain {
            chain.put("name", Placed::value(name.as_str(), whole.part(0..0)));
            told = part.segment.command.as_ref().map(|command| command.span);
        }
        open = Some((chain, Placed::array(whole)));
    }
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_warning(line.str()) {
            warnings.push(Placed::text(line.trim()));
        } else if is_chain(line.str()) {
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
    let filtered = command.is_some_and(|line| line.filtered());
    let complete = unread.finish() && !filtered;
    let mut root = Placed::object(whole);
    root.put("chains", chains);
    if !warnings.is_empty() {
        root.put("warnings", warnings);
    }
    let mut document = Document::placed(part.span(), root, complete);
    document
        .cells
        .extend(told.map(|span| ("/chains/0/name".to_owned(), span)));
    artifacts.add(Artifact {
        segment: part.index,
        span: part.span(),
        kinds: vec![(FORMAT.name().to_owned(), 1)],
        content: Content::Document(document),
    });
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

/// A rule's columns under their names, and what follows them.
type Columns<'a> = (Vec<(&'static str, Piece<'a>)>, Option<Piece<'a>>);

/// A rule's columns under its chain's titles.
fn columns<'a>(line: Piece<'a>, titles: &[&str]) -> Option<Columns<'a>> {
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
    let mut found = Vec::new();
    for (title, word) in shown.zip(&words) {
        let name = COLUMNS.iter().find(|(text, _)| text == title).map(|(_, name)| *name)?;
        found.push((name, *word));
    }
    if !found.iter().any(|(name, _)| *name == "destination") {
        return None;
    }
    let extra = match (words.get(found.len()), words.last()) {
        (Some(first), Some(last)) => Some(first.to(*last, line)),
        _ => None,
    };
    Some((found, extra))
}

/// A rule under its chain's titles.
fn rule(line: Piece<'_>, titles: &[&str]) -> Option<Placed> {
    let (columns, extra) = columns(line, titles)?;
    let mut value = Placed::object(line);
    for (name, word) in columns {
        value.put_number(name, word);
    }
    if let Some(extra) = extra {
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
    fn a_warning_above_the_chains_belongs_to_them() {
        let warning = "# Warning: iptables-legacy tables present, use iptables-legacy to see them\n";
        let list = "Chain OUTPUT (policy ACCEPT)\ntarget     prot opt source               destination\nDROP       tcp  --  10.9.0.0/16          0.0.0.0/0            tcp dpt:23\n";
        for text in [
            format!("$ iptables -nL OUTPUT\n{warning}{list}"),
            format!("{warning}{list}"),
            format!("$ iptables -nL OUTPUT\n{list}{warning}"),
        ] {
            let listed = only("iptables-list", &text);
            assert_eq!(
                listed["warnings"],
                json!(["# Warning: iptables-legacy tables present, use iptables-legacy to see them"])
            );
            assert_eq!(listed["chains"][0]["rules"][0]["target"], "DROP", "{text}");
        }
        // Above rules as iptables-save prints them it is theirs; alone it is no dump.
        let saved = only(
            "iptables-save",
            &format!("$ iptables -S OUTPUT\n{warning}-P OUTPUT ACCEPT\n"),
        );
        assert_eq!(saved["warnings"].as_array().unwrap().len(), 1);
        assert_eq!(
            only("node-tool-error", warning)["errors"][0]["message"],
            warning.trim_end()
        );
    }

    #[test]
    fn what_a_filter_left_has_its_chain_and_titles_from_the_command() {
        for (command, row, wanted) in [
            (
                "sudo iptables -t nat -nL KUBE-SERVICES | grep pay",
                "KUBE-SVC-7QW4XZ  tcp  --  0.0.0.0/0            172.20.81.14         /* shop/pay:http cluster IP */ tcp dpt:80",
                json!({"target": "KUBE-SVC-7QW4XZ", "protocol": "tcp", "opt": "--", "source": "0.0.0.0/0",
                    "destination": "172.20.81.14", "extra": "/* shop/pay:http cluster IP */ tcp dpt:80",
                    "comments": ["shop/pay:http cluster IP"]}),
            ),
            (
                "iptables -t nat -L KUBE-SERVICES -nv --line-numbers | grep pay",
                "7       3   180 RETURN     6    --  *      *      !10.20.0.0/16         172.20.81.14         /* pay */",
                json!({"num": 7, "packets": 3, "bytes": 180, "target": "RETURN", "protocol": 6, "opt": "--",
                    "inInterface": "*", "outInterface": "*", "source": "!10.20.0.0/16", "destination": "172.20.81.14",
                    "extra": "/* pay */", "comments": ["pay"]}),
            ),
        ] {
            let text = format!("$ {command}\n{row}\n");
            let listed = only("iptables-list", &text);
            assert_eq!(
                listed["chains"],
                json!([{"name": "KUBE-SERVICES", "rules": [wanted]}]),
                "{command}"
            );
            let read = crate::artifact::testing::read(&text);
            assert!(!read.complete(), "the filter left rules out");
            assert_eq!(read.cited(0, "/chains/0/name").1, format!("$ {command}"));
        }
        // Without a filter there is no row without its titles, and other rows are none.
        for text in [
            "$ iptables -nL FORWARD\nDROP  tcp  --  10.9.0.0/16  0.0.0.0/0\n",
            "$ iptables -nL FORWARD | grep web\nweb-1 -- is what I looked for\n",
        ] {
            assert_ne!(crate::artifact::testing::read(text).format, "iptables-list", "{text}");
        }
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
