//! Where user data begins in a paste and where it ends.

use super::content::Kind;
use super::{FORMAT, mime, script};
use crate::archive;
use crate::artifact::base64;
use crate::artifact::config::toml;
use crate::segment::sniff::{Hint, Taken, ends, log, yaml};

/// How far is looked for what tells a node's user data from another script.
const AHEAD: usize = 400;

/// How many scripts a script has in here-documents: beyond is another one. This bounds what is looked at of a paste full of scripts.
const SCRIPTS: usize = 5;

/// The lines of a text to the next script that is none of its own.
fn scripts(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut seen = 0;
    ends(text).take_while(move |(line, _)| {
        seen += usize::from(line.starts_with("#!/"));
        seen <= SCRIPTS
    })
}

/// Takes user data.
pub fn take(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    let told = || {
        expected
            || scripts(rest).take(AHEAD).any(|(line, _)| {
                line.contains(script::BOOTSTRAP) || line.contains("node.eks.aws/") || line.contains("nodeadm init")
            })
    };
    let len = if begins_mime(line) {
        of_mime(rest)?
    } else if line.starts_with("#!/") {
        told().then(|| of_script(rest))?
    } else if line.trim_end() == "#cloud-config" {
        of_yaml(rest)
    } else if line.starts_with("[settings") && toml::is_header(line)
        || line.starts_with("settings.") && toml::value_of(line).is_some()
    {
        of_settings(rest)?
    } else if line.starts_with("<powershell>") {
        of_powershell(rest, expected)?
    } else if is_base64(line) {
        of_base64(rest)?
    } else {
        return None;
    };
    (len > 0).then_some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.9 },
    })
}

fn begins_mime(line: &str) -> bool {
    line.starts_with("MIME-Version: ") || line.starts_with("Content-Type: multipart/mixed")
}

/// Up to the last boundary; where that was cut away, to the end of the last part.
fn of_mime(rest: &str) -> Option<usize> {
    let mut boundary = None;
    let mut last = 0;
    let mut rest = rest;
    // The message's own headers come first, in either order.
    let mut in_headers = true;
    let mut next = 0;
    for (i, (line, end)) in ends(rest).enumerate() {
        let start = std::mem::replace(&mut next, end);
        // Another one begins before this one ends: this one was cut.
        if boundary.is_some() && !in_headers && begins_mime(line) {
            rest = rest.get(..start)?;
            break;
        }
        in_headers &= is_header(line);
        match boundary {
            None => {
                boundary = mime::boundary(line);
                if boundary.is_none() && (i > 6 || line.trim().is_empty()) {
                    return None;
                }
            }
            Some(boundary) => match mime::separates(line, boundary) {
                Some(true) => return Some(end),
                Some(false) => {
                    last = end;
                    in_headers = true;
                }
                None => {}
            },
        }
    }
    let body = rest.get(last..)?;
    let mut begin = 0;
    for (line, end) in ends(body) {
        if mime::header(crate::text::Piece::new(line)).is_none() && !line.trim().is_empty() {
            break;
        }
        begin = end;
    }
    let text = body.get(begin..)?;
    let len = match Kind::of_text(text) {
        Kind::Script => of_script(text),
        Kind::CloudConfig | Kind::NodeConfig => of_yaml(text),
        Kind::Bottlerocket => toml::extent(text),
        Kind::PowerShell | Kind::Other => ends(text)
            .take_while(|(line, _)| !line.trim().is_empty())
            .last()
            .map_or(0, |(_, end)| end),
    };
    Some(last + begin + len)
}

/// A header, or its value's next line, which is indented (RFC 5322, section 2.2.3).
fn is_header(line: &str) -> bool {
    let folded = line.starts_with([' ', '\t']) && !line.trim().is_empty();
    folded || mime::header(crate::text::Piece::new(line)).is_some()
}

/// YAML in block style: names at the beginning of a line, and what is indented.
fn of_yaml(rest: &str) -> usize {
    let mut len = 0;
    let mut block = false;
    for (line, end) in ends(rest) {
        let own = match line.bytes().next() {
            _ if line.trim().is_empty() => continue,
            // A line that is indented belongs to the name above it.
            Some(b' ' | b'\t') => block,
            Some(b'#') => true,
            Some(b'-') => line.starts_with("- ") || line.trim_end() == "-" || line.trim_end() == "---",
            _ => yaml::is_key(line) && !log::is_error(line) && !log::is_notice(line),
        };
        if !own {
            break;
        }
        block = true;
        len = end;
    }
    len
}

fn of_settings(rest: &str) -> Option<usize> {
    let len = toml::extent(rest);
    let setting = ends(rest.get(..len)?).any(|(line, _)| toml::value_of(line).is_some());
    setting.then_some(len)
}

/// Up to the end of the element, and what EC2Launch reads after it (`<persist>true</persist>`).
fn of_powershell(rest: &str, expected: bool) -> Option<usize> {
    let mut closed = 0;
    for (line, end) in ends(rest) {
        let clean = line.trim();
        if clean == "</powershell>" || closed > 0 && clean.starts_with("<persist>") {
            closed = end;
        } else if closed > 0 || clean == "<powershell>" && end > line.len() + 2 {
            break;
        }
    }
    match closed {
        0 => expected.then(|| {
            ends(rest)
                .take_while(|(line, _)| !line.trim().is_empty())
                .last()
                .map_or(0, |(_, end)| end)
        }),
        closed => Some(closed),
    }
}

