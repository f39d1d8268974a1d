//! A pod, and the pod template of a workload.

use super::container;
use super::fields::{self, As, Field};
use super::layout::{self, Entry, is_absent};
use crate::artifact::Placed;
use crate::text::Piece;

const FIELDS: &[Field] = &[
    ("Priority", &["spec", "priority"], As::Number),
    ("Priority Class Name", &["spec", "priorityClassName"], As::Text),
    ("PriorityClassName", &["spec", "priorityClassName"], As::Text),
    ("Runtime Class Name", &["spec", "runtimeClassName"], As::Text),
    ("Service Account", &["spec", "serviceAccountName"], As::Text),
    ("Start Time", &["status", "startTime"], As::Time),
    (
        "Termination Grace Period",
        &["metadata", "deletionGracePeriodSeconds"],
        As::Seconds,
    ),
    ("Reason", &["status", "reason"], As::Text),
    ("Message", &["status", "message"], As::Text),
    (
        "SeccompProfile",
        &["spec", "securityContext", "seccompProfile", "type"],
        As::Text,
    ),
    ("IP", &["status", "podIP"], As::Text),
    ("NominatedNodeName", &["status", "nominatedNodeName"], As::Text),
    ("QoS Class", &["status", "qosClass"], As::Text),
    ("Node-Selectors", &["spec", "nodeSelector"], As::Labels),
];

/// The phases that a pod has (PodPhase, API reference); `Status` may say more, as `Terminating (lasts 5m)`.
const PHASES: [&str; 5] = ["Pending", "Running", "Succeeded", "Failed", "Unknown"];

/// Reads a pod.
pub fn read<'a: 'l, 'l>(root: &mut Placed, entries: impl Iterator<Item = Entry<'a, 'l>>) {
    fields::map(root, entries, FIELDS, |root, entry| match entry.key().str() {
        "Node" => {
            node(root, entry.value());
            true
        }
        "Status" if PHASES.contains(&entry.value().str()) => {
            root.put_at(&["status", "phase"], entry.value(), Placed::text(entry.value()));
            true
        }
        "IPs" => {
            for inner in entry.entries().filter(|inner| !inner.value().is_empty()) {
                let mut ip = Placed::object(inner.piece());
                ip.put("ip", Placed::text(inner.value()));
                root.push_at(&["status", "podIPs"], inner.piece(), ip);
            }
            true
        }
        "Conditions" => fields::conditions(root, entry),
        "Readiness Gates" => readiness_gates(root, entry),
        _ => spec(root, entry, true),
    });
}

/// Reads `Pod Template:` of a workload.
pub fn template(root: &mut Placed, entry: &Entry<'_, '_>) -> bool {
    let mut template = Placed::object(entry.piece());
    fields::map(&mut template, entry.entries(), FIELDS, |template, inner| {
        spec(template, inner, false)
    });
    root.put_at(&["spec", "template"], entry.piece(), template);
    true
}

/// What a pod and a template have in common: containers, volumes, tolerations.
fn spec(root: &mut Placed, entry: &Entry<'_, '_>, statuses: bool) -> bool {
    let (member, status) = match entry.key().str() {
        "Containers" => ("containers", "containerStatuses"),
        "Init Containers" => ("initContainers", "initContainerStatuses"),
        "Ephemeral Containers" => ("ephemeralContainers", "ephemeralContainerStatuses"),
        "Volumes" => return volumes(root, entry),
        "Tolerations" => return tolerations(root, entry),
        "Topology Spread Constraints" => return spread(root, entry),
        _ => return false,
    };
    for inner in entry.entries() {
        let (container, state) = container::read(&inner);
        root.push_at(&["spec", member], entry.piece(), container);
        if let Some(state) = state.filter(|_| statuses) {
            root.push_at(&["status", status], entry.piece(), state);
        }
    }
    true
}

/// `NAME/ADDRESS`.
fn node(root: &mut Placed, value: Piece<'_>) {
    let (name, address) = value.split_once("/").unwrap_or((value, value.skip(value.len())));
    if !is_absent(&name) {
        root.put_at(&["spec", "nodeName"], name, Placed::text(name));
    }
    if !is_absent(&address) {
        root.put_at(&["status", "hostIP"], address, Placed::text(address));
    }
}

