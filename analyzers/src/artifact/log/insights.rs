//! CloudWatch Logs Insights results as the console exports them: a Markdown table and CSV. (`aws logs get-query-results` prints JSON,
//! which is read as its answer.)

use crate::artifact::Placed;
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// Logs Insights results.
pub const FORMAT: Format = Format::new(&Spec {
    name: "logs-insights",
    title: "CloudWatch Logs Insights results",
    command: crate::segment::formats::no_command,
    least: 1,
    sniff,
    read,
});

/// Whether a line is Markdown's row of dashes below a header.
fn is_rule(line: &str) -> bool {
    line.starts_with('|') && line.contains("--") && line.bytes().all(|byte| matches!(byte, b'|' | b'-' | b':' | b' '))
}

/// Whether CSV's header has one of the fields that CloudWatch adds itself (`@timestamp`, `@message`, `@logStream` …). A query names them,
/// too (`fields @timestamp, @message`): it has blanks, a header has them in quotes only.
fn is_csv_header(line: &str) -> bool {
    line.contains('@')
        && line.split(',').any(|name| {
            matches!(
                name.trim_end().trim_matches('"'),
                "@timestamp" | "@message" | "@logStream" | "@ptr" | "@log" | "@ingestionTime"
            )
        })
        && !line.contains(['{', '=', '|'])
        && csv_fields(Piece::new(line)).is_some_and(|(fields, _)| {
            fields.iter().all(|field| {
                let quoted = line.as_bytes().get(field.start().wrapping_sub(1)) == Some(&b'"');
                quoted || !field.is_empty() && !field.contains(' ')
            })
        })
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    let (len, confidence) = if is_head(line) {
        (exported_len(rest)?, 0.95)
    } else if line == RULE && is_table(rest.get(line.len()..)?.trim_start()) || line.starts_with('|') && is_table(rest)
    {
        (exported_len(rest)?, 0.8)
    } else if is_csv_header(line) {
        (csv_len(line, rest)?, 0.9)
    } else {
        return None;
    };
    Some(Taken {
        len,
        format: FORMAT,
        confidence,
    })
}

/// The line that the console puts above and below a table that it exports as Markdown.
const RULE: &str = "---";

/// The first line of the console's export as Markdown.
fn is_head(line: &str) -> bool {
    line.trim_end() == "**CloudWatch Logs Insights**"
}

/// What the console says of the query above its results, and the names that `aws logs start-query` has for it.
const HEAD: [(&str, &str); 5] = [
    ("region", "region"),
    ("log-group-names", "logGroupNames"),
    ("start-time", "startTime"),
    ("end-time", "endTime"),
    ("query-string", "queryString"),
];

fn head_of(line: &str) -> Option<&'static str> {
    let (name, _) = line.split_once(':')?;
    HEAD.iter().find(|(known, _)| *known == name).map(|(_, name)| *name)
}

fn is_table(rest: &str) -> bool {
    rest.starts_with('|') && ends(rest).nth(1).is_some_and(|(next, _)| is_rule(next))
}

/// How many lines a query has at most that is looked for above a table.
const QUERY: usize = 200;

/// The console's export: what it says of the query, the query in its block, and the table between rules; each may be missing.
fn exported_len(rest: &str) -> Option<usize> {
    let mut len = 0;
    let mut lines = ends(rest).peekable();
    while let Some((_, end)) = lines.next_if(|(line, _)| is_head(line) || head_of(line).is_some()) {
        len = end;
    }
    if len > 0 && lines.peek().is_some_and(|(line, _)| line.trim() == "```") {
        let block = ends(rest.get(len..)?).take(QUERY);
        let close = block
            .skip(1)
            .find(|(line, _)| line.trim() == "```")
            .map(|(_, end)| len + end);
        if let Some(close) = close {
            len = close;
            while lines.next_if(|(_, end)| *end <= close).is_some() {}
        }
    }
    let above = lines.next_if(|(line, _)| line.trim_end() == RULE).map(|(_, end)| end);
    let mut table = None;
    while let Some((_, end)) = lines.next_if(|(line, _)| line.starts_with('|')) {
        table = Some(end);
    }
    if let Some(end) = table {
        let below = above.and_then(|_| lines.next_if(|(line, _)| line.trim_end() == RULE));
        len = below.map_or(end, |(_, end)| end);
    } else if len > 0 {
        len = above.unwrap_or(len);
    }
    (len > 0).then_some(len)
}

