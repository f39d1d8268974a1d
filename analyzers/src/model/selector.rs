//! Label selectors: `LabelSelector` of the Kubernetes API reference (meta/v1), as
//! `LabelSelectorAsSelector` of apimachinery evaluates them: all requirements hold, and no requirement at all selects everything.

use std::collections::BTreeMap;

use super::Entity;
use crate::artifact::Node;

/// Labels of an object.
pub type Labels<'a> = BTreeMap<&'a str, &'a str>;

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
        self.0.iter().all(|requirement| match requirement {
            Requirement::In(name, values) => labels.get(name).is_some_and(|value| values.contains(value)),
            Requirement::NotIn(name, values) => labels.get(name).is_none_or(|value| !values.contains(value)),
            Requirement::Exists(name) => labels.contains_key(name),
            Requirement::DoesNotExist(name) => !labels.contains_key(name),
        })
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
    /// The labels; `None` where what was pasted does not show whether there are more.
    pub fn labels(&self) -> Option<Labels<'a>> {
        let view = self
            .views
            .iter()
            .find(|view| view.complete() || view.at(&["metadata", "labels"]).is_some())?;
        Some(labels(view))
    }
}

#[cfg(test)]
mod tests {
    use super::{Labels, Selector};
    use crate::analysis::{Input, read};

    fn selected(selector: &str, labels: &Labels<'_>) -> Option<bool> {
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
        Selector::read(&node).map(|selector| selector.matches(labels))
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
