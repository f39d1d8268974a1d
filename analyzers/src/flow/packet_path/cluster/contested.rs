//! Ends of a way of which the paste tells two things: listings of two times, or of two clusters.

use super::Asked;
use super::place::Place;
use crate::artifact::Node;
use crate::evidence::{Evidence, Fact};
use crate::flow::{Actor, ActorKind, Next, Outcome, Reason, Step, Verdict};
use crate::model::Entity;
use crate::segment::Command;

impl Asked<'_, '_> {
    /// Where it is not known where a pod is, the ways that lead from or to it are not known. Returns what would tell.
    pub(super) fn contest(&self, outcomes: &mut Vec<Outcome>) -> Vec<Next> {
        let mut asks = Vec::new();
        // Policies do not ask where a pod is.
        let by_policy = |one: &Outcome| matches!(one.reason, Some(Reason::PolicyEgress | Reason::PolicyIngress));
        if let Some((step, next)) = self.twice(&self.from)
            && (outcomes.is_empty() || !outcomes.iter().all(by_policy))
        {
            *outcomes = vec![alone(step)];
            return vec![next];
        }
        let asked = Place::of(self.model, self.matrix, &self.query.to);
        for outcome in outcomes.iter_mut().filter(|one| !by_policy(one)) {
            let to = self.arrives(outcome).or_else(|| asked.clone());
            let Some((step, next)) = to.and_then(|to| self.twice(&to).or_else(|| self.apart(&to))) else {
                continue;
            };
            let mut other = alone(step);
            other.share = outcome.share;
            *outcome = other;
            asks.push(next);
        }
        asks
    }

    fn pod(&self, place: &Place) -> Option<&Entity<'_>> {
        let (namespace, name) = place.pod.as_ref()?;
        self.model.get("Pod", namespace, name)
    }

    /// A pod that was pasted with two addresses, or on two nodes.
    fn twice(&self, place: &Place) -> Option<(Step, Next)> {
        let pod = self.pod(place)?;
        let (what, told) = [("address", ["status", "podIP"]), ("node", ["spec", "nodeName"])]
            .into_iter()
            .map(|(what, path)| (what, told(pod, &path)))
            .find(|(_, told)| told.len() > 1)?;
        let values: Vec<&str> = told.iter().map(|fact| fact.value.as_str()).collect();
        let words = format!("was pasted with more than one {what}: {}", values.join(", "));
        let evidence = told.iter().map(|fact| fact.evidence.clone()).collect();
        let why = format!("Which {what} of {} is the one of now is not told.", place.name);
        Some((step(place, words, evidence), ask(pod, "", why)))
    }

    /// Two ends that were asked of two clusters.
    fn apart(&self, to: &Place) -> Option<(Step, Next)> {
        let (from, pod) = (self.pod(&self.from)?, self.pod(to)?);
        let (own, ownview) = self.cluster_of(from)?;
        let (other, view) = self.cluster_of(pod)?;
        if own == other {
            return None;
        }
        let words =
            format!("was listed with {other}, and the sender with {own}: what they are in one cluster was not pasted");
        let why = format!("{} and {} were asked of two clusters.", self.from.name, to.name);
        let evidence = vec![ownview.evidence(), view.evidence()];
        Some((step(to, words, evidence), ask(pod, &format!(" {own}"), why)))
    }

    /// The cluster that an object was asked of, as the command says it.
    fn cluster_of<'m>(&self, object: &'m Entity<'_>) -> Option<(String, &'m Node<'m>)> {
        let view = object.views.first()?;
        let artifact = self.model.artifacts.get(view.artifact())?;
        let line = self.model.command_of(artifact).map(Command::line)?;
        ["--context", "--cluster", "--kubeconfig"]
            .into_iter()
            .find_map(|name| Some((format!("{name} {}", line.written(&[name])?), view)))
    }
}

/// What the views of an object say of a field, each once.
fn told(object: &Entity<'_>, path: &[&str]) -> Vec<Fact<String>> {
    let mut all: Vec<Fact<String>> = Vec::new();
    for fact in object.views.iter().filter_map(|view| view.at(path)?.fact()) {
        if !all.iter().any(|known| known.value == fact.value) {
            all.push(fact);
        }
    }
    all
}

