//! The API server's health: `kubectl get --raw '/readyz?verbose'`, also as curl prints it (`k8s.io/apiserver/pkg/server/healthz`), and
//! the same list of checks of any other program that uses that library.

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// A list of health checks.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubernetes-health",
    title: "health checks of a Kubernetes component",
    command: |line| {
        let path = line.option(&["--raw"]).filter(|_| line.is_kubectl());
        path.is_some_and(|path| {
            ["/healthz", "/livez", "/readyz"]
                .iter()
                .any(|check| path.starts_with(check))
        })
    },
    least: 4,
    sniff,
    read,
});

/// A check: whether it passed, its name, and the words after it.
fn check(line: Piece<'_>) -> Option<(bool, Piece<'_>, Piece<'_>)> {
    let line = line.trim();
    let passed = line.starts_with("[+]");
    if !passed && !line.starts_with("[-]") {
        return None;
    }
    let (name, said) = line.skip(3).split_once(" ")?;
    let known = said.str() == "ok" || said.starts_with("failed") || said.starts_with("excluded");
    (known && !name.is_empty()).then_some((passed, name, said))
}

/// `readyz check passed`
fn conclusion(line: &str) -> bool {
    line.trim()
        .strip_suffix(" check passed")
        .or_else(|| line.trim().strip_suffix(" check failed"))
        .is_some_and(|name| name.ends_with('z') && !name.contains(' '))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let alone = hint.expects(FORMAT) && line.trim() == "ok";
    if !alone && check(Piece::new(line)).is_none() {
        return None;
    }
    let own = |line: &str| {
        check(Piece::new(line)).is_some()
            || conclusion(line)
            || line.starts_with("warn: some health checks cannot be excluded")
    };
    let len = ends(rest)
        .enumerate()
        .take_while(|(i, (line, _))| *i == 0 || own(line))
        .last()?
        .1
        .1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    let mut checks = Placed::array(whole);
    for line in whole.lines().map(Piece::trim) {
        if let Some((passed, name, said)) = check(line) {
            let mut check = Placed::object(line);
            check.put("name", Placed::text(name));
            check.put("ok", Placed::value(passed, line.part(0..3)));
            check.put("message", Placed::text(said));
            checks.push(check);
        } else if line.str() == "ok" || conclusion(line.str()) {
            root.put("ok", Placed::value(!line.ends_with("failed"), line));
            root.put("message", Placed::text(line));
        } else if !line.is_empty() {
            root.put("x-warning", Placed::text(line));
        }
    }
    root.put("checks", checks);
    add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;

    #[test]
    fn checks_have_names_and_results() {
        check(
            "$ kubectl get --raw '/readyz?verbose'\n[+]ping ok\n[+]etcd excluded: ok\n[-]poststarthook/rbac/bootstrap-roles failed: reason withheld\nreadyz check failed\n",
            "kubernetes-health",
            &[
                ("checks/0/name", "ping"),
                ("checks/0/ok", "true"),
                ("checks/1/message", "excluded: ok"),
                ("checks/2/name", "poststarthook/rbac/bootstrap-roles"),
                ("checks/2/ok", "false"),
                ("checks/2/message", "failed: reason withheld"),
                ("ok", "false"),
                ("message", "readyz check failed"),
            ],
            0,
        );
        check(
            "$ kubectl get --raw=/livez\nok\n",
            "kubernetes-health",
            &[("ok", "true"), ("message", "ok")],
            0,
        );
    }
}
