//! The ladder that configuration alone makes of a name.

use std::net::IpAddr;

use super::ladder::{self, Parties};
use super::names;
use super::pod::Pod;
use super::propose::{captured, client_actor, service_at};
use super::resolver::{self, Candidate, candidates, dots};
use super::search_list::is_cluster_list;
use super::settings::{self, Settings};
use super::{Details, exec, queries};
use crate::evidence::Evidence;
use crate::flow::{self, Flow, Next, Step, Verdict};
use crate::model::{Entity, Model};

/// Whose lookup it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// A pod's, as `--pod NS/NAME` says.
    Pod(Pod),
    /// Of whoever has the `resolv.conf` in the source of that name; the first one pasted, where there is no name.
    Resolv(Option<String>),
    /// CoreDNS is asked directly, for the name as it is.
    Coredns,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The name, with its trailing dot if it has one.
    pub name: String,
    /// The type; `None` for what `getaddrinfo` asks: A and AAAA.
    pub qtype: Option<String>,
    /// By whom.
    pub whose: Whose,
}

/// An outside name of the documentation (RFC 2606), for a `resolv.conf` that comes without any name.
const EXAMPLE: &str = "example.com";

/// As many names of the paste get a picture.
const NAMES: usize = 2;

/// The flow that answers a query.
pub fn compute(model: &Model<'_>, query: &Query) -> Flow {
    let name = query.name.to_ascii_lowercase();
    let bare = name.strip_suffix('.').unwrap_or(&name);
    let pod = match &query.whose {
        Whose::Pod(pod) => Some(pod.clone()),
        _ => None,
    };
    if query.whose != Whose::Coredns
        && let Some(seen) = captured(model, Some(bare))
            .into_iter()
            .find(|flow| fits(flow, query, pod.as_ref()))
    {
        return seen;
    }
    let all = settings::all(model);
    let own = match &query.whose {
        Whose::Resolv(None) => all.first().cloned(),
        Whose::Resolv(Some(source)) => all.iter().find(|settings| settings.source == *source).cloned(),
        Whose::Coredns => Some(coredns(model)),
        Whose::Pod(pod) => all
            .iter()
            .find(|settings| settings.pod.as_ref().is_some_and(|owner| owner.name == pod.name))
            .or_else(|| {
                all.iter()
                    .find(|settings| settings.namespace().is_some() && settings.namespace() == pod.namespace.as_deref())
            })
            .cloned()
            .or_else(|| kubelet_default(model, pod)),
    };
    let pod = pod.or_else(|| own.as_ref().and_then(|own| own.pod.clone()));
    let types = match &query.qtype {
        Some(qtype) => vec![qtype.to_ascii_uppercase()],
        None => vec!["A".to_owned(), "AAAA".to_owned()],
    };
    match own {
        Some(own) => computed(model, &name, &types, &own, pod.as_ref(), None),
        None => unknown(&name, pod.as_ref()),
    }
}

/// Whether a captured lookup is the one that is asked about.
fn fits(flow: &Flow, query: &Query, pod: Option<&Pod>) -> bool {
    let flow::Details::Dns(details) = &flow.details else {
        return false;
    };
    let type_fits = query.qtype.as_ref().is_none_or(|qtype| {
        flow.steps()
            .any(|step| step.before.iter().any(|(key, value)| *key == "type" && value == qtype))
    });
    // With a trailing dot only the name itself is asked for: a ladder that was captured is another question.
    let searched = details.wasted > 0;
    type_fits
        && !(query.name.ends_with('.') && searched)
        && pod.is_none_or(|pod| details.pod.as_ref().is_some_and(|client| client.name == pod.name))
}

/// The flows for a paste with a `resolv.conf` and without a capture.
pub fn from_settings(model: &Model<'_>) -> Vec<Flow> {
    // Without a search list that is gone through first there is nothing to show.
    let Some(own) = settings::all(model)
        .into_iter()
        .find(|settings| !settings.search.is_empty() && settings.ndots > resolver::DEFAULT_NDOTS)
    else {
        return Vec::new();
    };
    let types = ["A".to_owned(), "AAAA".to_owned()];
    let named = names::of(model);
    let mut flows: Vec<Flow> = named
        .iter()
        .take(NAMES)
        .map(|named| {
            computed(
                model,
                &named.name,
                &types,
                &own,
                own.pod.as_ref(),
                Some(&named.evidence),
            )
        })
        .collect();
    if flows.is_empty() {
        flows.push(computed(model, EXAMPLE, &types, &own, own.pod.as_ref(), None));
    }
    flows
}

