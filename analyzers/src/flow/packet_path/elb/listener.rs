//! What the load balancer does on the port that is asked: its listener, the rules that a request can meet, and what these do.

use super::condition::{self, Meets, Request};
use super::group::Groups;
use super::timeout::{idle_timeout, timeout_words};
use super::{Walk, Way};
use crate::evidence::Evidence;
use crate::flow::packet_path::joined;
use crate::flow::{Reason, Step, Verdict};
use crate::model::aws::elbv2::rule::{Action, Does, Redirect, Rule};
use crate::model::load_balancer_controller::stack::{self, Kind};

/// What becomes of a request.
pub(super) enum Chosen {
    /// It goes no further, or what becomes of it was not pasted.
    Stops(Step),
    /// It is taken.
    Goes(Goes),
}

/// What a listener does.
pub(super) struct Goes {
    /// The listener takes it.
    pub takes: Step,
    /// One for each rule that it can meet.
    pub ways: Vec<Ruled>,
}

/// A rule that a request can meet.
pub(super) struct Ruled {
    /// What tells its requests from others.
    pub label: String,
    /// It is met.
    pub step: Step,
    /// What is done.
    pub actions: Vec<Action>,
}

/// A listener, by AWS or by what a controller makes.
struct Listening {
    port: u16,
    protocol: String,
    default: Vec<Action>,
    evidence: Vec<Evidence>,
}

/// Whether a listener of that protocol takes TCP, or UDP.
fn takes(listener: &str, asked: &str) -> bool {
    match listener {
        "TCP_UDP" | "TCP_QUIC" => true,
        "UDP" | "QUIC" => asked == "UDP",
        _ => asked == "TCP",
    }
}

/// The port of a name that was asked without one: HTTPS where something listens there, then HTTP, then the only one.
fn usual(listeners: &[Listening]) -> Option<u16> {
    let has = |port: u16| listeners.iter().any(|listener| listener.port == port).then_some(port);
    has(443).or_else(|| has(80)).or(match listeners {
        [only] => Some(only.port),
        _ => None,
    })
}

/// What the load balancer does.
pub(super) fn choose(walk: &mut Walk<'_, '_, '_>) -> Chosen {
    if let Some(arn) = walk.front.arn.clone() {
        return by_documents(walk, &arn);
    }
    if let Some(made) = walk.front.made.clone() {
        return by_controller(walk, &made);
    }
    if let Some(refusal) = walk.front.refused.clone() {
        let action = format!("is not made, or not changed: its controller refuses with `{refusal}`");
        let mut step = walk.step(action, Verdict::Unknown, refusal.evidence);
        step.note = Some("What was made before stays as it was.".to_owned());
        ask_for_it(walk, "What the load balancer does on that port is not pasted.");
        return Chosen::Stops(step);
    }
    if let Some((command, why)) = walk.front.missing.clone() {
        walk.ask(command, why);
    } else {
        ask_for_it(walk, "Nothing that was pasted says what this load balancer does.");
    }
    Chosen::Stops(walk.step("is not described in what was pasted", Verdict::Unknown, Vec::new()))
}

fn ask_for_it(walk: &mut Walk<'_, '_, '_>, why: &str) {
    let name = &walk.front.name;
    // A name that is not known whole cannot be asked for.
    let command = if name.contains('…') || name.contains(' ') || name.contains('.') {
        "aws elbv2 describe-load-balancers".to_owned()
    } else {
        format!("aws elbv2 describe-load-balancers --names {name}")
    };
    walk.ask(command, why);
}

