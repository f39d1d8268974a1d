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
    sniff,
    read,
});

/// Whether a line is Markdown's row of dashes below a header.
fn is_rule(line: &str) -> bool {
    line.starts_with('|') && line.contains("--") && line.bytes().all(|byte| matches!(byte, b'|' | b'-' | b':' | b' '))
}

/// Whether CSV's header has one of the fields that CloudWatch adds itself (`@timestamp`, `@message`, `@logStream` …).
fn is_csv_header(line: &str) -> bool {
    line.split(',').any(|name| {
        matches!(
            name.trim().trim_matches('"'),
            "@timestamp" | "@message" | "@logStream" | "@ptr" | "@log" | "@ingestionTime"
        )
    }) && !line.contains(['{', '='])
}

fn sniff(line: &str, rest: &str, _: &Hint) -> Option<Taken> {
    let markdown = line.starts_with('|') && ends(rest).nth(1).is_some_and(|(next, _)| is_rule(next));
    let len = if markdown {
        ends(rest).take_while(|(line, _)| line.starts_with('|')).last()?.1
    } else if is_csv_header(line) {
        csv_len(line, rest)
    } else {
        return None;
    };
    Some(Taken {
        len,
        format: FORMAT,
        confidence: if markdown { 0.8 } else { 0.9 },
    })
}

/// The rows that have as many fields as the header.
fn csv_len(header: &str, rest: &str) -> usize {
    let whole = Piece::new(rest);
    let wanted = csv_fields(Piece::new(header)).map_or(0, |(fields, _)| fields.len());
    let mut at = 0;
    while at < rest.len() {
        let Some((fields, next)) = csv_fields(whole.skip(at)) else {
            break;
        };
        if fields.len() != wanted {
            break;
        }
        at += next;
    }
    at
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
    let markdown = whole.starts_with('|');
    let mut rows: Vec<(Vec<Piece<'_>>, Piece<'_>)> = Vec::new();
    if markdown {
        for line in whole.lines().filter(|line| !is_rule(line.str())) {
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
    let (header, _) = rows.next().unwrap_or((Vec::new(), whole));
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
    let mut root = Placed::object(whole);
    root.put("results", results);
    add_document(part, FORMAT.name(), root, true, artifacts);
}

#[cfg(test)]
mod tests {
    use super::csv_fields;
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
}
