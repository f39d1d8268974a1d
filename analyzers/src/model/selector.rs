//! Label selectors: `LabelSelector` of the Kubernetes API reference (meta/v1), as
//! `LabelSelectorAsSelector` of apimachinery evaluates them: all requirements hold, and no requirement at all selects everything.

use std::collections::BTreeMap;

use super::Entity;
use crate::artifact::Node;
use crate::artifact::kubectl::table::SOME_LABELS;

/// Labels of an object.
pub type Labels<'a> = BTreeMap<&'a str, &'a str>;

/// Whether something is so, as far as was pasted; the least of several holds of all of them, the greatest of any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Is {
    /// It is not.
    No,
    /// What was pasted does not tell.
    Unsure,
    /// It is.
    Yes,
}

impl From<bool> for Is {
    fn from(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }
}

/// A selector.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector<'a>(Vec<Requirement<'a>>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Requirement<'a> {
    In(&'a str, Vec<&'a str>),
    NotIn(&'a str, Vec<&'a str>),
    Exists(&'a str),
    DoesNotExist(&'a str),
}

impl<'a> Selector<'a> {
    /// Reads a selector; `None` where it holds something that the API does not accept.
    pub fn read(node: &Node<'a>) -> Option<Self> {
        let mut requirements = Vec::new();
        if let Some(labels) = node.get("matchLabels") {
            for (name, value) in labels.members() {
                requirements.push(Requirement::In(name, vec![value.str()?]));
            }
        }
        for expression in node.list("matchExpressions") {
            let name = expression.str_of("key")?;
            let values: Option<Vec<&str>> = expression.list("values").iter().map(Node::str).collect();
            requirements.push(match expression.str_of("operator")? {
                "In" => Requirement::In(name, values?),
                "NotIn" => Requirement::NotIn(name, values?),
                "Exists" => Requirement::Exists(name),
                "DoesNotExist" => Requirement::DoesNotExist(name),
                _ => return None,
            });
        }
        Some(Self(requirements))
    }

    /// Whether labels meet all requirements. A label that is not there is not in any list of values.
    pub fn matches(&self, labels: &Labels<'_>) -> bool {
        self.0.iter().all(|requirement| requirement.holds(labels))
    }

    /// Whether labels meet all requirements, where `whole` says whether there are no others: of a label that was not pasted nothing is
    /// known.
    pub fn selects(&self, labels: &Labels<'_>, whole: bool) -> Is {
        let is = |requirement: &Requirement<'_>| {
            if whole || labels.contains_key(requirement.name()) {
                requirement.holds(labels).into()
            } else {
                Is::Unsure
            }
        };
        self.0.iter().map(is).min().unwrap_or(Is::Yes)
    }
}

impl Requirement<'_> {
    /// The label that it is about.
    fn name(&self) -> &str {
        match self {
            Self::In(name, _) | Self::NotIn(name, _) | Self::Exists(name) | Self::DoesNotExist(name) => name,
        }
    }

    fn holds(&self, labels: &Labels<'_>) -> bool {
        match self {
            Self::In(name, values) => labels.get(name).is_some_and(|value| values.contains(value)),
            Self::NotIn(name, values) => labels.get(name).is_none_or(|value| !values.contains(value)),
            Self::Exists(name) => labels.contains_key(name),
            Self::DoesNotExist(name) => !labels.contains_key(name),
        }
    }
}

/// The labels in an object's metadata (or a template's).
pub fn labels<'a>(object: &Node<'a>) -> Labels<'a> {
    object
        .at(&["metadata", "labels"])
        .map(|labels| {
            labels
                .members()
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.str()?)))
                .collect()
        })
        .unwrap_or_default()
}

impl<'a> Entity<'a> {
    /// The labels that were pasted; the second value says whether they are all: a table has columns for some (`-L`), or for none.
    pub fn labels(&self) -> (Labels<'a>, bool) {
        let shows = |view: &&Node<'a>| view.at(&["metadata", "labels"]).is_some();
        let none = |view: &&Node<'a>| view.at(&["x-printed", "LABELS"]).is_some();
        let whole = |view: &&Node<'a>| view.complete() || none(view) || shows(view) && view.get(SOME_LABELS).is_none();
        match self.views.iter().find(whole) {
            Some(view) => (labels(view), true),
            None => (self.views.iter().rev().flat_map(labels).collect(), false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Is, Labels, Selector};
    use crate::analysis::{Input, read};

    fn asked<T>(selector: &str, ask: impl Fn(&Selector<'_>) -> T) -> Option<T> {
        let text = format!(
            "{{\"apiVersion\": \"v1\", \"kind\": \"X\", \"metadata\": {{\"name\": \"x\"}}, \"selector\": {selector}}}\n"
        );
        let input = Input {
            name: "x".to_owned(),
            bytes: text.into_bytes(),
        };
        let analysis = read(vec![input], &mut |_| {});
        let model = analysis.model();
        let node = model.all("X").next().unwrap().at(&["selector"]).unwrap();
        Selector::read(&node).map(|selector| ask(&selector))
    }

    fn selected(selector: &str, labels: &Labels<'_>) -> Option<bool> {
        asked(selector, |selector| selector.matches(labels))
    }

    /// What is not there may not have been pasted; what contradicts a requirement settles it whatever else is missing.
    #[test]
    fn of_labels_that_were_not_pasted_nothing_is_known() {
        let labels = Labels::from([("kubernetes.io/metadata.name", "shop")]);
        for (selector, of_part, of_all) in [
            ("{}", Is::Yes, Is::Yes),
            (r#"{"matchLabels": {"team": "shop"}}"#, Is::Unsure, Is::No),
            (
                r#"{"matchExpressions": [{"key": "env", "operator": "NotIn", "values": ["prod"]}]}"#,
                Is::Unsure,
                Is::Yes,
            ),
            (
                r#"{"matchLabels": {"kubernetes.io/metadata.name": "shop"}}"#,
                Is::Yes,
                Is::Yes,
            ),
            (
                r#"{"matchLabels": {"kubernetes.io/metadata.name": "ops", "team": "ops"}}"#,
                Is::No,
                Is::No,
            ),
        ] {
            let both = asked(selector, |selector| {
                (selector.selects(&labels, false), selector.selects(&labels, true))
            });
            assert_eq!(both, Some((of_part, of_all)), "{selector}");
        }
    }

    #[test]
    fn all_requirements_hold() {
        let labels = Labels::from([("app", "web"), ("tier", "front")]);
        for (selector, wanted) in [
            (r"{}", Some(true)),
            (r#"{"matchLabels": {"app": "web"}}"#, Some(true)),
            (r#"{"matchLabels": {"app": "web", "tier": "back"}}"#, Some(false)),
            (
                r#"{"matchExpressions": [{"key": "app", "operator": "In", "values": ["api", "web"]}]}"#,
                Some(true),
            ),
            (
                r#"{"matchExpressions": [{"key": "env", "operator": "NotIn", "values": ["prod"]}]}"#,
                Some(true),
            ),
            (
                r#"{"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["front"]}]}"#,
                Some(false),
            ),
            (
                r#"{"matchExpressions": [{"key": "env", "operator": "Exists"}]}"#,
                Some(false),
            ),
            (
                r#"{"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "env", "operator": "DoesNotExist"}]}"#,
                Some(true),
            ),
            (
                r#"{"matchExpressions": [{"key": "env", "operator": "Like", "values": ["p*"]}]}"#,
                None,
            ),
        ] {
            assert_eq!(selected(selector, &labels), wanted, "{selector}");
        }
    }
}
