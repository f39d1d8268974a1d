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

    /// Which of these pass, by number. All words have to be in what a thing says about itself, in any order and spelled in small or
    /// capital letters.
    pub fn passing(&self, things: &[Findable]) -> Vec<usize> {
        let words = self.words.to_lowercase();
        let words: Vec<&str> = words.split_whitespace().collect();
        things
            .iter()
            .enumerate()
            .filter(|(_, thing)| thing.has_problems || !self.only_problems)
            .filter(|(_, thing)| words.iter().all(|word| thing.says.contains(word)))
            .map(|(number, _)| number)
            .collect()
    }
}

/// Something that can be looked for, made ready once for all that is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findable {
    has_problems: bool,
    /// In small letters, a line each.
    says: String,
}

impl Findable {
    /// Something that says these things about itself.
    pub fn new(has_problems: bool, says: &[&str]) -> Self {
        Self {
            has_problems,
            says: says.join("\n").to_lowercase(),
        }
    }

    /// Whether something of it was not understood.
    pub fn has_problems(&self) -> bool {
        self.has_problems
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, Findable};

    #[test]
    fn every_word_has_to_be_somewhere() {
        let filter = |words: &str, only_problems| Filter {
            words: words.into(),
            only_problems,
        };
        let says = ["networking/iptables.txt", "iptables-save", "Kubernetes objects as YAML"];
        let things = [
            Findable::new(false, &says),
            Findable::new(true, &says),
            Findable::new(true, &["else"]),
        ];
        assert!(filter("", false).is_open() && filter(" ", false).is_open());
        assert!(!filter("", true).is_open() && !filter("net", false).is_open());
        assert_eq!(filter("", false).passing(&things), [0, 1, 2]);
        assert_eq!(filter("TXT net", false).passing(&things), [0, 1]);
        assert_eq!(filter("yaml", true).passing(&things), [1]);
        assert!(filter("yaml json", false).passing(&things).is_empty());
        // Words of two things that are said are not one word.
        assert!(filter("txtiptables", false).passing(&things).is_empty());
    }
}
