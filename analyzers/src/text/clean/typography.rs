//! Quotes and dashes that an editor or a chat put in the place of ASCII ones, in JSON and YAML.
//!
//! Only where they stand as syntax: a message with “quotes” in it keeps them. Commands are looked at where they are recognised.

fn double(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‟')
}

fn single(c: char) -> bool {
    matches!(c, '‘' | '’' | '‚' | '‛')
}

/// The ASCII quote that a typographic one replaced.
pub fn ascii_quote(c: char) -> char {
    if double(c) {
        '"'
    } else if single(c) {
        '\''
    } else {
        c
    }
}

/// A line whose quotes or list dash were replaced, as it was before.
pub fn clean(line: &str) -> Option<String> {
    let trimmed = line.trim();
    // `---` between YAML documents becomes a long dash, `- name: x` a short one with a blank.
    if matches!(trimmed, "—" | "—-" | "–-" | "-–" | "-—" | "———" | "–––") {
        return Some("---".to_owned());
    }
    let mut line = std::borrow::Cow::Borrowed(line);
    if let Some(item) = trimmed.strip_prefix(['–', '—']).and_then(|rest| rest.strip_prefix(' '))
        && item_begins(item.trim_start())
    {
        let indent = line.len() - line.trim_start().len();
        line = format!("{}- {item}", line.get(..indent).unwrap_or_default()).into();
    }
    if !line.contains(['“', '”', '„', '‟', '‘', '’', '‚', '‛']) || line.contains('"') || !is_syntax(&line)
    {
        return match line {
            std::borrow::Cow::Owned(line) => Some(line),
            std::borrow::Cow::Borrowed(_) => None,
        };
    }
    // An apostrophe inside double quotes is text.
    let doubles = line.contains(['“', '”', '„', '‟']);
    Some(
        line.chars()
            .map(|c| if doubles && single(c) { c } else { ascii_quote(c) })
            .collect(),
    )
}

/// Whether a YAML list's item begins as a mapping.
fn item_begins(text: &str) -> bool {
    text.split_once(':').is_some_and(|(name, rest)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
            && (rest.is_empty() || rest.starts_with(' '))
    })
}

/// Whether the quotes of a line stand where JSON and YAML have theirs: around its first word, or around all of its value.
fn is_syntax(line: &str) -> bool {
    let quote = |c: char| double(c) || single(c);
    let text = line.trim();
    let begin = text.trim_start_matches(['{', '[', '-', ' ', ',']);
    let end = text.trim_end_matches(['}', ']', ',', ' ', '{', '[', ':']);
    if begin.starts_with(quote) {
        // `“kind”: “Pod”,`, `“a”,` and not `“quoted” he said`.
        let after = begin.chars().skip(1).skip_while(|c| !quote(*c)).nth(1);
        return end.ends_with(quote) || after == Some(':');
    }
    let Some((_, value)) = text.split_once(": ") else {
        return false;
    };
    let value = value.trim_end_matches(',');
    value.starts_with(quote) && value.ends_with(quote) && value.chars().filter(|c| quote(*c)).count() == 2
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn quotes_that_are_syntax_are_ascii_again() {
        for (line, wanted) in [
            ("    “apiVersion”: “v1”,", "    \"apiVersion\": \"v1\","),
            (
                "{“kind”: “Pod”, “spec”: {“nodeName”: null}}",
                "{\"kind\": \"Pod\", \"spec\": {\"nodeName\": null}}",
            ),
            ("  “replicas”: 3,", "  \"replicas\": 3,"),
            ("  “items”: [", "  \"items\": ["),
            ("    “10.0.0.1”", "    \"10.0.0.1\""),
            (
                "  role-arn: “arn:aws:iam::111122223333:role/a”",
                "  role-arn: \"arn:aws:iam::111122223333:role/a\"",
            ),
            ("  value: ‘true’", "  value: 'true'"),
            ("  “note”: “it’s”,", "  \"note\": \"it’s\","),
            ("  – name: app", "  - name: app"),
            ("—", "---"),
        ] {
            assert_eq!(clean(line).as_deref(), Some(wanted), "{line}");
        }
    }

    #[test]
    fn quotes_that_are_text_stay() {
        for line in [
            "{\"message\": \"the “x” failed\"}",
            "level=info msg=the “x” failed",
            "  message: the “x” failed",
            "  message: “x” and “y”",
            "“That is odd” he said",
            "it’s not ready",
            "10:00 – 11:00",
            "– see below",
        ] {
            assert_eq!(clean(line), None, "{line}");
        }
    }
}
