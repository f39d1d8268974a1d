//! What holds for every input: nothing panics, nothing pasted is lost, and what is located is what was read.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use proptest::prelude::*;
use serde_json::Value;
use whypath_analyzers::artifact::{Content, Document, Node, Syntax};
use whypath_analyzers::segment::{CommandLine, split};
use whypath_analyzers::text::{LineIndex, Sources, Span};
use whypath_analyzers::{Analysis, Input, analysis};

fn read(text: &str) -> Analysis {
    analysis::read(
        vec![Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        }],
        &mut |_| {},
    )
}

/// Lines that begin as real ones do, cut and mixed.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("kubectl get pods -n shop -o wide".to_owned()),
        Just("$ aws iam get-role --role-name x --query Role.Arn --output text".to_owned()),
        Just("$ kubectl get pod cart-0 -o yaml \\".to_owned()),
        Just("NAME      READY   STATUS    RESTARTS     AGE   IP         NODE".to_owned()),
        Just("cart-0    1/1     Running   3 (5h ago)   2d    10.0.0.1   node-a".to_owned()),
        Just("pod/cärt-1   1/1     Running   0   2d    10.0.0.1   node-a".to_owned()),
        Just("NAMESPACE   NAME   TYPE   CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE".to_owned()),
        Just("NAME\tREADY\tSTATUS\tRESTARTS\tAGE".to_owned()),
        Just("apiVersion: v1".to_owned()),
        Just("kind: Pod".to_owned()),
        Just("---".to_owned()),
        Just("- &a [*a, *a, {b: *a}]".to_owned()),
        Just("metadata: {name: x, ? y : z}".to_owned()),
        Just("  name: |\n    a".to_owned()),
        Just("{\"kind\": \"List\", \"items\": [".to_owned()),
        Just("{\"TargetGroups\": [{\"a\": \"\\u00".to_owned()),
        Just("]}".to_owned()),
        Just("nameserver 10.0.0.2".to_owned()),
        Just("options ndots:5".to_owned()),
        Just("# comment".to_owned()),
        Just("```".to_owned()),
        Just("E0412 10:15:30.123456       1 controller.go:114] x".to_owned()),
        Just("10:00:00.000000 IP 10.0.0.1.5000 > 10.0.0.2.53: 1+ A? a.example. (27)".to_owned()),
        Just("10:00:00.000000 IP (tos 0x0, ttl 64".to_owned()),
        Just("    10.0.0.2.53 > 10.0.0.1.5000: 1 q: A? a. 1/0/0 a. A 10.0.0.1 (27)".to_owned()),
        Just(String::new()),
        "[ -~]{0,60}",
        "\\PC{0,40}",
    ]
}

/// A paste of such lines, with some of their characters gone.
fn paste() -> impl Strategy<Value = String> {
    let ending = prop_oneof![Just("\n"), Just("\n"), Just("\r\n"), Just("\r")];
    prop::collection::vec((line(), 0..80_usize, ending), 0..14).prop_map(|lines| {
        lines
            .into_iter()
            .map(|(line, cut, ending)| {
                let kept: String = if cut < 20 {
                    line.chars().take(cut).collect()
                } else {
                    line
                };
                kept + ending
            })
            .collect()
    })
}

