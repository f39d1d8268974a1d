//! `sysctl`: `net.ipv4.ip_forward = 1`; `sysctl -n net.ipv4.ip_forward` and `cat /proc/sys/net/ipv4/ip_forward`, whose command has the name;
//! `grep . /proc/sys/…`. The document has sysctl's names, and the values as they are printed.

use super::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `sysctl`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "sysctl",
    title: "sysctl",
    command: |line| line.program == "sysctl" || !files(line).is_empty(),
    least: 4,
    sniff,
    read,
});

/// The folders of `/proc/sys`.
const FOLDERS: [&str; 10] = [
    "net", "kernel", "vm", "fs", "dev", "user", "abi", "debug", "sunrpc", "crypto",
];

/// The settings' files that `cat`, `head` or `grep` is called with.
fn files(line: &CommandLine) -> Vec<String> {
    if !matches!(
        line.program.as_str(),
        "cat" | "head" | "tail" | "grep" | "more" | "less"
    ) {
        return Vec::new();
    }
    line.args
        .iter()
        .filter(|arg| arg.starts_with("/proc/sys/"))
        .flat_map(|arg| braces(arg))
        .collect()
}

/// The settings whose values alone a command prints, in their order; none where the command does not tell them: where a value may be
/// another statement's, or what a pipe made of it.
fn asked(line: &CommandLine) -> Vec<String> {
    let passed_on = |program: &Vec<String>| {
        program
            .first()
            .is_some_and(|program| matches!(program.as_str(), "cat" | "tee" | "less" | "more"))
    };
    if line.followed || !line.pipeline.iter().all(passed_on) {
        return Vec::new();
    }
    let told = match line.program.as_str() {
        "sysctl" => of_sysctl(line),
        "cat" | "head" | "tail" | "more" | "less" => of_files(line),
        _ => None,
    };
    told.unwrap_or_default()
}

fn of_sysctl(line: &CommandLine) -> Option<Vec<String>> {
    let short = |letter: char| {
        line.args
            .iter()
            .any(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.contains(letter))
    };
    // `-a`, `-r PATTERN` and `-p FILE` take others than those named, `-N` prints names (procps, `src/sysctl.c`). `NAME=VALUE` sets.
    let values = short('n') || line.args.iter().any(|arg| arg == "--values");
    let others = ['a', 'A', 'X', 'r', 'p', 'N', 'w'].into_iter().any(short)
        || line.args.iter().any(|arg| {
            arg.contains('=')
                || ["--all", "--pattern", "--load", "--system", "--names", "--write"]
                    .iter()
                    .any(|option| arg.starts_with(option))
        });
    if !values || others {
        return None;
    }
    line.args
        .iter()
        .filter(|arg| !arg.starts_with('-'))
        .flat_map(|arg| braces(arg))
        .map(|name| named(&name))
        .collect()
}

/// Of `cat FILE…`: every file must be a setting's, and no option may change what is printed (`cat -n`, `head -c 1`); that of a number of
/// lines does not.
fn of_files(line: &CommandLine) -> Option<Vec<String>> {
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let plain = |arg: &String| {
        let lines = arg.strip_prefix("-n").or_else(|| arg.strip_prefix('-'));
        line.program != "cat" && (is_number(arg) || lines.is_some_and(|lines| lines.is_empty() || is_number(lines)))
    };
    line.args
        .iter()
        .filter(|arg| !plain(arg))
        .flat_map(|arg| braces(arg))
        .map(|path| setting(&path))
        .collect()
}

/// More words than anybody writes between braces.
const WORDS: usize = 200;

