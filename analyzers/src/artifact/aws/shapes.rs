//! The shapes of the answers of AWS APIs: which members an operation's answer has, and of which types.
//!
//! `shapes.txt` holds, for each service (`@ec2`), its operations (`describe-vpcs=NextToken Vpcs*:12`) and then its structures, each on a
//! line that begins with a blank and numbered from 0. After a member's name stands its type: nothing for a string, `#` a whole number,
//! `.` a number, `?` a truth value, `@` a time, `*` a list of what follows, `%` a map to what follows, `:12` structure 12, `:` a structure
//! that is not kept, `$3` a string with one of the values on the service's line 3 that begins with `!`. A `!` at the end says that the model
//! has the member in every such structure (botocore's `required`). An operation without a name stands for several that change something and answer alike.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::answer::Answering;

const TEXT: &str = include_str!("shapes.txt");

static INDEX: LazyLock<Index> = LazyLock::new(Index::new);

/// The services, and which operations answer with a member of a name.
struct Index {
    services: Vec<Service>,
    by_member: BTreeMap<&'static str, Vec<Operation>>,
    by_capitals: BTreeMap<String, Vec<&'static str>>,
}

#[derive(Default)]
struct Service {
    name: &'static str,
    operations: Vec<(&'static str, &'static str)>,
    structures: Vec<&'static str>,
    values: Vec<&'static str>,
}

/// An operation, or several that answer alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    service: usize,
    place: usize,
}

/// The type of a value in an answer.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    service: usize,
    kind: Kind,
    /// The values that a string can have, where they are few.
    values: Option<&'static str>,
    /// Whether the structure that it is a member of always has it.
    required: bool,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A structure with these members.
    Structure(&'static str),
    /// A structure whose members are not kept.
    Opaque,
    /// A list; the type of its elements.
    List(&'static str),
    /// A map; the type of its values.
    Map(&'static str),
    /// A string.
    Text,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A time.
    Time,
}

impl Index {
    fn new() -> Self {
        let mut services: Vec<Service> = Vec::new();
        let mut by_member: BTreeMap<&'static str, Vec<Operation>> = BTreeMap::new();
        for line in TEXT.lines() {
            if let Some(name) = line.strip_prefix('@') {
                services.push(Service {
                    name,
                    ..Service::default()
                });
                continue;
            }
            let number = services.len().saturating_sub(1);
            let Some(service) = services.last_mut() else { continue };
            if let Some(values) = line.strip_prefix('!') {
                service.values.push(values);
            } else if let Some(members) = line.strip_prefix(' ') {
                service.structures.push(members);
            } else if let Some((names, members)) = line.split_once('=') {
                let operation = Operation {
                    service: number,
                    place: service.operations.len(),
                };
                service.operations.push((names, members));
                for token in members.split(' ') {
                    by_member.entry(member_name(token).0).or_default().push(operation);
                }
            }
        }
        let mut by_capitals: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
        for name in by_member.keys() {
            by_capitals.entry(name.to_ascii_uppercase()).or_default().push(name);
        }
        Self {
            services,
            by_member,
            by_capitals,
        }
    }
}

/// A member's name and its type.
fn member_name(token: &'static str) -> (&'static str, &'static str) {
    token.split_at(
        token
            .find(['#', '.', '?', '@', '*', '%', ':', '$', '!'])
            .unwrap_or(token.len()),
    )
}

/// The operations whose answers have a member of that name at their root.
pub fn with_member(name: &str) -> &'static [Operation] {
    INDEX.by_member.get(name).map_or(&[], Vec::as_slice)
}

/// The operation of that name (`describe-vpcs`) of a service (`ec2`).
pub fn operation(service: &str, name: &str) -> Option<Operation> {
    let number = INDEX.services.iter().position(|known| known.name == service)?;
    let place = INDEX
        .services
        .get(number)?
        .operations
        .iter()
        .position(|(names, _)| names.split(',').any(|known| known == name))?;
    Some(Operation { service: number, place })
}

/// The operations that `--output table` and the API call so (`DescribeVpcs`), of all services, and their names.
pub fn operations_titled(title: &str) -> impl Iterator<Item = (Operation, &'static str)> {
    INDEX.services.iter().enumerate().flat_map(move |(number, service)| {
        let named = service.operations.iter().enumerate();
        named.filter_map(move |(place, (names, _))| {
            let name = names.split(',').find(|name| is_title_of(title, name))?;
            Some((Operation { service: number, place }, name))
        })
    })
}

/// The operations that only read (each with its name) whose answers have a member at their root that is `capitals` in capitals.
pub fn with_capitals(capitals: &str) -> impl Iterator<Item = Answering> + use<> {
    let members = INDEX.by_capitals.get(capitals).into_iter().flatten();
    members.flat_map(|member| with_member(member)).flat_map(|operation| {
        operation
            .names()
            .filter(|name| {
                ["describe", "list", "get", "lookup", "filter"].contains(&name.split('-').next().unwrap_or_default())
            })
            .map(|name| (*operation, name))
    })
}

/// Whether the API calls an operation so that aws-cli calls by `name`: `DescribeVpcs`, `describe-vpcs`.
pub fn is_title_of(title: &str, name: &str) -> bool {
    let letters = name.bytes().filter(|byte| *byte != b'-');
    letters.eq(title.bytes().map(|byte| byte.to_ascii_lowercase()))
}

impl Operation {
    /// The service.
    pub fn service(self) -> &'static str {
        INDEX.services.get(self.service).map_or("", |service| service.name)
    }

    /// Its names.
    fn names(self) -> impl Iterator<Item = &'static str> {
        let names = INDEX
            .services
            .get(self.service)
            .and_then(|service| service.operations.get(self.place));
        names
            .map_or("", |(names, _)| names)
            .split(',')
            .filter(|name| !name.is_empty())
    }

    /// Its name, where it is only one.
    pub fn name(self) -> Option<&'static str> {
        let (names, _) = INDEX.services.get(self.service)?.operations.get(self.place)?;
        (!names.is_empty() && !names.contains(',')).then_some(names)
    }

    /// The shape of the answer.
    pub fn shape(self) -> Option<Shape> {
        let (_, members) = INDEX.services.get(self.service)?.operations.get(self.place)?;
        Some(Shape {
            service: self.service,
            kind: Kind::Structure(members),
            values: None,
            required: false,
        })
    }
}

