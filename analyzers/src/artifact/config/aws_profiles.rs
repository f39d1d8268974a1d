//! `~/.aws/config` and `~/.aws/credentials` (AWS SDKs and Tools reference, "Shared config and credentials files"). Of keys only their kind
//! is kept, of secrets and tokens nothing.

use std::collections::BTreeMap;

use crate::artifact::unread::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// Both files.
pub const FORMAT: Format = Format::new(&Spec {
    name: "aws-profiles",
    title: "the AWS tools' profiles",
    command: |line| {
        matches!(line.program.as_str(), "cat" | "less" | "more" | "type" | "Get-Content")
            && line.args.iter().any(|arg| {
                let arg = arg.replace('\\', "/");
                arg.ends_with(".aws/config") || arg.ends_with(".aws/credentials")
            })
    },
    least: 1,
    sniff: take,
    read,
});

/// Settings that only these files have (the same reference, "Settings reference"): one tells an unnamed section's file.
const TELLING: [&str; 11] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "role_arn",
    "source_profile",
    "credential_source",
    "credential_process",
    "web_identity_token_file",
    "sso_start_url",
    "sso_account_id",
    "sso_session",
];

/// What a section is, and its name: `[default]`, `[profile prod]`, `[sso-session corp]`; in `credentials` a profile has no word before it.
fn section(line: Piece<'_>) -> Option<(&'static str, Piece<'_>)> {
    let inside = line.trim().strip_prefix("[")?.strip_suffix("]")?.trim();
    for (word, kind) in [
        ("profile ", "profiles"),
        ("sso-session ", "sso-sessions"),
        ("services ", "services"),
    ] {
        if let Some(name) = inside.strip_prefix(word) {
            return Some((kind, name.trim()));
        }
    }
    let plain = !inside.is_empty()
        && inside
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@' | b'/' | b'+'));
    plain.then_some(("profiles", inside))
}

/// Name and value of a setting.
fn setting(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, value) = line.split_once("=")?;
    let name = name.trim();
    let own = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    own.then_some((name, value.trim()))
}

fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let begins = section(Piece::new(line)).is_some();
    if !(begins || expected && line.starts_with(['#', ';'])) {
        return None;
    }
    let telling = |line: &str| setting(Piece::new(line)).is_some_and(|(name, _)| TELLING.contains(&name.str()));
    let named = line.starts_with("[profile ") || line.starts_with("[sso-session ");
    if !expected && !named && !ends(rest).skip(1).take(8).any(|(line, _)| telling(line)) {
        return None;
    }
    let mut len = 0;
    let mut any = false;
    for (line, end) in ends(rest) {
        let piece = Piece::new(line);
        let own = section(piece).is_some() || any && setting(piece).is_some() || any && setting(piece.trim()).is_some();
        if own {
            len = end;
            any = true;
        } else if !any && expected && line.starts_with(['#', ';']) {
            len = end;
        } else if !line.trim().is_empty() && !line.starts_with(['#', ';']) {
            break;
        }
    }
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.9 },
    })
}

/// What stands for a value that is not kept.
const SECRET: &str = "[redacted]";

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::default();
    let mut root = Placed::object(whole);
    let mut kinds: BTreeMap<&'static str, Placed> = BTreeMap::new();
    let mut open: Option<Section<'_>> = None;
    // A setting without a value has those that are indented below it: `s3 =`.
    let mut outer: Option<(Piece<'_>, Placed)> = None;
    let mut close = |open: &mut Option<Section<'_>>| {
        if let Some((kind, name, settings)) = open.take() {
            let all = kinds.entry(kind).or_insert_with(|| Placed::object(whole));
            all.put(name.str(), settings);
        }
    };
    for line in whole.lines() {
        let clean = line.trim();
        if clean.is_empty() || clean.starts_with(['#', ';']) {
            continue;
        }
        if let Some((kind, name)) = section(clean) {
            nested(&mut open, outer.take());
            close(&mut open);
            open = Some((kind, name, Placed::object(line)));
            continue;
        }
        let Some((name, value)) = setting(clean).filter(|_| open.is_some()) else {
            unread.line(line);
            continue;
        };
        if let Some((_, inner)) = outer.as_mut().filter(|_| line.starts_with([' ', '\t'])) {
            put(inner, name, value);
            inner.extend(line);
            continue;
        }
        nested(&mut open, outer.take());
        if value.is_empty() {
            outer = Some((name, Placed::object(line)));
        } else if let Some((_, _, settings)) = &mut open {
            settings.extend(line);
            put(settings, name, value);
        }
    }
    nested(&mut open, outer);
    close(&mut open);
    for (kind, all) in kinds {
        root.put(kind, all);
    }
    unread.finish(part, problems);
    let complete = !part.command().is_none_or(|line| line.filtered());
    formats::add_document(part, FORMAT.name(), root, complete, artifacts);
}

/// A section's kind and name, and what is set in it.
type Section<'a> = (&'static str, Piece<'a>, Placed);

/// Adds a setting that has others in it.
fn nested(open: &mut Option<Section<'_>>, outer: Option<(Piece<'_>, Placed)>) {
    if let (Some((_, _, settings)), Some((name, inner))) = (open, outer) {
        settings.put(name.str(), inner);
    }
}

fn put(settings: &mut Placed, name: Piece<'_>, value: Piece<'_>) {
    match name.str() {
        "aws_access_key_id" => {
            settings.put(name.str(), Placed::value(SECRET, value));
            // `ASIA` is temporary and needs a session token, `AKIA` is a user's (IAM user guide, "IAM identifiers").
            if value.len() >= 16 {
                settings.put_text("accessKeyKind", value.part(0..4));
            }
        }
        "aws_secret_access_key" | "aws_session_token" | "aws_security_token" => {
            settings.put(name.str(), Placed::value(SECRET, value));
        }
        name => settings.put_text(name, value),
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn profiles_are_read_and_secrets_are_not() {
        let config = include_str!("../../../../tests/samples/aws-profiles/config.txt");
        for text in [config, config.split_once('\n').unwrap().1] {
            let read = read(text);
            read.is("aws-profiles");
            assert_eq!(read.problems, Vec::<String>::new());
            for (pointer, text) in [
                ("/profiles/default/region", "eu-west-1"),
                ("/profiles/prod/role_arn", "arn:aws:iam::111122223333:role/eks-admin"),
                ("/profiles/prod/s3/max_concurrent_requests", "20"),
                ("/sso-sessions/corp/sso_region", "eu-central-1"),
            ] {
                assert_eq!(read.at(pointer), text, "{pointer}");
                assert_eq!(read.shown(pointer), text, "{pointer}");
            }
        }
        // Put together here, so that no scanner takes this file for a leak.
        let key = ["AS", "IAIOSFODNN7EXAMPLE"].concat();
        let text = format!(
            "$ cat ~/.aws/credentials\n[default]\naws_access_key_id = {key}\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\naws_session_token = IQoJb3JpZ2luX2VjEXAMPLE\n"
        );
        let secret = read(&text);
        secret.is("aws-profiles");
        assert_eq!(secret.at("/profiles/default/accessKeyKind"), "ASIA");
        for text in ["wJalr", "IQoJ", "IOSFODNN"] {
            assert!(!secret.json().contains(text), "{text}");
        }
    }

    #[test]
    fn other_files_with_sections_are_not_taken() {
        for text in [
            "[default]\nregion = eu-west-1\n",
            "[Unit]\nDescription=x\n",
            "[mysqld]\nport = 3306\n",
        ] {
            assert_ne!(read(text).format, "aws-profiles", "{text}");
        }
    }
}