/// The words that a shell makes of one with braces: `nf_conntrack_{count,max}` (bash, "Brace Expansion"). Itself where it has none.
fn braces(word: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut rest = word;
    while let Some((before, inside, after)) = rest.split_once('{').and_then(|(before, after)| {
        let (inside, after) = after.split_once('}')?;
        Some((before, inside, after))
    }) {
        // `${NAME}`, `{}` and braces in braces are others.
        if !inside.contains(',') || inside.contains('{') || before.ends_with('$') || found.len() > WORDS {
            return vec![word.to_owned()];
        }
        found = found
            .iter()
            .flat_map(|start| inside.split(',').map(move |part| format!("{start}{before}{part}")))
            .take(WORDS + 1)
            .collect();
        rest = after;
    }
    found.iter().map(|start| format!("{start}{rest}")).collect()
}

/// sysctl's name of an argument: `net.ipv4.ip_forward`, `net/ipv4/ip_forward`. None where a shell or sysctl looks for more than one.
fn named(arg: &str) -> Option<String> {
    if arg.contains(['*', '?', '[', '$']) {
        return None;
    }
    // The first of the two signs is the separator (`man sysctl`).
    let name = if arg
        .find('/')
        .is_some_and(|slash| arg.find('.').is_none_or(|dot| slash < dot))
    {
        swapped(arg)
    } else {
        arg.to_owned()
    };
    name.split_once('.')
        .is_some_and(|(folder, _)| FOLDERS.contains(&folder))
        .then_some(name)
}

/// `net.ipv4.ip_forward` of `/proc/sys/net/ipv4/ip_forward`. A name with a dot in it has a slash in sysctl's (`man sysctl`).
fn setting(path: &str) -> Option<String> {
    let name = path.strip_prefix("/proc/sys/")?;
    let known = name
        .split_once('/')
        .is_some_and(|(folder, _)| FOLDERS.contains(&folder));
    (known && !name.contains(['*', '?', '[', '$'])).then(|| swapped(name))
}

fn swapped(name: &str) -> String {
    name.chars()
        .map(|c| match c {
            '/' => '.',
            '.' => '/',
            other => other,
        })
        .collect()
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    // Values alone, a line each, are told by the command's names.
    if hint.expects(FORMAT)
        && let Some(command) = &hint.line
        && let names = asked(&command.inner().unwrap_or_else(|| command.clone()))
        && !names.is_empty()
    {
        let mut seen = 0;
        return take(rest, FORMAT, hint, |line| {
            seen += 1;
            match seen - 1 {
                at if at < names.len() => {
                    names.iter().any(|name| is_value(name, line)) || is_refusal(line) || is_error(line)
                }
                // One more than were asked for shows that a name stands for others, as a folder's does.
                at => at == names.len() && is_numbers(line),
            }
        });
    }
    let own = |line: &str| is_setting(line) || is_error(line) || found(Piece::new(line)).is_some();
    (is_setting(line) || found(Piece::new(line)).is_some()).then(|| take(rest, FORMAT, hint, own))?
}

/// `/proc/sys/net/ipv4/conf/all/rp_filter:0`, as `grep . FILE…` prints it.
fn found(line: Piece<'_>) -> Option<(String, Piece<'_>)> {
    let (path, value) = line.split_once(":")?;
    if path.contains(char::is_whitespace) {
        return None;
    }
    Some((setting(path.str())?, value.trim()))
}

/// Endings of the names of settings whose values are words: `bbr`, `fq_codel`, `reno cubic`, `5.10.234-225.895.amzn2.x86_64`, a mask or a
/// key in hexadecimal (the kernel, `Documentation/admin-guide/sysctl`). All others are numbers.
const IN_WORDS: [&str; 23] = [
    "congestion_control",
    "default_qdisc",
    "hostname",
    "domainname",
    "osrelease",
    "ostype",
    ".version",
    ".arch",
    ".status",
    "core_pattern",
    "modprobe",
    "hotplug",
    "poweroff_cmd",
    "boot_id",
    "uuid",
    "_avail",
    "actions_logged",
    "stable_secret",
    "tcp_fastopen_key",
    "tcp_available_ulp",
    "_mask",
    "_bitmap",
    "ip_local_reserved_ports",
];

