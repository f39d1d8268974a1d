//! A container: its specification and its status, which describe prints as one.

use super::fields;
use super::layout::{self, Entry, Line, is_absent};
use super::pod::put_time;
use crate::artifact::Placed;
use crate::text::Piece;

/// A container and, where one was printed, its status.
pub fn read(entry: &Entry<'_, '_>) -> (Placed, Option<Placed>) {
    let mut spec = Placed::object(entry.piece());
    let mut status = Placed::object(entry.piece());
    let mut known = false;
    spec.put("name", Placed::text(entry.key()));
    status.put("name", Placed::text(entry.key()));
    let mut ports: Vec<Placed> = Vec::new();
    let mut host_ports: Vec<Piece<'_>> = Vec::new();
    for inner in entry.entries() {
        let (key, value) = (inner.key(), inner.value());
        match key.str() {
            "Container ID" => {
                known = true;
                status.put_text("containerID", value);
            }
            "Image" => spec.put_text("image", value),
            "Image ID" => status.put_text("imageID", value),
            "Port" | "Ports" => ports = value.split(|c| c == ',').filter_map(|text| port(text.trim())).collect(),
            "Host Port" | "Host Ports" => host_ports = value.split(|c| c == ',').collect(),
            "State" | "Last State" => {
                known = true;
                let member = if key.str() == "State" { "state" } else { "lastState" };
                if let Some(state) = state(&inner) {
                    status.put(member, state);
                }
            }
            "Ready" => {
                if let Some(ready) = fields::bool(value) {
                    status.put("ready", ready);
                }
            }
            "Restart Count" => status.put_number("restartCount", value),
            "Limits" => spec.put_at(&["resources", "limits"], inner.piece(), quantities(&inner)),
            "Requests" => spec.put_at(&["resources", "requests"], inner.piece(), quantities(&inner)),
            "Liveness" => spec.put("livenessProbe", probe(value)),
            "Readiness" => spec.put("readinessProbe", probe(value)),
            "Startup" => spec.put("startupProbe", probe(value)),
            "Command" => words(&mut spec, "command", &inner),
            "Args" => words(&mut spec, "args", &inner),
            "Environment" => each(&mut spec, "env", &inner, variable),
            "Environment Variables from" => {
                lines(&mut spec, "envFrom", &inner, variables_from);
            }
            "Mounts" => lines(&mut spec, "volumeMounts", &inner, |line| mount(line, "mountPath")),
            "Devices" => lines(&mut spec, "volumeDevices", &inner, |line| mount(line, "devicePath")),
            "SeccompProfile" => {
                spec.put_at(
                    &["securityContext", "seccompProfile", "type"],
                    value,
                    Placed::text(value),
                );
            }
            _ => fields::keep(&mut spec, &inner),
        }
    }
    put_ports(&mut spec, entry, ports, &host_ports);
    (spec, known.then_some(status))
}

