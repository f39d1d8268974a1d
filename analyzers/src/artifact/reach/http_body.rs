//! What a server answered, as text: what `curl` and `wget -O-` print of a response that is neither JSON nor a table, and the answers that
//! proxies make themselves (envoy `source/common/http`, `source/common/router/router.cc`; ingress-nginx' default backend; nginx' and the ALB's
//! error pages).
//!
//! `{"body": [line, …], "title"}`: the title of a page of HTML.

use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document, no_command};
use crate::segment::sniff::{self, Hint, Taken, ends};
use crate::text::Piece;

/// A body.
pub const FORMAT: Format = Format::new(&Spec {
    name: "http-body",
    title: "a server's answer",
    command: no_command,
    least: 1,
    sniff: recognise,
    read,
});

/// How many lines a body has that are kept one by one.
const KEPT: usize = 200;

/// What proxies answer by themselves.
const OWN: [&str; 9] = [
    "upstream connect error or disconnect/reset before headers",
    "upstream request timeout",
    "no healthy upstream",
    "RBAC: access denied",
    "Jwt is missing",
    "Jwt verification fails",
    "default backend - 404",
    "404 page not found",
    "Client sent an HTTP request to an HTTPS server.",
];

/// What stands above a page of XHTML, as the instance's metadata service answers.
fn is_prolog(line: &str, rest: &str) -> bool {
    line.starts_with("<?xml ") && rest.lines().skip(1).take(4).any(is_page)
}

fn is_page(line: &str) -> bool {
    let lower = line.get(..14).unwrap_or(line).to_ascii_lowercase();
    lower.starts_with("<!doctype html") || lower.starts_with("<html")
}

/// Whether a command prints what a server answers, and nothing else.
fn fetches(line: &CommandLine) -> bool {
    match line.program.as_str() {
        "curl" => line.option(&["-w", "--write-out", "-o", "--output"]).is_none(),
        "wget" => line
            .args
            .iter()
            .any(|arg| arg.contains("O-") || arg == "-qO" || arg == "-O"),
        _ => false,
    }
}

fn recognise(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    let fetched = !hint.over
        && hint.line.as_ref().is_some_and(|line| {
            let named = |word: &String| word.contains("curl") || word.contains("wget");
            fetches(line) || line.args.iter().any(named) && line.inner().is_some_and(|inner| fetches(&inner))
        });
    if is_page(line) || is_prolog(line, rest) {
        // To its end; without it, as far as tags go on.
        let mut len = 0;
        for (line, end) in ends(rest) {
            if line.contains("</html>") || line.contains("</HTML>") {
                len = end;
                break;
            }
            let tag = line.trim_start().starts_with('<') || line.trim_end().ends_with('>');
            if !line.trim().is_empty() && !tag && !fetched {
                break;
            }
            len = end;
        }
        return (len > 0).then_some(Taken {
            len,
            format: FORMAT,
            confidence: 0.9,
        });
    }
    let own = OWN.iter().any(|own| line.starts_with(own));
    // curl's own words are a format of their own.
    let foreign =
        line.starts_with("curl: ") || line.starts_with(['{', '[', '*', '<', '>']) || line.starts_with("  % Total");
    if !own && (!fetched || foreign) {
        return None;
    }
    let len = if own { ends(rest).next()?.1 } else { body(rest) };
    Some(Taken {
        len,
        format: FORMAT,
        confidence: if own { 0.9 } else { 0.6 },
    })
}

/// How many lines of a body are looked at for another output.
const ASKED: usize = 4096;