fn readiness_gates(root: &mut Placed, entry: &Entry<'_, '_>) -> bool {
    for row in entry.table().rows() {
        if let Some(cell) = row.cell("Type") {
            let mut gate = Placed::object(row.line.text);
            gate.put("conditionType", Placed::text(cell));
            root.push_at(&["spec", "readinessGates"], entry.piece(), gate);
        }
    }
    true
}

/// `key=value:effect op=Exists for 300s`, each part where there is one.
fn tolerations(root: &mut Placed, entry: &Entry<'_, '_>) -> bool {
    let mut list = Placed::array(entry.piece());
    for line in entry.values() {
        list.push(toleration(line.text));
    }
    if !list.is_empty() {
        root.put_at(&["spec", "tolerations"], entry.piece(), list);
    }
    true
}

fn toleration(text: Piece<'_>) -> Placed {
    let mut made = Placed::object(text);
    for (i, word) in text.words().enumerate() {
        let seconds = word
            .strip_suffix("s")
            .and_then(|number| number.parse::<i64>().ok())
            .filter(|_| i > 0);
        if let Some(operator) = word.strip_prefix("op=") {
            made.put("operator", Placed::text(operator));
        } else if let Some(seconds) = seconds {
            made.put("tolerationSeconds", Placed::value(seconds, word));
        } else if i == 0 {
            let (rest, effect) = word.rsplit_once(":").unwrap_or((word, word.skip(word.len())));
            let (key, value) = rest.split_once("=").unwrap_or((rest, rest.skip(rest.len())));
            made.put_text("key", key);
            made.put_text("value", value);
            made.put_text("effect", effect);
        }
    }
    made
}

/// `KEY:ScheduleAnyway when max skew 1 is exceeded for selector app=web`.
fn spread(root: &mut Placed, entry: &Entry<'_, '_>) -> bool {
    for line in entry.values() {
        let mut made = Placed::object(line.text);
        if let Some((head, rest)) = line.text.split_once(" when max skew ")
            && let Some((key, action)) = head.rsplit_once(":")
        {
            made.put("topologyKey", Placed::text(key));
            made.put("whenUnsatisfiable", Placed::text(action));
            let (skew, rest) = rest.split_once(" is exceeded").unwrap_or((rest, rest.skip(rest.len())));
            made.put_number("maxSkew", skew);
            if let Some(labels) = rest.trim().strip_prefix("for selector ").and_then(fields::selector) {
                made.put_at(&["labelSelector", "matchLabels"], rest, labels);
            }
        } else {
            made.put("x-printed", Placed::text(line.text));
        }
        root.push_at(&["spec", "topologySpreadConstraints"], entry.piece(), made);
    }
    true
}

fn volumes(root: &mut Placed, entry: &Entry<'_, '_>) -> bool {
    for inner in entry.entries() {
        let mut made = Placed::object(inner.piece());
        made.put("name", Placed::text(inner.key()));
        volume(&mut made, &inner);
        root.push_at(&["spec", "volumes"], entry.piece(), made);
    }
    true
}

const CONFIG_MAP: &[Field] = &[
    ("Name", &["configMap", "name"], As::Text),
    ("Optional", &["configMap", "optional"], As::Bool),
];
const SECRET: &[Field] = &[
    ("SecretName", &["secret", "secretName"], As::Text),
    ("Optional", &["secret", "optional"], As::Bool),
];
const EMPTY_DIR: &[Field] = &[
    ("Medium", &["emptyDir", "medium"], As::Text),
    ("SizeLimit", &["emptyDir", "sizeLimit"], As::Text),
];
const HOST_PATH: &[Field] = &[
    ("Path", &["hostPath", "path"], As::Text),
    ("HostPathType", &["hostPath", "type"], As::Text),
];
const CLAIM: &[Field] = &[
    ("ClaimName", &["persistentVolumeClaim", "claimName"], As::Text),
    ("ReadOnly", &["persistentVolumeClaim", "readOnly"], As::Bool),
];
const CSI: &[Field] = &[
    ("Driver", &["csi", "driver"], As::Text),
    ("FSType", &["csi", "fsType"], As::Text),
    ("ReadOnly", &["csi", "readOnly"], As::Bool),
    ("VolumeHandle", &["csi", "volumeHandle"], As::Text),
    ("VolumeAttributes", &["csi", "volumeAttributes"], As::Labels),
];
const NFS: &[Field] = &[
    ("Server", &["nfs", "server"], As::Text),
    ("Path", &["nfs", "path"], As::Text),
    ("ReadOnly", &["nfs", "readOnly"], As::Bool),
];
const EBS: &[Field] = &[
    ("VolumeID", &["awsElasticBlockStore", "volumeID"], As::Text),
    ("FSType", &["awsElasticBlockStore", "fsType"], As::Text),
    ("Partition", &["awsElasticBlockStore", "partition"], As::Number),
    ("ReadOnly", &["awsElasticBlockStore", "readOnly"], As::Bool),
];
const LOCAL: &[Field] = &[("Path", &["local", "path"], As::Text)];

