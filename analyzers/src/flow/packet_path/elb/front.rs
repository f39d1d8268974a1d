//! Which load balancer is asked: by its name, by the name that the DNS has for it, by an Ingress' or a Gateway's host, or by a Service.

use std::rc::Rc;

use super::{Asked, route53};
use crate::evidence::Evidence;
use crate::flow::packet_path::{Endpoint, nlb};
use crate::flow::{Actor, ActorKind, Step, Verdict};
use crate::model::aws::elbv2::LoadBalancer;
use crate::model::aws::elbv2::listener::path_of;
use crate::model::decided::Decided;
use crate::model::load_balancer_controller::group::{self, Class, NoGroup};
use crate::model::load_balancer_controller::stack::Kind;
use crate::model::load_balancer_controller::{
    Group, Made, Name, Refusal, Settings, Stack, Surroundings, ingress, service,
};
use crate::model::{Entity, Model};

/// The load balancer that is asked, as far as it is known.
#[derive(Debug, Clone)]
pub(super) struct Front<'m> {
    /// Its name.
    pub name: String,
    /// Its kind, where that is told.
    pub kind: Option<Kind>,
    /// Its description.
    pub described: Option<LoadBalancer<'m>>,
    /// Its ARN: its own, or one that listeners name.
    pub arn: Option<String>,
    /// What its controller would make, where nothing of AWS was pasted of it.
    pub made: Option<Rc<Stack>>,
    /// Why its controller makes nothing.
    pub refused: Option<Refusal>,
    /// What is missing to say what its controller would make: a command, and why.
    pub missing: Option<(String, String)>,
    /// The host that a request names, where that is told.
    pub host: Option<String>,
    /// The steps that lead to it.
    pub led: Vec<Step>,
    /// What a proxy behind a Network Load Balancer does with a request for the host: an ingress controller's, or a gateway's.
    pub behind: Option<Step>,
}

impl Front<'_> {
    /// `internal` or `internet-facing`.
    pub fn scheme(&self) -> Option<Decided<String>> {
        match &self.described {
            Some(lb) => lb.scheme().map(Decided::from),
            None => self.made.as_ref().map(|stack| stack.load_balancer.scheme.clone()),
        }
    }
}

/// What stands before a load balancer: a name in the DNS, and what has it.
#[derive(Debug, Clone, Default)]
struct Clue<'m> {
    /// The DNS name of the load balancer.
    dns: Option<String>,
    /// The name that was asked.
    host: Option<String>,
    /// What asks for it.
    object: Option<&'m Entity<'m>>,
    led: Vec<Step>,
    behind: Option<Step>,
}

/// Finds it.
pub(super) fn find<'m>(model: &'m Model<'_>, asked: &Asked<'_>) -> Option<Front<'m>> {
    let clue = match asked.to {
        Endpoint::LoadBalancer { name, .. } => return by_name(model, name),
        Endpoint::Host { name, .. } => by_host(model, name.trim_end_matches('.'))?,
        Endpoint::Service { namespace, name, .. } => by_service(model, namespace, name)?,
        _ => return None,
    };
    Some(front(model, clue))
}

fn is_same(a: &str, b: &str) -> bool {
    a.trim_end_matches('.').eq_ignore_ascii_case(b.trim_end_matches('.'))
}

