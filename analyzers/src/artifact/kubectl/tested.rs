//! What the tests of kubectl's formats share.

use crate::{Input, analysis};

/// Reads a text that is one part: its kind, the texts at pointers (each cited by its own bytes, where it is printed), and how many
/// problems there are.
pub fn check(text: &str, kind: &str, values: &[(&str, &str)], problems: usize) {
    let input = Input {
        name: "paste".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let analysis = analysis::read(vec![input], &mut |_| {});
    assert_eq!(analysis.problems.len(), problems, "{:?}", analysis.problems);
    assert_eq!(analysis.segments.len(), 1, "{:?}", analysis.segments);
    let (artifact, root) = analysis.artifacts.roots().next().unwrap();
    assert_eq!(artifact.kinds, [(kind.to_owned(), 1)]);
    for (pointer, value) in values {
        let mut node = root.clone();
        for token in pointer.split('/') {
            node = match token.parse::<usize>() {
                Ok(i) => node.items().swap_remove(i),
                Err(_) => node.get(token).unwrap_or_else(|| panic!("{pointer} of {text}")),
            };
        }
        if let Some(found) = node.str() {
            assert_eq!(found, *value, "{pointer}");
            let span = node.evidence().span(&analysis.sources, &analysis.artifacts).unwrap();
            assert_eq!(analysis.sources.text(span), *value, "{pointer}");
        } else {
            assert_eq!(node.value().to_json().to_string(), *value, "{pointer}");
        }
    }
}
