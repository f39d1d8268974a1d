//! A Network Load Balancer with one of its target groups, and the Service that asked for both.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::evidence::{Evidence, Fact};
use crate::flow::Next;
use crate::model::aws::elbv2::{LoadBalancer, Preserve, Target, TargetGroup, TargetGroups, TargetType};
use crate::model::{Entity, Host, Model};

/// A load balancer, one target group of it, and what is known of both.
pub struct Balancer<'a> {
    /// Its name.
    pub name: String,
    /// Its description, where it was pasted.
    pub lb: Option<LoadBalancer<'a>>,
    /// The target group.
    pub group: TargetGroup<'a>,
    /// The targets.
    pub targets: Vec<Target<'a>>,
    /// The host behind each target, in the order of the targets; `None` for addresses of no known pod.
    pub hosts: Vec<Option<Host>>,
    /// What kind the targets are.
    pub target_type: Option<Fact<TargetType>>,
    /// Whether client addresses are preserved.
    pub preserve: Preserve,
    /// The listener's port.
    pub port: Option<Fact<u16>>,
    /// One of its private addresses.
    pub address: Option<Fact<IpAddr>>,
    /// The Service.
    pub service: Option<&'a Entity<'a>>,
    /// Whether cross-zone balancing is on.
    pub crosses_zones: bool,
}

/// Whether that load balancer has this name or DNS name.
pub fn is_called(lb: &LoadBalancer<'_>, name: &str) -> bool {
    lb.name() == name
        || lb
            .dns_name()
            .is_some_and(|dns| dns.value.eq_ignore_ascii_case(name.trim_end_matches('.')))
}

/// All Network Load Balancers of which a target group was pasted.
pub fn all<'a>(model: &'a Model<'_>) -> Vec<Balancer<'a>> {
    let balancers = model.load_balancers();
    let mut groups = model.target_groups();
    let claimed: BTreeSet<&str> = groups.all.iter().flat_map(TargetGroup::load_balancer_arns).collect();
    // A group that does not name its load balancer is of the only one there is, where it is the only such group.
    let nameless = groups
        .all
        .iter()
        .filter(|group| group.load_balancer_arns().is_empty())
        .count();
    let only = balancers
        .first()
        .filter(|lb| balancers.len() == 1 && nameless == 1 && !claimed.contains(lb.arn()));
    let by_arn: BTreeMap<&str, &LoadBalancer<'_>> = balancers.iter().map(|lb| (lb.arn(), lb)).collect();
    std::mem::take(&mut groups.all)
        .into_iter()
        .filter_map(|group| {
            let arns = group.load_balancer_arns();
            let lb = arns
                .iter()
                .find_map(|arn| by_arn.get(arn).copied())
                .or_else(|| only.filter(|_| arns.is_empty()))
                .cloned();
            build(model, &groups, group, lb)
        })
        .collect()
}

/// Whether it can be a Network Load Balancer's: Application Load Balancers take HTTP and HTTPS, Gateway Load Balancers GENEVE
/// (API reference of Elastic Load Balancing, `TargetGroup.Protocol`).
fn is_network(group: &TargetGroup<'_>, lb: Option<&LoadBalancer<'_>>, preserve: &Preserve) -> bool {
    if let Some(lb) = lb {
        return lb.is_network();
    }
    if let Some(arn) = group.load_balancer_arns().first() {
        return arn.contains(":loadbalancer/net/");
    }
    match group.protocol() {
        Some(protocol) => !matches!(protocol, "HTTP" | "HTTPS" | "GENEVE"),
        None => matches!(preserve, Preserve::Set(_)),
    }
}

fn build<'a>(
    model: &'a Model<'_>,
    groups: &TargetGroups<'a>,
    group: TargetGroup<'a>,
    lb: Option<LoadBalancer<'a>>,
) -> Option<Balancer<'a>> {
    let targets = groups.targets(&group);
    let preserve = groups.preserves_client_ip(&group, &targets);
    if !is_network(&group, lb.as_ref(), &preserve) {
        return None;
    }
    let service = service_of(model, lb.as_ref(), &group, &targets);
    let preserve = match preserve {
        Preserve::Set(_) => preserve,
        other => service.and_then(wanted).map_or(other, Preserve::Set),
    };
    let name = lb
        .as_ref()
        .map(|lb| lb.name().to_owned())
        .or_else(|| {
            let arn = group.load_balancer_arns().into_iter().next()?;
            arn.split('/').nth(2).map(str::to_owned)
        })
        .or_else(|| service.map(|service| format!("of service {}", service.path())))
        .unwrap_or_else(|| group.name().to_owned());
    let address = address_of(model, &name);
    let port = model.listener_port(&group).or_else(|| {
        let ports = service?.at(&["spec", "ports"])?.items();
        let [only] = ports.as_slice() else { return None };
        let port = only.get("port")?;
        Some(Fact::new(port.number()?.try_into().ok()?, port.evidence()))
    });
    let hosts = targets.iter().map(|target| host_of(model, target)).collect();
    let crosses_zones = model.crosses_zones(groups, &group, lb.as_ref());
    Some(Balancer {
        crosses_zones,
        target_type: group.target_type(&targets),
        name,
        lb,
        group,
        targets,
        hosts,
        preserve,
        port,
        address,
        service,
    })
}

