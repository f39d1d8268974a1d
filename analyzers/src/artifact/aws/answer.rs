//! What aws-cli prints: the API's answer as JSON (or YAML), or the part of it that `--query` picked, put back into the API's shape.

use std::collections::BTreeMap;

use super::expected::Expected;
use super::recognise::{self, Told};
use super::shapes::{self, Operation};
use crate::artifact::config::user_data;
use crate::artifact::kubernetes_object::{json_value, yaml_value};
use crate::artifact::{Artifact, Artifacts, Content, Document, Map, Placed, Places, Syntax, Value};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::Part;
use crate::text::Piece;

/// The member that holds what a `--query` cut out and that cannot be put back: no API has a name with such a beginning, so nothing that
/// looks for a field of the API can take it for one.
pub const REMAINDER: &str = "--query";

/// An operation that may have answered, and its name.
pub type Answering = (Operation, &'static str);

/// What the command tells about its answer.
#[derive(Debug, Default)]
pub struct Context {
    /// The command.
    pub line: Option<CommandLine>,
    /// The service and the operation that it names.
    pub named: Option<(String, String)>,
    /// The same, where it is one whose answer's shape is known.
    pub operation: Option<Operation>,
    /// The value of `--query`.
    pub query: Option<String>,
}

impl Context {
    /// What the part's command tells.
    pub fn new(part: &Part<'_>) -> Self {
        let Some(line) = part.command() else {
            return Self::default();
        };
        let named = line
            .aws_operation()
            .map(|(service, operation)| (service.to_owned(), operation.to_owned()));
        Self {
            operation: named
                .as_ref()
                .and_then(|(service, operation)| shapes::operation(service, operation)),
            query: line.option(&["--query"]).map(str::to_owned),
            named,
            line: Some(line),
        }
    }

    /// What an operation's answer is expected to be, after the query.
    pub fn expected(&self, operation: Operation) -> Expected {
        match (&self.query, operation.shape()) {
            (None, Some(shape)) => Expected::Api(shape),
            _ => Expected::Unknown,
        }
    }

    /// The kind of an artifact, where the command names the operation, or where these may have answered.
    fn kind(&self, operations: &[Answering]) -> String {
        if let Some((service, operation)) = &self.named {
            return format!("aws/{service}/{operation}");
        }
        if let [(only, name)] = operations {
            return Told::Operation(only.service(), name).kind();
        }
        let mut services: Vec<&str> = operations.iter().map(|(operation, _)| operation.service()).collect();
        services.sort_unstable();
        services.dedup();
        if services.is_empty() {
            return "aws".to_owned();
        }
        Told::Services(services).kind()
    }

    /// Adds what was printed in a format that leaves out what is empty.
    pub fn add(&self, part: &Part<'_>, printed: Placed, operations: &[Answering], artifacts: &mut Artifacts) {
        let body = Piece::new(part.text());
        let value = if self.query.is_some() {
            remainder(printed, body)
        } else {
            printed
        };
        let document = Document::placed(part.span(), value, false);
        let kinds = vec![(self.kind(operations), count(&document.value))];
        artifacts.add(Artifact {
            segment: part.index,
            span: part.span(),
            kinds,
            content: Content::Document(document),
        });
    }
}

/// What cannot be put back where a query cut it out.
pub fn remainder(printed: Placed, body: Piece<'_>) -> Placed {
    let mut root = Placed::object(body);
    root.put(REMAINDER, printed);
    root
}

/// The arguments that name the object that an answer describes: operation, option, where the answer has it.
const NAMED_BY: [(&str, &str, &str, &str); 6] = [
    ("iam", "get-role", "--role-name", "/Role/RoleName"),
    ("iam", "get-role-policy", "--role-name", "/RoleName"),
    ("iam", "get-role-policy", "--policy-name", "/PolicyName"),
    ("eks", "describe-cluster", "--name", "/cluster/name"),
    (
        "eks",
        "describe-nodegroup",
        "--nodegroup-name",
        "/nodegroup/nodegroupName",
    ),
    ("eks", "describe-nodegroup", "--cluster-name", "/nodegroup/clusterName"),
];

/// A step of a simple `--query`.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Index,
}

/// The steps of a query that only walks down: `a.b`, `a[0].b`, `a.b[]`, `a.b[*]`. Anything else reshapes the answer and is `None`.
fn simple_query(query: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut parts = query.trim().split('.').peekable();
    while let Some(part) = parts.next() {
        let (name, brackets) = part.split_at(part.find('[').unwrap_or(part.len()));
        let name = name.trim_matches('"');
        if name.is_empty()
            || !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        {
            return None;
        }
        steps.push(Step::Member(name.to_owned()));
        match brackets {
            "" => {}
            "[]" | "[*]" if parts.peek().is_none() => {}
            _ => {
                let index = brackets.strip_prefix('[')?.strip_suffix(']')?;
                index.parse::<i32>().ok()?;
                steps.push(Step::Index);
            }
        }
    }
    Some(steps)
}