/// A body ends at a blank line, at what curl says of itself and where another output begins; what somebody wrote right above that one is
/// none of it.
fn body(rest: &str) -> usize {
    let mut len = 0;
    for (number, (line, end)) in ends(rest).enumerate() {
        if line.trim().is_empty() || line.starts_with("curl: ") {
            break;
        }
        let here = rest.get(len..).unwrap_or_default();
        if number > 0 && number < ASKED && sniff::other(line, here).is_some() {
            return sniff::without_words(rest, len);
        }
        len = end;
    }
    len
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    if part.segment.command.is_none() && part.text().trim_start().starts_with('<') {
        problems.push(Problem::new(
            part.span(),
            "This is a web page, not what a terminal printed: its title is read. Paste it with the command that fetched it (`curl -v URL`).",
        ));
    }
    let whole = Piece::new(part.text());
    let mut root = Placed::object(whole);
    let mut more = 0_u64;
    for (number, line) in whole.lines().filter(|line| !line.trim().is_empty()).enumerate() {
        if number < KEPT {
            root.push_at(&["body"], line, Placed::text(line.trim()));
        } else {
            more += 1;
        }
        if let Some((_, rest)) = line.split_once("<title>")
            && !root.has("title")
        {
            root.put_text("title", rest.split_once("</title>").map_or(rest, |(title, _)| title));
        }
    }
    if more > 0 {
        root.put("linesNotRead", Placed::value(more, whole));
    }
    add_document(part, FORMAT.name(), root, more == 0, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only, problems};
    use crate::artifact::testing::read;
    use serde_json::json;

    #[test]
    fn proxies_answer_by_themselves() {
        let text = include_str!("../../../../tests/samples/http-body/envoy.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            assert_eq!(
                only("http-body", text)["body"],
                json!(["upstream connect error or disconnect/reset before headers. reset reason: connection timeout"])
            );
        }
        let page = only(
            "http-body",
            "$ curl -s http://web.shop/\n<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n\t\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n<html>\n <head>\n  <title>404 - Not Found</title>\n </head>\n</html>\n",
        );
        assert_eq!(page["title"], "404 - Not Found");
        let page = only("http-body", include_str!("../../../../tests/samples/http-body/alb.txt"));
        assert_eq!(page["title"], "503 Service Temporarily Unavailable");
        assert_eq!(page["body"].as_array().unwrap().len(), 7);
    }

    #[test]
    fn a_page_without_its_command_is_said_to_be_one() {
        let said = problems("<!doctype html>\n<html>\n<title>502</title>\n</html>\n");
        assert_eq!(said.len(), 1);
    }

    #[test]
    fn bodies_are_told_by_their_command() {
        assert_eq!(
            only("http-body", "$ curl -s http://web.shop/\nhello from web-0\n")["body"],
            json!(["hello from web-0"])
        );
        assert_eq!(documents("hello from web-0\n"), []);
        let json = read("$ curl -s http://web.shop/\n{\"status\": \"ok\"}\n");
        assert_eq!(json.formats(), ["json"]);
        let error = read("$ curl -s http://web.shop/\ncurl: (28) Connection timed out after 3001 milliseconds\n");
        assert_eq!(error.formats(), ["curl"]);
    }
    const PODS: &str = "NAME         READY   STATUS    RESTARTS   AGE\nledger-0     1/1     Running   0          3d\n";

    #[test]
    fn a_body_ends_where_another_output_begins() {
        let read = read(&format!(
            "$ wget -qO- http://ledger.pay:8080/ready\nready\nsince 3 days\nand these are the pods that answer:\n{PODS}"
        ));
        assert_eq!(read.formats(), ["http-body", "prose", "kubectl-table"]);
        assert_eq!(read.at("/body"), "[\"ready\",\"since 3 days\"]");
    }

    #[test]
    fn a_command_that_ended_answers_nothing_more() {
        for text in [
            "$ kubectl exec ledger-0 -- curl -s -m 2 http://10.8.3.4/\ncommand terminated with exit code 28\nno luck\n",
            "$ curl -m 2 http://10.8.3.4/\ncurl: (7) Failed to connect to 10.8.3.4 port 80 after 1 ms: Couldn't connect to server\nno luck\n",
            "$ curl -s http://10.8.3.4/\nready\n\nso this one works, and now the other:\nno luck\n",
        ] {
            let read = read(text);
            assert!(
                read.problems.iter().any(|problem| problem.contains("not recognised")),
                "{text}"
            );
            assert_ne!(read.formats().last(), Some(&"http-body"), "{text}");
        }
    }
}
