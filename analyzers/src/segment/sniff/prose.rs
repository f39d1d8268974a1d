//! What people write around what they paste: sentences, and titles that end with a colon.
//!
//! Only lines that nothing else recognised are asked, and never the first lines below a command: programs write sentences, too.

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
    let text = text.trim_start_matches(['(', '"']);
    if is_remark(line) {
        return true;
    }
    // Columns, assignments and brackets are a program's.
    let count = text.split(' ').count();
    // A long sentence may name a setting with its value.
    let settings = text.matches('=').count();
    if line.starts_with([' ', '\t'])
        || text.contains("  ")
        || text.contains(['\t', '{', '}', '|', '\\', '$'])
        || settings > 2
        || settings > 0 && count < LONG
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
        || words
            .iter()
            .any(|word| word.starts_with('-') && word.bytes().any(|b| b.is_ascii_alphanumeric()))
    {
        return false;
    }
    let plain = words.iter().filter(|word| is_word(word)).count();
    let glue = words
        .iter()
        .filter(|word| GLUE.contains(&word.trim_matches(|c: char| !c.is_ascii_alphanumeric())))
        .count();
    if text.ends_with(':') {
        return words.len() >= 3 && plain * 10 >= words.len() * 7 && glue > 0 || is_title(text);
    }
    if is_file(words.first().copied().unwrap_or_default()) {
        return words.iter().skip(1).all(|word| is_word(word) || is_number(word)) && words.len() <= 6;
    }
    // A sentence shows it at one of its ends; a note without both is longer.
    let least = if text.starts_with(char::is_uppercase) || text.ends_with(['.', '?', '!', ',', ')']) {
        4
    } else {
        6
    };
    words.len() >= least && plain * 10 >= words.len() * 6 && glue * 6 >= words.len()
}

/// `(the rest is left out)`, `(11 more, all Running)`.
fn is_remark(line: &str) -> bool {
    let inside = line
        .strip_prefix('(')
        .and_then(|rest| rest.trim_end().strip_suffix(')'));
    inside.is_some_and(|inside| {
        let words: Vec<&str> = inside.split(' ').collect();
        let plain = words.iter().filter(|word| is_word(word)).count();
        words.len() >= 2 && plain >= 2 && plain * 10 >= words.len() * 6 && !inside.contains(['(', ')', '=', '/', '{'])
    })
}

/// How many words a sentence has that may have an assignment in it.
const LONG: usize = 12;

/// `terraform bit:`, `values.yaml lines 41-44:`, `the ConfigMap (indent lost, sorry):`. Labels of `kubectl describe` have capitals and no
/// remark: `QoS Class:`.
fn is_title(text: &str) -> bool {
    let text = text.trim_end_matches(':');
    let words: Vec<&str> = text.split(' ').collect();
    let remark = text.contains(" (") && text.ends_with(')') && text.contains(' ');
    (2..=8).contains(&words.len())
        && !text.contains([':', '"', '[', '=', '/'])
        && (text.starts_with(|c: char| c.is_ascii_lowercase()) || remark)
        && !text.starts_with("caused by")
        && words
            .iter()
            .all(|word| is_word(word) || is_number(word) || is_file(word))
}

/// A file's name that people write above what stands in it.
fn is_file(word: &str) -> bool {
    let word = word.trim_end_matches([',', ':']);
    [".yaml", ".yml", ".json", ".log", ".tf", ".conf", ".txt", ".sh"]
        .iter()
        .any(|end| word.len() > end.len() && word.ends_with(end))
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/' | b',' | b':'))
}

/// A number, or several: `41-44`.
fn is_number(word: &str) -> bool {
    let word = word.trim_matches([',', '(', ')']);
    word.bytes().all(|b| b.is_ascii_digit() || b == b'-') && word.bytes().any(|b| b.is_ascii_digit())
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
            "upgraded the nodegroup 1.25 -> 1.26, the control plane was fine, new instances never join (aws-auth untouched).",
            "We set WARM_IP_TARGET=10 to save addresses in the subnet, and since then the log is full of failures.",
            "(repeats every second)",
            "(11 more Running, cut)",
            "terraform bit:",
            "values.yaml lines 41-44:",
            "the Coredns configmap (indent lost, sorry):",
            "ipamd.log, same node",
            "values.yaml",
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
            "caused by: EC2MetadataError: failed to make EC2Metadata request",
            "aws eks update-kubeconfig --name a is what we did in the end",
            "we set A=1",
            "cart.yaml: 12",
            "(ID:12)",
            "Image Pull Secrets:",
        ] {
            assert!(!is_prose(line), "{line}");
        }
    }
}
