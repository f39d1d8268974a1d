//! Its target groups: one for each Ingress, Service and port of it.

use super::Builder;
use crate::model::Entity;
use crate::model::aws::elbv2::TargetType;
use crate::model::aws::elbv2::rule::GroupRef;
use crate::model::decided::Decided;
use crate::model::load_balancer_controller::annotation::Annotations;
use crate::model::load_balancer_controller::attribute::pairs;
use crate::model::load_balancer_controller::binding::{self, Ports};
use crate::model::load_balancer_controller::health_check;
use crate::model::load_balancer_controller::service::{empty_port, target_port, word};
use crate::model::load_balancer_controller::service_port::{ServicePort, lookup};
use crate::model::load_balancer_controller::stack::{Binding, LoadBalancer, Port, TargetGroup};
use crate::model::load_balancer_controller::{Member, Name, Refusal, tag};

type Result<T> = std::result::Result<T, Refusal>;

impl<'m, 'a> Builder<'_, 'm, 'a> {
    pub(super) fn target_group(
        &mut self,
        member: &Member<'m, 'a>,
        name: &str,
        wanted: &Port,
        load_balancer: &LoadBalancer,
    ) -> Result<GroupRef> {
        let ingress = member.ingress;
        let id = format!("{}/{}-{name}:{wanted}", ingress.namespace, ingress.name);
        let made = GroupRef::Made(id.clone());
        if self.target_groups.contains_key(&id) {
            return Ok(made);
        }
        let Some(service) = self.model.get("Service", ingress.namespace, name) else {
            // Whether it is there was not pasted: the controller answers 503 in the place of one that is not.
            self.missing_services
                .insert((ingress.namespace.to_owned(), name.to_owned()));
            return Ok(made);
        };
        let port = lookup(service, wanted)?;
        let group = self.made(member, service, wanted, &port, load_balancer)?;
        self.target_groups.insert(id, group);
        Ok(made)
    }

    fn made(
        &self,
        member: &Member<'m, 'a>,
        service: &Entity<'_>,
        wanted: &Port,
        port: &ServicePort<'_>,
        load_balancer: &LoadBalancer,
    ) -> Result<TargetGroup> {
        let annotations = Annotations::of_backend(
            self.model.get("Service", service.namespace, service.name),
            member.ingress,
        );
        let target_type = self.target_type(member, &annotations)?;
        let protocol = one_of(
            &annotations,
            "backend-protocol",
            ["HTTP", "HTTPS"].as_slice(),
            "backend protocol",
        )?;
        let version = one_of(
            &annotations,
            "backend-protocol-version",
            ["HTTP1", "HTTP2", "GRPC"].as_slice(),
            "backend protocol version",
        )?;
        let health_check =
            health_check::of_backend(service, &annotations, target_type.value, &protocol, &version.value)?;
        let attributes = pairs(annotations.map("target-group-attributes")?);
        let tags = tag::of_backend(member, Some(service), self.settings)?;
        let ip_address_type = family(service, load_balancer)?;
        let number = target_port(target_type.value, port);
        let control_port = control_port(&annotations, service, wanted, target_type.value)?;
        if number == 0 {
            return Err(empty_port(target_type.value, port));
        }
        let instances = target_type.value == TargetType::Instance;
        let target = if instances {
            Port::Number(number)
        } else {
            port.target.clone()
        };
        let ports = Ports {
            target: &target,
            health_check: &health_check.port.value,
        };
        let multi_cluster = |of: Annotations<'_, '_>| -> Result<bool> {
            Ok(of.boolean("multi-cluster-target-group")?.is_some_and(|fact| fact.value))
        };
        let own = Annotations::of_ingress(member.ingress);
        Ok(TargetGroup {
            name: self.group_name(
                member,
                service,
                wanted,
                number,
                target_type.value,
                &protocol.value,
                &version.value,
                control_port.as_ref(),
            ),
            port: Decided::read(number, port.evidence.clone()),
            binding: Binding {
                namespace: service.namespace.to_owned(),
                service: service.name.to_owned(),
                service_port: wanted.clone(),
                port_name: port.name.to_owned(),
                port_protocol: port.protocol.to_owned(),
                node_selector: if instances {
                    annotations
                        .map("target-node-labels")?
                        .map(|fact| fact.value)
                        .unwrap_or_default()
                } else {
                    std::collections::BTreeMap::new()
                },
                multi_cluster: multi_cluster(own)? || multi_cluster(annotations)?,
                networking: binding::of_ingress(
                    self.security_groups.backend.as_ref(),
                    ports,
                    control_port.as_ref().map(|port| port.value),
                    self.settings.unrestricted_rules,
                ),
            },
            target_type,
            protocol,
            protocol_version: Some(version),
            ip_address_type,
            control_port,
            health_check,
            attributes,
            tags,
        })
    }

    fn target_type(&self, member: &Member<'_, '_>, annotations: &Annotations<'_, '_>) -> Result<Decided<TargetType>> {
        let of_class = member.parameter("targetType").and_then(|node| node.fact());
        let asked = Decided::or_default(
            of_class.or_else(|| annotations.text("target-type")),
            self.settings.default_target_type.clone(),
            "the controller's --default-target-type",
        );
        let refused = |words: String| Refusal::new(words, asked.by.evidence().cloned());
        match asked.value.as_str() {
            "instance" => Ok(asked.map(|_| TargetType::Instance)),
            "ip" if self.settings.ip_targets => Ok(asked.map(|_| TargetType::Ip)),
            "ip" => Err(refused(
                "unsupported targetType: ip when EnableIPTargetType is false".to_owned(),
            )),
            other => Err(refused(format!("unknown targetType: {other}"))),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "all that the hash is made of")]
    fn group_name(
        &self,
        member: &Member<'_, '_>,
        service: &Entity<'_>,
        wanted: &Port,
        number: u16,
        target_type: TargetType,
        protocol: &str,
        version: &str,
        control_port: Option<&Decided<u16>>,
    ) -> Name {
        let words = [service.namespace, service.name];
        let uid = service.str(&["metadata", "uid"]);
        let (Some(cluster), Some(uid)) = (&self.settings.cluster_name, uid) else {
            return Name::made(words, None);
        };
        let parts = [
            cluster.clone(),
            self.group.id.to_string(),
            member.ingress.namespace.to_owned(),
            member.ingress.name.to_owned(),
            uid.to_owned(),
            wanted.to_string(),
            number.to_string(),
            word(target_type).to_owned(),
            protocol.to_owned(),
            version.to_owned(),
            control_port.map(|port| port.value.to_string()).unwrap_or_default(),
        ];
        Name::made(words, Some(&parts.each_ref().map(String::as_str)))
    }
}

