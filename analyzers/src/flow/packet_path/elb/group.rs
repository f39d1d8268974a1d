//! Where requests go: the targets of a group by their health, and their shares.

use std::collections::BTreeMap;

use super::step::NETWORK_BEHIND;
use super::{Aim, Walk, Way, made};
use crate::evidence::Evidence;
use crate::flow::packet_path::joined;
use crate::flow::{Actor, ActorKind, Reason, Step, Verdict};
use crate::model::aws::elbv2::rule::{Forward, GroupRef, Weighted};
use crate::model::aws::elbv2::{Preserve, Target, TargetGroup, TargetGroups, TargetType};
use crate::model::load_balancer_controller::stack::Kind;
use crate::model::{Host, Model, Pod};

/// The targets of one group that are shown each by itself.
pub(super) const SHOWN: usize = 24;

/// The groups of a paste, each looked at once.
pub(super) struct Groups<'m> {
    groups: TargetGroups<'m>,
    known: BTreeMap<GroupRef, Vec<Way>>,
}

/// Why a target gets nothing, or gets it although it is not well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Health {
    /// It is well, or nobody asks it.
    Well,
    /// It is new, and was not asked often enough.
    New,
    /// It does not pass.
    Ill,
    /// Its zone is not the load balancer's.
    ZoneDisabled,
    /// It does not run.
    Stopped,
    /// It is on its way out, or is none any more.
    Leaving,
    /// Nothing leads there, says AWS.
    NotInUse,
}

fn health(target: &Target<'_>) -> Health {
    let of = |name: &str| target.node.at(&["TargetHealth", name]).and_then(|node| node.str());
    match target.state().map(|state| state.value).as_deref() {
        Some("healthy" | "unavailable") => Health::Well,
        Some("unhealthy") => Health::Ill,
        Some("unused") => match of("Reason") {
            Some("Target.InvalidState") => Health::Stopped,
            Some("Target.NotInUse") if of("Description").is_some_and(|text| text.contains("Availability Zone")) => {
                Health::ZoneDisabled
            }
            Some("Target.NotInUse") => Health::NotInUse,
            _ => Health::Leaving,
        },
        Some("initial") | None => Health::New,
        // `draining`, `unhealthy.draining`
        Some(_) => Health::Leaving,
    }
}

/// In the words that AWS prints: `Target.Timeout (Request timed out)`.
fn words(target: &Target<'_>) -> String {
    let of = |name: &str| target.node.at(&["TargetHealth", name]).and_then(|node| node.str());
    match (of("Reason"), of("Description")) {
        (Some(reason), Some(description)) => format!("{reason} ({description})"),
        (Some(reason), None) => reason.to_owned(),
        (None, Some(description)) => description.to_owned(),
        (None, None) => of("State").unwrap_or("no state").to_owned(),
    }
}

fn evidence_of(target: &Target<'_>) -> Vec<Evidence> {
    let health = target.node.get("TargetHealth").map(|node| node.evidence());
    joined([target.evidence()].into_iter().chain(health))
}

impl<'m> Groups<'m> {
    pub fn new(model: &'m Model<'_>) -> Self {
        Self {
            groups: model.target_groups(),
            known: BTreeMap::new(),
        }
    }

    /// The ways of a forward action: each group's share, then each of its targets'.
    pub fn ways(
        &mut self,
        walk: &mut Walk<'_, 'm, '_>,
        forward: &Forward,
        before: &[Step],
        evidence: Vec<Evidence>,
    ) -> Vec<Way> {
        let only = forward.groups.len() == 1;
        let weight = |group: &Weighted| if only { 1 } else { group.weight.unwrap_or(1) };
        let sum: f64 = forward.groups.iter().map(|group| f64::from(weight(group))).sum();
        let mut all = Vec::new();
        for group in forward.groups.iter().filter(|group| weight(group) > 0) {
            let share = f64::from(weight(group)) / sum;
            let mut ways = self.of(walk, &group.group);
            for way in &mut ways {
                way.share *= share;
                for step in &mut way.steps {
                    if step.evidence.is_empty() || only {
                        continue;
                    }
                    step.evidence = joined(step.evidence.drain(..).chain(evidence.clone()));
                }
                for (at, step) in before.iter().enumerate() {
                    way.verdict = way.verdict.max(step.verdict);
                    way.steps.insert(at, step.clone());
                }
            }
            all.append(&mut ways);
        }
        if all.is_empty() {
            let step = walk.step("forwards to no target group", Verdict::Unknown, evidence);
            all.push(Way::new("no target group", 1.0).with(step));
        }
        all
    }