fn put_ports(spec: &mut Placed, entry: &Entry<'_, '_>, ports: Vec<Placed>, host_ports: &[Piece<'_>]) {
    if ports.is_empty() {
        return;
    }
    let mut list = Placed::array(entry.piece());
    for (i, mut port) in ports.into_iter().enumerate() {
        // `0/TCP` says that there is none.
        let host = host_ports.get(i).and_then(|text| text.trim().split_once("/"));
        if let Some((number, _)) = host.filter(|(number, _)| number.str() != "0") {
            port.put_number("hostPort", number);
        }
        list.push(port);
    }
    spec.put("ports", list);
}

/// `8080/TCP`, `8080/TCP (http)`.
fn port(text: Piece<'_>) -> Option<Placed> {
    let (number, rest) = text.split_once("/")?;
    let mut words = rest.words();
    let mut made = Placed::object(text);
    made.put_number("containerPort", number);
    made.put_text("protocol", words.next()?);
    if let Some(name) = words.next().and_then(|name| name.strip_prefix("(")?.strip_suffix(")")) {
        made.put_text("name", name);
    }
    Some(made)
}

/// `State: Terminated` with its reason, exit code and times.
fn state(entry: &Entry<'_, '_>) -> Option<Placed> {
    let member = match entry.value().str() {
        "Running" => "running",
        "Waiting" => "waiting",
        "Terminated" => "terminated",
        _ => return None,
    };
    let mut inner = Placed::object(entry.piece());
    for field in entry.entries() {
        let value = field.value();
        match field.key().str() {
            "Reason" => inner.put_text("reason", value),
            "Message" => inner.put_text("message", value),
            "Exit Code" => inner.put_number("exitCode", value),
            "Signal" => inner.put_number("signal", value),
            "Started" => put_time(&mut inner, "startedAt", value),
            "Finished" => put_time(&mut inner, "finishedAt", value),
            _ => fields::keep(&mut inner, &field),
        }
    }
    let mut state = Placed::object(entry.piece());
    state.put(member, inner);
    Some(state)
}

fn quantities(entry: &Entry<'_, '_>) -> Placed {
    let mut made = Placed::object(entry.piece());
    for inner in entry.entries() {
        made.put_text(&inner.key(), inner.value());
    }
    made
}

/// `http-get http://:8080/healthz delay=0s timeout=1s period=10s successThreshold=1 failureThreshold=3`; older kubectl (before 1.34) writes
/// `#success=1 #failure=3`.
fn probe(text: Piece<'_>) -> Placed {
    let mut made = Placed::object(text);
    let cut = text.rfind(" delay=").unwrap_or(text.len());
    let (action, settings) = (text.part(0..cut), text.skip(cut));
    for setting in settings.words() {
        let Some((name, value)) = setting.split_once("=") else {
            continue;
        };
        let member = match name.str() {
            "delay" => "initialDelaySeconds",
            "timeout" => "timeoutSeconds",
            "period" => "periodSeconds",
            "#success" | "successThreshold" => "successThreshold",
            "#failure" | "failureThreshold" => "failureThreshold",
            _ => continue,
        };
        made.put_number(member, value.strip_suffix("s").unwrap_or(value));
    }
    let (kind, rest) = action.split_once(" ").unwrap_or((action, action.skip(action.len())));
    match kind.str() {
        "http-get" => http_get(&mut made, rest),
        "tcp-socket" => {
            if let Some((host, port)) = rest.rsplit_once(":") {
                made.put_at(&["tcpSocket", "port"], rest, Placed::number(port));
                if !host.is_empty() {
                    made.put_at(&["tcpSocket", "host"], rest, Placed::text(host));
                }
            }
        }
        "grpc" => {
            let mut words = rest.words();
            if let Some((_, port)) = words.next().and_then(|address| address.rsplit_once(":")) {
                made.put_at(&["grpc", "port"], rest, Placed::number(port));
            }
            if let Some(service) = words.next() {
                made.put_at(&["grpc", "service"], rest, Placed::text(service));
            }
        }
        // The arguments are joined with blanks, so that the list cannot be told.
        "exec" => made.put_at(&["exec", "x-command"], rest, Placed::text(rest)),
        _ => made.put("x-printed", Placed::text(action)),
    }
    made
}

/// `http://HOST:PORT/PATH`; what the URL had to escape in the path stays as it was printed.
fn http_get(made: &mut Placed, url: Piece<'_>) {
    let mut get = Placed::object(url);
    if let Some((scheme, rest)) = url.split_once("://") {
        get.put("scheme", Placed::value(scheme.to_ascii_uppercase(), scheme));
        let cut = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = (rest.part(0..cut), rest.skip(cut));
        if let Some((host, port)) = authority.rsplit_once(":") {
            get.put("port", Placed::number(port));
            let host = host
                .strip_prefix("[")
                .and_then(|host| host.strip_suffix("]"))
                .unwrap_or(host);
            get.put_text("host", host);
        }
        get.put_text(if path.contains('%') { "x-path" } else { "path" }, path);
    }
    made.put("httpGet", get);
}

/// A command or its arguments, one a line. An argument of several lines is printed as several, so that the list is certain only where the lines
/// do not look like parts of a script: flags, or single words.
fn words(spec: &mut Placed, name: &str, entry: &Entry<'_, '_>) {
    let certain = entry
        .inner
        .iter()
        .all(|line| line.text.starts_with('-') || !line.text.contains(' '));
    let mut list = Placed::array(entry.piece());
    for line in entry.inner {
        list.push(Placed::text(line.text));
    }
    if certain {
        spec.put(name, list);
    } else {
        spec.put(&format!("x-{name}"), list);
    }
}

fn each(spec: &mut Placed, name: &str, entry: &Entry<'_, '_>, read: fn(&Entry<'_, '_>) -> Placed) {
    if entry.inner.is_empty() {
        return;
    }
    let mut list = Placed::array(entry.piece());
    for inner in entry.entries() {
        list.push(read(&inner));
    }
    spec.put(name, list);
}

fn lines(spec: &mut Placed, name: &str, entry: &Entry<'_, '_>, read: impl Fn(&Line<'_>) -> Placed) {
    if entry.inner.is_empty() {
        return;
    }
    let mut list = Placed::array(entry.piece());
    for line in entry.inner {
        list.push(read(line));
    }
    spec.put(name, list);
}

/// `NAME:  value`, and the forms of `valueFrom` (`describeContainerEnvVars`).
fn variable(entry: &Entry<'_, '_>) -> Placed {
    let mut made = Placed::object(entry.piece());
    made.put_text("name", entry.key());
    let value = layout::field(entry.line.text).map_or(entry.value(), |(_, value)| value);
    if !entry.inner.is_empty() {
        let mut all = Placed::array(entry.piece());
        for line in entry.values() {
            all.push(Placed::text(line.text));
        }
        made.put("x-value", all);
    } else if let Some(rest) = value.strip_prefix("<set to the key '") {
        reference(&mut made, rest);
    } else if let Some((resolved, path)) = field_path(value) {
        if let Some((version, path)) = path.split_once(":") {
            made.put_at(&["valueFrom", "fieldRef", "apiVersion"], path, Placed::text(version));
            made.put_at(&["valueFrom", "fieldRef", "fieldPath"], path, Placed::text(path));
        } else {
            made.put_at(&["valueFrom", "resourceFieldRef", "resource"], path, Placed::text(path));
        }
        made.put_text("x-value", resolved);
    } else if !value.is_empty() {
        made.put("value", Placed::text(value));
    }
    made
}

/// `KEY' in secret 'NAME'>  Optional: false`, `KEY' of config map 'NAME'>  Optional: false`.
fn reference(made: &mut Placed, rest: Piece<'_>) {
    let (member, cut) = if let Some(cut) = rest.split_once("' in secret '") {
        ("secretKeyRef", cut)
    } else if let Some(cut) = rest.split_once("' of config map '") {
        ("configMapKeyRef", cut)
    } else {
        made.put("x-value", Placed::text(rest));
        return;
    };
    let (key, rest) = cut;
    let (name, rest) = rest.split_once("'>").unwrap_or((rest, rest.skip(rest.len())));
    made.put_at(&["valueFrom", member, "key"], key, Placed::text(key));
    made.put_at(&["valueFrom", member, "name"], name, Placed::text(name));
    if let Some(optional) = rest
        .trim()
        .strip_prefix("Optional:")
        .map(Piece::trim)
        .and_then(fields::bool)
    {
        made.put_at(&["valueFrom", member, "optional"], rest, optional);
    }
}

/// `RESOLVED (v1:metadata.name)` or `RESOLVED (limits.cpu)`: the value and the path.
fn field_path(value: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let open = value.rfind('(')?;
    let path = value.skip(open + 1).strip_suffix(")")?;
    let before = value.part(0..open);
    if !(before.is_empty() || before.ends_with(' ')) {
        return None;
    }
    let field = path.strip_prefix("v1:").is_some_and(|path| {
        ["metadata.", "spec.", "status."]
            .iter()
            .any(|start| path.starts_with(start))
    });
    let resource = path.starts_with("limits.") || path.starts_with("requests.");
    (field || resource).then_some((before.trim(), path))
}

/// `NAME  ConfigMap with prefix 'P_'  Optional: false`.
fn variables_from(line: &Line<'_>) -> Placed {
    let mut made = Placed::object(line.text);
    let cells = layout::cells(line.text);
    let (Some(name), Some(kind)) = (cells.first(), cells.get(1)) else {
        made.put("x-printed", Placed::text(line.text));
        return made;
    };
    let member = match kind.words().next().map_or("", Piece::str) {
        "ConfigMap" => "configMapRef",
        "Secret" => "secretRef",
        _ => {
            made.put("x-printed", Placed::text(line.text));
            return made;
        }
    };
    made.put_at(&[member, "name"], *name, Placed::text(*name));
    if let Some((_, prefix)) = kind.split_once(" with prefix '") {
        made.put_text("prefix", prefix.strip_suffix("'").unwrap_or(prefix));
    }
    let optional = cells.get(2).and_then(|cell| cell.strip_prefix("Optional:"));
    if let Some(optional) = optional.map(Piece::trim).and_then(fields::bool) {
        made.put_at(&[member, "optional"], *name, optional);
    }
    made
}

/// `/path from volume (ro,path="sub")`.
fn mount(line: &Line<'_>, path_name: &str) -> Placed {
    let mut made = Placed::object(line.text);
    let Some((path, rest)) = line.text.split_once(" from ") else {
        made.put("x-printed", Placed::text(line.text));
        return made;
    };
    made.put_text(path_name, path);
    let (name, flags) = rest.split_once(" (").unwrap_or((rest, rest.skip(rest.len())));
    made.put_text("name", name);
    let flags = flags.strip_suffix(")").unwrap_or(flags);
    let (mode, sub) = flags.split_once(",").unwrap_or((flags, flags.skip(flags.len())));
    match mode.str() {
        "ro" => made.put("readOnly", Placed::value(true, mode)),
        "rw" => made.put("readOnly", Placed::value(false, mode)),
        _ => {}
    }
    if let Some(sub) = sub.strip_prefix("path=\"").and_then(|sub| sub.strip_suffix("\""))
        && !is_absent(&sub)
        && !sub.contains('\\')
    {
        made.put("subPath", Placed::text(sub));
    }
    made
}
