//! What a text holds at all: most passes need not begin. One look while its bytes are at hand, because each walk over a text of
//! hundreds of megabytes fetches it from memory again.

use memchr::memmem::Finder;

use crate::text::documents::{Document, gaps};

/// What may be outside of a text's whole documents.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each lets a pass begin")]
pub struct Present {
    /// A tab.
    pub tabs: bool,
    /// `&`, which begins HTML's entities.
    pub ampersands: bool,
    /// `NAME`, which begins the header of kubectl's tables.
    pub names: bool,
    /// A command that cuts lines.
    pub cuts: bool,
    /// `":` or `: *`: a member of JSON, or a value of YAML that begins with an asterisk.
    pub members: bool,
}

/// So many bytes stay in the processor's cache from one look at them to the next.
const NEAR: usize = 16 << 10;

impl Present {
    /// Looks at a text.
    pub fn new(text: &str, whole: &[Document]) -> Self {
        let mut present = Self::default();
        let finders = [Finder::new("NAME"), Finder::new("| cut -"), Finder::new("\":")];
        for gap in gaps(whole, text.len()) {
            let bytes = text.as_bytes().get(gap).unwrap_or_default();
            for start in (0..bytes.len()).step_by(NEAR) {
                present.see(bytes, start, &finders);
            }
        }
        present
    }

    fn see(&mut self, bytes: &[u8], start: usize, [names, cuts, members]: &[Finder<'_>; 3]) {
        // What begins here may end behind it.
        let near = |more: usize| {
            bytes
                .get(start..bytes.len().min(start + NEAR + more))
                .unwrap_or_default()
        };
        let found = |finder: &Finder<'_>| finder.find(near(finder.needle().len() - 1)).is_some();
        let here = near(0);
        self.tabs = self.tabs || memchr::memchr(b'\t', here).is_some();
        self.ampersands = self.ampersands || memchr::memchr(b'&', here).is_some();
        self.names = self.names || found(names);
        self.cuts = self.cuts || found(cuts);
        let masked = |at: usize| {
            let before = (start + at).checked_sub(1).and_then(|at| bytes.get(at));
            matches!(before, Some(b':' | b' '))
        };
        self.members = self.members || found(members) || memchr::memchr_iter(b'*', here).any(masked);
    }
}

#[cfg(test)]
mod tests {
    use super::{NEAR, Present};

    #[test]
    fn what_is_there_is_seen_wherever_it_stands() {
        let nothing = Present::default();
        for (word, wanted) in [
            ("\t", Present { tabs: true, ..nothing }),
            (
                "&",
                Present {
                    ampersands: true,
                    ..nothing
                },
            ),
            ("NAME", Present { names: true, ..nothing }),
            ("| cut -", Present { cuts: true, ..nothing }),
            (
                "\":",
                Present {
                    members: true,
                    ..nothing
                },
            ),
            (
                ": *",
                Present {
                    members: true,
                    ..nothing
                },
            ),
        ] {
            for before in [
                0,
                1,
                5,
                NEAR - 8,
                NEAR - 3,
                NEAR - 2,
                NEAR - 1,
                NEAR,
                NEAR + 1,
                3 * NEAR + 7,
            ] {
                let text = format!("{}{word} of it\n", "-".repeat(before));
                assert_eq!(Present::new(&text, &[]), wanted, "{word:?} at {before}");
            }
        }
        assert_eq!(
            Present::new("NXDomain*- 0/1/0 a:b NA ME | cut\n", &[]),
            Present::default()
        );
    }
}
