//! kubeadm: `[preflight] Running pre-flight checks` (kubernetes `cmd/kubeadm/app`, the phases' own words).

use std::borrow::Cow;

use super::{Entry, Level};

/// The phases that kubeadm names in brackets.
const PHASES: [&str; 26] = [
    "preflight",
    "init",
    "certs",
    "kubeconfig",
    "kubelet-start",
    "kubelet-check",
    "kubelet-finalize",
    "control-plane",
    "control-plane-check",
    "wait-control-plane",
    "api-check",
    "apiclient",
    "etcd",
    "check-etcd",
    "upload-config",
    "upload-certs",
    "mark-control-plane",
    "bootstrap-token",
    "addons",
    "join",
    "discovery",
    "reset",
    "upgrade",
    "renew",
    "check-expiration",
    "patches",
];

/// Whether a text begins as a line of kubeadm does: what stands in its brackets, and what follows.
pub fn is_phase(line: &str) -> bool {
    phase(line).is_some()
}

fn phase(line: &str) -> Option<(&str, &str)> {
    let (name, message) = line.strip_prefix('[')?.split_once("] ")?;
    // `[upgrade/health] …`
    let first = name.split('/').next().unwrap_or(name);
    PHASES.contains(&first).then_some((name, message))
}

/// Takes a line apart.
pub fn entry(line: &str) -> Option<Entry<'_>> {
    let (name, message) = phase(line)?;
    Some(Entry {
        level: message.starts_with("Error ").then_some(Level::Error),
        origin: Some(Cow::Borrowed(name)),
        message: Cow::Borrowed(message),
        ..Entry::default()
    })
}
