//! Puts a value into a document.

use crate::artifact::{Map, Value};

/// Puts `new` at `pointer`, or takes the member there out; returns the pointer with numbers in the place of `-`, or `None` where there is no
/// such place. The value may be changed in part then.
pub fn put(root: &mut Value, pointer: &str, new: Option<&Value>) -> Option<String> {
    let tokens: Vec<String> = match pointer {
        "" => Vec::new(),
        pointer => pointer.strip_prefix('/')?.split('/').map(unescaped).collect(),
    };
    let mut resolved = String::new();
    put_at(root, &tokens, new, &mut resolved)?;
    Some(resolved)
}

/// RFC 6901, section 4.
fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// A token of a pointer.
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn put_at(at: &mut Value, tokens: &[String], new: Option<&Value>, resolved: &mut String) -> Option<()> {
    let Some((token, rest)) = tokens.split_first() else {
        *at = new?.clone();
        return Some(());
    };
    if at.is_null() {
        *at = container(token);
    }
    resolved.push('/');
    match at {
        Value::Object(members) => {
            resolved.push_str(&escaped(token));
            if rest.is_empty() && new.is_none() {
                members.get(token)?;
                members.remove(token);
                return Some(());
            }
            if !members.contains_key(token) {
                members.insert(token, Value::Null);
            }
            put_at(members.get_mut(token)?, rest, new, resolved)
        }
        Value::Array(items) => {
            let place = match token.as_str() {
                "-" => items.len(),
                number => number.parse().ok()?,
            };
            if place == items.len() && new.is_some() {
                let mut longer = std::mem::take(items).into_vec();
                longer.push(Value::Null);
                *items = longer.into_boxed_slice();
            }
            resolved.push_str(&place.to_string());
            put_at(items.get_mut(place)?, rest, new, resolved)
        }
        _ => None,
    }
}

/// What must be where a token leads on.
fn container(token: &str) -> Value {
    if token == "-" {
        Value::Array(Box::default())
    } else {
        Value::Object(Map::default())
    }
}

#[cfg(test)]
mod tests {
    use super::put;
    use crate::artifact::Value;

    fn patched(document: &str, pointer: &str, new: Option<&str>) -> Option<(String, String)> {
        let json = |text: &str| Value::from(serde_json::from_str::<serde_json::Value>(text).expect(text));
        let mut value = json(document);
        let resolved = put(&mut value, pointer, new.map(json).as_ref())?;
        Some((resolved, value.to_json().to_string()))
    }

    #[test]
    fn values_are_put_where_the_pointer_says() {
        for (document, pointer, new, resolved, wanted) in [
            (r#"{"a":[1]}"#, "/a/-", Some("2"), "/a/1", r#"{"a":[1,2]}"#),
            (r#"{"a":[1]}"#, "/a/0", Some("2"), "/a/0", r#"{"a":[2]}"#),
            (
                "{}",
                "/spec/ingress/-",
                Some("{}"),
                "/spec/ingress/0",
                r#"{"spec":{"ingress":[{}]}}"#,
            ),
            (r#"{"a":1,"b":2}"#, "/a", None, "/a", r#"{"b":2}"#),
            ("{}", "/x~1y/z", Some("true"), "/x~1y/z", r#"{"x/y":{"z":true}}"#),
            ("{}", "", Some("3"), "", "3"),
        ] {
            let got = patched(document, pointer, new);
            assert_eq!(got, Some((resolved.to_owned(), wanted.to_owned())), "{pointer}");
        }
    }

    #[test]
    fn a_place_that_is_not_there_is_refused() {
        for (document, pointer, new) in [
            (r#"{"a":[1]}"#, "/a/7", Some("2")),
            (r#"{"a":[1]}"#, "/a/x", Some("2")),
            (r#"{"a":1}"#, "/a/b", Some("2")),
            (r#"{"a":1}"#, "a", Some("2")),
            (r#"{"a":1}"#, "/b", None),
            (r#"{"a":[1]}"#, "/a/1", None),
        ] {
            assert_eq!(patched(document, pointer, new), None, "{pointer}");
        }
    }
}
