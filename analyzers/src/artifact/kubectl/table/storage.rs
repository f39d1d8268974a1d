//! Volumes, their claims and classes, and CSI (`printPersistentVolumeClaim`, `printStorageClass`, … in kubernetes `pkg/printers/internalversion/printers.go`).

use super::resources::Resource;
use super::sink::{As, Sink};
use crate::text::Piece;

/// The resources.
pub const RESOURCES: &[Resource] = &[
    Resource {
        names: &["persistentvolumeclaims", "persistentvolumeclaim", "pvc"],
        version: "v1",
        kind: "PersistentVolumeClaim",
        cluster: false,
        columns: &["VOLUME", "CAPACITY", "ACCESS MODES"],
        layouts: &[
            &[
                "NAME",
                "STATUS",
                "VOLUME",
                "CAPACITY",
                "ACCESS MODES",
                "STORAGECLASS",
                "AGE",
            ],
            &[
                "NAME",
                "STATUS",
                "VOLUME",
                "CAPACITY",
                "ACCESS MODES",
                "STORAGECLASS",
                "VOLUMEATTRIBUTESCLASS",
                "AGE",
            ],
            &[
                "NAME",
                "STATUS",
                "VOLUME",
                "CAPACITY",
                "ACCESS MODES",
                "STORAGECLASS",
                "AGE",
                "VOLUMEMODE",
            ],
            &[
                "NAME",
                "STATUS",
                "VOLUME",
                "CAPACITY",
                "ACCESS MODES",
                "STORAGECLASS",
                "VOLUMEATTRIBUTESCLASS",
                "AGE",
                "VOLUMEMODE",
            ],
        ],
        fields: &[
            ("STATUS", As::With(claim_status)),
            ("VOLUME", As::Text("/spec/volumeName")),
            ("CAPACITY", As::Text("/status/capacity/storage")),
            ("ACCESS MODES", As::Modes("/status/accessModes")),
            ("STORAGECLASS", As::Text("/spec/storageClassName")),
            ("VOLUMEATTRIBUTESCLASS", As::Text("/spec/volumeAttributesClassName")),
            ("VOLUMEMODE", As::Text("/spec/volumeMode")),
        ],
    },
    Resource {
        names: &["persistentvolumes", "persistentvolume", "pv"],
        version: "v1",
        kind: "PersistentVolume",
        cluster: true,
        columns: &["RECLAIM POLICY", "CLAIM"],
        layouts: &[&[
            "NAME",
            "CAPACITY",
            "ACCESS MODES",
            "RECLAIM POLICY",
            "STATUS",
            "CLAIM",
            "STORAGECLASS",
            "REASON",
            "AGE",
        ]],
        fields: &[
            ("CAPACITY", As::Text("/spec/capacity/storage")),
            ("ACCESS MODES", As::Modes("/spec/accessModes")),
            ("RECLAIM POLICY", As::Text("/spec/persistentVolumeReclaimPolicy")),
            ("STATUS", As::With(volume_status)),
            ("CLAIM", As::With(claim)),
            ("STORAGECLASS", As::Text("/spec/storageClassName")),
            ("VOLUMEATTRIBUTESCLASS", As::Text("/spec/volumeAttributesClassName")),
            ("REASON", As::Text("/status/reason")),
            ("VOLUMEMODE", As::Text("/spec/volumeMode")),
        ],
    },
    Resource {
        names: &["storageclasses", "storageclass", "sc"],
        version: "storage.k8s.io/v1",
        kind: "StorageClass",
        cluster: true,
        columns: &["PROVISIONER", "RECLAIMPOLICY"],
        layouts: &[&[
            "NAME",
            "PROVISIONER",
            "RECLAIMPOLICY",
            "VOLUMEBINDINGMODE",
            "ALLOWVOLUMEEXPANSION",
            "AGE",
        ]],
        fields: &[
            ("PROVISIONER", As::Text("/provisioner")),
            ("RECLAIMPOLICY", As::Text("/reclaimPolicy")),
            ("VOLUMEBINDINGMODE", As::Text("/volumeBindingMode")),
            ("ALLOWVOLUMEEXPANSION", As::Bool("/allowVolumeExpansion")),
        ],
    },
    Resource {
        names: &["csinodes", "csinode"],
        version: "storage.k8s.io/v1",
        kind: "CSINode",
        cluster: true,
        columns: &["DRIVERS"],
        layouts: &[&["NAME", "DRIVERS", "AGE"]],
        fields: &[],
    },
    Resource {
        names: &["csidrivers", "csidriver"],
        version: "storage.k8s.io/v1",
        kind: "CSIDriver",
        cluster: true,
        columns: &["ATTACHREQUIRED", "PODINFOONMOUNT"],
        layouts: &[&[
            "NAME",
            "ATTACHREQUIRED",
            "PODINFOONMOUNT",
            "STORAGECAPACITY",
            "TOKENREQUESTS",
            "REQUIRESREPUBLISH",
            "MODES",
            "AGE",
        ]],
        fields: &[
            ("ATTACHREQUIRED", As::Bool("/spec/attachRequired")),
            ("PODINFOONMOUNT", As::Bool("/spec/podInfoOnMount")),
            ("STORAGECAPACITY", As::Bool("/spec/storageCapacity")),
            ("REQUIRESREPUBLISH", As::Bool("/spec/requiresRepublish")),
            ("MODES", As::List("/spec/volumeLifecycleModes")),
        ],
    },
    Resource {
        names: &["volumeattachments", "volumeattachment"],
        version: "storage.k8s.io/v1",
        kind: "VolumeAttachment",
        cluster: true,
        columns: &["ATTACHER", "PV", "NODE", "ATTACHED"],
        layouts: &[&["NAME", "ATTACHER", "PV", "NODE", "ATTACHED", "AGE"]],
        fields: &[
            ("ATTACHER", As::Text("/spec/attacher")),
            ("PV", As::Text("/spec/source/persistentVolumeName")),
            ("NODE", As::Text("/spec/nodeName")),
            ("ATTACHED", As::Bool("/status/attached")),
        ],
    },
];

/// `Terminating` is printed instead of the phase of what is being deleted.
fn claim_status(sink: &mut Sink<'_>, cell: Piece<'_>) {
    if matches!(cell.str(), "Pending" | "Bound" | "Lost") {
        sink.text("/status/phase", cell);
    }
}

fn volume_status(sink: &mut Sink<'_>, cell: Piece<'_>) {
    if matches!(cell.str(), "Pending" | "Available" | "Bound" | "Released" | "Failed") {
        sink.text("/status/phase", cell);
    }
}

/// `namespace/name`.
fn claim(sink: &mut Sink<'_>, cell: Piece<'_>) {
    if let Some((namespace, name)) = cell.split_once("/") {
        sink.text("/spec/claimRef/namespace", namespace);
        sink.text("/spec/claimRef/name", name);
    }
}
