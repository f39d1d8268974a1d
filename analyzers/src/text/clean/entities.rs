//! HTML's entities, where a page's or a ticket's source was copied: `{&quot;kind&quot;: …`, `&lt;none&gt;`.

use super::edge::prompt_like;
use crate::text::documents::{Document, gaps};

/// What is decoded, and into what (HTML, "Named character references").
const ENTITIES: [(&str, char); 7] = [
    ("&quot;", '"'),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&amp;", '&'),
    ("&#34;", '"'),
    ("&#39;", '\''),
    ("&apos;", '\''),
];

/// What kubectl, JSON and `ip` print, as HTML writes it.
const SIGNS: [&str; 7] = [
    "{&quot;",
    "[&quot;",
    "&quot;: ",
    "&lt;none&gt;",
    "&lt;unset&gt;",
    "&lt;pending&gt;",
    "&lt;BROADCAST,",
];

/// Decodes the entities of every part that was written as HTML as a whole, outside of a text's whole documents; `None` where there is none.
pub fn decode(text: &str, whole: &[Document]) -> Option<String> {
    let entity = |at: usize| {
        text.get(at..)
            .is_some_and(|rest| rest.starts_with("&quot;") || rest.starts_with("&lt;"))
    };
    memchr::memchr_iter(b'&', text.as_bytes()).find(|at| entity(*at))?;
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for gap in gaps(whole, text.len()) {
        let mut from = gap.start;
        while from < gap.end {
            let rest = text.get(from..gap.end).unwrap_or_default();
            let end = from + part(rest);
            let here = text.get(from..end).unwrap_or_default();
            if is_written(here) {
                out.push_str(text.get(copied..from).unwrap_or_default());
                decoded(here, &mut out);
                copied = end;
            }
            from = end.max(from + 1);
        }
    }
    (copied > 0).then(|| {
        out.push_str(text.get(copied..).unwrap_or_default());
        out
    })
}

/// How many bytes the part has that a text begins with: up to the next command or blank line.
fn part(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > 0 && (line.trim().is_empty() || prompt_like(line)) {
            return at;
        }
        at += line.len();
    }
    at
}

/// Whether a part has no character in it that HTML would have written otherwise, and shows that it is one of these outputs.
fn is_written(part: &str) -> bool {
    let entity = |at: usize| {
        let rest = part.get(at..).unwrap_or_default();
        ENTITIES.iter().any(|(name, _)| rest.starts_with(name))
    };
    memchr::memchr(b'&', part.as_bytes()).is_some()
        && memchr::memchr(b'<', part.as_bytes()).is_none()
        && SIGNS.iter().any(|sign| part.contains(sign))
        && memchr::memchr_iter(b'&', part.as_bytes()).all(entity)
}

fn decoded(part: &str, out: &mut String) {
    let mut rest = part;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let known = ENTITIES.iter().find(|(name, _)| from.starts_with(name));
        let (c, len) = known.map_or(('&', 1), |(name, c)| (*c, name.len()));
        out.push(c);
        rest = from.get(len..).unwrap_or_default();
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn what_a_page_wrote_as_html_is_decoded() {
        for (text, wanted) in [
            (
                "$ kubectl get cm x -o json\n{&quot;kind&quot;: &quot;ConfigMap&quot;, &quot;a&quot;: &quot;b &amp;lt; c&quot;}\n",
                "$ kubectl get cm x -o json\n{\"kind\": \"ConfigMap\", \"a\": \"b &lt; c\"}\n",
            ),
            (
                "NAME   EXTERNAL-IP\nweb    &lt;none&gt;\n\nif a &lt; b & c\n",
                "NAME   EXTERNAL-IP\nweb    <none>\n\nif a &lt; b & c\n",
            ),
        ] {
            assert_eq!(decode(text, &[]).as_deref(), Some(wanted));
        }
    }

    #[test]
    fn entities_that_a_program_printed_stay() {
        for text in [
            "<html><body>&lt;none&gt;</body></html>\n",
            "curl 'http://web/?a=1&b=&lt;none&gt;'\n",
            "the title is &quot;Web&quot;\n",
            "{\"msg\": \"&quot;up&quot;\"}\n",
        ] {
            assert_eq!(decode(text, &[]), None, "{text}");
        }
    }
}
