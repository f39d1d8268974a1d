//! What a node's tools print in place of an answer: the kernel's refusal, names that there are not, and rights that are missing.
//!
//! The words are those of iproute2 (`lib/libnetlink.c`: `RTNETLINK answers: …`; `lib/utils.c`, `nodev`; `lib/namespace.c`), iptables
//! (`libxtables/xtables.c`, `xtables_error`; `iptables/xshared.c`, the lock), nftables (`src/erec.c`, which prints the command again and
//! marks in it what is wrong; `src/main.c`), conntrack-tools (`src/conntrack.c`, `exit_error`), ipvsadm (`ipvsadm.c`), ipset
//! (`lib/errcode.c`), ethtool (`ethtool.c`) and kmod (`modprobe`).
//!
//! `{"errors": [{"message", "program", "input"}]}`: the program where the line names it, and the command that nft repeats.

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document, no_command};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// An error of a node's tool.
pub const FORMAT: Format = Format::new(&Spec {
    name: "node-tool-error",
    title: "an error of a node's tool",
    command: no_command,
    least: 3,
    sniff,
    read,
});

/// Beginnings that one tool alone prints.
const TELLING: [&str; 16] = [
    "RTNETLINK answers: ",
    "Cannot find device \"",
    "Cannot open network namespace \"",
    "setting the network namespace \"",
    "Fatal: can't open lock file ",
    "Another app is currently holding the xtables lock",
    "Perhaps iptables or your kernel needs to be upgraded",
    "Perhaps ip6tables or your kernel needs to be upgraded",
    "Can't initialize ipvs: ",
    "Are you sure that IP Virtual Server is built in the kernel",
    "Operation not permitted (you must be root)",
    "modprobe: FATAL: ",
    "netlink: Error: ",
    "no stats available",
    // Above rules it is theirs; by itself it says that there are others.
    "# Warning: iptables",
    "# Warning: ip6tables",
];

/// The tools whose errors begin with their names, and what else they say so.
const NAMED: [&str; 8] = [
    "iptables",
    "ip6tables",
    "ebtables",
    "arptables",
    "conntrack",
    "ipset",
    "ipvsadm",
    "ethtool",
];

/// What the tools say below their bare names, without a version: libiptc's reasons (`libiptc/libiptc.c`, `TC_STRERROR`) and those of the
/// system that they pass on, `iptables-restore: line 5 failed` (`iptables/iptables-restore.c`) and ethtool's own.
const REFUSALS: [&str; 31] = [
    "No chain/target/match by that name",
    "No such ",
    "No buffer space available",
    "Permission denied",
    "Operation not ",
    "Module is wrong version",
    "Table does not exist",
    "Chain is not empty",
    "Chain already exists",
    "Can't delete ",
    "Can't open ",
    "cannot open ",
    "Cannot ",
    "Index of ",
    "Loop found in table",
    "Target problem",
    "Bad rule",
    "Bad built-in chain name",
    "Bad policy name",
    "Incompatible with this kernel",
    "iptables who?",
    "ip6tables who?",
    "Memory allocation problem",
    "Protocol not available",
    "Resource temporarily unavailable",
    "Device or resource busy",
    "Invalid argument",
    "File exists",
    "Too many ",
    "line ",
    "bad command line argument",
];

/// Beginnings of what a tool says, told from other words by the command alone: the programs' beginnings, and their lines'.
const OF_COMMAND: [(&[&str], &[&str]); 4] = [
    (
        &["ip", "bridge", "tc", "ss"],
        &[
            "Error: ",
            "Dump ",
            "Object \"",
            "Cannot open netlink socket",
            "Command line is not complete",
        ],
    ),
    (&["nft"], &["Error: ", "netlink.c:"]),
    (
        &["iptables", "ip6tables"],
        &[
            "Try `iptables",
            "Try `ip6tables",
            "Error occurred at line: ",
            "modprobe: ",
        ],
    ),
    (
        &["ethtool"],
        &[
            "Cannot ",
            "netlink error: ",
            "no stats available",
            "No data available",
            "bad command line argument",
        ],
    ),
];

