//! Its target groups.

use super::Builder;
use crate::model::Entity;
use crate::model::aws::elbv2::TargetType;
use crate::model::aws::elbv2::rule::GroupRef;
use crate::model::decided::Decided;
use crate::model::load_balancer_controller::annotation::truth;
use crate::model::load_balancer_controller::attribute::{merged, pairs};
use crate::model::load_balancer_controller::binding::{self, Ports, Ranges};
use crate::model::load_balancer_controller::health_check;
use crate::model::load_balancer_controller::service_port::ServicePort;
use crate::model::load_balancer_controller::stack::{Binding, HealthCheck, NetworkingRule, Pairs, Port, TargetGroup};
use crate::model::load_balancer_controller::{Name, Refusal, tag};

type Result<T> = std::result::Result<T, Refusal>;

/// The word by which the API means a kind of targets.
pub(in crate::model::load_balancer_controller) fn word(target_type: TargetType) -> &'static str {
    match target_type {
        TargetType::Instance => "instance",
        TargetType::Ip => "ip",
        TargetType::Other => "other",
    }
}

impl Builder<'_, '_, '_> {
    /// The group of a Service's port; `base` is the Service whose load balancer it is, where that is another one.
    pub(super) fn target_group(
        &mut self,
        base: Option<&Entity<'_>>,
        service: &Entity<'_>,
        port: &ServicePort<'_>,
        protocol: &str,
    ) -> Result<GroupRef> {
        let id = format!("{}:{}", service.path(), port.port);
        let made = GroupRef::Made(id.clone());
        if self
            .stack
            .as_ref()
            .is_some_and(|stack| stack.target_groups.contains_key(&id))
        {
            return Ok(made);
        }
        let target_type = self.target_type(service, port)?;
        let health_check = health_check::of_service(service, &self.annotations, target_type.value, self.settings)?;
        let attributes = self.target_group_attributes(port)?;
        self.preserves = preserves(&attributes, target_type.value)?;
        let number = target_port(target_type.value, port);
        let ip_address_type = self.family(service)?;
        if number == 0 {
            return Err(empty_port(target_type.value, port));
        }
        let target = match target_type.value {
            TargetType::Instance => Port::Number(number),
            _ => port.target.clone(),
        };
        let networking = self.networking(&target, protocol, &health_check, &ip_address_type.value)?;
        let group = TargetGroup {
            name: self.group_name(base, service, port, number, target_type.value, protocol, &health_check),
            port: Decided::read(number, port.evidence.clone()),
            protocol: Decided::read(protocol.to_owned(), port.evidence.clone()),
            protocol_version: None,
            control_port: None,
            attributes,
            tags: tag::of_service(&self.annotations, self.settings)?,
            binding: Binding {
                namespace: service.namespace.to_owned(),
                service: service.name.to_owned(),
                service_port: Port::Number(port.port),
                port_name: port.name.to_owned(),
                port_protocol: port.protocol.to_owned(),
                node_selector: match target_type.value {
                    TargetType::Instance => self
                        .annotations
                        .map("aws-load-balancer-target-node-labels")?
                        .map(|fact| fact.value)
                        .unwrap_or_default(),
                    _ => std::collections::BTreeMap::new(),
                },
                multi_cluster: self
                    .annotations
                    .boolean("aws-load-balancer-multi-cluster-target-group")?
                    .is_some_and(|fact| fact.value),
                networking,
            },
            target_type,
            ip_address_type,
            health_check,
        };
        if let Some(stack) = &mut self.stack {
            stack.target_groups.insert(id, group);
        }
        Ok(made)
    }

    fn target_type(&self, service: &Entity<'_>, port: &ServicePort<'_>) -> Result<Decided<TargetType>> {
        let of_type = self.annotations.text("aws-load-balancer-type");
        let asked = Decided::or_default(
            self.annotations.text("aws-load-balancer-nlb-target-type"),
            self.settings.default_target_type.clone(),
            "the controller's --default-target-type",
        );
        let refused = |words: String| {
            let evidence = asked.by.evidence().cloned().into_iter().chain([port.evidence.clone()]);
            Refusal::new(words, evidence)
        };
        if asked.value == "ip" && !self.settings.ip_targets {
            return Err(refused(
                "unsupported targetType: ip when EnableIPTargetType is false".to_owned(),
            ));
        }
        if let Some(of_type) = of_type.filter(|of_type| of_type.value == "nlb-ip") {
            return Ok(Decided::read(TargetType::Ip, of_type.evidence));
        }
        if asked.value == "ip" {
            return Ok(asked.map(|_| TargetType::Ip));
        }
        if service.str(&["spec", "type"]).unwrap_or("ClusterIP") == "ClusterIP" {
            return Err(refused(format!(
                "unsupported service type \"ClusterIP\" for load balancer target type \"{}\"",
                asked.value
            )));
        }
        let allocates = service.bool(&["spec", "allocateLoadBalancerNodePorts"]);
        if port.node_port.is_none() && allocates.is_some_and(|fact| !fact.value) {
            return Err(refused(
                "unable to support instance target type with an unallocated NodePort".to_owned(),
            ));
        }
        Ok(asked.map(|_| TargetType::Instance))
    }

    fn target_group_attributes(&self, port: &ServicePort<'_>) -> Result<Pairs> {
        const PROXY: &str = "proxy_protocol_v2.enabled";
        let name = "aws-load-balancer-target-group-attributes";
        let base = pairs(self.annotations.map(name)?);
        let mut own = pairs(self.annotations.map(&format!("{name}.{}", port.port))?);
        own.retain(|_, value| !value.value.is_empty());
        let mut all = merged(own, base);
        all.entry(PROXY.to_owned())
            .or_insert_with(|| Decided::default("false".to_owned(), "proxy protocol is off by default"));
        if let Some(list) = self
            .annotations
            .list("aws-load-balancer-proxy-protocol-per-target-group")
        {
            if let Some(wrong) = list.value.iter().find(|port| port.parse::<i64>().is_err()) {
                return Err(Refusal::new(
                    format!("invalid port number in proxy-protocol-per-target-group: {wrong}"),
                    [list.evidence],
                ));
            }
            let on = list.value.contains(&port.port.to_string());
            all.insert(PROXY.to_owned(), Decided::read(on.to_string(), list.evidence));
        }
        if let Some(proxy) = self.annotations.text("aws-load-balancer-proxy-protocol") {
            if proxy.value != "*" {
                return Err(Refusal::new(
                    format!(
                        "invalid value {} for Load Balancer proxy protocol v2 annotation, only value currently supported is *",
                        proxy.value
                    ),
                    [proxy.evidence],
                ));
            }
            all.insert(PROXY.to_owned(), Decided::read("true".to_owned(), proxy.evidence));
        }
        // Asked for with an empty value it is left to AWS.
        all.retain(|key, value| !(key == PROXY && value.value.is_empty()));
        Ok(all)
    }

    /// IPv6 where the Service has such addresses, whether or not it has others.
    fn family(&self, service: &Entity<'_>) -> Result<Decided<String>> {
        let families = service
            .at(&["spec", "ipFamilies"])
            .map(|list| list.items())
            .unwrap_or_default();
        let Some(six) = families.iter().find(|family| family.str() == Some("IPv6")) else {
            return Ok(Decided::default("ipv4".to_owned(), "the Service has no IPv6 address"));
        };
        if self
            .balancer()
            .is_some_and(|lb| lb.ip_address_type.value != "dualstack")
        {
            return Err(Refusal::new(
                "unsupported IPv6 configuration, lb not dual-stack",
                [six.evidence()],
            ));
        }
        Ok(Decided::read("ipv6".to_owned(), six.evidence()))
    }

    #[allow(clippy::too_many_arguments, reason = "all that the hash is made of")]
    fn group_name(
        &self,
        base: Option<&Entity<'_>>,
        service: &Entity<'_>,
        port: &ServicePort<'_>,
        number: u16,
        target_type: TargetType,
        protocol: &str,
        health_check: &HealthCheck,
    ) -> Name {
        let uid = |entity: &Entity<'_>| entity.str(&["metadata", "uid"]).map(str::to_owned);
        let own = uid(service);
        let of_base = base.map_or_else(|| Some(String::new()), uid);
        let words = [service.namespace, service.name];
        let (Some(cluster), Some(own), Some(of_base)) = (&self.settings.cluster_name, own, of_base) else {
            return Name::made(words, None);
        };
        let parts = [
            cluster.clone(),
            of_base,
            own,
            number.to_string(),
            port.port.to_string(),
            word(target_type).to_owned(),
            protocol.to_owned(),
            health_check.protocol.value.clone(),
            health_check.interval_seconds.value.to_string(),
        ];
        Name::made(words, Some(&parts.each_ref().map(String::as_str)))
    }

    fn networking(
        &self,
        target: &Port,
        protocol: &str,
        health_check: &HealthCheck,
        family: &str,
    ) -> Result<Option<Vec<NetworkingRule>>> {
        let ports = Ports {
            target,
            health_check: &health_check.port.value,
        };
        if !self.security_groups.of_load_balancer.is_empty() {
            let backend = self.security_groups.backend.as_ref();
            return Ok(binding::of_service(
                backend,
                ports,
                protocol,
                self.settings.unrestricted_rules,
            ));
        }
        let manages = self
            .annotations
            .boolean("aws-load-balancer-manage-backend-security-group-rules")?;
        if manages.is_some_and(|fact| !fact.value) {
            return Ok(None);
        }
        Ok(Some(binding::by_ranges(
            &self.ranges(family == "ipv6"),
            ports,
            protocol,
        )))
    }

    /// Whom the targets of a load balancer without security groups see.
    fn ranges(&self, six: bool) -> Ranges {
        let surroundings = self.surroundings;
        let scheme = self.balancer().map_or("", |lb| lb.scheme.value.as_str());
        let everybody = if scheme == "internal" {
            surroundings
                .vpc
                .as_ref()
                .map(|vpc| if six { vpc.ipv6.clone() } else { vpc.ipv4.clone() })
        } else {
            Some(vec![if six { "::/0" } else { "0.0.0.0/0" }.to_owned()])
        };
        let subnets = self.balancer().and_then(|lb| lb.subnets.as_ref()).and_then(|mappings| {
            let names: Vec<String> = mappings.iter().map(|mapping| mapping.subnet.clone()).collect();
            let discovered = surroundings.discovered.as_deref().unwrap_or_default();
            let mut blocks = Vec::new();
            for name in &names {
                let subnet = surroundings
                    .subnets
                    .iter()
                    .chain(discovered)
                    .find(|subnet| subnet.id == *name)?;
                if six {
                    blocks.extend(subnet.ipv6.clone());
                } else {
                    blocks.push(subnet.ipv4.clone()?);
                }
            }
            Some(blocks)
        });
        Ranges {
            subnets,
            clients: self.source_ranges().into_iter().map(|block| block.value).collect(),
            everybody,
            preserves: self.preserves,
        }
    }
}

