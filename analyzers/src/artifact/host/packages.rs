//! Packages that are installed: `rpm -q`, `rpm -qa` (rpm's `NAME-VERSION-RELEASE.ARCH`) and `dpkg -l` (dpkg `src/query.c`).
//!
//! `{"packages": [{"name", "version", "release", "architecture", "state"}], "missing": […]}`.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// Packages.
pub const FORMAT: Format = Format::new(&Spec {
    name: "packages",
    title: "installed packages",
    command: |line| {
        let queries = line.args.iter().any(|arg| arg.starts_with("-q") || arg == "--query");
        let formatted = line
            .args
            .iter()
            .any(|arg| arg.starts_with("--qf") || arg.starts_with("--queryformat"));
        line.program == "rpm" && queries && !formatted || line.program == "dpkg" && line.flag(&["-l", "--list"])
    },
    least: 3,
    sniff,
    read,
});

/// `kernel-5.19.14-300.fc37.x86_64`.
fn rpm(line: Piece<'_>) -> Option<Placed> {
    let line = line.trim();
    if line.contains(' ') {
        return None;
    }
    let (rest, architecture) = line.rsplit_once(".")?;
    let (rest, release) = rest.rsplit_once("-")?;
    let (name, version) = rest.rsplit_once("-")?;
    let known = matches!(architecture.str(), "x86_64" | "aarch64" | "noarch" | "i686" | "(none)");
    if !known || name.is_empty() || !version.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut value = Placed::object(line);
    for (name, piece) in [
        ("name", name),
        ("version", version),
        ("release", release),
        ("architecture", architecture),
    ] {
        value.put_text(name, piece);
    }
    Some(value)
}

/// `ii  iptables  1.8.7-1ubuntu5  amd64  administration tools`.
fn dpkg(line: Piece<'_>) -> Option<Placed> {
    let words: Vec<Piece<'_>> = line.words().take(4).collect();
    let [state, name, version, architecture] = words.as_slice() else {
        return None;
    };
    let known = state.len() <= 3
        && state.bytes().next().is_some_and(|b| b"uirph".contains(&b))
        && state.bytes().nth(1).is_some_and(|b| b"ncHUFWti".contains(&b))
        && matches!(architecture.str(), "amd64" | "arm64" | "all" | "i386" | "armhf");
    known.then(|| {
        let mut value = Placed::object(line);
        value.put("state", Placed::text(*state));
        value.put_text("name", *name);
        value.put_text("version", *version);
        value.put_text("architecture", *architecture);
        value
    })
}

/// dpkg's explanation above the list.
fn is_header(line: &str) -> bool {
    line.starts_with("Desired=Unknown/Install/")
        || line.starts_with("| Status=Not/Inst/")
        || line.starts_with("|/ Err?=")
        || line.starts_with("||/ Name")
        || line.starts_with("+++-=")
}

/// `package x is not installed`.
fn missing(line: Piece<'_>) -> Option<Piece<'_>> {
    line.trim().strip_prefix("package ")?.strip_suffix(" is not installed")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let own = |line: &str| {
        let piece = Piece::new(line);
        is_header(line) || dpkg(piece).is_some() || expected && (rpm(piece).is_some() || missing(piece).is_some())
    };
    let begins = expected && own(line) || is_header(line) || line.starts_with("ii  ") && own(line);
    begins.then(|| take(rest, FORMAT, hint, own))?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut root = Placed::object(whole);
    for line in whole
        .lines()
        .filter(|line| !line.trim().is_empty() && !is_header(line.str()))
    {
        if let Some(name) = missing(line) {
            root.push_at(&["missing"], line, Placed::text(name));
        } else if let Some(package) = dpkg(line).or_else(|| rpm(line)) {
            root.push_at(&["packages"], line, package);
        } else {
            unread.line(line, FORMAT.title());
        }
    }
    unread.finish();
    add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use serde_json::json;

    #[test]
    fn both_managers() {
        let text = include_str!("../../../../tests/samples/packages/rpm.txt");
        assert_eq!(
            only("packages", text),
            json!({"packages": [
                {"name": "iptables-nft", "version": "1.8.8", "release": "3.amzn2023.0.2", "architecture": "x86_64"},
                {"name": "kernel", "version": "6.1.79", "release": "99.164.amzn2023", "architecture": "x86_64"}],
                "missing": ["docker"]})
        );
        assert_eq!(documents(text.split_once('\n').unwrap().1), []);
        let text = include_str!("../../../../tests/samples/packages/dpkg.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("packages", text)["packages"],
                json!([{"state": "ii", "name": "iptables", "version": "1.8.7-1ubuntu5", "architecture": "amd64"}])
            );
        }
    }
}
