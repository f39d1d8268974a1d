//! Of which account and region an answer is, as far as its command and its values tell: an answer of another one is empty, and says nothing
//! of what there is in this one.

use std::collections::{BTreeMap, BTreeSet};

use super::Root;
use crate::artifact::Node;
use crate::segment::Command;

/// Whose answer it is: those of the same are of one account and region.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Context {
    /// `--profile` or `AWS_PROFILE`; empty for the one that the shell has.
    profile: String,
    /// `--region` or `AWS_REGION`, else that of the zones in answers without one; empty where nothing says.
    region: String,
    /// The folder of a collecting program.
    folder: Option<String>,
    /// Whether nothing says of which it is: a document without a command.
    loose: bool,
}

impl Context {
    /// As a command says, or the folder where a program collected it.
    pub(super) fn new(command: Option<&Command>, folder: Option<&str>) -> Self {
        let Some(command) = command else {
            return Self {
                folder: folder.map(str::to_owned),
                loose: folder.is_none(),
                ..Self::default()
            };
        };
        let line = command.line();
        let variable = |names: [&str; 2]| {
            let words = command.text.split_whitespace();
            let mut set = words.filter_map(|word| word.split_once('='));
            set.find_map(|(name, value)| names.contains(&name).then(|| value.to_owned()))
        };
        let option = |name: &str| line.written(&[name]).map(str::to_owned);
        Self {
            profile: option("--profile")
                .or_else(|| variable(["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]))
                .unwrap_or_default(),
            region: option("--region")
                .or_else(|| variable(["AWS_REGION", "AWS_DEFAULT_REGION"]))
                .unwrap_or_default(),
            ..Self::default()
        }
    }

    /// The region.
    pub fn region(&self) -> Option<&str> {
        Some(self.region.as_str()).filter(|region| !region.is_empty())
    }
}

/// Answers that name no region are of the one that their zones are in, where all of them are in one.
pub(super) fn resolve(roots: &mut [Root<'_>]) {
    let mut regions: BTreeMap<(String, Option<String>), BTreeSet<String>> = BTreeMap::new();
    let key = |context: &Context| (context.profile.clone(), context.folder.clone());
    for root in roots
        .iter()
        .filter(|root| !root.context.loose && root.context.region.is_empty())
    {
        let found = regions.entry(key(&root.context)).or_default();
        for (_, list) in root.node.members() {
            found.extend(
                list.items()
                    .iter()
                    .filter_map(zone)
                    .filter_map(region_of)
                    .map(str::to_owned),
            );
        }
    }
    for root in roots
        .iter_mut()
        .filter(|root| !root.context.loose && root.context.region.is_empty())
    {
        if let Some(found) = regions.get(&key(&root.context))
            && found.len() == 1
        {
            root.context.region = found.first().cloned().unwrap_or_default();
        }
    }
}

fn zone<'a>(element: &Node<'a>) -> Option<&'a str> {
    element.str_of("AvailabilityZone")
}

/// `eu-west-1` of `eu-west-1a` (EC2 User Guide, "Availability Zones": the region's code and a letter; "Local Zones": the code,
/// a place, and a letter).
pub fn region_of(zone: &str) -> Option<&str> {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let mut end = 0;
    for part in zone.split('-') {
        let digits = part.bytes().take_while(|byte| is_digit(byte)).count();
        if digits > 0 {
            return zone.get(..end + digits).filter(|_| end > 0);
        }
        end += part.len() + 1;
    }
    None
}

/// What is shown to who has a VPC, or has a part in it. Groups and attachments of transit gateways are shown to others, too.
const OF_VPC: [&str; 8] = [
    "Vpcs",
    "Subnets",
    "RouteTables",
    "NetworkAcls",
    "NetworkInterfaces",
    "NatGateways",
    "VpcEndpoints",
    "Instances",
];

/// What was shown of each VPC: in which accounts and regions something of it is, and whose.
#[derive(Debug, Clone, Default)]
pub struct Contexts<'a> {
    of_vpc: BTreeMap<&'a str, BTreeSet<Context>>,
    owners: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Contexts<'a> {
    /// What all documents show.
    pub fn new(roots: &[Root<'a>]) -> Self {
        let mut contexts = Self::default();
        for root in roots {
            let lists = root.node.members();
            for (name, list) in &lists {
                let counts = OF_VPC.contains(name);
                for element in list.items() {
                    let Some(vpc) = element.str_of("VpcId") else { continue };
                    if counts && !root.context.loose {
                        contexts.of_vpc.entry(vpc).or_default().insert(root.context.clone());
                    }
                    if let Some(owner) = element.str_of("OwnerId") {
                        contexts.owners.entry(vpc).or_default().insert(owner);
                    }
                }
            }
        }
        contexts
    }

    /// Whether something of a VPC was shown by who asked so.
    pub fn shows(&self, vpc: &str, context: &Context) -> bool {
        self.of_vpc.get(vpc).is_some_and(|contexts| contexts.contains(context))
    }

    /// Whether anybody showed something of a VPC.
    pub fn shows_any(&self, vpc: &str) -> bool {
        self.of_vpc.contains_key(vpc)
    }

    /// Whether several accounts have things in a VPC: it is shared, and nobody's answer need have all of them.
    pub fn is_shared(&self, vpc: &str) -> bool {
        self.owners.get(vpc).is_some_and(|owners| owners.len() > 1)
    }

    /// The account that a VPC's things are of, where they are of one.
    pub fn owner(&self, vpc: &str) -> Option<&'a str> {
        match self.owners.get(vpc)?.iter().collect::<Vec<_>>().as_slice() {
            [only] => Some(**only),
            _ => None,
        }
    }

    /// The regions that a VPC's things were shown in.
    pub fn regions(&self, vpc: &str) -> BTreeSet<&str> {
        let contexts = self.of_vpc.get(vpc).into_iter().flatten();
        contexts.filter_map(Context::region).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::region_of;

    #[test]
    fn a_zone_is_named_by_its_region() {
        assert_eq!(region_of("eu-west-1a"), Some("eu-west-1"));
        assert_eq!(region_of("us-gov-east-1b"), Some("us-gov-east-1"));
        // A local zone's name begins with its region; an id is no name.
        assert_eq!(region_of("us-west-2-lax-1a"), Some("us-west-2"));
        assert_eq!(region_of("euw1-az1"), None);
        assert_eq!(region_of(""), None);
    }
}
