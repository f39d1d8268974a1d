//! An ingress.

use super::fields::{self, As, Field};
use super::layout::{self, Entry, is_absent};
use super::service;
use crate::artifact::Placed;
use crate::text::Piece;

const FIELDS: &[Field] = &[("Ingress Class", &["spec", "ingressClassName"], As::Text)];

/// Whether these entries are an ingress's.
pub fn tells(has: &dyn Fn(&str) -> bool) -> bool {
    has("Rules") && (has("Default backend") || has("Ingress Class"))
}

/// Reads an ingress.
pub fn read(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), FIELDS, |root, entry| {
        let value = entry.value();
        match entry.key().str() {
            "Address" => {
                if !value.is_empty() {
                    let ingress = service::addresses(value, value.split(|c| c == ','));
                    root.put_at(&["status", "loadBalancer", "ingress"], value, ingress);
                }
            }
            "Default backend" => {
                // Before kubectl 1.24 a backend that is not there is printed as the one that controllers use to name so.
                if !matches!(value.str(), "" | "<default>") && !value.starts_with("default-http-backend:80") {
                    root.put_at(&["spec", "defaultBackend"], value, backend(value));
                }
            }
            "TLS" => {
                for line in entry.inner {
                    root.push_at(&["spec", "tls"], entry.piece(), tls(line.text));
                }
            }
            "Rules" => rules(root, entry),
            _ => return false,
        }
        true
    });
}

/// `SECRET terminates a,b` or `SNI routes a,b`.
fn tls(text: Piece<'_>) -> Placed {
    let mut made = Placed::object(text);
    let hosts = if let Some((secret, hosts)) = text.split_once(" terminates ") {
        made.put("secretName", Placed::text(secret));
        hosts
    } else {
        text.strip_prefix("SNI routes ").unwrap_or(text.skip(text.len()))
    };
    let hosts = fields::list(hosts, hosts.split(|c| c == ','));
    if !hosts.is_empty() {
        made.put("hosts", hosts);
    }
    made
}

/// A row at the header's indentation has a host and begins a rule; the rows below it, further in, are its paths, in columns of their own. `*` is
/// printed where there is no host.
fn rules(root: &mut Placed, entry: &Entry<'_, '_>) {
    let Some((header, rows)) = entry.inner.split_first() else {
        return;
    };
    let mut rules: Vec<(Placed, Option<Placed>)> = Vec::new();
    for row in rows.iter().filter(|row| !row.text.starts_with("--")) {
        let line = row.text;
        let cells = layout::cells(line);
        let mut cells = cells.as_slice();
        if row.indent <= header.indent
            && let Some((host, rest)) = cells.split_first()
        {
            // The default backend, where there is no rule.
            if host.str() == "*" && rest.first().is_some_and(|path| path.str() == "*") {
                continue;
            }
            let mut rule = Placed::object(line);
            if host.str() != "*" {
                rule.put("host", Placed::text(*host));
            }
            rules.push((rule, None));
            cells = rest;
        }
        let (Some((rule, paths)), Some((target, before))) = (rules.last_mut(), cells.split_last()) else {
            continue;
        };
        let mut made = Placed::object(line);
        if let Some(path) = before.first() {
            made.put("path", Placed::text(*path));
        }
        made.put("backend", backend(*target));
        paths.get_or_insert_with(|| Placed::array(line)).push(made);
        rule.extend(line);
    }
    for (mut rule, paths) in rules {
        if let Some(mut paths) = paths {
            paths.extend(entry.piece());
            rule.put_at(&["http", "paths"], entry.line.text, paths);
        }
        root.push_at(&["spec", "rules"], entry.piece(), rule);
    }
}

/// `SERVICE:PORT (10.0.1.5:8080,…)`, or `APIGroup: g, Kind: k, Name: n`.
fn backend(text: Piece<'_>) -> Placed {
    let mut made = Placed::object(text);
    if text.starts_with("APIGroup:") {
        for part in text.split(|c| c == ',') {
            if let Some((name, value)) = part.trim().split_once(": ")
                && !is_absent(&value)
            {
                let name = if name.str() == "APIGroup" {
                    "apiGroup".to_owned()
                } else {
                    fields::lower_camel(&name)
                };
                made.put_at(&["resource", &name], text, Placed::text(value));
            }
        }
        return made;
    }
    let (address, endpoints) = text.split_once(" (").unwrap_or((text, text.skip(text.len())));
    let (name, port) = address
        .rsplit_once(":")
        .unwrap_or((address, address.skip(address.len())));
    made.put_at(&["service", "name"], address, Placed::text(name));
    if !is_absent(&port) {
        let member = if port.parse::<u16>().is_ok() { "number" } else { "name" };
        made.put_at(&["service", "port", member], address, Placed::number(port));
    }
    if let Some(endpoints) = endpoints.strip_suffix(")").filter(|endpoints| !is_absent(endpoints)) {
        made.put("x-endpoints", Placed::text(endpoints));
    }
    made
}
