//! What was pasted of one kind of AWS object, and what its absence means: a listing that was filtered does not tell what else there is.

use std::collections::BTreeMap;

use crate::artifact::Node;
use crate::evidence::Evidence;
use crate::model::Model;
use crate::segment::Command;

/// A document's root with the command that printed it.
pub type Root<'a> = (Option<&'a Command>, Node<'a>);

/// What a command left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// `--filters` by their names with their values; ids that an option names count as a filter: `--subnet-ids a b` is `subnet-id`.
    pub filters: Vec<(String, Vec<String>)>,
    /// Whether it left things out in a way that no filter tells: pages, `--query`, a pipe, an option that is not known.
    pub partial: bool,
}

/// Options of aws-cli that change how an answer is fetched or printed, and not what is in it (aws-cli user guide, "Command line options").
const HARMLESS: [&str; 20] = [
    "region",
    "profile",
    "output",
    "no-cli-pager",
    "page-size",
    "color",
    "no-paginate",
    "debug",
    "endpoint-url",
    "no-verify-ssl",
    "ca-bundle",
    "cli-read-timeout",
    "cli-connect-timeout",
    "no-sign-request",
    "no-dry-run",
    "no-cli-auto-prompt",
    "cli-binary-format",
    "v2-debug",
    "include-all-security-groups",
    "cli-input-json",
];

impl Limits {
    /// What the command of a document left out of it.
    pub fn of(command: Option<&Command>, root: &Node<'_>) -> Self {
        let mut limits = Self {
            filters: Vec::new(),
            partial: root.get("NextToken").is_some()
                || root.get("AdditionalRoutesAvailable").and_then(|more| more.bool()) == Some(true),
        };
        let Some(command) = command else { return limits };
        let line = command.line();
        limits.partial |= line.filtered() || line.selected;
        let mut args = line.args.iter().peekable();
        while let Some(arg) = args.next() {
            let Some(option) = arg.strip_prefix("--") else { continue };
            let (option, mut words) = match option.split_once('=') {
                Some((option, word)) => (option, vec![word.to_owned()]),
                None => (option, Vec::new()),
            };
            while let Some(word) = args.next_if(|word| !word.starts_with("--")) {
                words.push(word.clone());
            }
            limits.learn(option, words);
        }
        limits
    }

    fn learn(&mut self, option: &str, words: Vec<String>) {
        match option {
            "filters" | "filter" => {
                for word in words {
                    self.learn_filter(&word);
                }
            }
            "query" => self.partial |= !is_whole(words.first().map(String::as_str).unwrap_or_default()),
            _ if HARMLESS.contains(&option) => {}
            _ => match option.strip_suffix("-ids").or_else(|| option.strip_suffix("-id")) {
                Some(name) => self.filters.push((format!("{name}-id"), words)),
                None => self.partial = true,
            },
        }
    }

    /// `Name=vpc-id,Values=vpc-1,vpc-2`, or the same as JSON.
    fn learn_filter(&mut self, word: &str) {
        if word.starts_with(['[', '{']) {
            let parsed: Option<serde_json::Value> = serde_json::from_str(word).ok();
            let Some(parsed) = parsed else {
                self.partial = true;
                return;
            };
            let one = [parsed.clone()];
            for filter in parsed.as_array().map_or(one.as_slice(), Vec::as_slice) {
                let name = filter.get("Name").and_then(serde_json::Value::as_str);
                let values = filter.get("Values").and_then(serde_json::Value::as_array);
                let values = values.into_iter().flatten().filter_map(serde_json::Value::as_str);
                self.filters
                    .push((name.unwrap_or_default().to_owned(), values.map(str::to_owned).collect()));
            }
            return;
        }
        let (name, values) = word.split_once(",Values=").unwrap_or((word, ""));
        let name = name.strip_prefix("Name=").unwrap_or(name);
        let values = values
            .trim_matches(['[', ']'])
            .split(',')
            .map(|value| value.trim().to_owned());
        self.filters
            .push((name.trim_matches(['\'', '"']).to_owned(), values.collect()));
    }