/// What the kubelet writes for `dnsPolicy: ClusterFirst` (`pkg/kubelet/network/dns/dns.go`), without the node's own search
/// list, which is not known. `None` where the pod's object says that it has another policy.
fn kubelet_default(model: &Model<'_>, pod: &Pod) -> Option<Settings> {
    let namespace = pod.namespace.as_deref()?;
    let object = model.get("Pod", namespace, &pod.name);
    let policy = object.and_then(|object| object.fact(&["spec", "dnsPolicy"]));
    let host = object.and_then(|object| object.bool(&["spec", "hostNetwork"]));
    let cluster = match policy.as_ref().map(|policy| policy.value.as_str()) {
        Some("ClusterFirstWithHostNet") => true,
        Some("ClusterFirst") | None => !host.is_some_and(|host| host.value),
        Some(_) => false,
    };
    let custom = object.is_some_and(|object| object.at(&["spec", "dnsConfig"]).is_some());
    (cluster && !custom).then(|| Settings {
        pod: Some(pod.clone()),
        source: String::new(),
        servers: cluster_dns(model).into_iter().collect(),
        search: vec![
            format!("{namespace}.svc.cluster.local"),
            "svc.cluster.local".to_owned(),
            "cluster.local".to_owned(),
        ],
        search_evidence: policy.map(|policy| policy.evidence).into_iter().collect(),
        ndots: 5,
        ndots_evidence: Vec::new(),
    })
}

fn coredns(model: &Model<'_>) -> Settings {
    Settings {
        pod: None,
        source: String::new(),
        servers: cluster_dns(model).into_iter().collect(),
        search: Vec::new(),
        search_evidence: Vec::new(),
        ndots: 0,
        ndots_evidence: Vec::new(),
    }
}

fn cluster_dns(model: &Model<'_>) -> Option<IpAddr> {
    model
        .get("Service", "kube-system", "kube-dns")?
        .at(&["spec", "clusterIP"])?
        .str()?
        .parse()
        .ok()
}

/// What is expected to come back.
struct Expected {
    verdict: Verdict,
    rcode: Option<&'static str>,
    answers: String,
    note: String,
    evidence: Vec<Evidence>,
}

fn computed(
    model: &Model<'_>,
    name: &str,
    types: &[String],
    own: &Settings,
    pod: Option<&Pod>,
    named: Option<&Evidence>,
) -> Flow {
    let library = settings::resolver(model, pod);
    let address = own.servers.first().copied();
    let parties = Parties {
        client: client_actor(pod, None),
        server: ladder::server(
            address,
            address.and_then(|address| service_at(model, address)).as_deref(),
        ),
        pod: pod.cloned(),
    };
    let all = candidates(name, &own.search, own.ndots, library);
    let Computed {
        mut steps,
        mut wasted_names,
        answered,
    } = steps(model, &all, name, types, own, &parties, named);
    let verdict = Verdict::all(steps.iter().map(|step| step.verdict));
    let total = steps.len();
    let wasted = if answered { wasted_names * types.len() } else { 0 };
    if !answered {
        for step in &mut steps {
            step.waste = false;
        }
        wasted_names = 0;
    }
    let subtitle = if wasted > 0 {
        format!(
            "computed from resolv.conf: {wasted} of {} would be wasted",
            queries(total)
        )
    } else {
        format!("computed from resolv.conf: {}", queries(total))
    };
    let mut next = Vec::new();
    // Three names in vain are what the rule for this looks for.
    if wasted_names >= 3 || verdict == Verdict::Unknown {
        next.push(ladder::tcpdump(
            pod.or(Some(&Pod {
                namespace: own.namespace().map(str::to_owned),
                name: "<pod>".to_owned(),
            })),
            "resolv.conf says what would be asked for; a capture while the program runs says what is, and how often.",
        ));
    }
    let details = Details {
        name: name.strip_suffix('.').unwrap_or(name).to_owned(),
        resolver: library,
        ndots: Some(own.ndots),
        search: own.search.clone(),
        client: parties.client.name.clone(),
        server: parties.server.name.clone(),
        pod: pod.cloned(),
        wasted,
        total,
        wasted_names,
        lookups: 0,
        wasted_all: 0,
        total_all: 0,
        answered,
        savings: (wasted > 0).then(|| ladder::savings(total - wasted, total)),
        computed: true,
        search_evidence: own.search_evidence.clone(),
        ndots_evidence: own.ndots_evidence.clone(),
    };
    ladder::flow(
        ladder::title(name, &parties),
        subtitle,
        verdict,
        None,
        steps,
        next,
        details,
    )
}

