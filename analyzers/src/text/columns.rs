//! The columns of kubectl's tables that `-o wide` makes wider, in the order in which they are printed: `printPod`, `printService`, … in
//! kubernetes `pkg/printers/internalversion/printers.go`. The cleaner tells from them where a table was cut, the tables' reader where
//! its cells belong.

/// A kind's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    /// As printed with `-o wide`.
    pub wide: &'static [&'static str],
    /// As printed without: the first of these.
    pub narrow: &'static [&'static str],
    /// How many an older kubectl printed with `-o wide`, where it printed fewer.
    pub older: usize,
}

impl Columns {
    const fn new(wide: &'static [&'static str], narrow: usize, older: usize) -> Self {
        let (narrow, _) = wide.split_at(narrow);
        Self { wide, narrow, older }
    }
}

/// Pods; `NOMINATED NODE` is new in 1.11 and `READINESS GATES` in 1.14.
pub const PODS: Columns = Columns::new(
    &[
        "NAME",
        "READY",
        "STATUS",
        "RESTARTS",
        "AGE",
        "IP",
        "NODE",
        "NOMINATED NODE",
        "READINESS GATES",
    ],
    5,
    7,
);

/// `printService`.
pub const SERVICES: Columns = Columns::new(
    &[
        "NAME",
        "TYPE",
        "CLUSTER-IP",
        "EXTERNAL-IP",
        "PORT(S)",
        "AGE",
        "SELECTOR",
    ],
    6,
    7,
);

/// `printNode`.
pub const NODES: Columns = Columns::new(
    &[
        "NAME",
        "STATUS",
        "ROLES",
        "AGE",
        "VERSION",
        "INTERNAL-IP",
        "EXTERNAL-IP",
        "OS-IMAGE",
        "KERNEL-VERSION",
        "CONTAINER-RUNTIME",
    ],
    5,
    10,
);

/// `printDeployment`.
pub const DEPLOYMENTS: Columns = Columns::new(
    &[
        "NAME",
        "READY",
        "UP-TO-DATE",
        "AVAILABLE",
        "AGE",
        "CONTAINERS",
        "IMAGES",
        "SELECTOR",
    ],
    5,
    8,
);

/// `printReplicaSet`.
pub const REPLICA_SETS: Columns = Columns::new(
    &[
        "NAME",
        "DESIRED",
        "CURRENT",
        "READY",
        "AGE",
        "CONTAINERS",
        "IMAGES",
        "SELECTOR",
    ],
    5,
    8,
);

/// `printDaemonSet`.
pub const DAEMON_SETS: Columns = Columns::new(
    &[
        "NAME",
        "DESIRED",
        "CURRENT",
        "READY",
        "UP-TO-DATE",
        "AVAILABLE",
        "NODE SELECTOR",
        "AGE",
        "CONTAINERS",
        "IMAGES",
        "SELECTOR",
    ],
    8,
    11,
);

/// `printStatefulSet`.
pub const STATEFUL_SETS: Columns = Columns::new(&["NAME", "READY", "AGE", "CONTAINERS", "IMAGES"], 3, 5);

/// All of them.
pub const ALL: [Columns; 7] = [
    PODS,
    SERVICES,
    NODES,
    DEPLOYMENTS,
    REPLICA_SETS,
    DAEMON_SETS,
    STATEFUL_SETS,
];

#[cfg(test)]
mod tests {
    use super::{DAEMON_SETS, PODS, STATEFUL_SETS};

    #[test]
    fn the_narrow_tables_columns() {
        assert_eq!(PODS.narrow, ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]);
        assert_eq!(STATEFUL_SETS.narrow, ["NAME", "READY", "AGE"]);
        assert_eq!(DAEMON_SETS.narrow.last(), Some(&"AGE"));
    }
}
