//! `cilium service list` (cilium `cilium-dbg/cmd/service_list.go`): where Cilium sends a service's packets, in place of kube-proxy.
//!
//! `{"services": [{"ID", "Frontend", "Service Type", "backends": [{"id", "address", "state"}]}]}`, the columns with their titles.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// `cilium service list`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "cilium-service-list",
    title: "cilium service list",
    command: |line| {
        matches!(line.program.as_str(), "cilium" | "cilium-dbg")
            && line.args.iter().any(|arg| arg == "service")
            && line.args.iter().any(|arg| arg == "list")
            && !matches!(line.output(), Some("json"))
    },
    least: 10,
    sniff,
    read,
});

fn is_header(line: &str) -> bool {
    line.starts_with("ID ") && line.contains("Frontend") && line.contains("Backend")
}

/// `1 => 10.44.1.9:443 (active)`.
fn backend(text: Piece<'_>) -> Option<Placed> {
    let text = text.trim();
    let (id, rest) = text.split_once(" => ")?;
    if !id.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut value = Placed::object(text);
    value.put_number("id", id);
    let (address, state) = rest.split_once(" (").unwrap_or((rest, rest.skip(rest.len())));
    value.put_text("address", address.trim());
    value.put_text("state", state.strip_suffix(")").unwrap_or(state));
    Some(value)
}

/// `1    172.20.0.1:443/TCP   ClusterIP   1 => 10.44.1.9:443 (active)`; a service may have no backend.
fn service(line: Piece<'_>) -> Option<Placed> {
    let words: Vec<Piece<'_>> = line.words().take(4).collect();
    let [id, frontend, kind, ..] = words.as_slice() else {
        return None;
    };
    if !id.bytes().all(|b| b.is_ascii_digit()) || !frontend.contains(':') || line.starts_with(' ') {
        return None;
    }
    let mut value = Placed::object(line);
    value.put_number("ID", *id);
    value.put_text("Frontend", *frontend);
    value.put_text("Service Type", *kind);
    if let Some(backend) = backend(line.skip(kind.end() - line.start())) {
        value.push_at(&["backends"], line, backend);
    }
    Some(value)
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    is_header(line).then(|| {
        let mut header = true;
        take(rest, FORMAT, hint, |line| {
            let piece = Piece::new(line);
            std::mem::take(&mut header)
                || service(piece).is_some()
                || line.starts_with("  ") && backend(piece).is_some()
        })
    })?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut services = Placed::array(whole);
    let mut open: Option<Placed> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if is_header(line.str()) {
            continue;
        }
        if let Some(service) = service(line) {
            if let Some(done) = open.replace(service) {
                services.push(done);
            }
            continue;
        }
        match (&mut open, backend(line)) {
            (Some(service), Some(backend)) => {
                service.push_at(&["backends"], line, backend);
                service.extend(line);
            }
            _ => unread.line(line, FORMAT.title()),
        }
    }
    if let Some(done) = open {
        services.push(done);
    }
    let complete = unread.finish();
    let mut root = Placed::object(whole);
    root.put("services", services);
    add_document(part, FORMAT.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn services_and_their_backends() {
        let text = include_str!("../../../../tests/samples/cilium-service-list/node.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("cilium-service-list", text)["services"],
                json!([
                    {"ID": 1, "Frontend": "172.20.0.1:443", "Service Type": "ClusterIP", "backends": [
                        {"id": 1, "address": "10.44.1.9:443", "state": "active"}, {"id": 2, "address": "10.44.2.7:443", "state": "terminating"}]},
                    {"ID": 2, "Frontend": "0.0.0.0:30080/TCP", "Service Type": "NodePort"}])
            );
        }
    }
}
