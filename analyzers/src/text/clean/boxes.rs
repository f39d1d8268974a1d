//! Borders drawn with box characters (U+2500 to U+257F), as k9s and other full-screen programs print them around tables.

fn vertical(c: char) -> bool {
    matches!(c, '│' | '┃' | '║' | '┆' | '┇' | '┊' | '┋' | '╎' | '╏')
}

fn drawn(c: char) -> bool {
    ('\u{2500}'..='\u{257f}').contains(&c)
}

/// A corner or a branch at the left end of a border.
fn left(c: char) -> bool {
    matches!(
        c,
        '┌' | '╭' | '├' | '└' | '╰' | '╔' | '╠' | '╚' | '┏' | '┣' | '┗' | '╒' | '╞' | '╘'
    )
}

/// A corner or a branch at its right end.
fn right(c: char) -> bool {
    matches!(
        c,
        '┐' | '╮' | '┤' | '┘' | '╯' | '╗' | '╣' | '╝' | '┓' | '┫' | '┛' | '╕' | '╡' | '╛'
    )
}

/// A line without the border around it, where it has one at both ends. Trees (`├─kubelet`) and rules (`────`) are text.
pub fn clean(line: &str) -> Option<String> {
    let trimmed = line.trim();
    let mut ends = trimmed.chars();
    let (first, last) = (ends.next()?, ends.next_back()?);
    if vertical(first) && vertical(last) {
        let inside = ends.as_str();
        let inside = inside.strip_prefix(' ').unwrap_or(inside);
        // The columns keep their places; k9s marks the column that it sorts by.
        let text: String = inside
            .chars()
            .map(|c| {
                if vertical(c) || matches!(c, '↑' | '↓') {
                    ' '
                } else {
                    c
                }
            })
            .collect();
        return Some(text.trim_end().to_owned());
    }
    if left(first) && right(last) {
        let inside = ends.as_str();
        if inside.chars().all(|c| drawn(c) || c == ' ') {
            return Some(String::new());
        }
        // `┌──── Pods(shop)[3] ────┐`: a title inside the border. A prompt's frame has one stroke before its text.
        let strokes = |mut chars: Box<dyn Iterator<Item = char> + '_>| (0..3).all(|_| chars.next().is_some_and(drawn));
        if strokes(Box::new(inside.chars())) && strokes(Box::new(inside.chars().rev())) {
            return Some(inside.trim_matches(|c: char| drawn(c) || c == ' ').to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn the_frame_of_k9s_is_taken_off() {
        for (line, wanted) in [
            ("┌──────────────── Pods(shop)[2] ────────────────┐", "Pods(shop)[2]"),
            (
                "│ NAME↑    PF   READY   STATUS      RESTARTS     │",
                "NAME     PF   READY   STATUS      RESTARTS",
            ),
            (
                "│ web-0    ●    1/1     Running     0            │",
                "web-0    ●    1/1     Running     0",
            ),
            ("└────────────────────────────────────────────────┘", ""),
            ("├──────┼──────┤", ""),
            ("│ a    │ b    │", "a      b"),
        ] {
            assert_eq!(clean(line).as_deref(), Some(wanted), "{line}");
        }
    }

    #[test]
    fn trees_rules_and_prompts_stay() {
        for line in [
            "             ├─3456 /usr/bin/kubelet --config /etc/kubernetes/kubelet/config.json",
            "             └─3457 /pause",
            "──────────────",
            "╭─ ~/infra  main ─────────────────── 10:22:33 ─╮",
            "| ascii | table |",
            "+-------+-------+",
        ] {
            assert_eq!(clean(line), None, "{line}");
        }
    }
}
