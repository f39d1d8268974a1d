//! Where Route 53 leads a name: alias and CNAME records, as `list-resource-record-sets` prints them.

use crate::evidence::Fact;
use crate::model::Model;

/// The longest chain of names that is followed.
const STEPS: usize = 8;

/// What a name is an alias of, through all records that were pasted.
pub(super) fn alias(model: &Model<'_>, host: &str) -> Option<Fact<String>> {
    let sets = model.aws_list("ResourceRecordSets");
    let of = |name: &str| -> Option<Fact<String>> {
        sets.iter().map(|(_, node)| node).find_map(|node| {
            let own = node.str_of("Name")?.trim_end_matches('.').replace("\\052", "*");
            if !own.eq_ignore_ascii_case(name) {
                return None;
            }
            let target = node.fact_at(&["AliasTarget", "DNSName"]).or_else(|| {
                if node.str_of("Type") != Some("CNAME") {
                    return None;
                }
                node.list("ResourceRecords").first()?.fact_at(&["Value"])
            })?;
            Some(target.map(|name| name.trim_end_matches('.').to_owned()))
        })
    };
    let mut found: Option<Fact<String>> = None;
    for _ in 0..STEPS {
        let name = found.as_ref().map_or(host, |fact| fact.value.as_str());
        // A wildcard record answers for names that have none of their own.
        let wild = || name.split_once('.').and_then(|(_, parent)| of(&format!("*.{parent}")));
        let Some(next) = of(name).or_else(wild) else { break };
        found = Some(next);
    }
    found
}
