//! Tables whose columns' names are known beforehand, so that two words of one name are told from two columns.

use crate::text::Piece;

/// A column: its name and where it begins.
pub type Column = (&'static str, usize);

/// The columns of a header that has no other words than these names, in whatever order; `None` for another line.
pub fn columns(line: &str, names: &[&'static str]) -> Option<Vec<Column>> {
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        let rest = line.get(at..)?;
        let blank = rest.len() - rest.trim_start().len();
        at += blank;
        let rest = rest.trim_start();
        if rest.is_empty() {
            return (found.len() > 1).then_some(found);
        }
        let name = names
            .iter()
            .filter(|name| {
                rest.strip_prefix(**name)
                    .is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t']))
            })
            .max_by_key(|name| name.len())?;
        found.push((*name, at));
        at += name.len();
    }
}

/// The cells of a row; `None` where it does not line up with the columns.
pub fn cells<'a>(line: Piece<'a>, columns: &[Column]) -> Option<Vec<(&'static str, Piece<'a>)>> {
    let mut found = Vec::with_capacity(columns.len());
    for (i, (name, start)) in columns.iter().enumerate() {
        let start = (*start).min(line.len());
        let end = columns.get(i + 1).map_or(line.len(), |(_, next)| *next).min(line.len());
        let aligned = start == 0 || start == line.len() || line.get(start - 1..start) == Some(" ");
        if !aligned {
            return None;
        }
        found.push((*name, line.part(start..end).trim()));
    }
    Some(found)
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
        assert!(cells(Piece::new("8080800 ALL"), &found).is_none());
        assert_eq!(camel("SERVICE FQDN"), "serviceFqdn");
    }
}
