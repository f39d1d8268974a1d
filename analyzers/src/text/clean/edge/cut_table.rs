//! kubectl's tables of which the right side is missing: their header ends before columns that kubectl always prints, or the command itself
//! cuts its output (`| cut -c1-80`).

use std::borrow::Cow;

use super::super::{Line, Note};
use super::WIDTHS;
use super::asked::{self, Asked, asked};
use super::columns::{is_header, under};
use super::prompt::prompt_like;
use super::width::width;
use crate::text::columns::{ALL, Columns};

/// With fewer columns a header may be that of any resource.
const TELLING: usize = 4;

/// How sure it is that columns are missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// kubectl never ends a header there.
    Surely,
    /// It does without `-o wide`, and the command has it; or an older one did.
    Perhaps,
    No,
}

/// Whether a text may hold such a table below what stands before its lines.
pub(in super::super) fn may_cut_tables(text: &str) -> bool {
    // One look a line is enough.
    let mut seen = 0;
    memchr::memmem::find_iter(text.as_bytes(), b"NAME  ").any(|at| {
        if at < seen {
            return false;
        }
        let header = text
            .get(at..)
            .unwrap_or_default()
            .split('\n')
            .next()
            .unwrap_or_default();
        seen = at + header.len();
        may_be_cut(header)
    })
}

/// Whether a line is the header of a table of which columns may be missing; with `-A` the namespace is the first.
pub(in super::super) fn may_be_cut(line: &str) -> bool {
    let names = line.trim_end_matches('\r').trim_start_matches("NAMESPACE").trim_start();
    names.starts_with("NAME  ") && missing(names, "get -o wide") != Missing::No
}

/// Marks the cells that reach the edge at which such tables were cut, and says so. Whether any was.
pub(in super::super) fn mark(lines: &mut [Line<'_>], notes: &mut Vec<Note>) -> bool {
    let mut any = false;
    let mut command = Cow::Borrowed("");
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let text = line.text;
        if is_header(text) && text.starts_with("NAME") {
            let rows = rows(lines, at);
            any |= table(
                lines.get_mut(at..=at + rows).unwrap_or_default(),
                at + 1,
                &command,
                notes,
            );
            at += rows;
        } else if prompt_like(text) {
            command = asked::whole(lines, at);
            if let Some(edge) = cutter(text) {
                any |= output(lines.get_mut(at + 1..).unwrap_or_default(), at + 2, edge, notes);
            }
        }
        at += 1;
    }
    any
}

/// How many rows stand under a header.
fn rows(lines: &[Line<'_>], header: usize) -> usize {
    let columns = super::columns::columns(lines.get(header).map_or("", |line| line.text));
    let row = |line: &&Line<'_>| {
        !line.text.is_empty() && under(&columns, line.text) && !is_header(line.text) && !prompt_like(line.text)
    };
    lines.iter().skip(header + 1).take_while(row).count()
}

/// Where `… | cut -c1-80` cuts.
fn cutter(command: &str) -> Option<usize> {
    let (_, last) = command.rsplit_once('|')?;
    let mut words = last.split_ascii_whitespace();
    if words.next() != Some("cut") {
        return None;
    }
    let option = words.next()?;
    let list = option.strip_prefix("-c").or_else(|| option.strip_prefix("-b"))?;
    let list = if list.is_empty() { words.next()? } else { list };
    let last = list.strip_prefix("1-").or_else(|| list.strip_prefix('-'))?;
    let edge = last.parse().ok()?;
    (words.next().is_none() && WIDTHS.contains(&edge)).then_some(edge)
}

