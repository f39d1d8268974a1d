//! The kinds that describe prints: how they are told, and who reads them.

use super::layout::Entry;
use super::pod;
use crate::artifact::Placed;

/// A kind of object.
pub struct Kind {
    /// Its names on the command line.
    names: &'static [&'static str],
    /// Its apiVersion.
    pub version: &'static str,
    /// Its kind.
    pub kind: &'static str,
    /// Whether an object with these fields is one.
    tells: fn(&dyn Fn(&str) -> bool) -> bool,
    /// Reads the fields.
    pub read: fn(&mut Placed, &[Entry<'_, '_>]),
}

macro_rules! kinds {
    ($($kind:literal $version:literal [$($name:literal)*] $tells:expr, $read:expr;)*) => {
        &[$(Kind { names: &[$($name),*], version: $version, kind: $kind, tells: $tells, read: $read }),*]
    };
}

/// The first whose fields tell it wins.
const KINDS: &[Kind] = kinds! {
    "Pod" "v1" ["pods" "pod" "po"] pod::tells, |root, entries| pod::read(root, entries.iter().copied());
};

/// The kind of an object with these fields; where they do not tell, what the command asked for.
pub fn kind(top: &[Entry<'_, '_>], wanted: Option<&str>) -> Option<&'static Kind> {
    let has = |name: &str| top.iter().any(|entry| entry.key().str() == name);
    KINDS.iter().find(|kind| (kind.tells)(&has)).or_else(|| named(wanted?))
}

/// The kind that a word of the command names: `pods`, `deployment.apps`.
fn named(word: &str) -> Option<&'static Kind> {
    let word = word.split('.').next()?.to_ascii_lowercase();
    KINDS.iter().find(|kind| kind.names.contains(&word.as_str()))
}
