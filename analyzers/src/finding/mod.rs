//! What is wrong, root before symptom, and what to run next.
//!
//! A rule is one file (`rules/<area>/<rule>.rs`: code, class, needs, one `check` function) plus one page
//! (`cases/<AREA>/<CODE>.md`: the words, with placeholders that the rule fills, and the cases that prove it).

mod fold;
pub mod page;
pub mod registry;
pub mod rules;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::evidence::Evidence;
use crate::flow::{Flows, Next};
use crate::model::Model;

pub use fold::diagnose;

/// How much is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// The evidence proves it.
    Fault,
    /// Likely to hurt, or contributes.
    Risk,
    /// Explains something, or stops a false alarm.
    Note,
    /// A weakness in security.
    Security,
}

impl Class {
    /// The word that is shown and exported.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Risk => "risk",
            Self::Note => "note",
            Self::Security => "security",
        }
    }
}

/// A rule: metadata and one function.
pub struct Rule {
    /// The code of `catalogue.md`, which is also the name of its page.
    pub code: &'static str,
    /// What it looks at.
    pub check: fn(&Model<'_>, &Flows) -> Vec<Hit>,
}

/// What a rule found: the values and the evidence that its page's placeholders take.
#[derive(Debug, Clone)]
pub struct Hit {
    /// How much is claimed for this case; never more than the page's class.
    pub class: Class,
    /// Which set of whys of the page applies, where it has several.
    pub variant: Option<&'static str>,
    /// What it is about: `Pod shop/cart-0`.
    pub subjects: Vec<String>,
    /// The values of the page's `{placeholders}`.
    pub values: BTreeMap<&'static str, String>,
    /// The evidence of the page's `[^citations]`, by name.
    pub evidence: BTreeMap<&'static str, Vec<Evidence>>,
    /// The flow in [`Flows::all`] that shows it.
    pub flow: Option<usize>,
    /// Codes that this one explains when they are about one of the same subjects.
    pub explains: &'static [&'static str],
    /// What would settle what is still open.
    pub next: Vec<Next>,
    /// Not a finding at all but a question: only `next` is used.
    pub open: bool,
}

impl Hit {
    /// A finding of that class about `subject`, without values or evidence yet.
    pub fn new(class: Class, subject: impl Into<String>) -> Self {
        Self {
            class,
            variant: None,
            subjects: vec![subject.into()],
            values: BTreeMap::new(),
            evidence: BTreeMap::new(),
            flow: None,
            explains: &[],
            next: Vec::new(),
            open: false,
        }
    }

    /// A question: the rule cannot tell, and these commands would.
    pub fn open(next: Vec<Next>) -> Self {
        Self {
            next,
            open: true,
            ..Self::new(Class::Note, "")
        }
    }

    /// Sets the value of a placeholder.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.insert(name, value.into());
        self
    }

    /// Adds evidence under the name that the page cites.
    #[must_use]
    pub fn cite(mut self, name: &'static str, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.entry(name).or_default().extend(evidence);
        self
    }
}

/// A why with what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The sentence or two.
    pub text: String,
    /// What proves it; empty where the sentence states how things work rather than what was pasted.
    pub evidence: Vec<Evidence>,
}

/// A finding in the reader's words.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule's code.
    pub code: &'static str,
    /// How much is claimed.
    pub class: Class,
    /// One line: what is wrong.
    pub title: String,
    /// What it is about.
    pub subjects: Vec<String>,
    /// Whether no other finding explains it.
    pub root: bool,
    /// The findings that it explains, by index.
    pub explains: Vec<usize>,
    /// From the symptom down to the cause.
    pub whys: Vec<Why>,
    /// What to change.
    pub fix: String,
    /// How to see that it worked.
    pub verify: String,
    /// All evidence, in the order of the whys.
    pub evidence: Vec<Evidence>,
    /// The flow that shows it, by index.
    pub flow: Option<usize>,
}