/// The node port, the pods' port, or 1 where each pod may have another one.
pub(in crate::model::load_balancer_controller) fn target_port(target_type: TargetType, port: &ServicePort<'_>) -> u16 {
    match (target_type, &port.target) {
        (TargetType::Instance, _) => port.node_port.unwrap_or_default(),
        (_, Port::Number(number)) => *number,
        (_, Port::Name(_)) => 1,
    }
}

/// What the controller says of a port that is none.
pub(in crate::model::load_balancer_controller) fn empty_port(
    target_type: TargetType,
    port: &ServicePort<'_>,
) -> Refusal {
    let words = match target_type {
        TargetType::Ip => "TargetGroup port is empty. Are you using the correct service type?",
        _ => {
            "TargetGroup port is empty. When using Instance targets, your service be must of type 'NodePort' or 'LoadBalancer'"
        }
    };
    Refusal::new(words, [port.evidence.clone()])
}

/// Whether targets see the clients' addresses: the attribute, or on for instances and off for addresses.
fn preserves(attributes: &Pairs, target_type: TargetType) -> Result<bool> {
    const KEY: &str = "preserve_client_ip.enabled";
    let Some(asked) = attributes.get(KEY) else {
        return Ok(target_type == TargetType::Instance);
    };
    truth(&asked.value).ok_or_else(|| {
        Refusal::new(
            format!("failed to parse attribute {KEY}={}", asked.value),
            asked.by.evidence().cloned(),
        )
    })
}
