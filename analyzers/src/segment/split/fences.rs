//! A ticket often has the command in one block of code and what it printed in the next.

use super::Region;
use crate::segment::sniff::{self, Hint, ends};

/// Lends the command of a block without an output to the block below it, where nothing stands between them but the announcement of an
/// output. Whether the output is the command's is for [`fits`] to say.
pub fn lend(text: &str, regions: &mut [Region]) {
    let blank = |region: &Region| text.get(region.body.clone()).is_none_or(|body| body.trim().is_empty());
    for at in 3..regions.len() {
        let Some([open, typed, between, _]) = regions.get(at - 3..=at) else {
            continue;
        };
        // The only command of its block.
        let alone = open.opened && open.command.is_none() && blank(open) && typed.closed && blank(typed);
        let announced = between.opened && between.closed && between.command.is_none();
        if !alone || !announced || !text.get(between.body.clone()).is_some_and(announces) {
            continue;
        }
        let lent = typed
            .command
            .clone()
            .map(|command| (command, typed.within.clone(), typed.at.clone()));
        if let Some(output) = regions.get_mut(at)
            && output.opened
            && output.command.is_none()
            && !blank(output)
        {
            output.lent = lent;
        }
    }
}

/// Whether a text between two blocks is empty or a title that says that an output follows.
fn announces(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "output", "outputs", "result", "results", "returns", "returned", "gives", "prints", "shows", "response",
    ];
    const NOTHING: [&str; 5] = ["nothing", "no", "not", "empty", "other"];
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let Some(line) = lines.next() else { return true };
    let words: Vec<String> = line
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let any = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    lines.next().is_none() && words.len() <= 6 && any(&WORDS) && !any(&NOTHING)
}

/// Whether an output is what a command in the block above prints: its first part has that format, and no other is surer.
pub fn fits(body: &str, hint: &Hint) -> bool {
    let first = ends(body).find(|(line, _)| !line.trim().is_empty());
    let Some((line, rest)) = first.and_then(|(line, end)| Some((line, body.get(start_of(body, end)..)?))) else {
        return false;
    };
    let Some(taken) = sniff::first(line, rest, hint).filter(|taken| hint.expects(taken.format)) else {
        return false;
    };
    match sniff::sure(line, rest) {
        Some(alone) => alone.format == taken.format,
        None => taken.confidence >= sniff::SURE,
    }
}

/// Where the line begins that ends there.
fn start_of(body: &str, end: usize) -> usize {
    let line = body.get(..end).unwrap_or_default();
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.rfind('\n').map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use crate::{Input, analysis};

    /// Format and command of each segment.
    fn parts(text: &str) -> Vec<(&'static str, Option<String>)> {
        let input = Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let analysis = analysis::read(vec![input], &mut |_| {});
        let part = |segment: &crate::segment::Segment| {
            let command = segment.command.as_ref().map(|command| command.text.clone());
            (segment.format.name(), command)
        };
        analysis.segments.iter().map(part).collect()
    }

    const TABLE: &str =
        "```\nNAME       READY   STATUS    RESTARTS   AGE\nledger-0   1/1     Running   0          3d\n```\n";
    const LOG: &str = "```\nlistening on 8443\nthe queue is empty\n```\n";

    #[test]
    fn the_output_in_the_next_block_is_the_commands() {
        for between in ["", "\n", "\nOutput:\n\n", "**Result**\n", "which gives:\n"] {
            let found = parts(&format!("```bash\nkubectl get pods -n pay\n```\n{between}{TABLE}"));
            let last = found.last().unwrap();
            assert_eq!(
                *last,
                ("kubectl-table", Some("kubectl get pods -n pay".to_owned())),
                "{between}"
            );
        }
        let found = parts(&format!("~~~\n$ kubectl logs -n pay ledger-0\n~~~\nOutput:\n{LOG}"));
        assert_eq!(
            *found.last().unwrap(),
            ("log", Some("kubectl logs -n pay ledger-0".to_owned()))
        );
    }

    #[test]
    fn another_output_has_no_command() {
        for text in [
            // Words between that announce nothing, or something else.
            format!("```bash\nkubectl get pods -n pay\n```\nshows nothing\n{TABLE}"),
            format!("```bash\nkubectl get pods -n pay\n```\nAnd in the other namespace:\n{TABLE}"),
            // Of two commands nothing tells which.
            format!("```bash\nkubectl get pods -n pay\nkubectl get pods -n shop\n```\n{TABLE}"),
            // Another format.
            format!("```bash\nkubectl logs -n pay ledger-0\n```\nOutput:\n{TABLE}"),
            format!("```bash\nkubectl describe pod -n pay ledger-0\n```\n{TABLE}"),
            // The block after the next.
            format!("```bash\nkubectl get pods -n pay\n```\n```\nnothing to see\n```\n{TABLE}"),
        ] {
            let found = parts(&text);
            assert_eq!(*found.last().unwrap(), ("kubectl-table", None), "{text}");
        }
    }
}
