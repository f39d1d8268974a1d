//! Flows from lookups: each query a step, with what came back.

use super::exchange::Exchange;
use super::lookup::{Lookup, Rung};
use super::pod::Pod;
use super::resolver::{Candidate, MAX_NDOTS, Resolver, candidates, dots};
use super::settings::Settings;
use super::{Details, queries};
use crate::evidence::Evidence;
use crate::flow::{self, Actor, ActorKind, Flow, FlowKind, Next, Outcome, Reason, Step, Values, Verdict};

/// Who asks and who is asked, as the picture names them.
#[derive(Debug, Clone)]
pub struct Parties {
    /// Who asks.
    pub client: Actor,
    /// Who is asked.
    pub server: Actor,
    /// The asking pod, where it is known.
    pub pod: Option<Pod>,
}

/// What is known of the client that is not in the packets.
pub struct Known<'a> {
    /// Its `resolv.conf`.
    pub settings: Option<&'a Settings>,
    /// Its search list: from its settings, or as its queries show it.
    pub search: &'a [String],
    /// Its C library.
    pub resolver: Resolver,
    /// When the capture ended.
    pub ended: Option<i64>,
}

/// All lookups of one name by one client.
pub struct Repeated<'a> {
    /// The one that is drawn.
    pub shown: &'a Lookup,
    /// How many there are.
    pub times: usize,
    /// Wasted queries of all.
    pub wasted: usize,
    /// Queries of all.
    pub total: usize,
}

/// How a lookup ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Answered,
    /// The name itself was refused, or its servers failed.
    Refused,
    /// No answer to the last question.
    Silent,
    /// The ladder is not at its end, or the capture stops.
    Open,
}

/// A microsecond count after which a resolver that wanted to go on would have: it asks the next name at once.
const GOES_ON_WITHIN: i64 = 1_000_000;

/// The flow of a lookup that was captured.
pub fn seen(repeated: &Repeated<'_>, exchanges: &[Exchange], parties: &Parties, known: &Known<'_>) -> Flow {
    let lookup = repeated.shown;
    let end = end(lookup, exchanges, known.ended);
    let last = lookup.rungs.len().saturating_sub(1);
    let mut steps = Vec::new();
    for (index, rung) in lookup.rungs.iter().enumerate() {
        let waste = lookup.is_waste(index < last, rung, exchanges);
        for exchange in rung.of(exchanges) {
            steps.push(step(exchange, rung, waste, index == last, end, parties, exchanges));
        }
    }
    let answered = end == End::Answered;
    let wasted_names = lookup.wasted(exchanges).count();
    let wasted = lookup.wasted(exchanges).map(|rung| rung.exchanges.len()).sum();
    let total: usize = lookup.rungs.iter().map(|rung| rung.exchanges.len()).sum();
    // A conf that says that this name is not searched for first does not explain a ladder that begins with the search list.
    let searched_first = lookup.rungs.first().is_some_and(|rung| rung.suffix.is_some());
    let settings = known
        .settings
        .filter(|settings| !searched_first || dots(&lookup.name) < settings.ndots);
    let rest = if end == End::Open && lookup.searched {
        rest(lookup, settings, known)
    } else {
        Vec::new()
    };
    let types = types(lookup.rungs.last(), exchanges);
    for candidate in &rest {
        for qtype in &types {
            let mut step = Step::new(
                parties.client.clone(),
                format!("asks {qtype} {}", candidate.name),
                Verdict::Assumed,
            );
            step.to = Some(parties.server.clone());
            step.before = question(&candidate.name, qtype);
            step.note = Some(format!(
                "Not in the capture: after a refusal {} asks for the next name of its search list.",
                known.resolver.name()
            ));
            steps.push(step);
        }
    }
    let verdict = match end {
        End::Answered => Verdict::Passes,
        End::Refused => Verdict::Blocked,
        End::Silent | End::Open => Verdict::Unknown,
    };
    let reason = match end {
        End::Refused
            if lookup
                .rungs
                .last()
                .is_some_and(|rung| rung.of(exchanges).any(Exchange::nxdomain)) =>
        {
            Some(Reason::NxDomain)
        }
        End::Silent => Some(Reason::Timeout),
        _ => None,
    };
    let details = Details {
        name: lookup.name.clone(),
        resolver: known.resolver,
        ndots: settings.map(|settings| settings.ndots),
        search: known.search.to_vec(),
        client: parties.client.name.clone(),
        server: parties.server.name.clone(),
        pod: parties.pod.clone(),
        wasted,
        total,
        wasted_names,
        lookups: repeated.times,
        wasted_all: repeated.wasted,
        total_all: repeated.total,
        answered,
        savings: (wasted > 0 && rest.is_empty()).then(|| savings(total - wasted, total)),
        computed: false,
        search_evidence: settings.map(|s| s.search_evidence.clone()).unwrap_or_default(),
        ndots_evidence: settings.map(|s| s.ndots_evidence.clone()).unwrap_or_default(),
    };
    let next = next(end, &details, settings.is_some());
    let mut subtitle = subtitle(wasted, total, end);
    if repeated.times > 1 {
        subtitle = format!("{subtitle} · {} lookups like this", repeated.times);
    }
    flow(
        title(&lookup.name, parties),
        subtitle,
        verdict,
        reason,
        steps,
        next,
        details,
    )
}