/// The lines of an output that the command cut.
fn output(lines: &mut [Line<'_>], first: usize, edge: usize, notes: &mut Vec<Note>) -> bool {
    let end = lines
        .iter()
        .position(|line| prompt_like(line.text))
        .unwrap_or(lines.len());
    let mut cut: Option<(usize, usize)> = None;
    for (at, line) in lines.iter_mut().take(end).enumerate() {
        // A line that ends as one of JSON does may be whole, and nothing in it is half a value.
        let whole = line.text.ends_with([',', '{', '}', '[', ']', ' ', '…']) || line.joined || line.cut;
        // A header's names are known as they are.
        if whole || width(line.text) != edge || is_header(line.text) {
            continue;
        }
        line.cut = true;
        cut = Some((cut.map_or(at, |(from, _)| from), at));
    }
    let Some((from, to)) = cut else { return false };
    notes.push(Note {
        lines: (first + from, first + to),
        message: format!(
            "The command cuts its lines after {edge} characters: the last cell of those that are as long is not whole and what stood \
             right of it is missing. Run it again without `cut`, and paste that."
        ),
        missing: true,
    });
    true
}

/// A header and its rows.
fn table(table: &mut [Line<'_>], first: usize, command: &str, notes: &mut Vec<Note>) -> bool {
    let Some((header, rows)) = table.split_first_mut() else {
        return false;
    };
    let missing = missing(header.text, command);
    if missing == Missing::No || rows.is_empty() || header.joined || rows.iter().any(|row| row.joined || row.cut) {
        return false;
    }
    let head = width(header.text);
    let edge = rows.iter().map(|row| width(row.text)).max().unwrap_or_default();
    let full = rows.iter().filter(|row| width(row.text) == edge).count();
    if !WIDTHS.contains(&edge) || head > edge || full + usize::from(head == edge) < 2 {
        return false;
    }
    // Without kubectl's command somebody may have chosen columns; the blanks before the next one tell.
    let padded = head == edge && header.text.ends_with(' ');
    if !(command.contains(" get ") || padded) {
        return false;
    }
    // A column of values that are equally long ends so as well.
    let even =
        |row: &Line<'_>| width(row.text) == edge && !row.text.ends_with(['>', ' ']) && !row.text.ends_with(".internal");
    if missing == Missing::Perhaps && !rows.iter().all(even) {
        return false;
    }
    let last = header.text.trim_end().rsplit("  ").next().unwrap_or_default().trim();
    notes.push(Note {
        lines: (first, first + rows.len()),
        message: format!(
            "This table was cut after {edge} characters, in or after its column {last}: cells that reach that edge are not whole and \
             what stood right of them is missing. Run the command again into a file, or with a wider terminal, and paste that."
        ),
        missing: true,
    });
    for row in rows {
        row.cut = width(row.text) == edge && !row.text.ends_with([' ', '>']);
    }
    true
}

/// Whether columns are missing at the end of a header.
fn missing(header: &str, command: &str) -> Missing {
    let mut names: Vec<&str> = header
        .split("  ")
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    if names.first() == Some(&"NAMESPACE") {
        names.remove(0);
    }
    let Some((last, whole)) = names.split_last().filter(|_| names.len() >= TELLING) else {
        return Missing::No;
    };
    let begins = |layout: &&Columns| {
        layout.wide.starts_with(whole) && layout.wide.get(whole.len()).is_some_and(|name| name.starts_with(last))
    };
    let known = || ALL.iter().filter(begins);
    let ends_at = |layout: &Columns, count: usize| names.len() == count && layout.wide.get(count - 1) == Some(last);
    // Tools that choose columns leave others out, and so does a command that names them.
    let asked = asked(command);
    let chosen = asked == Asked::Own
        || command.split('|').skip(1).any(|tool| {
            let tool = tool.split_ascii_whitespace().next().unwrap_or_default();
            !matches!(
                tool,
                "grep" | "egrep" | "head" | "tail" | "less" | "more" | "cat" | "tee" | "sort" | "cut"
            )
        });
    if known().next().is_none() || chosen || known().any(|layout| ends_at(layout, layout.wide.len())) {
        return Missing::No;
    }
    if known().any(|layout| ends_at(layout, layout.narrow.len())) {
        return if asked == Asked::Wide {
            Missing::Perhaps
        } else {
            Missing::No
        };
    }
    if known().any(|layout| (layout.older..layout.wide.len()).any(|count| ends_at(layout, count))) {
        // Once no column was narrower than ten characters (`tabwriterMinWidth` in kubernetes `pkg/printers/tabwriter.go`, 6 since):
        // it is the older one.
        return if header.contains("READY     STATUS") {
            Missing::No
        } else {
            Missing::Perhaps
        };
    }
    Missing::Surely
}

#[cfg(test)]
mod tests {
    use super::super::super::clean;

    fn lines(text: &str) -> (Vec<String>, usize) {
        let cleaned = clean(text.to_owned());
        (cleaned.text.lines().map(str::to_owned).collect(), cleaned.notes.len())
    }

    #[test]
    fn cells_at_the_edge_of_a_wide_table_without_its_last_columns_are_not_whole() {
        let (seen, notes) = lines(
            "$ kubectl get pods -n blue -o wide\n\
             NAME         READY   STATUS    RESTARTS   AGE   IP            NODE\n\
             api-7c-k2x   1/1     Running   0          9d    10.20.4.17    ip-1\n\
             web-5d-q8z   1/1     Running   2          9d    10.20.31.40   ip-1\n",
        );
        assert_eq!(notes, 1);
        assert!(seen[2].ends_with("10.20.4.17    ip-1…"), "{seen:?}");
        assert!(seen[3].ends_with("10.20.31.40   ip-1…"), "{seen:?}");
        assert!(seen[1].ends_with("NODE"));
    }

    #[test]
    fn a_header_that_kubectl_never_ends_so_tells_without_the_command() {
        let (seen, notes) = lines(
            "NAMESPACE   NAME   TYPE           CLUSTER-IP     EXTERNAL-IP      \n\
             blue        api    ClusterIP      10.100.7.1     <none>           \n\
             blue        edge   LoadBalancer   10.100.90.12   k8s-blue-edge-0a1\n",
        );
        assert_eq!(notes, 1);
        assert!(seen[2].ends_with("k8s-blue-edge-0a1…"), "{seen:?}");
        assert!(seen[1].ends_with("<none>           "), "{seen:?}");
    }

    #[test]
    fn an_older_table_whose_nodes_have_names_of_one_length_is_whole() {
        let text = "$ kubectl get pods -o wide\n\
            NAME                         READY     STATUS    RESTARTS   AGE       IP            NODE\n\
            gauge-feeder-2718281-ab1cd   1/1       Running   0          3d        10.64.3.22   pool-blue-7f3ad8c\n\
            api-11235813-zz9yx           1/1       Running   0          3d        10.64.3.25   pool-blue-7f3ad8d\n";
        // As wide as a terminal.
        assert_eq!(text.lines().nth(2).map(str::len), Some(100));
        let (seen, notes) = lines(text);
        assert_eq!((seen.join("\n") + "\n", notes), (text.to_owned(), 0));
    }

    #[test]
    fn what_the_command_cuts_is_not_whole() {
        let (seen, notes) = lines(
            "$ kubectl get nodes -o wide | cut -c 1-45\n\
             NAME               STATUS   ROLES    AGE   VE\n\
             ip-10-20-4-17.ec   Ready    <none>   9d    v1\n\
             $ kubectl get ns\n\
             NAME                                STATUS\n\
             a-name-that-is-as-long-as-the-lines-abov   AB\n",
        );
        assert_eq!(notes, 1);
        assert!(seen[2].ends_with("v1…"), "{seen:?}");
        assert!(seen[5].ends_with("   AB"), "{seen:?}");
    }

    #[test]
    fn whole_tables_stay() {
        for text in [
            // Columns that the command names.
            "$ kubectl get pods -o custom-columns=NAME:.metadata.name,READY:.a,STATUS:.status.phase,RESTARTS:.b,AGE:.metadata.creationTimestamp,IP:.status.podIP\n\
             NAME         READY    STATUS    RESTARTS   AGE                    IP\n\
             api-7c-k2x   <none>   Running   <none>     2024-11-21T09:58:02Z   10.20.4.17\n\
             web-5d-q8z   <none>   Running   <none>     2024-11-20T18:31:40Z   10.20.3.40\n",
            "$ kubectl get pods \\\n\
             >   -o=custom-columns=NAME:.metadata.name,READY:.a,STATUS:.status.phase,RESTARTS:.b,AGE:.c,IP:.status.podIP\n\
             NAME         READY    STATUS    RESTARTS   AGE      IP\n\
             api-7c-k2x   <none>   Running   <none>     <none>   10.20.4.17\n\
             web-5d-q8z   <none>   Running   <none>     <none>   10.20.3.40\n",
            // A label's value, in a column of its name.
            "$ kubectl get pods -L ip\n\
             NAME         READY   STATUS    RESTARTS   AGE   IP\n\
             api-7c-k2x   1/1     Running   0          9d    10.20.4.17\n\
             web-5d-q8z   1/1     Running   2          9d    10.20.3.40\n",
            // Columns that somebody chose.
            "NAME         READY   STATUS    RESTARTS   AGE   IP\n\
             api-7c-k2x   1/1     Running   0          9d    10.20.4.17\n\
             web-5d-q8z   1/1     Running   2          9d    10.20.3.40\n",
            // kubectl before 1.11, with names of nodes that are equally long.
            "$ kubectl get pods -o wide\n\
             NAME         READY   STATUS    RESTARTS   AGE   IP            NODE\n\
             api-7c-k2x   1/1     Running   0          9d    10.20.4.17    ip-10-20-4-9.ec2.internal\n\
             web-5d-q8z   1/1     Running   2          9d    10.20.31.40   ip-10-20-3-2.ec2.internal\n",
            "$ kubectl get pods -o wide\n\
             NAME         READY   STATUS    RESTARTS   AGE   IP            NODE\n\
             api-7c-k2x   1/1     Running   0          9d    10.20.4.17    worker-2\n\
             web-5d-q8z   1/1     Running   2          9d    10.20.31.40   worker-11\n",
            "$ kubectl get pods\n\
             NAME         READY   STATUS    RESTARTS   AGE\n\
             api-7c-k2x   1/1     Running   0          9d2h\n\
             web-5d-q8z   1/1     Running   2          9d2h\n",
            "$ kubectl get svc -o wide | awk '{print $1,$2,$3,$4}' | column -t\n\
             NAME  TYPE       CLUSTER-IP      EXTERNAL-IP\n\
             api   ClusterIP  10.100.7.1      k8s-blue.one\n\
             web   ClusterIP  10.100.7.2      k8s-blue.two\n",
        ] {
            let (seen, notes) = lines(text);
            assert_eq!((seen.join("\n") + "\n", notes), (text.to_owned(), 0));
        }
    }
}
