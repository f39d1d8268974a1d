//! The ways that a paste itself asks about: connections that were tried in a pod's or a node's shell, to a Service or through rules that
//! were pasted.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::tried::{Whom, whom};
use super::{Endpoint, Protocol, Query, compute, nlb};
use crate::flow::{Flow, Verdict};
use crate::model::service::Service;
use crate::model::{Model, ip_in_name};
use crate::segment::{CommandLine, Segment};

/// The ways that are shown.
const SHOWN: usize = 3;

/// Those that stop first, each once.
pub fn propose(model: &Model<'_>) -> Vec<Flow> {
    let mut seen = BTreeSet::new();
    let mut flows: Vec<Flow> = model
        .segments
        .iter()
        .filter_map(|segment| tried(model, segment))
        .filter(|query| seen.insert(format!("{} {} {:?}", query.from, query.to, query.protocol)))
        .take(SHOWN)
        .map(|query| compute(model, &query))
        .filter(|flow| !flow.outcomes.is_empty())
        .collect();
    flows.sort_by_key(|flow| flow.verdict != Verdict::Blocked);
    flows
}

/// From whom to whom a command tries to connect.
fn tried(model: &Model<'_>, segment: &Segment) -> Option<Query> {
    let command = segment.command.as_ref().filter(|command| command.typed())?;
    let line = command.line();
    let inner = line.inner();
    let shells = segment
        .within
        .iter()
        .map(String::as_str)
        .chain(inner.is_some().then_some(command.text.as_str()));
    let line = inner.unwrap_or(line);
    let pod = shells.clone().find_map(|shell| nlb::pod_of_command(model, shell));
    let (whom, port, protocol) = whom(&line).or_else(|| Some((short(&line)?, None, Protocol::Tcp)))?;
    let address = match &whom {
        Whom::Address(address) => Some(*address),
        Whom::Name(_) => None,
    };
    if let Some(pod) = pod {
        let to = match (address, port) {
            (Some(address), Some(port)) => service_at(model, address, port)?,
            _ => named(model, &whom, port, pod.namespace)?,
        };
        let from = Endpoint::Pod {
            namespace: pod.namespace.to_owned(),
            name: pod.name.to_owned(),
            port: None,
        };
        return Some(Query {
            from,
            to,
            protocol,
            at: None,
        });
    }
    // Another container's shell, or another machine's.
    if shells.count() > 0 {
        return None;
    }
    let host = segment.at.as_deref()?;
    let (from, to, port) = (ip_in_name(host)?, address?, port?);
    if from == to || !(has_rules(model, host) || service_at(model, to, port).is_some()) {
        return None;
    }
    Some(Query {
        from: Endpoint::Ip {
            address: from,
            port: None,
        },
        to: Endpoint::Ip {
            address: to,
            port: Some(port),
        },
        protocol,
        at: Some(host.to_owned()),
    })
}

/// Whether rules of that host were pasted, as far as prompts tell.
fn has_rules(model: &Model<'_>, host: &str) -> bool {
    let kinds = ["iptables-save", "nft-ruleset", "ipvsadm"];
    let label = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    model.artifacts.roots().any(|(artifact, _)| {
        let at = model
            .segments
            .get(artifact.segment)
            .and_then(|segment| segment.at.as_deref());
        artifact.kinds.iter().any(|(kind, _)| kinds.contains(&kind.as_str()))
            && at.is_none_or(|at| label(at) == label(host))
    })
}

/// The Service with that address.
fn service_at(model: &Model<'_>, address: IpAddr, port: u16) -> Option<Endpoint> {
    let has = |service: Service<'_, '_>| service.cluster_addresses().iter().any(|own| own.value == address);
    model
        .all("Service")
        .find(|entity| has(Service(entity)))
        .map(|entity| Endpoint::Service {
            namespace: entity.namespace.to_owned(),
            name: entity.name.to_owned(),
            port,
        })
}

/// A name of one label, which `whom` takes for none: `http://cart/`, `http://cart:8080/`.
fn short(line: &CommandLine) -> Option<Whom> {
    let words = line.args.iter().map(String::as_str);
    let mut hosts = words.filter_map(|word| word.split_once("://")?.1.split(['/', '?']).next());
    Some(Whom::Name(hosts.next()?.to_ascii_lowercase()))
}