/// Reads what aws-cli printed.
pub fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let Part {
        sources,
        index,
        segment,
    } = *part;
    let text = sources.text(segment.body).trim();
    let line = segment.command.as_ref().map(|command| CommandLine::new(&command.text));
    let json = text.starts_with(['{', '[', '"']);
    let printed = line.as_ref().and_then(|line| line.option(&["--output"]));
    let mut syntax = Syntax::Json;
    let mut cells = BTreeMap::new();
    let (mut value, mut complete) = if json || printed == Some("json") {
        match json_value(sources, segment.body, problems) {
            Some(read) => read,
            None => return,
        }
    } else if printed == Some("yaml") {
        syntax = Syntax::Yaml;
        match yaml_value(sources, segment.body, problems) {
            Some(read) => read,
            None => return,
        }
    } else {
        // `--output text` of one scalar; aws-cli prints a null as `None`.
        syntax = Syntax::Table;
        let value = if text == "None" { Value::Null } else { Value::from(text) };
        (value, false)
    };
    let operation = line.as_ref().and_then(CommandLine::aws_operation);
    let query = line.as_ref().and_then(|line| line.option(&["--query"]));
    let mut prefix = String::new();
    if line.as_ref().is_some_and(CommandLine::filtered) || query.is_some() {
        complete = false;
    }
    if let Some(steps) = query.and_then(simple_query) {
        for step in steps.into_iter().rev() {
            match step {
                Step::Member(name) => {
                    prefix.insert_str(0, &format!("/{name}"));
                    value = Value::Object(Map::from_iter([(name, value)]));
                }
                Step::Index => {
                    prefix.insert_str(0, "/0");
                    value = Value::Array([value].into());
                }
            }
        }
        if let (Some(command), Some(line), Some((service, operation))) = (&segment.command, &line, operation) {
            for (_, _, option, pointer) in NAMED_BY
                .iter()
                .filter(|(of, called, ..)| *of == service && *called == operation)
            {
                if let Some(name) = line.option(&[option])
                    && put(&mut value, pointer, name)
                {
                    cells.insert((*pointer).to_owned(), command.span);
                }
            }
        }
    }
    if syntax == Syntax::Table {
        cells.insert(prefix.clone(), segment.body);
    }
    decode_policies(&mut value, 0);
    let kind = operation.map_or_else(
        || recognise::by_value(&value).map_or_else(|| "aws".to_owned(), |told| told.kind()),
        |(service, operation)| format!("aws/{service}/{operation}"),
    );
    let count = count(&value);
    let id = artifacts.add(Artifact {
        segment: index,
        span: segment.body,
        kinds: vec![(kind, count)],
        content: Content::Document(Document {
            span: segment.body,
            syntax,
            value,
            prefix,
            complete,
            cells,
            places: Places::default(),
        }),
    });
    user_data::encoded::of_answer(sources, id, artifacts, problems);
}

/// How many things an answer holds: the elements of its only list, or one.
fn count(value: &Value) -> usize {
    let Some(object) = value.as_object() else {
        return value.as_array().map_or(1, <[Value]>::len);
    };
    let mut lists = object.iter().filter_map(|(_, value)| value.as_array());
    match (lists.next(), lists.next()) {
        (Some(list), None) => list.len(),
        _ => 1,
    }
}

/// Puts a string where the answer has nothing at `pointer`, inside an object that it has.
fn put(value: &mut Value, pointer: &str, text: &str) -> bool {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return false;
    };
    let Some(object) = value.pointer_mut(parent).and_then(Value::as_object_mut) else {
        return false;
    };
    if object.contains_key(name) {
        return false;
    }
    object.insert(name, Value::from(text));
    true
}

/// Policy documents that are given as text: IAM's API returns them percent-encoded (IAM API reference, GetRole: "URL-encoded
/// compliant with RFC 3986"); aws-cli decodes them, SDKs and older tools do not.
fn decode_policies(value: &mut Value, depth: usize) {
    if depth > 6 {
        return;
    }
    match value {
        Value::Object(object) => {
            for (name, member) in object.iter_mut() {
                if let Some(text) = member.as_str() {
                    let policy = name.ends_with("PolicyDocument") || name == "Document";
                    if policy && let Some(decoded) = policy_text(text) {
                        *member = decoded;
                    }
                } else {
                    decode_policies(member, depth + 1);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| decode_policies(item, depth + 1)),
        _ => {}
    }
}

fn policy_text(text: &str) -> Option<Value> {
    let text = text.trim();
    let decoded = if text.starts_with("%7B") || text.starts_with("%7b") {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            if byte == b'%' {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            } else {
                bytes.push(byte);
            }
        }
        String::from_utf8(bytes).ok()?
    } else if text.starts_with('{') {
        text.to_owned()
    } else {
        return None;
    };
    serde_json::from_str(&decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::{Step, policy_text, simple_query};
    use serde_json::json;

    #[test]
    fn queries_that_only_walk_down_are_simple() {
        let member = |name: &str| Step::Member(name.to_owned());
        assert_eq!(simple_query("Role.Arn"), Some(vec![member("Role"), member("Arn")]));
        assert_eq!(
            simple_query("TargetGroups[0].TargetGroupArn"),
            Some(vec![member("TargetGroups"), Step::Index, member("TargetGroupArn")])
        );
        assert_eq!(simple_query("Subnets[]"), Some(vec![member("Subnets")]));
        assert_eq!(simple_query("Subnets[].SubnetId"), None);
        assert_eq!(simple_query("Subnets[*].{id:SubnetId}"), None);
        assert_eq!(simple_query("length(Subnets)"), None);
    }

    #[test]
    fn percent_encoded_policies_are_decoded() {
        let text = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
        assert_eq!(
            policy_text(text),
            Some(json!({"Version": "2012-10-17", "Statement": []}).into())
        );
        assert_eq!(policy_text("%7B%2"), None);
    }
}