/// What the Service asks for in the annotation of the AWS Load Balancer Controller, `KEY=VALUE,…`: its controller keeps the target
/// group's attributes so. Several groups of one Service have the same.
fn wanted(service: &Entity<'_>) -> Option<Fact<bool>> {
    let all = service.fact(&[
        "metadata",
        "annotations",
        "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes",
    ])?;
    let value = all.value.split(',').find_map(|attribute| {
        let (key, value) = attribute.split_once('=')?;
        (key.trim() == "preserve_client_ip.enabled").then(|| value.trim().parse().ok())?
    })?;
    Some(Fact::new(value, all.evidence))
}

fn host_of(model: &Model<'_>, target: &Target<'_>) -> Option<Host> {
    if let Some(address) = target.address() {
        let pod = crate::model::Pod(model.pod_by_ip(address)?);
        return Some(model.host_by_node(&pod.node_name()?.value));
    }
    let host = model.host_by_instance(&target.id);
    host.instance.is_some().then_some(host)
}

/// A private address of the load balancer: its network interfaces are described as `ELB net/NAME/ID`.
fn address_of(model: &Model<'_>, name: &str) -> Option<Fact<IpAddr>> {
    let description = format!("ELB net/{name}/");
    model
        .aws_list("NetworkInterfaces")
        .into_iter()
        .map(|(_, node)| node)
        .filter(|node| {
            node.str_of("Description")
                .is_some_and(|text| text.starts_with(&description))
        })
        .find_map(|node| {
            let fact = node.fact_at(&["PrivateIpAddress"])?;
            Some(Fact::new(fact.value.parse().ok()?, fact.evidence))
        })
}

/// The Service whose status names the load balancer, else the one with the targets' node port.
fn service_of<'a>(
    model: &'a Model<'_>,
    lb: Option<&LoadBalancer<'_>>,
    group: &TargetGroup<'_>,
    targets: &[Target<'_>],
) -> Option<&'a Entity<'a>> {
    let dns = lb.and_then(LoadBalancer::dns_name);
    let by_name = dns.and_then(|dns| {
        model.all("Service").find(|service| {
            service
                .at(&["status", "loadBalancer", "ingress"])
                .is_some_and(|ingress| {
                    ingress.items().iter().any(|entry| {
                        entry
                            .str_of("hostname")
                            .is_some_and(|name| name.eq_ignore_ascii_case(&dns.value))
                    })
                })
        })
    });
    by_name.or_else(|| {
        let port = i64::from(targets.iter().find_map(|target| target.port).or_else(|| group.port())?);
        model.all("Service").find(|service| {
            service.at(&["spec", "ports"]).is_some_and(|ports| {
                ports
                    .items()
                    .iter()
                    .any(|entry| entry.get("nodePort").and_then(|node| node.number()) == Some(port))
            })
        })
    })
}