/// The load balancer of that name, or DNS name, or ARN's name.
fn by_name<'m>(model: &'m Model<'_>, name: &str) -> Option<Front<'m>> {
    if let Some(lb) = model.load_balancers().into_iter().find(|lb| nlb::is_called(lb, name)) {
        return Some(described(lb));
    }
    if let Some(arn) = arn_of(model, name) {
        return Some(known_by_arn(name, arn));
    }
    // What a controller would call so.
    let settings = Settings::new(model);
    let has_status = |entity: &Entity<'_>| {
        hostnames(entity)
            .iter()
            .any(|(host, _)| is_same(host, name) || first_label_is(host, name))
    };
    let object = model
        .all("Ingress")
        .chain(model.all("Service"))
        .find(|entity| has_status(entity));
    if let Some(object) = object {
        let clue = Clue {
            dns: hostnames(object).first().map(|(host, _)| host.clone()),
            object: Some(object),
            ..Clue::default()
        };
        return Some(front(model, clue));
    }
    // The names of most are told without all that a hash is made of: only those that fit are looked at.
    let asks =
        |entity: &Entity<'_>, annotation: &str| entity.str(&["metadata", "annotations", annotation]) == Some(name);
    let services = model.all("Service").filter(|service| {
        is_balanced(service)
            && (Name::made([service.namespace, service.name], None).is(name)
                || asks(service, "service.beta.kubernetes.io/aws-load-balancer-name"))
    });
    let mut objects: Vec<&Entity<'_>> = services.collect();
    objects.extend(
        group::all(model, &settings)
            .into_iter()
            .filter(|group| {
                let named = |member: &group::Member<'_, '_>| {
                    asks(member.ingress, "alb.ingress.kubernetes.io/load-balancer-name")
                };
                group.id.name(None).is(name) || group.members.iter().any(named)
            })
            .filter_map(|group| Some(group.members.first()?.ingress)),
    );
    objects.into_iter().find_map(|object| {
        let clue = Clue {
            object: Some(object),
            ..Clue::default()
        };
        let made = Front {
            name: name.to_owned(),
            ..front(model, clue)
        };
        made.made
            .as_ref()
            .is_some_and(|stack| stack.load_balancer.name.value.is(name))
            .then_some(made)
    })
}

