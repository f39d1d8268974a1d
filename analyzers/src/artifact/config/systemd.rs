//! Units of systemd (systemd.syntax(7)), as `systemctl cat` and `cat` print them, and files of variables (`EnvironmentFile=`), as
//! nodeadm writes them for the kubelet (awslabs/amazon-eks-ami, nodeadm/internal/kubelet): with the options that they pass on.

use std::collections::BTreeMap;

use super::flags::flags;
use super::shell::{Word, words};
use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::redact;
use crate::segment::CommandLine;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// Units and their drop-ins.
pub const UNIT: Format = Format::new(&Spec {
    name: "systemd-unit",
    title: "a unit of systemd",
    command: |line| {
        line.program == "systemctl" && line.args.iter().any(|arg| arg == "cat")
            || matches!(line.program.as_str(), "cat" | "more" | "less")
                && line.args.iter().any(|arg| {
                    arg.contains("/systemd/")
                        && (arg.contains(".service") || arg.contains(".conf") || arg.contains(".d/"))
                })
    },
    least: 3,
    sniff: take_unit,
    read: read_unit,
});

/// Files of variables.
pub const ENVIRONMENT: Format = Format::new(&Spec {
    name: "environment-file",
    title: "environment variables",
    command: |line| {
        prints_environment(line)
            || matches!(line.program.as_str(), "cat" | "more" | "less")
                && line.args.iter().any(|arg| {
                    arg.ends_with("/environment") || arg.contains("/etc/sysconfig/") || arg.contains("/etc/default/")
                })
    },
    least: 9,
    sniff: take_environment,
    read: read_environment,
});

/// Whether a command prints the variables of a shell: their values stand as they are, without quotes.
fn prints_environment(line: &CommandLine) -> bool {
    matches!(line.program.as_str(), "env" | "printenv") && line.args.iter().all(|arg| arg.starts_with('-'))
}

/// Sections that every kind of unit may have, and that of services.
const SECTIONS: [&str; 8] = [
    "[Unit]",
    "[Service]",
    "[Install]",
    "[Timer]",
    "[Socket]",
    "[Mount]",
    "[Slice]",
    "[Path]",
];

fn is_section(line: &str) -> bool {
    SECTIONS.contains(&line.trim_end())
}

/// What `systemctl cat` prints above every file.
fn file(line: &str) -> Option<&str> {
    let path = line.strip_prefix("# ")?.trim_end();
    (path.starts_with('/') && path.contains("/systemd/") && !path.contains(' ')).then_some(path)
}

/// Name and value of a setting: names begin with a capital.
fn setting(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, value) = line.split_once("=")?;
    let name = name.trim();
    (name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .then_some((name, value.trim()))
}

fn take_unit(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(UNIT);
    if !(is_section(line) || file(line).is_some() || expected && line.starts_with(['#', ';'])) {
        return None;
    }
    let mut len = 0;
    let mut continued = false;
    let mut section = false;
    for (i, (line, end)) in ends(rest).enumerate() {
        let comment = line.starts_with(['#', ';']);
        let own = continued
            || is_section(line)
            || (comment && (expected && !section || file(line).is_some()))
            || section && setting(Piece::new(line)).is_some();
        // Of the command only the names of files are no unit.
        if !own && !comment && !line.trim().is_empty() || !expected && !section && i > 2 {
            break;
        }
        section |= is_section(line);
        continued = !comment && line.trim_end().ends_with('\\');
        if own {
            len = end;
        }
    }
    (len > 0 && (section || expected)).then_some(Taken {
        len,
        format: UNIT,
        confidence: if expected { 0.98 } else { 0.95 },
    })
}

/// The line that `line` begins, with those that continue it.
fn whole_line<'a>(line: Piece<'a>, lines: &mut impl Iterator<Item = Piece<'a>>, text: Piece<'a>) -> Piece<'a> {
    let mut last = line;
    while last.trim_end().ends_with('\\') {
        let Some(next) = lines.next() else { break };
        last = next;
    }
    line.to(last, text)
}

fn read_unit(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut root = Placed::object(whole);
    let mut options = Vec::new();
    let mut section: Option<Piece<'_>> = None;
    // Of every section the settings, each with the values of all its lines.
    let mut sections: BTreeMap<&str, BTreeMap<&str, Placed>> = BTreeMap::new();
    let mut lines = whole.lines();
    while let Some(line) = lines.next() {
        let clean = line.trim();
        if let Some(path) = file(line.str()) {
            let path = line.skip(2).part(0..path.len());
            root.push_at(&["files"], path, Placed::text(path));
        } else if clean.is_empty() || clean.starts_with(['#', ';']) {
        } else if is_section(clean.str()) {
            section = Some(clean.part(1..clean.trim_end().len() - 1));
        } else if let (Some((name, _)), Some(section)) = (setting(line), section) {
            let all = whole_line(line, &mut lines, whole);
            let value = setting(all).map_or(all, |(_, value)| value);
            sections
                .entry(section.str())
                .or_default()
                .entry(name.str())
                .or_insert_with(|| Placed::array(all))
                .push(Placed::text(value));
            passed_on(name.str(), value, &mut options);
        } else {
            unread.line(line);
        }
    }
    for (section, settings) in sections {
        let mut placed = Placed::object(whole);
        for (name, values) in settings {
            placed.put(name, values);
        }
        root.put(section, placed);
    }
    let flags = flags(&options, whole);
    if !flags.is_empty() {
        root.put("flags", flags);
    }
    unread.finish(part, problems);
    let complete = root.has("files") && !part.command().is_some_and(|line| line.filtered());
    formats::add_document(part, UNIT.name(), root, complete, artifacts);
}

