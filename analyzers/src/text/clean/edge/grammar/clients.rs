//! What the clients of Kubernetes and AWS print without a table.

use super::super::columns::capitals;
use super::words::{first, is_capital, is_number, words};
use super::{Begins, Grammar};

/// aws-cli `--output text`: a structure's name in capitals, a tab, its values (awscli/text.py).
pub(super) const STRUCTURES: Grammar = Grammar {
    // A table's header has capitals only.
    enters: |line| structure(line) && !capitals(line),
    begins: |line| Begins::when(structure(line) || (is_capital(line) && line.len() > 2)),
    strict: true,
};

fn structure(line: &str) -> bool {
    line.split_once('\t')
        .is_some_and(|(name, rest)| name.len() > 2 && is_capital(name) && !rest.is_empty())
}

/// aws-cli's errors: one sentence, and nothing else.
pub(super) const REFUSAL: Grammar = Grammar {
    enters: refusal,
    begins: |line| Begins::when(refusal(line)),
    strict: true,
};

fn refusal(line: &str) -> bool {
    (line.starts_with("An error occurred (") && line.contains(") when calling "))
        || line.starts_with("aws: [ERROR]: ")
        || line.starts_with("aws: error: ")
        || line.starts_with("Could not connect to the endpoint URL: ")
        || line.starts_with("Connect timeout on endpoint URL: ")
}

/// Flow logs of a VPC in the default format: version, account, interface.
pub(super) const FLOWS: Grammar = Grammar {
    enters: flow,
    begins: |line| Begins::when(flow(line) || line.starts_with("version account-id ")),
    strict: true,
};

fn flow(line: &str) -> bool {
    let mut words = words(line);
    words.next().is_some_and(|word| word.len() == 1 && is_number(word))
        && words.next().is_some_and(|word| word.len() == 12 && is_number(word))
        && words.next().is_some_and(|word| word.starts_with("eni-"))
}

/// kubectl's version of before 1.28, `--short` and after.
pub(super) const VERSIONS: Grammar = Grammar {
    enters: version,
    begins: |line| Begins::when(version(line) || line.starts_with("WARNING: ") || line.starts_with("Flag --short")),
    strict: true,
};

fn version(line: &str) -> bool {
    ["Client Version: ", "Server Version: ", "Kustomize Version: "]
        .iter()
        .any(|beginning| line.starts_with(beginning))
}

/// `kubectl cluster-info`
pub(super) const CLUSTER: Grammar = Grammar {
    enters: |line| line.contains(" is running at http"),
    begins: |line| Begins::when(line.contains(" is running at http") || line.starts_with("To further debug")),
    strict: true,
};

/// kubectl's errors and warnings. Some go on over several lines.
pub(super) const COMPLAINTS: Grammar = Grammar {
    enters: complaint,
    begins: |line| Begins::when(complaint(line) || line.starts_with(['*', ' '])),
    strict: false,
};

fn complaint(line: &str) -> bool {
    [
        "Error from server",
        "error: ",
        "Unable to connect to the server: ",
        "The connection to the server ",
        "Warning: ",
    ]
    .iter()
    .any(|beginning| line.starts_with(beginning))
}

/// `istioctl analyze`: a level, a code, the object.
pub(super) const MESSAGES: Grammar = Grammar {
    enters: message,
    begins: |line| {
        Begins::when(message(line) || line.starts_with("Error: Analyzers found") || line.starts_with("See "))
    },
    strict: true,
};

