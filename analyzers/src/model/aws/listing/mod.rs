//! What was pasted of one kind of AWS object, and what its absence means: a listing that was filtered does not tell what else there is.

use std::collections::{BTreeMap, BTreeSet};

mod context;
mod limits;

use crate::artifact::{Node, Value};
use crate::evidence::Evidence;
use crate::model::Model;
use crate::segment::Command;

pub use context::{Context, Contexts};
pub use limits::{Limits, is_page};

/// A document's root.
#[derive(Debug, Clone)]
pub struct Root<'a> {
    /// The command that printed it.
    pub command: Option<&'a Command>,
    /// The root.
    pub node: Node<'a>,
    /// Whether a program collected it that keeps whole answers under the names of their lists.
    pub collected: bool,
    /// Of which account and region it is, as far as that shows.
    pub context: Context,
}

impl Root<'_> {
    /// What is missing in it.
    pub fn limits(&self) -> Limits {
        if self.collected && self.command.is_none() {
            Limits::of_whole(&self.node)
        } else {
            Limits::of(self.command, &self.node)
        }
    }
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
    /// Of which account and region it is.
    pub context: Context,
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
    by_id: BTreeMap<&'a str, Vec<Node<'a>>>,
    /// The answers that they are from.
    pub listings: Vec<Listing<'a>>,
}

impl<'a> Described<'a> {
    /// The elements of `list` in all documents by their `id`. Of one that was pasted several times the last whole one counts: things are
    /// pasted again because they have changed.
    pub fn read(roots: &[Root<'a>], list: &str, id: &str) -> Self {
        let mut described = Self::default();
        for root in roots {
            let Some(node) = root.node.get(list) else { continue };
            if !node.value().is_array() {
                continue;
            }
            let listing = Listing {
                elements: node.items(),
                list: node,
                limits: root.limits(),
                command: root.command,
                context: root.context.clone(),
            };
            for element in &listing.elements {
                described.learn(id, element);
            }
            described.listings.push(listing);
        }
        described.forget_gone(id);
        described
    }

    /// What an answer would have, had it not gone since it was pasted, is no more: a later answer with all of its VPC lacks it.
    fn forget_gone(&mut self, id: &str) {
        let listings = &self.listings;
        if listings.len() < 2 {
            return;
        }
        let ids: Vec<BTreeSet<&str>> = listings
            .iter()
            .map(|listing| listing.elements.iter().filter_map(|node| node.str_of(id)).collect())
            .collect();
        let vpcs: Vec<BTreeSet<&str>> = listings
            .iter()
            .map(|listing| {
                listing
                    .elements
                    .iter()
                    .filter_map(|node| node.str_of("VpcId"))
                    .collect()
            })
            .collect();
        self.by_id.retain(|own, nodes| {
            let Some(last) = nodes.last() else { return false };
            let Some(at) = ids.iter().rposition(|ids| ids.contains(own)) else {
                return true;
            };
            let Some(known) = listings.get(at) else { return true };
            let vpc = last.str_of("VpcId");
            let facts = facts(last, id);
            let facts: Vec<(&str, &str)> = facts.iter().map(|(name, value)| (name.as_str(), *value)).collect();
            let later = listings.iter().zip(&vpcs).skip(at + 1);
            !later.into_iter().any(|(listing, vpcs)| {
                let of_vpc = vpc.is_some_and(|vpc| vpcs.contains(vpc));
                of_vpc && listing.context == known.context && listing.limits.covers(&facts)
            })
        });
    }

    fn learn(&mut self, id: &str, element: &Node<'a>) {
        let Some(id) = element.str_of(id) else { return };
        self.by_id.entry(id).or_default().push(element.clone());
    }

    /// The object of that id.
    pub fn get(&self, id: &str) -> Option<&Node<'a>> {
        best(self.by_id.get(id)?)
    }

