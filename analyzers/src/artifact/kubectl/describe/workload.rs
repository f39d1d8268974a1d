//! What makes pods: deployments, replica sets, stateful sets, daemon sets, jobs, cron jobs.

use super::fields::{self, As, Field};
use super::layout::Entry;
use super::pod;
use crate::artifact::Placed;
use crate::text::Piece;

const FIELDS: &[Field] = &[
    ("StrategyType", &["spec", "strategy", "type"], As::Text),
    ("MinReadySeconds", &["spec", "minReadySeconds"], As::Number),
    ("Service Name", &["spec", "serviceName"], As::Text),
    ("Pod Management Policy", &["spec", "podManagementPolicy"], As::Text),
    (
        "Node-Selector",
        &["spec", "template", "spec", "nodeSelector"],
        As::Selector,
    ),
    (
        "Desired Number of Nodes Scheduled",
        &["status", "desiredNumberScheduled"],
        As::Number,
    ),
    (
        "Current Number of Nodes Scheduled",
        &["status", "currentNumberScheduled"],
        As::Number,
    ),
    (
        "Number of Nodes Scheduled with Up-to-date Pods",
        &["status", "updatedNumberScheduled"],
        As::Number,
    ),
    (
        "Number of Nodes Scheduled with Available Pods",
        &["status", "numberAvailable"],
        As::Number,
    ),
    (
        "Number of Nodes Misscheduled",
        &["status", "numberMisscheduled"],
        As::Number,
    ),
    ("Parallelism", &["spec", "parallelism"], As::Number),
    ("Completions", &["spec", "completions"], As::Number),
    ("Completion Mode", &["spec", "completionMode"], As::Text),
    ("Suspend", &["spec", "suspend"], As::Bool),
    ("Backoff Limit", &["spec", "backoffLimit"], As::Number),
    (
        "TTL Seconds After Finished",
        &["spec", "ttlSecondsAfterFinished"],
        As::Number,
    ),
    ("Start Time", &["status", "startTime"], As::Time),
    ("Completed At", &["status", "completionTime"], As::Time),
    (
        "Active Deadline Seconds",
        &["spec", "activeDeadlineSeconds"],
        As::Seconds,
    ),
    // Counted by kubectl from the pods; a job's are its own.
    ("Pods Status", &["x-podsStatus"], As::Text),
    ("OldReplicaSets", &["x-oldReplicaSets"], As::Text),
    ("NewReplicaSet", &["x-newReplicaSet"], As::Text),
    ("Duration", &["x-duration"], As::Text),
    ("Schedule", &["spec", "schedule"], As::Text),
    ("Concurrency Policy", &["spec", "concurrencyPolicy"], As::Text),
    ("Time Zone", &["spec", "timeZone"], As::Text),
    (
        "Successful Job History Limit",
        &["spec", "successfulJobsHistoryLimit"],
        As::Number,
    ),
    (
        "Failed Job History Limit",
        &["spec", "failedJobsHistoryLimit"],
        As::Number,
    ),
    (
        "Starting Deadline Seconds",
        &["spec", "startingDeadlineSeconds"],
        As::Seconds,
    ),
    ("Last Schedule Time", &["status", "lastScheduleTime"], As::Time),
];

/// Reads a workload.
pub fn read(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), FIELDS, |root, entry| {
        let value = entry.value();
        match entry.key().str() {
            "Selector" => match fields::selector(value) {
                Some(labels) if !value.is_empty() => root.put_at(&["spec", "selector", "matchLabels"], value, labels),
                _ => return value.is_empty(),
            },
            "Replicas" => return counts(root, value, REPLICAS),
            "Pods Statuses" => return counts(root, value, JOB),
            "RollingUpdateStrategy" => rolling(root, value),
            "Update Strategy" => {
                root.put_at(&["spec", "updateStrategy", "type"], value, Placed::text(value));
                for inner in entry.entries() {
                    let name = fields::lower_camel(&inner.key());
                    let number = Placed::number(inner.value());
                    root.put_at(
                        &["spec", "updateStrategy", "rollingUpdate", &name],
                        inner.piece(),
                        number,
                    );
                }
            }
            "Persistent Volume Claim Retention Policy" => {
                for inner in entry.entries() {
                    let name = fields::lower_camel(&inner.key());
                    let path = ["spec", "persistentVolumeClaimRetentionPolicy", &name];
                    root.put_at(&path, inner.piece(), Placed::text(inner.value()));
                }
            }
            "Pod Template" => return template(root, entry, entries),
            "Conditions" => return fields::conditions(root, entry),
            _ => return false,
        }
        true
    });
}

/// A cron job's template is a job's.
fn template(root: &mut Placed, entry: &Entry<'_, '_>, all: &[Entry<'_, '_>]) -> bool {
    if all.iter().any(|entry| entry.key().str() == "Concurrency Policy") {
        let mut job = Placed::object(entry.piece());
        pod::template(&mut job, entry);
        root.put_at(&["spec", "jobTemplate"], entry.piece(), job);
        return true;
    }
    pod::template(root, entry)
}

/// `3 desired | 3 updated | 3 total`, `2 current / 2 desired`.
const REPLICAS: &[(&str, &[&str])] = &[
    ("desired", &["spec", "replicas"]),
    ("updated", &["status", "updatedReplicas"]),
    ("total", &["status", "replicas"]),
    ("current", &["status", "replicas"]),
    ("available", &["status", "availableReplicas"]),
    ("unavailable", &["status", "unavailableReplicas"]),
];

/// `1 Active (0 Ready) / 0 Succeeded / 0 Failed`.
const JOB: &[(&str, &[&str])] = &[
    ("Active", &["status", "active"]),
    ("Running", &["status", "active"]),
    ("Succeeded", &["status", "succeeded"]),
    ("Failed", &["status", "failed"]),
    ("Ready", &["status", "ready"]),
];

/// Numbers with the names that follow them.
pub fn counts(root: &mut Placed, value: Piece<'_>, names: &[(&str, &[&str])]) -> bool {
    let words: Vec<Piece<'_>> = value
        .split(|c| matches!(c, ' ' | '|' | '/' | '(' | ')'))
        .filter(|word| !word.is_empty())
        .collect();
    let mut read = false;
    for pair in words.windows(2) {
        if let [number, name] = pair
            && let Some((_, path)) = names.iter().find(|(known, _)| *known == name.str())
            && number.parse::<i64>().is_ok()
        {
            root.put_at(path, *number, Placed::number(*number));
            read = true;
        }
    }
    read
}

/// `25% max unavailable, 25% max surge`.
fn rolling(root: &mut Placed, value: Piece<'_>) {
    for part in value.split(|c| c == ',').map(Piece::trim) {
        for (name, member) in [(" max unavailable", "maxUnavailable"), (" max surge", "maxSurge")] {
            if let Some(number) = part.strip_suffix(name) {
                root.put_at(
                    &["spec", "strategy", "rollingUpdate", member],
                    number,
                    Placed::number(number),
                );
            }
        }
    }
}
