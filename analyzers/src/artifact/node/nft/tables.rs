//! `nft list tables`: which tables there are (nftables, `src/rule.c`, `do_list_tables`), a line each, `table inet cart`. Of what they have in
//! them nothing is printed, so that this is no ruleset.
//!
//! `{"nftables": [{"table": {"family", "name", "handle"}}]}`, as `nft -j` has it.

use super::{handle, is_table, listed, unquoted, warning};
use crate::artifact::node::lines::{Unread, take};
use crate::artifact::{Artifacts, Placed};
use crate::problem::Problem;
use crate::segment::formats::{Format, Part, Spec, add_document};
use crate::segment::sniff::{Hint, Taken};
use crate::text::Piece;

/// nft's list of tables.
pub const FORMAT: Format = Format::new(&Spec {
    name: "nft-tables",
    title: "nft list tables",
    command: |line| line.program == "nft" && listed(line) == Some("tables") && !super::is_json(line),
    least: 1,
    sniff,
    read,
});

fn sniff(line: &str, rest: &str, hint: &Hint) -> Option<Taken> {
    (hint.expects(FORMAT) && is_table(line, true)).then(|| take(rest, FORMAT, hint, |line| is_table(line, true)))?
}

fn read(part: &Part<'_>, artifacts: &mut Artifacts, problems: &mut Vec<Problem>) {
    let whole = Piece::new(part.text());
    let mut unread = Unread::new(part, problems);
    let mut list = Placed::array(whole);
    for full in whole.lines().map(Piece::trim).filter(|line| !line.is_empty()) {
        let (line, number) = handle(full);
        let mut words = line.words().skip(1);
        let (true, Some(family), Some(name)) = (is_table(line.str(), true), words.next(), words.next()) else {
            if warning(full.str()).is_none() {
                unread.line(full, "`nft list tables`");
            }
            continue;
        };
        let mut table = Placed::object(full);
        table.put_text("family", family);
        table.put_text("name", unquoted(name));
        if let Some(number) = number {
            table.put_number("handle", number);
        }
        let mut item = Placed::object(full);
        item.put("table", table);
        list.push(item);
    }
    unread.finish();
    let mut root = Placed::object(whole);
    root.put("nftables", list);
    // What the tables have in them is not known.
    add_document(part, FORMAT.name(), root, false, artifacts);
}

#[cfg(test)]
mod tests {
    use crate::artifact::node::lines::tests::{documents, only};
    use crate::artifact::testing::read;
    use serde_json::json;

    #[test]
    fn a_list_of_tables_is_no_ruleset() {
        let sample = include_str!("../../../../../tests/samples/nft-tables/node.txt");
        assert_eq!(
            only("nft-tables", sample),
            json!({"nftables": [{"table": {"family": "ip", "name": "mangle"}}, {"table": {"family": "inet", "name": "cart-fw"}}]})
        );
        assert!(!read(sample).complete());
        let handles = only(
            "nft-tables",
            "$ nft -a list tables ip6\ntable ip6 kube-proxy # handle 17\n",
        );
        assert_eq!(handles["nftables"][0]["table"]["handle"], 17);
        // Without the command the words may be anybody's.
        assert_eq!(documents("table ip mangle\n"), []);
    }

    #[test]
    fn lists_without_rules_do_not_say_that_there_are_none() {
        let body =
            "table ip cart {\n\tchain pay {\n\t\ttype filter hook input priority filter; policy accept;\n\t}\n}\n";
        assert!(!read(&format!("$ nft list chains\n{body}")).complete());
        assert!(read(&format!("$ nft list table ip cart\n{body}")).complete());
        assert!(read(&format!("$ nft -a list ruleset\n{body}")).complete());
    }
}
