//! `kubectl version`, in the shape that `-o json` prints (`clientVersion`, `serverVersion`, `kustomizeVersion`).
//!
//! Since 1.28 the short form is printed; before that Go's `version.Info{…}` (`pkg/cmd/version` of kubernetes/kubectl).

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `kubectl version`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-version",
    title: "kubectl version",
    command: |line| line.is_kubectl() && line.positional().first() == Some(&"version") && line.output().is_none(),
    least: 9,
    sniff,
    read,
});

fn own(line: &str) -> bool {
    [
        "Client Version: ",
        "Server Version: ",
        "Kustomize Version: ",
        "WARNING: version difference between client",
    ]
    .iter()
    .any(|prefix| line.starts_with(prefix))
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    if !line.starts_with("Client Version: ") && !line.starts_with("Server Version: ") {
        return None;
    }
    Some(Taken {
        len: ends(rest).take_while(|(line, _)| own(line)).last()?.1,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    for line in whole.lines() {
        let Some((name, value)) = line.split_once(": ") else {
            continue;
        };
        let member = match name.str() {
            "Client Version" => "clientVersion",
            "Server Version" => "serverVersion",
            "Kustomize Version" => {
                root.put("kustomizeVersion", Placed::text(value));
                continue;
            }
            _ => {
                root.put("x-warning", Placed::text(line));
                continue;
            }
        };
        let value = value.trim();
        if let Some(info) = value
            .strip_prefix("version.Info{")
            .and_then(|rest| rest.strip_suffix("}"))
        {
            for field in info.split(|c| c == ',') {
                if let Some((name, text)) = field.trim().split_once(":\"") {
                    let mut name = name.str().to_owned();
                    if let Some(first) = name.get_mut(..1) {
                        first.make_ascii_lowercase();
                    }
                    let text = text.strip_suffix("\"").unwrap_or(text);
                    root.put_at(&[member, &name], value, Placed::text(text));
                }
            }
        } else {
            root.put_at(&[member, "gitVersion"], value, Placed::text(value));
        }
    }
    add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;

    #[test]
    fn both_layouts() {
        check(
            "$ kubectl version\nClient Version: v1.32.4\nKustomize Version: v5.5.0\nServer Version: v1.29.3-eks-adc7111\nWARNING: version difference between client (1.32) and server (1.29) exceeds the supported minor version skew of +/-1\n",
            "kubectl-version",
            &[
                ("clientVersion/gitVersion", "v1.32.4"),
                ("serverVersion/gitVersion", "v1.29.3-eks-adc7111"),
                ("kustomizeVersion", "v5.5.0"),
            ],
            0,
        );
        check(
            "Server Version: version.Info{Major:\"1\", Minor:\"21+\", GitVersion:\"v1.21.14-eks-fb459a0\", GitCommit:\"b07006b\", Platform:\"linux/amd64\"}\n",
            "kubectl-version",
            &[
                ("serverVersion/minor", "21+"),
                ("serverVersion/gitVersion", "v1.21.14-eks-fb459a0"),
                ("serverVersion/platform", "linux/amd64"),
            ],
            0,
        );
    }
}
