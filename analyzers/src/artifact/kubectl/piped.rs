//! What a pipeline made of an output: columns that `awk` chose, values of `jq -r`. The names of the values are
//! gone, so that they are kept as lines, beside the pipeline that made them.

use super::values;
use crate::artifact::Artifacts;
use crate::artifact::fragment::selection::{self, Selection};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, no_command};
use crate::segment::sniff::{Hint, Taken, ends, log, prose};

/// Values that a pipeline made.
pub const FORMAT: Format = Format::new(&Spec {
    name: "piped-values",
    title: "values that a pipeline made",
    command: no_command,
    least: 1,
    sniff,
    read,
});

/// The pipeline of a command that prints values: its last program that makes some, and what that was given.
fn made(line: &CommandLine) -> Option<(String, String)> {
    if selection::of(line) != Selection::Made && !takes_values(line) {
        return None;
    }
    let own = line.args.split_first().map(|_| {
        std::iter::once(line.program.clone())
            .chain(line.args.iter().cloned())
            .collect::<Vec<_>>()
    });
    let own = own.filter(|words| makes(words));
    let last = line.pipeline.iter().rev().find(|words| makes(words)).cloned().or(own)?;
    let (program, args) = last.split_first()?;
    Some((program.clone(), args.join(" ")))
}

/// Whether `jq` or `yq` print bare values here.
fn takes_values(line: &CommandLine) -> bool {
    line.pipeline.iter().any(|words| makes(words))
}

/// Whether a program of a pipeline prints bare values.
fn makes(words: &[String]) -> bool {
    let Some((program, args)) = words.split_first() else {
        return false;
    };
    let flag = |flag: char| {
        args.iter()
            .filter_map(|arg| arg.strip_prefix('-'))
            .any(|flags| !flags.starts_with('-') && flags.contains(flag))
    };
    match program.as_str() {
        "awk" | "gawk" | "mawk" | "cut" | "wc" | "tr" | "jq" | "yq" | "xargs" | "column" | "paste" | "nl" | "rev"
        | "sed" | "Measure-Object" | "measure" | "ForEach-Object" => true,
        "uniq" => flag('c'),
        "grep" | "egrep" | "fgrep" | "zgrep" | "rg" => flag('o') || flag('c'),
        _ => false,
    }
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let outer = hint.line.as_ref()?;
    if log::is_error(line) || log::is_notice(line) {
        return None;
    }
    let inner = outer.inner();
    made(inner.as_ref().unwrap_or(outer))?;
    let len = ends(rest)
        .take_while(|(line, _)| {
            !(line.trim().is_empty()
                || log::is_error(line)
                || log::is_notice(line)
                || line.contains(' ') && prose::is_prose(line))
        })
        .last()?
        .1;
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.6,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let made = part.command().as_ref().and_then(made);
    let made = made.as_ref().map(|(program, given)| (program.as_str(), given.as_str()));
    values::add(part, FORMAT, made, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;
    use crate::artifact::testing::read;

    #[test]
    fn what_pipelines_make_is_kept_beside_them() {
        check(
            "$ kubectl get po -n kube-system -o wide --no-headers | awk '{print $1,$7}'\ncoredns-5d78c9869d-4kx2p ip-10-0-42-17.eu-west-1.compute.internal\n",
            "piped-values",
            &[(
                "lines/0",
                "coredns-5d78c9869d-4kx2p ip-10-0-42-17.eu-west-1.compute.internal",
            )],
            0,
        );
        let chosen = read(
            "$ aws eks describe-cluster --name shop | jq -r .cluster.endpoint\nhttps://0A1B.gr7.eu-west-1.eks.amazonaws.com\n",
        );
        assert_eq!(chosen.format, "piped-values");
        assert_eq!(chosen.at("/output"), "jq");
        assert!(chosen.shown("/expression").contains("jq -r .cluster.endpoint"));
    }

    #[test]
    fn what_is_still_an_output_or_counts_is_read_as_that() {
        for (text, format) in [
            (
                "$ aws eks describe-cluster --name shop | jq .\n{\n  \"cluster\": {\n    \"name\": \"shop\"\n  }\n}\n",
                "aws-json",
            ),
            (
                "$ kubectl get po -A --no-headers | awk '{print $4}' | sort | uniq -c\n     91 Running\n      2 CrashLoopBackOff\n",
                "uniq-counts",
            ),
            ("$ kubectl get pods -A | wc -l\n214\n", "value-line"),
            (
                "$ kubectl get po x -o json | jq .status.phase | tr -d '\"'\nError from server (NotFound): pods \"x\" not found\n",
                "kubectl-error",
            ),
            (
                "$ kubectl get pods | awk 'NR==1 || /cart/ {print $0}'\nNAME     READY   STATUS    RESTARTS   AGE\ncart-0   1/1     Running   0          3d\n",
                "kubectl-table",
            ),
        ] {
            assert_eq!(read(text).format, format, "{text}");
        }
    }
}
