//! `kubectl config get-contexts`, in the shape of a kubeconfig (`v1/Config`, client-go `tools/clientcmd/api/v1`).

use super::columns;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `kubectl config get-contexts` and `current-context`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-contexts",
    title: "kubectl config get-contexts",
    command: |line| {
        line.is_kubectl()
            && matches!(
                line.positional().get(..2),
                Some(["config", "get-contexts" | "current-context"])
            )
    },
    least: 25,
    sniff,
    read,
});

const COLUMNS: [&str; 5] = ["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"];

fn current(hint: &Hint) -> bool {
    hint.line
        .as_ref()
        .is_some_and(|line| line.positional().get(1) == Some(&"current-context"))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if line.starts_with("CURRENT") && columns::header(line) == COLUMNS {
        return columns::take(rest, FORMAT);
    }
    if !hint.expects(FORMAT) || !current(hint) || line.trim().contains(' ') || line.starts_with("error") {
        return None;
    }
    Some(Taken {
        len: ends(rest).next()?.1,
        format: FORMAT,
        confidence: 0.9,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    root.put("apiVersion", Placed::value("v1", whole));
    root.put("kind", Placed::value("Config", whole));
    if !whole.starts_with("CURRENT") {
        root.put("current-context", Placed::text(whole.trim()));
        add_document(part, "v1/Config", root, false, artifacts);
        return;
    }
    let mut contexts = Placed::array(whole);
    for (line, cells) in columns::rows(whole) {
        let Some(cells) = cells else {
            problems.push(Problem::new(
                part.span().slice(line.range()),
                "The cells of this row do not line up with the header, so it is left out.",
            ));
            continue;
        };
        let mut context = Placed::object(line);
        let cell = |name: &str| cells.iter().find(|(column, _)| *column == name).map(|(_, cell)| *cell);
        for (column, path) in [
            ("NAME", &["name"][..]),
            ("CLUSTER", &["context", "cluster"]),
            ("AUTHINFO", &["context", "user"]),
            ("NAMESPACE", &["context", "namespace"]),
        ] {
            if let Some(cell) = cell(column).filter(|cell| !cell.is_empty()) {
                context.put_at(path, cell, Placed::text(cell));
            }
        }
        if let (Some(mark), Some(name)) = (cell("CURRENT"), cell("NAME"))
            && mark.str() == "*"
        {
            root.put("current-context", Placed::text(name));
        }
        contexts.push(context);
    }
    root.put("contexts", contexts);
    add_document(part, "v1/Config", root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;

    #[test]
    fn the_current_one_is_marked() {
        check(
            "CURRENT   NAME      CLUSTER   AUTHINFO   NAMESPACE\n          staging   stage     dev        \n*         prod      prod      dev        shop\n",
            "v1/Config",
            &[
                ("current-context", "prod"),
                ("contexts/0/name", "staging"),
                ("contexts/1/context/namespace", "shop"),
                ("contexts/1/context/user", "dev"),
            ],
            0,
        );
        check(
            "$ kubectl config current-context\narn:aws:eks:eu-west-1:111122223333:cluster/prod\n",
            "v1/Config",
            &[("current-context", "arn:aws:eks:eu-west-1:111122223333:cluster/prod")],
            0,
        );
    }
}
