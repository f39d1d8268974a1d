//! What people write around what they paste: sentences, and titles that end with a colon.
//!
//! Only lines that nothing else recognised are asked, and never the first lines below a command: programs write sentences, too.

mod chat;
mod letter;
pub mod session;

pub use letter::{is_closing, is_signature};

/// Words that hold English sentences together; names, values and keys are none of them.
const GLUE: [&str; 66] = [
    "a", "about", "after", "again", "all", "also", "an", "and", "any", "are", "as", "at", "be", "because", "been",
    "but", "by", "can", "do", "does", "for", "from", "had", "has", "have", "i", "if", "in", "is", "it", "just", "like",
    "my", "no", "not", "now", "of", "on", "only", "or", "our", "out", "same", "since", "so", "some", "still", "that",
    "the", "then", "there", "they", "this", "to", "was", "we", "were", "what", "when", "where", "which", "with",
    "without", "works", "you", "your",
];

/// Beginnings of what programs say: an error keeps its name even where it reads like a sentence.
const SAID: [&str; 11] = [
    "error",
    "fatal",
    "failed",
    "warning",
    "unable",
    "cannot",
    "couldn't",
    "panic",
    "traceback",
    "usage",
    "exception",
];

/// Whether a line is a person's sentence, or the title of what follows.
pub fn is_prose(line: &str) -> bool {
    let text = line.trim();
    let text = text
        .strip_prefix("- ")
        .or_else(|| text.strip_prefix("* "))
        .unwrap_or(text);
    if is_remark(text) || is_query(line.trim()) || letter::is_letters(line) || chat::is_chat(line) {
        return true;
    }
    let (numbered, text) = match text.split_once([')', '.']) {
        Some((number, rest)) if is_number(number) && rest.starts_with(' ') => (true, rest.trim_start()),
        _ => (false, text),
    };
    let text = text.trim_start_matches(['(', '"']);
    // Columns, assignments and brackets are a program's.
    if line.starts_with([' ', '\t'])
        || text.contains("  ")
        || (text.contains(['\t', '=', '{', '}', '|', '\\', '$']) && !is_long(text))
        || text.contains("::")
        || !text.starts_with(char::is_alphabetic)
        || super::log::is_log(line)
    {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    if SAID.iter().any(|word| lower.starts_with(word)) || lower.contains("error:") || lower.contains("rpc error") {
        return false;
    }
    let words: Vec<&str> = lower.split(' ').collect();
    // A name and what it says; options.
    if words.first().is_some_and(|word| word.ends_with(':'))
        || words.iter().any(|word| word.len() > 1 && word.starts_with('-'))
    {
        return false;
    }
    let plain = words.iter().filter(|word| is_word(word)).count();
    let glue = words
        .iter()
        .filter(|word| GLUE.contains(&word.trim_matches(|c: char| !c.is_ascii_alphanumeric())))
        .count();
    if text.ends_with(':') {
        return words.len() >= 3 && plain * 10 >= words.len() * 7 && glue > 0;
    }
    // A sentence shows it at one of its ends; a note without both is longer.
    let least = if numbered || text.starts_with(char::is_uppercase) || text.ends_with(['.', '?', '!', ',', ')']) {
        4
    } else {
        6
    };
    words.len() >= least && plain * 10 >= words.len() * 6 && glue * 6 >= words.len()
}

/// A line of a query of CloudWatch Logs Insights, as somebody quotes it: a command of its language ("CloudWatch Logs Insights query
/// syntax") with a field that CloudWatch adds, or below another command with the bar before it.
fn is_query(text: &str) -> bool {
    const COMMANDS: [&str; 11] = [
        "fields", "display", "filter", "parse", "stats", "sort", "limit", "dedup", "pattern", "diff", "unmask",
    ];
    let (bar, command) = text.strip_prefix("| ").map_or((false, text), |rest| (true, rest));
    let Some((first, rest)) = command.split_once(' ') else {
        return false;
    };
    // The bar may be gone: it is taken for a frame's where all lines have it.
    let told = match first {
        "limit" => rest.parse::<u32>().is_ok(),
        "stats" => rest.contains('(') && rest.contains(')'),
        "sort" => rest.contains('@') || rest.ends_with(" desc") || rest.ends_with(" asc"),
        _ => rest.contains('@'),
    };
    COMMANDS.contains(&first) && !text.ends_with('|') && (bar || told)
}

/// Endings of the names of files that are pasted.
const FILES: [&str; 9] = [".yaml", ".yml", ".json", ".log", ".conf", ".tf", ".txt", ".sh", ".toml"];

/// A note in brackets (`(the rest is left out)`), a file's name above its content (`values.yaml`, `values.yaml lines 3-9:`), or a title in
/// small letters (`terraform part:`).
fn is_remark(text: &str) -> bool {
    // `a.sh`, `a b:`.
    if text.len() < 4 {
        return false;
    }
    let words: Vec<&str> = text.split(' ').collect();
    let plain = |words: &[&str]| {
        words.iter().all(|word| {
            let word = word.trim_matches(['(', ')', ',', '.', ':', '"']);
            !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '\'' | '-'))
        })
    };
    if words.len() > 10 || text.contains("  ") {
        return false;
    }
    if text.starts_with('(') && text.ends_with(')') {
        return words.len() > 2 && plain(&words);
    }
    let Some((first, more)) = words.split_first() else {
        return false;
    };
    let name = first.trim_end_matches([':', ',']);
    if FILES.iter().any(|end| name.ends_with(end) && name.len() > end.len()) {
        return plain(more) && (more.is_empty() || text.ends_with(':') || first.ends_with(','));
    }
    let Some(title) = text.strip_suffix(':') else {
        return false;
    };
    let small = title.chars().all(|c| c.is_lowercase() || c == ' ');
    let noted = title.ends_with(')') && title.contains(" (");
    (2..=8).contains(&words.len()) && plain(&words) && (small || noted)
}