/// The steps of a computed ladder.
struct Computed {
    steps: Vec<Step>,
    wasted_names: usize,
    answered: bool,
}

fn steps(
    model: &Model<'_>,
    all: &[Candidate],
    name: &str,
    types: &[String],
    own: &Settings,
    parties: &Parties,
    named: Option<&Evidence>,
) -> Computed {
    let outside = outside(model, name);
    let mut steps: Vec<Step> = Vec::new();
    let (mut wasted_names, mut answered) = (0, false);
    for candidate in all {
        let mut expected = expected(model, candidate, own, outside, all.len() > 1);
        let found = expected.rcode == Some("NOERROR");
        let waste = !found && expected.rcode.is_some();
        wasted_names += usize::from(waste);
        answered |= found;
        if let Some(domain) = &candidate.suffix
            && let Some(index) = own.search.iter().position(|known| known == domain)
        {
            expected.evidence.extend(own.search_evidence.get(index).cloned());
        }
        expected.evidence.extend(own.ndots_evidence.iter().cloned());
        expected.evidence.extend(named.cloned());
        for qtype in types {
            let mut step = Step::new(
                parties.client.clone(),
                format!("asks {qtype} {}", candidate.name),
                expected.verdict,
            );
            step.to = Some(parties.server.clone());
            step.before = ladder::question(&candidate.name, qtype);
            if let Some(rcode) = expected.rcode {
                step.after = vec![
                    ("rcode", rcode.to_owned()),
                    (
                        "answers",
                        if qtype == "AAAA" {
                            String::new()
                        } else {
                            expected.answers.clone()
                        },
                    ),
                ];
            }
            step.note = Some(expected.note.clone());
            step.waste = waste;
            step.evidence.clone_from(&expected.evidence);
            steps.push(step);
        }
        if found {
            break;
        }
    }
    Computed {
        steps,
        wasted_names,
        answered,
    }
}

fn expected(model: &Model<'_>, candidate: &Candidate, own: &Settings, outside: bool, ladder: bool) -> Expected {
    let zone = if is_cluster_list(&own.search) {
        own.search.get(2).map_or("cluster.local", String::as_str)
    } else {
        "cluster.local"
    };
    let assumed = |rcode, note: String| Expected {
        verdict: Verdict::Assumed,
        rcode: Some(rcode),
        answers: String::new(),
        note,
        evidence: Vec::new(),
    };
    if let Some(service) = service_named(model, &candidate.name, zone) {
        let answers = service
            .at(&["spec", "clusterIP"])
            .and_then(|node| node.str())
            .unwrap_or_default()
            .to_owned();
        return Expected {
            verdict: Verdict::Assumed,
            rcode: Some("NOERROR"),
            answers,
            note: format!("Service {} exists: CoreDNS answers with its address.", service.path()),
            evidence: service.evidence().into_iter().collect(),
        };
    }
    match &candidate.suffix {
        Some(domain) if outside && within(domain, zone) => assumed(
            "NXDOMAIN",
            format!(
                "The name has {} and ndots is {}, so the search list comes first; CoreDNS answers for {zone} itself and has \
                 no such Service.",
                dots_of(candidate),
                own.ndots
            ),
        ),
        Some(domain) if outside => assumed(
            "NXDOMAIN",
            format!(
                "The name has {} and ndots is {}, so the search list comes first; the servers of {domain} are asked, and an \
                 outside name does not exist there.",
                dots_of(candidate),
                own.ndots
            ),
        ),
        None if outside => assumed(
            "NOERROR",
            if ladder {
                "The name itself: this is the only question that can be answered.".to_owned()
            } else {
                "Asked as it is, at once.".to_owned()
            },
        ),
        _ => Expected {
            verdict: Verdict::Unknown,
            rcode: None,
            answers: String::new(),
            note: "Nothing pasted tells whether this name exists.".to_owned(),
            evidence: Vec::new(),
        },
    }
}