    /// All that was pasted of the object of that id, in the order of the paste.
    pub fn versions(&self, id: &str) -> &[Node<'a>] {
        self.by_id.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// All, by id.
    pub fn all(&self) -> impl Iterator<Item = (&'a str, &Node<'a>)> {
        self.by_id.iter().filter_map(|(id, nodes)| Some((*id, best(nodes)?)))
    }

    /// Whether none was pasted.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Where it shows that all objects with these properties were pasted, so that one that is not there does not exist. A listing is of one
    /// account and region: that it is of the right one is for `shown` to say.
    pub fn told_all(&self, facts: &[(&str, &str)], shown: impl Fn(&Listing<'a>) -> bool) -> Option<Evidence> {
        self.listings
            .iter()
            .rev()
            .find(|listing| listing.limits.covers(facts) && shown(listing))
            .map(Listing::evidence)
    }
}

/// What filters may ask for of an element.
fn facts<'a>(node: &Node<'a>, id: &str) -> Vec<(String, &'a str)> {
    let own = [("VpcId", "vpc-id"), ("SubnetId", "subnet-id")];
    let mut facts: Vec<(String, &'a str)> = own
        .iter()
        .filter_map(|(field, name)| Some(((*name).to_owned(), node.str_of(field)?)))
        .collect();
    // `NetworkInterfaceId` is asked for by `network-interface-id`.
    let mut name = String::new();
    for letter in id.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    facts.extend(node.str_of(id).map(|value| (name, value)));
    let instance = node
        .at(&["Attachment", "InstanceId"])
        .and_then(|instance| instance.str());
    facts.extend(instance.map(|value| ("attachment.instance-id".to_owned(), value)));
    for address in node.list("PrivateIpAddresses") {
        let address = address.str_of("PrivateIpAddress");
        facts.extend(address.map(|value| ("addresses.private-ip-address".to_owned(), value)));
    }
    for association in node.list("Associations") {
        let subnet = association.str_of("SubnetId");
        facts.extend(subnet.map(|value| ("association.subnet-id".to_owned(), value)));
    }
    facts
}

/// What was pasted last, unless it tells less than what was pasted before: a `--query` for two fields, a paste that breaks off.
fn best<'n, 'a>(nodes: &'n [Node<'a>]) -> Option<&'n Node<'a>> {
    let whole = nodes.iter().rposition(Node::complete);
    let Some(whole) = whole else { return nodes.last() };
    let known = nodes.get(whole)?;
    let tells = |node: &&Node<'a>| {
        let told = |(name, member): &(&str, Node<'a>)| {
            let empty = member.value().as_array().is_some_and(<[Value]>::is_empty) || member.str() == Some("");
            empty || *name == "Tags" || node.get(name).is_some()
        };
        !node.cut()
            && known
                .members()
                .iter()
                .filter(|(_, member)| !member.value().is_null())
                .all(told)
    };
    nodes.iter().skip(whole + 1).rev().find(tells).or(Some(known))
}

/// The documents that may hold answers of AWS: also those that a collecting program put together in an object of its own.
pub fn roots<'a>(model: &Model<'a>) -> Vec<Root<'a>> {
    let documents: Vec<_> = model
        .artifacts
        .roots()
        .filter(|(artifact, _)| {
            artifact
                .kinds
                .iter()
                .any(|(kind, _)| kind.starts_with("aws/") || kind == "json")
        })
        .collect();
    let place = |name: &'a str| name.rsplit_once(['/', '\\']).unwrap_or(("", name));
    // Files that are named by the list that each holds.
    let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let named: Vec<bool> = documents
        .iter()
        .map(|(artifact, node)| {
            let (folder, file) = place(model.sources.name(artifact.span.source));
            let list = file.strip_suffix(".json").unwrap_or_default();
            let named = node.get(list).is_some_and(|list| list.value().is_array());
            if named {
                folders.entry(folder).or_default().insert(list);
            }
            named
        })
        .collect();
    let mut roots: Vec<Root<'a>> = documents
        .into_iter()
        .zip(named)
        .map(|((artifact, node), named)| {
            let (folder, _) = place(model.sources.name(artifact.span.source));
            let command = model.command_of(artifact);
            let in_folder = named && folders.get(folder).is_some_and(|lists| lists.len() >= COLLECTED);
            let collected = command.is_none() && (in_folder || holds_answers(&node));
            Root {
                context: Context::new(command, collected.then_some(folder)),
                command,
                node,
                collected,
            }
        })
        .collect();
    context::resolve(&mut roots);
    roots
}

/// So many answers side by side are no accident: a program has collected them, which asks for all there is.
const COLLECTED: usize = 4;

/// Whether an object has whole answers as its members.
fn holds_answers(root: &Node<'_>) -> bool {
    let lists = root.members();
    let lists = lists.iter().filter(|(name, member)| {
        member.value().is_array() && name.starts_with(|first: char| first.is_ascii_uppercase())
    });
    lists.count() >= COLLECTED
}

