//! Prefix lists: the blocks that a rule or a route names by one id. They are printed in pages.

use std::collections::BTreeMap;

use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::model::aws::cidr::Cidr;
use crate::model::aws::listing::{Root, is_page};

/// What was pasted of a prefix list.
#[derive(Debug, Clone, Default)]
pub(super) struct PrefixList {
    pub blocks: Vec<(Cidr, Evidence)>,
    /// Whether it has no others.
    pub whole: bool,
    /// The token of the page that follows.
    next: Option<String>,
}

/// All of them, by id.
pub(super) fn read(roots: &[Root<'_>]) -> BTreeMap<String, PrefixList> {
    let mut lists: BTreeMap<String, PrefixList> = BTreeMap::new();
    for root in roots {
        for list in root.node.list("PrefixLists") {
            if let (Some(id), Some(cidrs)) = (list.str_of("PrefixListId"), list.get("Cidrs")) {
                let read = PrefixList {
                    blocks: blocks(&cidrs, Node::str),
                    whole: !cidrs.cut(),
                    next: None,
                };
                lists.insert(id.to_owned(), read);
            }
        }
        let Some(id) = root.command.and_then(|command| command.option("--prefix-list-id")) else {
            continue;
        };
        if let Some(entries) = root.node.get("Entries") {
            let own = blocks(&entries, |entry| entry.str_of("Cidr"));
            lists.entry(id).or_default().learn_page(root, &entries, own);
        }
    }
    lists
}

fn blocks<'a>(list: &Node<'a>, block: impl Fn(&Node<'a>) -> Option<&'a str>) -> Vec<(Cidr, Evidence)> {
    let items = list.items();
    let read = |item: &Node<'a>| Some((Cidr::parse(block(item)?)?, item.evidence()));
    items.iter().filter_map(read).collect()
}

impl PrefixList {
    /// An answer of `get-managed-prefix-list-entries`: one that begins anew takes the place of what was pasted before, and a further page
    /// goes on where the one before it ended.
    fn learn_page(&mut self, root: &Root<'_>, entries: &Node<'_>, blocks: Vec<(Cidr, Evidence)>) {
        let line = root.command.map(crate::segment::Command::line);
        let option = |names: &[&str]| line.as_ref().and_then(|line| line.written(names)).map(str::to_owned);
        let follows = option(&["--starting-token", "--next-token"]);
        let ends = !is_page(&root.node) && !entries.cut() && tells_end(line.as_ref());
        let goes_on = match &follows {
            None => true,
            Some(token) => self.next.as_ref() == Some(token),
        };
        if follows.is_none() {
            self.blocks.clear();
        }
        self.blocks.extend(blocks);
        self.whole = ends && goes_on;
        self.next = root.node.str_of("NextToken").filter(|_| goes_on).map(str::to_owned);
    }
}

/// Whether an answer would say that there is more: a query leaves the token out, which is printed for `--max-items` and `--max-results`.
fn tells_end(line: Option<&crate::segment::CommandLine>) -> bool {
    let Some(line) = line else { return false };
    let limited = [
        "--max-items",
        "--max-results",
        "--no-paginate",
        "--cli-input-json",
        "--cli-input-yaml",
    ];
    let query = line.written(&["--query"]);
    let shown = line
        .written(&["--output"])
        .is_none_or(|output| output == "json" || output == "yaml");
    let all = query.is_none_or(|query| {
        let rest = query.strip_prefix("Entries").unwrap_or("?");
        let rest = rest
            .strip_prefix("[]")
            .or_else(|| rest.strip_prefix("[*]"))
            .unwrap_or(rest);
        !rest.contains(['?', '(', '|', ':']) && !rest.contains("[0") && !rest.contains("[-")
    });
    let cuts = limited
        .iter()
        .any(|option| line.written(&[option]).is_some() || line.flag(&[option]));
    all && !line.filtered() && (!cuts || query.is_none() && shown && line.written(&["--cli-input-json"]).is_none())
}