/// Splits, and checks the promises about segments.
fn check(text: &str) -> Result<(), TestCaseError> {
    // A byte order mark is not part of the text that is decoded.
    let text = text.trim_start_matches('\u{feff}');
    let mut sources = Sources::default();
    let id = sources.add("paste", text);
    let mut covered = 0;
    for segment in split(&sources, id) {
        prop_assert!(segment.span.start >= covered, "overlap in {text:?}");
        prop_assert!(segment.span.start <= segment.body.start && segment.body.end <= segment.span.end);
        let gap = text.get(covered..segment.span.start).unwrap();
        let lost = gap.lines().any(|line| !line.trim().is_empty() && !is_fence(line));
        prop_assert!(!lost, "{gap:?} is in no segment of {text:?}");
        covered = segment.span.end;
    }
    let rest = text.get(covered..).unwrap();
    prop_assert!(
        rest.lines().all(|line| line.trim().is_empty() || is_fence(line)),
        "{rest:?} is in no segment of {text:?}"
    );
    let analysis = read(text);
    let _ = analysis.read_report();
    // Spans count the bytes of the cleaned text; its lines are those of the paste, each of them.
    let Some((id, source)) = analysis.sources.iter().next() else {
        return Err(TestCaseError::fail("the source is missing"));
    };
    prop_assert_eq!(
        source.lines.count(),
        LineIndex::new(text).count(),
        "lines of {:?}",
        text
    );
    let mut next = 0;
    for line in 1..=source.lines.count() {
        let bytes = source.lines.bytes_of(line).unwrap();
        prop_assert_eq!(bytes.start, next, "line {} of {:?}", line, text);
        prop_assert!(source.text.get(bytes.clone()).is_some());
        // Cleaning takes characters out and puts plain ones in; letters and digits are never made up.
        let added = analysis
            .sources
            .line(id, line)
            .chars()
            .find(|c| c.is_alphanumeric() && !text.contains(*c));
        prop_assert_eq!(added, None, "in line {} of {:?}", line, text);
        next = bytes.end;
    }
    prop_assert_eq!(next, source.text.len());
    let text = source.text.as_str();
    for (_, artifact) in analysis.artifacts.iter() {
        prop_assert!(text.get(artifact.span.start..artifact.span.end).is_some());
        if let Content::Document(document) = &artifact.content {
            for pointer in pointers(&document.value.to_json()) {
                let span = document.locate(&analysis.sources, &pointer);
                prop_assert!(text.get(span.start..span.end).is_some(), "{pointer} of {text:?}");
            }
        }
    }
    for problem in &analysis.problems {
        prop_assert!(text.get(problem.span.start..problem.span.end).is_some() || problem.span.end <= text.len());
    }
    Ok(())
}

fn is_fence(line: &str) -> bool {
    line.starts_with("```")
}

/// The pointers of all values inside a value.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let children: Vec<(String, &Value)> = match value {
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(i, value)| (i.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (token, child) in children {
        found.extend(pointers(child).into_iter().map(|inner| format!("/{token}{inner}")));
    }
    found
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z\"\\\\/~é: #\\[{,-]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z/~\"é]{0,4}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn document(sources: &mut Sources, text: &str, syntax: Syntax, value: Value) -> Document {
    let id = sources.add("paste", text);
    Document {
        span: sources.whole(id),
        syntax,
        value: value.into(),
        prefix: String::new(),
        complete: true,
        cut: whypath_analyzers::artifact::Cut::default(),
        cells: std::collections::BTreeMap::new(),
        places: whypath_analyzers::artifact::Places::default(),
    }
}

/// The text that a document locates at a pointer.
fn located<'a>(sources: &'a Sources, document: &Document, pointer: &str) -> &'a str {
    let span: Span = document.locate(sources, pointer);
    sources.text(span)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_split_and_read(text in "(?s).{0,300}") {
        check(&text)?;
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = analysis::read(vec![Input { name: "x".to_owned(), bytes }], &mut |_| {}).read_report();
    }

    #[test]
    fn any_mixture_of_real_lines_is_split_and_read(text in paste()) {
        check(&text)?;
    }

    #[test]
    fn any_command_is_taken_apart(text in "\\PC{0,80}") {
        let line = CommandLine::new(&text);
        let _ = (line.positional(), line.resource(), line.output(), line.aws_operation(), line.filtered());
    }

    #[test]
    fn what_is_located_in_json_is_the_value(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let mut sources = Sources::default();
        let document = document(&mut sources, &text, Syntax::Json, value.clone());
        for pointer in pointers(&value) {
            let found = located(&sources, &document, &pointer);
            let wanted = value.pointer(&pointer).unwrap();
            let parsed: Value = serde_json::from_str(found)
                .or_else(|_| serde_json::from_str::<Value>(&format!("{{{found}}}")).map(|object| object.as_object().unwrap().values().next().unwrap().clone()))
                .unwrap();
            prop_assert_eq!(&parsed, wanted, "{} in {}", pointer, text);
        }
    }

    #[test]
    fn what_is_located_in_yaml_is_the_value(value in json()) {
        // Written by another library than the one that reads it.
        let text = serde_yaml::to_string(&value).unwrap();
        let analysis = read(&format!("kind: Test\nspec:\n  value:\n{}", indent(&text)));
        let (_, artifact) = analysis.artifacts.iter().next().unwrap();
        let Content::Document(document) = &artifact.content else { panic!() };
        let read = document.value.to_json();
        prop_assert_eq!(read.pointer("/spec/value").unwrap(), &value, "{}", text);
        for pointer in pointers(&value) {
            let wanted = value.pointer(&pointer).unwrap();
            if wanted.is_array() || wanted.is_object() {
                continue;
            }
            let found = located(&analysis.sources, document, &format!("/spec/value{pointer}"));
            let parsed: Value = serde_yaml::from_str(found).unwrap();
            let own = match &parsed {
                Value::Object(object) if object.len() == 1 => object.values().next().unwrap(),
                other => other,
            };
            prop_assert_eq!(own, wanted, "{} of {} in {}", found, pointer, text);
        }
    }
}

