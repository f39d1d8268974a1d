//! Commands that answer with a line: `id`, `whoami`, `hostname`, `date`, `uptime` (coreutils, busybox, procps). But for `id`, only the
//! command tells that a line is such an answer.
//!
//! `{"uid", "user", "gid", "group", "groups": [{"gid", "name"}]}`, `{"user"}`, `{"hostname"}`, `{"date"}`, `{"time", "up", "load": […]}`.

use crate::artifact::node::lines::{Unread, is_address, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `id`.
pub const ID: Format = Format::new(&Spec {
    name: "id",
    title: "id",
    command: |line| line.program == "id" && !line.args.iter().any(|arg| arg.starts_with('-')),
    least: 5,
    sniff: |line, rest, hint| is_id(line).then(|| take(rest, ID, hint, is_id))?,
    read: |part, artifacts, problems| each(part, ID, "users", id, artifacts, problems),
});

/// `whoami`.
pub const WHOAMI: Format = Format::new(&Spec {
    name: "whoami",
    title: "whoami",
    command: |line| line.program == "whoami" || line.program == "id" && line.flag(&["-un", "-nu"]),
    least: 1,
    sniff: |_, rest, hint| expected(rest, WHOAMI, hint, is_name),
    read: |part, artifacts, problems| each(part, WHOAMI, "", |line| Some(only("user", line)), artifacts, problems),
});

/// `hostname`, `cat /etc/hostname`.
pub const HOSTNAME: Format = Format::new(&Spec {
    name: "hostname",
    title: "hostname",
    command: |line| {
        line.program == "hostname" || line.program == "cat" && line.args.iter().any(|arg| arg.ends_with("etc/hostname"))
    },
    least: 1,
    sniff: |_, rest, hint| expected(rest, HOSTNAME, hint, |line| line.split_whitespace().all(is_name)),
    read: |part, artifacts, problems| each(part, HOSTNAME, "", |line| Some(hostname(line)), artifacts, problems),
});

/// `date`.
pub const DATE: Format = Format::new(&Spec {
    name: "date",
    title: "date",
    command: |line| matches!(line.program.as_str(), "date" | "gdate" | "Get-Date"),
    least: 1,
    sniff: |_, rest, hint| expected(rest, DATE, hint, is_date),
    read: |part, artifacts, problems| each(part, DATE, "", |line| Some(only("date", line)), artifacts, problems),
});

/// `uptime`.
pub const UPTIME: Format = Format::new(&Spec {
    name: "uptime",
    title: "uptime",
    command: |line| matches!(line.program.as_str(), "uptime" | "w"),
    least: 9,
    sniff: |line, rest, hint| is_uptime(line).then(|| take(rest, UPTIME, hint, is_uptime))?,
    read: |part, artifacts, problems| each(part, UPTIME, "", uptime, artifacts, problems),
});

/// One line, where the command prints this.
fn expected(rest: &str, format: Format, hint: &Hint, is_own: impl Fn(&str) -> bool) -> Option<Taken> {
    let mut lines = 0;
    hint.expects(format).then(|| {
        take(rest, format, hint, |line| {
            lines += 1;
            lines < 2 && is_own(line.trim())
        })
    })?
}

/// Reads the one line there is; several under `list`.
fn each<'a>(
    part: &Part<'a>,
    format: Format,
    list: &str,
    line_of: impl Fn(Piece<'a>) -> Option<Placed>,
    artifacts: &mut Artifacts,
    problems: &mut Vec<Problem>,
) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut found = Vec::new();
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        match line_of(line) {
            Some(value) => found.push(value),
            None => unread.line(line, format.title()),
        }
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    if found.len() == 1 || list.is_empty() {
        for value in found {
            root.merge(value);
        }
    } else {
        let mut all = Placed::array(whole);
        for value in found {
            all.push(value);
        }
        root.put(list, all);
    }
    add_document(part, format.name(), root, complete, artifacts);
}

fn only(name: &str, line: Piece<'_>) -> Placed {
    let mut value = Placed::object(line);
    value.put_text(name, line);
    value
}

/// A user's or a host's name.
fn is_name(word: &str) -> bool {
    !word.is_empty()
        && word.len() < 254
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'\\' | b'@' | b'$'))
        && word.bytes().any(|b| b.is_ascii_alphanumeric())
        && !word.ends_with(':')
}

fn hostname(line: Piece<'_>) -> Placed {
    // `hostname -I` prints addresses.
    if line.words().all(|word| is_address(word.str())) {
        let mut value = Placed::object(line);
        for word in line.words() {
            value.push_at(&["addresses"], line, Placed::text(word));
        }
        return value;
    }
    only("hostname", line)
}

/// A time, in whatever format `date` was asked for: it has a number, and no word but names of days, months and zones.
fn is_date(line: &str) -> bool {
    let digits = line.bytes().filter(u8::is_ascii_digit).count();
    let words = line
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty());
    line.len() <= 64 && digits >= 2 && line.split_whitespace().count() <= 8 && words.clone().all(is_date_word)
}

