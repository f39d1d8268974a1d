//! LB-003: targets answer the health check, but not with a code that the target group takes.

use std::collections::BTreeSet;

use crate::evidence::Evidence;
use crate::finding::{Class, Hit, Rule};
use crate::flow::packet_path::joined;
use crate::flow::{FlowKind, Flows, Next};
use crate::model::aws::elbv2::{Target, TargetGroup};
use crate::model::load_balancer_controller::{Made, Name, Settings, Surroundings, group, ingress};
use crate::model::{Model, Pod};

/// The rule.
pub static RULE: Rule = Rule { code: "LB-003", check };

/// The lines that are cited of one group's targets.
const CITED: usize = 6;

fn check(model: &Model<'_>, flows: &Flows) -> Vec<Hit> {
    let groups = model.target_groups();
    let mut owners: Option<Vec<Owned>> = None;
    let mut hits = Vec::new();
    for group in &groups.all {
        let targets = groups.targets(group);
        let answering: Vec<(&Target<'_>, Vec<u16>)> = targets
            .iter()
            .filter_map(|target| Some((target, codes(target)?)))
            .collect();
        if answering.is_empty() {
            continue;
        }
        match matcher(group) {
            None => hits.push(question(group)),
            // What the group takes may have been changed since.
            Some((taken, evidence)) => {
                let refused: Vec<&(&Target<'_>, Vec<u16>)> = answering
                    .iter()
                    .filter(|(_, codes)| codes.iter().any(|code| !takes(&taken, *code)))
                    .collect();
                if !refused.is_empty() {
                    let owners = owners.get_or_insert_with(|| owned(model));
                    let owner = owners.iter().find(|owner| owner.name.is(group.name()));
                    let found = Found {
                        group,
                        targets: &targets,
                        refused,
                        taken,
                        matcher: evidence,
                        owner,
                    };
                    hits.push(found.hit(model, flows));
                }
            }
        }
    }
    hits
}

/// The codes that an unhealthy target answered with: `Health checks failed with these codes: [502, 503]`.
fn codes(target: &Target<'_>) -> Option<Vec<u16>> {
    let health = target.node.get("TargetHealth")?;
    if health.str_of("Reason") != Some("Target.ResponseCodeMismatch") {
        return None;
    }
    let (_, list) = health.str_of("Description")?.split_once('[')?;
    let codes: Vec<u16> = list
        .trim_end_matches(']')
        .split(',')
        .filter_map(|code| code.trim().parse().ok())
        .collect();
    (!codes.is_empty()).then_some(codes)
}

/// The codes that a group takes: `200`, `200,301`, `200-399`.
fn matcher(group: &TargetGroup<'_>) -> Option<(String, Evidence)> {
    let matcher = group.node.as_ref()?.get("Matcher")?;
    let codes = matcher.get("HttpCode").or_else(|| matcher.get("GrpcCode"))?;
    Some((codes.str()?.to_owned(), codes.evidence()))
}

fn takes(list: &str, code: u16) -> bool {
    list.split(',').any(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        match (first.trim().parse::<u16>(), last.trim().parse::<u16>()) {
            (Ok(first), Ok(last)) => (first..=last).contains(&code),
            _ => false,
        }
    })
}

fn question(group: &TargetGroup<'_>) -> Hit {
    Hit::open(vec![Next {
        command: format!("aws elbv2 describe-target-groups --target-group-arns {}", group.arn),
        decides: vec![RULE.code.to_owned()],
        why: "Targets answer the health check with a code that the target group does not take; which it takes, and where it asks, is not pasted."
            .to_owned(),
    }])
}

/// A group of which targets answer with other codes.
struct Found<'f, 'a> {
    group: &'f TargetGroup<'a>,
    targets: &'f [Target<'a>],
    refused: Vec<&'f (&'f Target<'a>, Vec<u16>)>,
    taken: String,
    matcher: Evidence,
    owner: Option<&'f Owned>,
}

