//! How the controller reads annotations: its documentation, "Annotations", names the syntaxes stringMap, stringList, boolean, integer and
//! json; `pkg/annotations/parser.go` is what reads them.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Refusal;
use crate::evidence::Fact;
use crate::model::Entity;

/// Begins the annotations of Ingresses, and of their Services.
pub const INGRESS: &str = "alb.ingress.kubernetes.io";
/// Begins the annotations of Services of type LoadBalancer.
pub const SERVICE: &str = "service.beta.kubernetes.io";

/// The annotations of an object, or of several of which the first one that has an annotation decides.
#[derive(Debug, Clone)]
pub struct Annotations<'m, 'a> {
    prefix: &'static str,
    of: Vec<&'m Entity<'a>>,
}

impl<'m, 'a> Annotations<'m, 'a> {
    /// Those of a Service of type LoadBalancer.
    pub fn of_service(service: &'m Entity<'a>) -> Self {
        Self {
            prefix: SERVICE,
            of: vec![service],
        }
    }

    /// Those of an Ingress.
    pub fn of_ingress(ingress: &'m Entity<'a>) -> Self {
        Self {
            prefix: INGRESS,
            of: vec![ingress],
        }
    }

    /// Those of an Ingress' backend: the Service's come before the Ingress'.
    pub fn of_backend(service: Option<&'m Entity<'a>>, ingress: &'m Entity<'a>) -> Self {
        Self {
            prefix: INGRESS,
            of: service.into_iter().chain([ingress]).collect(),
        }
    }

    /// The text of an annotation.
    pub fn text(&self, suffix: &str) -> Option<Fact<String>> {
        let name = self.name(suffix);
        self.of.iter().find_map(|entity| {
            let node = entity.at(&["metadata", "annotations", &name])?;
            // Typed by hand without quotes, a number or a truth value is not a string yet.
            let text = match node.str() {
                Some(text) => text.to_owned(),
                None => node.value().to_json().to_string(),
            };
            Some(Fact::new(text, node.evidence()))
        })
    }

    /// Its whole name.
    pub fn name(&self, suffix: &str) -> String {
        format!("{}/{suffix}", self.prefix)
    }

    /// A stringList: separated by commas, without blanks and empty parts.
    pub fn list(&self, suffix: &str) -> Option<Fact<Vec<String>>> {
        let parts = |text: String| {
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect()
        };
        Some(self.text(suffix)?.map(parts))
    }

    /// A boolean, as Go's `strconv.ParseBool` takes it.
    ///
    /// # Errors
    /// It is none.
    pub fn boolean(&self, suffix: &str) -> Result<Option<Fact<bool>>, Refusal> {
        self.parsed(suffix, "bool", truth)
    }

    /// An integer.
    ///
    /// # Errors
    /// It is none.
    pub fn number(&self, suffix: &str) -> Result<Option<Fact<i64>>, Refusal> {
        self.parsed(suffix, "int32", |text| text.parse::<i32>().ok().map(i64::from))
    }

    /// A stringMap: `KEY=VALUE,…`, where a backslash takes the meaning of the character after it.
    ///
    /// # Errors
    /// A part has no `=`, or no key.
    pub fn map(&self, suffix: &str) -> Result<Option<Fact<BTreeMap<String, String>>>, Refusal> {
        self.parsed(suffix, "stringMap", string_map)
    }

    /// JSON.
    ///
    /// # Errors
    /// It is not JSON.
    pub fn json(&self, suffix: &str) -> Result<Option<Fact<Json>>, Refusal> {
        self.parsed(suffix, "json", |text| serde_json::from_str(text).ok())
    }

    fn parsed<T>(
        &self,
        suffix: &str,
        kind: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Fact<T>>, Refusal> {
        let Some(text) = self.text(suffix) else {
            return Ok(None);
        };
        match parse(&text.value) {
            Some(value) => Ok(Some(Fact::new(value, text.evidence))),
            None => Err(Refusal::new(
                format!(
                    "failed to parse {kind} annotation, {}: {}",
                    self.name(suffix),
                    text.value
                ),
                [text.evidence],
            )),
        }
    }
}

/// A truth value as Go's `strconv.ParseBool` takes it.
pub fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// A member of an object by its name, or by one that differs in its case alone, as Go's `encoding/json` finds it.
pub fn member<'j>(object: &'j Json, name: &str) -> Option<&'j Json> {
    let members = object.as_object()?;
    members
        .get(name)
        .or_else(|| {
            members
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        })
        .filter(|value| !value.is_null())
}

fn string_map(text: &str) -> Option<BTreeMap<String, String>> {
    pairs(text)
        .iter()
        .map(|pair| {
            let (key, value) = pair.split_once('=')?;
            let key = key.trim();
            (!key.is_empty()).then(|| (key.to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// The parts of a stringMap. What follows the last comma has to be a pair too, and a comma at the end is the value's.
fn pairs(text: &str) -> Vec<String> {
    // What is looked for behind each comma: the last `=` tells it for all of them.
    let last_equal = text.rfind('=');
    let mut all = Vec::new();
    let mut current = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some((_, escaped)) => current.push(escaped),
                None => current.push('\\'),
            },
            ',' if last_equal.is_some_and(|last| last > at) => {
                all.push(current.trim().to_owned());
                current.clear();
            }
            ',' => {
                let rest = text.get(at + 1..).unwrap_or_default().trim();
                if rest.is_empty() {
                    current.push(',');
                } else {
                    all.push(current.trim().to_owned());
                    all.push(rest.to_owned());
                    return all;
                }
            }
            _ => current.push(character),
        }
    }
    if !current.is_empty() {
        all.push(current.trim().to_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{member, string_map, truth};

    fn map(text: &str) -> Option<Vec<(String, String)>> {
        Some(string_map(text)?.into_iter().collect())
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn a_string_map_is_pairs_between_commas() {
        assert_eq!(
            map("idle_timeout.timeout_seconds=600, deletion_protection.enabled=true"),
            Some(vec![
                pair("deletion_protection.enabled", "true"),
                pair("idle_timeout.timeout_seconds", "600")
            ])
        );
        assert_eq!(map("Team=a\\,b,Env="), Some(vec![pair("Env", ""), pair("Team", "a,b")]));
        assert_eq!(map("a=b=c"), Some(vec![pair("a", "b=c")]));
        assert_eq!(map(""), Some(Vec::new()));
    }

    #[test]
    fn a_part_without_a_key_or_a_value_refuses_the_whole() {
        assert_eq!(map("a=b,c"), None);
        assert_eq!(map("=b"), None);
        assert_eq!(map("a"), None);
    }

    #[test]
    fn truth_is_written_as_go_takes_it() {
        assert_eq!(truth("True"), Some(true));
        assert_eq!(truth("0"), Some(false));
        assert_eq!(truth("yes"), None);
        assert_eq!(truth("tRUE"), None);
    }

    #[test]
    fn old_examples_write_the_names_of_json_with_capitals() {
        let action = serde_json::json!({"Type": "redirect", "RedirectConfig": null});
        assert_eq!(member(&action, "type").and_then(|kind| kind.as_str()), Some("redirect"));
        assert_eq!(member(&action, "redirectConfig"), None);
    }
}
