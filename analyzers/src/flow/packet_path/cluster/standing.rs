//! Whether a pod is there at all: one that has finished, or was never started, takes no packets and sends none.

use crate::evidence::{Evidence, Fact};
use crate::flow::{Actor, ActorKind, Next, Reason, Step, Verdict};
use crate::model::{Entity, Pod};

/// What is wrong with a pod.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What is said of it.
    pub step: Step,
    /// What would tell more.
    pub next: Option<Next>,
    /// Whether there is no way to it at all, so that nothing else needs to be asked.
    pub ends: bool,
}

/// Reasons for which a container waits that has not been started yet (kubelet, `pkg/kubelet/images/types.go` and
/// `pkg/kubelet/container/sync_result.go`; kubectl prints them as the pod's status).
const NOT_STARTED: [&str; 8] = [
    "ContainerCreating",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "RunContainerError",
];

/// Words for a pod whose containers have ended, for good or until they are started again.
const ENDED: [&str; 6] = [
    "Completed",
    "ContainerCannotRun",
    "CrashLoopBackOff",
    "DeadlineExceeded",
    "Error",
    "OOMKilled",
];

/// What keeps a pod from taking packets; `None` where nothing that was pasted says that something does.
pub fn of(name: &str, entity: &Entity<'_>) -> Option<Standing> {
    let pod = Pod(entity);
    let phase = entity.fact(&["status", "phase"]);
    let printed = entity.fact(&["x-printed", "STATUS"]);
    let is = |words: &[&str]| {
        [&phase, &printed]
            .into_iter()
            .flatten()
            .find(|fact| words.contains(&fact.value.as_str()))
    };
    if let Some(fact) = is(&["Succeeded", "Failed", "Evicted"]) {
        let action = format!(
            "it does not run any more ({}): its address is free for others",
            fact.value
        );
        return Some(stopped(name, action, vec![fact.evidence.clone()], None));
    }
    if let Some(fact) = is(&["Pending"]).filter(|_| pod.ip().is_none()) {
        let action = "it is pending and has no address: nobody can send it a packet, nor can it send one".to_owned();
        return Some(stopped(
            name,
            action,
            vec![fact.evidence.clone()],
            Some(described(entity)),
        ));
    }
    let running = running(entity);
    if running.as_ref().is_some_and(|(count, _)| *count > 0) {
        return not_ready(name, entity);
    }
    let (why, mut evidence) = reason(entity)?;
    evidence.extend(running.map(|(_, evidence)| evidence));
    if NOT_STARTED.contains(&why.as_str()) {
        let action = format!("no container of it was started ({why}): nobody listens in it");
        return Some(stopped(name, action, evidence, Some(described(entity))));
    }
    // Before the others run those that set the pod up, one after the other.
    let set_up = why == "PodInitializing" || why.starts_with("Init:");
    if !set_up && !ENDED.contains(&why.as_str()) {
        return None;
    }
    let mut step = Step::new(
        actor(name),
        format!("no container of it runs at the moment ({why})"),
        Verdict::Unknown,
    );
    step.note = Some(
        "A container that ends is started again, unless the pod's restartPolicy says otherwise: nobody listens in between (Kubernetes, Pod \
         Lifecycle)."
            .to_owned(),
    );
    step.evidence = evidence;
    let finished = matches!(why.as_str(), "Completed" | "DeadlineExceeded");
    Some(Standing {
        step,
        next: Some(if set_up {
            described(entity)
        } else if finished {
            Next {
                command: format!("kubectl get pod {} -n {} -o yaml", entity.name, entity.namespace),
                decides: Vec::new(),
                why: "Its phase says whether it has finished for good.".to_owned(),
            }
        } else {
            Next {
                command: format!("kubectl logs {} -n {} --previous", entity.name, entity.namespace),
                decides: Vec::new(),
                why: "What its container said last tells why nobody listens.".to_owned(),
            }
        }),
        ends: finished,
    })
}

fn stopped(name: &str, action: String, evidence: Vec<Evidence>, next: Option<Next>) -> Standing {
    let mut step = Step::new(actor(name), action, Verdict::Blocked);
    step.reason = Some(Reason::State);
    step.evidence = evidence;
    Standing { step, next, ends: true }
}

fn described(entity: &Entity<'_>) -> Next {
    Next {
        command: format!("kubectl describe pod {} -n {}", entity.name, entity.namespace),
        decides: Vec::new(),
        why: "Its events say what it waits for.".to_owned(),
    }
}

/// How many containers run, as its status or the column READY tells.
fn running(entity: &Entity<'_>) -> Option<(usize, Evidence)> {
    if let Some(statuses) = entity.at(&["status", "containerStatuses"]) {
        let items = statuses.items();
        // Without its end a list says nothing of the containers that are left out.
        if items.is_empty() || items.iter().any(|item| item.get("state").is_none()) {
            return None;
        }
        let runs = items.iter().filter(|item| item.at(&["state", "running"]).is_some());
        return Some((runs.count(), statuses.evidence()));
    }
    let ready = entity.fact(&["x-printed", "READY"])?;
    let (ready_ones, _) = ready.value.split_once('/')?;
    Some((ready_ones.parse().ok()?, ready.evidence))
}

/// Why its containers do not run: that of the first that says it, or what the column STATUS says.
fn reason(entity: &Entity<'_>) -> Option<(String, Vec<Evidence>)> {
    let statuses = entity
        .at(&["status", "containerStatuses"])
        .map(|statuses| statuses.items());
    let of_container = statuses.iter().flatten().find_map(|status| {
        [&["state", "waiting", "reason"][..], &["state", "terminated", "reason"]]
            .into_iter()
            .find_map(|path| status.at(path)?.fact())
    });
    let fact: Fact<String> = of_container.or_else(|| entity.fact(&["x-printed", "STATUS"]))?;
    Some((fact.value, vec![fact.evidence]))
}

/// A pod whose containers run and of which not all are ready: Services leave it out, but its address is reached.
fn not_ready(name: &str, entity: &Entity<'_>) -> Option<Standing> {
    let conditions = entity.at(&["status", "conditions"])?;
    let ready = conditions
        .items()
        .into_iter()
        .find(|condition| condition.str_of("type") == Some("Ready"))?;
    if ready.str_of("status") != Some("False") {
        return None;
    }
    let mut step = Step::new(actor(name), "it runs, and is not ready", Verdict::Assumed);
    step.note = Some(
        "Services leave a pod out that is not ready; what is sent to its own address arrives all the same (Kubernetes, Pod Lifecycle)."
            .to_owned(),
    );
    step.evidence = vec![ready.evidence()];
    Some(Standing {
        step,
        next: None,
        ends: false,
    })
}

fn actor(name: &str) -> Actor {
    Actor {
        id: name.to_owned(),
        kind: ActorKind::Pod,
        name: name.to_owned(),
        details: Vec::new(),
        zones: Vec::new(),
    }
}