impl Found<'_, '_> {
    fn hit(self, model: &Model<'_>, flows: &Flows) -> Hit {
        let name = self.group.name();
        let path = self
            .group
            .node
            .as_ref()
            .and_then(|node| node.fact_at(&["HealthCheckPath"]));
        let well = self.targets.iter().filter(|target| target.is_healthy()).count();
        let codes: BTreeSet<u16> = self
            .refused
            .iter()
            .flat_map(|(_, codes)| codes.iter().copied())
            .collect();
        let words: Vec<String> = codes.iter().map(u16::to_string).collect();
        let health = self
            .refused
            .iter()
            .take(CITED)
            .filter_map(|(target, _)| Some(target.node.at(&["TargetHealth", "Description"])?.evidence()));
        let flags = self
            .owner
            .map_or("-n <namespace> <ingress>", |owner| owner.flags.as_str());
        let mut hit = Hit::new(Class::Fault, format!("Target group {name}"))
            .with("group", name)
            .with("group_arn", &self.group.arn)
            .with("ill", self.refused.len().to_string())
            .with("total", self.targets.len().to_string())
            .with("codes", words.join(", "))
            .with("taken", &self.taken)
            .with("path", path.as_ref().map_or("/", |path| path.value.as_str()))
            .with("ingress_flags", flags)
            .cite("health", joined(health))
            .cite("matcher", [self.matcher]);
        if let Some(path) = path {
            hit = hit.cite("path_line", [path.evidence]);
        }
        hit = match self.owner.map(|owner| &owner.asked) {
            Some(Some(evidence)) => hit.cite("asked", [evidence.clone()]),
            Some(None) => hit.with("by_default", "yes"),
            None => hit,
        };
        let probe = self.refused.iter().find_map(|(target, _)| readiness(model, target));
        if let Some((probe, evidence)) = probe {
            hit = hit.with("readiness", probe).cite("readiness_line", [evidence]);
        }
        hit = if well == 0 {
            hit.with("nobody", "yes")
        } else {
            hit.with("others", well.to_string())
        };
        hit.flow = flows
            .of(FlowKind::PacketPath)
            .find(|(_, flow)| flow.steps().any(|step| step.action.contains(name)))
            .map(|(index, _)| index);
        hit
    }
}

/// A target group that an Ingress asks for.
struct Owned {
    name: Name,
    /// The Ingress, as flags.
    flags: String,
    /// Where its path for health checks stands, if anywhere.
    asked: Option<Evidence>,
}

/// The target groups that the AWS Load Balancer Controller makes of the Ingresses that were pasted.
fn owned(model: &Model<'_>) -> Vec<Owned> {
    let settings = Settings::new(model);
    // What the controller asks AWS for decides nothing about target groups.
    let surroundings = Surroundings::default();
    let mut all = Vec::new();
    for of in group::all(model, &settings) {
        let Ok(Made::Stack(stack)) = ingress::build(model, &of, &settings, &surroundings) else {
            continue;
        };
        for (id, made) in stack.target_groups {
            // `NAMESPACE/INGRESS-SERVICE:PORT`
            let end = format!("-{}:{}", made.binding.service, made.binding.service_port);
            let Some((namespace, name)) = id.strip_suffix(&end).and_then(|path| path.split_once('/')) else {
                continue;
            };
            all.push(Owned {
                flags: format!("-n {namespace} {name}"),
                asked: made
                    .health_check
                    .path
                    .as_ref()
                    .and_then(|path| path.by.evidence().cloned()),
                name: made.name,
            });
        }
    }
    all
}

/// The path of the target pod's own readiness probe.
fn readiness(model: &Model<'_>, target: &Target<'_>) -> Option<(String, Evidence)> {
    let pod = model.pod_by_ip(target.address()?)?;
    let containers = Pod(pod).0.at(&["spec", "containers"])?.items();
    containers.iter().find_map(|container| {
        let fact = container.fact_at(&["readinessProbe", "httpGet", "path"])?;
        Some((fact.value, fact.evidence))
    })
}

#[cfg(test)]
mod tests {
    use super::takes;

    #[test]
    fn a_matcher_is_codes_and_ranges() {
        assert!(takes("200", 200));
        assert!(takes("200, 301-303", 302));
        assert!(!takes("200-399", 404));
        assert!(!takes("", 200));
    }
}
