//! The load balancer itself: what members ask for has to be the same; what their class asks for stands before it.

use std::collections::BTreeMap;

use super::Builder;
use crate::evidence::{Evidence, Fact};
use crate::model::decided::Decided;
use crate::model::load_balancer_controller::annotation::Annotations;
use crate::model::load_balancer_controller::attribute::{evidence, listed, merged, pairs};
use crate::model::load_balancer_controller::security_group::{SecurityGroups, manages_rules};
use crate::model::load_balancer_controller::stack::{AddOn, Kind, LoadBalancer, Pairs, SubnetMapping};
use crate::model::load_balancer_controller::{Name, Refusal, Subnet, tag};

type Result<T> = std::result::Result<T, Refusal>;

impl Builder<'_, '_, '_> {
    pub(super) fn load_balancer(&mut self) -> Result<LoadBalancer> {
        let scheme = self.scheme()?;
        let ip_address_type = self.ip_address_type()?;
        let subnets = self.subnets(&scheme)?;
        let asked = self.asked_security_groups()?;
        let manages = match &asked {
            Some(_) => manages_rules(self.group, self.settings)?.value,
            None => false,
        };
        self.security_groups = SecurityGroups::new(asked.as_ref(), manages, self.settings, self.surroundings)?;
        Ok(LoadBalancer {
            kind: Kind::Application,
            subnets: subnets.map(|subnets| {
                let mapping = |subnet: Subnet| SubnetMapping {
                    subnet: subnet.id,
                    ..SubnetMapping::default()
                };
                subnets.into_iter().map(mapping).collect()
            }),
            security_groups: self.security_groups.of_load_balancer.clone(),
            prefix_for_ipv6_source_nat: None,
            inbound_rules_on_private_link: None,
            customer_owned_ipv4_pool: self.agreed("", "customer-owned-ipv4-pool", "CustomerOwnedIPv4Pool")?,
            attributes: self.attributes()?,
            tags: tag::of_group(&self.group.members, self.settings)?,
            name: self.name(&scheme)?,
            minimum_capacity: self.minimum_capacity()?,
            ipv4_ipam_pool: self.ipv4_ipam_pool()?,
            ip_address_type,
            scheme,
        })
    }

    /// What members ask for by an annotation, or their classes by a parameter: one value at the most.
    fn agreed(&self, parameter: &str, suffix: &str, what: &str) -> Result<Option<Decided<String>>> {
        let mut asked: BTreeMap<String, Evidence> = BTreeMap::new();
        for member in &self.group.members {
            let of_class = member.parameter(parameter).and_then(|node| node.fact());
            if let Some(fact) = of_class.or_else(|| Annotations::of_ingress(member.ingress).text(suffix)) {
                asked.entry(fact.value).or_insert(fact.evidence);
            }
        }
        if asked.len() > 1 {
            let words: Vec<&str> = asked.keys().map(String::as_str).collect();
            return Err(Refusal::new(
                format!("conflicting {what}: [{}]", words.join(" ")),
                asked.values().cloned(),
            ));
        }
        Ok(asked
            .into_iter()
            .next()
            .map(|(value, evidence)| Decided::read(value, evidence)))
    }

    fn scheme(&self) -> Result<Decided<String>> {
        let scheme = self.agreed("scheme", "scheme", "scheme")?;
        match scheme {
            None => Ok(Decided::default(
                self.settings.default_scheme.clone(),
                "the controller's --default-load-balancer-scheme",
            )),
            Some(scheme) if matches!(scheme.value.as_str(), "internal" | "internet-facing") => Ok(scheme),
            Some(other) => Err(Refusal::new(
                format!("unknown scheme: {}", other.value),
                other.by.evidence().cloned(),
            )),
        }
    }

    fn ip_address_type(&self) -> Result<Decided<String>> {
        let asked = self.agreed("ipAddressType", "ip-address-type", "IPAddressType")?;
        match asked {
            None => Ok(Decided::default("ipv4".to_owned(), "the default is ipv4")),
            Some(asked)
                if matches!(
                    asked.value.as_str(),
                    "ipv4" | "dualstack" | "dualstack-without-public-ipv4"
                ) =>
            {
                Ok(asked)
            }
            Some(other) => Err(Refusal::new(
                format!("unknown IPAddressType: {}", other.value),
                other.by.evidence().cloned(),
            )),
        }
    }

    /// The subnets that members or their classes ask for, those of the load balancer that is there, or those that are found.
    fn subnets(&self, scheme: &Decided<String>) -> Result<Option<Vec<Subnet>>> {
        let mut selected: Option<crate::artifact::Node<'_>> = None;
        let mut named: Option<Fact<Vec<String>>> = None;
        for member in &self.group.members {
            if let Some(selector) = member.parameter("subnets") {
                if let Some(other) = &selected
                    && other.value() != selector.value()
                {
                    return Err(Refusal::new(
                        "conflicting IngressClassParams subnet specifications",
                        [other.evidence(), selector.evidence()],
                    ));
                }
                selected = Some(selector);
                continue;
            }
            let Some(own) = Annotations::of_ingress(member.ingress).list("subnets") else {
                continue;
            };
            if let Some(other) = &named {
                let sorted = |list: &[String]| {
                    let mut list = list.to_vec();
                    list.sort();
                    list
                };
                if sorted(&other.value) != sorted(&own.value) {
                    return Err(Refusal::new(
                        format!(
                            "conflicting subnets: [{}] | [{}]",
                            other.value.join(" "),
                            own.value.join(" ")
                        ),
                        [other.evidence.clone(), own.evidence],
                    ));
                }
                continue;
            }
            named = Some(own);
        }
        match (selected, named) {
            (Some(selected), Some(named)) => Err(Refusal::new(
                "conflicting subnet specifications: IngressClassParams versus annotation",
                [selected.evidence(), named.evidence],
            )),
            (Some(selected), None) => Ok(self.selected(&selected)),
            (None, Some(named)) => Ok(self.surroundings.named(&named.value)),
            (None, None) => Ok(match &self.surroundings.existing {
                Some(existing) if existing.scheme == scheme.value => self.surroundings.named(&existing.subnets),
                _ => self
                    .surroundings
                    .discover(&scheme.value, self.settings.cluster_name.as_deref()),
            }),
        }
    }

    /// `ids`, or `tags` of which one value each has to be there.
    fn selected(&self, selector: &crate::artifact::Node<'_>) -> Option<Vec<Subnet>> {
        let ids: Vec<String> = selector
            .list("ids")
            .iter()
            .filter_map(|id| id.str().map(str::to_owned))
            .collect();
        if !ids.is_empty() {
            return self.surroundings.named(&ids);
        }
        let tags = selector.get("tags")?.members();
        let has = |subnet: &&Subnet| {
            tags.iter().all(|(key, values)| {
                let own = subnet.tags.get(*key);
                values
                    .items()
                    .iter()
                    .any(|value| value.str() == own.map(String::as_str) && own.is_some())
            })
        };
        let found: Vec<Subnet> = self.surroundings.subnets.iter().filter(has).cloned().collect();
        (!found.is_empty()).then_some(found)
    }

    fn asked_security_groups(&self) -> Result<Option<Fact<Vec<String>>>> {
        let mut asked: Option<Fact<Vec<String>>> = None;
        for member in &self.group.members {
            let Some(own) = Annotations::of_ingress(member.ingress).list("security-groups") else {
                continue;
            };
            if let Some(other) = &asked
                && other.value != own.value
            {
                return Err(Refusal::new(
                    format!(
                        "conflicting securityGroups: [{}] | [{}]",
                        other.value.join(" "),
                        own.value.join(" ")
                    ),
                    [other.evidence.clone(), own.evidence],
                ));
            }
            asked.get_or_insert(own);
        }
        Ok(asked)
    }

    /// Those of members, which have to be the same; where a class says something, that stands.
    fn attributes(&self) -> Result<Pairs> {
        let members = &self.group.members;
        let of_class = members
            .first()
            .and_then(|member| member.parameter("loadBalancerAttributes"))
            .map(|list| listed(&list.items()))
            .unwrap_or_default();
        let mut all = Pairs::new();
        for member in members {
            for (key, value) in pairs(Annotations::of_ingress(member.ingress).map("load-balancer-attributes")?) {
                if let Some(known) = all.get(&key)
                    && known.value != value.value
                    && !of_class.contains_key(&key)
                {
                    return Err(Refusal::new(
                        format!(
                            "conflicting load balancer attributes {key}: {} | {}",
                            known.value, value.value
                        ),
                        evidence(known).into_iter().chain(evidence(&value)),
                    ));
                }
                all.insert(key, value);
            }
        }
        Ok(merged(of_class, all))
    }

    fn name(&self, scheme: &Decided<String>) -> Result<Decided<Name>> {
        if let Some(name) = self.agreed("loadBalancerName", "load-balancer-name", "load balancer name")? {
            if name.value.len() > 32 {
                return Err(Refusal::new(
                    "load balancer name cannot be longer than 32 characters",
                    name.by.evidence().cloned(),
                ));
            }
            return Ok(name.map(Name::Given));
        }
        let id = self.group.id.to_string();
        let parts = self
            .settings
            .cluster_name
            .as_deref()
            .map(|cluster| [cluster, id.as_str(), scheme.value.as_str()]);
        Ok(Decided::default(
            self.group.id.name(parts.as_ref().map(<[&str; 3]>::as_slice)),
            "the controller names what nobody named",
        ))
    }

    fn minimum_capacity(&self) -> Result<Option<Decided<i64>>> {
        let first = self.group.members.first();
        if let Some(units) = first
            .and_then(|member| member.parameter("minimumLoadBalancerCapacity"))
            .and_then(|capacity| capacity.get("capacityUnits"))
        {
            return Ok(units.number().map(|number| Decided::read(number, units.evidence())));
        }
        let mut all = Pairs::new();
        for member in &self.group.members {
            for (key, value) in pairs(Annotations::of_ingress(member.ingress).map("minimum-load-balancer-capacity")?) {
                let refused = |words: String| Refusal::new(words, evidence(&value));
                if let Some(known) = all.get(&key)
                    && known.value != value.value
                {
                    return Err(refused(format!(
                        "conflicting capacity reservation {key}: {} | {}",
                        known.value, value.value
                    )));
                }
                if key != "CapacityUnits" {
                    return Err(refused(format!(
                        "invalid key to set the capacity: {key}, Expected key: CapacityUnits"
                    )));
                }
                all.insert(key, value);
            }
        }
        let Some(units) = all.remove("CapacityUnits") else {
            return Ok(None);
        };
        let number: i64 = units.value.parse().map_err(|_| {
            Refusal::new(
                format!("invalid value to set the capacity: {}", units.value),
                evidence(&units),
            )
        })?;
        Ok(Some(units.map(|_| number)))
    }

    fn ipv4_ipam_pool(&self) -> Result<Option<Decided<String>>> {
        let of_class = self
            .group
            .members
            .first()
            .and_then(|member| member.parameter("ipamConfiguration"))
            .and_then(|configuration| configuration.fact_at(&["ipv4IPAMPoolId"]));
        match of_class {
            Some(pool) => Ok(Some(pool.into())),
            None => self.agreed("", "ipam-ipv4-pool-id", "ipv4 ipam pools"),
        }
    }

    pub(super) fn add_ons(&self) -> Result<Vec<AddOn>> {
        let mut all = Vec::new();
        if let Some(acl) = self.agreed("wafv2AclArn", "wafv2-acl-arn", "WAFv2 WebACL ARNs")? {
            all.push(AddOn::WebAcl(
                acl.map(|arn| if arn == "none" { String::new() } else { arn }),
            ));
        }
        let classic = match self.agreed("", "waf-acl-id", "WAFClassic WebACL IDs")? {
            Some(id) => Some(id),
            None => self.agreed("", "web-acl-id", "WAFClassic WebACL IDs")?,
        };
        if let Some(id) = classic.filter(|id| !id.value.is_empty()) {
            all.push(AddOn::ClassicWebAcl(
                id.map(|id| if id == "none" { String::new() } else { id }),
            ));
        }
        let mut shield: Option<Fact<bool>> = None;
        for member in &self.group.members {
            let Some(own) = Annotations::of_ingress(member.ingress).boolean("shield-advanced-protection")? else {
                continue;
            };
            if let Some(other) = &shield
                && other.value != own.value
            {
                return Err(Refusal::new(
                    "conflicting enable shield advanced protection",
                    [other.evidence.clone(), own.evidence],
                ));
            }
            shield = Some(own);
        }
        all.extend(shield.map(|shield| AddOn::Shield(shield.into())));
        Ok(all)
    }

    /// Annotations that decide something that is not told here: a second load balancer, certificates that are made, a firewall by its name.
    pub(super) fn unread(&self) -> Vec<Fact<String>> {
        let mut all = Vec::new();
        for member in &self.group.members {
            let annotations = Annotations::of_ingress(member.ingress);
            for suffix in ["enable-frontend-nlb", "create-acm-cert", "wafv2-acl-name"] {
                if let Some(fact) = annotations.text(suffix).filter(|fact| fact.value != "false") {
                    all.push(Fact::new(annotations.name(suffix), fact.evidence));
                }
            }
            if let Some(name) = member.parameter("wafv2AclName") {
                all.push(Fact::new("wafv2AclName".to_owned(), name.evidence()));
            }
        }
        all
    }
}
