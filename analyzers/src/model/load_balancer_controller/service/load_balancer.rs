//! The load balancer itself.

use std::net::IpAddr;

use super::Builder;
use crate::evidence::Fact;
use crate::model::decided::Decided;
use crate::model::load_balancer_controller::attribute::{merged, pairs};
use crate::model::load_balancer_controller::security_group::SecurityGroups;
use crate::model::load_balancer_controller::service_port::ports;
use crate::model::load_balancer_controller::stack::{
    Kind, LoadBalancer, Pairs, Permission, SecurityGroup, Source, SubnetMapping,
};
use crate::model::load_balancer_controller::{Name, Refusal, Subnet, tag};

type Result<T> = std::result::Result<T, Refusal>;

impl Builder<'_, '_, '_> {
    pub(super) fn load_balancer(&mut self) -> Result<LoadBalancer> {
        let scheme = self.scheme()?;
        let ip_address_type = self.ip_address_type()?;
        let subnets = self.subnets(&scheme);
        let prefix = self.prefix_for_ipv6_source_nat(&ip_address_type)?;
        let attributes = self.attributes()?;
        let minimum_capacity = self.minimum_capacity()?;
        self.security_groups = self.asked_security_groups()?;
        let subnets = match subnets {
            Some(subnets) => Some(self.mappings(&subnets, &scheme, &ip_address_type, &prefix)?),
            None => None,
        };
        Ok(LoadBalancer {
            name: self.name(&scheme)?,
            kind: Kind::Network,
            subnets,
            security_groups: self.security_groups.of_load_balancer.clone(),
            prefix_for_ipv6_source_nat: Some(prefix),
            inbound_rules_on_private_link: self.inbound_rules_on_private_link()?,
            customer_owned_ipv4_pool: None,
            ipv4_ipam_pool: None,
            minimum_capacity,
            attributes,
            tags: tag::of_service(&self.annotations, self.settings)?,
            ip_address_type,
            scheme,
        })
    }

    fn scheme(&self) -> Result<Decided<String>> {
        if let Some(scheme) = self.annotations.text("aws-load-balancer-scheme") {
            return match scheme.value.as_str() {
                "internal" | "internet-facing" => Ok(scheme.into()),
                other => Err(Refusal::new(format!("unknown scheme: {other}"), [scheme.evidence])),
            };
        }
        if let Some(internal) = self.annotations.boolean("aws-load-balancer-internal")? {
            let scheme = |internal| if internal { "internal" } else { "internet-facing" };
            return Ok(internal.map(|internal| scheme(internal).to_owned()).into());
        }
        if let Some(existing) = &self.surroundings.existing {
            let scheme = existing.scheme.clone();
            return Ok(match &existing.evidence {
                Some(evidence) => Decided::read(scheme, evidence.clone()),
                None => Decided::default(scheme, "the load balancer that is there keeps its scheme"),
            });
        }
        Ok(Decided::default(
            self.settings.default_scheme.clone(),
            "the controller's --default-load-balancer-scheme",
        ))
    }

    fn ip_address_type(&self) -> Result<Decided<String>> {
        match self.annotations.text("aws-load-balancer-ip-address-type") {
            None => Ok(Decided::default("ipv4".to_owned(), "the default is ipv4")),
            Some(fact) if matches!(fact.value.as_str(), "ipv4" | "dualstack") => Ok(fact.into()),
            Some(fact) => Err(Refusal::new(
                format!("unknown IPAddressType: {}", fact.value),
                [fact.evidence],
            )),
        }
    }

    /// The subnets that are asked for, those of the load balancer that is there, or those that are found.
    fn subnets(&self, scheme: &Decided<String>) -> Option<Vec<Subnet>> {
        if let Some(asked) = self.annotations.list("aws-load-balancer-subnets") {
            // What stands for them where the names led there already.
            return self.surroundings.named(&asked.value);
        }
        if let Some(existing) = &self.surroundings.existing
            && existing.scheme == scheme.value
        {
            return self.surroundings.named(&existing.subnets);
        }
        self.surroundings
            .discover(&scheme.value, self.settings.cluster_name.as_deref())
    }

    fn mappings(
        &self,
        subnets: &[Subnet],
        scheme: &Decided<String>,
        ip_address_type: &Decided<String>,
        prefix: &Decided<String>,
    ) -> Result<Vec<SubnetMapping>> {
        let list = |suffix: &str, what: &str| -> Result<Option<Fact<Vec<String>>>> {
            let Some(list) = self.annotations.list(suffix) else {
                return Ok(None);
            };
            if list.value.len() != subnets.len() {
                return Err(Refusal::new(
                    format!(
                        "count of {what} ({}) and subnets ({}) must match",
                        list.value.len(),
                        subnets.len()
                    ),
                    [list.evidence],
                ));
            }
            Ok(Some(list))
        };
        let only = |right: bool, list: &Option<Fact<Vec<String>>>, words: &str| match list {
            Some(list) if !right => Err(Refusal::new(words, [list.evidence.clone()])),
            _ => Ok(()),
        };
        let allocations = list("aws-load-balancer-eip-allocations", "EIP allocations")?;
        only(
            scheme.value == "internet-facing",
            &allocations,
            "EIP allocations can only be set for internet facing load balancers",
        )?;
        let private = list("aws-load-balancer-private-ipv4-addresses", "private IPv4 addresses")?;
        only(
            scheme.value == "internal",
            &private,
            "private IPv4 addresses can only be set for internal load balancers",
        )?;
        let six = list("aws-load-balancer-ipv6-addresses", "IPv6 addresses")?;
        only(
            ip_address_type.value == "dualstack",
            &six,
            "IPv6 addresses can only be set for dualstack load balancers",
        )?;
        let prefixes = list("aws-load-balancer-source-nat-ipv6-prefixes", "source NAT IPv6 prefixes")?;
        let mut all = Vec::new();
        for (number, subnet) in subnets.iter().enumerate() {
            let nth = |list: &Option<Fact<Vec<String>>>| list.as_ref().and_then(|list| list.value.get(number).cloned());
            all.push(SubnetMapping {
                allocation: nth(&allocations),
                private_ipv4: within(private.as_ref(), subnet.ipv4.as_slice(), subnet, "private IPv4")?,
                ipv6: within(six.as_ref(), &subnet.ipv6, subnet, "IPv6")?,
                source_nat_ipv6_prefix: nth(&prefixes).filter(|_| prefix.value == "on"),
                subnet: subnet.id.clone(),
            });
        }
        Ok(all)
    }

    fn prefix_for_ipv6_source_nat(&self, ip_address_type: &Decided<String>) -> Result<Decided<String>> {
        let Some(fact) = self
            .annotations
            .text("aws-load-balancer-enable-prefix-for-ipv6-source-nat")
        else {
            return Ok(Decided::default("off".to_owned(), "the default is off"));
        };
        let wrong = match (fact.value.as_str(), ip_address_type.value.as_str()) {
            ("on", "ipv4") => {
                "enable-prefix-for-ipv6-source-nat cannot be on for a load balancer that is not dualstack".to_owned()
            }
            ("on" | "off", _) => return Ok(fact.into()),
            (other, _) => format!("invalid enable-prefix-for-ipv6-source-nat value: {other}, it has to be on or off"),
        };
        Err(Refusal::new(wrong, [fact.evidence]))
    }

    fn inbound_rules_on_private_link(&self) -> Result<Option<Decided<String>>> {
        let name = "aws-load-balancer-inbound-sg-rules-on-private-link-traffic";
        match self.annotations.text(name) {
            None => Ok(None),
            Some(fact) if matches!(fact.value.as_str(), "on" | "off") => Ok(Some(fact.into())),
            Some(fact) => Err(Refusal::new(
                format!(
                    "Invalid value for securityGroupsInboundRulesOnPrivateLink status: {}, value must be one of [on, off]",
                    fact.value
                ),
                [fact.evidence],
            )),
        }
    }

    fn attributes(&self) -> Result<Pairs> {
        let all = pairs(self.annotations.map("aws-load-balancer-attributes")?);
        if let Some(policy) = all.get("dns_record.client_routing_policy") {
            let known = [
                "any_availability_zone",
                "partial_availability_zone_affinity",
                "availability_zone_affinity",
            ];
            if !known.contains(&policy.value.as_str()) {
                return Err(Refusal::new(
                    format!(
                        "invalid dns_record.client_routing_policy set in annotation aws-load-balancer-attributes: got '{}' expected one of ['any_availability_zone', 'partial_availability_zone_affinity', 'availability_zone_affinity']",
                        policy.value
                    ),
                    policy.by.evidence().cloned(),
                ));
            }
        }
        let mut own = Pairs::new();
        let words = |fact: Fact<bool>| Decided::from(fact.map(|value| value.to_string()));
        if let Some(enabled) = self.annotations.boolean("aws-load-balancer-access-log-enabled")?
            && enabled.value
        {
            own.insert("access_logs.s3.enabled".to_owned(), words(enabled));
            for (key, suffix) in [
                ("access_logs.s3.bucket", "aws-load-balancer-access-log-s3-bucket-name"),
                ("access_logs.s3.prefix", "aws-load-balancer-access-log-s3-bucket-prefix"),
            ] {
                if let Some(fact) = self.annotations.text(suffix) {
                    own.insert(key.to_owned(), fact.into());
                }
            }
        }
        let crosses = self
            .annotations
            .boolean("aws-load-balancer-cross-zone-load-balancing-enabled")?;
        if let Some(crosses) = crosses {
            own.insert("load_balancing.cross_zone.enabled".to_owned(), words(crosses));
        }
        Ok(merged(own, all))
    }

    fn minimum_capacity(&self) -> Result<Option<Decided<i64>>> {
        let Some(fact) = self
            .annotations
            .map("aws-load-balancer-minimum-load-balancer-capacity")?
        else {
            return Ok(None);
        };
        let refused = |words: String| Refusal::new(words, [fact.evidence.clone()]);
        let mut units = None;
        for (key, value) in &fact.value {
            if key != "CapacityUnits" {
                return Err(refused(format!(
                    "invalid key to set the capacity: {key}, Expected key: CapacityUnits"
                )));
            }
            let number: i64 = value
                .parse()
                .map_err(|_| refused(format!("invalid value to set the capacity: {value}")))?;
            units = Some(Decided::read(number, fact.evidence.clone()));
        }
        Ok(units)
    }

    fn name(&self, scheme: &Decided<String>) -> Result<Decided<Name>> {
        if let Some(name) = self.annotations.text("aws-load-balancer-name") {
            if name.value.len() > 32 {
                return Err(Refusal::new(
                    "load balancer name cannot be longer than 32 characters",
                    [name.evidence],
                ));
            }
            return Ok(Decided::from(name).map(Name::Given));
        }
        let uid = self.uid();
        let parts = match (&self.settings.cluster_name, &uid) {
            (Some(cluster), Some(uid)) => Some([cluster.as_str(), uid.as_str(), scheme.value.as_str()]),
            _ => None,
        };
        Ok(Decided::default(
            Name::made(
                [self.service.namespace, self.service.name],
                parts.as_ref().map(<[&str; 3]>::as_slice),
            ),
            "the controller names what nobody named",
        ))
    }

    /// Those that are asked for or made; none where the feature is off, or where the load balancer that is there has none.
    fn asked_security_groups(&self) -> Result<SecurityGroups> {
        let off = self.annotations.boolean("aws-load-balancer-disable-nlb-sg")?;
        let existing = self.surroundings.existing.as_ref();
        if existing.is_some_and(|existing| !existing.has_security_groups) {
            return Ok(SecurityGroups::default());
        }
        if !self.settings.nlb_security_groups || off.as_ref().is_some_and(|off| off.value) {
            if let Some(existing) = existing {
                let evidence = off.map(|off| off.evidence).into_iter().chain(existing.evidence.clone());
                return Err(Refusal::new("conflicting security groups configuration", evidence));
            }
            return Ok(SecurityGroups::default());
        }
        let asked = self.annotations.list("aws-load-balancer-security-groups");
        let manages = self
            .annotations
            .boolean("aws-load-balancer-manage-backend-security-group-rules")?
            .map_or(self.settings.manage_backend_rules, |fact| fact.value);
        SecurityGroups::new(asked.as_ref(), manages, self.settings, self.surroundings)
    }

    pub(super) fn managed_security_group(&self, load_balancer: &LoadBalancer) -> Result<Option<SecurityGroup>> {
        if !self.security_groups.makes_one {
            return Ok(None);
        }
        let dual = load_balancer.ip_address_type.value == "dualstack";
        let lists = self.annotations.list("aws-load-balancer-security-group-prefix-lists");
        let mut blocks = self.source_ranges();
        if let Some(six) = blocks.iter().find(|block| block.value.contains(':') && !dual) {
            return Err(Refusal::new(
                format!("unsupported v6 cidr {} when lb is not dualstack", six.value),
                six.by.evidence().cloned(),
            ));
        }
        if blocks.is_empty() && lists.is_none() {
            let why = "without source ranges everybody may connect";
            blocks.push(Decided::default("0.0.0.0/0".to_owned(), why));
            if dual {
                blocks.push(Decided::default("::/0".to_owned(), why));
            }
        }
        let icmp = self
            .annotations
            .text("aws-load-balancer-enable-icmp-for-path-mtu-discovery")
            .is_some_and(|fact| fact.value == "on");
        let mut ingress = Vec::new();
        for port in ports(self.service) {
            let permission = |protocol: &str, from_port: u16, to_port: u16, source: Decided<Source>| Permission {
                protocol: protocol.to_owned(),
                from_port,
                to_port,
                source,
            };
            let protocol = port.protocol.to_ascii_lowercase();
            for block in &blocks {
                let source = block.clone().map(Source::Block);
                ingress.push(permission(&protocol, port.port, port.port, source.clone()));
                if icmp && block.value.contains(':') {
                    // Packet too big (RFC 4443, section 3.2).
                    ingress.push(permission("icmpv6", 2, 0, source));
                } else if icmp {
                    // Destination unreachable, fragmentation needed (RFC 792, RFC 1191).
                    ingress.push(permission("icmp", 3, 4, source));
                }
            }
            for list in lists.iter().flat_map(|lists| &lists.value) {
                let evidence = lists.as_ref().map(|lists| lists.evidence.clone());
                if let Some(evidence) = evidence {
                    let source = Decided::read(Source::PrefixList(list.clone()), evidence);
                    ingress.push(permission(&protocol, port.port, port.port, source));
                }
            }
        }
        let uid = self.uid();
        let (name, namespace) = (self.service.name, self.service.namespace);
        let parts = match (&self.settings.cluster_name, &uid) {
            (Some(cluster), Some(uid)) => Some([cluster.as_str(), name, namespace, uid.as_str()]),
            _ => None,
        };
        Ok(Some(SecurityGroup {
            name: Name::made([namespace, name], parts.as_ref().map(<[&str; 4]>::as_slice)),
            ingress,
            tags: load_balancer.tags.clone(),
        }))
    }

    /// `spec.loadBalancerSourceRanges`, or the annotation.
    pub(super) fn source_ranges(&self) -> Vec<Decided<String>> {
        let own = crate::model::service::Service(self.service).source_ranges();
        if !own.is_empty() {
            return own.into_iter().map(Decided::from).collect();
        }
        let Some(list) = self.annotations.list("load-balancer-source-ranges") else {
            return Vec::new();
        };
        list.value
            .iter()
            .map(|block| Decided::read(block.clone(), list.evidence.clone()))
            .collect()
    }
}

