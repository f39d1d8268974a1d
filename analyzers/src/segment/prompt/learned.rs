//! Prompts that a paste has shown before.

use super::{Typed, right};
use crate::segment::program::{known, shell_call};

/// Prompts that a paste has shown before known commands: after the same prompt anything is a command.
#[derive(Debug, Default)]
pub struct Learned {
    prompts: Vec<(String, Typed)>,
}

/// More prompts than one paste has shells.
const PROMPTS: usize = 12;

impl Learned {
    /// Remembers the prompt of a line that is a command.
    pub fn see(&mut self, line: &str, typed: &Typed) {
        if self.prompts.len() >= PROMPTS || typed.prompt.is_empty() || typed.from > 0 || !known(&typed.text) {
            return;
        }
        let Some(prompt) = line.find(&typed.text).and_then(|at| line.get(..at)) else {
            return;
        };
        if !prompt.trim().is_empty() && !self.prompts.iter().any(|(known, _)| known == prompt) {
            self.prompts.push((prompt.to_owned(), typed.clone()));
        }
    }

    /// The command after one of the prompts.
    pub fn typed(&self, line: &str) -> Option<Typed> {
        let (rest, typed) = self.prompts.iter().find_map(|(prompt, typed)| {
            let rest = line.strip_prefix(prompt.as_str())?;
            let rest = if typed.windows { rest } else { right::without(rest) };
            // One sign alone begins comments, quotations and lists, too.
            (prompt.trim().chars().count() > 1 || shell_call(rest)).then_some((rest, typed))
        })?;
        Some(Typed {
            text: rest.trim().to_owned(),
            ..typed.clone()
        })
    }
}
