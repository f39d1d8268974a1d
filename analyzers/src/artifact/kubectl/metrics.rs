//! Metrics in Prometheus' text format: `kubectl get --raw /metrics`, `curl …:9153/metrics`.
//!
//! Format: prometheus.io, "Exposition formats", text version 0.0.4; OpenMetrics 1.0 adds units, exemplars and an end. The names are those of
//! its messages (`MetricFamily`: `name`, `help`, `type`).

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::Format;
use crate::segment::formats::{Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// Prometheus' text format.
pub const FORMAT: Format = Format::new(&Spec {
    name: "prometheus-metrics",
    title: "metrics in Prometheus' text format",
    command: |line| {
        let path = line.option(&["--raw"]).and_then(|path| path.split(['?', '#']).next());
        line.is_kubectl() && path.is_some_and(|path| path.ends_with("/metrics"))
    },
    least: 4,
    sniff,
    read,
});

/// How many lines that cannot be read are said one by one.
const SAID: usize = 20;

/// A metric's name at the beginning of a text, and the rest.
fn name(text: Piece<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    let len = text
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':'))
        .count();
    (len > 0 && !text.starts_with(|c: char| c.is_ascii_digit())).then(|| (text.part(0..len), text.skip(len)))
}

/// `# HELP name text`, `# TYPE name counter`, `# UNIT name seconds`: the word, the name and the text.
fn comment(line: Piece<'_>) -> Option<(&str, Piece<'_>, Piece<'_>)> {
    let rest = line.strip_prefix("# ")?;
    let (word, rest) = rest.split_once(" ")?;
    if !matches!(word.str(), "HELP" | "TYPE" | "UNIT") {
        return None;
    }
    let (name, rest) = name(rest)?;
    (rest.is_empty() || rest.starts_with(' ')).then(|| (word.str(), name, rest.trim()))
}

/// A sample taken apart.
struct Sample<'a> {
    name: Piece<'a>,
    /// What stands between the braces.
    labels: Option<Piece<'a>>,
    value: Piece<'a>,
}

fn sample(line: Piece<'_>) -> Option<Sample<'_>> {
    let (name, rest) = name(line)?;
    let (labels, rest) = if rest.starts_with('{') {
        let end = closing(&rest)?;
        (Some(rest.part(1..end)), rest.skip(end + 1))
    } else {
        (None, rest)
    };
    let rest = rest.strip_prefix(" ")?;
    let value = rest.words().next()?;
    let number = matches!(value.str(), "NaN" | "+Inf" | "-Inf" | "Inf")
        || value.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
            && value.parse::<f64>().is_ok();
    number.then_some(Sample { name, labels, value })
}

/// Where the braces that open a text close, outside of quotes.
fn closing(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'}' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// The labels between the braces, each with its value as it is written, without the quotes.
fn labels(text: Piece<'_>) -> Placed {
    let mut found = Placed::object(text);
    let mut rest = text;
    while let Some((name, value)) = rest.split_once("=\"") {
        let mut escaped = false;
        let end = value.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let end = end.unwrap_or(value.len());
        let name = name.str().trim_start_matches([',', ' ']);
        let written = value.part(0..end);
        let plain = if written.contains('\\') {
            Placed::value(
                written.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\"),
                written,
            )
        } else {
            Placed::text(written)
        };
        found.put(name, plain);
        rest = value.skip(end + 1);
    }
    found
}

fn own(line: &str) -> bool {
    let line = Piece::new(line);
    line.starts_with("# EOF") || comment(line).is_some() || sample(line).is_some()
}

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let piece = Piece::new(line);
    let begins = match line.bytes().next()? {
        b'#' => comment(piece).is_some(),
        // A sample alone: its labels tell, or its command.
        byte if byte.is_ascii_alphabetic() || byte == b'_' => {
            let expected = hint.expects(FORMAT);
            (expected || line.contains("=\""))
                && sample(piece).is_some_and(|sample| expected || sample.labels.is_some())
        }
        _ => false,
    };
    if !begins {
        return None;
    }
    Some(Taken {
        len: ends(rest).take_while(|(line, _)| own(line)).last()?.1,
        format: FORMAT,
        confidence: 0.95,
    })
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut families = Placed::array(whole);
    let mut open: Option<Family<'_>> = None;
    let mut unread = 0_usize;
    for line in whole.lines() {
        if let Some((word, name, text)) = comment(line) {
            let family = Family::of(&mut open, name, line, &mut families);
            match word {
                "HELP" => family.values.put_text("help", text),
                "TYPE" => family.values.put_text("type", text),
                _ => family.values.put_text("unit", text),
            }
        } else if let Some(sample) = sample(line) {
            let family = Family::of(&mut open, sample.name, line, &mut families);
            let mut made = Placed::object(line);
            made.put("name", Placed::text(sample.name));
            if let Some(text) = sample.labels {
                made.put("labels", labels(text));
            }
            made.put("value", Placed::number(sample.value));
            family.samples.push(made);
            family.samples.extend(line);
            family.values.extend(line);
        } else if !line.trim().is_empty() && !line.starts_with("# EOF") {
            unread += 1;
            if unread <= SAID {
                problems.push(Problem::new(
                    part.span().slice(line.range()),
                    "This line is no metric in Prometheus' text format.",
                ));
            }
        }
    }
    if let Some(family) = open {
        family.close(&mut families);
    }
    let mut root = Placed::object(whole);
    root.put("families", families);
    add_document(part, FORMAT.name(), root, false, artifacts);
}

/// The metrics of one name.
struct Family<'a> {
    name: Piece<'a>,
    values: Placed,
    samples: Placed,
}