/// An annotation with one of a few values, the first of which is the default.
fn one_of(annotations: &Annotations<'_, '_>, suffix: &str, known: &[&str], what: &str) -> Result<Decided<String>> {
    match annotations.text(suffix) {
        None => Ok(Decided::default(
            known.first().copied().unwrap_or_default().to_owned(),
            "the controller's default for backends",
        )),
        Some(fact) if known.contains(&fact.value.as_str()) => Ok(fact.into()),
        Some(fact) => Err(Refusal::new(
            format!("{what} must be within [{}]: {}", known.join(", "), fact.value),
            [fact.evidence],
        )),
    }
}

/// IPv6 where the Service has such addresses, whether or not it has others.
fn family(service: &Entity<'_>, load_balancer: &LoadBalancer) -> Result<Decided<String>> {
    let families = service
        .at(&["spec", "ipFamilies"])
        .map(|list| list.items())
        .unwrap_or_default();
    let Some(six) = families.iter().find(|family| family.str() == Some("IPv6")) else {
        return Ok(Decided::default("ipv4".to_owned(), "the Service has no IPv6 address"));
    };
    if load_balancer.ip_address_type.value == "ipv4" {
        return Err(Refusal::new(
            "unsupported IPv6 configuration, lb not dual-stack",
            [six.evidence()],
        ));
    }
    Ok(Decided::read("ipv6".to_owned(), six.evidence()))
}

/// `target-control-port.SERVICE.PORT`, of addresses alone.
fn control_port(
    annotations: &Annotations<'_, '_>,
    service: &Entity<'_>,
    wanted: &Port,
    target_type: TargetType,
) -> Result<Option<Decided<u16>>> {
    let name = format!("target-control-port.{}.{wanted}", service.name);
    let Some(fact) = annotations.number(&name)? else {
        return Ok(None);
    };
    if target_type == TargetType::Instance {
        return Err(Refusal::new(
            "target control port is not supported for instance target target group",
            [fact.evidence],
        ));
    }
    let port = u16::try_from(fact.value).unwrap_or_default();
    Ok(Some(Decided::read(port, fact.evidence)))
}
