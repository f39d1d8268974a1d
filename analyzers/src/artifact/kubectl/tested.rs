//! What the tests of kubectl's formats share.

use crate::{Input, analysis};

/// Reads a text that is one part: its kind, the texts at pointers (each cited by its own bytes, where it is printed), and how many
/// problems there are.
pub fn check(text: &str, kind: &str, values: &[(&str, &str)], problems: usize) {
    check_count(text, (kind, 1), values, problems);
}

/// The same of a part with several objects of a kind; `"-"` for what must not be there.
pub fn check_count(text: &str, kind: (&str, usize), values: &[(&str, &str)], problems: usize) {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    assert_eq!(analysis.problems.len(), problems, "{:?}", analysis.problems);
    assert_eq!(analysis.segments.len(), 1, "{:?}", analysis.segments);
    let (artifact, root) = analysis.artifacts.roots().next().unwrap();
    assert_eq!(artifact.kinds, [(kind.0.to_owned(), kind.1)]);
    for (pointer, value) in values {
        let found = pointer
            .split('/')
            .try_fold(root.clone(), |node, token| match token.parse::<usize>() {
                Ok(i) if node.value().is_array() => node.items().into_iter().nth(i),
                _ => node.get(&token.replace("~1", "/")),
            });
        if *value == "-" {
            assert!(found.is_none(), "{pointer} of {text}");
            continue;
        }
        let node = found.unwrap_or_else(|| panic!("{pointer} of {:#}", root.value().to_json()));
        if let Some(found) = node.str() {
            assert_eq!(found, *value, "{pointer}");
            let span = node.evidence().span(&analysis.sources, &analysis.artifacts).unwrap();
            assert_eq!(analysis.sources.text(span), *value, "{pointer}");
        } else {
            assert_eq!(node.value().to_json().to_string(), *value, "{pointer}");
        }
    }
}