/// The options in what is run, and in variables: `Environment='KUBELET_ARGS=--node-ip=10.0.1.7 --v=2'`.
fn passed_on<'a>(name: &str, value: Piece<'a>, options: &mut Vec<Word<'a>>) {
    match name {
        "ExecStart" => options.extend(words(value).into_iter().skip(1)),
        "Environment" => {
            for word in words(value) {
                if let Some((_, value)) = word.assignment() {
                    options.extend(options_of(&value));
                }
            }
        }
        _ => {}
    }
}

/// The words of a variable, where they are options.
fn options_of<'a>(value: &Word<'a>) -> Vec<Word<'a>> {
    if value.text.trim_start().starts_with("--") {
        value.words()
    } else {
        Vec::new()
    }
}

/// A line `NAME=value` of a file of variables.
fn variable(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, value) = line.split_once("=")?;
    let name = name.strip_prefix("export ").unwrap_or(name);
    let own = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    own.then_some((name, value))
}

fn take_environment(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(ENVIRONMENT);
    let kubelet = variable(Piece::new(line)).is_some_and(|(name, value)| {
        name.ends_with("_ARGS") && name.contains("KUBELET") && value.trim_start_matches(['"', '\'']).starts_with("--")
    });
    if !(kubelet || expected && (line.starts_with('#') || variable(Piece::new(line)).is_some())) {
        return None;
    }
    let len = ends(rest)
        .take_while(|(line, _)| {
            variable(Piece::new(line)).is_some() || expected && (line.starts_with('#') || line.trim().is_empty())
        })
        .last()?
        .1;
    Some(Taken {
        len,
        format: ENVIRONMENT,
        confidence: if expected { 0.95 } else { 0.9 },
    })
}

fn read_environment(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut root = Placed::object(whole);
    let mut variables = Placed::object(whole);
    let mut options = Vec::new();
    let raw_values = part.command().is_some_and(|line| prints_environment(&line));
    for line in whole
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
    {
        let Some((name, raw)) = variable(line) else {
            unread.line(line);
            continue;
        };
        // As systemd reads it (systemd.exec(5), EnvironmentFile=): the value may be in quotes.
        let word = words(line.skip(name.start() - line.start()))
            .into_iter()
            .next()
            .and_then(|word| word.assignment().map(|(_, value)| value))
            .filter(|_| !raw_values);
        let value = word.unwrap_or(Word {
            text: raw.str().to_owned(),
            piece: raw,
        });
        options.extend(options_of(&value));
        let secret = matches!(redact::secrets(line.str()), std::borrow::Cow::Owned(_));
        let shown = if secret { "[redacted]" } else { value.text.as_str() };
        variables.put(name.str(), Placed::value(shown, value.piece));
    }
    root.put("variables", variables);
    if !options.is_empty() {
        root.put("flags", flags(&options, whole));
    }
    unread.finish(part, problems);
    let complete = !part.command().is_some_and(|line| line.filtered());
    formats::add_document(part, ENVIRONMENT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn variables_of_a_shell_stand_as_they_are() {
        let read = read(
            "$ kubectl exec -n shop cart-0 -- env | grep AWS\nAWS_ROLE_ARN=arn:aws:iam::111122223333:role/cart\nAWS_NOTE=not \"one\" word\n",
        );
        assert_eq!(read.format, "environment-file");
        assert_eq!(
            read.at("/variables/AWS_ROLE_ARN"),
            "arn:aws:iam::111122223333:role/cart"
        );
        assert_eq!(read.shown("/variables/AWS_NOTE"), "not \"one\" word");
        assert!(!read.complete());
    }

    #[test]
    fn a_units_settings_and_the_kubelets_options() {
        let unit = read(include_str!("../../../../tests/samples/systemd-unit/kubelet.txt"));
        unit.is("systemd-unit");
        assert_eq!(unit.problems, Vec::<String>::new());
        for (pointer, text) in [
            ("/files/1", "/etc/systemd/system/kubelet.service.d/10-kubelet-args.conf"),
            ("/Unit/Description/0", "Kubernetes Kubelet"),
            ("/Service/Restart/0", "on-failure"),
            ("/flags/config", "/etc/kubernetes/kubelet/kubelet-config.json"),
            ("/flags/node-ip", "10.0.12.7"),
            ("/flags/hostname-override", "ip-10-0-12-7.eu-west-1.compute.internal"),
            ("/flags/max-pods", "58"),
        ] {
            assert_eq!(unit.at(pointer), text, "{pointer}");
            assert_eq!(unit.shown(pointer), text, "{pointer}");
        }
    }

    #[test]
    fn nodeadms_file_of_the_kubelets_options() {
        let text = include_str!("../../../../tests/samples/environment-file/kubelet.txt");
        for text in [text, text.split_once('\n').unwrap().1] {
            let file = read(text);
            file.is("environment-file");
            for (pointer, text) in [
                ("/flags/cloud-provider", "external"),
                ("/flags/node-labels", "team=shop,eks.amazonaws.com/capacityType=SPOT"),
                ("/flags/config", "/etc/kubernetes/kubelet/config.json"),
            ] {
                assert_eq!(file.at(pointer), text, "{pointer}");
                assert_eq!(file.shown(pointer), text, "{pointer}");
            }
        }
        assert_ne!(read("HOME=/root\nPATH=/bin\n").format, "environment-file");
    }
}
