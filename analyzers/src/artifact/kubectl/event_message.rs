//! The message of an event alone, as people copy it out of a dashboard or a chat: told only where nothing else begins so. Of which object it
//! speaks is not said.

use std::collections::BTreeMap;

use super::list;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, no_command};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// Messages of events.
pub const FORMAT: Format = Format::new(&Spec {
    name: "kubectl-event-message",
    title: "an event's message",
    command: no_command,
    least: 1,
    sniff,
    read,
});

/// Beginnings that only one component writes.
const MESSAGES: [&str; 21] = [
    // client-go, tools/record/events_cache.go.
    "(combined from similar events): ",
    // kubernetes/kubernetes, pkg/kubelet.
    "Back-off restarting failed container",
    "Back-off pulling image \"",
    "Failed to pull image \"",
    "Failed to create pod sandbox: ",
    "Readiness probe failed: ",
    "Liveness probe failed: ",
    "Startup probe failed: ",
    "Readiness probe errored: ",
    "Liveness probe errored: ",
    "Unable to attach or mount volumes: ",
    "MountVolume.SetUp failed for volume ",
    "MountVolume.MountDevice failed for volume ",
    // pkg/controller/volume/attachdetach.
    "Multi-Attach error for volume ",
    "AttachVolume.Attach failed for volume ",
    // kubernetes-csi/external-provisioner.
    "failed to provision volume with StorageClass ",
    "Successfully assigned ",
    "Successfully pulled image \"",
    "pod didn't trigger scale-up: ",
    "running PreBind plugin ",
    "Container image \"",
];

/// Whether a line is such a message.
fn is_message(line: &str) -> bool {
    let line = line.trim();
    if line.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        // `0/3 nodes are available: …` (pkg/scheduler/framework, `FitError.Error`).
        return line.split_once(' ').is_some_and(|(nodes, rest)| {
            let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            rest.starts_with("nodes are available")
                && nodes
                    .split_once('/')
                    .is_some_and(|(some, all)| number(some) && number(all))
        });
    }
    MESSAGES.iter().any(|beginning| line.starts_with(beginning))
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    if !is_message(line) {
        return None;
    }
    Some(Taken {
        len: ends(rest).take_while(|(line, _)| is_message(line)).last()?.1,
        format: FORMAT,
        confidence: 0.8,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut items = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        let mut event = Placed::object(line);
        event.put("apiVersion", Placed::value("v1", line));
        event.put("kind", Placed::value("Event", line));
        event.put("message", Placed::text(line));
        items.push(event);
    }
    list::add(part, "v1/Event", items, BTreeMap::new(), artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::testing::read;

    #[test]
    fn a_message_alone_is_an_event_of_an_unknown_object() {
        let text = "0/6 nodes are available: 2 node(s) had untolerated taint {dedicated: gpu}, 4 Insufficient cpu. preemption: 0/6 nodes are available: 6 Preemption is not helpful for scheduling.\n";
        let found = read(text);
        found.is("kubectl-event-message");
        assert_eq!(found.kind(), "v1/Event");
        assert_eq!(found.at("/items/0/message"), text.trim());
        assert_eq!(found.at("/items/0/involvedObject"), "");
        assert_eq!(
            read("Readiness probe failed: Get \"http://10.0.1.9:8080/healthz\": context deadline exceeded\n").kind(),
            "v1/Event"
        );
    }

    #[test]
    fn other_sentences_are_none() {
        for text in [
            "0/6 nodes\n",
            "3/4 nodes are fine\n",
            "Readiness probes failed on two pods\n",
        ] {
            assert_ne!(read(text).format, "kubectl-event-message", "{text}");
        }
    }
}