/// The listener on the port, or what is known of there being none.
fn pick(
    walk: &mut Walk<'_, '_, '_>,
    all: Vec<Listening>,
    evidence: Vec<Evidence>,
    complete: bool,
) -> Result<Listening, Box<Step>> {
    walk.port = walk.port.or_else(|| usual(&all));
    let port = walk.port;
    let ports: Vec<String> = all
        .iter()
        .map(|listener| format!("{} {}", listener.protocol, listener.port))
        .collect();
    let asked = walk.asked.protocol;
    let found = all
        .into_iter()
        .find(|listener| Some(listener.port) == port && takes(&listener.protocol, asked));
    if let Some(found) = found {
        return Ok(found);
    }
    let listens = if ports.is_empty() {
        "nowhere".to_owned()
    } else {
        format!("on {}", ports.join(", "))
    };
    let Some(port) = port else {
        let action = format!("listens {listens}; which of these is asked is not said");
        return Err(Box::new(walk.step(action, Verdict::Unknown, evidence)));
    };
    if !complete {
        let action = format!("may listen on {asked} {port}: not all of its listeners are pasted");
        return Err(Box::new(walk.step(action, Verdict::Unknown, evidence)));
    }
    let action = format!("listens {listens}, and not on {asked} {port}");
    Err(Box::new(walk.stop(action, Reason::NoListener, evidence)))
}

fn by_documents(walk: &mut Walk<'_, '_, '_>, arn: &str) -> Chosen {
    let command = format!("aws elbv2 describe-listeners --load-balancer-arn {arn}");
    let path = crate::model::aws::elbv2::listener::path_of(arn).unwrap_or_default();
    let listeners = walk.model.listeners_of(&path);
    if listeners.evidence.is_empty() {
        walk.ask(command, "The listeners of the load balancer are not pasted.");
        return Chosen::Stops(walk.step("may listen on that port", Verdict::Unknown, Vec::new()));
    }
    let all = listeners
        .all
        .iter()
        .map(|listener| Listening {
            port: listener.port,
            protocol: listener.protocol.to_owned(),
            default: listener.default_actions(),
            evidence: vec![listener.node.evidence()],
        })
        .collect();
    let chosen = match pick(walk, all, listeners.evidence, listeners.complete) {
        Ok(chosen) => chosen,
        Err(step) => {
            if step.verdict == Verdict::Unknown {
                walk.ask(command, "Not all of the listeners are pasted.");
            }
            return Chosen::Stops(*step);
        }
    };
    let timeout = idle_timeout(walk, arn);
    let mut takes = walk.step(listens(&chosen), Verdict::Passes, chosen.evidence.clone());
    takes.note = timeout;
    let of = listeners.all.iter().find(|listener| listener.port == chosen.port);
    let of = of.map(|listener| listener.arn).unwrap_or_default();
    if walk.front.kind == Some(Kind::Network) {
        return Chosen::Goes(Goes {
            ways: vec![by_default(walk, chosen, Vec::new())],
            takes,
        });
    }
    let rules = walk.model.rules_of(of);
    if rules.evidence.is_empty() || !rules.complete {
        let command = format!("aws elbv2 describe-rules --listener-arn {of}");
        let (action, why) = if rules.evidence.is_empty() {
            ("goes through its rules", "The rules of the listener are not pasted.")
        } else {
            (
                "goes through its rules, of which some are missing",
                "Not all rules of the listener are pasted.",
            )
        };
        walk.ask(command, why);
        let mut step = walk.step(action, Verdict::Unknown, rules.evidence);
        step.evidence.extend(takes.evidence);
        return Chosen::Stops(step);
    }
    let evidence = rules.evidence;
    let ways = by_rules(walk, &rules.all, chosen, evidence);
    Chosen::Goes(Goes { takes, ways })
}

fn listens(listening: &Listening) -> String {
    format!("listens on {} {}", listening.protocol, listening.port)
}

fn by_controller(walk: &mut Walk<'_, '_, '_>, made: &stack::Stack) -> Chosen {
    ask_for_it(
        walk,
        "What AWS has was not pasted: this is what the AWS Load Balancer Controller would make.",
    );
    let source = |listener: &stack::Listener| {
        joined(
            listener
                .port
                .by
                .evidence()
                .cloned()
                .into_iter()
                .chain(listener.protocol.by.evidence().cloned()),
        )
    };
    let all: Vec<Listening> = made
        .listeners
        .iter()
        .map(|listener| Listening {
            port: listener.port.value,
            protocol: listener.protocol.value.clone(),
            default: listener.default_actions.clone(),
            evidence: source(listener),
        })
        .collect();
    let evidence = joined(all.iter().flat_map(|listener| listener.evidence.clone()));
    let chosen = match pick(walk, all, evidence, true) {
        Ok(chosen) => chosen,
        Err(mut step) => {
            step.note = Some("This is what the AWS Load Balancer Controller would make.".to_owned());
            return Chosen::Stops(*step);
        }
    };
    let mut takes = walk.step(listens(&chosen), Verdict::Assumed, chosen.evidence.clone());
    let own = made.load_balancer.attributes.get("idle_timeout.timeout_seconds");
    let timeout = timeout_words(walk.front.kind, own.map(|own| own.value.as_str())).unwrap_or_default();
    takes.note = Some(format!(
        "As the AWS Load Balancer Controller would make it of {}. {timeout}",
        made.id
    ));
    let rules: Vec<Rule> = made
        .listeners
        .iter()
        .filter(|listener| listener.port.value == chosen.port)
        .flat_map(|listener| listener.rules.iter().map(|rule| rule.rule.clone()))
        .collect();
    let ways = by_rules(walk, &rules, chosen, Vec::new());
    Chosen::Goes(Goes { takes, ways })
}

