//! Secrets that are known by the name before them: `name: value`, `name = "value"`, `"name": "value"`, `name=value&…`.

use super::{Secret, run};

/// Names, without regard to case, and what their values look like.
pub struct Named {
    /// The names, in lower case.
    pub names: &'static [&'static str],
    /// The fewest bytes that a value has.
    pub least: usize,
    /// The most bytes that a value has.
    pub most: usize,
    /// What it is called when it is replaced.
    pub kind: &'static str,
}

impl Named {
    /// Finds the values.
    pub fn find(&self, text: &str, of: impl Fn(u8) -> bool + Copy, out: &mut Vec<Secret>) {
        let lower = text.to_ascii_lowercase();
        for name in self.names {
            for (at, _) in lower.match_indices(name) {
                let after = at + name.len();
                let gap = run(text, after, |b| {
                    matches!(b, b' ' | b'\t' | b'"' | b'\'' | b':' | b'=' | b'\\')
                })
                .min(24);
                if gap == 0 {
                    continue;
                }
                let start = after + gap;
                let length = run(text, start, of);
                if (self.least..=self.most).contains(&length) {
                    out.push((start..start + length, self.kind));
                }
            }
        }
    }
}
