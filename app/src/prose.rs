//! The little Markdown that a rule's page uses, as values: paragraphs, lists, fenced code, inline code, emphasis.
//! What a value of the paste brings along is never taken for markup of the page: everything becomes text.

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list, and whether it is numbered.
    List(bool, Vec<Vec<Inline>>),
    /// A fenced block.
    Code(String),
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Words.
    Text(String),
    /// Between backticks.
    Code(String),
    /// Between two asterisks each.
    Strong(String),
}

/// Reads the blocks of a text.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    let mut paragraph = String::new();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        let ticks = trimmed.chars().take_while(|&c| c == '`').count();
        if ticks >= 3 {
            end_paragraph(&mut paragraph, &mut blocks);
            let indent = line.len() - trimmed.len();
            let code: Vec<&str> = lines
                .by_ref()
                .take_while(|line| {
                    let line = line.trim();
                    line.len() < ticks || line.bytes().any(|byte| byte != b'`')
                })
                .map(|line| {
                    line.get(indent..)
                        .filter(|_| line.is_char_boundary(indent))
                        .unwrap_or(line.trim_start())
                })
                .collect();
            blocks.push(Block::Code(code.join("\n")));
        } else if trimmed.is_empty() {
            end_paragraph(&mut paragraph, &mut blocks);
        } else if let Some((numbered, item)) = list_item(trimmed) {
            end_paragraph(&mut paragraph, &mut blocks);
            match blocks.last_mut() {
                Some(Block::List(kind, items)) if *kind == numbered => items.push(inlines(item)),
                _ => blocks.push(Block::List(numbered, vec![inlines(item)])),
            }
        } else if paragraph.is_empty()
            && line.starts_with(' ')
            && let Some(Block::List(_, items)) = blocks.last_mut()
            && let Some(last) = items.last_mut()
        {
            last.push(Inline::Text(" ".into()));
            last.extend(inlines(trimmed));
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(trimmed.trim_end());
        }
    }
    end_paragraph(&mut paragraph, &mut blocks);
    blocks
}

fn end_paragraph(paragraph: &mut String, blocks: &mut Vec<Block>) {
    if !paragraph.is_empty() {
        blocks.push(Block::Paragraph(inlines(paragraph)));
        paragraph.clear();
    }
}

fn list_item(line: &str) -> Option<(bool, &str)> {
    if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some((false, item));
    }
    let after = line.trim_start_matches(|c: char| c.is_ascii_digit());
    (after.len() < line.len())
        .then(|| after.strip_prefix(". "))
        .flatten()
        .map(|item| (true, item))
}

/// Reads the parts of a line. A mark without its partner is a character like any other.
pub fn inlines(text: &str) -> Vec<Inline> {
    let mut parts: Vec<Inline> = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '*']) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let mark = if from.starts_with("**") {
            "**"
        } else if from.starts_with('`') {
            "`"
        } else {
            plain.push('*');
            rest = from.get(1..).unwrap_or("");
            continue;
        };
        let inside = from.get(mark.len()..).unwrap_or("");
        match inside.split_once(mark) {
            Some((content, after)) if !content.is_empty() => {
                if !plain.is_empty() {
                    parts.push(Inline::Text(std::mem::take(&mut plain)));
                }
                parts.push(if mark == "`" {
                    Inline::Code(content.to_owned())
                } else {
                    Inline::Strong(content.to_owned())
                });
                rest = after;
            }
            _ => {
                plain.push_str(mark);
                rest = inside;
            }
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Inline::Text(plain));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Inline {
        Inline::Text(text.into())
    }

    #[test]
    fn a_fix_is_paragraphs_and_code() {
        let fix = "Set the attribute\non the group:\n\n```yaml\na: 1\n\n  b: `2`\n```\n\nThen wait.";
        assert_eq!(
            blocks(fix),
            [
                Block::Paragraph(vec![text("Set the attribute on the group:")]),
                Block::Code("a: 1\n\n  b: `2`".into()),
                Block::Paragraph(vec![text("Then wait.")]),
            ]
        );
    }

    #[test]
    fn lists_take_their_continuation_lines() {
        assert_eq!(
            blocks("- one\n  more\n- two\n\n1. first"),
            [
                Block::List(
                    false,
                    vec![vec![text("one"), text(" "), text("more")], vec![text("two")]]
                ),
                Block::List(true, vec![vec![text("first")]]),
            ]
        );
    }

    #[test]
    fn code_in_a_list_loses_the_indent_of_its_fence() {
        assert_eq!(
            blocks("- run\n  ```\n  a\n    b\n  ```").get(1),
            Some(&Block::Code("a\n  b".into()))
        );
    }

    #[test]
    fn marks_without_a_partner_are_text() {
        assert_eq!(inlines("2 * 3 ` x"), [text("2 * 3 ` x")]);
        assert_eq!(inlines("**"), [text("**")]);
        assert_eq!(
            inlines("use `ndots:2`, **not** 5"),
            [
                text("use "),
                Inline::Code("ndots:2".into()),
                text(", "),
                Inline::Strong("not".into()),
                text(" 5"),
            ]
        );
    }

    #[test]
    fn an_unclosed_fence_takes_the_rest() {
        assert_eq!(blocks("```\nü\n"), [Block::Code("ü".into())]);
    }
}
