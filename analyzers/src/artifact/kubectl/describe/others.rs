//! Kinds with few fields: namespaces, autoscalers, service accounts, config maps, secrets.

use super::fields::{self, As, Field};
use super::layout::Entry;
use super::workload;
use crate::artifact::Placed;
use crate::text::Piece;

/// Reads a namespace.
pub fn read_namespace(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), &[], |root, entry| {
        let value = entry.value();
        match entry.key().str() {
            "Status" if matches!(value.str(), "Active" | "Terminating") => {
                root.put_at(&["status", "phase"], value, Placed::text(value));
                true
            }
            "Conditions" => fields::conditions(root, entry),
            "No resource quota." | "No LimitRange resource." | "No resource limits." => true,
            _ => false,
        }
    });
}

const AUTOSCALER: &[Field] = &[
    ("Min replicas", &["spec", "minReplicas"], As::Number),
    ("Max replicas", &["spec", "maxReplicas"], As::Number),
];

/// The numbers of `Deployment pods: 3 current / 3 desired`.
const SCALED: &[(&str, &[&str])] = &[
    ("current", &["status", "currentReplicas"]),
    ("desired", &["status", "desiredReplicas"]),
];

/// Reads a horizontal pod autoscaler.
pub fn read_autoscaler(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), AUTOSCALER, |root, entry| {
        let value = entry.value();
        match entry.key().str() {
            "Reference" => {
                if let Some((kind, name)) = value.split_once("/") {
                    root.put_at(&["spec", "scaleTargetRef", "kind"], value, Placed::text(kind));
                    root.put_at(&["spec", "scaleTargetRef", "name"], value, Placed::text(name));
                }
                true
            }
            "Conditions" => fields::conditions(root, entry),
            key if key.ends_with(" pods") => workload::counts(root, value, SCALED),
            _ => false,
        }
    });
}

/// Reads a service account.
pub fn read_service_account(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), &[], |root, entry| {
        let member = match entry.key().str() {
            "Image pull secrets" => "imagePullSecrets",
            "Mountable secrets" => "secrets",
            _ => return false,
        };
        for line in entry.values() {
            let mut secret = Placed::object(line.text);
            // kubectl looks the secrets up and marks those that it does not find.
            let found = line.text.strip_suffix(" (not found)");
            secret.put("name", Placed::text(found.unwrap_or(line.text)));
            if let Some(name) = found {
                let mark = line.text.skip(name.len()).trim();
                secret.put("x-printed", Placed::text(mark));
            }
            root.push_at(&[member], entry.piece(), secret);
        }
        true
    });
}

/// Reads an ingress class.
pub fn read_ingress_class(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    const FIELDS: &[Field] = &[("Controller", &["spec", "controller"], As::Text)];
    fields::map(root, entries.iter().copied(), FIELDS, |root, entry| {
        if entry.key().str() != "Parameters" {
            return false;
        }
        let mut parameters = Placed::object(entry.piece());
        for inner in entry.entries() {
            let member = match inner.key().str() {
                "APIGroup" => "apiGroup",
                "Kind" => "kind",
                "Name" => "name",
                _ => {
                    fields::keep(&mut parameters, &inner);
                    continue;
                }
            };
            parameters.put_text(member, inner.value());
        }
        root.put_at(&["spec", "parameters"], entry.piece(), parameters);
        true
    });
}

/// Reads a priority class.
pub fn read_priority_class(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    const FIELDS: &[Field] = &[
        ("Value", &["value"], As::Number),
        ("GlobalDefault", &["globalDefault"], As::Bool),
        ("PreemptionPolicy", &["preemptionPolicy"], As::Text),
        ("Description", &["description"], As::Text),
        // Unlike other kinds' they stand on one line.
        ("Annotations", &["metadata", "annotations"], As::Selector),
    ];
    fields::map(root, entries.iter().copied(), FIELDS, |_, _| false);
}

/// Reads a certificate signing request; what kubectl decodes of the request itself stays as it is printed.
pub fn read_signing_request(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    const FIELDS: &[Field] = &[
        ("Labels", &["metadata", "labels"], As::Selector),
        ("Annotations", &["metadata", "annotations"], As::Selector),
        ("Requesting User", &["spec", "username"], As::Text),
        ("Signer", &["spec", "signerName"], As::Text),
    ];
    fields::map(root, entries.iter().copied(), FIELDS, |root, entry| {
        if entry.key().str() != "Status" {
            return false;
        }
        let mut known = true;
        for word in entry.value().split(|c| c == ',') {
            match word.str() {
                "Approved" | "Denied" | "Failed" => {
                    let mut condition = Placed::object(word);
                    condition.put("type", Placed::text(word));
                    root.push_at(&["status", "conditions"], word, condition);
                }
                // Neither approved nor denied.
                "Pending" => {}
                // The certificate is there, but not printed.
                _ => known = false,
            }
        }
        known
    });
}

/// Reads the fields of a config map or a secret; what stands under `Data` is [`data`]'s.
pub fn read_data_holder(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    let until = entries
        .iter()
        .position(|entry| matches!(entry.line.text.str(), "Data" | "BinaryData"))
        .unwrap_or(entries.len());
    let top = entries.get(..until).unwrap_or_default();
    fields::map(root, top.iter().copied(), &[("Type", &["type"], As::Text)], |_, _| {
        false
    });
}

/// The texts of a config map: `name:`, a line `----`, the text (`ConfigMapDescriber`). Blank lines at a text's end are kubectl's own or not; they
/// are left out.
pub fn data(root: &mut Placed, whole: Piece<'_>) {
    let lines: Vec<Piece<'_>> = whole.lines().collect();
    let is = |at: usize, text: &str| lines.get(at).is_some_and(|line| line.trim_end() == text);
    let Some(start) = (0..lines.len()).find(|at| is(*at, "Data") && is(at + 1, "====")) else {
        return;
    };
    let end = (start..lines.len())
        .find(|at| {
            is(*at, "BinaryData") && is(at + 1, "====")
                || lines.get(*at).is_some_and(|line| line.starts_with("Events:  "))
        })
        .unwrap_or(lines.len());
    let names: Vec<usize> = (start + 2..end)
        .filter(|at| {
            is(at + 1, "----")
                && lines
                    .get(*at)
                    .is_some_and(|line| line.ends_with(':') && !line.starts_with(' '))
        })
        .collect();
    let mut made = Placed::object(whole);
    for (i, at) in names.iter().enumerate() {
        let until = names.get(i + 1).copied().unwrap_or(end);
        let Some(name) = lines.get(*at).and_then(|line| line.strip_suffix(":")) else {
            continue;
        };
        let texts = lines.get(at + 2..until).unwrap_or_default();
        let kept = texts
            .iter()
            .rposition(|line| !line.trim().is_empty())
            .map_or(0, |last| last + 1);
        let texts = texts.get(..kept).unwrap_or_default();
        if let (Some(first), Some(last)) = (texts.first(), texts.last()) {
            made.put(&name, Placed::text(first.to(*last, whole)));
        }
    }
    if !made.is_empty() {
        root.put("data", made);
    }
}