/// The header and its rows: those that have as many fields, the times beginning as times do; none where not one row follows.
fn csv_len(header: &str, rest: &str) -> Option<usize> {
    let whole = Piece::new(rest);
    let (names, mut at) = csv_fields(whole)?;
    let times: Vec<bool> = names
        .iter()
        .map(|name| matches!(name.str(), "@timestamp" | "@ingestionTime"))
        .collect();
    let mut rows = 0;
    while at < rest.len() {
        let Some((fields, next)) = csv_fields(whole.skip(at)) else {
            break;
        };
        let timed = fields
            .iter()
            .zip(&times)
            .all(|(field, time)| !*time || field.starts_with(|c: char| c.is_ascii_digit()));
        // A line is a field, too: of a single one only quotes tell.
        let told = names.len() > 1 || times.contains(&true) || whole.skip(at).starts_with('"');
        if fields.len() != names.len() || !timed || !told {
            break;
        }
        at += next;
        rows += 1;
    }
    (rows > 0 && at > header.len()).then_some(at)
}

/// The fields of the first record (RFC 4180: quotes may hold commas, line endings and doubled quotes) and where the next begins;
/// `None` where a quote stays open.
fn csv_fields(text: Piece<'_>) -> Option<(Vec<Piece<'_>>, usize)> {
    let bytes = text.as_bytes();
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let quoted = bytes.get(at) == Some(&b'"');
        let start = at + usize::from(quoted);
        if quoted {
            at = start;
            loop {
                at += bytes.get(at..)?.iter().position(|byte| *byte == b'"')?;
                if bytes.get(at + 1) == Some(&b'"') {
                    at += 2;
                } else {
                    break;
                }
            }
            fields.push(text.part(start..at));
            at += 1;
        } else {
            let len = bytes
                .get(at..)?
                .iter()
                .position(|byte| matches!(byte, b',' | b'\n'))
                .unwrap_or(bytes.len() - at);
            let field = text.part(start..at + len);
            fields.push(field.strip_suffix("\r").unwrap_or(field));
            at += len;
        }
        match bytes.get(at) {
            Some(b',') => at += 1,
            Some(b'\r') => return Some((fields, (at + 2).min(bytes.len()))),
            _ => return Some((fields, (at + 1).min(bytes.len()))),
        }
    }
}

fn read(part: &Part<'_>, artifacts: &mut crate::artifact::Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    let first = whole.lines().next().unwrap_or(whole);
    let markdown = !is_csv_header(first.str());
    let mut rows: Vec<(Vec<Piece<'_>>, Piece<'_>)> = Vec::new();
    if markdown {
        read_head(whole, &mut root);
        let table = exported_table(whole);
        for line in table.filter(|line| line.starts_with('|') && !is_rule(line.str())) {
            let inside = line.trim();
            let inside = inside.strip_prefix("|").unwrap_or(inside);
            let inside = inside.strip_suffix("|").unwrap_or(inside);
            let mut fields: Vec<Piece<'_>> = Vec::new();
            let mut start = 0;
            let mut escaped = false;
            for (at, byte) in inside.bytes().enumerate() {
                if byte == b'|' && !escaped {
                    fields.push(inside.part(start..at).trim());
                    start = at + 1;
                }
                escaped = byte == b'\\' && !escaped;
            }
            fields.push(inside.skip(start).trim());
            rows.push((fields, line));
        }
    } else {
        let mut at = 0;
        while at < whole.len() {
            let Some((fields, next)) = csv_fields(whole.skip(at)) else {
                break;
            };
            rows.push((fields, whole.part(at..(at + next).min(whole.len()))));
            at += next;
        }
    }
    let mut rows = rows.into_iter();
    let Some((header, _)) = rows.next() else {
        // What was asked, without what came back.
        return add_document(part, FORMAT.name(), root, false, artifacts);
    };
    let mut results = Placed::array(whole);
    for (fields, around) in rows {
        if fields.len() != header.len() {
            problems.push(Problem::new(
                part.span().slice(around.range()),
                "This row has another number of fields than the header, so it is left out.",
            ));
            continue;
        }
        let mut result = Placed::object(around);
        for (name, field) in header.iter().zip(fields) {
            result.put_text(name.str(), field);
        }
        results.push(result);
    }
    root.put("results", results);
    add_document(part, FORMAT.name(), root, true, artifacts);
}

