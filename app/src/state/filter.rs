//! Which of many the reader wants to see.

/// What the reader looks for among members, outputs and problems.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Words of names and formats.
    pub words: String,
    /// Only what was not understood.
    pub only_problems: bool,
}

impl Filter {
    /// Whether it lets everything pass.
    pub fn is_open(&self) -> bool {
        !self.only_problems && self.words.trim().is_empty()
    }

    /// Whether something passes that says these things about itself; all words have to be in them, in any order and spelled in small
    /// or capital letters.
    pub fn passes(&self, has_problems: bool, says: &[&str]) -> bool {
        (has_problems || !self.only_problems)
            && self.words.split_whitespace().all(|word| {
                let word = word.to_lowercase();
                says.iter().any(|said| said.to_lowercase().contains(&word))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;

    #[test]
    fn every_word_has_to_be_somewhere() {
        let filter = |words: &str, only_problems| Filter {
            words: words.into(),
            only_problems,
        };
        let says = ["networking/iptables.txt", "iptables-save", "Kubernetes objects as YAML"];
        assert!(filter("", false).is_open() && filter(" ", false).passes(false, &says));
        assert!(filter("TXT net", false).passes(false, &says));
        assert!(filter("yaml", false).passes(false, &says));
        assert!(!filter("yaml json", false).passes(true, &says));
        assert!(!filter("net", true).passes(false, &says));
        assert!(filter("net", true).passes(true, &says) && !filter("net", true).is_open());
    }
}
