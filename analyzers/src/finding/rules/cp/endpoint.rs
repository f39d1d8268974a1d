//! CP-001: `kubectl` gets no answer, as the API server's endpoint is private, or lets other addresses in alone.

use std::collections::BTreeSet;

use crate::evidence::Evidence;
use crate::finding::{Class, Hit, Rule};
use crate::flow::packet_path::{ApiAttempt, Endpoint, api_attempts};
use crate::flow::{Flow, FlowKind, Flows, Next, Reason};
use crate::model::Model;
use crate::model::aws::eks::Cluster;

/// The rule.
pub static RULE: Rule = Rule { code: "CP-001", check };

fn check(model: &Model<'_>, flows: &Flows) -> Vec<Hit> {
    // Only who got no answer asks why.
    let attempts: Vec<ApiAttempt> = api_attempts(model)
        .into_iter()
        .filter(|attempt| attempt.line.is_some())
        .collect();
    if attempts.is_empty() {
        return Vec::new();
    }
    let clusters = model.clusters();
    let [cluster] = clusters.as_slice() else {
        return if clusters.is_empty() {
            vec![question()]
        } else {
            Vec::new()
        };
    };
    let mut seen = BTreeSet::new();
    attempts
        .iter()
        .filter(|attempt| seen.insert(attempt.from.to_string()))
        .filter_map(|attempt| {
            let title = format!("{} → {}", attempt.from, Endpoint::Api { cluster: None });
            let (index, flow) = flows.of(FlowKind::PacketPath).find(|(_, flow)| flow.title == title)?;
            if flow.verdict == crate::flow::Verdict::Unknown && !flow.next.is_empty() {
                return Some(Hit::open(flow.next.clone()));
            }
            let hit = hit(attempt, cluster, flow)?;
            Some(Hit {
                flow: Some(index),
                ..hit
            })
        })
        .collect()
}

fn question() -> Hit {
    Hit::open(vec![Next {
        command: "aws eks describe-cluster --name CLUSTER".to_owned(),
        decides: vec![RULE.code.to_owned()],
        why: "The API server does not answer; whether its endpoint is public, and for whom, is not pasted.".to_owned(),
    }])
}

fn hit(attempt: &ApiAttempt, cluster: &Cluster<'_>, flow: &Flow) -> Option<Hit> {
    let reason = flow.outcomes.first()?.reason?;
    // Whose public address the endpoint sees: the caller's own, or that of the gateway that it goes out by.
    let stop = flow.steps().find(|step| step.reason.is_some_and(|own| own == reason))?;
    let known = stop.checks.first().and_then(|check| check.has.clone());
    let own = match &attempt.from {
        Endpoint::Ip { address, .. } => Some(address.to_string()),
        _ => None,
    };
    let caller = known.or(own);
    let (variant, class) = match reason {
        // Without an address of the caller's nothing says that it is outside.
        Reason::EndpointPrivate if caller.is_some() => (None, Class::Fault),
        Reason::EndpointPrivate => (None, Class::Risk),
        Reason::CidrNotAllowed => (Some("range"), Class::Fault),
        _ => return None,
    };
    let name = cluster.name().unwrap_or_else(|| "CLUSTER".to_owned());
    let host = cluster.host().map_or_else(|| "ENDPOINT".to_owned(), |host| host.value);
    let access: Vec<Evidence> = cluster
        .public_access()
        .into_iter()
        .chain(cluster.private_access())
        .map(|fact| fact.evidence)
        .collect();
    let ranges = cluster.allowed().unwrap_or_default();
    let words: Vec<String> = ranges.iter().map(|range| range.value.to_string()).collect();
    let block = caller
        .as_deref()
        .map_or_else(|| "ADDRESS/32".to_owned(), |address| format!("{address}/32"));
    let mut hit = Hit::new(class, format!("Cluster {name}"))
        .with("cluster", &name)
        .with("host", host)
        .with("caller", caller.clone().unwrap_or_else(|| "the Internet".to_owned()))
        .with("caller_block", &block)
        .with("ranges", words.join(", "))
        .with(
            "all_blocks",
            words
                .iter()
                .cloned()
                .chain([block.clone()])
                .collect::<Vec<_>>()
                .join(","),
        )
        .cite("timeout", attempt.line.map(Evidence::Text))
        .cite("access", access)
        .cite("range_lines", ranges.into_iter().map(|range| range.evidence));
    if let Some(tried) = attempt.tried {
        hit = hit.with("tried", tried.to_string());
    }
    if let Some(told) = &attempt.told {
        hit = hit.cite("caller_line", [told.clone()]);
    }
    if caller.is_none() {
        hit = hit.with("not_told", "yes");
    }
    hit.variant = variant;
    Some(hit)
}
