//! `systemctl status` (systemd, `src/systemctl/systemctl-show.c`, `print_status_info`). The journal's lines below it are a log.
//!
//! `{"units": [{"unit", "description", "ActiveState", "SubState", "Result", "since", "fields": {"Loaded": "…", "Main PID": "…"}}]}`.

use crate::artifact::node::lines::Unread;
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// `systemctl status`.
pub const FORMAT: Format = Format::new(&Spec {
    name: "systemctl-status",
    title: "systemctl status",
    command: |line| {
        line.program == "systemctl" && line.args.iter().any(|arg| arg == "status")
            || line.program == "service" && line.args.iter().any(|arg| arg == "status")
    },
    least: 8,
    sniff,
    read,
});

/// The names before the colons.
const FIELDS: [&str; 34] = [
    "Loaded",
    "Active",
    "Drop-In",
    "Docs",
    "Process",
    "Main PID",
    "Tasks",
    "Memory",
    "CPU",
    "CGroup",
    "Status",
    "Transient",
    "Since",
    "Until",
    "Duration",
    "Condition",
    "Assert",
    "Trigger",
    "Triggers",
    "TriggeredBy",
    "Invocation",
    "Device",
    "Where",
    "What",
    "Follow",
    "Listen",
    "Accepted",
    "Error",
    "IP",
    "IO",
    "FD Store",
    "Start",
    "Stop",
    "Following",
];

/// `● kubelet.service - Kubernetes Kubelet`; the mark may be lost to the terminal's character set.
fn unit(line: Piece<'_>) -> Option<(Piece<'_>, Option<Piece<'_>>)> {
    let rest = ["● ", "○ ", "× ", "↻ ", "* ", "x "]
        .iter()
        .find_map(|mark| line.strip_prefix(mark))?;
    let (unit, description) = match rest.split_once(" - ") {
        Some((unit, description)) => (unit, Some(description)),
        None => (rest.trim(), None),
    };
    let (_, kind) = unit.rsplit_once(".")?;
    let known = [
        "service",
        "socket",
        "target",
        "timer",
        "mount",
        "path",
        "slice",
        "scope",
        "device",
        "swap",
        "automount",
    ];
    (known.contains(&kind.str()) && !unit.contains(' ')).then_some((unit, description))
}

/// `     Active: failed (Result: exit-code) since …`.
fn field(line: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    if !line.starts_with([' ', '\t']) {
        return None;
    }
    let (name, value) = line.trim().split_once(":")?;
    FIELDS.contains(&name.str()).then(|| (name, value.trim()))
}

