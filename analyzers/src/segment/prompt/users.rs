//! The users that prompts name, and the output that may be glued to them.

use std::collections::BTreeMap;

use memchr::memmem;

use super::Typed;

/// Users that log in to nodes and containers: they are told apart from the output that is glued to them.
const USERS: [&str; 4] = ["root", "ec2-user", "ssm-user", "ubuntu"];

/// Users whose names end like one of [`USERS`]: distroless images' `nonroot` (uid 65532), and what other images call theirs.
const WHOLE_USERS: [&str; 5] = ["nonroot", "non-root", "notroot", "groot", "noroot"];

/// The user of a prompt, without the output that is glued to the name: `root` of `readyroot`.
pub fn user_of(written: &str) -> &str {
    WHOLE_USERS
        .iter()
        .chain(&USERS)
        .find(|user| written.ends_with(**user))
        .copied()
        .unwrap_or(written)
}

/// Users whose names end like one of [`USERS`], as the lines of a paste show: `toor-root@web-0` that begins several lines, where
/// `root@web-0` begins none, is no output with a prompt after it.
#[derive(Debug, Default)]
pub struct WholeUsers {
    known: BTreeMap<String, bool>,
}

/// More prompts than one paste has shells.
const PROMPTS: usize = 12;

impl WholeUsers {
    /// Whether what stands before a prompt in its line belongs to the name of its user.
    pub fn begins(&mut self, text: &str, line: &str, typed: &Typed) -> bool {
        let output = line.get(..typed.from).unwrap_or_default();
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if output.is_empty() || !typed.prompt.contains('@') || !output.chars().all(name) {
            return false;
        }
        let whole = format!("{output}{}", typed.prompt);
        if let Some(known) = self.known.get(&whole) {
            return *known;
        }
        if self.known.len() >= PROMPTS {
            return false;
        }
        let begins = |prompt: &str| {
            let again = memmem::find_iter(text.as_bytes(), format!("\n{prompt}").as_bytes())
                .take(2)
                .count();
            again + usize::from(text.starts_with(prompt))
        };
        let answer = begins(&whole) > 1 && begins(&typed.prompt) == 0;
        self.known.insert(whole, answer);
        answer
    }
}