/// The hosts of Ingresses that have that load balancer.
pub(super) fn hosts(model: &Model<'_>, lb: &LoadBalancer<'_>) -> Vec<String> {
    let Some(dns) = lb.dns_name() else {
        return Vec::new();
    };
    let mut hosts: Vec<String> = model
        .all("Ingress")
        .filter(|ingress| hostnames(ingress).iter().any(|(name, _)| is_same(name, &dns.value)))
        .flat_map(|ingress| {
            ingress
                .at(&["spec", "rules"])
                .map(|rules| rules.items())
                .unwrap_or_default()
        })
        .filter_map(|rule| rule.str_of("host").map(str::to_owned))
        .filter(|host| !host.starts_with('*'))
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// Whether a DNS name begins with the load balancer's name, as AWS makes them: `NAME-ID.REGION.elb.amazonaws.com`,
/// `internal-NAME-ID.…`, `NAME-ID.elb.REGION.amazonaws.com`.
fn first_label_is(host: &str, name: &str) -> bool {
    name_in(host) == Some(name)
}

/// The load balancer's name in its DNS name.
fn name_in(host: &str) -> Option<&str> {
    let (label, rest) = host.split_once('.')?;
    if !(rest.contains("elb.") && rest.contains("amazonaws.com")) {
        return None;
    }
    let label = label.strip_prefix("internal-").unwrap_or(label);
    Some(label.rsplit_once('-')?.0)
}

/// Whether a Service asks for a load balancer.
fn is_balanced(service: &Entity<'_>) -> bool {
    service.str(&["spec", "type"]) == Some("LoadBalancer")
}

/// The load balancer's ARN, where listeners or rules name it.
fn arn_of(model: &Model<'_>, name: &str) -> Option<String> {
    let named = |arn: &str| path_of(arn).is_some_and(|path| path.split('/').nth(1) == Some(name));
    let listeners = model.aws_list("Listeners");
    let groups = model.aws_list("TargetGroups");
    let rules = model.aws_list("Rules");
    let arns = listeners
        .iter()
        .filter_map(|(_, node)| {
            node.str_of("LoadBalancerArn")
                .or_else(|| node.str_of("ListenerArn"))
                .map(str::to_owned)
        })
        .chain(
            rules
                .iter()
                .filter_map(|(_, node)| node.str_of("RuleArn").map(str::to_owned)),
        )
        .chain(groups.iter().flat_map(|(_, node)| {
            let arns = node.list("LoadBalancerArns");
            arns.iter()
                .filter_map(|arn| arn.str().map(str::to_owned))
                .collect::<Vec<_>>()
        }))
        .chain(
            model
                .aws_roots()
                .into_iter()
                .filter_map(|(command, _)| command?.option("--load-balancer-arn")),
        );
    let arn = arns.into_iter().find(|arn| named(arn))?;
    load_balancer_arn(&arn)
}

/// The load balancer's ARN in that of a listener or a rule.
fn load_balancer_arn(arn: &str) -> Option<String> {
    let (start, _) = arn.rsplit_once(':')?;
    Some(format!("{start}:loadbalancer/{}", path_of(arn)?))
}

fn kind_of(arn: &str) -> Option<Kind> {
    match path_of(arn)?.split('/').next()? {
        "app" => Some(Kind::Application),
        "net" => Some(Kind::Network),
        _ => None,
    }
}

fn described(lb: LoadBalancer<'_>) -> Front<'_> {
    let arn = Some(lb.arn()).filter(|arn| !arn.is_empty()).map(str::to_owned);
    let kind = match lb.node.str_of("Type") {
        Some("application") => Some(Kind::Application),
        Some("network") => Some(Kind::Network),
        _ => arn.as_deref().and_then(kind_of),
    };
    Front {
        name: lb.name().to_owned(),
        kind,
        described: Some(lb),
        arn,
        made: None,
        refused: None,
        missing: None,
        host: None,
        led: Vec::new(),
        behind: None,
    }
}

fn known_by_arn<'m>(name: &str, arn: String) -> Front<'m> {
    Front {
        name: name.to_owned(),
        kind: kind_of(&arn),
        described: None,
        arn: Some(arn),
        made: None,
        refused: None,
        missing: None,
        host: None,
        led: Vec::new(),
        behind: None,
    }
}

/// The names in an object's status, and where they stand.
fn hostnames(entity: &Entity<'_>) -> Vec<(String, Evidence)> {
    let entries = match entity.kind {
        "Gateway" => entity.at(&["status", "addresses"]),
        _ => entity.at(&["status", "loadBalancer", "ingress"]),
    };
    let name = |node: &crate::artifact::Node<'_>| {
        let fact = node.fact_at(&["hostname"]).or_else(|| node.fact_at(&["value"]))?;
        Some((fact.value, fact.evidence))
    };
    entries
        .map(|list| list.items())
        .unwrap_or_default()
        .iter()
        .filter_map(name)
        .collect()
}

/// Whether a host of a rule stands for a name: `*` for one label.
fn covers(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(rest) => name
            .split_once('.')
            .is_some_and(|(first, parent)| !first.is_empty() && is_same(rest, parent)),
        None => is_same(pattern, name),
    }
}

fn name_step(host: &str, action: String, evidence: Vec<Evidence>) -> Step {
    let actor = Actor {
        id: format!("dns:{host}"),
        kind: ActorKind::Server,
        name: host.to_owned(),
        details: Vec::new(),
        zones: Vec::new(),
    };
    let verdict = if evidence.is_empty() {
        Verdict::Assumed
    } else {
        Verdict::Passes
    };
    let mut step = Step::new(actor, action, verdict);
    step.evidence = evidence;
    step
}