/// The one address that is in a subnet's ranges; `None` where none is asked for, or the ranges were not pasted.
fn within<'r>(
    asked: Option<&Fact<Vec<String>>>,
    ranges: impl IntoIterator<Item = &'r String>,
    subnet: &Subnet,
    what: &str,
) -> Result<Option<String>> {
    let Some(asked) = asked else { return Ok(None) };
    let ranges: Vec<&String> = ranges.into_iter().collect();
    let mut found = Vec::new();
    for text in &asked.value {
        let address: IpAddr = text.parse().map_err(|_| {
            Refusal::new(
                format!("{what} addresses must be valid IP address: {text}"),
                [asked.evidence.clone()],
            )
        })?;
        if ranges.iter().any(|range| contains(range, address)) {
            found.push(text.clone());
        }
    }
    match (ranges.is_empty(), found.as_slice()) {
        (true, _) => Ok(None),
        (false, [only]) => Ok(Some(only.clone())),
        (false, _) => Err(Refusal::new(
            format!("expect one {what} address configured for subnet: {}", subnet.id),
            [asked.evidence.clone()],
        )),
    }
}

/// Whether an address is in a range.
fn contains(range: &str, address: IpAddr) -> bool {
    let Some((network, length)) = range.split_once('/') else {
        return false;
    };
    let Ok(length) = length.parse::<u32>() else {
        return false;
    };
    match (network.parse(), address) {
        (Ok(IpAddr::V4(network)), IpAddr::V4(address)) => {
            let shift = 32_u32.saturating_sub(length);
            u32::from(network).checked_shr(shift) == u32::from(address).checked_shr(shift)
        }
        (Ok(IpAddr::V6(network)), IpAddr::V6(address)) => {
            let shift = 128_u32.saturating_sub(length);
            u128::from(network).checked_shr(shift) == u128::from(address).checked_shr(shift)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn an_address_is_in_a_range_or_not() {
        let address = |text: &str| text.parse().expect("an address");
        assert!(contains("10.20.0.0/19", address("10.20.31.255")));
        assert!(!contains("10.20.0.0/19", address("10.20.32.0")));
        assert!(contains("0.0.0.0/0", address("203.0.113.9")));
        assert!(contains("2001:db8::/56", address("2001:db8:0:ff::1")));
        assert!(!contains("2001:db8::/56", address("10.0.0.1")));
    }
}
