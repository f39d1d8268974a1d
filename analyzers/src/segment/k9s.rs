//! The title that k9s draws into the border over a table: `Pods(shop)[2]` (derailed/k9s, `internal/ui/table_helper.go`). It says what
//! `kubectl get` would have been told.

use super::sniff::ends;
use crate::artifact::kubectl::table::{self, Header};

/// The command that prints the table below a title; `below` is the text after the title's line.
pub fn title(line: &str, below: &str) -> Option<String> {
    let line = line.trim();
    // A filter may follow: `Pods(shop)[2] </web>`.
    let (title, filter) = line.split_once(' ').unwrap_or((line, ""));
    if !(filter.is_empty() || (filter.starts_with('<') && filter.ends_with('>'))) {
        return None;
    }
    let (named, count) = title.strip_suffix(']')?.rsplit_once('[')?;
    let (resource, namespace) = match named.split_once('(') {
        Some((resource, namespace)) => (resource, Some(namespace.strip_suffix(')')?)),
        None => (named, None),
    };
    let resource = resource.to_ascii_lowercase();
    let word = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
    };
    let known = word(&resource) && table::api_of(&resource).is_some();
    if !known || count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let header = ends(below).map(|(line, _)| line).find(|line| !line.trim().is_empty())?;
    Header::new(header)?;
    match namespace {
        None | Some("-") => Some(format!("kubectl get {resource}")),
        Some("all" | "") => Some(format!("kubectl get {resource} -A")),
        Some(namespace) if word(namespace) => Some(format!("kubectl get {resource} -n {namespace}")),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::title;

    const TABLE: &str = "NAME   PF   READY   STATUS\nweb-0   ●   1/1   Running\n";

    #[test]
    fn the_title_says_kind_and_namespace() {
        for (line, command) in [
            ("Pods(blue)[2]", Some("kubectl get pods -n blue")),
            ("Pods(blue)[12] </web>", Some("kubectl get pods -n blue")),
            ("services(all)[7]", Some("kubectl get services -A")),
            ("Nodes[3]", Some("kubectl get nodes")),
            ("Logs(blue/web-0)[tail]", None),
            ("Containers(blue/web-0)[2]", None),
            ("main(argc)[2]", None),
            ("Pods(blue)", None),
        ] {
            assert_eq!(title(line, TABLE).as_deref(), command, "{line}");
        }
        assert_eq!(title("Pods(blue)[2]", "and then it ended\n"), None);
    }
}