/// A long sentence may quote a setting, a path or an arrow in it: commas or full stops hold it together, no columns do.
fn is_long(text: &str) -> bool {
    text.split(' ').count() >= 15 && !text.contains(['\t', '{', '}']) && (text.contains(", ") || text.contains(". "))
}

/// The number of a list's item.
fn is_number(text: &str) -> bool {
    (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters, with the marks that English puts into and after words.
fn is_word(word: &str) -> bool {
    let word = word
        .trim_start_matches(['(', '"', '\'', '`'])
        .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'', '`']);
    !word.is_empty() && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '-' | '/'))
}

#[cfg(test)]
mod tests {
    use super::is_prose;

    #[test]
    fn sentences_and_titles() {
        for line in [
            "We moved the checkout service to the new node group on Friday and since then one pod in three does not start.",
            "This is the node where it fails, the others are fine:",
            "Same result with ports 8080 and 8443, nothing in the log of kube-proxy.",
            "(the other 14 pods are left out, all of them are Running)",
            "from one of the pods:",
            "EKS 1.29, and the CNI is the one that came with it.",
            "(14 more of them, left out)",
            "values.yaml",
            "values.yaml lines 12-19:",
            "ipamd.log, the other node",
            "terraform part:",
            "Corefile of today (without its comments):",
            "filter @message like /lease/ | stats count(*) by bin(5m)",
            "| display level, msg",
            "limit 50",
            "2) then I checked the rest",
            "We set WARM_IP_TARGET=4 on Monday to save addresses in the subnet, and since then the nodes of this group are full, but no pod complains.",
        ] {
            assert!(is_prose(line), "{line}");
        }
    }

    #[test]
    fn what_programs_print() {
        for line in [
            "Error: the server has asked for the client to provide credentials",
            "Unable to connect to the server: dial tcp: lookup api on 10.0.0.2:53: no such host",
            "Node-Selectors:",
            "QoS Class:",
            "cart-0   1/1     Running   0          2d",
            "-A KUBE-SERVICES -m comment --comment \"the cart\" -j KUBE-SVC-X",
            "default via 10.0.0.1 dev eth0 proto dhcp src 10.0.0.17 metric 100",
            "64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.3 ms",
            "nameserver 10.0.0.2",
            "search shop.svc.cluster.local svc.cluster.local",
            "    this is indented and a value of the line above",
            "I1121 10:00:00.123456 1 main.go:14] starting the controller with the options that are in the file",
            "pod/cart-0 is now running on the node ip-10-0-0-1 = true",
            "x509: certificate signed by unknown authority",
            "leftovers of some command",
            "limit reached",
            "12. 10.0.0.1 is up",
            "parse failed",
            "| cart-0 | Running |",
            "QoS Class:",
            "Supported ports:",
            "/etc/kubernetes/manifests/etcd.yaml changed",
            "helm.sh/chart: cart-1.4.0",
            "replicas:",
        ] {
            assert!(!is_prose(line), "{line}");
        }
    }
}
