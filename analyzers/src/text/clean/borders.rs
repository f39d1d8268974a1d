//! A border at the left side only, as a terminal that shows several panes leaves it before the lines of the right one (`│$ kubectl …`).

use super::Line;
use super::edge::{command_like, is_table};

/// Takes the border off every run of lines that carry the same one, where a command or kubectl's table stands behind it. Trees and the
/// messages of Terraform (`│ Error: …` below `╷`) are drawn with it as well.
pub fn strip(lines: &mut [Line<'_>]) -> bool {
    let mut changed = false;
    let mut before = "";
    for run in lines.chunk_by_mut(|a, b| border(a.text) == border(b.text)) {
        let last = run.last().map_or("", |line| line.text);
        if border(run.first().map_or("", |line| line.text)).is_some() && is_pane(before, run) {
            let gap = run
                .iter()
                .all(|line| inside(line.text).is_empty() || inside(line.text).starts_with(' '));
            for line in run {
                let text = inside(line.text);
                line.text = if gap {
                    text.strip_prefix(' ').unwrap_or(text)
                } else {
                    text
                };
            }
            changed = true;
        }
        before = last;
    }
    changed
}

/// The border that a line begins with.
pub fn border(line: &str) -> Option<char> {
    line.chars().next().filter(|c| matches!(c, '│' | '┃' | '║'))
}

/// What stands behind it.
fn inside(line: &str) -> &str {
    let mut chars = line.chars();
    chars.next();
    chars.as_str()
}

fn is_pane(before: &str, run: &[Line<'_>]) -> bool {
    let text = |line: &Line<'_>| inside(line.text).trim_start().to_owned();
    let drawn = run.iter().any(|line| text(line).starts_with(['├', '└', '│', '╵']));
    let told = run
        .iter()
        .any(|line| command_like(&text(line)) || is_table(&text(line)));
    run.len() > 1 && told && !drawn && !before.trim_start().starts_with(['╷', '├', '└'])
}

#[cfg(test)]
mod tests {
    use super::super::clean;

    fn cleaned(text: &str) -> String {
        clean(text.to_owned()).text
    }

    #[test]
    fn the_border_of_the_right_pane_is_taken_off() {
        assert_eq!(
            cleaned("│$ kubectl get ns\n│NAME   STATUS   AGE\n│blue   Active   9d\n│\n"),
            "$ kubectl get ns\nNAME   STATUS   AGE\nblue   Active   9d\n\n"
        );
        assert_eq!(
            cleaned("x\n┃ [root@ip-10-20-4-17 ~]# ip rule\n┃ 0:\tfrom all lookup local\n"),
            "x\n[root@ip-10-20-4-17 ~]# ip rule\n0:\tfrom all lookup local\n"
        );
    }

    #[test]
    fn what_is_drawn_with_it_stays() {
        for text in [
            "╷\n│ Error: no such cluster\n│ \n│   $ aws eks list-clusters\n│ prints them\n╵\n",
            "│ one\n│ two\n",
            "│ $ kubectl get pods\n│ ├─ web\n",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }
}
