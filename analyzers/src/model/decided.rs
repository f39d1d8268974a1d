//! Values that something decides: a field that was pasted, or a default that a document names.

use crate::evidence::{Evidence, Fact};

/// What decided a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// It was read.
    Read(Evidence),
    /// Nothing was pasted that says otherwise, and this is the documented default.
    Default(&'static str),
}

impl By {
    /// Where it was read, where it was.
    pub fn evidence(&self) -> Option<&Evidence> {
        match self {
            Self::Read(evidence) => Some(evidence),
            Self::Default(_) => None,
        }
    }
}

/// A value together with what decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided<T> {
    /// The value.
    pub value: T,
    /// What decided it.
    pub by: By,
}

impl<T> Decided<T> {
    /// A value that was read.
    pub fn read(value: T, evidence: Evidence) -> Self {
        Self {
            value,
            by: By::Read(evidence),
        }
    }

    /// A value that a document gives where nothing says otherwise.
    pub fn default(value: T, rests_on: &'static str) -> Self {
        Self {
            value,
            by: By::Default(rests_on),
        }
    }

    /// The fact where there is one, the default where there is none.
    pub fn or_default(fact: Option<Fact<T>>, value: T, rests_on: &'static str) -> Self {
        match fact {
            Some(fact) => fact.into(),
            None => Self::default(value, rests_on),
        }
    }

    /// The same reason for a value made from this one.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Decided<U> {
        Decided {
            value: f(self.value),
            by: self.by,
        }
    }
}

impl<T> From<Fact<T>> for Decided<T> {
    fn from(fact: Fact<T>) -> Self {
        Self::read(fact.value, fact.evidence)
    }
}
