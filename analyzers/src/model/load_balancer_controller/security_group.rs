//! The security groups of a load balancer: those that are asked for, or one that the controller makes, and the one that all load balancers
//! of the cluster share so that targets can let them in (documentation, "Security groups for Load Balancers").

use super::annotation::Annotations;
use super::listen_port::ListenPorts;
use super::name::Name;
use super::stack::{Pairs, Permission, SecurityGroup, SecurityGroupRef, Source};
use super::{Group, Refusal, Settings, Surroundings};
use crate::evidence::Fact;
use crate::model::decided::Decided;

/// The groups of a load balancer, and the one that targets are to let in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SecurityGroups {
    /// Those of the load balancer.
    pub of_load_balancer: Vec<SecurityGroupRef>,
    /// The one that targets let in; `None` where the controller leaves the targets' groups alone.
    pub backend: Option<SecurityGroupRef>,
    /// Whether one has to be made.
    pub makes_one: bool,
}

impl SecurityGroups {
    /// Those of a load balancer whose own were, or were not, asked for; `manages` says whether the targets' groups are the controller's
    /// affair although they were.
    ///
    /// # Errors
    /// They cannot be managed without a shared group.
    pub fn new(
        asked: Option<&Fact<Vec<String>>>,
        manages: bool,
        settings: &Settings,
        surroundings: &Surroundings,
    ) -> Result<Self, Refusal> {
        let shared = SecurityGroupRef::Backend(settings.backend_security_group.clone());
        let Some(asked) = asked.filter(|asked| !asked.value.is_empty()) else {
            let mut of_load_balancer = vec![SecurityGroupRef::Managed];
            let backend = if settings.backend_security_group_enabled {
                of_load_balancer.push(shared.clone());
                shared
            } else {
                SecurityGroupRef::Managed
            };
            return Ok(Self {
                of_load_balancer,
                backend: Some(backend),
                makes_one: true,
            });
        };
        let mut of_load_balancer: Vec<SecurityGroupRef> = asked
            .value
            .iter()
            .map(|name| SecurityGroupRef::Named(name.clone(), surroundings.security_group(name)))
            .collect();
        if !manages {
            return Ok(Self {
                of_load_balancer,
                backend: None,
                makes_one: false,
            });
        }
        if !settings.backend_security_group_enabled {
            return Err(Refusal::new(
                "backendSG feature is required to manage worker node SG rules when frontendSG manually specified",
                [asked.evidence.clone()],
            ));
        }
        of_load_balancer.push(shared.clone());
        Ok(Self {
            of_load_balancer,
            backend: Some(shared),
            makes_one: false,
        })
    }
}

/// Whether the controller manages the targets' security groups although the load balancer's were asked for:
/// `manage-backend-security-group-rules` of the members, or the controller's flag.
///
/// # Errors
/// Two members disagree, or one has no truth value.
pub fn manages_rules(group: &Group<'_, '_>, settings: &Settings) -> Result<Decided<bool>, Refusal> {
    let mut asked: Option<Fact<bool>> = None;
    for member in &group.members {
        let own = Annotations::of_ingress(member.ingress).boolean("manage-backend-security-group-rules")?;
        let Some(own) = own else { continue };
        if let Some(known) = &asked
            && known.value != own.value
        {
            return Err(Refusal::new(
                "conflicting manage backend security group rules settings",
                [known.evidence.clone(), own.evidence],
            ));
        }
        asked = Some(own);
    }
    Ok(Decided::or_default(
        asked,
        settings.manage_backend_rules,
        "the controller's --enable-manage-backend-security-group-rules",
    ))
}

/// The group that is made for an Ingress group's load balancer.
pub fn of_ingresses(
    group: &Group<'_, '_>,
    ports: &ListenPorts,
    six: bool,
    settings: &Settings,
    tags: Pairs,
) -> SecurityGroup {
    let id = group.id.to_string();
    let parts = settings.cluster_name.as_deref().map(|cluster| [cluster, id.as_str()]);
    let mut ingress = Vec::new();
    for (port, config) in ports {
        let blocks = config
            .inbound_ipv4
            .iter()
            .chain(config.inbound_ipv6.iter().filter(|_| six))
            .map(|block| block.clone().map(Source::Block));
        let lists = config
            .prefix_lists
            .iter()
            .map(|list| list.clone().map(Source::PrefixList));
        ingress.extend(blocks.chain(lists).map(|source| Permission {
            protocol: "tcp".to_owned(),
            from_port: *port,
            to_port: *port,
            source,
        }));
    }
    SecurityGroup {
        name: group.id.name(parts.as_ref().map(<[&str; 2]>::as_slice)),
        ingress,
        tags,
    }
}

impl super::GroupId {
    /// The name of something that is the group's, made of a hash over these.
    pub fn name(&self, of: Option<&[&str]>) -> Name {
        match self {
            Self::Implicit { namespace, name } => Name::made([namespace, name], of),
            Self::Explicit(name) => Name::of_group(name, of),
        }
    }
}