/// Reads what a volume (or a persistent volume's source) is, told by its `Type:`.
pub fn volume(made: &mut Placed, entry: &Entry<'_, '_>) {
    let kind = entry.entries().find(|inner| inner.key().str() == "Type");
    let Some(kind) = kind.map(|inner| inner.value()) else {
        if !entry.inner.is_empty() {
            fields::keep(made, entry);
        }
        return;
    };
    let fields = match kind.words().next().map_or("", Piece::str) {
        "ConfigMap" => CONFIG_MAP,
        "Secret" => SECRET,
        "EmptyDir" => EMPTY_DIR,
        "HostPath" => HOST_PATH,
        "PersistentVolumeClaim" => CLAIM,
        "CSI" => CSI,
        "NFS" => NFS,
        "AWSElasticBlockStore" => EBS,
        "LocalVolume" => LOCAL,
        "Projected" => return projected(made, entry),
        _ => &[],
    };
    let mut inner = Placed::object(entry.piece());
    for field in entry.entries() {
        let key = field.key();
        let known = fields.iter().find(|(name, _, _)| *name == key.str());
        let read = known.is_some_and(|(_, path, how)| fields::put(&mut inner, path, *how, &field));
        if !read && (key.str() != "Type" || fields.is_empty()) {
            fields::keep(&mut inner, &field);
        }
    }
    // An emptyDir without settings prints nothing else; its type is all there is to know.
    if let [(_, [member, _], _), ..] = fields
        && !inner.has(member)
    {
        inner.put(member, Placed::object(kind));
    }
    made.merge(inner);
}

/// `printProjectedVolumeSource`: the sources' fields, one after the other, without a sign between them.
fn projected(made: &mut Placed, entry: &Entry<'_, '_>) {
    let mut sources: Vec<(&str, Placed)> = Vec::new();
    for inner in entry.entries() {
        let (key, value) = (inner.key(), inner.value());
        let (member, mut source) = match key.str() {
            "TokenExpirationSeconds" => ("serviceAccountToken", Placed::object(inner.piece())),
            "ConfigMapName" => ("configMap", Placed::object(inner.piece())),
            "SecretName" => ("secret", Placed::object(inner.piece())),
            "DownwardAPI" => ("downwardAPI", Placed::object(inner.piece())),
            // `ConfigMapOptional: <nil>` and `SecretOptionalName` are older kubectl's (before 1.33).
            "Optional" | "ConfigMapOptional" | "SecretOptionalName" => {
                if let (Some((_, last)), Some(optional)) = (sources.last_mut(), fields::bool(value)) {
                    last.put("optional", optional);
                }
                continue;
            }
            _ => continue,
        };
        match member {
            "serviceAccountToken" => source.put_number("expirationSeconds", value),
            "configMap" | "secret" => source.put_text("name", value),
            _ => {}
        }
        sources.push((member, source));
    }
    let mut list = Placed::array(entry.piece());
    for (member, source) in sources {
        let mut item = Placed::object(entry.piece());
        item.put(member, source);
        list.push(item);
    }
    made.put_at(&["projected", "sources"], entry.piece(), list);
}

/// Whether these entries are a pod's.
pub fn tells(has: &dyn Fn(&str) -> bool) -> bool {
    has("Node") && (has("Containers") || has("IPs") || has("Service Account") || has("Start Time"))
        || has("Containers") && has("QoS Class")
}

/// The time of a field, for those that nest it.
pub fn put_time(made: &mut Placed, name: &str, value: Piece<'_>) {
    if let Some(time) = layout::time(&value) {
        made.put(name, Placed::value(time, value));
    }
}
