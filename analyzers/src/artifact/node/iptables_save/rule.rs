//! One rule: where it matches, and what it does.

use super::options::{OF_MATCH, expected_values, values};
use super::word::Word;
use crate::artifact::Placed;
use crate::text::Piece;

/// A rule as far as it is read.
pub(super) struct Rule<'a> {
    pub(super) value: Placed,
    line: Piece<'a>,
    protocol: Option<Piece<'a>>,
    matches: Vec<Module<'a>>,
    target: Option<(&'static str, Module<'a>)>,
    /// Whether the target came last: options that follow are its.
    after_target: bool,
    /// The first word that is no part of the rule.
    pub(super) extra: Option<Piece<'a>>,
    unread: Placed,
}

/// A match or target with its options.
struct Module<'a> {
    name: Piece<'a>,
    value: Placed,
    options: Placed,
}

impl<'a> Module<'a> {
    fn new(name: &Word<'a>) -> Self {
        let mut value = Placed::object(name.piece);
        value.put("name", name.value());
        Self {
            name: name.piece,
            value,
            options: Placed::object(name.piece),
        }
    }

    fn finish(mut self) -> Placed {
        if !self.options.is_empty() {
            self.value.put("options", self.options);
        }
        self.value
    }
}

impl<'a> Rule<'a> {
    pub(super) fn new(line: Piece<'a>) -> Self {
        Self {
            value: Placed::object(line),
            line,
            protocol: None,
            matches: Vec::new(),
            target: None,
            after_target: false,
            extra: None,
            unread: Placed::array(line),
        }
    }

    pub(super) fn read(&mut self, words: &[Word<'a>]) {
        let mut rest = words;
        let mut negated = false;
        while let Some((word, after)) = rest.split_first() {
            rest = after;
            if word.plain.is_none() && word.piece.str() == "!" {
                negated = true;
                continue;
            }
            let used = if word.is_option() {
                self.option(word.piece, rest, negated)
            } else {
                self.extra.get_or_insert(word.piece);
                self.unread.push(word.value());
                0
            };
            negated = false;
            rest = rest.get(used..).unwrap_or_default();
        }
    }

    /// Reads one option; how many words after it are its values.
    fn option(&mut self, option: Piece<'a>, rest: &[Word<'a>], negated: bool) -> usize {
        let field = match option.str() {
            "-A" | "--append" => Some("chain"),
            "-s" | "--source" | "--src" => Some("source"),
            "-d" | "--destination" | "--dst" => Some("destination"),
            "-i" | "--in-interface" => Some("inInterface"),
            "-o" | "--out-interface" => Some("outInterface"),
            "-p" | "--protocol" | "--proto" => Some("protocol"),
            _ => None,
        };
        let Some(value) = rest.first() else {
            return self.without_value(option, negated);
        };
        if let Some(field) = field {
            let (value, used) = after_negation(value, rest);
            if field == "protocol" {
                self.protocol = Some(value.piece);
            }
            let name = if negated || used == 2 {
                format!("!{field}")
            } else {
                field.to_owned()
            };
            self.value.put(&name, value.value());
            return used;
        }
        match option.str() {
            "-m" | "--match" => {
                self.matches.push(Module::new(value));
                self.after_target = false;
                1
            }
            "-j" | "--jump" => self.jump("target", value),
            "-g" | "--goto" => self.jump("goto", value),
            "-c" | "--set-counters" => {
                self.value.put_number("packets", value.piece);
                if let Some(bytes) = rest.get(1) {
                    self.value.put_number("bytes", bytes.piece);
                }
                2
            }
            _ => self.extension_option(option, rest, negated),
        }
    }

    fn jump(&mut self, kind: &'static str, name: &Word<'a>) -> usize {
        self.target = Some((kind, Module::new(name)));
        self.after_target = true;
        1
    }