fn dots_of(candidate: &Candidate) -> String {
    let base = candidate
        .suffix
        .as_ref()
        .and_then(|domain| candidate.name.strip_suffix(domain.as_str())?.strip_suffix('.'))
        .unwrap_or(&candidate.name);
    match dots(base) {
        1 => "1 dot".to_owned(),
        many => format!("{many} dots"),
    }
}

/// `SERVICE.NAMESPACE.svc.ZONE` of a Service that was pasted.
fn service_named<'m, 'a>(model: &'m Model<'a>, name: &str, zone: &str) -> Option<&'m Entity<'a>> {
    let rest = name.strip_suffix(zone)?.strip_suffix(".svc.")?;
    let (service, namespace) = rest.split_once('.')?;
    // A headless Service answers with its pods, or not at all: its object does not tell which.
    model
        .get("Service", namespace, service)
        .filter(|service| service.at(&["spec", "clusterIP"]).and_then(|node| node.str()) != Some("None"))
}

fn within(name: &str, zone: &str) -> bool {
    name == zone || name.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether a name is one of the world outside: at least one dot, no ending that clusters and VPCs use for themselves (RFC 6761
/// and RFC 6762 names, `.internal`), and not `SERVICE.NAMESPACE`. With a single dot only the oldest endings are sure not to be a
/// namespace.
fn outside(model: &Model<'_>, name: &str) -> bool {
    let bare = name.strip_suffix('.').unwrap_or(name);
    let labels: Vec<&str> = bare.split('.').collect();
    let (Some(top), true) = (labels.last(), labels.len() >= 2) else {
        return false;
    };
    if [
        "svc",
        "local",
        "internal",
        "localhost",
        "test",
        "invalid",
        "arpa",
        "cluster",
    ]
    .contains(top)
    {
        return false;
    }
    let namespace_known = model.all("Namespace").any(|entity| entity.name == *top)
        || model.all("Service").any(|entity| entity.namespace == *top)
        || model.all("Pod").any(|entity| entity.namespace == *top);
    if labels.len() == 2 {
        return !namespace_known && ["com", "net", "org", "edu", "gov", "io", "info"].contains(top);
    }
    !namespace_known
}

/// A flow of which nothing can be said but what to run.
fn unknown(name: &str, pod: Option<&Pod>) -> Flow {
    let parties = Parties {
        client: client_actor(pod, None),
        server: ladder::server(None, None),
        pod: pod.cloned(),
    };
    let mut step = Step::new(parties.client.clone(), format!("asks {name}"), Verdict::Unknown);
    step.to = Some(parties.server.clone());
    step.before = ladder::question(name.strip_suffix('.').unwrap_or(name), "A");
    step.note = Some("Without the client's resolv.conf neither the names nor the server are known.".into());
    let next = vec![Next {
        command: exec(pod, &[], "cat /etc/resolv.conf"),
        decides: vec!["DNS-005".into()],
        why: "It says which names are asked for, in which order, and of which server.".into(),
    }];
    let details = Details {
        name: name.to_owned(),
        client: parties.client.name.clone(),
        server: parties.server.name.clone(),
        pod: pod.cloned(),
        total: 1,
        computed: true,
        ..Details::default()
    };
    let title = ladder::title(name, &parties);
    ladder::flow(
        title,
        "unknown".to_owned(),
        Verdict::Unknown,
        None,
        vec![step],
        next,
        details,
    )
}
