//! Commands that the edge broke: the line of a prompt is as wide as the terminal, and the line below it is no output.

use std::collections::BTreeMap;

use super::super::Line;
use super::columns::{capitals, is_header};
use super::entry::begins_entry;
use super::prompt::{command_like, prompt_like, title_like};
use super::{NARROW, each_part, edge_of};

/// How many lines one command may take.
const PIECES: usize = 8;

/// Joins the broken commands of a text, where the terminal's width is known, or where two commands tell the same. Whether any was.
pub(super) fn join(lines: &mut [Line<'_>], known: Option<usize>) -> bool {
    let mut found = BTreeMap::<usize, Vec<(usize, usize)>>::new();
    each_part(lines, |part, first| {
        let Some(edge) = edge_of(part).filter(|edge| *edge >= NARROW) else {
            return;
        };
        if part.iter().any(|line| line.cut) {
            return;
        }
        let full = (0..part.len()).filter(|at| part.get(*at).is_some_and(|line| line.width() == edge));
        for at in full {
            let rests = rests(part.get(at..).unwrap_or_default(), edge);
            if rests > 0 {
                found.entry(edge).or_default().push((first - 1 + at, rests));
            }
        }
    });
    let mut joined = false;
    for (edge, commands) in found {
        if known != Some(edge) && commands.len() < 2 {
            continue;
        }
        for (at, rests) in commands {
            for line in lines.get_mut(at..at + rests).unwrap_or_default() {
                line.joined = true;
                joined = true;
            }
        }
    }
    joined
}

/// How many of the next lines are surely the rest of the command on the first line, which is as wide as the terminal.
fn rests(part: &[Line<'_>], edge: usize) -> usize {
    let Some(command) = part.first().filter(|line| !line.joined && command_like(line.text)) else {
        return 0;
    };
    let mut count = 0;
    while count < PIECES
        && part.get(count).is_some_and(|line| line.width() == edge)
        && part
            .get(count + 1)
            .is_some_and(|line| !line.joined && is_piece(line.text))
    {
        count += 1;
    }
    let pieces = part.get(1..=count).unwrap_or_default();
    let text = |at: usize| part.get(at).map_or("", |line| line.text);
    let all = || std::iter::once(command).chain(pieces).map(|line| line.text);
    let open = |text: &str| text.bytes().filter(|byte| *byte == b'\'').count() % 2 == 1;
    let closes = open(command.text) && !open(&all().collect::<String>());
    // What these print may look like a command.
    let prints = [
        "cat ", "ps ", "history", "grep ", "echo ", "logs ", "tail ", "head ", "less ", "stern ",
    ]
    .iter()
    .any(|program| command.text.contains(program));
    let options = !prints && pieces.iter().any(|line| has_option(line.text));
    let wants = wants_more(command.text);
    let ends =
        |line: &Line<'_>| is_word(line.text) || (wants && line.text.starts_with(|c: char| c.is_ascii_lowercase()));
    let before_output = begins_output(text(count + 1)) && pieces.iter().all(ends);
    if count > 0 && (closes || options || before_output) {
        count
    } else {
        0
    }
}

/// Whether a line can be the rest of a command: nothing that a program begins its output with.
fn is_piece(line: &str) -> bool {
    let named = line.split_once(": ").is_some_and(|(name, _)| !name.contains(' '));
    !(line.trim().is_empty()
        || named
        || line.contains("  ")
        || line.contains('\t')
        || line.starts_with(['{', '[', '<', '#', '*', '}', ']', '|', '>', '='])
        // Rules of iptables.
        || line.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        || prompt_like(line)
        || is_header(line)
        || capitals(line)
        || begins_entry(line)
        || title_like(line))
}

/// Whether an option stands in a line: `-n shop`, `--region eu-west-1`.
fn has_option(line: &str) -> bool {
    line.split(' ').any(|word| {
        let name = word.strip_prefix("--").unwrap_or_default();
        let long = name.len() > 2
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'=' | b'.'));
        long || matches!(word, "-n" | "-o" | "-l" | "-c" | "-A" | "-f")
    })
}