fn by_host<'m>(model: &'m Model<'_>, host: &str) -> Option<Clue<'m>> {
    let own = |dns: &str| Clue {
        dns: Some(dns.to_owned()),
        host: Some(host.to_owned()),
        ..Clue::default()
    };
    if let Some(lb) = model
        .load_balancers()
        .into_iter()
        .find(|lb| lb.dns_name().is_some_and(|dns| is_same(&dns.value, host)))
    {
        let dns = lb.dns_name()?.value;
        return Some(own(&dns));
    }
    let all = || {
        model
            .all("Service")
            .chain(model.all("Ingress"))
            .chain(model.all("Gateway"))
    };
    if let Some(object) = all().find(|entity| hostnames(entity).iter().any(|(name, _)| is_same(name, host))) {
        return Some(Clue {
            object: Some(object),
            ..own(host)
        });
    }
    if let Some(record) = route53::alias(model, host) {
        let action = format!("is an alias of {}", record.value);
        let target = record.value.trim_start_matches("dualstack.").to_owned();
        let inner = all().find(|entity| hostnames(entity).iter().any(|(name, _)| is_same(name, &target)));
        return Some(Clue {
            object: inner,
            led: vec![name_step(host, action, vec![record.evidence])],
            ..own(&target)
        });
    }
    let (object, evidence, sends) = by_rule(model, host)?;
    let status = hostnames(object).into_iter().next();
    let action = format!("is a host of {}", object.subject());
    let mut step = name_step(host, action, vec![evidence]);
    step.verdict = Verdict::Assumed;
    step.note = Some("Where the DNS leads this name to was not pasted: to the load balancer of what names it as a host, if all is well.".to_owned());
    step.evidence
        .extend(status.iter().map(|(_, evidence)| evidence.clone()));
    // The load balancer of another controller is that of the controller's own Service, which has the same name in its status.
    let own =
        object.kind == "Ingress" && !matches!(group::class(model, object, &Settings::new(model)), Class::NotOurs(_));
    let proxy = status.as_ref().filter(|_| !own).and_then(|(name, _)| {
        let has = |service: &&Entity<'_>| hostnames(service).iter().any(|(own, _)| is_same(own, name));
        model.all("Service").find(has)
    });
    Some(Clue {
        dns: status.map(|(name, _)| name),
        host: Some(host.to_owned()),
        object: Some(proxy.unwrap_or(object)),
        led: vec![step],
        behind: (!own).then(|| proxied(object, host, sends)).flatten(),
    })
}

/// What a proxy does with a request for a host.
fn proxied(object: &Entity<'_>, host: &str, sends: Vec<(String, Evidence)>) -> Option<Step> {
    let (words, evidence): (Vec<String>, Vec<Evidence>) = sends.into_iter().unzip();
    if words.is_empty() {
        return None;
    }
    let actor = Actor {
        id: format!("proxy:{}", object.path()),
        kind: ActorKind::Other,
        name: format!("the proxy of {}", object.subject()),
        details: Vec::new(),
        zones: Vec::new(),
    };
    let mut step = Step::new(
        actor,
        format!("sends requests for {host} on: {}", words.join("; ")),
        Verdict::Assumed,
    );
    step.evidence = evidence;
    step.note = Some("What the proxy itself makes of that was not looked at.".to_owned());
    Some(step)
}

/// The most backends that are named.
const BACKENDS: usize = 8;

/// Where an Ingress' rule sends paths.
fn backends(ingress: &Entity<'_>, rule: &crate::artifact::Node<'_>) -> Vec<(String, Evidence)> {
    let paths = rule.get("http").map(|http| http.list("paths")).unwrap_or_default();
    let one = |path: &crate::artifact::Node<'_>| {
        let service = path.at(&["backend", "service"])?;
        let port = service.get("port")?;
        let port = port.get("number").or_else(|| port.get("name"))?;
        let number = port.number().map(|number| number.to_string());
        let port = number.or_else(|| port.str().map(str::to_owned))?;
        let words = format!(
            "{} to Service {}/{}:{port}",
            path.str_of("path").unwrap_or("/"),
            ingress.namespace,
            service.str_of("name")?
        );
        Some((words, path.evidence()))
    };
    paths.iter().filter_map(one).take(BACKENDS).collect()
}