/// The title of a picture.
pub fn title(name: &str, parties: &Parties) -> String {
    match &parties.pod {
        Some(pod) => format!("{name} from pod {}", pod.path()),
        None => format!("{name} from {}", parties.client.name),
    }
}

/// A flow of one way.
pub fn flow(
    title: String,
    subtitle: String,
    verdict: Verdict,
    reason: Option<Reason>,
    steps: Vec<Step>,
    next: Vec<Next>,
    details: Details,
) -> Flow {
    Flow {
        kind: FlowKind::Dns,
        title,
        subtitle,
        verdict,
        outcomes: vec![Outcome {
            reason,
            steps,
            ..Outcome::new(format!("as {} resolves", details.resolver.name()), 1.0, verdict)
        }],
        next,
        details: flow::Details::Dns(details),
    }
}

/// What a trailing dot saves.
pub fn savings(needed: usize, total: usize) -> String {
    format!("with a trailing dot: {} instead of {total}", queries(needed))
}

/// The values of a question.
pub fn question(name: &str, qtype: &str) -> Values {
    vec![("name", name.to_owned()), ("type", qtype.to_owned())]
}

fn subtitle(wasted: usize, total: usize, end: End) -> String {
    let counted = if wasted > 0 {
        format!("{wasted} of {} wasted", queries(total))
    } else {
        format!("{}, none wasted", queries(total))
    };
    match end {
        End::Answered => counted,
        End::Refused => format!("refused · {counted}"),
        End::Silent => format!("no answer · {counted}"),
        End::Open => format!("the end is not in the capture · {counted}"),
    }
}

fn end(lookup: &Lookup, exchanges: &[Exchange], ended: Option<i64>) -> End {
    let Some(rung) = lookup.rungs.last() else {
        return End::Open;
    };
    if rung.positive(exchanges) {
        return End::Answered;
    }
    if rung.of(exchanges).any(|exchange| exchange.answer.is_none()) {
        return End::Silent;
    }
    // One name alone may be the first of a ladder of which the capture does not show more.
    let answered_at = rung
        .of(exchanges)
        .filter_map(|exchange| Some(exchange.asked? + exchange.answer.as_ref()?.took?))
        .max();
    let goes_on = match (answered_at, ended) {
        (Some(at), Some(ended)) => ended - at < GOES_ON_WITHIN,
        _ => true,
    };
    if rung.suffix.is_some() || (!lookup.searched && goes_on) {
        End::Open
    } else {
        End::Refused
    }
}

/// The names that the resolver would go on with.
fn rest(lookup: &Lookup, settings: Option<&Settings>, known: &Known<'_>) -> Vec<Candidate> {
    let Some(last) = lookup.rungs.last() else {
        return Vec::new();
    };
    // Without the file, what was seen says that the name has too few dots: it was not asked for first.
    let ndots = settings.map_or(MAX_NDOTS, |settings| settings.ndots);
    let all = candidates(&lookup.name, known.search, ndots, known.resolver);
    let after = all.iter().position(|candidate| candidate.name == last.name);
    after.map_or_else(Vec::new, |at| all.into_iter().skip(at + 1).collect())
}