/// Whether a command breaks off in an option that stands with a value, or in its name.
fn wants_more(command: &str) -> bool {
    let last = command.rsplit(' ').next().unwrap_or_default();
    let alone = [
        "all-namespaces",
        "headers",
        "labels",
        "watch",
        "pager",
        "all",
        "help",
        "previous",
    ];
    last.starts_with("--") && !last.contains('=') && !alone.iter().any(|flag| last.ends_with(flag))
}

/// Whether a line is one word of a command's end, and no sentence.
fn is_word(line: &str) -> bool {
    let line = line.trim();
    !line.contains(' ') && !line.ends_with('.') && line.parse::<f64>().is_err()
}

/// Whether a line surely begins an output of more than one line.
fn begins_output(line: &str) -> bool {
    matches!(line.trim_end(), "{" | "[") || is_header(line)
}

#[cfg(test)]
mod tests {
    use super::super::super::clean;

    fn cleaned(text: &str) -> String {
        clean(text.to_owned()).text
    }

    /// A command as a terminal of 80 columns shows it.
    fn broken(command: &str) -> String {
        let (line, rest) = command.split_at(80);
        format!("{line}\n{rest}\n")
    }

    const OPTIONS: &str = "[root@ip-10-20-4-17 ~]# kubectl get endpointslices --namespace blue --selector kubernetes.io/service-name=web -o wide";
    const WORD: &str =
        "[root@ip-10-20-4-17 ~]# aws eks describe-cluster --name blue --query cluster.resourcesVpcConfig";
    const QUOTED: &str =
        "[root@ip-10-20-4-17 ~]# kubectl get pods -o jsonpath='{.items[*].status.podIP} {.items[*].spec.nodeName}'";

    #[test]
    fn two_commands_tell_the_edge() {
        let text = |first: &str, second: &str| {
            format!("{first}NAME   AGE\nweb    3d\n{second}{{\n  \"vpcId\": \"vpc-0a1b\"\n}}\n")
        };
        assert_eq!(
            cleaned(&text(&broken(OPTIONS), &broken(WORD))),
            text(&format!("{OPTIONS}\n"), &format!("{WORD}\n"))
        );
        assert_eq!(
            cleaned(&text(&broken(QUOTED), &broken(WORD))),
            text(&format!("{QUOTED}\n"), &format!("{WORD}\n"))
        );
    }

    #[test]
    fn an_option_that_breaks_off_wants_its_rest() {
        let command = "[root@ip-10-20-4-17 ~]# kubectl get pods --sort-by=.status.startTime -n blu --context arn:aws:eks:eu-west-1:111122223333:cluster/blue -v 0";
        assert!(command.split_at(80).0.ends_with(" --co"));
        let text = |first: &str| format!("{first}NAME   AGE\nweb    3d\n{first}NAME   AGE\nweb    3d\n");
        assert_eq!(cleaned(&text(&broken(command))), text(&format!("{command}\n")));
        let whole = "[root@ip-10-20-4-17 ~]# kubectl get pods --sort-by=.status.startTimes -A --watch";
        let text = text(&format!("{whole}\nwatching until it ends\n"));
        assert_eq!(cleaned(&text), text);
    }

    #[test]
    fn what_may_be_an_output_stays() {
        let command = WORD.split_at(80).0;
        for next in [
            "eu-west-1",
            "error: no cluster --name blue",
            "Unable to locate credentials.",
            "-A FORWARD -j ACCEPT",
        ] {
            let text = format!("{command}\n{next}\n{command}\n{next}\n");
            assert_eq!(cleaned(&text), text);
        }
        // One command alone may be as wide as the terminal by chance.
        let text = format!("{}{{\n  \"vpcId\": \"vpc-0a1b\"\n}}\n", broken(WORD));
        assert_eq!(cleaned(&text), text);
        // A wider line: no edge broke these.
        let text = format!("{}{{\n}}\n{}{{\n}}\n{}\n", broken(WORD), broken(WORD), "x".repeat(90));
        assert_eq!(cleaned(&text), text);
    }
}
