//! Which Ingresses share a load balancer: the class that makes an Ingress the controller's, the group that it is in, and its place there
//! (documentation, "IngressClass" and "IngressGroup"; `pkg/ingress/{class_loader,group_loader}.go`).

use std::collections::BTreeMap;
use std::fmt;

use super::annotation::Annotations;
use super::{Refusal, Settings};
use crate::artifact::Node;
use crate::model::selector::{Labels, Selector};
use crate::model::{Entity, Model};

/// Names a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupId {
    /// An Ingress alone.
    Implicit {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// Those of that group name.
    Explicit(String),
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Implicit { namespace, name } => write!(f, "{namespace}/{name}"),
            Self::Explicit(name) => f.write_str(name),
        }
    }
}

/// An Ingress of a group, with the parameters of its class.
#[derive(Debug, Clone)]
pub struct Member<'m, 'a> {
    /// The Ingress.
    pub ingress: &'m Entity<'a>,
    /// The `IngressClassParams` of its class.
    pub parameters: Option<&'m Entity<'a>>,
}

impl<'a> Member<'_, 'a> {
    /// A parameter of its class that has a value.
    pub fn parameter(&self, name: &str) -> Option<Node<'a>> {
        let node = self.parameters?.at(&["spec", name])?;
        (node.str() != Some("") && !(node.value().is_array() && node.items().is_empty())).then_some(node)
    }
}

/// The Ingresses of one load balancer.
#[derive(Debug, Clone)]
pub struct Group<'m, 'a> {
    /// Its name.
    pub id: GroupId,
    /// In their order.
    pub members: Vec<Member<'m, 'a>>,
    /// Those that were in it: they are being deleted, or have left.
    pub leaving: Vec<&'m Entity<'a>>,
}

/// Whether an Ingress is the controller's.
#[derive(Debug, Clone)]
pub enum Class<'m, 'a> {
    /// It is, with the parameters of its class, where it has some.
    Ours(Option<&'m Entity<'a>>),
    /// It is not, or will not be looked at: why.
    NotOurs(String),
    /// Its class was not pasted: its name.
    Unknown(String),
}

/// The controller that classes of the AWS Load Balancer Controller name.
const CONTROLLER: &str = "ingress.k8s.aws/alb";

/// Whether an Ingress is the controller's.
pub fn class<'m, 'a>(model: &'m Model<'a>, ingress: &'m Entity<'a>, settings: &Settings) -> Class<'m, 'a> {
    if let Some(class) = ingress.str(&["metadata", "annotations", "kubernetes.io/ingress.class"]) {
        return if class == settings.ingress_class {
            Class::Ours(None)
        } else {
            Class::NotOurs(format!("its annotation kubernetes.io/ingress.class is {class}"))
        };
    }
    let name = ingress.str(&["spec", "ingressClassName"]).or_else(|| {
        let default = |class: &&Entity<'_>| {
            class.str(&["metadata", "annotations", "ingressclass.kubernetes.io/is-default-class"]) == Some("true")
        };
        model.all("IngressClass").find(default).map(|class| class.name)
    });
    let Some(name) = name else {
        return if ingress.complete() {
            Class::NotOurs("it names no IngressClass".to_owned())
        } else {
            Class::Unknown(String::new())
        };
    };
    let Some(class) = model.get("IngressClass", "", name) else {
        return Class::Unknown(name.to_owned());
    };
    let controller = class
        .str(&["spec", "controller"])
        .unwrap_or(if class.complete() { "" } else { CONTROLLER });
    if controller != CONTROLLER {
        return Class::NotOurs(format!("its IngressClass {name} is of the controller {controller}"));
    }
    let Some(parameters) = class.at(&["spec", "parameters"]) else {
        return Class::Ours(None);
    };
    let wanted = parameters.str_of("name").unwrap_or_default();
    match model.get("IngressClassParams", "", wanted) {
        Some(parameters) if selects(model, parameters, ingress.namespace) => Class::Ours(Some(parameters)),
        Some(_) => Class::NotOurs(format!(
            "the namespaceSelector of its IngressClassParams {wanted} does not select namespace {}",
            ingress.namespace
        )),
        None => Class::Unknown(format!("IngressClassParams {wanted}")),
    }
}

/// Whether the parameters are for Ingresses of that namespace; a namespace that was not pasted is taken for one.
fn selects(model: &Model<'_>, parameters: &Entity<'_>, namespace: &str) -> bool {
    let Some(selector) = parameters.at(&["spec", "namespaceSelector"]) else {
        return true;
    };
    let Some(namespace) = model.get("Namespace", "", namespace) else {
        return true;
    };
    let labels: Labels<'_> = namespace
        .at(&["metadata", "labels"])
        .map(|labels| labels.members())
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.str()?)))
        .collect();
    Selector::read(&selector).is_none_or(|selector| selector.matches(&labels))
}