#[cfg(test)]
mod tests {
    use super::limits::is_whole;
    use super::{Described, roots};
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
        subnets.told_all(facts, |_| true).is_some()
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
    fn without_its_command_an_answer_does_not_tell_that_it_is_all() {
        let whole = |inputs: Vec<(&str, &str)>| {
            let inputs = inputs.into_iter().map(|(name, text)| Input {
                name: name.to_owned(),
                bytes: text.as_bytes().to_vec(),
            });
            let analysis = read(inputs.collect(), &mut |_| {});
            let model = analysis.model();
            let subnets = Described::read(&roots(&model), "Subnets", "SubnetId");
            assert!(!subnets.is_empty());
            subnets.told_all(&[("vpc-id", "vpc-1")], |_| true).is_some()
        };
        let subnets =
            "{\"Subnets\": [{\"SubnetId\": \"subnet-1\", \"VpcId\": \"vpc-1\", \"CidrBlock\": \"10.0.0.0/24\"}]}";
        assert!(!whole(vec![("paste 1", subnets)]));
        assert!(!whole(vec![("Subnets.json", subnets)]));
        // A folder of whole lists under their names.
        let others = [
            (
                "lab/Vpcs.json",
                "{\"Vpcs\": [{\"VpcId\": \"vpc-1\", \"CidrBlock\": \"10.0.0.0/16\"}]}",
            ),
            (
                "lab/RouteTables.json",
                "{\"RouteTables\": [{\"RouteTableId\": \"rtb-1\", \"VpcId\": \"vpc-1\", \"Routes\": []}]}",
            ),
            (
                "lab/NetworkAcls.json",
                "{\"NetworkAcls\": [{\"NetworkAclId\": \"acl-1\", \"VpcId\": \"vpc-1\", \"Entries\": []}]}",
            ),
        ];
        let with = |name: &'static str| [&others[..], &[(name, subnets)]].concat();
        assert!(whole(with("lab/Subnets.json")));
        assert!(!whole(with("lab/subnets-of-a-zone.json")));
        assert!(!whole(with("elsewhere/Subnets.json")));
    }

    #[test]
    fn a_page_is_not_all() {
        let told = |text: &str| {
            let analysis = pasted(text);
            let model = analysis.model();
            let subnets = Described::read(&roots(&model), "Subnets", "SubnetId");
            subnets.told_all(&[("vpc-id", "vpc-1")], |_| true).is_some()
        };
        let element = "{\"SubnetId\": \"subnet-1\", \"VpcId\": \"vpc-1\"}";
        let command = "$ aws ec2 describe-subnets";
        assert!(told(&format!("{command}\n{{\"Subnets\": [{element}]}}\n")));
        assert!(told(&format!("{command} | jq .\n{{\"Subnets\": [{element}]}}\n")));
        for part in [
            format!("{command}\n{{\"Subnets\": [{element}], \"NextToken\": \"eyJOZXh0\"}}\n"),
            format!("{command}\n{{\"Subnets\": [{element}], \"NextMarker\": \"eyJOZXh0\"}}\n"),
            format!("{command}\n{{\"Subnets\": [{element},\n"),
            format!("{command} --no-paginate\n{{\"Subnets\": [{element}]}}\n"),
            format!("{command} --cli-input-json file://q.json\n{{\"Subnets\": [{element}]}}\n"),
            format!("{command} | jq '.Subnets |= map(select(.VpcId))'\n{{\"Subnets\": [{element}]}}\n"),
        ] {
            assert!(!told(&part), "{part}");
        }
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
    fn what_a_later_answer_with_all_lacks_has_gone() {
        let listing = |command: &str, ids: &[&str]| {
            let subnets: Vec<String> = ids
                .iter()
                .map(|id| format!("{{\"SubnetId\": \"{id}\", \"VpcId\": \"vpc-1\"}}"))
                .collect();
            format!("$ {command}\n{{\"Subnets\": [{}]}}\n", subnets.join(", "))
        };
        let left = |later: &str, ids: &[&str]| {
            let first = listing("aws ec2 describe-subnets", &["subnet-1", "subnet-2"]);
            let analysis = pasted(&format!("{first}{}", listing(later, ids)));
            let model = analysis.model();
            let subnets = Described::read(&roots(&model), "Subnets", "SubnetId");
            subnets.get("subnet-1").is_some()
        };
        assert!(!left("aws ec2 describe-subnets", &["subnet-2"]));
        assert!(!left(
            "aws ec2 describe-subnets --filters Name=vpc-id,Values=vpc-1",
            &["subnet-2"]
        ));
        for other in [
            "aws ec2 describe-subnets --subnet-ids subnet-2",
            "aws ec2 describe-subnets --filters Name=tag:Name,Values=private",
            "aws ec2 describe-subnets --profile other",
        ] {
            assert!(left(other, &["subnet-2"]), "{other}");
        }
        // Of no VPC that shows: it may be of another account.
        assert!(left("aws ec2 describe-subnets", &[]));
    }

    #[test]
    fn a_query_for_a_whole_list_leaves_nothing_out() {
        assert!(is_whole("RouteTables") && is_whole("RouteTables[]") && is_whole("RouteTables[*]"));
        assert!(!is_whole("RouteTables[].Routes[]") && !is_whole("RouteTables[?VpcId=='vpc-1']") && !is_whole(""));
    }
}
