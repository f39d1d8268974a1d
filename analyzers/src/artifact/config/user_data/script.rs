//! The call of the bootstrap program in a script: `/etc/eks/bootstrap.sh` (Amazon Linux 2), `nodeadm init`, and
//! `Start-EKSBootstrap.ps1` (Windows).

use std::collections::BTreeMap;

use crate::artifact::Placed;
use crate::artifact::config::flags::flags;
use crate::artifact::config::shell::{Word, words};
use crate::text::Piece;

/// The program of Amazon Linux 2 and of images that are made alike.
pub const BOOTSTRAP: &str = "/etc/eks/bootstrap.sh";
/// The variable that Windows' user data has the script's path in.
pub const WINDOWS: &str = "EKSBootstrapScriptFile";

/// Variables that a script sets to words of one line.
type Variables<'a> = BTreeMap<String, Word<'a>>;

/// Reads a shell's script.
pub fn shell(text: Piece<'_>, part: &mut Placed) {
    let mut variables = Variables::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let clean = line.trim();
        if clean.starts_with('#') {
            continue;
        }
        if let Some(found) = clean.find(BOOTSTRAP) {
            let all = continued(clean, &mut lines, text, '\\');
            let call = words(all.skip(found + BOOTSTRAP.len()));
            // `[ -x /etc/eks/bootstrap.sh ]` is no call.
            if call.iter().all(|word| word.text != "]") && !call.is_empty() {
                part.put("bootstrap", bootstrap(all, &call, &variables));
            }
        } else if clean.contains("nodeadm init") {
            part.put("nodeadm", Placed::text(clean));
        } else if let Some((name, value)) = assignment(clean) {
            variables.insert(name, value);
        }
    }
}

/// `NAME=value`, alone or after `export`.
fn assignment(line: Piece<'_>) -> Option<(String, Word<'_>)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let word = words(line).into_iter().next()?;
    let (name, value) = word.assignment()?;
    let own = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    // What a command prints is not known.
    (own && !value.text.contains("$(") && !value.text.contains('`')).then(|| (name.to_owned(), value))
}

/// The line that `line` begins, with those that continue it.
fn continued<'a>(
    line: Piece<'a>,
    lines: &mut impl Iterator<Item = Piece<'a>>,
    text: Piece<'a>,
    sign: char,
) -> Piece<'a> {
    let mut last = line;
    while last.trim_end().ends_with(sign) {
        let Some(next) = lines.next() else { break };
        last = next;
    }
    line.to(last, text)
}

/// The value of a word that is a variable's name.
fn resolved<'a>(word: &Word<'a>, variables: &Variables<'a>) -> Word<'a> {
    let name = word.text.strip_prefix('$').map(|name| {
        name.strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
            .unwrap_or(name)
    });
    name.and_then(|name| variables.get(name)).unwrap_or(word).clone()
}

fn bootstrap<'a>(all: Piece<'a>, call: &[Word<'a>], variables: &Variables<'a>) -> Placed {
    let call: Vec<Word<'a>> = call.iter().map(|word| resolved(word, variables)).collect();
    let mut placed = Placed::object(all);
    // bootstrap.sh keeps what is no option and no option's value: the cluster's name.
    let mut before_value = false;
    for (i, word) in call.iter().enumerate() {
        let option = word.text.starts_with("--");
        if !option && !before_value {
            placed.put("clusterName", Placed::value(word.text.as_str(), word.piece));
            break;
        }
        before_value = option && !word.text.contains('=') && i + 1 < call.len();
    }
    let extra = call
        .iter()
        .zip(call.iter().skip(1))
        .find(|(word, _)| word.text == "--kubelet-extra-args")
        .map(|(_, value)| value.clone())
        .or_else(|| {
            let word = call
                .iter()
                .find(|word| word.text.starts_with("--kubelet-extra-args="))?;
            word.assignment().map(|(_, value)| value)
        });
    // The value of this option begins with dashes, too, which no other's does.
    let options: Vec<Word<'a>> = call
        .iter()
        .filter(|word| {
            !(extra.as_ref().is_some_and(|extra| extra.piece == word.piece)
                || word.text.starts_with("--kubelet-extra-args"))
        })
        .cloned()
        .collect();
    placed.put("options", flags(&options, all));
    if let Some(extra) = extra {
        placed.put("kubeletExtraArgs", flags(&extra.words(), extra.piece));
    }
    placed
}

/// Reads PowerShell: the call of Windows' bootstrap script.
pub fn powershell(text: Piece<'_>, part: &mut Placed) {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let clean = line.trim();
        if !clean.starts_with('&') && !clean.contains("Start-EKSBootstrap.ps1 -") {
            continue;
        }
        let Some(found) = clean.find(WINDOWS).map(|at| at + WINDOWS.len()).or_else(|| {
            let name = "Start-EKSBootstrap.ps1";
            clean.find(name).map(|at| at + name.len())
        }) else {
            continue;
        };
        let all = continued(clean, &mut lines, text, '`');
        let rest = all.skip(found);
        let call = words(rest.strip_prefix("\"").unwrap_or(rest));
        let mut options = Placed::object(all);
        let mut placed = Placed::object(all);
        let mut call = call.iter().peekable();
        while let Some(word) = call.next() {
            let Some(name) = word.text.strip_prefix('-') else {
                continue;
            };
            let Some(value) = call.next_if(|next| !next.text.starts_with('-') || name == "KubeletExtraArgs") else {
                options.put(name, Placed::value(true, word.piece));
                continue;
            };
            match name {
                "EKSClusterName" => placed.put("clusterName", Placed::value(value.text.as_str(), value.piece)),
                "KubeletExtraArgs" => placed.put("kubeletExtraArgs", flags(&value.words(), value.piece)),
                _ => options.put(name, Placed::value(value.text.as_str(), value.piece)),
            }
        }
        placed.put("options", options);
        part.put("bootstrap", placed);
    }
}
