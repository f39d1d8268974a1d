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

/// What kubectl, JSON, `ip` and dig print, as HTML writes it.
const SIGNS: [&str; 11] = [
    "{&quot;",
    "[&quot;",
    "&quot;: ",
    "&lt;none&gt;",
    "&lt;unset&gt;",
    "&lt;pending&gt;",
    "&lt;unknown&gt;",
    "&lt;BROADCAST,",
    "&lt;LOOPBACK,",
    "; &lt;&lt;&gt;&gt; DiG ",
    ";; -&gt;&gt;HEADER&lt;&lt;- ",
];

/// Decodes the entities of every part that was written as HTML as a whole, outside of a text's whole documents; `None` where there is none.
pub fn decode(text: &str, whole: &[Document]) -> Option<String> {
    let entity = |at: usize| {
        let begins = |rest: &str| ["&quot;", "&lt;", "&gt;"].iter().any(|name| rest.starts_with(name));
        text.get(at..).is_some_and(begins)
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
        && (SIGNS.iter().any(|sign| part.contains(sign)) || part.lines().any(is_directed) || has_packet(part))
        && memchr::memchr_iter(b'&', part.as_bytes()).all(entity)
}

/// Whether a line begins as `curl -v` writes what it sends and gets, as a quotation does, and a line of a `diff`.
fn is_directed(line: &str) -> bool {
    let rest = line.strip_prefix("&gt;").or_else(|| line.strip_prefix("&lt;"));
    // curl's empty line may have lost its blank.
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// What tcpdump writes between two addresses.
const TOWARDS: &str = " &gt; ";

/// No address is longer: the longest name of a host, and a port.
const ENDPOINT: usize = 260;

/// Whether a packet is in a text: `10.0.1.9.5000 &gt; 10.0.1.8.80: Flags`, `02:0a:…:01 &gt; 02:0a:…:02, ethertype`.
fn has_packet(part: &str) -> bool {
    let endpoint = |word: &str| {
        word.contains(['.', ':'])
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".:-_%*".contains(&byte))
    };
    memchr::memmem::find_iter(part.as_bytes(), TOWARDS).any(|at| {
        let before = part.get(part.floor_char_boundary(at.saturating_sub(ENDPOINT))..at);
        let after = part.get(at + TOWARDS.len()..part.floor_char_boundary(at + TOWARDS.len() + ENDPOINT));
        let from = before
            .unwrap_or_default()
            .rsplit([' ', '\n'])
            .next()
            .unwrap_or_default();
        let to = after
            .unwrap_or_default()
            .split([' ', '\r', '\n'])
            .next()
            .unwrap_or_default();
        endpoint(from) && to.strip_suffix([':', ',']).is_some_and(endpoint)
    })
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
            (
                "10:00:00.123456 IP 10.20.4.17.50000 &gt; 10.20.31.40.80: Flags [S], seq 1, win 62727, length 0\n",
                "10:00:00.123456 IP 10.20.4.17.50000 > 10.20.31.40.80: Flags [S], seq 1, win 62727, length 0\n",
            ),
            (
                "10:00:00.123456 02:0a:00:00:00:01 &gt; 02:0a:00:00:00:02, ethertype ARP (0x0806), length 42\n",
                "10:00:00.123456 02:0a:00:00:00:01 > 02:0a:00:00:00:02, ethertype ARP (0x0806), length 42\n",
            ),
            (
                "10:00:00.123456 IP6 fe80::1 &gt; ff02::1: ICMP6, router advertisement, length 64\n",
                "10:00:00.123456 IP6 fe80::1 > ff02::1: ICMP6, router advertisement, length 64\n",
            ),
            (
                "$ curl -v http://web/?a=1\n* Connected to web (10.100.7.1) port 80 (#0)\n&gt; GET /?a=1 HTTP/1.1\n&gt; Host: web\n&gt;\n&lt; HTTP/1.1 200 OK\n",
                "$ curl -v http://web/?a=1\n* Connected to web (10.100.7.1) port 80 (#0)\n> GET /?a=1 HTTP/1.1\n> Host: web\n>\n< HTTP/1.1 200 OK\n",
            ),
            (
                "; &lt;&lt;&gt;&gt; DiG 9.18.28 &lt;&lt;&gt;&gt; web.shop.svc.cluster.local\n;; global options: +cmd\n",
                "; <<>> DiG 9.18.28 <<>> web.shop.svc.cluster.local\n;; global options: +cmd\n",
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
            "level=info msg=\"menu: File &gt; Open: done\"\n",
            // The page that a server sent.
            "> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n&gt; a line of it\n",
            "{\"msg\": \"&quot;up&quot;\"}\n",
        ] {
            assert_eq!(decode(text, &[]), None, "{text}");
        }
    }
}
