//! The formats that the reader chose.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::protocol::{Chosen, TextId};

/// What was chosen, by text and line, and what it was before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    all: BTreeMap<(TextId, usize), Choice>,
    /// The steps that can be taken back, the last one last: where something was chosen, and what had been chosen there before.
    steps: Vec<((TextId, usize), Option<Choice>)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Choice {
    /// The name of the text.
    name: String,
    format: String,
}

impl Choices {
    /// Has what begins on a line of the text of that name read as a format.
    pub fn choose(&mut self, text: TextId, line: usize, name: &str, format: &str) {
        let choice = Choice {
            name: name.to_owned(),
            format: format.to_owned(),
        };
        let before = self.all.insert((text, line), choice);
        self.steps.push(((text, line), before));
    }

    /// Takes the last step back, and says where it was.
    pub fn undo(&mut self) -> Option<(TextId, usize)> {
        let (place, before) = self.steps.pop()?;
        match before {
            Some(before) => self.all.insert(place, before),
            None => self.all.remove(&place),
        };
        Some(place)
    }

    /// Takes back whatever was chosen for lines of a text: of a part that others were joined to, all of it.
    pub fn unchoose(&mut self, text: TextId, lines: RangeInclusive<usize>) {
        let places: Vec<(TextId, usize)> = self
            .all
            .range((text, *lines.start())..=(text, *lines.end()))
            .map(|(place, _)| *place)
            .collect();
        for place in places {
            let before = self.all.remove(&place);
            self.steps.push((place, before));
        }
    }

    /// Forgets a source.
    pub fn forget(&mut self, source: u32) {
        self.all.retain(|(text, _), _| text.source != source);
        self.steps.retain(|((text, _), _)| text.source != source);
    }

    /// Everything that was chosen.
    pub fn chosen(&self) -> Vec<Chosen> {
        self.all
            .iter()
            .map(|((_, line), choice)| Chosen {
                text: choice.name.clone(),
                line: *line,
                format: choice.format.clone(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(choices: &Choices) -> Vec<(usize, String)> {
        let chosen = choices.chosen().into_iter();
        chosen.map(|chosen| (chosen.line, chosen.format)).collect()
    }

    #[test]
    fn steps_are_taken_back_one_by_one() {
        let text = TextId::first_of(1);
        let mut choices = Choices::default();
        choices.choose(text, 3, "paste 1", "log");
        choices.choose(text, 3, "paste 1", "sysctl");
        choices.choose(text, 9, "paste 1", "unknown");
        assert_eq!(chosen(&choices), [(3, "sysctl".into()), (9, "unknown".into())]);
        assert_eq!(choices.undo(), Some((text, 9)));
        assert_eq!(choices.undo(), Some((text, 3)));
        assert_eq!(chosen(&choices), [(3, "log".into())]);
        choices.unchoose(text, 1..=2);
        assert_eq!(chosen(&choices), [(3, "log".into())]);
        choices.unchoose(text, 2..=4);
        assert_eq!(chosen(&choices), []);
        assert_eq!(choices.undo(), Some((text, 3)));
        assert_eq!(chosen(&choices), [(3, "log".into())]);
        assert_eq!(choices.undo(), Some((text, 3)));
        assert_eq!((choices.undo(), chosen(&choices)), (None, vec![]));
    }

    #[test]
    fn a_source_that_is_removed_takes_its_choices_with_it() {
        let mut choices = Choices::default();
        choices.choose(TextId { source: 1, member: 4 }, 3, "a.zip/b", "log");
        choices.choose(TextId::first_of(2), 1, "paste 1", "log");
        choices.forget(1);
        assert_eq!(choices.chosen().len(), 1);
        assert_eq!(choices.undo(), Some((TextId::first_of(2), 1)));
        assert_eq!(choices.undo(), None);
    }
}
