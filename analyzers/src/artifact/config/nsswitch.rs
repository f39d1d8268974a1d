//! `/etc/nsswitch.conf` (nsswitch.conf(5)): which services glibc asks, in which order.

use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `/etc/nsswitch.conf`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "nsswitch.conf",
    title: "nsswitch.conf",
    command: |line| {
        matches!(line.program.as_str(), "cat" | "more" | "less" | "grep")
            && line.args.iter().any(|arg| arg.ends_with("nsswitch.conf"))
    },
    least: 7,
    sniff: take,
    read,
});

/// The databases of nsswitch.conf(5) and those that glibc's own file has besides.
const DATABASES: [&str; 18] = [
    "aliases",
    "automount",
    "bootparams",
    "ethers",
    "group",
    "gshadow",
    "hosts",
    "initgroups",
    "netgroup",
    "netmasks",
    "networks",
    "passwd",
    "protocols",
    "publickey",
    "rpc",
    "services",
    "shadow",
    "subid",
];

/// Services that come with glibc and systemd: they tell the file from YAML.
const SERVICES: [&str; 11] = [
    "files",
    "dns",
    "db",
    "compat",
    "myhostname",
    "mymachines",
    "resolve",
    "systemd",
    "sss",
    "nis",
    "mdns4_minimal",
];

fn setting(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (database, services) = line.split_once(":")?;
    DATABASES.contains(&database.str()).then_some((database, services))
}

/// Whether a line names services that are known.
fn known(line: &str) -> bool {
    setting(Piece::new(line)).is_some_and(|(_, services)| services.words().any(|word| SERVICES.contains(&word.str())))
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    if !(known(line) || expected && (line.starts_with('#') || setting(Piece::new(line)).is_some())) {
        return None;
    }
    let mut len = 0;
    let mut count = 0;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() || line.starts_with('#') {
            if expected && count == 0 {
                len = end;
            }
            continue;
        }
        let own = setting(Piece::new(line)).is_some();
        if !(own || expected && line.split_once(':').is_some_and(|(name, _)| !name.contains(' ')) && known_after(line))
        {
            break;
        }
        count += 1;
        len = end;
    }
    (len > 0 && (expected || count > 1 || line.starts_with("hosts:"))).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.85 },
    })
}

/// A database that is not in the list, with services that are.
fn known_after(line: &str) -> bool {
    line.split_once(':')
        .is_some_and(|(_, services)| services.split_ascii_whitespace().any(|word| SERVICES.contains(&word)))
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut root = Placed::object(whole);
    for line in whole.lines() {
        let code = line.split(|c| c == '#').next().unwrap_or(line).trim();
        if code.is_empty() {
            continue;
        }
        let Some((database, services)) = setting(code) else {
            unread.line(line);
            continue;
        };
        let mut list = Placed::array(services);
        for word in services.words() {
            list.push(Placed::text(word));
        }
        root.put(database.str(), list);
    }
    unread.finish(part, problems);
    let complete = !part
        .command()
        .is_some_and(|line| line.filtered() || line.program == "grep");
    formats::add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn services_are_in_their_order() {
        let text = include_str!("../../../../tests/samples/nsswitch.conf/al2023.txt");
        for text in [text, text.split_once('\n').unwrap().1] {
            let read = read(text);
            if text.starts_with('$') {
                read.is("nsswitch.conf");
                assert_eq!(read.problems, Vec::<String>::new());
            }
            assert_eq!(
                read.at("/hosts"),
                "[\"files\",\"myhostname\",\"resolve\",\"[!UNAVAIL=return]\",\"dns\"]"
            );
            assert_eq!(read.shown("/hosts/4"), "dns");
            assert_eq!(read.at("/passwd/1"), "systemd");
        }
        assert_ne!(read("hosts: [a, b]\nports: [1]\n").format, "nsswitch.conf");
    }
}
