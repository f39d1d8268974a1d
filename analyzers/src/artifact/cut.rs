//! Which values of a document may lack something that its command printed.

use super::Value;
use super::outline::Outline;

/// Where a text lost something. Absent fields are another matter (see [`Document::complete`](super::Document::complete)): a `--query` that
/// names three fields leaves the others out and yet has all elements of its lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cut {
    /// Nowhere: lists have all of their elements.
    #[default]
    Nowhere,
    /// It breaks off behind the value with this pointer: of that one and of all around it the rest is missing.
    Behind(Box<str>),
    /// Anywhere: lines are missing, or a program or a condition in a query picked from it.
    Anywhere,
}

impl Cut {
    /// Behind the value that stands last in a text that breaks off.
    pub(super) fn behind_last(value: &Value, outline: &Outline) -> Self {
        let mut at = String::new();
        let mut value = value;
        loop {
            let (token, next) = match value {
                Value::Array(items) => match items.last() {
                    Some(last) => ((items.len() - 1).to_string(), last),
                    None => break,
                },
                Value::Object(members) => {
                    // Members are kept by name; which of them was printed last says where they stand.
                    let start = |name: &str| {
                        let pointer = format!("{at}/{}", escaped(name));
                        outline.find(&pointer).map(|range| range.start)
                    };
                    match members.iter().max_by_key(|(name, _)| start(name)) {
                        Some((name, last)) => (escaped(name), last),
                        None => break,
                    }
                }
                _ => break,
            };
            at.push('/');
            at.push_str(&token);
            value = next;
        }
        Self::Behind(at.into())
    }

    /// Whether the value at a pointer may lack something.
    pub(super) fn touches(&self, pointer: &str) -> bool {
        match self {
            Self::Nowhere => false,
            Self::Anywhere => true,
            Self::Behind(last) => last
                .strip_prefix(pointer)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        }
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::Cut;
    use crate::artifact::json;

    #[test]
    fn what_stands_before_the_last_value_is_whole() {
        let text = r#"{"Zones": [{"Name": "a", "Hosts": ["1", "2"]}, {"Hosts": ["3"], "Block": ["4", "#;
        let read = json::read(text).unwrap();
        assert!(read.broken.is_some());
        let cut = Cut::behind_last(&read.value, &json::outline(text));
        assert_eq!(cut, Cut::Behind("/Zones/1/Block/0".into()));
        for torn in ["", "/Zones", "/Zones/1", "/Zones/1/Block"] {
            assert!(cut.touches(torn), "{torn}");
        }
        for whole in ["/Zones/0", "/Zones/0/Hosts", "/Zones/1/Hosts", "/Zone", "/Zones/10"] {
            assert!(!cut.touches(whole), "{whole}");
        }
    }

    #[test]
    fn what_was_picked_from_may_lack_anything() {
        assert!(Cut::Anywhere.touches("/SecurityGroups/0"));
        assert!(!Cut::Nowhere.touches(""));
    }
}