fn types(rung: Option<&Rung>, exchanges: &[Exchange]) -> Vec<String> {
    rung.map(|rung| rung.of(exchanges).map(|exchange| exchange.qtype.clone()).collect())
        .unwrap_or_default()
}

fn step(
    exchange: &Exchange,
    rung: &Rung,
    waste: bool,
    last: bool,
    end: End,
    parties: &Parties,
    exchanges: &[Exchange],
) -> Step {
    let mut step = Step::new(
        parties.client.clone(),
        format!("asks {} {}", exchange.qtype, exchange.name),
        Verdict::Passes,
    );
    step.to = Some(parties.server.clone());
    step.before = question(&exchange.name, &exchange.qtype);
    step.seen = true;
    step.waste = waste;
    step.evidence = exchange.queries.iter().map(|span| Evidence::Text(*span)).collect();
    if let Some(answer) = &exchange.answer {
        let answers: Vec<&str> = answer.records.iter().map(|record| record.data.as_str()).collect();
        step.after = vec![("rcode", answer.rcode.clone()), ("answers", answers.join(", "))];
        step.took = answer.took;
        step.evidence.push(Evidence::Text(answer.span));
        if exchange.positive() {
            return step;
        }
        if exchange.negative() {
            if last && end == End::Refused {
                step.verdict = Verdict::Blocked;
                step.reason = exchange.nxdomain().then_some(Reason::NxDomain);
            } else if !exchange.nxdomain() && rung.positive(exchanges) {
                step.note = Some(format!(
                    "The name exists without {} records: that is no failure.",
                    exchange.qtype
                ));
            } else if waste {
                step.note = Some("No such name: the resolver goes on to the next of its search list.".into());
            }
        } else if last {
            step.verdict = Verdict::Blocked;
            step.note = Some(format!("The server answered {}.", answer.rcode));
        }
    } else {
        step.verdict = Verdict::Unknown;
        step.reason = Some(Reason::Timeout);
        step.note = Some(match exchange.retries() {
            0 => "No answer as long as the capture ran.".into(),
            1 => "No answer as long as the capture ran, though it was asked again.".into(),
            times => format!("No answer as long as the capture ran, though it was asked again {times} times."),
        });
    }
    step
}

fn next(end: End, details: &Details, has_settings: bool) -> Vec<Next> {
    let mut next = Vec::new();
    if end == End::Open {
        next.push(tcpdump(
            details.pod.as_ref(),
            "The capture ends before the lookup does: a longer one shows whether the name itself is answered.",
        ));
    }
    if end == End::Silent {
        next.push(Next {
            command: "kubectl get pods,endpointslices -n kube-system -l k8s-app=kube-dns -o wide".into(),
            decides: ["DNS-001", "DNS-003", "DNS-008"].map(str::to_owned).to_vec(),
            why: "A question got no answer: this shows whether a DNS server is there to answer.".into(),
        });
    }
    if details.wasted > 0 && !has_settings {
        next.push(Next {
            command: super::exec(details.pod.as_ref(), &details.search, "cat /etc/resolv.conf"),
            decides: vec!["DNS-005".into()],
            why: format!(
                "The queries of {} go through a search list; this file says from how many dots on (ndots) they would not.",
                details.client
            ),
        });
    }
    next
}

/// The capture that would show a lookup.
pub fn tcpdump(pod: Option<&Pod>, why: &str) -> Next {
    Next {
        command: super::exec(pod, &[], "tcpdump -nn -i any port 53"),
        decides: vec!["DNS-005".into()],
        why: why.into(),
    }
}

/// Who is asked.
pub fn server(address: Option<std::net::IpAddr>, name: Option<&str>) -> Actor {
    let text = address.map_or_else(|| "name server".to_owned(), |address| address.to_string());
    Actor {
        id: format!("dns:{text}"),
        kind: ActorKind::Server,
        name: name.unwrap_or(&text).to_owned(),
        details: if name.is_some() && address.is_some() {
            vec![text.clone()]
        } else {
            Vec::new()
        },
        zones: Vec::new(),
    }
}