    /// An option at the end of the line.
    fn without_value(&mut self, option: Piece<'a>, negated: bool) -> usize {
        if option.starts_with("--") {
            return self.extension_option(option, &[], negated);
        }
        if option.str() == "-f" {
            self.value.put("fragment", Placed::value(!negated, option));
        } else {
            self.extra.get_or_insert(option);
            self.unread.push(Placed::text(option));
        }
        0
    }

    /// An option of a match or target.
    fn extension_option(&mut self, option: Piece<'a>, rest: &[Word<'a>], negated: bool) -> usize {
        let Some(name) = option.strip_prefix("--") else {
            return self.without_value(option, negated);
        };
        if name.str() == "comment"
            && let Some(used) = self.unquoted_comment(option, name, rest)
        {
            return used;
        }
        let (used, inner_negation) = values(&name, rest);
        // `--dport ! 80`, as iptables before 1.4.3 printed it.
        let skipped = usize::from(inner_negation);
        let taken = rest.get(skipped..skipped + used).unwrap_or_default();
        let mut list = Placed::array(option);
        for value in taken {
            list.extend(value.piece);
            list.push(value.value());
        }
        if taken.len() < expected_values(&name).unwrap_or_default() {
            self.extra.get_or_insert(option);
        }
        let key = if negated || inner_negation {
            format!("!{}", name.str())
        } else {
            name.str().to_owned()
        };
        if let Some(module) = self.owner(name) {
            if let Some(last) = taken.last() {
                module.options.extend(last.piece);
                module.value.extend(last.piece);
            }
            module.options.put(&key, list);
        } else {
            self.extra.get_or_insert(option);
            self.unread.push(Placed::text(option));
        }
        skipped + used
    }

    /// A comment that lost its quotes on the way, as through a shell's `echo`: the words up to the next option.
    fn unquoted_comment(&mut self, option: Piece<'a>, name: Piece<'a>, rest: &[Word<'a>]) -> Option<usize> {
        let count = rest
            .iter()
            .take_while(|word| word.plain.is_none() && !word.is_option())
            .count();
        let comment = rest
            .first()?
            .piece
            .to(rest.get(count.checked_sub(1)?)?.piece, self.line);
        let module = self.owner(name)?;
        let mut list = Placed::array(option);
        list.extend(comment);
        list.push(Placed::text(comment));
        module.options.extend(comment);
        module.value.extend(comment);
        module.options.put(name.str(), list);
        Some(count)
    }

    /// The match or target that an option belongs to.
    fn owner(&mut self, option: Piece<'a>) -> Option<&mut Module<'a>> {
        let of_match = OF_MATCH
            .iter()
            .find(|(options, _)| options.contains(&option.str()))
            .map(|(_, modules)| *modules);
        if let Some(modules) = of_match {
            let at = self
                .matches
                .iter()
                .rposition(|module| modules.contains(&module.name.str()));
            if at.is_none() {
                // `-p tcp --dport 80` loads the match of the protocol by itself.
                let piece = self.protocol?;
                self.matches.push(Module::new(&Word { piece, plain: None }));
            }
            let last = self.matches.len().checked_sub(1)?;
            return self.matches.get_mut(at.unwrap_or(last));
        }
        if self.after_target {
            self.target.as_mut().map(|(_, module)| module)
        } else {
            self.matches.last_mut()
        }
    }

    pub(super) fn finish(mut self) -> Placed {
        if !self.matches.is_empty() {
            let mut matches = Placed::array(self.line);
            for module in self.matches {
                matches.push(module.finish());
            }
            self.value.put("matches", matches);
        }
        if let Some((kind, module)) = self.target {
            self.value.put(kind, module.finish());
        }
        if self.extra.is_some() {
            self.value.put("unread", self.unread);
        }
        self.value
    }
}

/// The value of an option, and how many words it takes: `-s ! 10.0.0.0/8` is how iptables before 1.4.3 negated.
fn after_negation<'w, 'a>(value: &'w Word<'a>, rest: &'w [Word<'a>]) -> (&'w Word<'a>, usize) {
    match rest.get(1) {
        Some(next) if value.plain.is_none() && value.piece.str() == "!" => (next, 2),
        _ => (value, 1),
    }
}