    fn of(&mut self, walk: &mut Walk<'_, 'm, '_>, which: &GroupRef) -> Vec<Way> {
        if let Some(known) = self.known.get(which) {
            return known.clone();
        }
        let ways = self.looked_at(walk, which);
        self.known.insert(which.clone(), ways.clone());
        ways
    }

    fn looked_at(&self, walk: &mut Walk<'_, 'm, '_>, which: &GroupRef) -> Vec<Way> {
        let find = |is: &dyn Fn(&TargetGroup<'m>) -> bool| self.groups.all.iter().find(|group| is(group)).cloned();
        let group = match which {
            GroupRef::Arn(arn) => Some(find(&|group| group.arn == *arn).unwrap_or_else(|| TargetGroup {
                arn: arn.clone(),
                node: None,
            })),
            GroupRef::Name(name) => find(&|group| group.name() == name),
            GroupRef::Made(id) => {
                let stack = walk.front.made.clone();
                let own = stack.as_ref().and_then(|stack| stack.target_groups.get(id));
                match own.and_then(|own| find(&|group| own.name.is(group.name()))) {
                    Some(group) => Some(group),
                    None => return made::ways(walk, stack.as_deref(), id),
                }
            }
        };
        if let Some(group) = group {
            return self.described(walk, &group);
        }
        let (GroupRef::Name(name) | GroupRef::Arn(name) | GroupRef::Made(name)) = which;
        walk.ask(
            format!("aws elbv2 describe-target-groups --names {name}"),
            format!("The target group {name} is not pasted."),
        );
        let step = walk.step(format!("picks a target of {name}"), Verdict::Unknown, Vec::new());
        vec![Way::new(format!("a target of {name}"), 1.0).with(step)]
    }

    fn described(&self, walk: &mut Walk<'_, 'm, '_>, group: &TargetGroup<'m>) -> Vec<Way> {
        let name = group.name().to_owned();
        let command = format!("aws elbv2 describe-target-health --target-group-arn {}", group.arn);
        let Some((list, complete)) = self.groups.health(group) else {
            walk.ask(
                command,
                format!("The targets of {name} and their health are not pasted."),
            );
            let step = walk.step(format!("picks a target of {name}"), Verdict::Unknown, Vec::new());
            return vec![Way::new(format!("a target of {name}"), 1.0).with(step)];
        };
        let targets = self.groups.targets(group);
        let states: Vec<Health> = targets.iter().map(health).collect();
        let with = |wanted: &[Health]| -> Vec<usize> {
            states
                .iter()
                .enumerate()
                .filter(|(_, health)| wanted.contains(health))
                .map(|(at, _)| at)
                .collect()
        };
        let well = with(&[Health::Well]);
        let (eligible, fails_open) = if well.is_empty() {
            (with(&[Health::New, Health::Ill]), true)
        } else {
            (well, false)
        };
        if !complete && fails_open {
            walk.ask(command, format!("Not all targets of {name} are pasted."));
            let step = walk.step(
                format!("picks a target of {name}, and not all are pasted"),
                Verdict::Unknown,
                vec![list],
            );
            return vec![Way::new(format!("a target of {name}"), 1.0).with(step)];
        }
        if eligible.is_empty() {
            let (step, label) = Self::nobody(walk, &name, &targets, &states, list);
            return vec![Way::new(label, 1.0).with(step)];
        }
        let hosts: Vec<Option<Host>> = eligible
            .iter()
            .map(|at| targets.get(*at).and_then(|target| host_of(walk.model, target)))
            .collect();
        let shares = self.shares(walk, group, &targets, &eligible, &hosts);
        let left_out = with(&[
            Health::Ill,
            Health::New,
            Health::ZoneDisabled,
            Health::Stopped,
            Health::Leaving,
            Health::NotInUse,
        ])
        .len();
        let picked = Picked {
            group,
            groups: &self.groups,
            crosses: self.crosses(walk, group),
            all: &targets,
            left_out: if fails_open { 0 } else { left_out },
            fails_open,
        };
        let mut ways = Vec::new();
        for ((at, share), host) in eligible.iter().zip(shares).zip(&hosts).take(SHOWN) {
            if let Some(target) = targets.get(*at) {
                ways.push(picked.way(walk, target, host.as_ref(), share));
            }
        }
        // More than anybody looks at: they share what is left.
        if eligible.len() > SHOWN {
            let shown: f64 = ways.iter().map(|way| way.share).sum();
            let mut rest = Way::new(
                format!("{} more targets of {name}", eligible.len() - SHOWN),
                1.0 - shown,
            );
            let verdict = ways.iter().map(|way| way.verdict).max().unwrap_or(Verdict::Unknown);
            rest = rest.with(walk.step("picks one of the other targets", verdict, vec![list]));
            ways.push(rest);
        }
        ways
    }

    /// Whether targets of other zones than the load balancer's interface get its requests.
    fn crosses(&self, walk: &Walk<'_, '_, '_>, group: &TargetGroup<'_>) -> bool {
        let own = self
            .groups
            .attribute(group, "load_balancing.cross_zone.enabled")
            .map(|fact| fact.value);
        match (own.as_deref(), walk.front.kind) {
            (Some("false"), _) => false,
            (Some("true"), _) => true,
            (_, Some(Kind::Network)) => walk
                .model
                .crosses_zones(&self.groups, group, walk.front.described.as_ref()),
            _ => true,
        }
    }

    /// Nobody can get a request: why.
    fn nobody(
        walk: &Walk<'_, '_, '_>,
        name: &str,
        targets: &[Target<'_>],
        states: &[Health],
        list: Evidence,
    ) -> (Step, String) {
        let evidence: Vec<Evidence> = if targets.is_empty() {
            vec![list]
        } else {
            joined(targets.iter().take(SHOWN).flat_map(evidence_of))
        };
        let all = |health: Health| !states.is_empty() && states.iter().all(|state| *state == health);
        let has = |health: Health| states.contains(&health);
        let label = format!("no target of {name}");
        if targets.is_empty() {
            let mut step = walk.stop(format!("{name} has no target"), Reason::NoTarget, evidence);
            step.note = answers_503(walk);
            return (step, label);
        }
        let first = targets.first().map(words).unwrap_or_default();
        if has(Health::NotInUse) {
            let action = format!("says that it sends {name} nothing: {first}");
            let mut step = walk.step(action, Verdict::Unknown, evidence);
            step.note =
                Some("A listener or a rule forwards to it: one of both was printed at another time.".to_owned());
            return (step, label);
        }
        let (reason, action) = if has(Health::ZoneDisabled) {
            (
                Reason::TargetAzDisabled,
                format!("is not enabled in the zones of {name}'s targets: {first}"),
            )
        } else if all(Health::Stopped) {
            (Reason::State, format!("the targets of {name} do not run: {first}"))
        } else {
            (
                Reason::NoTarget,
                format!("the targets of {name} are leaving it: {first}"),
            )
        };
        let mut step = walk.stop(action, reason, evidence);
        step.note = answers_503(walk);
        (step, label)
    }

    /// Without cross-zone balancing the client's choice among the zones' addresses comes first, then the zone's own targets. An Application
    /// Load Balancer has it on unless a group turns it off; a Network Load Balancer has it off unless it is turned on.
    fn shares(
        &self,
        walk: &Walk<'_, '_, '_>,
        group: &TargetGroup<'_>,
        targets: &[Target<'_>],
        eligible: &[usize],
        hosts: &[Option<Host>],
    ) -> Vec<f64> {
        let crosses = self.crosses(walk, group);
        let zones: Vec<Option<String>> = eligible
            .iter()
            .zip(hosts)
            .map(|(at, host)| zone_of(targets.get(*at)?, host.as_ref()))
            .collect();
        let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
        for zone in zones.iter().flatten() {
            *counts.entry(zone).or_default() += 1;
        }
        let told = zones.iter().all(Option::is_some);
        zones
            .iter()
            .map(|zone| match zone.as_ref().and_then(|zone| counts.get(zone)) {
                Some(own) if told && !crosses => 1.0 / number(counts.len() * own),
                _ => 1.0 / number(eligible.len()),
            })
            .collect()
    }
}

/// The zone of a target: as it was printed, or its host's.
fn zone_of(target: &Target<'_>, host: Option<&Host>) -> Option<String> {
    let printed = target
        .node
        .at(&["Target", "AvailabilityZone"])
        .and_then(|zone| zone.str());
    printed
        .filter(|zone| *zone != "all")
        .map(str::to_owned)
        .or_else(|| Some(host?.zone.as_ref()?.value.clone()))
}

/// Targets are counted in thousands at the most.
fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn answers_503(walk: &Walk<'_, '_, '_>) -> Option<String> {
    (walk.front.kind == Some(Kind::Application)).then(|| "An Application Load Balancer answers 503 then.".to_owned())
}

fn host_of(model: &Model<'_>, target: &Target<'_>) -> Option<Host> {
    if let Some(address) = target.address() {
        let pod = Pod(model.pod_by_ip(address)?);
        return Some(model.host_by_node(&pod.node_name()?.value));
    }
    let host = model.host_by_instance(&target.id);
    host.instance.is_some().then_some(host)
}

/// A group whose targets are picked.
struct Picked<'p, 'm> {
    group: &'p TargetGroup<'m>,
    groups: &'p TargetGroups<'m>,
    crosses: bool,
    all: &'p [Target<'m>],
    left_out: usize,
    fails_open: bool,
}

impl Picked<'_, '_> {
    fn way(&self, walk: &mut Walk<'_, '_, '_>, target: &Target<'_>, host: Option<&Host>, share: f64) -> Way {
        let port = target.port.or_else(|| self.group.port());
        let end = self.end(target, host);
        let label = match host {
            Some(host) if target.address().is_none() => format!("through node {}", host.label()),
            _ => format!("to {end}"),
        };
        let mut step = self.picks(walk, target, host);
        let seen = self.source(walk, &mut step);
        self.header(&mut step);
        let actor = self.target(walk, target, host, port, &end);
        step.to = Some(actor.clone());
        step.after.push(("dst", end.clone()));
        let mut way = Way::new(label, share).with(step);
        way.aim = Some(Aim {
            address: target.address().or_else(|| Some(host?.ip.as_ref()?.value)),
            port,
            instance: target.address().is_none().then(|| target.id.clone()),
            node: host
                .filter(|_| target.address().is_none())
                .and_then(|host| host.name.clone()),
            zone: zone_of(target, host),
            crosses: self.crosses,
            preserves: seen.preserves,
            told: walk.front.kind == Some(Kind::Application)
                || matches!(self.groups.preserves_client_ip(self.group, self.all), Preserve::Set(_)),
            attributes: format!(
                "aws elbv2 describe-target-group-attributes --target-group-arn {}",
                self.group.arn
            ),
            well: target
                .state()
                .filter(|state| state.value == "healthy")
                .map(|state| state.evidence),
            same_port: self.checks_traffic_port(target),
            actor,
        });
        way.ends_at = Some(end);
        way.snat = seen.rewritten;
        way.source_seen = seen.address;
        way
    }

    /// Address and port of a target.
    fn end(&self, target: &Target<'_>, host: Option<&Host>) -> String {
        let address = target
            .address()
            .map(|address| address.to_string())
            .or_else(|| Some(host?.ip.as_ref()?.value.to_string()))
            .unwrap_or_else(|| target.id.clone());
        match target.port.or_else(|| self.group.port()) {
            Some(port) if address.contains(':') => format!("[{address}]:{port}"),
            Some(port) => format!("{address}:{port}"),
            None => address,
        }
    }

    fn picks(&self, walk: &mut Walk<'_, '_, '_>, target: &Target<'_>, host: Option<&Host>) -> Step {
        let name = self.group.name();
        let evidence = evidence_of(target);
        if !self.fails_open {
            let mut step = walk.step(format!("picks this target of {name}"), Verdict::Passes, evidence);
            if target.state().is_some_and(|state| state.value == "unavailable") {
                step.verdict = Verdict::Assumed;
                step.note = Some("Its health is not asked for: health checks are off.".to_owned());
            } else {
                let others = match self.left_out {
                    0 => String::new(),
                    count => format!(" {count} others get nothing: {}.", self.worst()),
                };
                step.note = Some(format!("It passes its health check.{others} {NETWORK_BEHIND}"));
            }
            return step;
        }
        let ill = health(target) == Health::Ill;
        let why = words(target);
        if !ill {
            let command = format!("aws elbv2 describe-target-health --target-group-arn {}", self.group.arn);
            walk.ask(
                command,
                "The targets are new: whether they pass their health checks shows a little later.",
            );
            let action = format!("picks this target of {name}, which was not asked often enough: {why}");
            return walk.step(action, Verdict::Unknown, evidence);
        }
        let action = format!("picks this target of {name}, as none is well: {why}");
        let mut step = walk.stop(action, Reason::TargetUnhealthy, evidence);
        let answers = target.node.at(&["TargetHealth", "Reason"]).and_then(|node| node.str())
            == Some("Target.ResponseCodeMismatch");
        if answers || !self.checks_traffic_port(target) {
            // What it answers to a request like the client's is the one thing that tells.
            walk.ask(
                format!("curl -si -m 5 http://{}/", self.end(target, host)),
                "No target is well, and yet this one may serve: what it answers tells.",
            );
        }
        if answers {
            // It is there, and answers with another code than the health check wants.
            step.verdict = Verdict::Unknown;
            step.note = Some("Where no target is well all get requests. This one answers, though not what the health check wants: what it answers to other requests is not known.".to_owned());
        } else if !self.checks_traffic_port(target) {
            step.verdict = Verdict::Unknown;
            step.note = Some("Where no target is well all get requests. Its health is asked at another port: whether it serves at its own is not known.".to_owned());
        } else {
            step.note = Some("Where no target is well all get requests; this one did not even answer the health check at the same port.".to_owned());
        }
        step
    }

    /// Whether health is asked where requests go; so it is by default.
    fn checks_traffic_port(&self, target: &Target<'_>) -> bool {
        let of_group = self.group.node.as_ref().and_then(|node| node.str_of("HealthCheckPort"));
        let of_target = target.node.str_of("HealthCheckPort");
        let port = target.port.or_else(|| self.group.port()).map(|port| port.to_string());
        match of_group {
            Some("traffic-port") => true,
            Some(own) => Some(own) == port.as_deref(),
            None => of_target.is_none_or(|own| own == "traffic-port" || Some(own) == port.as_deref()),
        }
    }

    fn worst(&self) -> String {
        let first = self.all.iter().find(|target| health(target) != Health::Well);
        first.map(words).unwrap_or_default()
    }

    /// PROXY protocol, version 2: the client's address before the data (User Guide for Network Load Balancers, "Proxy protocol").
    fn header(&self, step: &mut Step) {
        let Some(on) = self
            .groups
            .attribute(self.group, "proxy_protocol_v2.enabled")
            .filter(|on| on.value == "true")
        else {
            return;
        };
        let words = "A PROXY protocol header (version 2) with the client's address comes before the data: the target has to expect it.";
        step.note = Some(match step.note.take() {
            Some(note) => format!("{note} {words}"),
            None => words.to_owned(),
        });
        step.evidence.push(on.evidence);
    }

    /// Whose address the target sees.
    fn source(&self, walk: &Walk<'_, '_, '_>, step: &mut Step) -> Seen {
        let preserves = match walk.front.kind {
            Some(Kind::Application) => Some(false),
            _ => self.groups.preserves_client_ip(self.group, self.all).value(),
        };
        let own = own_addresses(walk);
        let mut note = |words: &str| {
            let text = step.note.get_or_insert_with(String::new);
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(words);
        };
        match preserves {
            Some(false) => {
                if walk.front.kind == Some(Kind::Application) {
                    note(
                        "The target sees the load balancer's address as the source; the client's is in the header X-Forwarded-For.",
                    );
                } else {
                    note("The target sees the load balancer's address as the source.");
                }
                let words = match own.as_slice() {
                    [] => "an address of the load balancer".to_owned(),
                    [only] => only.clone(),
                    several => format!("one of {}", several.join(", ")),
                };
                step.after.push(("src", words));
                Seen {
                    preserves,
                    rewritten: true,
                    address: match own.as_slice() {
                        [only] => Some(only.clone()),
                        _ => None,
                    },
                }
            }
            Some(true) => {
                note("The target sees the client's address as the source.");
                step.after.push(("src", walk.asked.from.words.clone()));
                Seen {
                    preserves,
                    rewritten: false,
                    address: walk.asked.from.address.map(|address| address.to_string()),
                }
            }
            None => {
                note("Whether the target sees the client's address was not pasted.");
                step.after.push(("src", "not known".to_owned()));
                Seen {
                    preserves,
                    rewritten: false,
                    address: None,
                }
            }
        }
    }

    fn target(
        &self,
        walk: &Walk<'_, '_, '_>,
        target: &Target<'_>,
        host: Option<&Host>,
        port: Option<u16>,
        end: &str,
    ) -> Actor {
        let mut zones = walk.balancer().zones;
        if let Some(host) = host {
            zones.extend(host.zone.as_ref().map(|zone| zone.value.clone()));
            zones.push(format!("node {}", host.label()));
        }
        let is_instance = self.group.target_type(self.all).map(|fact| fact.value) == Some(TargetType::Instance);
        if let Some(address) = target.address() {
            let pod = walk.model.pod_by_ip(address);
            return Actor {
                id: pod.map_or_else(|| format!("target:{address}"), |pod| format!("pod:{}", pod.path())),
                kind: ActorKind::Pod,
                name: pod.map_or_else(|| address.to_string(), |pod| pod.name.to_owned()),
                details: vec![end.to_owned()],
                zones,
            };
        }
        Actor {
            id: format!("target:{}", target.id),
            kind: if is_instance { ActorKind::Node } else { ActorKind::Other },
            name: match port {
                Some(port) if is_instance => format!("node port {port}"),
                _ => target.id.clone(),
            },
            details: vec![end.to_owned()],
            zones,
        }
    }
}

struct Seen {
    preserves: Option<bool>,
    rewritten: bool,
    address: Option<String>,
}

/// The private addresses of the load balancer: its network interfaces are described as `ELB app/NAME/ID`.
fn own_addresses(walk: &Walk<'_, '_, '_>) -> Vec<String> {
    let kind = if walk.front.kind == Some(Kind::Network) {
        "net"
    } else {
        "app"
    };
    let description = format!("ELB {kind}/{}/", walk.front.name);
    walk.model
        .aws_list("NetworkInterfaces")
        .into_iter()
        .filter(|(_, node)| {
            node.str_of("Description")
                .is_some_and(|text| text.starts_with(&description))
        })
        .filter_map(|(_, node)| node.str_of("PrivateIpAddress").map(str::to_owned))
        .collect()
}