/// ethtool's `Cannot get …: REASON` (`ethtool.c`, `perror`), by what it was asked.
const ETHTOOL: [&str; 8] = [
    "Cannot get stats ",
    "Cannot get device ",
    "Cannot get driver ",
    "Cannot get wake-on-lan settings",
    "Cannot get link status",
    "Cannot get control socket",
    "Cannot allocate memory for ",
    "Cannot read permanent address",
];

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let run = hint
        .line
        .as_ref()
        .map(|line| line.inner().unwrap_or_else(|| line.clone()));
    // A command that has ended says nothing more.
    let program = run
        .as_ref()
        .filter(|_| !hint.over)
        .map_or("", |run| run.program.as_str());
    if !is_nft(line) && !is_error(line, program) {
        return None;
    }
    let len = extent(rest, program);
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: 0.95,
    })
}

/// How far errors reach, blank lines between them included.
fn extent(rest: &str, program: &str) -> usize {
    let mut len = 0;
    let mut at = 0;
    while let Some((line, bytes)) = rest.get(at..).and_then(|left| ends(left).next()) {
        at += bytes;
        if line.trim().is_empty() {
            continue;
        }
        match rest.get(at..).and_then(repeated).filter(|_| is_nft(line)) {
            Some(more) => at += more,
            None if is_error(line, program) => {}
            None => break,
        }
        len = at;
    }
    len
}

/// The bytes of the command that nft prints again below an error, with the marks that tell it.
fn repeated(below: &str) -> Option<usize> {
    let mut lines = ends(below).skip(1);
    lines.next().filter(|(line, _)| is_marks(line)).map(|(_, end)| end)
}

/// `Error: …` and `FILE:1:1-5: Error: …`, as nft begins what it says.
fn is_nft(line: &str) -> bool {
    line.starts_with("Error: ")
        || line
            .split_once(": Error: ")
            .is_some_and(|(place, _)| place.contains(':') && !place.contains(char::is_whitespace))
}

/// `       ^^^^^^^^  ~~~~`.
pub fn is_marks(line: &str) -> bool {
    line.contains('^') && line.bytes().all(|b| matches!(b, b' ' | b'\t' | b'^' | b'~' | b'\r'))
}

fn is_error(line: &str, program: &str) -> bool {
    TELLING.iter().any(|words| line.starts_with(words))
        || line.starts_with("Device \"") && line.trim_end().ends_with("\" does not exist.")
        || ETHTOOL.iter().any(|words| line.starts_with(words)) && line.contains(": ")
        || named(Piece::new(line)).is_some_and(|said| is_refusal(&said, program))
        || OF_COMMAND.iter().any(|(programs, beginnings)| {
            programs
                .iter()
                .any(|name| program == *name || name.len() > 2 && program.starts_with(name))
                && beginnings.iter().any(|words| line.starts_with(words))
        })
}

/// What a line says whose tool is named.
struct Said<'a> {
    program: Piece<'a>,
    /// Whether the tool's version stands there, too.
    version: bool,
    words: Piece<'a>,
}

/// The tool that a line begins with, and what it says: `iptables: …`, `iptables v1.8.4 (nf_tables): …`, `ipset v7.11: …`.
fn named(line: Piece<'_>) -> Option<Said<'_>> {
    let (head, words) = line.split_once(": ")?;
    let mut parts = head.words();
    let program = parts.next()?;
    let own = NAMED.iter().any(|name| {
        program
            .str()
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || matches!(rest, "-save" | "-restore" | "-nft" | "-legacy"))
    });
    let version = match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => Some(false),
        (Some(version), tools, None) => {
            let own = version.starts_with('v')
                && version.bytes().nth(1).is_some_and(|b| b.is_ascii_digit())
                && tools.is_none_or(|tools| tools.starts_with('(') && tools.ends_with(')'));
            own.then_some(true)
        }
        _ => None,
    }?;
    (own && !words.trim().is_empty()).then_some(Said {
        program,
        version,
        words,
    })
}