fn message(line: &str) -> bool {
    line.split_once(" [IST").is_some_and(|(level, rest)| {
        matches!(level, "Error" | "Warning" | "Warn" | "Info") && rest.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// `kubectl describe`: sections' names with a colon and two blanks (kubectl/pkg/describe: its tabwriter pads by two); all else is indented.
/// An event's message may hold lines of its own.
pub(super) const DESCRIPTION: Grammar = Grammar {
    enters: |line| line.starts_with("Name:  "),
    begins: |line| {
        // One blank stands before the tables of limits only.
        let limit = line.strip_prefix(' ').is_some_and(|rest| {
            [
                " ",
                "Type ",
                "---",
                "Container ",
                "Pod ",
                "PersistentVolumeClaim ",
                "Name ",
                "Resource ",
            ]
            .iter()
            .any(|beginning| rest.starts_with(beginning))
        });
        if limit || line.starts_with('\t') {
            Begins::Perhaps
        } else {
            Begins::when(is_section(line))
        }
    },
    strict: false,
};

/// Whether a line is a section's name, with its value or without, at the margin.
pub(in super::super) fn is_section(line: &str) -> bool {
    let named = line.split_once(':').is_some_and(|(name, rest)| {
        name.len() < 60
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b" -/()._".contains(&byte))
            && (rest.is_empty() || rest.starts_with("  ") || rest.starts_with('\t'))
    });
    named
        || matches!(
            line,
            "Resource Limits" | "Resource Quotas" | "No resource quota." | "No LimitRange resource."
        )
}

/// Prometheus' text format: comments, and samples whose labels stand in braces.
pub(super) const METRICS: Grammar = Grammar {
    enters: |line| line.starts_with("# HELP ") || line.starts_with("# TYPE "),
    begins: |line| {
        let name = line.split(['{', ' ']).next().unwrap_or_default();
        let identifier = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_:".contains(&byte))
            && name.contains('_');
        Begins::when(line.starts_with("# ") || (identifier && name.len() < line.len()))
    },
    strict: true,
};

/// systemd's units, and files of variables.
pub(super) const SETTINGS: Grammar = Grammar {
    enters: |line| line.starts_with('[') && line.ends_with(']') && matches!(line, "[Unit]" | "[Service]" | "[Install]"),
    begins: |line| {
        let setting = line.split_once('=').is_some_and(|(name, _)| {
            name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        Begins::when(setting || line.starts_with(['[', '#', ';', ' ', '\t']))
    },
    strict: false,
};

/// A token alone: letters that no blank parts.
pub(super) const TOKEN: Grammar = Grammar {
    enters: |line| (line.starts_with("eyJ") || line.starts_with("k8s-aws-v1.")) && letters(line),
    begins: |line| {
        if letters(line) && first(line) == line && !line.starts_with("eyJ") && !line.starts_with("k8s-aws-v1.") {
            Begins::Never
        } else {
            Begins::Surely
        }
    },
    strict: true,
};

fn letters(line: &str) -> bool {
    line.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.=+/".contains(&byte))
}

/// Kubernetes' objects as YAML: at the margin stand names, items and comments; a text that goes on is indented (YAML 1.2, 6.1 and 8.1).
pub(super) const OBJECT: Grammar = Grammar {
    enters: |line| {
        ["apiVersion: ", "- apiVersion: ", "kind: "]
            .iter()
            .any(|beginning| line.starts_with(beginning))
    },
    begins: |line| {
        let named = line.split_once(':').is_some_and(|(name, rest)| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_./\"'".contains(&byte))
                && (rest.is_empty() || rest.starts_with(' '))
        });
        if line.starts_with([' ', '\t']) {
            Begins::Perhaps
        } else {
            Begins::when(named || line.starts_with(['#', '-', '}', ']']) || line == "...")
        }
    },
    strict: true,
};

/// Envoy's `/clusters`: a name, an address or a priority, a count, apart by two colons.
pub(super) const CLUSTERS: Grammar = Grammar {
    enters: upstream,
    begins: |line| Begins::when(upstream(line)),
    strict: true,
};

fn upstream(line: &str) -> bool {
    let mut parts = line.split("::");
    let name = parts.next().unwrap_or_default();
    let second = parts.next().unwrap_or_default();
    // Addresses of IPv6 hold two colons themselves.
    let address = second.starts_with('[')
        || second
            .rsplit_once(':')
            .is_some_and(|(address, port)| address.contains('.') && is_number(port))
        || second.starts_with('/');
    !name.is_empty()
        && !name.contains(' ')
        && (address
            || matches!(
                second,
                "default_priority" | "high_priority" | "observability_name" | "added_via_api" | "eds_service_name"
            ))
}