fn alone(step: Step) -> Outcome {
    let mut outcome = Outcome::new("not told", 1.0, Verdict::Unknown);
    outcome.steps.push(step);
    outcome
}

fn step(place: &Place, words: String, evidence: Vec<Evidence>) -> Step {
    let id = place.pod.as_ref().map_or_else(
        || place.name.clone(),
        |(namespace, name)| format!("pod:{namespace}/{name}"),
    );
    let actor = Actor {
        id,
        kind: ActorKind::Pod,
        name: place.name.clone(),
        details: Vec::new(),
        zones: Vec::new(),
    };
    let mut step = Step::new(actor, words, Verdict::Unknown);
    step.evidence = evidence;
    step
}

fn ask(pod: &Entity<'_>, more: &str, why: String) -> Next {
    Next {
        command: format!("kubectl get pod {} -n {} -o wide{more}", pod.name, pod.namespace),
        decides: Vec::new(),
        why,
    }
}

#[cfg(test)]
mod tests {
    use crate::Input;
    use crate::analysis::read;
    use crate::flow::packet_path::{Protocol, Query, compute};
    use crate::flow::{Flow, Verdict};

    const TITLE: &str = "NAME    READY   STATUS    RESTARTS   AGE   IP           NODE                       NOMINATED NODE   READINESS GATES\n";
    const WEB: &str =
        "web-0   1/1     Running   0          3d    10.0.1.20    ip-10-0-1-7.ec2.internal   <none>           <none>\n";
    const DB: &str =
        "db-0    1/1     Running   0          3d    10.0.1.30    ip-10-0-1-7.ec2.internal   <none>           <none>\n";
    const MOVED: &str =
        "db-0    1/1     Running   0          5s    10.0.2.30    ip-10-0-2-9.ec2.internal   <none>           <none>\n";
    const WAITS: &str =
        "db-0    0/1     Pending   0          3d    <none>       <none>                     <none>           <none>\n";

    fn path(text: &str) -> Flow {
        let input = Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let query = Query {
            from: "pod:shop/web-0".parse().unwrap(),
            to: "pod:shop/db-0:5432".parse().unwrap(),
            protocol: Protocol::Tcp,
            at: None,
        };
        compute(&read(vec![input], &mut |_| {}).model(), &query)
    }

    fn listings(first: &str, second: &str) -> Flow {
        let get = "$ kubectl get pods -n shop -o wide\n";
        path(&[get, TITLE, WEB, first, get, TITLE, WEB, second].concat())
    }

    #[test]
    fn a_pod_that_moved_between_two_listings_is_nowhere_for_sure() {
        let flow = listings(DB, MOVED);
        assert_eq!(flow.verdict, Verdict::Unknown);
        assert_eq!(flow.next[0].command, "kubectl get pod db-0 -n shop -o wide");
        let step = &flow.outcomes[0].steps[0];
        assert!(step.action.contains("10.0.1.30, 10.0.2.30"), "{}", step.action);
        assert_eq!(step.evidence.len(), 2);
        // The same twice, and one that waited for its node before, are no contradiction.
        assert!(listings(DB, DB).verdict < Verdict::Unknown);
        assert!(listings(WAITS, DB).verdict < Verdict::Unknown);
    }

    #[test]
    fn pods_of_two_clusters_are_on_no_common_node() {
        let of = |from: &str, to: &str| {
            let get = |context: &str| format!("$ kubectl --context {context} get pods -n shop -o wide\n{TITLE}");
            path(&[&get(from), WEB, &get(to), DB].concat())
        };
        let flow = of("prod", "staging");
        assert_eq!(flow.verdict, Verdict::Unknown);
        assert_eq!(
            flow.next[0].command,
            "kubectl get pod db-0 -n shop -o wide --context prod"
        );
        assert!(of("prod", "prod").verdict < Verdict::Unknown);
    }
}