/// Whether a tool says that it could not do what it was asked for. Its bare name may begin anybody's line: it is the tool's where the words
/// are known, or where the tool was called and they are a sentence, as it makes them (`iptables: REASON.`, `iptables-standalone.c`).
fn is_refusal(said: &Said<'_>, program: &str) -> bool {
    let words = said.words.trim();
    if is_success(words.str()) {
        return false;
    }
    let refused = || {
        REFUSALS.iter().any(|refusal| {
            words
                .strip_prefix(refusal)
                .is_some_and(|rest| *refusal != "line " || rest.ends_with(" failed"))
        })
    };
    let called = || {
        let name = said.program.split_once("-").map_or(said.program, |(name, _)| name);
        program.starts_with(name.str()) && words.starts_with(char::is_uppercase) && words.ends_with('.')
    };
    said.version || refused() || called()
}

/// Whether a tool says what it has done: conntrack's counts and `connection tracking table has been emptied.` (`src/conntrack.c`,
/// `exit_msg`), and the lines of Red Hat's service (`iptables.init`, `success`).
fn is_success(words: &str) -> bool {
    [
        " flow entries have been ",
        " flow events have been ",
        " expectations have been ",
    ]
    .iter()
    .any(|done| words.contains(done))
        || words.contains(" has been emptied")
        || words.ends_with("[  OK  ]")
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    let mut errors = Placed::array(whole);
    let lines: Vec<Piece<'_>> = whole.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut left = lines.as_slice();
    while let Some((line, below)) = left.split_first() {
        left = below;
        let mut error = Placed::object(*line);
        error.put_text("message", line.trim());
        if let Some(said) = named(*line) {
            error.put_text("program", said.program);
        }
        if let [input, marks, others @ ..] = below
            && is_nft(line.str())
            && is_marks(marks.str())
        {
            error.put_text("input", input.trim());
            error.extend(*marks);
            left = others;
        }
        errors.push(error);
    }
    root.put("errors", errors);
    add_document(part, FORMAT.name(), root, true, artifacts);
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::{documents, only, paste};
    use serde_json::json;

    fn format_of(text: &str) -> Vec<&'static str> {
        paste(text)
            .segments
            .iter()
            .map(|segment| segment.format.name())
            .collect()
    }

    #[test]
    fn the_kernels_refusal() {
        assert_eq!(
            only(
                "node-tool-error",
                include_str!("../../../../tests/samples/node-tool-error/no-route.txt")
            ),
            json!({"errors": [{"message": "RTNETLINK answers: Network is unreachable"}]})
        );
        assert_eq!(
            only(
                "node-tool-error",
                "$ ip route show table 99\nError: ipv4: FIB table does not exist.\nDump terminated\n"
            ),
            json!({"errors": [{"message": "Error: ipv4: FIB table does not exist."}, {"message": "Dump terminated"}]})
        );
    }

    #[test]
    fn nft_repeats_the_command_and_marks_it() {
        assert_eq!(
            only(
                "node-tool-error",
                include_str!("../../../../tests/samples/node-tool-error/nft.txt")
            ),
            json!({"errors": [{"message": "Error: No such file or directory; did you mean table ‘filter’ in family ip?",
                "input": "list table inet kube-proxy"}]})
        );
        // The same by itself, and with the marks alone left.
        assert_eq!(
            format_of(
                "Error: syntax error, unexpected newline, expecting string\nlist chain ip nat\n                 ^\n"
            ),
            ["node-tool-error"]
        );
        assert!(!format_of("$ nft list chain ip nat CART\n                 ^^^^\n").contains(&"nft-ruleset"));
        // What follows is another output.
        assert_eq!(
            format_of(
                "$ nft list chain ip nat CART; nft list table ip cart\nError: No such file or directory\nlist chain ip nat CART\n                  ^^^^\ntable ip cart {\n\tchain pay {\n\t}\n}\n"
            ),
            ["node-tool-error", "nft-ruleset"]
        );
    }

    #[test]
    fn tools_name_themselves() {
        for (text, program) in [
            (
                "$ iptables -t nat -nL CART-SVC\niptables: No chain/target/match by that name.\n",
                "iptables",
            ),
            (
                "iptables v1.8.7 (legacy): can't initialize iptables table `mangle': Permission denied (you must be root)\n",
                "iptables",
            ),
            (
                "$ ip6tables-save\nip6tables-save v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n",
                "ip6tables-save",
            ),
            (
                "$ conntrack -L\nconntrack v1.4.8 (conntrack-tools): Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this\n",
                "conntrack",
            ),
            ("ipset v7.11: The set with the given name does not exist\n", "ipset"),
        ] {
            let read = only("node-tool-error", text);
            assert_eq!(read["errors"][0]["program"], program, "{text}");
        }
        assert!(
            documents("conntrack v1.4.8 (conntrack-tools): 7 flow entries have been shown.\n")
                .iter()
                .all(|(kind, _)| kind != "node-tool-error")
        );
        assert_eq!(format_of("iptables is what we use here: it works\n"), ["prose"]);
    }

    #[test]
    fn what_a_tool_has_done_is_no_error() {
        for text in [
            "$ conntrack -F\nconntrack v1.4.6 (conntrack-tools): connection tracking table has been emptied.\n",
            "conntrack v1.4.8 (conntrack-tools): expectation table has been emptied.\n",
            "$ conntrack -L expect\nconntrack v1.4.6 (conntrack-tools): 0 expectations have been shown.\n",
            "$ sudo service iptables stop\niptables: Setting chains to policy ACCEPT: nat filter [  OK  ]\niptables: Flushing firewall rules: [  OK  ]\n",
            "iptables: Flushing firewall rules:                         [  OK  ]\n",
        ] {
            assert!(!format_of(text).contains(&"node-tool-error"), "{text}");
        }
    }

    #[test]
    fn a_tools_name_may_begin_anybodys_line() {
        for text in [
            "iptables: same rules on both nodes\n",
            "$ iptables -S FORWARD\n-P FORWARD ACCEPT\niptables: same rules on both nodes\n",
            "conntrack: 61043 of 262144 in use, so it is not full\n",
            "ipset: line 3 is the one to look at\n",
            // Of another tool's command.
            "$ kubectl get ns\niptables: Checked on both nodes.\n",
        ] {
            assert!(!format_of(text).contains(&"node-tool-error"), "{text}");
        }
        for text in [
            "iptables: Bad rule (does a matching rule exist in that chain?).\n",
            "iptables-restore: line 47 failed\n",
            "$ sudo ip6tables -A CART -j PAY\nip6tables: Some reason that is new.\n",
            "ethtool: bad command line argument(s)\n",
        ] {
            assert_eq!(format_of(text), ["node-tool-error"], "{text}");
        }
    }

    #[test]
    fn tools_that_do_not_are_told_by_their_words() {
        for text in [
            "$ iptables -S\nFatal: can't open lock file /run/xtables.lock: Permission denied\n",
            "$ ipvsadm -Ln\nCan't initialize ipvs: Protocol not available\nAre you sure that IP Virtual Server is built in the kernel or as module?\n",
            "Cannot get stats strings information: Operation not supported\n",
            "$ ethtool -S eni7c1d9e0a42f\nno stats available\n",
            "$ ethtool ens7\nnetlink error: No such device\n",
            "$ nft list tables\nOperation not permitted (you must be root)\nnetlink: Error: cache initialization failed: Operation not permitted\n",
        ] {
            let _ = only("node-tool-error", text);
            assert_eq!(format_of(text), ["node-tool-error"], "{text}");
        }
    }
}