/// The rules that are looked at: a load balancer has room for a hundred unless AWS was asked for more.
const RULES: usize = 200;

/// Rules in their order, up to the first one that all requests meet.
fn by_rules(walk: &Walk<'_, '_, '_>, rules: &[Rule], listening: Listening, evidence: Vec<Evidence>) -> Vec<Ruled> {
    let request = Request {
        host: walk.front.host.as_deref(),
        from: &walk.asked.from,
    };
    let known = walk.front.arn.is_some();
    let mut ways = Vec::new();
    for rule in rules {
        let number = rule
            .priority
            .map_or_else(|| "a rule".to_owned(), |priority| format!("rule {priority}"));
        let all: Vec<String> = rule.conditions.iter().map(condition::words).collect();
        let meets = condition::rule(rule, request);
        let (label, action) = match &meets {
            Meets::No => continue,
            Meets::Yes => (number.clone(), format!("{number} is met: {}", all.join(", "))),
            Meets::If(open) => (
                open.join(", "),
                format!("{number} is for requests with {}", all.join(", ")),
            ),
        };
        let by = rule.by.evidence().cloned().into_iter();
        let of_conditions = rule
            .conditions
            .iter()
            .filter_map(|condition| condition.by.evidence().cloned());
        let verdict = if known { Verdict::Passes } else { Verdict::Assumed };
        let mut step = walk.step(action, verdict, joined(by.chain(of_conditions)));
        if matches!(meets, Meets::If(_)) {
            step.note = Some(
                "The question does not say whether a request does; those that do not go on to the next rule."
                    .to_owned(),
            );
        }
        if !rule.transforms.is_empty() {
            let rewritten = format!("The request is rewritten: {}.", rule.transforms.join(", "));
            step.note = Some(match step.note {
                Some(note) => format!("{note} {rewritten}"),
                None => rewritten,
            });
        }
        if ways.len() == RULES {
            let action = format!("has more than {RULES} rules that may be met; the others are not looked at");
            let step = walk.step(action, Verdict::Unknown, Vec::new());
            ways.push(Ruled {
                label: "more rules".to_owned(),
                step,
                actions: Vec::new(),
            });
            return ways;
        }
        ways.push(Ruled {
            label,
            step,
            actions: rule.actions.clone(),
        });
        if meets == Meets::Yes {
            return ways;
        }
    }
    ways.push(by_default(walk, listening, evidence));
    ways
}

/// What is done with a request that meets no rule.
fn by_default(walk: &Walk<'_, '_, '_>, listening: Listening, rules: Vec<Evidence>) -> Ruled {
    let network = walk.front.kind == Some(Kind::Network);
    let of_actions = listening
        .default
        .iter()
        .filter_map(|action| action.by.evidence().cloned());
    let evidence = joined(of_actions.chain(rules));
    let verdict = if walk.front.arn.is_some() {
        Verdict::Passes
    } else {
        Verdict::Assumed
    };
    let action = if network {
        "does with every connection what the listener says"
    } else {
        "does what it does with requests that meet no other rule"
    };
    Ruled {
        label: if network {
            String::new()
        } else {
            "other requests".to_owned()
        },
        step: walk.step(action, verdict, evidence),
        actions: listening.default,
    }
}