/// `Unit kubelet.service could not be found.`
fn is_missing(line: &str) -> bool {
    line.starts_with("Unit ") && line.trim_end().ends_with(" could not be found.")
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let expected = hint.expects(FORMAT);
    if !(unit(Piece::new(line)).is_some() || is_missing(line) || expected && field(Piece::new(line)).is_some()) {
        return None;
    }
    let told = rest
        .lines()
        .nth(1)
        .is_some_and(|second| second.trim_start().starts_with("Loaded:"));
    if !(expected || told || is_missing(line)) {
        return None;
    }
    let mut len = 0;
    for (line, end) in ends(rest) {
        if line.trim().is_empty() {
            continue;
        }
        let own = unit(Piece::new(line)).is_some() || is_missing(line) || line.starts_with([' ', '\t']);
        if !own {
            break;
        }
        len = end;
    }
    Some(Taken {
        len,
        format: FORMAT,
        confidence: if expected { 0.98 } else { 0.92 },
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut units = Placed::array(whole);
    let mut missing = Placed::array(whole);
    let mut open: Option<(Placed, Placed)> = None;
    let mut last: Option<Piece<'_>> = None;
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        if let Some((name, description)) = unit(line) {
            close(&mut units, open.take());
            let mut value = Placed::object(line);
            value.put_text("unit", name);
            if let Some(description) = description {
                value.put_text("description", description);
            }
            open = Some((value, Placed::object(line)));
            last = None;
            continue;
        }
        if is_missing(line.str()) {
            missing.push(Placed::text(line.trim()));
            continue;
        }
        let (value, fields) = open.get_or_insert_with(|| (Placed::object(line), Placed::object(line)));
        value.extend(line);
        fields.extend(line);
        if let Some((name, text)) = field(line) {
            if name.str() == "Active" {
                active(value, text);
            }
            // There may be several processes, and conditions.
            if matches!(name.str(), "Process" | "Condition") {
                fields.push_at(&[name.str()], line, Placed::text(text));
            } else {
                fields.put_text(name.str(), text);
            }
            last = Some(name);
        } else if matches!(
            last.map(Piece::str),
            Some("Drop-In" | "CGroup" | "Docs" | "Triggers" | "TriggeredBy" | "Condition" | "Listen")
        ) {
            // Files, processes and pages go on over lines.
            let more = match last.map(Piece::str) {
                Some("CGroup") => "processes",
                _ => "more",
            };
            fields.push_at(&[more], line, Placed::text(line.trim()));
        } else {
            unread.line(line, FORMAT.title());
        }
    }
    close(&mut units, open);
    unread.finish();
    let mut root = Placed::object(whole);
    root.put("units", units);
    if !missing.is_empty() {
        root.put("errors", missing);
    }
    add_document(part, FORMAT.name(), root, false, artifacts);
}

fn close(units: &mut Placed, open: Option<(Placed, Placed)>) {
    if let Some((mut value, fields)) = open {
        value.put("fields", fields);
        units.push(value);
    }
}

/// `active (running) since Sat 2026-11-21 09:39:02 UTC; 3h ago`, `activating (auto-restart) (Result: exit-code) since …`: under the names
/// of `systemctl show`.
fn active(value: &mut Placed, text: Piece<'_>) {
    let (state, since) = match text.split_once(" since ") {
        Some((state, since)) => (state, Some(since)),
        None => (text, None),
    };
    let mut words = state.words();
    if let Some(word) = words.next() {
        value.put_text("ActiveState", word);
    }
    for group in state.split(|c| c == '(').skip(1) {
        let group = group.trim();
        let group = group.strip_suffix(")").unwrap_or(group);
        match group.strip_prefix("Result: ") {
            Some(result) => value.put_text("Result", result),
            None => value.put_text("SubState", group),
        }
    }
    if let Some(since) = since {
        value.put_text("since", since.split_once(";").map_or(since, |(since, _)| since));
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{only, paste};
    use serde_json::json;

    #[test]
    fn a_unit_that_starts_again_and_again() {
        let text = include_str!("../../../../tests/samples/systemctl-status/kubelet-failed.txt");
        let analysis = paste(text);
        let formats: Vec<&str> = analysis.segments.iter().map(|segment| segment.format.name()).collect();
        assert_eq!(formats, ["systemctl-status"]);
        let read = only("systemctl-status", text);
        assert_eq!(
            read["units"][0],
            json!({"unit": "kubelet.service", "description": "Kubernetes Kubelet", "ActiveState": "activating",
                "SubState": "auto-restart", "Result": "exit-code", "since": "Sat 2026-11-21 09:39:02 UTC", "fields": {
                    "Loaded": "loaded (/etc/systemd/system/kubelet.service; enabled; preset: disabled)",
                    "Active": "activating (auto-restart) (Result: exit-code) since Sat 2026-11-21 09:39:02 UTC; 3s ago",
                    "Docs": "https://github.com/kubernetes/kubernetes",
                    "Process": ["4711 ExecStart=/usr/bin/kubelet --config /etc/kubernetes/kubelet/config.json (code=exited, status=1/FAILURE)"],
                    "Main PID": "4711 (code=exited, status=1/FAILURE)", "CPU": "1.204s"}})
        );
    }

    #[test]
    fn the_journal_below_it_is_a_log() {
        let text = "$ systemctl status containerd\n● containerd.service - containerd container runtime\n\
                    \x20    Loaded: loaded (/usr/lib/systemd/system/containerd.service; enabled; preset: disabled)\n\
                    \x20    Active: active (running) since Sat 2026-11-21 09:39:02 UTC; 3h ago\n\
                    \x20    CGroup: /system.slice/containerd.service\n             └─611 /usr/bin/containerd\n\n\
                    Nov 21 09:39:02 ip-10-20-3-41 containerd[611]: time=\"2026-11-21T09:39:02Z\" level=info msg=\"containerd successfully booted\"\n";
        let analysis = paste(text);
        let formats: Vec<&str> = analysis.segments.iter().map(|segment| segment.format.name()).collect();
        assert_eq!(formats, ["systemctl-status", "log"]);
        assert_eq!(
            only(
                "systemctl-status",
                "$ systemctl status nodeadm-run\nUnit nodeadm-run.service could not be found.\n"
            ),
            json!({"units": [], "errors": ["Unit nodeadm-run.service could not be found."]})
        );
    }
}
