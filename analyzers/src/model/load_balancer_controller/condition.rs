//! The conditions of a rule: the host and the path of an Ingress' rule, and those that `conditions.NAME` adds for the backend of that name
//! (documentation, "Custom conditions"; path types as in `pkg/ingress/model_build_listener_rules.go`).

use serde_json::Value as Json;

use super::Refusal;
use super::annotation::{Annotations, member as json_member};
use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::model::aws::elbv2::rule::{Condition, Field};
use crate::model::decided::By;

/// Values and regular expressions of one field.
#[derive(Debug, Default)]
struct Values {
    plain: Vec<String>,
    regex: Vec<String>,
    by: Option<Evidence>,
}

impl Values {
    fn add(&mut self, plain: Vec<String>, regex: Vec<String>, by: &Evidence) {
        self.plain.extend(plain);
        self.regex.extend(regex);
        self.by.get_or_insert_with(|| by.clone());
    }

    fn into_condition(self, field: Field) -> Result<Option<Condition>, Refusal> {
        if !self.plain.is_empty() && !self.regex.is_empty() {
            let what = if field == Field::HostHeader { "host" } else { "path" };
            return Err(Refusal::new(
                format!(
                    "{what} condition must specify exactly one of Values and RegexValues, got both Values [{}] and RegexValues [{}]",
                    self.plain.join(" "),
                    self.regex.join(" ")
                ),
                self.by,
            ));
        }
        Ok(self
            .by
            .filter(|_| !(self.plain.is_empty() && self.regex.is_empty()))
            .map(|by| Condition {
                field,
                values: self.plain,
                regex: self.regex,
                by: By::Read(by),
            }))
    }
}

/// The conditions of one path of a rule.
///
/// # Errors
/// They are none that the controller takes.
pub fn conditions(
    annotations: &Annotations<'_, '_>,
    rule: &Node<'_>,
    path: &Node<'_>,
    backend: &str,
) -> Result<Vec<Condition>, Refusal> {
    let mut hosts = Values::default();
    if let Some(host) = rule.fact_at(&["host"]).filter(|host| !host.value.is_empty()) {
        hosts.add(vec![host.value], Vec::new(), &host.evidence);
    }
    let mut paths = Values::default();
    if let Some(text) = path.fact_at(&["path"]).filter(|path| !path.value.is_empty()) {
        let kind = path.str_of("pathType").unwrap_or("ImplementationSpecific");
        let by_regex = kind == "ImplementationSpecific"
            && annotations
                .boolean("use-regex-path-match")?
                .is_some_and(|fact| fact.value);
        if by_regex {
            let rest = text.value.chars().skip(1).collect();
            paths.add(Vec::new(), vec![rest], &text.evidence);
        } else {
            let patterns = patterns(&text.value, kind).map_err(|words| Refusal::new(words, [text.evidence.clone()]))?;
            paths.add(patterns, Vec::new(), &text.evidence);
        }
    }
    let mut all = Vec::new();
    if let Some(asked) = annotations.json(&format!("conditions.{backend}"))? {
        for condition in asked.value.as_array().into_iter().flatten() {
            let refused = |words: String| Refusal::new(words, [asked.evidence.clone()]);
            let (field, plain, regex) = read(condition).map_err(refused)?;
            match field {
                Field::HostHeader => hosts.add(plain, regex, &asked.evidence),
                Field::PathPattern => paths.add(plain, regex, &asked.evidence),
                // What the controller does not know it leaves out.
                Field::Other(_) => {}
                field => all.push(Condition {
                    field,
                    values: plain,
                    regex,
                    by: By::Read(asked.evidence.clone()),
                }),
            }
        }
    }
    all.extend(hosts.into_condition(Field::HostHeader)?);
    all.extend(paths.into_condition(Field::PathPattern)?);
    if all.is_empty() {
        all.push(Condition {
            field: Field::PathPattern,
            values: vec!["/*".to_owned()],
            regex: Vec::new(),
            by: By::Default("a rule without host and path is for every path"),
        });
    }
    Ok(all)
}

/// The patterns of a path by its type.
fn patterns(path: &str, kind: &str) -> Result<Vec<String>, String> {
    let wild = path.contains(['*', '?']);
    match kind {
        "Exact" if wild => Err(format!("exact path shouldn't contain wildcards: {path}")),
        "Prefix" if path == "/" => Ok(vec!["/*".to_owned()]),
        "Prefix" if wild => Err(format!("prefix path shouldn't contain wildcards: {path}")),
        "Prefix" => {
            let path = path.strip_suffix('/').unwrap_or(path);
            Ok(vec![path.to_owned(), format!("{path}/*")])
        }
        "Exact" | "ImplementationSpecific" => Ok(vec![path.to_owned()]),
        other => Err(format!("unsupported pathType: {other}")),
    }
}