/// Where a route sends requests.
fn routed(route: &Entity<'_>) -> Vec<(String, Evidence)> {
    let rules = route
        .at(&["spec", "rules"])
        .map(|rules| rules.items())
        .unwrap_or_default();
    let refs = rules.iter().flat_map(|rule| rule.list("backendRefs"));
    let one = |backend: crate::artifact::Node<'_>| {
        let namespace = backend.str_of("namespace").unwrap_or(route.namespace);
        let port = backend
            .get("port")
            .and_then(|port| port.number())
            .map(|port| format!(":{port}"));
        let words = format!(
            "by {} to Service {namespace}/{}{}",
            route.subject(),
            backend.str_of("name")?,
            port.unwrap_or_default()
        );
        Some((words, backend.evidence()))
    };
    refs.filter_map(one).take(BACKENDS).collect()
}

/// What has a host, where that stands, and where its requests are sent.
type Ruled<'m> = (&'m Entity<'m>, Evidence, Vec<(String, Evidence)>);

/// The Ingress, or the Gateway of the route, that has that host; an exact host comes before one with a wildcard.
fn by_rule<'m>(model: &'m Model<'_>, host: &str) -> Option<Ruled<'m>> {
    let mut wild = None;
    for ingress in model.all("Ingress") {
        let rules = ingress
            .at(&["spec", "rules"])
            .map(|rules| rules.items())
            .unwrap_or_default();
        for rule in &rules {
            let Some(own) = rule.fact_at(&["host"]) else { continue };
            if is_same(&own.value, host) {
                return Some((ingress, own.evidence, backends(ingress, rule)));
            }
            if wild.is_none() && covers(&own.value, host) {
                wild = Some((ingress, own.evidence, backends(ingress, rule)));
            }
        }
    }
    for route in model
        .all("HTTPRoute")
        .chain(model.all("GRPCRoute"))
        .chain(model.all("TLSRoute"))
    {
        let names = route
            .at(&["spec", "hostnames"])
            .map(|list| list.items())
            .unwrap_or_default();
        let Some(own) = names
            .iter()
            .filter_map(crate::artifact::Node::fact)
            .find(|own| covers(&own.value, host))
        else {
            continue;
        };
        let parents = route
            .at(&["spec", "parentRefs"])
            .map(|list| list.items())
            .unwrap_or_default();
        let gateway = parents.iter().find_map(|parent| {
            let namespace = parent.str_of("namespace").unwrap_or(route.namespace);
            model.get("Gateway", namespace, parent.str_of("name")?)
        });
        if let Some(gateway) = gateway {
            return Some((gateway, own.evidence, routed(route)));
        }
    }
    wild
}

fn by_service<'m>(model: &'m Model<'_>, namespace: &str, name: &str) -> Option<Clue<'m>> {
    let service = model
        .get("Service", namespace, name)
        .filter(|service| is_balanced(service))?;
    let status = hostnames(service).into_iter().next();
    let action = match &status {
        Some((dns, _)) => format!("has the load balancer {dns}"),
        None => "asks for a load balancer".to_owned(),
    };
    let mut step = name_step(&service.path(), action, service.evidence().into_iter().collect());
    step.actor.id = format!("svc:{}", service.path());
    step.actor.kind = ActorKind::Service;
    step.evidence
        .extend(status.iter().map(|(_, evidence)| evidence.clone()));
    Some(Clue {
        dns: status.map(|(dns, _)| dns),
        host: None,
        object: Some(service),
        led: vec![step],
        behind: None,
    })
}