impl Shape {
    /// What it is.
    pub fn kind(self) -> Kind {
        self.kind
    }

    /// The same place, with a structure that is not known: what aws-cli decodes of a text.
    pub fn decoded(self) -> Self {
        Self {
            kind: Kind::Opaque,
            ..self
        }
    }

    fn of(self, token: &'static str) -> Self {
        let (token, required) = token.strip_suffix('!').map_or((token, false), |token| (token, true));
        let rest = token.get(1..).unwrap_or_default();
        let kind = match token.bytes().next() {
            Some(b'#') => Kind::Whole,
            Some(b'.') => Kind::Number,
            Some(b'?') => Kind::Bool,
            Some(b'@') => Kind::Time,
            Some(b'*') => Kind::List(rest),
            Some(b'%') => Kind::Map(rest),
            Some(b':') => rest
                .parse::<usize>()
                .ok()
                .and_then(|number| INDEX.services.get(self.service)?.structures.get(number))
                .map_or(Kind::Opaque, |members| Kind::Structure(members)),
            _ => Kind::Text,
        };
        let values = token
            .strip_prefix('$')
            .and_then(|number| number.parse::<usize>().ok())
            .and_then(|number| INDEX.services.get(self.service)?.values.get(number))
            .copied();
        Self {
            service: self.service,
            kind,
            values,
            required,
        }
    }

    /// Whether the structure that it is a member of always has it.
    pub fn required(self) -> bool {
        self.required
    }

    /// The service whose answer it is of.
    pub fn service(self) -> &'static str {
        INDEX.services.get(self.service).map_or("", |service| service.name)
    }

    /// The values that a string can have, separated by blanks, where they are few.
    pub fn values(self) -> Option<&'static str> {
        self.values
    }

    /// The elements of a list, or the values of a map.
    pub fn element(self) -> Option<Self> {
        match self.kind {
            Kind::List(token) | Kind::Map(token) => Some(self.of(token)),
            _ => None,
        }
    }

    /// The members of a structure, in the order of their names.
    pub fn members(self) -> impl Iterator<Item = (&'static str, Self)> {
        let members = match self.kind {
            Kind::Structure(members) => members,
            _ => "",
        };
        members.split(' ').filter(|token| !token.is_empty()).map(move |token| {
            let (name, token) = member_name(token);
            (name, self.of(token))
        })
    }

    /// The member of that name.
    pub fn member(self, name: &str) -> Option<Self> {
        self.members().find(|(known, _)| *known == name).map(|(_, shape)| shape)
    }

    /// Whether it is neither a list nor a map nor a structure.
    pub fn is_scalar(self) -> bool {
        matches!(
            self.kind,
            Kind::Text | Kind::Whole | Kind::Number | Kind::Bool | Kind::Time
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, operation, with_member};

    #[test]
    fn answers_have_the_members_of_the_api() {
        let shape = operation("ec2", "describe-subnets").unwrap().shape().unwrap();
        let subnet = shape.member("Subnets").unwrap().element().unwrap();
        assert_eq!(subnet.member("AvailableIpAddressCount").unwrap().kind(), Kind::Whole);
        assert_eq!(subnet.member("MapPublicIpOnLaunch").unwrap().kind(), Kind::Bool);
        assert_eq!(subnet.member("SubnetId").unwrap().kind(), Kind::Text);
        let tag = subnet.member("Tags").unwrap().element().unwrap();
        assert_eq!(
            tag.members().map(|(name, _)| name).collect::<Vec<_>>(),
            ["Key", "Value"]
        );
        assert!(operation("ec2", "describe-nothing").is_none());
    }

    #[test]
    fn members_that_are_always_there_are_marked() {
        let shape = operation("autoscaling", "describe-auto-scaling-groups")
            .unwrap()
            .shape()
            .unwrap();
        let group = shape.member("AutoScalingGroups").unwrap().element().unwrap();
        assert!(group.member("MinSize").unwrap().required());
        assert_eq!(group.member("MinSize").unwrap().kind(), Kind::Whole);
        assert!(!group.member("PlacementGroup").unwrap().required());
        assert_eq!(group.service(), "autoscaling");
    }

    #[test]
    fn members_lead_to_operations() {
        let found: Vec<_> = with_member("TargetHealthDescriptions")
            .iter()
            .map(|operation| (operation.service(), operation.name()))
            .collect();
        assert_eq!(found, [("elbv2", Some("describe-target-health"))]);
        assert!(with_member("nothing").is_empty());
    }
}
