//! `kubectl cluster-info`: where the API and the cluster's own services are reached (`pkg/cmd/clusterinfo` of kubernetes/kubectl).

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `kubectl cluster-info`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-cluster-info",
    title: "kubectl cluster-info",
    command: |line| {
        let words = line.positional();
        line.is_kubectl() && words.first() == Some(&"cluster-info") && words.get(1) != Some(&"dump")
    },
    least: 13,
    sniff,
    read,
});

/// What stands between a service's name and its URL.
const RUNNING: &str = " is running at ";

fn service(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let (name, url) = line.trim().split_once(RUNNING)?;
    let words = name.split_ascii_whitespace().count();
    let plain = (1..=4).contains(&words) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b" -_.".contains(&b));
    let url = url.trim();
    (plain && (url.starts_with("https://") || url.starts_with("http://")) && !url.contains(' ')).then_some((name, url))
}

fn is_advice(line: &str) -> bool {
    line.starts_with("To further debug and diagnose cluster problems, use ")
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    service(Piece::new(line))?;
    let mut len = 0;
    for (line, end) in ends(rest) {
        if service(Piece::new(line)).is_some() || is_advice(line) {
            len = end;
        } else if !line.trim().is_empty() {
            break;
        }
    }
    Some(Taken {
        len,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut services = Placed::array(whole);
    for line in whole.lines() {
        if let Some((name, url)) = service(line) {
            let mut service = Placed::object(line);
            service.put("name", Placed::text(name));
            service.put("url", Placed::text(url));
            services.push(service);
        }
    }
    let mut root = Placed::object(whole);
    root.put("services", services);
    add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;

    #[test]
    fn services_have_names_and_urls() {
        let url = "https://6E5F4D3C2B1A09876E5F4D3C2B1A0987.gr7.eu-west-1.eks.amazonaws.com";
        check(
            &format!(
                "$ kubectl cluster-info\nKubernetes control plane is running at {url}\nCoreDNS is running at {url}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy\n\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n"
            ),
            "kubectl-cluster-info",
            &[
                ("services/0/name", "Kubernetes control plane"),
                ("services/0/url", url),
                ("services/1/name", "CoreDNS"),
            ],
            0,
        );
        // Before 1.20.
        check(
            "\u{1b}[0;32mKubernetes master\u{1b}[0m is running at \u{1b}[0;33mhttps://10.0.0.1:6443\u{1b}[0m\n",
            "kubectl-cluster-info",
            &[("services/0/url", "https://10.0.0.1:6443")],
            0,
        );
    }
}