type Read = (Field, Vec<String>, Vec<String>);

/// One condition of an annotation.
fn read(condition: &Json) -> Result<Read, String> {
    let field = json_member(condition, "field")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let (field, config) = match field {
        "host-header" => (Field::HostHeader, "hostHeaderConfig"),
        "path-pattern" => (Field::PathPattern, "pathPatternConfig"),
        "http-header" => (Field::HttpHeader(String::new()), "httpHeaderConfig"),
        "http-request-method" => (Field::HttpRequestMethod, "httpRequestMethodConfig"),
        "query-string" => (Field::QueryString, "queryStringConfig"),
        "source-ip" => (Field::SourceIp, "sourceIPConfig"),
        other => return Ok((Field::Other(other.to_owned()), Vec::new(), Vec::new())),
    };
    let settings = json_member(condition, config).ok_or_else(|| format!("missing {config}"))?;
    let strings = |name: &str| -> Vec<String> {
        let list = json_member(settings, name).and_then(Json::as_array);
        list.into_iter().flatten().filter_map(value).collect()
    };
    let (plain, regex) = (strings("values"), strings("regexValues"));
    if plain.is_empty() && regex.is_empty() {
        let words = match field {
            Field::HostHeader | Field::PathPattern | Field::HttpHeader(_) => "values or regexValues must be specified",
            Field::QueryString => "Values cannot be empty",
            _ => "values cannot be empty",
        };
        return Err(format!("invalid {config}: {words}"));
    }
    if !plain.is_empty() && !regex.is_empty() {
        return Err(format!(
            "invalid {config}: precisely one of values and regexValues can be specified"
        ));
    }
    let field = match field {
        Field::HttpHeader(_) => {
            let name = json_member(settings, "httpHeaderName").and_then(Json::as_str);
            Field::HttpHeader(name.unwrap_or_default().to_owned())
        }
        field => field,
    };
    Ok((field, plain, regex))
}

/// A value, or a pair of a query string.
fn value(value: &Json) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let own = json_member(value, "value")?.as_str()?;
    Some(match json_member(value, "key").and_then(Json::as_str) {
        Some(key) => format!("{key}={own}"),
        None => own.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::{patterns, read};
    use crate::model::aws::elbv2::rule::Field;

    #[test]
    fn a_prefix_is_the_path_and_what_is_below_it() {
        assert_eq!(
            patterns("/cart/", "Prefix"),
            Ok(vec!["/cart".to_owned(), "/cart/*".to_owned()])
        );
        assert_eq!(patterns("/", "Prefix"), Ok(vec!["/*".to_owned()]));
        assert_eq!(patterns("/cart", "Exact"), Ok(vec!["/cart".to_owned()]));
        assert_eq!(patterns("/*", "ImplementationSpecific"), Ok(vec!["/*".to_owned()]));
        assert!(patterns("/a*", "Prefix").is_err());
        assert!(patterns("/a?", "Exact").is_err());
    }

    #[test]
    fn conditions_of_annotations_are_read() {
        let condition = |text: &str| read(&serde_json::from_str(text).expect("JSON"));
        assert_eq!(
            condition(r#"{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Shop","values":["blue*"]}}"#),
            Ok((
                Field::HttpHeader("X-Shop".to_owned()),
                vec!["blue*".to_owned()],
                Vec::new()
            ))
        );
        assert_eq!(
            condition(
                r#"{"field":"query-string","queryStringConfig":{"values":[{"key":"v","value":"2"},{"value":"x"}]}}"#
            ),
            Ok((Field::QueryString, vec!["v=2".to_owned(), "x".to_owned()], Vec::new()))
        );
        assert_eq!(
            condition(r#"{"field":"source-ip","sourceIPConfig":{"values":["10.0.0.0/8"]}}"#),
            Ok((Field::SourceIp, vec!["10.0.0.0/8".to_owned()], Vec::new()))
        );
        assert_eq!(
            condition(r#"{"field":"source-ip","sourceIPConfig":{}}"#),
            Err("invalid sourceIPConfig: values cannot be empty".to_owned())
        );
        assert_eq!(
            condition(r#"{"field":"path-pattern"}"#),
            Err("missing pathPatternConfig".to_owned())
        );
    }
}