/// The beginnings of user data in base64: `MIME-V`, `Content-Type`, `#!/`, `#cloud-config`, `<powershell>`, `[settings`, `apiVersion`, and
/// gzip's sign.
const ENCODED: [&str; 9] = [
    "TUlNRS1W",
    "Q29udGVudC1U",
    "IyEv",
    "I2Nsb3VkLWNvbmZpZ",
    "PHBvd2Vyc2hlbGw+",
    "W3NldHRpbmdz",
    "YXBpVmVyc2lvbjog",
    "LS0tCmFwaVZlcnNpb2",
    "H4sI",
];

/// Whether a line is base64 of what user data begins with.
pub fn is_base64(line: &str) -> bool {
    let line = line.trim_end();
    line.len() > 20 && ENCODED.iter().any(|beginning| line.starts_with(beginning)) && is_digits(line)
}

fn is_digits(line: &str) -> bool {
    !line.is_empty()
        && line
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

/// More than any user data has in base64.
const MOST: usize = 64 << 10;

/// The lines of base64, where they are user data.
fn of_base64(rest: &str) -> Option<usize> {
    let mut width = None;
    let mut len = 0;
    for (line, end) in ends(rest) {
        let line = line.trim_end();
        // All lines but the last have the same length (base64(1) wraps at 76).
        let width = *width.get_or_insert(line.len());
        if !is_digits(line) || line.len() > width || end > MOST {
            break;
        }
        len = end;
        if line.len() < width || line.ends_with('=') {
            break;
        }
    }
    let bytes = base64::decode(rest.get(..len)?)?;
    let text = if bytes.starts_with(b"\x1f\x8b") {
        archive::gunzip(&bytes, MOST)?
    } else {
        bytes
    };
    let text = String::from_utf8(text).ok()?;
    (Kind::of_text(&text) != Kind::Other || text.starts_with("MIME-Version:") || text.starts_with("Content-Type:"))
        .then_some(len)
}

/// What scripts' lines begin with.
const COMMANDS: [&str; 75] = [
    "amazon-linux-extras",
    "apt",
    "apt-get",
    "aws",
    "awk",
    "break",
    "case",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cloud-init",
    "containerd",
    "cp",
    "ctr",
    "curl",
    "cut",
    "declare",
    "df",
    "dnf",
    "do",
    "docker",
    "done",
    "echo",
    "elif",
    "else",
    "esac",
    "eval",
    "exec",
    "exit",
    "export",
    "fi",
    "for",
    "function",
    "grep",
    "hostnamectl",
    "if",
    "install",
    "ip",
    "iptables",
    "jq",
    "kubelet",
    "ln",
    "local",
    "logger",
    "mkdir",
    "mkfs",
    "modprobe",
    "mount",
    "mv",
    "nodeadm",
    "printf",
    "pvcreate",
    "python3",
    "read",
    "readonly",
    "return",
    "rm",
    "rpm",
    "sed",
    "set",
    "shift",
    "sleep",
    "source",
    "sudo",
    "swapoff",
    "sysctl",
    "systemctl",
    "tar",
    "tee",
    "then",
    "timedatectl",
    "trap",
    "until",
    "wget",
];

/// Whether a line after a blank one goes on with a shell's script.
fn is_shell(line: &str) -> bool {
    let first = line.split_ascii_whitespace().next().unwrap_or_default();
    let first = first.trim_end_matches(';');
    match first.bytes().next() {
        Some(b' ' | b'\t' | b'#' | b'/' | b'.' | b'$' | b'}' | b')' | b'!') => true,
        Some(b'[' | b'{' | b'(') => matches!(first, "[" | "[[" | "{" | "(" | "(("),
        _ => {
            line.starts_with([' ', '\t'])
                || COMMANDS.contains(&first)
                || matches!(first, "yum" | "useradd" | "usermod" | "while" | "unset" | "unzip" | "wait" | "xargs" | "snap" | "zypper")
                // `NAME=value`, `name() {`
                || first
                    .split_once('=')
                    .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
                || first.ends_with("()")
        }
    }
}

/// The word that ends a here-document which a line opens (POSIX, Shell Command Language, section 2.7.4).
fn here(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("<<")?;
    let word = rest.trim_start_matches(['-', ' ']);
    // `<<<` is a string.
    if rest.starts_with('<') {
        return None;
    }
    let word = word
        .split([' ', ';', '>', '|', ')', '&'])
        .next()?
        .trim_matches(['"', '\'', '\\']);
    (!word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')).then_some(word)
}

/// A shell's script: to the first line after a blank one that is none of a shell's.
fn of_script(rest: &str) -> usize {
    let mut len = 0;
    let mut blank = false;
    let mut word: Option<&str> = None;
    // Where the script would end, were the here-document never closed.
    let mut open_at = 0;
    let mut continued = false;
    for (line, end) in scripts(rest) {
        if let Some(wanted) = word {
            if line.trim() == wanted {
                word = None;
                len = end;
            }
            continue;
        }
        if line.trim().is_empty() {
            blank = true;
            continue;
        }
        if blank && !continued && !is_shell(line) {
            return len;
        }
        blank = false;
        len = end;
        continued = line.ends_with('\\');
        word = here(line);
        open_at = end;
    }
    // A here-document that is not closed has no end that can be told: the lines up to the next blank one.
    if word.is_some() {
        let body = rest.get(open_at..).unwrap_or_default();
        let more = ends(body)
            .take_while(|(line, _)| !line.trim().is_empty())
            .last()
            .map_or(0, |(_, end)| end);
        return open_at + more;
    }
    len
}