/// Where the table begins: below the query, whose lines may begin with the same sign.
fn exported_table(whole: Piece<'_>) -> impl Iterator<Item = Piece<'_>> {
    let from = query(whole).map_or(0, Piece::end);
    whole.lines().filter(move |line| line.start() >= from)
}

/// The query in its block, which stands right below what is said of it.
fn query(whole: Piece<'_>) -> Option<Piece<'_>> {
    let mut lines = whole
        .lines()
        .skip_while(|line| is_head(line.str()) || head_of(line.str()).is_some());
    lines.next().filter(|line| line.trim().str() == "```")?;
    let mut found: Option<(Piece<'_>, Piece<'_>)> = None;
    for line in lines.take(QUERY) {
        if line.trim().str() == "```" {
            let (first, last) = found?;
            return Some(whole.part(first.start()..last.end()).trim());
        }
        found = Some((found.map_or(line, |(first, _)| first), line));
    }
    None
}

/// What the console says of the query.
fn read_head(whole: Piece<'_>, root: &mut Placed) {
    for line in whole.lines().take(HEAD.len() + 1) {
        if let (Some(name), Some((_, value))) = (head_of(line.str()), line.split_once(":"))
            && !value.trim().is_empty()
        {
            root.put_text(name, value.trim());
        }
    }
    if let Some(query) = query(whole) {
        root.put_text("queryString", query);
    }
}

#[cfg(test)]
mod tests {
    use super::csv_fields;
    use crate::artifact::testing::read;
    use crate::text::Piece;

    #[test]
    fn csv_is_read_by_rfc_4180() {
        let text = "a,\"b,\n\"\"c\"\"\",,d\r\nnext,2\n";
        let (fields, next) = csv_fields(Piece::new(text)).unwrap();
        let words: Vec<&str> = fields.iter().map(|field| field.str()).collect();
        assert_eq!(words, ["a", "b,\n\"\"c\"\"", "", "d"]);
        assert_eq!(text.get(next..), Some("next,2\n"));
        assert!(csv_fields(Piece::new("a,\"open")).is_none());
    }
    const ROW: &str = "2025-03-02 11:08:54.917";

    #[test]
    fn a_query_is_not_its_results() {
        for query in [
            "fields @timestamp, @message\n| filter @logStream like /scheduler/\n| sort @timestamp desc\n| limit 50\n",
            "filter @message like /lease/ | stats count(*) by @logStream, bin(5m)\n",
            "fields @timestamp, @message, @logStream\n",
        ] {
            let read = read(query);
            assert_eq!((read.formats(), read.problems.len()), (vec!["prose"], 0), "{query}");
        }
        // A header alone, and one above something else.
        assert_ne!(read("@timestamp,@message\n").format, "logs-insights");
        let chat = read(&format!(
            "@timestamp,@message\n{ROW},lease lost\nthat is all, I think\n"
        ));
        assert_eq!(chat.formats().first(), Some(&"logs-insights"));
        assert_eq!(chat.count("/results"), 1);
        let single = read("@message\n\"lease lost, again\"\n\nand that is the whole of it.\n");
        assert_eq!(single.formats(), ["logs-insights", "prose"]);
        assert_eq!(single.at("/results/0/@message"), "lease lost, again");
    }

    #[test]
    fn the_consoles_export_has_its_query_and_its_results() {
        let text = format!(
            "**CloudWatch Logs Insights**    \nregion: eu-central-1    \nlog-group-names: /aws/eks/pay/cluster    \nstart-time: -900s    \n\
             end-time: 0s    \nquery-string:\n  ```\n  fields @timestamp, @message\n | filter @logStream like /scheduler/\n  ```\n---\n\
             | @timestamp | @message |\n| --- | --- |\n| {ROW} | lease lost |\n---\n"
        );
        let export = read(&text);
        export.is("logs-insights");
        assert_eq!(export.problems, [""; 0]);
        assert_eq!(export.at("/region"), "eu-central-1");
        assert_eq!(export.at("/startTime"), "-900s");
        assert_eq!(
            export.at("/queryString"),
            "fields @timestamp, @message\n | filter @logStream like /scheduler/"
        );
        assert_eq!(export.at("/results/0/@message"), "lease lost");
        assert_eq!(export.shown("/results/0/@timestamp"), ROW);
        // Without its results it says what was asked.
        let (head, _) = text.split_once("---").unwrap();
        let asked = read(head);
        asked.is("logs-insights");
        assert_eq!(
            (asked.at("/logGroupNames"), asked.complete()),
            ("/aws/eks/pay/cluster".to_owned(), false)
        );
    }
}