    /// Whether an object with these properties would be in the answer, if there is one.
    pub fn covers(&self, facts: &[(&str, &str)]) -> bool {
        !self.partial
            && self.filters.iter().all(|(name, values)| {
                facts
                    .iter()
                    .any(|(fact, value)| name == fact && values.iter().any(|wanted| wanted == value))
            })
    }

    /// The values that a filter lets through.
    pub fn values(&self, name: &str) -> Option<&[String]> {
        self.filters
            .iter()
            .find(|(filter, _)| filter == name)
            .map(|(_, values)| values.as_slice())
    }
}

/// Whether a `--query` leaves nothing out: one list, whole.
fn is_whole(query: &str) -> bool {
    let list = query
        .strip_suffix("[]")
        .or_else(|| query.strip_suffix("[*]"))
        .unwrap_or(query);
    !list.is_empty() && list.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Listing<'a> {
    /// Where the list stands.
    pub list: Node<'a>,
    /// Its elements.
    pub elements: Vec<Node<'a>>,
    /// What was left out of it.
    pub limits: Limits,
    /// The command.
    pub command: Option<&'a Command>,
}

impl Listing<'_> {
    /// What shows that something is not in it: the command, else where the list stands.
    pub fn evidence(&self) -> Evidence {
        match self.command {
            Some(command) if command.typed() => Evidence::Text(command.span),
            _ => self.list.evidence(),
        }
    }
}

/// The objects of one kind.
#[derive(Debug, Clone, Default)]
pub struct Described<'a> {
    by_id: BTreeMap<&'a str, Node<'a>>,
    /// The answers that they are from.
    pub listings: Vec<Listing<'a>>,
}

impl<'a> Described<'a> {
    /// The elements of `list` in all documents by their `id`. Of one that was pasted several times the last whole one counts: things are
    /// pasted again because they have changed.
    pub fn read(roots: &[Root<'a>], list: &str, id: &str) -> Self {
        let mut described = Self::default();
        for (command, root) in roots {
            let Some(node) = root.get(list) else { continue };
            if !node.value().is_array() {
                continue;
            }
            let listing = Listing {
                elements: node.items(),
                list: node,
                limits: Limits::of(*command, root),
                command: *command,
            };
            for element in &listing.elements {
                described.learn(id, element);
            }
            described.listings.push(listing);
        }
        described
    }

    fn learn(&mut self, id: &str, element: &Node<'a>) {
        let Some(id) = element.str_of(id) else { return };
        let known = self.by_id.get(id);
        if known.is_none_or(|known| element.complete() || !known.complete()) {
            self.by_id.insert(id, element.clone());
        }
    }

    /// The object of that id.
    pub fn get(&self, id: &str) -> Option<&Node<'a>> {
        self.by_id.get(id)
    }

    /// All, by id.
    pub fn all(&self) -> impl Iterator<Item = (&'a str, &Node<'a>)> {
        self.by_id.iter().map(|(id, node)| (*id, node))
    }

