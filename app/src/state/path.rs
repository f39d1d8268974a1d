//! What the reader asked of a path: between which ends, and what if.

use whypath_analyzers::view::{AskView, Asked, ChangeView, EndView, NextView, RemedyView};

/// What is known of a path that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct PathState {
    /// Which one it is.
    pub asked: Asked,
    /// What is assumed.
    pub changes: Vec<ChangeView>,
    /// What would lead the packet further; `None` where nobody asked yet.
    pub remedies: Option<Vec<RemedyView>>,
    /// What would settle what is not known.
    pub next: Vec<NextView>,
    /// Why the last wish could not be met.
    pub refused: Option<String>,
    /// Whether an answer is on its way.
    pub waiting: bool,
    /// Whether the list is open.
    pub open: bool,
}

impl PathState {
    /// Of a path that nobody asked about yet.
    pub fn new(asked: Asked) -> Self {
        Self {
            asked,
            changes: Vec::new(),
            remedies: None,
            next: Vec::new(),
            refused: None,
            waiting: false,
            open: false,
        }
    }
}

/// No more ends than this are offered at once.
pub const OFFERED: usize = 40;

/// The ends in which all of the words stand, and how many there are more.
pub fn matching(ends: &[EndView], words: &str) -> (Vec<EndView>, usize) {
    let words = words.to_lowercase();
    let words: Vec<&str> = words.split_whitespace().collect();
    let fits = |end: &&EndView| {
        let text = format!("{} {} {}", end.kind, end.text, end.detail).to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let mut all = ends.iter().filter(fits);
    let shown = all.by_ref().take(OFFERED).cloned().collect();
    (shown, all.count())
}

/// What is written in the form, as a question; `None` where an end is missing.
pub fn question(from: &str, to: &str, port: &str, protocol: &str) -> Option<AskView> {
    let (from, to) = (from.trim(), to.trim());
    (!from.is_empty() && !to.is_empty()).then(|| AskView {
        from: from.to_owned(),
        to: to.to_owned(),
        port: port.trim().parse().ok(),
        protocol: protocol.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(kind: &str, text: &str, detail: &str) -> EndView {
        EndView {
            text: text.to_owned(),
            kind: kind.to_owned(),
            name: text.to_owned(),
            detail: detail.to_owned(),
            ports: Vec::new(),
        }
    }

    #[test]
    fn an_end_is_found_by_its_kind_its_name_or_its_address() {
        let ends = [
            end("pod", "pod:shop/cart-0", "10.0.1.7 on node-a"),
            end("pod", "pod:shop/web-0", "10.0.1.8 on node-b"),
            end("Service", "svc:shop/cart", "ClusterIP 172.20.0.9"),
        ];
        let found = |words: &str| {
            matching(&ends, words)
                .0
                .into_iter()
                .map(|end| end.text)
                .collect::<Vec<_>>()
        };
        assert_eq!(found("cart"), ["pod:shop/cart-0", "svc:shop/cart"]);
        assert_eq!(found("POD cart"), ["pod:shop/cart-0"]);
        assert_eq!(found("1.8"), ["pod:shop/web-0"]);
        assert_eq!(found("nobody"), [""; 0]);
        let many = vec![end("pod", "pod:a/b", ""); OFFERED + 3];
        assert_eq!(matching(&many, "").1, 3);
    }

    #[test]
    fn a_question_has_two_ends() {
        assert_eq!(question("a", " ", "80", "tcp"), None);
        let asked = question(" a ", "b", "80", "udp").expect("a question");
        assert_eq!(
            (asked.from.as_str(), asked.port, asked.protocol.as_str()),
            ("a", Some(80), "udp")
        );
        assert_eq!(question("a", "b", "", "tcp").expect("a question").port, None);
    }
}