/// The group of a member.
///
/// # Errors
/// Its name is none that the controller takes.
pub fn id(member: &Member<'_, '_>) -> Result<GroupId, Refusal> {
    let of_class = member.parameter("group").and_then(|group| group.fact_at(&["name"]));
    let asked = of_class.or_else(|| Annotations::of_ingress(member.ingress).text("group.name"));
    let Some(name) = asked else {
        return Ok(GroupId::Implicit {
            namespace: member.ingress.namespace.to_owned(),
            name: member.ingress.name.to_owned(),
        });
    };
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.value.as_bytes();
    let ends = bytes.first().is_some_and(|byte| good(*byte)) && bytes.last().is_some_and(|byte| good(*byte));
    if !ends || !bytes.iter().all(|byte| good(*byte) || matches!(byte, b'-' | b'.')) {
        return Err(Refusal::new(
            "groupName must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
            [name.evidence],
        ));
    }
    if bytes.len() > 63 {
        return Err(Refusal::new(
            "groupName must be no more than 63 characters",
            [name.evidence],
        ));
    }
    Ok(GroupId::Explicit(name.value))
}

/// Its order, and its namespace and name.
type Place = (i64, String);

/// The place of a member: `group.order`, 0 by default, then by namespace and name.
fn place(member: &Member<'_, '_>) -> Result<Place, Refusal> {
    let order = Annotations::of_ingress(member.ingress).number("group.order")?;
    if let Some(order) = &order
        && !(-1000..=1000).contains(&order.value)
    {
        return Err(Refusal::new(
            format!(
                "explicit Ingress group order must be within [-1000:1000], Ingress: {}, order: {}",
                member.ingress.path(),
                order.value
            ),
            [order.evidence.clone()],
        ));
    }
    Ok((order.map_or(0, |order| order.value), member.ingress.path()))
}

/// Why an Ingress has no group.
#[derive(Debug, Clone, PartialEq)]
pub enum NoGroup {
    /// It is not the controller's: why.
    NotOurs(String),
    /// Its class was not pasted: its name.
    Unknown(String),
    /// The controller refuses it.
    Refused(Refusal),
}

impl<'m, 'a> Group<'m, 'a> {
    /// The group of an Ingress with all members that were pasted.
    ///
    /// # Errors
    /// The Ingress has none.
    pub fn of(model: &'m Model<'a>, ingress: &'m Entity<'a>, settings: &Settings) -> Result<Self, NoGroup> {
        let member = match class(model, ingress, settings) {
            Class::Ours(parameters) => Member { ingress, parameters },
            Class::NotOurs(why) => return Err(NoGroup::NotOurs(why)),
            Class::Unknown(name) => return Err(NoGroup::Unknown(name)),
        };
        let own = id(&member).map_err(NoGroup::Refused)?;
        let mut members = Vec::new();
        let mut leaving = Vec::new();
        for ingress in model.all("Ingress") {
            let going = ingress.at(&["metadata", "deletionTimestamp"]).is_some();
            let active = match class(model, ingress, settings) {
                Class::Ours(parameters) if !going => Some(Member { ingress, parameters }),
                _ => None,
            };
            match active.filter(|member| id(member).as_ref() == Ok(&own)) {
                Some(member) => members.push((place(&member).map_err(NoGroup::Refused)?, member)),
                None if held_by(ingress).contains(&own) => leaving.push(ingress),
                None => {}
            }
        }
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Self {
            id: own,
            members: members.into_iter().map(|(_, member)| member).collect(),
            leaving,
        })
    }
}

/// All groups that were pasted, by their ids. What the controller refuses is in none.
pub fn all<'m, 'a>(model: &'m Model<'a>, settings: &Settings) -> Vec<Group<'m, 'a>> {
    let mut groups: BTreeMap<GroupId, Vec<(Place, Member<'m, 'a>)>> = BTreeMap::new();
    let mut leaving: BTreeMap<GroupId, Vec<&'m Entity<'a>>> = BTreeMap::new();
    for ingress in model.all("Ingress") {
        let going = ingress.at(&["metadata", "deletionTimestamp"]).is_some();
        let own = match class(model, ingress, settings) {
            Class::Ours(parameters) if !going => {
                let member = Member { ingress, parameters };
                match (id(&member), place(&member)) {
                    (Ok(own), Ok(place)) => {
                        groups.entry(own.clone()).or_default().push((place, member));
                        Some(own)
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        for held in held_by(ingress) {
            if own.as_ref() != Some(&held) {
                leaving.entry(held).or_default().push(ingress);
            }
        }
    }
    groups
        .into_iter()
        .map(|(id, mut members)| {
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Group {
                leaving: leaving.remove(&id).unwrap_or_default(),
                members: members.into_iter().map(|(_, member)| member).collect(),
                id,
            }
        })
        .collect()
}

/// The groups whose finalizers an Ingress has.
fn held_by(ingress: &Entity<'_>) -> Vec<GroupId> {
    let finalizers = ingress.at(&["metadata", "finalizers"]).map(|list| list.items());
    finalizers
        .unwrap_or_default()
        .iter()
        .filter_map(|item| {
            let finalizer = item.str()?;
            if finalizer == "ingress.k8s.aws/resources" {
                return Some(GroupId::Implicit {
                    namespace: ingress.namespace.to_owned(),
                    name: ingress.name.to_owned(),
                });
            }
            let name = finalizer.strip_prefix("group.ingress.k8s.aws/")?;
            Some(GroupId::Explicit(name.to_owned()))
        })
        .collect()
}