impl<'a> Family<'a> {
    /// The open family, where `name` belongs to it (`x_bucket`, `x_sum` to `x`), or a new one.
    fn of<'o>(open: &'o mut Option<Self>, name: Piece<'a>, line: Piece<'a>, families: &mut Placed) -> &'o mut Self {
        let same = open.as_ref().is_some_and(|family| {
            name.str().strip_prefix(family.name.str()).is_some_and(|rest| {
                matches!(
                    rest,
                    "" | "_bucket" | "_sum" | "_count" | "_total" | "_created" | "_info"
                )
            })
        });
        if !same && let Some(family) = open.take() {
            family.close(families);
        }
        open.get_or_insert_with(|| {
            let mut values = Placed::object(line);
            values.put("name", Placed::text(name));
            Self {
                name,
                values,
                samples: Placed::array(line),
            }
        })
    }

    fn close(self, families: &mut Placed) {
        let mut values = self.values;
        values.put("samples", self.samples);
        families.push(values);
    }
}

#[cfg(test)]
mod tests {
    use crate::artifact::kubectl::tested::check;

    #[test]
    fn families_have_samples_with_labels() {
        check(
            "$ kubectl get --raw /metrics\n\
             # HELP apiserver_request_total [STABLE] Counter of apiserver requests.\n\
             # TYPE apiserver_request_total counter\n\
             apiserver_request_total{code=\"200\",verb=\"LIST\",resource=\"pods\"} 1207\n\
             apiserver_request_total{code=\"409\",verb=\"PUT\",resource=\"leases\"} 3\n\
             # HELP coredns_dns_request_duration_seconds Histogram.\n\
             # TYPE coredns_dns_request_duration_seconds histogram\n\
             coredns_dns_request_duration_seconds_bucket{server=\"dns://:53\",path=\"C:\\\\x \\\"{}\\\"\",le=\"+Inf\"} 8.25e+06\n\
             coredns_dns_request_duration_seconds_sum 12.5 1700000000000\n\
             go_goroutines 41\n",
            "prometheus-metrics",
            &[
                ("families/0/name", "apiserver_request_total"),
                ("families/0/type", "counter"),
                ("families/0/help", "[STABLE] Counter of apiserver requests."),
                ("families/0/samples/0/labels/verb", "LIST"),
                ("families/0/samples/1/value", "3"),
                ("families/1/samples/0/value", "8.25e+06"),
                ("families/1/samples/0/labels/server", "dns://:53"),
                ("families/1/samples/0/labels/le", "+Inf"),
                ("families/1/samples/1/name", "coredns_dns_request_duration_seconds_sum"),
                ("families/2/name", "go_goroutines"),
                ("families/2/samples/0/value", "41"),
            ],
            0,
        );
        // A line that grep left.
        check(
            "aws_cni_assigned_ip_addresses{node=\"ip-10-0-1-17\"} 29\n",
            "prometheus-metrics",
            &[("families/0/samples/0/value", "29")],
            0,
        );
    }
}
