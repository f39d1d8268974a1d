//! Endpoints, and endpoint slices.

use super::fields::{self, As, Field};
use super::layout::{Entry, Table};
use crate::artifact::Placed;

/// Reads `Endpoints`: `Subsets:`, in which each `Addresses:` begins a subset.
pub fn read(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), &[], |root, entry| {
        if entry.key().str() != "Subsets" {
            return false;
        }
        let mut subsets: Vec<Placed> = Vec::new();
        for inner in entry.entries() {
            let value = inner.value();
            let key = inner.key();
            if key.str() == "Addresses" || subsets.is_empty() {
                subsets.push(Placed::object(inner.piece()));
            }
            let Some(subset) = subsets.last_mut() else { continue };
            match key.str() {
                "Addresses" | "NotReadyAddresses" if !value.is_empty() => {
                    let mut list = Placed::array(value);
                    for address in value.split(|c| c == ',') {
                        let mut made = Placed::object(address);
                        made.put_text("ip", address.trim());
                        list.push(made);
                    }
                    let name = if key.str() == "Addresses" {
                        "addresses"
                    } else {
                        "notReadyAddresses"
                    };
                    subset.put(name, list);
                }
                "Ports" => subset.put("ports", ports(&inner.table(), inner.piece())),
                _ => {}
            }
            subset.extend(inner.piece());
        }
        for subset in subsets {
            root.push_at(&["subsets"], entry.piece(), subset);
        }
        true
    });
}

/// `Name  Port  Protocol`.
fn ports(table: &Table<'_, '_>, piece: crate::text::Piece<'_>) -> Placed {
    let mut list = Placed::array(piece);
    for row in table.rows() {
        let mut port = Placed::object(row.line.text);
        if let Some(name) = row.cell("Name") {
            port.put("name", Placed::text(name));
        }
        if let Some(number) = row.cell("Port") {
            port.put("port", Placed::number(number));
        }
        if let Some(protocol) = row.cell("Protocol") {
            port.put("protocol", Placed::text(protocol));
        }
        list.push(port);
    }
    list
}

const SLICE: &[Field] = &[("AddressType", &["addressType"], As::Text)];

const ENDPOINT: &[Field] = &[
    ("Hostname", &["hostname"], As::Text),
    ("NodeName", &["nodeName"], As::Text),
    ("Zone", &["zone"], As::Text),
];

const CONDITIONS: &[Field] = &[
    ("Ready", &["conditions", "ready"], As::Bool),
    ("Serving", &["conditions", "serving"], As::Bool),
    ("Terminating", &["conditions", "terminating"], As::Bool),
];

/// Reads an endpoint slice.
pub fn read_slice(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), SLICE, |root, entry| {
        match entry.key().str() {
            "Ports" if entry.inner.is_empty() => {}
            "Ports" => root.put("ports", ports(&entry.table(), entry.piece())),
            "Endpoints" => {
                let mut list = Placed::array(entry.piece());
                for inner in entry.entries() {
                    list.push(endpoint(&inner));
                }
                if !list.is_empty() {
                    root.put("endpoints", list);
                }
            }
            _ => return false,
        }
        true
    });
}

fn endpoint(entry: &Entry<'_, '_>) -> Placed {
    let mut made = Placed::object(entry.piece());
    let addresses = entry.value();
    if !addresses.is_empty() {
        made.put("addresses", fields::list(addresses, addresses.split(|c| c == ',')));
    }
    fields::map(&mut made, entry.entries(), ENDPOINT, |made, inner| {
        match inner.key().str() {
            "Conditions" => fields::map(made, inner.entries(), CONDITIONS, |_, _| false),
            "TargetRef" => {
                if let Some((kind, name)) = inner.value().split_once("/") {
                    made.put_at(&["targetRef", "kind"], inner.value(), Placed::text(kind));
                    made.put_at(&["targetRef", "name"], inner.value(), Placed::text(name));
                }
            }
            _ => return false,
        }
        true
    });
    made
}
