//! `kubectl api-resources` and `api-versions`, in the words of APIResourceList (apimachinery `meta/v1`).
//!
//! Columns: `pkg/cmd/apiresources` of kubernetes/kubectl; versions before 1.20 print APIGROUP instead of APIVERSION.

use super::columns;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `kubectl api-resources` and `api-versions`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-api-resources",
    title: "kubectl api-resources",
    command: |line| {
        line.is_kubectl()
            && matches!(line.positional().first(), Some(&("api-resources" | "api-versions")))
            && line.output().is_none_or(|output| matches!(output, "wide" | "name"))
    },
    least: 12,
    sniff,
    read,
});

/// `apps/v1`, `v1`, `karpenter.k8s.aws/v1beta1`.
fn is_version(line: &str) -> bool {
    let version = line.rsplit('/').next().unwrap_or_default();
    let digit = version.strip_prefix('v').and_then(|rest| rest.bytes().next());
    digit.is_some_and(|byte| byte.is_ascii_digit()) && !line.contains(char::is_whitespace)
}

/// `deployments.apps`, `bindings`: what `-o name` prints; `...` where lines were left out.
fn is_name(line: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'/');
    !line.is_empty() && line.bytes().all(plain)
}

/// The cells of a row without a header. Short names may be missing; groups and kinds are one word each.
fn unprinted(line: Piece<'_>) -> Option<Vec<(&'static str, Piece<'_>)>> {
    let words: Vec<Piece<'_>> = line.words().take(7).collect();
    let at = words.iter().position(|word| matches!(word.str(), "true" | "false"))?;
    let (version, kind) = (*words.get(at.checked_sub(1)?)?, *words.get(at + 1)?);
    if !(at == 2 || at == 3) || !is_version(&version) || !kind.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let mut cells = vec![("NAME", *words.first()?)];
    cells.extend(words.get(1).filter(|_| at == 3).map(|short| ("SHORTNAMES", *short)));
    cells.extend([("APIVERSION", version), ("NAMESPACED", *words.get(at)?), ("KIND", kind)]);
    cells.extend(words.get(at + 2).map(|verbs| ("VERBS", *verbs)));
    cells.extend(words.get(at + 3).map(|categories| ("CATEGORIES", *categories)));
    Some(cells)
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let names = hint.line.as_ref().is_some_and(|line| line.output() == Some("name"));
    if names && hint.expects(FORMAT) && is_name(line) {
        return Some(Taken {
            len: ends(rest).take_while(|(line, _)| is_name(line)).last()?.1,
            format: FORMAT,
            confidence: 0.95,
        });
    }
    if line.starts_with("NAME ") && line.contains(" NAMESPACED ") && line.contains(" KIND") {
        return columns::take(rest, FORMAT);
    }
    let headless = hint
        .line
        .as_ref()
        .is_some_and(|line| line.flag(&["--no-headers"]) || line.selected);
    if hint.expects(FORMAT) && headless && unprinted(Piece::new(line)).is_some() {
        return Some(Taken {
            len: ends(rest)
                .take_while(|(line, _)| unprinted(Piece::new(line)).is_some())
                .last()?
                .1,
            format: FORMAT,
            confidence: 0.95,
        });
    }
    if !hint.expects(FORMAT) || !is_version(line) {
        return None;
    }
    Some(Taken {
        len: ends(rest).take_while(|(line, _)| is_version(line)).last()?.1,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    if part.command().is_some_and(|line| line.output() == Some("name")) && !whole.starts_with("NAME") {
        let mut resources = Placed::array(whole);
        for line in whole
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        {
            let mut resource = Placed::object(line);
            let (name, group) = line.split_once(".").unwrap_or((line, line.skip(line.len())));
            resource.put_text("name", name);
            resource.put_text("group", group);
            resources.push(resource);
        }
        root.put("resources", resources);
        add_document(part, FORMAT.name(), root, false, artifacts);
        return;
    }
    if whole.lines().next().and_then(unprinted).is_some() {
        let mut resources = Placed::array(whole);
        for (line, cells) in whole.lines().filter_map(|line| Some((line, unprinted(line)?))) {
            resources.push(resource(line, &cells));
        }
        root.put("resources", resources);
        add_document(part, FORMAT.name(), root, false, artifacts);
        return;
    }
    if !whole.starts_with("NAME") {
        let mut versions = Placed::array(whole);
        for line in whole.lines() {
            versions.push(Placed::text(line));
        }
        root.put("versions", versions);
        add_document(part, FORMAT.name(), root, false, artifacts);
        return;
    }
    let mut resources = Placed::array(whole);
    let mut unread = 0_usize;
    for (line, cells) in columns::rows(whole) {
        let Some(cells) = cells else {
            unread += 1;
            if unread <= 20 {
                problems.push(Problem::new(
                    part.span().slice(line.range()),
                    "The cells of this row do not line up with the header, so it is left out.",
                ));
            }
            continue;
        };
        resources.push(resource(line, &cells));
    }
    root.put("resources", resources);
    add_document(part, FORMAT.name(), root, false, artifacts);
}

fn resource(line: Piece<'_>, cells: &[(&str, Piece<'_>)]) -> Placed {
    let mut resource = Placed::object(line);
    for (column, cell) in cells {
        match *column {
            "NAME" => resource.put_text("name", *cell),
            "KIND" => resource.put_text("kind", *cell),
            "APIVERSION" => resource.put_text("apiVersion", *cell),
            "APIGROUP" => resource.put_text("group", *cell),
            "NAMESPACED" => resource.put("namespaced", Placed::value(cell.str() == "true", *cell)),
            "SHORTNAMES" | "VERBS" | "CATEGORIES" => {
                let name = match *column {
                    "SHORTNAMES" => "shortNames",
                    "VERBS" => "verbs",
                    _ => "categories",
                };
                let inside = cell
                    .strip_prefix("[")
                    .and_then(|rest| rest.strip_suffix("]"))
                    .unwrap_or(*cell);
                for word in inside.split(|c| c == ',' || c == ' ').filter(|word| !word.is_empty()) {
                    resource.push_at(&[name], word, Placed::text(word));
                }
            }
            other => resource.put_at(&["x-printed", other], *cell, Placed::text(*cell)),
        }
    }
    resource
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;

    #[test]
    fn rows_without_a_header() {
        check(
            "$ kubectl api-resources --no-headers -o wide\nnodes         no    v1               false   Node         create,delete,get\nec2nodeclasses            karpenter.k8s.aws/v1   false   EC2NodeClass   get,list   karpenter\n",
            "kubectl-api-resources",
            &[
                ("resources/0/shortNames/0", "no"),
                ("resources/0/verbs/1", "delete"),
                ("resources/1/apiVersion", "karpenter.k8s.aws/v1"),
                ("resources/1/categories/0", "karpenter"),
                ("resources/1/shortNames", "-"),
            ],
            0,
        );
        check(
            "$ kubectl api-resources | grep -i leases\nleases                                           coordination.k8s.io/v1            true         Lease\n",
            "kubectl-api-resources",
            &[("resources/0/name", "leases"), ("resources/0/namespaced", "true")],
            0,
        );
    }

    #[test]
    fn resources_and_versions() {
        check(
            "NAME            SHORTNAMES   APIVERSION          NAMESPACED   KIND\nbindings                     v1                  true         Binding\nnodepools                    karpenter.sh/v1     false        NodePool\npods            po           v1                  true         Pod\n",
            "kubectl-api-resources",
            &[
                ("resources/0/kind", "Binding"),
                ("resources/1/namespaced", "false"),
                ("resources/1/apiVersion", "karpenter.sh/v1"),
                ("resources/2/shortNames/0", "po"),
            ],
            0,
        );
        check(
            "$ kubectl api-versions\napps/v1\nmetrics.k8s.io/v1beta1\nv1\n",
            "kubectl-api-resources",
            &[("versions/1", "metrics.k8s.io/v1beta1"), ("versions/2", "v1")],
            0,
        );
    }

    #[test]
    fn names_alone_are_resources_too() {
        check(
            "$ kubectl api-resources --verbs=list --namespaced -o name\nconfigmaps\n...\npods.metrics.k8s.io\n",
            "kubectl-api-resources",
            &[
                ("resources/0/name", "configmaps"),
                ("resources/1/name", "pods"),
                ("resources/1/group", "metrics.k8s.io"),
            ],
            // What stands for the names that were left out is said.
            1,
        );
    }
}
