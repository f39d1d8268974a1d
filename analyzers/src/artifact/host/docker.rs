//! What `docker` answers besides tables: that a login succeeded, what its daemon refused (docker/cli `cli/command/registry/login.go`,
//! `cmd/docker/docker.go`), and rows of `docker ps --format` (docker/cli `cli/command/formatter`).
//!
//! `{"messages": [{"message", "error", "url"}]}`; `{"containers": [{"Names", "Status"}]}`: by the names in the template.

use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::CommandLine;
use crate::segment::formats::{Format, Part, Spec, add_document, no_command};
use crate::segment::sniff::{Hint, Taken, ends};
use crate::text::Piece;

/// docker's messages.
pub const ANSWER: Format = Format::new(&Spec {
    name: "docker-answer",
    title: "an answer of docker",
    command: no_command,
    least: 6,
    sniff: |line, rest, hint| is_message(line).then(|| take(rest, ANSWER, hint, is_message))?,
    read: read_answer,
});

/// `docker ps --format '{{.Names}}'`.
pub const ROWS: Format = Format::new(&Spec {
    name: "docker-rows",
    title: "docker's rows by a template",
    command: |line| template(line).is_some(),
    least: 1,
    sniff: sniff_rows,
    read: read_rows,
});

const SAID: [&str; 12] = [
    "Login Succeeded",
    "WARNING! Using --password via the CLI is insecure",
    "WARNING! Your password will be stored unencrypted in ",
    "WARNING! Your credentials are stored unencrypted in ",
    "Configure a credential helper to remove this warning",
    "https://docs.docker.com/",
    "docker: Error response from daemon: ",
    "Error response from daemon: ",
    "docker: Cannot connect to the Docker daemon",
    "Cannot connect to the Docker daemon at ",
    "See 'docker ",
    "Error: Cannot perform an interactive login from a non TTY device",
];

fn is_message(line: &str) -> bool {
    SAID.iter().any(|said| line.starts_with(said)) || line.starts_with("make: *** [") && line.contains(" Error ")
}

fn read_answer(part: &Part<'_>, artifacts: &mut Artifacts, _: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut messages = Placed::array(whole);
    for line in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        let mut message = Placed::object(line);
        message.put_text("message", line);
        if let Some((_, error)) = line.split_once("Error response from daemon: ") {
            message.put_text("error", error);
            let url = error.words().find(|word| word.starts_with("https://"));
            if let Some(url) = url {
                message.put_text("url", url.strip_suffix(":").unwrap_or(url));
            }
        }
        messages.push(message);
    }
    let mut root = Placed::object(whole);
    root.put("messages", messages);
    add_document(part, ANSWER.name(), root, false, artifacts);
}

/// The names that a template of `docker ps` has: `table {{.Names}}\t{{.Status}}`.
fn template(line: &CommandLine) -> Option<Vec<&str>> {
    if !matches!(line.program.as_str(), "docker" | "nerdctl" | "podman") {
        return None;
    }
    let text = line.option(&["--format"])?;
    let names: Vec<&str> = text
        .split("{{")
        .skip(1)
        .filter_map(|part| Some(part.split_once("}}")?.0.trim().trim_start_matches('.')))
        .collect();
    let plain = |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
    let words = line.positional();
    let lists = words.first() == Some(&"ps") || words.contains(&"ls") || words.first() == Some(&"images");
    (lists && !names.is_empty() && names.iter().all(plain)).then_some(names)
}

/// The cells of a row: separated by tabs, which `table` makes three blanks or more.
fn cells(line: Piece<'_>, count: usize) -> Option<Vec<Piece<'_>>> {
    if count == 1 {
        return Some(vec![line.trim()]);
    }
    let mut found = Vec::new();
    let mut rest = line.trim();
    while found.len() + 1 < count {
        let at = rest.find('\t').into_iter().chain(rest.find("   ")).min()?;
        found.push(rest.part(0..at).trim());
        rest = rest.skip(at).trim();
    }
    found.push(rest);
    Some(found)
}

fn names_of(hint: &Hint) -> Option<CommandLine> {
    let line = hint.line.as_ref()?;
    Some(line.inner().unwrap_or_else(|| line.clone()))
}

fn sniff_rows(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    if !hint.expects(ROWS) || is_message(line) {
        return None;
    }
    let command = names_of(hint)?;
    let count = template(&command)?.len();
    let own = |line: &str| !line.trim().is_empty() && cells(Piece::new(line), count).is_some();
    let len = ends(rest).take_while(|(line, _)| own(line)).last()?.1;
    Some(Taken {
        len,
        format: ROWS,
        confidence: 0.95,
    })
}

fn read_rows(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let command = part.command().unwrap_or_default();
    let names = template(&command).unwrap_or_default();
    let mut rows = Placed::array(whole);
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let Some(cells) = cells(line, names.len()).filter(|_| !names.is_empty()) else {
            unread.line(line, ROWS.title());
            continue;
        };
        // The titles of `table` are the names in capitals.
        let titles = names
            .iter()
            .zip(&cells)
            .all(|(name, cell)| name.eq_ignore_ascii_case(cell));
        if titles {
            continue;
        }
        let mut row = Placed::object(line);
        for (name, cell) in names.iter().zip(cells) {
            row.put_text(name, cell);
        }
        rows.push(row);
    }
    let complete = unread.finish() && !command.filtered();
    let mut root = Placed::object(whole);
    let list = if command.positional().contains(&"images") {
        "images"
    } else {
        "containers"
    };
    root.put(list, rows);
    add_document(part, ROWS.name(), root, complete, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::only;
    use serde_json::json;

    #[test]
    fn logins_and_what_the_daemon_refused() {
        let text = include_str!("../../../../tests/samples/docker-answer/pull.txt");
        let bare = text.split_once('\n').unwrap().1;
        for text in [text, bare] {
            let read = only("docker-answer", text);
            assert_eq!(read["messages"][1]["message"], "Login Succeeded");
            assert_eq!(
                read["messages"][2]["url"],
                "https://111122223333.dkr.ecr.eu-west-1.amazonaws.com/v2/shop/manifests/1"
            );
        }
    }

    #[test]
    fn rows_by_a_template() {
        let text = include_str!("../../../../tests/samples/docker-rows/names.txt");
        assert_eq!(
            only("docker-rows", text)["containers"],
            json!([{"Names": "k8s_etcd_etcd-m01_kube-system_3c0e_3", "Status": "Up 7 months"},
                {"Names": "k8s_kube-proxy_x", "Status": "Up 2 hours"}])
        );
        assert_eq!(
            only(
                "docker-rows",
                "$ docker ps --format '{{.Names}}' | grep -v POD\nk8s_kube-proxy_x\n"
            )["containers"],
            json!([{"Names": "k8s_kube-proxy_x"}])
        );
    }
}
