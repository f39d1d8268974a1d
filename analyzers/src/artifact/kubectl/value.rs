//! What `kubectl get -o jsonpath=…` and `-o go-template=…` print, where that is no JSON: values without names, kept as lines beside the
//! expression that chose them.

use super::values;
use crate::artifact::Artifacts;
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{self, Format, Part, Spec};
use crate::segment::sniff::{Hint, Taken, ends, json, log};

/// Values that an expression chose.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-value",
    title: "values that kubectl was asked for",
    command: |line| line.is_kubectl() && line.inner().is_none() && expression(line).is_some(),
    least: 1,
    sniff,
    read,
});

/// The output format and the expression of a command that has one.
fn expression(line: &CommandLine) -> Option<(&str, &str)> {
    let output = line.option(&["-o", "--output"])?;
    let (format, given) = output.split_once('=').unwrap_or((output, ""));
    let known = matches!(
        format,
        "jsonpath"
            | "jsonpath-file"
            | "jsonpath-as-json"
            | "go-template"
            | "go-template-file"
            | "template"
            | "templatefile"
    );
    let given = if given.is_empty() {
        line.option(&["--template"]).unwrap_or_default()
    } else {
        given
    };
    known.then_some((format, given))
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !hint.expects(FORMAT) || log::is_error(line) || log::is_notice(line) {
        return None;
    }
    if let Some(taken) = json::take(line, rest, hint) {
        return Some(taken);
    }
    let len = ends(rest)
        .take_while(|(line, _)| !line.trim().is_empty() && !log::is_error(line) && !log::is_notice(line))
        .last()?
        .1;
    let by_itself = by_itself(line, rest, hint).filter(|taken| taken.len >= len);
    Some(by_itself.unwrap_or(Taken {
        len,
        format: FORMAT,
        confidence: 0.9,
    }))
}

/// From here on a value is believed to be what another format's sniffer takes it for.
const SURE: f32 = 0.85;

/// What a value is by itself, without the command: a Corefile or a script of a config map, a certificate or a token of a secret.
fn by_itself(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let alone = Hint {
        whole: hint.whole,
        ..Hint::default()
    };
    formats::ALL
        .iter()
        .find_map(|format| (format.spec().sniff)(line, rest, &alone))
        .filter(|taken| taken.confidence >= SURE)
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let line = part.command();
    values::add(part, FORMAT, line.as_ref().and_then(expression), artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;
    use crate::{Input, analysis};

    #[test]
    fn values_are_kept_as_lines() {
        check(
            "$ kubectl -n kube-system get svc kube-dns -o jsonpath='{.spec.clusterIP}'\n172.20.0.10\n",
            "kubectl-value",
            &[("lines/0", "172.20.0.10")],
            0,
        );
        check(
            "$ kubectl get pods -o go-template --template='{{range .items}}{{.metadata.name}} {{.status.podIP}}{{\"\\n\"}}{{end}}'\ncart-0 10.0.1.9\ncart-1 10.0.2.7\n",
            "kubectl-value",
            &[("lines/0", "cart-0 10.0.1.9"), ("lines/1", "cart-1 10.0.2.7")],
            0,
        );
    }

    #[test]
    fn a_value_without_a_newline_stands_before_the_next_prompt() {
        for prompt in ["$ ", "me@laptop:~/infra$ ", "[ec2-user@ip-10-0-1-7 ~]$ "] {
            let text = format!(
                "{prompt}kubectl get pod cart-0 -o jsonpath='{{.status.podIP}}'\n10.0.1.9{prompt}kubectl get ns\nNAME   STATUS   AGE\nshop   Active   5d\n"
            );
            let input = Input {
                name: "paste".to_owned(),
                bytes: text.into_bytes(),
            };
            let analysis = analysis::read(vec![input], &mut |_| {});
            let found: Vec<(&str, &str)> = analysis
                .segments
                .iter()
                .map(|segment| (segment.format.name(), analysis.sources.text(segment.body)))
                .collect();
            assert_eq!(
                found,
                [
                    ("kubectl-value", "10.0.1.9"),
                    ("kubectl-table", "NAME   STATUS   AGE\nshop   Active   5d")
                ],
                "{prompt}"
            );
        }
    }

    #[test]
    fn a_value_that_is_told_by_itself_is_what_it_is() {
        for (command, value, format) in [
            (
                "kubectl -n kube-system get cm coredns -o jsonpath='{.data.Corefile}'",
                ".:53 {\n    errors\n    forward . /etc/resolv.conf\n    cache 30\n}\n\npay.example.com:53 {\n    forward . 10.9.0.2\n}\n",
                "corefile",
            ),
            (
                "kubectl get secret pay-tls -o jsonpath='{.data.tls\\.crt}' | base64 -d",
                "-----BEGIN CERTIFICATE-----\nMIIBwzCCAWmgAwIBAgIUUTbV4SMplTtRngBtmC3zbvMGFtYwCgYIKoZIzj0EAwIw\n-----END CERTIFICATE-----\n",
                "pem",
            ),
            // What no other format takes for sure stays a value.
            ("kubectl get sc -o jsonpath='{..name}'", "gp2 gp3\n", "kubectl-value"),
            (
                "kubectl get pods -o jsonpath='{range .items[*]}{.spec.nodeName}{\"\\n\"}{end}'",
                "ip-10-0-1-7.ec2.internal\nip-10-0-2-9.ec2.internal\n",
                "kubectl-value",
            ),
        ] {
            let input = Input {
                name: "paste".to_owned(),
                bytes: format!("$ {command}\n{value}").into_bytes(),
            };
            let analysis = analysis::read(vec![input], &mut |_| {});
            let formats: Vec<&str> = analysis.segments.iter().map(|segment| segment.format.name()).collect();
            assert_eq!(formats, [format], "{command}");
        }
    }

    #[test]
    fn objects_and_errors_are_read_as_what_they_are() {
        for (text, format) in [
            (
                "$ kubectl get svc x -o jsonpath='{.spec}'\n{\"clusterIP\":\"172.20.0.10\"}\n",
                "kubernetes-json",
            ),
            (
                "$ kubectl get svc x -o jsonpath='{.spec}'\nError from server (NotFound): services \"x\" not found\n",
                "kubectl-error",
            ),
        ] {
            let input = Input {
                name: "paste".to_owned(),
                bytes: text.as_bytes().to_vec(),
            };
            let analysis = analysis::read(vec![input], &mut |_| {});
            assert_eq!(analysis.segments.len(), 1);
            assert_eq!(analysis.segments[0].format.name(), format);
        }
    }
}
