//! Tables whose columns' names are known beforehand, so that two words of one name are told from two columns. Places are those on a
//! terminal: some tools align with tabs.

use crate::text::Piece;

/// A column: its name and where it begins, as a terminal shows it.
pub type Column = (&'static str, usize);

/// The characters of a line: where each stands in it, and on a terminal with tab stops at every eighth column.
fn placed(line: &str) -> impl Iterator<Item = (usize, usize, char)> {
    let mut column = 0;
    line.char_indices().map(move |(at, c)| {
        let here = column;
        column = if c == '\t' { column / 8 * 8 + 8 } else { column + 1 };
        (at, here, c)
    })
}

/// The columns of a header that has no other words than these names, in whatever order; `None` for another line.
pub fn columns(line: &str, names: &[&'static str]) -> Option<Vec<Column>> {
    let mut found = Vec::new();
    let mut end = 0;
    for (at, column, c) in placed(line) {
        if at < end || c.is_whitespace() {
            continue;
        }
        let rest = line.get(at..)?;
        let name = names
            .iter()
            .filter(|name| {
                rest.strip_prefix(**name)
                    .is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t']))
            })
            .max_by_key(|name| name.len())?;
        found.push((*name, column));
        end = at + name.len();
    }
    (found.len() > 1).then_some(found)
}

/// The cells of a row; `None` where it does not line up with the columns.
pub fn cells<'a>(line: Piece<'a>, columns: &[Column]) -> Option<Vec<(&'static str, Piece<'a>)>> {
    let mut starts = Vec::with_capacity(columns.len() + 1);
    let mut wanted = columns.iter().map(|(_, start)| *start).peekable();
    let mut before = ' ';
    for (at, column, c) in placed(line.str()) {
        while wanted.next_if(|start| *start <= column).is_some() {
            if !matches!(before, ' ' | '\t') {
                return None;
            }
            starts.push(at);
        }
        before = c;
    }
    starts.resize(columns.len() + 1, line.len());
    let cells = starts.iter().zip(starts.iter().skip(1));
    Some(
        columns
            .iter()
            .zip(cells)
            .map(|((name, _), (start, end))| (*name, line.part(*start..*end).trim()))
            .collect(),
    )
}

/// A column's name as a member's: `SERVICE FQDN` as `serviceFqdn`.
pub fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(if upper {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            });
            upper = false;
        } else {
            upper = !out.is_empty();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{camel, cells, columns};
    use crate::text::Piece;

    #[test]
    fn names_of_two_words_are_one_column() {
        let names = ["PORT", "MATCH", "DESTINATION", "DESTINATION RULE"];
        let found = columns("PORT MATCH  DESTINATION RULE", &names).unwrap();
        assert_eq!(found, [("PORT", 0), ("MATCH", 5), ("DESTINATION RULE", 12)]);
        assert_eq!(columns("PORT OTHER", &names), None);
        let row = cells(Piece::new("80   ALL    cart.shop"), &found).unwrap();
        assert_eq!(row[2].1.str(), "cart.shop");
        let short = cells(Piece::new("80   ALL"), &found).unwrap();
        assert_eq!((short[1].1.str(), short[2].1.str()), ("ALL", ""));
        assert!(cells(Piece::new("8080800 ALL"), &found).is_none());
        assert_eq!(camel("SERVICE FQDN"), "serviceFqdn");
    }

    #[test]
    fn tabs_lead_to_the_next_stop() {
        let found = columns("ARN\t\tUSERNAME\tGROUPS", &["ARN", "USERNAME", "GROUPS"]).unwrap();
        assert_eq!(found, [("ARN", 0), ("USERNAME", 16), ("GROUPS", 32)]);
        let row = cells(Piece::new("arn:x\t\t\t\tteam"), &found).unwrap();
        assert_eq!((row[0].1.str(), row[1].1.str(), row[2].1.str()), ("arn:x", "", "team"));
    }
}
