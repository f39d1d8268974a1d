//! The logs in `kubectl cluster-info dump`, each between two lines that name its container (`pkg/cmd/clusterinfo/clusterinfo_dump.go` of
//! kubernetes/kubectl). The lists of objects between them are JSON or YAML documents like any other.

use crate::artifact::{Artifacts, log};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, no_command};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// A container's log in a dump.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-dump-log",
    title: "a container's log in kubectl cluster-info dump",
    command: no_command,
    least: 1,
    sniff,
    read,
});

const START: &str = "==== START logs for container ";
const END: &str = "==== END logs for container ";

/// Container, namespace and pod of `CONTAINER of pod NAMESPACE/POD ====`.
fn named<'a>(line: &'a str, mark: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let rest = line.trim_end().strip_prefix(mark)?.strip_suffix(" ====")?;
    let (container, pod) = rest.split_once(" of pod ")?;
    let (namespace, name) = pod.split_once('/')?;
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
    };
    (plain(container) && plain(namespace) && plain(name)).then_some((container, namespace, name))
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    if !line.starts_with('=') {
        return None;
    }
    let of = named(line, START)?;
    Some(Taken {
        len: extent(rest, of),
        format: FORMAT,
        confidence: 0.98,
    })
}

/// How far a container's log reaches: to its end mark. A log without one was cut: the next one, or the next list of objects, begins.
fn extent(rest: &str, of: (&str, &str, &str)) -> usize {
    let mut len = 0;
    let mut list = None;
    for (line, end) in ends(rest) {
        if len > 0 && line.starts_with(START) {
            break;
        }
        if line == "{" {
            list.get_or_insert(len);
        }
        len = end;
        if line.starts_with(END) && named(line, END) == Some(of) {
            return len;
        }
    }
    list.unwrap_or(len)
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let first = whole.lines().next().unwrap_or(whole);
    let Some((container, namespace, pod)) = named(first.str(), START) else {
        return;
    };
    let after = whole.skip(first.len());
    let body = if let Some((body, _)) = after.rsplit_once("\n==== END logs") {
        body
    } else {
        problems.push(Problem::new(
            part.span().slice(first.range()),
            "The end of this container's log is missing, so the dump was cut; what stands here is read.",
        ));
        after
    };
    let of = log::Origin {
        namespace: Some(namespace.to_owned()),
        pod: Some(pod.to_owned()),
        container: Some(container.to_owned()),
    };
    log::read_of(part, part.span().slice(body.range()), Some(of), artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::Content;
    use crate::{Input, analysis};

    const DUMP: &str = "$ kubectl cluster-info dump --namespaces shop\n\
        {\n    \"kind\": \"NodeList\",\n    \"apiVersion\": \"v1\",\n    \"metadata\": {\"resourceVersion\": \"914\"},\n    \"items\": [\n        {\"metadata\": {\"name\": \"ip-10-0-1-17.ec2.internal\"}}\n    ]\n}\n\
        {\n    \"kind\": \"PodList\",\n    \"apiVersion\": \"v1\",\n    \"items\": [\n        {\"metadata\": {\"name\": \"cart-0\", \"namespace\": \"shop\"}}\n    ]\n}\n\
        ==== START logs for container app of pod shop/cart-0 ====\n\
        2025-03-04T09:12:03Z INFO listening on :8080\n\
        {\"level\":\"error\",\"msg\":\"db: connection refused\"}\n\
        {\n  \"kind\": \"a line of a log\"\n}\n\
        ==== END logs for container app of pod shop/cart-0 ====\n\
        ==== START logs for container istio-proxy of pod shop/cart-0 ====\n\
        ==== END logs for container istio-proxy of pod shop/cart-0 ====\n\
        {\n    \"kind\": \"EventList\",\n    \"apiVersion\": \"v1\",\n    \"items\": []\n}\n\
        ==== START logs for container web of pod shop/web-0 ====\n\
        2025-03-04T09:13:00Z started\n";

    #[test]
    fn lists_and_logs_come_apart() {
        let input = Input {
            name: "paste".to_owned(),
            bytes: DUMP.as_bytes().to_vec(),
        };
        let analysis = analysis::read(vec![input], &mut |_| {});
        let formats: Vec<&str> = analysis.segments.iter().map(|segment| segment.format.name()).collect();
        assert_eq!(
            formats,
            [
                "kubernetes-json",
                "kubernetes-json",
                "kubectl-dump-log",
                "kubectl-dump-log",
                "kubernetes-json",
                "kubectl-dump-log"
            ]
        );
        let kinds: Vec<(&str, usize)> = analysis
            .artifacts
            .roots()
            .flat_map(|(artifact, _)| artifact.kinds.iter().map(|(kind, count)| (kind.as_str(), *count)))
            .collect();
        assert_eq!(kinds, [("v1/Node", 1), ("v1/Pod", 1), ("v1/Event", 0)]);
        let logs: Vec<_> = analysis
            .artifacts
            .iter()
            .filter_map(|(_, artifact)| match &artifact.content {
                Content::Log(log) => Some(log),
                _ => None,
            })
            .collect();
        assert_eq!(logs.len(), 3);
        let of = logs[0].of.as_ref().unwrap();
        assert_eq!(
            (of.namespace.as_deref(), of.pod.as_deref(), of.container.as_deref()),
            (Some("shop"), Some("cart-0"), Some("app"))
        );
        assert_eq!(logs[0].entries.len(), 4);
        assert_eq!(logs[1].entries.len(), 0);
        assert_eq!(logs[2].of.as_ref().unwrap().pod.as_deref(), Some("web-0"));
        assert_eq!(logs[2].entries.len(), 1);
        // The last log has no end.
        assert_eq!(analysis.problems.len(), 1);
    }
}