    /// Whether none was pasted.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Where it shows that all objects with these properties were pasted, so that one that is not there does not exist. A listing without
    /// any filter is of one account and region: that it is theirs shows only where it holds one that is `theirs`.
    pub fn told_all(&self, facts: &[(&str, &str)], theirs: impl Fn(&Node<'a>) -> bool) -> Option<Evidence> {
        self.listings
            .iter()
            .find(|listing| {
                listing.limits.covers(facts)
                    && (!listing.limits.filters.is_empty() || listing.elements.iter().any(&theirs))
            })
            .map(Listing::evidence)
    }
}

/// The documents that may hold answers of AWS: also those that a collecting program put together in an object of its own.
pub fn roots<'a>(model: &Model<'a>) -> Vec<Root<'a>> {
    model
        .artifacts
        .roots()
        .filter(|(artifact, _)| {
            artifact
                .kinds
                .iter()
                .any(|(kind, _)| kind.starts_with("aws/") || kind == "json")
        })
        .map(|(artifact, node)| (model.command_of(artifact), node))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Described, is_whole, roots};
    use crate::analysis::{Analysis, Input, read};

    fn pasted(text: &str) -> Analysis {
        let input = Input {
            name: "paste 1".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        read(vec![input], &mut |_| {})
    }

    fn covers(command: &str, facts: &[(&str, &str)]) -> bool {
        let text = format!(
            "$ {command}\n{{\"Subnets\": [{{\"SubnetId\": \"subnet-1\", \"VpcId\": \"vpc-1\", \"CidrBlock\": \"10.0.0.0/24\"}}]}}\n"
        );
        let analysis = pasted(&text);
        let model = analysis.model();
        let subnets = Described::read(&roots(&model), "Subnets", "SubnetId");
        assert_eq!(subnets.all().count(), 1, "{command}");
        subnets
            .told_all(facts, |node| node.str_of("VpcId") == Some("vpc-1"))
            .is_some()
    }

    #[test]
    fn a_listing_tells_all_of_what_its_filters_let_through() {
        let of_vpc = [("vpc-id", "vpc-1"), ("subnet-id", "subnet-9")];
        for whole in [
            "aws ec2 describe-subnets",
            "aws ec2 describe-subnets --region eu-west-1 --output json",
            "aws ec2 describe-subnets --filters Name=vpc-id,Values=vpc-1",
            "aws ec2 describe-subnets --filters Name=vpc-id,Values=vpc-1,vpc-2 --no-cli-pager",
            "aws ec2 describe-subnets --filters '[{\"Name\":\"vpc-id\",\"Values\":[\"vpc-1\"]}]'",
            "aws ec2 describe-subnets --subnet-ids subnet-1 subnet-9",
        ] {
            assert!(covers(whole, &of_vpc), "{whole}");
        }
        for part in [
            "aws ec2 describe-subnets --subnet-ids subnet-1",
            "aws ec2 describe-subnets --filters Name=tag:Name,Values=public",
            "aws ec2 describe-subnets --filters Name=vpc-id,Values=vpc-1 Name=state,Values=available",
            "aws ec2 describe-subnets --filters Name=vpc-id,Values=$VPC",
            "aws ec2 describe-subnets --max-items 5",
        ] {
            assert!(!covers(part, &of_vpc), "{part}");
        }
    }

    #[test]
    fn a_listing_of_another_vpc_tells_nothing_of_this_one() {
        let analysis =
            pasted("$ aws ec2 describe-subnets\n{\"Subnets\": [{\"SubnetId\": \"subnet-1\", \"VpcId\": \"vpc-2\"}]}\n");
        let model = analysis.model();
        let subnets = Described::read(&roots(&model), "Subnets", "SubnetId");
        let of_vpc_1 = subnets.told_all(&[("vpc-id", "vpc-1")], |node| node.str_of("VpcId") == Some("vpc-1"));
        assert_eq!(of_vpc_1, None);
    }

    #[test]
    fn what_was_pasted_again_has_changed() {
        let subnet = |state: &str| {
            format!(
                "$ aws ec2 describe-subnets\n{{\"Subnets\": [{{\"SubnetId\": \"subnet-1\", \"VpcId\": \"vpc-1\", \"State\": \"{state}\"}}]}}\n"
            )
        };
        let analysis = pasted(&format!("{}{}", subnet("pending"), subnet("available")));
        let model = analysis.model();
        let subnets = Described::read(&roots(&model), "Subnets", "SubnetId");
        assert_eq!(subnets.get("subnet-1").unwrap().str_of("State"), Some("available"));
    }

    #[test]
    fn a_query_for_a_whole_list_leaves_nothing_out() {
        assert!(is_whole("RouteTables") && is_whole("RouteTables[]") && is_whole("RouteTables[*]"));
        assert!(!is_whole("RouteTables[].Routes[]") && !is_whole("RouteTables[?VpcId=='vpc-1']") && !is_whole(""));
    }
}