/// What the file of this setting may hold: numbers, or a word or a few.
fn is_value(name: &str, line: &str) -> bool {
    let in_words = || IN_WORDS.iter().any(|end| name.ends_with(end)) || name.contains(".nf_log.");
    is_numbers(line)
        || in_words()
            && line.len() < 200
            && !line.contains(['$', '{', '<'])
            && !line.contains(": ")
            && !crate::segment::sniff::log::is_notice(line)
            && line.split_whitespace().count() <= 12
}

/// `1`, `-1`, `4096\t131072\t6291456`.
fn is_numbers(line: &str) -> bool {
    let number = |word: &str| {
        let digits = word.strip_prefix('-').unwrap_or(word);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    line.len() < 200 && !line.trim().is_empty() && line.split_whitespace().all(number)
}

/// `cat: /proc/sys/net/netfilter/nf_conntrack_max: No such file or directory`.
fn is_refusal(line: &str) -> bool {
    line.contains(": /proc/sys/")
}

/// `NAME = VALUE`; the name has a folder of `/proc/sys` before its first dot.
fn is_setting(line: &str) -> bool {
    let Some((name, _)) = line.split_once(" =") else {
        return false;
    };
    name.split_once('.').is_some_and(|(folder, rest)| {
        FOLDERS.contains(&folder) && !rest.is_empty() && !name.contains(char::is_whitespace)
    })
}

/// `sysctl: cannot stat /proc/sys/net/x: No such file or directory`.
fn is_error(line: &str) -> bool {
    line.starts_with("sysctl: ")
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    let names = part.command().map(|line| asked(&line)).unwrap_or_default();
    let lines: Vec<Piece<'_>> = whole.lines().map(Piece::trim).filter(|line| !line.is_empty()).collect();
    if names.is_empty() {
        for line in lines {
            one(&mut root, &mut unread, line);
        }
    } else {
        values(&mut root, &mut unread, &lines, names);
    }
    let complete = unread.finish();
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// A line that has its setting's name.
fn one<'a>(root: &mut Placed, unread: &mut Unread<'a, '_>, line: Piece<'a>) {
    match line.split_once(" =") {
        Some((name, value)) if is_setting(line.str()) => root.put(name.str(), Placed::number(value.trim())),
        _ if is_refusal(line.str()) => {
            unread.say(line, format!("a setting could not be read: {}", line.str()));
        }
        _ if let Some((name, value)) = found(line) => root.put(&name, Placed::number(value)),
        _ if is_error(line.str()) => unread.say(line, format!("sysctl could not say a value: {}", line.str())),
        _ => unread.line(line, "`sysctl`"),
    }
}

/// Values without names, in the order in which the command asks for them. Only where there is one for each is it known which is which: a
/// setting without a value prints a blank line, and one that is not there nothing, where nobody reads the errors.
fn values<'a>(root: &mut Placed, unread: &mut Unread<'a, '_>, lines: &[Piece<'a>], mut names: Vec<String>) {
    let refused = |line: &Piece<'_>| is_refusal(line.str()) || is_error(line.str());
    for line in lines.iter().filter(|line| refused(line)) {
        names.retain(|name| !refuses(line.str(), name));
        unread.say(*line, format!("a setting could not be read: {}", line.str()));
    }
    let values: Vec<Piece<'_>> = lines.iter().filter(|line| !refused(line)).copied().collect();
    let fits = |(name, value): (&String, &Piece<'_>)| is_value(name, value.str());
    if values.len() != names.len() {
        for line in &values {
            unread.say(
                *line,
                format!(
                    "{} settings were asked for and {} values are here, so that it is not known whose value this is; ask with \
                     `sysctl` without `-n`",
                    names.len(),
                    values.len()
                ),
            );
        }
    } else if names.iter().zip(&values).all(fits) {
        for (name, value) in names.iter().zip(values) {
            root.put(name, Placed::number(value));
        }
    } else {
        for line in &values {
            unread.say(
                *line,
                "not all of these values are such as the settings that were asked for have, so that it is not known whose value \
                 this is; ask with `sysctl` without `-n`",
            );
        }
    }
}

/// Whether an error names this setting, as a path or as sysctl's name.
fn refuses(line: &str, name: &str) -> bool {
    line.split([' ', ':', '"', '\'', ','])
        .any(|word| word == name || setting(word).is_some_and(|said| said == name))
}

#[cfg(test)]
mod tests {
    use super::super::lines::tests::{documents, only, problems};
    use serde_json::json;

    #[test]
    fn files_of_proc_sys() {
        assert_eq!(
            only("sysctl", include_str!("../../../../tests/samples/sysctl/proc-sys.txt")),
            json!({"net.ipv4.conf.ens5.rp_filter": 2})
        );
        assert_eq!(
            only("sysctl", include_str!("../../../../tests/samples/sysctl/grep.txt")),
            json!({"net.ipv4.conf.all.rp_filter": 0, "net.ipv4.conf.eni4f2b7c91a0d.rp_filter": 2})
        );
        assert_eq!(
            only(
                "sysctl",
                "$ cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/vlan.eth.1/mtu\n1\n9001\n"
            ),
            json!({"net.ipv4.ip_forward": 1, "net.ipv4.conf.vlan/eth/1.mtu": 9001})
        );
    }

    #[test]
    fn values_alone_have_their_names_from_the_command() {
        for (text, wanted) in [
            (
                include_str!("../../../../tests/samples/sysctl/values.txt"),
                json!({"net.netfilter.nf_conntrack_max": 262_144, "net.ipv4.ip_local_port_range": "1024\t65535"}),
            ),
            (
                "$ sysctl -n net.bridge.bridge-nf-call-iptables\n0\n",
                json!({"net.bridge.bridge-nf-call-iptables": 0}),
            ),
            (
                "$ sudo sysctl --values net/ipv4/conf/vlan.7/rp_filter\n2\n",
                json!({"net.ipv4.conf.vlan/7.rp_filter": 2}),
            ),
            (
                "$ kubectl exec cart-0 -- sysctl -en net.core.somaxconn net.ipv4.tcp_{fin_timeout,rmem}\n4096\n30\n4096\t131072\t6291456\n",
                json!({"net.core.somaxconn": 4096, "net.ipv4.tcp_fin_timeout": 30, "net.ipv4.tcp_rmem": "4096\t131072\t6291456"}),
            ),
            (
                "$ cat /proc/sys/net/ipv4/neigh/default/gc_thresh{1,2,3}\n128\n512\n1024\n",
                json!({"net.ipv4.neigh.default.gc_thresh1": 128, "net.ipv4.neigh.default.gc_thresh2": 512,
                    "net.ipv4.neigh.default.gc_thresh3": 1024}),
            ),
        ] {
            assert_eq!(only("sysctl", text), wanted, "{text}");
        }
    }

    #[test]
    fn a_value_whose_name_is_not_known_gets_none() {
        let text = "$ sysctl -n net.ipv4.ip_local_reserved_ports net.ipv4.ip_forward\n\n1\n";
        assert_eq!(documents(text), [("sysctl".to_owned(), json!({}))]);
        assert!(problems(text)[0].1.contains("2 settings were asked for and 1 values"));
        // One is refused by name: the others are those that are left.
        let text = "$ sysctl -n net.ipv4.ip_forward net.cart.pay net.core.somaxconn\n1\nsysctl: cannot stat /proc/sys/net/cart/pay: No such file or directory\n4096\n";
        assert_eq!(
            documents(text),
            [(
                "sysctl".to_owned(),
                json!({"net.ipv4.ip_forward": 1, "net.core.somaxconn": 4096})
            )]
        );
        assert_eq!(problems(text).len(), 1);
        // Which files a pattern names is not told.
        for text in [
            "$ cat /proc/sys/net/ipv4/conf/*/rp_filter\n2\n0\n",
            "$ sysctl -n -r rp_filter\n2\n",
        ] {
            assert!(documents(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_value_that_may_be_anothers_has_no_name() {
        for text in [
            "$ sysctl -n net.netfilter.nf_conntrack_max 2>/dev/null; sysctl -n net.ipv4.ip_forward\n1\n",
            "$ cat /proc/sys/net/nf_conntrack_max 2>/dev/null || cat /proc/sys/net/netfilter/nf_conntrack_max\n262144\n",
            "$ kubectl exec cart-0 -- sh -c 'sysctl -n net.core.somaxconn; sysctl -n net.ipv4.ip_forward' 2>/dev/null\n1\n",
            "$ sysctl -n net.ipv4.ip_forward && echo yes\n1\n",
            // Set, counted, numbered, sorted, and of another file.
            "$ sudo sysctl -n -w net.ipv4.ip_forward=1\n1\n",
            "$ sysctl -n net.ipv4.ip_forward=1\n1\n",
            "$ sysctl -n net.ipv4.ip_forward net.core.somaxconn | wc -l\n2\n",
            "$ sysctl -n net.ipv4.ip_forward net.core.somaxconn | sort -rn\n4096\n1\n",
            "$ cat /sys/class/net/ens5/mtu /proc/sys/net/ipv4/ip_forward 2>/dev/null\n9001\n",
            "$ cat -n /proc/sys/net/ipv4/ip_forward\n     1\t0\n",
        ] {
            assert!(documents(text).iter().all(|(kind, _)| kind != "sysctl"), "{text}");
        }
        assert_eq!(
            only("sysctl", "$ sysctl -n net.ipv4.ip_forward 2>/dev/null || true\n1\n"),
            json!({"net.ipv4.ip_forward": 1})
        );
    }

    #[test]
    fn a_folders_values_are_not_its_own() {
        let text = "$ sysctl -n net.ipv4.conf.all\n0\n0\n1\n0\n";
        assert_eq!(documents(text)[0], ("sysctl".to_owned(), json!({})));
        assert!(problems(text)[0].1.contains("1 settings were asked for and 2 values"));
        let text = "$ sysctl -n net.ipv4.conf.all.rp_filter net.ipv4.neigh.default\n2\n1\n0\n";
        assert_eq!(documents(text)[0], ("sysctl".to_owned(), json!({})));
    }

    #[test]
    fn words_are_values_of_settings_that_hold_words() {
        assert_eq!(
            only(
                "sysctl",
                "$ sysctl -n net.ipv4.tcp_available_congestion_control net.core.default_qdisc net.ipv4.ip_forward\nreno cubic bbr\nfq_codel\n1\n"
            ),
            json!({"net.ipv4.tcp_available_congestion_control": "reno cubic bbr", "net.core.default_qdisc": "fq_codel",
                "net.ipv4.ip_forward": 1})
        );
        for text in [
            "$ sysctl -n net.ipv4.ip_forward 2>/dev/null\nnothing at all\n",
            "$ sysctl -n net.ipv4.ip_forward 2>/dev/null\nbroken\n",
        ] {
            assert!(documents(text).iter().all(|(kind, _)| kind != "sysctl"), "{text}");
        }
        // What does not fit its name shows that something else stands here.
        let text = "$ sysctl -n net.ipv4.ip_forward kernel.hostname 2>/dev/null\nip-10-20-3-90\n1\n";
        assert_eq!(documents(text)[0], ("sysctl".to_owned(), json!({})));
    }

    #[test]
    fn numbers_and_lists_of_them() {
        assert_eq!(
            only("sysctl", include_str!("../../../../tests/samples/sysctl/net.txt")),
            json!({"net.ipv4.ip_forward": 1, "net.ipv4.conf.eth0.rp_filter": 2, "net.ipv4.ip_local_reserved_ports": "",
                "net.ipv4.ip_local_port_range": "32768\t60999", "net.netfilter.nf_conntrack_max": 131_072})
        );
    }
}