/// The Service of that name, as pods call it (Kubernetes, "DNS for Services and Pods"): `cart`, `cart.shop`, `cart.shop.svc`.
fn named(model: &Model<'_>, whom: &Whom, port: Option<u16>, own: &str) -> Option<Endpoint> {
    let Whom::Name(host) = whom else { return None };
    let (host, other) = host.split_once(':').unwrap_or((host, "80"));
    let port = port.or(other.parse().ok())?;
    let mut labels = host.split('.');
    let name = labels.next()?;
    let namespace = labels.next().unwrap_or(own);
    let rest: Vec<&str> = labels.collect();
    if !(rest.is_empty() || rest == ["svc"] || rest == ["svc", "cluster", "local"]) {
        return None;
    }
    model.get("Service", namespace, name)?;
    Some(Endpoint::Service {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        port,
    })
}

#[cfg(test)]
mod tests {
    use crate::analysis::{Input, read};
    use crate::flow::packet_path::propose;
    use crate::flow::{Flow, Reason, Verdict};

    const P6: &str = include_str!("../../../samples/P6.txt");
    const P13: &str = include_str!("../../../samples/P13.txt");

    fn proposed(text: &str) -> Vec<Flow> {
        let input = Input {
            name: "paste 1".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        propose(&read(vec![input], &mut |_| {}).model())
    }

    /// The sample without one of its outputs.
    fn without(text: &str) -> Vec<String> {
        let starts: Vec<usize> = text
            .match_indices('\n')
            .map(|(at, _)| at + 1)
            .filter(|at| {
                text.get(*at..)
                    .is_some_and(|rest| rest.starts_with("$ ") || rest.starts_with("[ec2-user@"))
            })
            .collect();
        // The first is the connection that was tried.
        (1..starts.len())
            .map(|at| {
                let end = starts.get(at + 1).copied().unwrap_or(text.len());
                let (before, after) = (text.get(..starts[at]), text.get(end..));
                format!("{}{}", before.unwrap(), after.unwrap())
            })
            .collect()
    }

    #[test]
    fn a_service_is_rules_in_the_kernel() {
        let flows = proposed(P6);
        let ends: Vec<&str> = flows[0]
            .outcomes
            .iter()
            .filter_map(|way| way.ends_at.as_deref())
            .collect();
        assert_eq!(
            (flows.len(), ends),
            (1, vec!["10.42.1.7:8080", "10.42.2.7:8080", "10.42.2.8:8080"])
        );
        // The rules prove the way there to the endpoint and the way back.
        for way in &flows[0].outcomes {
            assert_eq!((way.verdict, way.steps[0].verdict), (Verdict::Assumed, Verdict::Passes));
            assert_eq!(way.back.as_ref().unwrap().verdict, Verdict::Passes);
        }
        for text in without(P6) {
            for flow in proposed(&text) {
                assert!(flow.verdict == Verdict::Assumed || !flow.next.is_empty(), "{text}");
                assert_ne!(flow.verdict, Verdict::Blocked, "{text}");
            }
        }
    }

    #[test]
    fn an_end_that_no_slice_has_is_doubted() {
        let gone = P6.replace("    - 10.42.2.8\n", "    - 10.42.2.33\n");
        let flows = proposed(&gone);
        let doubted: Vec<&str> = flows[0]
            .outcomes
            .iter()
            .filter(|way| {
                let notes = way.steps.iter().filter_map(|step| step.note.as_deref());
                notes
                    .into_iter()
                    .any(|note| note.contains("None of the Service's EndpointSlices"))
            })
            .filter_map(|way| way.ends_at.as_deref())
            .collect();
        assert_eq!(doubted, ["10.42.2.8:8080"]);
        assert!(
            flows[0]
                .next
                .iter()
                .any(|next| next.command.ends_with("status.podIP=10.42.2.8"))
        );
    }

    #[test]
    fn a_pods_own_curl_is_asked_about() {
        let flows = proposed(P13);
        let way = &flows[0].outcomes[0];
        assert_eq!(
            (flows.len(), way.verdict, way.reason),
            (1, Verdict::Blocked, Some(Reason::Reject))
        );
        assert_eq!(flows[0].title, "pod shop/batch-7d9f6c5b44-x2m8q → svc shop/cart:80");
        for text in without(P13) {
            for flow in proposed(&text) {
                let same = flow.verdict == Verdict::Blocked && flow.outcomes[0].reason == Some(Reason::Reject);
                let open = flow.verdict == Verdict::Unknown && !flow.next.is_empty();
                assert!(same || open, "{text}");
            }
        }
    }
}