impl Balancer<'_> {
    /// Whether that is its name, its DNS name, or the DNS name in its Service's status.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.lb.as_ref().is_some_and(|lb| is_called(lb, name))
    }

    /// Its DNS name: its own, or the one in its Service's status.
    pub fn dns_name(&self) -> Option<String> {
        let own = self.lb.as_ref().and_then(LoadBalancer::dns_name);
        own.map(|fact| fact.value).or_else(|| {
            let ingress = self.service?.at(&["status", "loadBalancer", "ingress"])?.items();
            Some(ingress.first()?.str_of("hostname")?.to_owned())
        })
    }

    /// The words by which texts speak of it: name and DNS name.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        if let Some(dns) = self.lb.as_ref().and_then(LoadBalancer::dns_name) {
            names.push(dns.value);
        }
        if let Some(ingress) = self
            .service
            .and_then(|service| service.at(&["status", "loadBalancer", "ingress"]))
        {
            names.extend(
                ingress
                    .items()
                    .iter()
                    .filter_map(|entry| entry.str_of("hostname").map(str::to_owned)),
            );
        }
        if let Some(address) = &self.address {
            names.push(address.value.to_string());
        }
        names.sort();
        names.dedup();
        names
    }

    /// Whether it carries datagrams only (`TCP_UDP` and `TCP_QUIC` carry both).
    pub fn is_datagram(&self) -> bool {
        matches!(self.group.protocol(), Some("UDP" | "QUIC"))
    }

    /// The port that a target is reached at.
    pub fn port_of(&self, target: &Target<'_>) -> Option<u16> {
        target.port.or_else(|| self.group.port())
    }

    /// Where it says that the load balancer is internal; `None` where it is not, or nothing says so.
    pub fn internal(&self) -> Option<Evidence> {
        if let Some(scheme) = self.lb.as_ref().and_then(LoadBalancer::scheme) {
            return (scheme.value == "internal").then_some(scheme.evidence);
        }
        if let Some(address) = &self.address {
            return Some(address.evidence.clone());
        }
        let service = self.service?;
        // AWS Load Balancer Controller, guide "NLB annotations": scheme; the in-tree controller has the older one.
        for (annotation, internal) in [
            ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"),
            ("service.beta.kubernetes.io/aws-load-balancer-internal", "true"),
        ] {
            if let Some(fact) = service.fact(&["metadata", "annotations", annotation]) {
                return (fact.value == internal).then_some(fact.evidence);
            }
        }
        None
    }

    /// Whether it is known to face the Internet, so that clients do not reach it by their private addresses.
    pub fn faces_internet(&self) -> bool {
        self.lb
            .as_ref()
            .and_then(LoadBalancer::scheme)
            .is_some_and(|scheme| scheme.value == "internet-facing")
    }

    /// The targets that get new connections, with their shares. Where none is healthy, all do: a Network Load Balancer fails
    /// open (User Guide, "Health checks for Network Load Balancer target groups").
    pub fn eligible(&self) -> Vec<(usize, f64)> {
        let healthy: Vec<usize> = (0..self.targets.len())
            .filter(|&at| self.targets.get(at).is_some_and(Target::is_healthy))
            .collect();
        // A target that is being deregistered, or is no part of a load balancer in use, gets none in any case.
        let out = |at: &usize| {
            self.targets
                .get(*at)
                .and_then(Target::state)
                .is_some_and(|state| matches!(state.value.as_str(), "draining" | "unused"))
        };
        let chosen: Vec<usize> = if healthy.is_empty() {
            (0..self.targets.len()).filter(|at| !out(at)).collect()
        } else {
            healthy
        };
        let zone = |at: usize| -> Option<String> {
            let target = self.targets.get(at)?;
            target
                .node
                .at(&["Target", "AvailabilityZone"])
                .and_then(|zone| zone.str())
                .map(str::to_owned)
                .or_else(|| Some(self.hosts.get(at)?.as_ref()?.zone.as_ref()?.value.clone()))
        };
        let mut zones: BTreeMap<String, usize> = BTreeMap::new();
        for &at in &chosen {
            if let Some(zone) = zone(at) {
                *zones.entry(zone).or_default() += 1;
            }
        }
        let all_known = zones.values().sum::<usize>() == chosen.len();
        chosen
            .iter()
            .map(|&at| {
                let share = match zone(at).and_then(|zone| zones.get(&zone)) {
                    // Without cross-zone balancing, which is off by default, the client's choice among the zones' addresses
                    // comes first, then the zone's own targets.
                    Some(&in_zone) if all_known && !self.crosses_zones => 1.0 / count(zones.len() * in_zone),
                    _ => 1.0 / count(chosen.len()),
                };
                (at, share)
            })
            .collect()
    }

    /// What to run to know more of it.
    pub fn missing(&self) -> Vec<Next> {
        let decides = vec!["LB-011".to_owned()];
        let arn = if self.group.arn.is_empty() {
            "<target-group-arn>"
        } else {
            &self.group.arn
        };
        let mut next = Vec::new();
        if self.targets.is_empty() {
            next.push(Next {
                command: format!("aws elbv2 describe-target-health --target-group-arn {arn}"),
                decides: decides.clone(),
                why: "The targets are not pasted; they are the ways that the packet can go.".to_owned(),
            });
        }
        if matches!(&self.preserve, Preserve::Set(fact) if !fact.value) {
            return next;
        }
        if !matches!(self.preserve, Preserve::Set(_)) {
            next.push(Next {
                command: format!("aws elbv2 describe-target-group-attributes --target-group-arn {arn}"),
                decides: decides.clone(),
                why: "Whether the target group preserves client addresses is not pasted.".to_owned(),
            });
        }
        if self.internal().is_none() && !self.faces_internet() {
            next.push(Next {
                command: "aws elbv2 describe-load-balancers".to_owned(),
                decides,
                why: "Whether the load balancer is internal is not pasted.".to_owned(),
            });
        }
        next
    }
}

/// Targets are counted in hundreds at the most.
fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