/// What a rule's actions do, one way for each target.
pub(super) fn act<'m>(walk: &mut Walk<'_, 'm, '_>, groups: &mut Groups<'m>, rule: &Ruled) -> Vec<Way> {
    let known = walk.front.arn.is_some();
    let verdict = if known { Verdict::Passes } else { Verdict::Assumed };
    let mut before: Vec<Step> = Vec::new();
    for action in &rule.actions {
        let evidence: Vec<Evidence> = action.by.evidence().cloned().into_iter().collect();
        match &action.does {
            Does::Authenticate(how) => {
                let words = match how.on_unauthenticated_request.as_str() {
                    "deny" => "refuses who is not signed in",
                    "allow" => "lets also pass who is not signed in",
                    _ => "sends who is not signed in away to sign in",
                };
                let mut step = walk.step(format!("{words} ({})", how.with), Verdict::Assumed, evidence);
                step.note = Some("What follows is the way of who is signed in.".to_owned());
                before.push(step);
            }
            Does::JwtValidation => {
                let mut step = walk.step("refuses requests without a valid token", Verdict::Assumed, evidence);
                step.note = Some("What follows is the way of a request that has one.".to_owned());
                before.push(step);
            }
            Does::Redirect(to) => {
                let url = url(walk, to);
                let step = walk.step(
                    format!("answers by itself: {} to {url}", code(&to.status_code)),
                    verdict,
                    evidence,
                );
                return answered(before, step, format!("redirected to {url}"));
            }
            Does::FixedResponse(response) => {
                let body = response
                    .message_body
                    .as_deref()
                    .map(|body| format!(" `{body}`"))
                    .unwrap_or_default();
                let words = format!("answers by itself: {}{body}", response.status_code);
                let step = walk.step(words, verdict, evidence);
                return answered(before, step, format!("answered with {}", response.status_code));
            }
            Does::Forward(forward) => return groups.ways(walk, forward, &before, evidence),
            Does::Other(kind) => {
                let step = walk.step(
                    format!("does something that is not known here: {kind}"),
                    Verdict::Unknown,
                    evidence,
                );
                return answered(before, step, kind.clone());
            }
        }
    }
    let step = walk.step(
        "does something that was not pasted",
        Verdict::Unknown,
        rule.step.evidence.clone(),
    );
    if let Some(arn) = walk.front.arn.clone() {
        walk.ask(
            format!("aws elbv2 describe-listeners --load-balancer-arn {arn}"),
            "What the listener does is not pasted.",
        );
    }
    answered(before, step, String::new())
}

/// The load balancer itself answers.
fn answered(before: Vec<Step>, step: Step, label: String) -> Vec<Way> {
    let known = step.verdict != Verdict::Unknown;
    let mut way = Way::new(label, 1.0);
    for step in before {
        way = way.with(step);
    }
    way = way.with(step);
    way.ends_at = known.then(|| "local".to_owned());
    vec![way]
}

fn code(status: &str) -> &str {
    status.strip_prefix("HTTP_").unwrap_or(status)
}

/// Where a redirect leads; what it does not say stays as it was asked.
fn url(walk: &Walk<'_, '_, '_>, to: &Redirect) -> String {
    let port = walk.port.map(|port| port.to_string()).unwrap_or_default();
    let secure = to
        .protocol
        .as_deref()
        .map_or(port == "443", |protocol| protocol == "HTTPS");
    let protocol = match to.protocol.as_deref() {
        Some("HTTPS") => "https",
        Some("HTTP") => "http",
        _ => "#{protocol}",
    };
    let asked = walk.front.host.as_deref().unwrap_or("#{host}");
    let host = to.host.as_deref().filter(|host| *host != "#{host}").unwrap_or(asked);
    let wanted = to.port.as_deref().filter(|port| *port != "#{port}").unwrap_or(&port);
    let usual = if secure { "443" } else { "80" };
    let port = if wanted == usual {
        String::new()
    } else {
        format!(":{wanted}")
    };
    let path = to.path.as_deref().unwrap_or("/#{path}");
    let query = to
        .query
        .as_deref()
        .filter(|query| *query != "#{query}")
        .map(|query| format!("?{query}"));
    format!("{protocol}://{host}{port}{path}{}", query.unwrap_or_default())
}
