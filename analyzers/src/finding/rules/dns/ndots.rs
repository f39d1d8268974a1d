//! DNS-005: `ndots` sends lookups of outside names through the whole search list first.

use std::collections::BTreeMap;

use crate::evidence::Evidence;
use crate::finding::{Class, Hit, Rule};
use crate::flow::dns::resolver::dots;
use crate::flow::{Details, Flow, FlowKind, Flows, dns};
use crate::model::Model;

/// The rule.
pub static RULE: Rule = Rule { code: "DNS-005", check };

/// Fewer names in vain than this are ordinary: a Service of another namespace costs one, `SERVICE.NAMESPACE.svc` two.
const NAMES_IN_VAIN: usize = 3;

fn check(_model: &Model<'_>, flows: &Flows) -> Vec<Hit> {
    // One finding a client, however many of its lookups are drawn.
    let mut clients: BTreeMap<String, Vec<(usize, &Flow, &dns::Details)>> = BTreeMap::new();
    for (index, flow) in flows.of(FlowKind::Dns) {
        if let Details::Dns(details) = &flow.details
            && wasteful(details)
        {
            clients
                .entry(subject(details))
                .or_default()
                .push((index, flow, details));
        }
    }
    clients
        .into_iter()
        .filter_map(|(subject, flows)| hit(subject, &flows))
        .collect()
}

/// What `resolv.conf` alone says is true of every pod of every healthy cluster; only what was asked for counts.
fn wasteful(details: &dns::Details) -> bool {
    !details.computed && details.answered && details.wasted_names >= NAMES_IN_VAIN
}

fn subject(details: &dns::Details) -> String {
    match &details.pod {
        Some(pod) => format!("Pod {}", pod.path()),
        None => format!("DNS client {}", details.client),
    }
}

fn hit(subject: String, flows: &[(usize, &Flow, &dns::Details)]) -> Option<Hit> {
    let (index, flow, details) = flows
        .iter()
        .max_by_key(|(index, _, details)| (details.wasted_all, usize::MAX - index))?;
    let count: usize = flows.iter().map(|(_, _, details)| details.total_all).sum();
    let wasted: usize = flows.iter().map(|(_, _, details)| details.wasted_all).sum();
    let name_dots = dots(&details.name);
    // The highest value that sends all these names out first: lower ones would change more than is needed.
    let enough = flows.iter().map(|(_, _, details)| dots(&details.name)).min()?;
    let others: Vec<&str> = flows
        .iter()
        .filter(|(other, ..)| other != index)
        .map(|(_, _, details)| details.name.as_str())
        .collect();
    let namespace = details.pod.as_ref().and_then(|pod| pod.namespace.clone()).or_else(|| {
        let (namespace, _) = details.search.first()?.split_once(".svc.")?;
        Some(namespace.to_owned())
    });
    let pod = details.pod.as_ref();
    let mut hit = Hit::new(Class::Risk, subject)
        .with("client", pod.map_or_else(|| details.client.clone(), dns::Pod::path))
        .with("server", &details.server)
        .with("name", &details.name)
        .with("total", details.total.to_string())
        .with("wasted", details.wasted.to_string())
        .with("needed", (details.total - details.wasted).to_string())
        .with("count", count.to_string())
        .with("count_wasted", wasted.to_string())
        .with("vain", details.wasted_names.to_string())
        .with("dots", counted(name_dots, "dot"))
        .with("search", details.search.join(" "))
        .with("enough", enough.to_string())
        .with("example", short_name(enough, namespace.as_deref()))
        .with("namespace", namespace.as_deref().unwrap_or("<namespace>"))
        .with("pod", pod.map_or("<pod>", |pod| pod.name.as_str()));
    if let Some(ndots) = details.ndots {
        hit = hit.with("ndots", ndots.to_string());
        if ndots == 5 && details.search.iter().any(|domain| domain.starts_with("svc.")) {
            hit = hit.with("kubelet", "ClusterFirst");
        }
    }
    // getaddrinfo asks for both address types of each name.
    if details.wasted == 2 * details.wasted_names {
        hit = hit.with("both_types", "A and AAAA");
    }
    if details.lookups > 1 || !others.is_empty() {
        let lookups: usize = flows.iter().map(|(_, _, details)| details.lookups).sum();
        hit = hit.with("lookups", lookups.to_string());
    }
    if !others.is_empty() {
        hit = hit.with("others", others.join(", "));
    }
    // Amazon's own zones (Amazon EC2 User Guide, "EC2 instance hostnames and domains") are not answered by CoreDNS itself but
    // asked of the VPC resolver behind it.
    if let Some(zone) = details.search.iter().find_map(|domain| domain.strip_prefix("svc."))
        && let Some(outside) = details
            .search
            .iter()
            .find(|domain| within(domain, "compute.internal") || within(domain, "ec2.internal"))
    {
        hit = hit.with("forwarded", outside).with("zone", zone);
    }
    hit = hit
        .cite("vain_lines", lines(flow, true))
        .cite("answer_lines", lines(flow, false))
        .cite("search_lines", together(&details.search_evidence))
        .cite("ndots_lines", details.ndots_evidence.iter().cloned());
    hit.flow = Some(*index);
    Some(hit)
}

/// The domains of one line as one place; a reader wants the list, not each of its words.
fn together(domains: &[Evidence]) -> Vec<Evidence> {
    let mut all: Vec<Evidence> = Vec::new();
    for domain in domains {
        match (all.last_mut(), domain) {
            (Some(Evidence::Text(list)), Evidence::Text(span))
                if list.source == span.source && list.end <= span.start =>
            {
                list.end = span.end;
            }
            _ => all.push(domain.clone()),
        }
    }
    all
}

fn lines(flow: &Flow, waste: bool) -> Vec<Evidence> {
    flow.steps()
        .filter(|step| step.seen && step.waste == waste)
        .flat_map(|step| step.evidence.iter().cloned())
        .collect()
}

fn within(name: &str, zone: &str) -> bool {
    name == zone || name.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'))
}

/// A short name that has `ndots` dots, so that it would be asked for as it is.
fn short_name(ndots: u32, namespace: Option<&str>) -> String {
    let namespace = namespace.unwrap_or("shop");
    match ndots {
        0 => "api".to_owned(),
        1 => format!("api.{namespace}"),
        2 => format!("api.{namespace}.svc"),
        3 => format!("api-0.api.{namespace}.svc"),
        _ => format!("api.{namespace}.svc.cluster.local"),
    }
}

fn counted(count: u32, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(wasted_names: usize) -> dns::Details {
        dns::Details {
            name: "api.example.com".into(),
            wasted_names,
            answered: true,
            ..dns::Details::default()
        }
    }

    #[test]
    fn only_what_was_asked_for_three_names_in_vain_and_then_answered_counts() {
        assert!(wasteful(&details(3)));
        assert!(!wasteful(&details(2)));
        assert!(!wasteful(&dns::Details {
            computed: true,
            ..details(4)
        }));
        assert!(!wasteful(&dns::Details {
            answered: false,
            ..details(4)
        }));
    }

    #[test]
    fn the_short_name_of_the_risk_has_as_many_dots_as_ndots() {
        for ndots in 0..=4 {
            assert_eq!(dots(&short_name(ndots, Some("shop"))), ndots);
        }
    }
}