fn indent(text: &str) -> String {
    text.lines().flat_map(|line| ["    ", line, "\n"]).collect()
}

#[test]
fn a_table_located_by_pointer_is_its_cell() {
    let text = "$ kubectl get pods -n shop -o wide\n\
        NAME     READY   STATUS             RESTARTS      AGE   IP          NODE\n\
        cart-0   1/1     Running            3 (5h ago)    2d    10.0.3.17   ip-10-0-3-4.ec2.internal\n\
        cart-1   0/1     CrashLoopBackOff   12 (1m ago)   2d    <none>      ip-10-0-3-5.ec2.internal\n";
    let analysis = read(text);
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    let (artifact, root) = analysis.artifacts.roots().next().unwrap();
    assert_eq!(artifact.kinds, [("v1/Pod".to_owned(), 2)]);
    let items = root.list("items");
    let text_of = |node: Node<'_>| {
        let span = node.evidence().span(&analysis.sources, &analysis.artifacts).unwrap();
        analysis.sources.text(span).to_owned()
    };
    assert_eq!(text_of(items[0].at(&["status", "podIP"]).unwrap()), "10.0.3.17");
    assert_eq!(items[1].at(&["status", "podIP"]).map(text_of), None);
    assert_eq!(
        text_of(items[1].at(&["spec", "nodeName"]).unwrap()),
        "ip-10-0-3-5.ec2.internal"
    );
    assert_eq!(
        text_of(items[1].at(&["x-printed", "STATUS"]).unwrap()),
        "CrashLoopBackOff"
    );
    assert!(items[1].at(&["status", "phase"]).is_none());
    assert_eq!(
        text_of(items[1].at(&["metadata", "namespace"]).unwrap()),
        "$ kubectl get pods -n shop -o wide"
    );
}

#[test]
fn what_a_query_cut_out_stands_where_the_api_has_it() {
    let text = "$ aws iam get-role --role-name web --query Role.AssumeRolePolicyDocument\n{\n    \"Version\": \"2012-10-17\"\n}\n\
        $ aws eks describe-cluster --name prod --query cluster.identity.oidc.issuer --output text\nhttps://oidc.example/id/ABC\n";
    let analysis = read(text);
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    let roots: Vec<_> = analysis.artifacts.roots().collect();
    let cited = |node: &Node<'_>, path: &[&str]| {
        let found = node.at(path).unwrap();
        let span = found.evidence().span(&analysis.sources, &analysis.artifacts).unwrap();
        (found.str().unwrap().to_owned(), analysis.sources.lines(span).first)
    };
    assert!(!roots[0].1.complete());
    assert_eq!(roots[0].0.kinds, [("aws/iam/get-role".to_owned(), 1)]);
    assert_eq!(cited(&roots[0].1, &["Role", "RoleName"]), ("web".to_owned(), 1));
    let version = cited(&roots[0].1, &["Role", "AssumeRolePolicyDocument", "Version"]);
    assert_eq!(version, ("2012-10-17".to_owned(), 3));
    assert_eq!(cited(&roots[1].1, &["cluster", "name"]), ("prod".to_owned(), 5));
    let issuer = cited(&roots[1].1, &["cluster", "identity", "oidc", "issuer"]);
    assert_eq!(issuer, ("https://oidc.example/id/ABC".to_owned(), 6));
}