/// The load balancer that a clue leads to: what AWS says of it, or else what its controller would make.
fn front<'m>(model: &'m Model<'_>, clue: Clue<'m>) -> Front<'m> {
    let by_dns = clue.dns.as_deref().and_then(|dns| {
        let is = |lb: &LoadBalancer<'_>| lb.dns_name().is_some_and(|own| is_same(&own.value, dns));
        model.load_balancers().into_iter().find(is)
    });
    let of_name = clue.dns.as_deref().and_then(name_in);
    let mut front = match by_dns {
        Some(lb) => described(lb),
        None => match of_name.and_then(|name| Some((name, arn_of(model, name)?))) {
            Some((name, arn)) => known_by_arn(name, arn),
            None => unknown(of_name.or(clue.dns.as_deref()).unwrap_or("that is asked")),
        },
    };
    // Of what AWS shows of it nothing more may be known: then what its controller would make stands for it.
    if front.arn.is_none()
        && let Some(object) = clue.object
    {
        made(model, object, &mut front, of_name.is_none() && clue.dns.is_none());
    }
    front.host = clue.host;
    front.led = clue.led;
    // An Application Load Balancer looks at hosts and paths itself.
    front.behind = clue.behind.filter(|_| front.kind != Some(Kind::Application));
    front
}

fn unknown<'m>(name: &str) -> Front<'m> {
    Front {
        name: name.to_owned(),
        kind: None,
        described: None,
        arn: None,
        made: None,
        refused: None,
        missing: None,
        host: None,
        led: Vec::new(),
        behind: None,
    }
}

/// Fills in what the controller makes of an object.
fn made(model: &Model<'_>, object: &Entity<'_>, front: &mut Front<'_>, nameless: bool) {
    let settings = Settings::new(model);
    let surroundings = Surroundings::new(model, object);
    let result = match object.kind {
        "Ingress" => match Group::of(model, object, &settings) {
            Ok(group) => ingress::build(model, &group, &settings, &surroundings),
            Err(NoGroup::Refused(refusal)) => Err(refusal),
            Err(NoGroup::NotOurs(why)) => Ok(Made::Nothing(why)),
            Err(NoGroup::Unknown(name)) => {
                let command = "kubectl get ingressclass,ingressclassparams -o yaml".to_owned();
                let why = if name.is_empty() {
                    format!(
                        "The class of {} is not pasted: which controller serves it is not known.",
                        object.subject()
                    )
                } else {
                    format!(
                        "{name}, the class of {}, is not pasted: which controller serves it is not known.",
                        object.subject()
                    )
                };
                front.missing = Some((command, why));
                return;
            }
        },
        "Service" => service::build(model, object, &settings, &surroundings),
        _ => return,
    };
    match result {
        Ok(Made::Stack(stack)) => {
            front.kind = Some(stack.load_balancer.kind);
            if nameless {
                front.name = stack.load_balancer.name.value.to_string();
            }
            front.made = Some(Rc::from(stack));
        }
        Ok(Made::Nothing(why)) => {
            let command = "aws elbv2 describe-load-balancers".to_owned();
            front.missing = Some((
                command,
                format!(
                    "The AWS Load Balancer Controller makes no load balancer of {}: {why}.",
                    object.subject()
                ),
            ));
        }
        Err(refusal) => front.refused = Some(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::{covers, name_in};

    #[test]
    fn the_name_is_in_the_dns_name() {
        for (host, name) in [
            (
                "k8s-shop-web-1a2b3c4d5e-1234567890.eu-west-1.elb.amazonaws.com",
                Some("k8s-shop-web-1a2b3c4d5e"),
            ),
            (
                "internal-k8s-shop-1a2b3c4d5e-1234567890.eu-west-1.elb.amazonaws.com",
                Some("k8s-shop-1a2b3c4d5e"),
            ),
            (
                "shop-api-0123456789abcdef.elb.eu-west-1.amazonaws.com",
                Some("shop-api"),
            ),
            ("shop-api-0123.elb.cn-north-1.amazonaws.com.cn", Some("shop-api")),
            ("shop.example.com", None),
        ] {
            assert_eq!(name_in(host), name, "{host}");
        }
    }

    #[test]
    fn a_wildcard_host_stands_for_one_label() {
        assert!(covers("*.example.com", "shop.example.com"));
        assert!(!covers("*.example.com", "a.shop.example.com"));
        assert!(!covers("*.example.com", "example.com"));
        assert!(covers("Shop.example.com", "shop.example.com."));
    }
}
