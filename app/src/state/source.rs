//! What was pasted, dropped or chosen.

/// How a text came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Pasted or typed.
    Paste,
    /// Dropped or chosen.
    File,
    /// A sample.
    Sample,
}

/// A text under its name. `B` is what holds the bytes: in the page a `Blob`, which stays out of this program's memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Source<B> {
    /// No other source of this page ever has the same.
    pub id: u32,
    /// The name that citations use.
    pub name: String,
    /// How it came.
    pub origin: Origin,
    /// Bytes.
    pub size: u64,
    /// The bytes.
    pub body: B,
}

/// All sources, in the order in which they came.
#[derive(Debug, Clone, PartialEq)]
pub struct Sources<B> {
    all: Vec<Source<B>>,
    last: u32,
    pastes: u32,
}

impl<B> Default for Sources<B> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            last: 0,
            pastes: 0,
        }
    }
}

impl<B> Sources<B> {
    /// Adds what was pasted: `paste 1`, `paste 2` and so on.
    pub fn add_paste(&mut self, size: u64, body: B) -> u32 {
        self.pastes += 1;
        let name = format!("paste {}", self.pastes);
        self.add(&name, Origin::Paste, size, body)
    }

    /// Adds a text under a name, with a number behind it where another has the same name.
    pub fn add(&mut self, name: &str, origin: Origin, size: u64, body: B) -> u32 {
        let taken = |name: &str| self.all.iter().any(|source| source.name == name);
        let mut unique = name.to_owned();
        let mut number = 1;
        while taken(&unique) {
            number += 1;
            unique = format!("{name} ({number})");
        }
        self.last += 1;
        self.all.push(Source {
            id: self.last,
            name: unique,
            origin,
            size,
            body,
        });
        self.last
    }

    /// Removes a source, if it is there.
    pub fn remove(&mut self, id: u32) {
        self.all.retain(|source| source.id != id);
    }

    /// Removes all, and begins to count pastes anew.
    pub fn clear(&mut self) {
        self.all.clear();
        self.pastes = 0;
    }

    /// The source of that id.
    pub fn get(&self, id: u32) -> Option<&Source<B>> {
        self.all.iter().find(|source| source.id == id)
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Source<B>> {
        self.all.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether there is anything but samples.
    pub fn has_own(&self) -> bool {
        self.all.iter().any(|source| source.origin != Origin::Sample)
    }
}

/// A size as people say it: `812 B`, `14 kB`, `50.0 MB`.
pub fn size_in_words(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sources: &Sources<()>) -> Vec<&str> {
        sources.iter().map(|source| source.name.as_str()).collect()
    }

    #[test]
    fn names_and_ids_are_told_apart() {
        let mut sources = Sources::default();
        let first = sources.add_paste(1, ());
        let log = sources.add("a.log", Origin::File, 1, ());
        let again = sources.add("a.log", Origin::File, 1, ());
        assert_eq!(names(&sources), ["paste 1", "a.log", "a.log (2)"]);
        assert!(first != log && log != again);
        sources.remove(log);
        sources.add("a.log (2)", Origin::File, 1, ());
        assert_eq!(names(&sources), ["paste 1", "a.log (2)", "a.log (2) (2)"]);
    }

    #[test]
    fn ids_are_not_used_again_but_names_are() {
        let mut sources = Sources::default();
        let before = sources.add_paste(1, ());
        sources.clear();
        let after = sources.add_paste(1, ());
        assert_ne!(before, after);
        assert_eq!(names(&sources), ["paste 1"]);
    }

    #[test]
    fn sizes_are_said_in_powers_of_a_thousand() {
        assert_eq!(size_in_words(999), "999 B");
        assert_eq!(size_in_words(14_999), "14 kB");
        assert_eq!(size_in_words(52_428_800), "52.4 MB");
    }
}