fn is_date_word(word: &str) -> bool {
    const NAMES: [&str; 19] = [
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep",
        "oct", "nov", "dec",
    ];
    // Zones are capital letters; the date and the time of ISO 8601 are joined by a `T`.
    let zone = word.len() <= 5 && word.bytes().all(|b| b.is_ascii_uppercase());
    let lower = word.to_ascii_lowercase();
    zone || word.len() <= 9 && NAMES.iter().any(|name| lower.starts_with(name))
}

/// `uid=100(controller) gid=65533(nogroup) groups=65533(nogroup)`.
fn is_id(line: &str) -> bool {
    line.starts_with("uid=") && line.contains(" gid=")
}

fn id(line: Piece<'_>) -> Option<Placed> {
    let mut value = Placed::object(line);
    for word in line.words() {
        let (name, told) = word.split_once("=")?;
        match name.str() {
            "groups" => {
                let mut groups = Placed::array(told);
                for group in told.split(|c| c == ',') {
                    let mut item = Placed::object(group);
                    numbered(group, "gid", "name", &mut item);
                    groups.push(item);
                }
                value.put("groups", groups);
            }
            "uid" => numbered(told, "uid", "user", &mut value),
            "gid" => numbered(told, "gid", "group", &mut value),
            other => value.put_text(other, told),
        }
    }
    Some(value)
}

/// `65533(nogroup)`.
fn numbered(told: Piece<'_>, number: &str, name: &str, value: &mut Placed) {
    let (id, rest) = told.split_once("(").unwrap_or((told, told.skip(told.len())));
    value.put_number(number, id);
    value.put_text(name, rest.strip_suffix(")").unwrap_or(rest));
}

/// ` 10:00:00 up 3 days,  2:17,  1 user,  load average: 0.08, 0.03, 0.01`.
fn is_uptime(line: &str) -> bool {
    line.contains(" up ") && (line.contains("load average: ") || line.contains("load averages: "))
}

fn uptime(line: Piece<'_>) -> Option<Placed> {
    let (before, load) = line.split_once("load average")?;
    let (time, rest) = before.split_once("up ")?;
    let mut value = Placed::object(line);
    value.put_text("time", time.trim());
    let rest = rest.trim();
    let rest = rest.strip_suffix(",").unwrap_or(rest);
    // The users are the last before the load.
    let (up, users) = match rest.rsplit_once(",") {
        Some((up, users)) if users.contains("user") => (up, users.trim()),
        _ => (rest, rest.skip(rest.len())),
    };
    value.put_text("up", up.trim());
    if let Some(count) = users.words().next() {
        value.put_number("users", count);
    }
    let (_, load) = load.split_once(": ")?;
    for number in load.split(|c| c == ',' || c == ' ').filter(|number| !number.is_empty()) {
        value.push_at(&["load"], load, Placed::text(number));
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn who_one_is() {
        let text = include_str!("../../../../tests/samples/id/pod.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("id", text),
                json!({"uid": 65532, "user": "nonroot", "gid": 65532, "group": "nonroot",
                    "groups": [{"gid": 65532, "name": "nonroot"}, {"gid": 2000}]})
            );
        }
        assert_eq!(only("whoami", "$ whoami\nroot\n"), json!({"user": "root"}));
        let windows = only("whoami", "PS C:\\work> whoami\nntmgmt\\jv\n");
        assert_eq!(windows, json!({"user": "ntmgmt\\jv"}));
    }

    #[test]
    fn names_of_hosts() {
        assert_eq!(
            only("hostname", "$ hostname -f\nip-10-44-3-17.eu-west-1.compute.internal\n"),
            json!({"hostname": "ip-10-44-3-17.eu-west-1.compute.internal"})
        );
        let read = only(
            "hostname",
            "$ cat /etc/hostname\nip-10-44-3-17.ec2.internal shop.example.net\n",
        );
        assert_eq!(read["hostname"], "ip-10-44-3-17.ec2.internal shop.example.net");
        let read = only("hostname", "$ hostname -I\n10.44.3.17 169.254.1.1 fd00::7 \n");
        assert_eq!(read["addresses"], json!(["10.44.3.17", "169.254.1.1", "fd00::7"]));
    }

    #[test]
    fn dates_in_all_their_forms() {
        for date in [
            "Sat Nov 21 10:00:00 UTC 2026",
            "Sat 21 Nov 2026 10:00:00 AM CET",
            "Sat Nov 21 10:00:00 +08 2026",
            "2026-11-21T10:00:00+00:00",
            "2026-11-21 10:00:00+00:00",
            "2026-11-21T10:00:00Z",
            "Sat, 21 Nov 2026 10:00:00 +0000",
            "1795255200",
            "Saturday, November 21, 2026 10:00:00 AM",
        ] {
            assert_eq!(only("date", &format!("$ date -u\n{date}\n"))["date"], date);
            assert_eq!(documents(&format!("{date}\n")), [], "{date}");
        }
        assert_eq!(documents("$ date\nit is 10 past 12\n"), []);
    }

    #[test]
    fn how_long_a_node_has_been_up() {
        let text = include_str!("../../../../tests/samples/uptime/node.txt");
        assert_eq!(
            only("uptime", text),
            json!({"time": "10:00:00", "up": "3 days,  2:17", "users": 1, "load": ["12.08", "9.03", "4.01"]})
        );
    }
}
