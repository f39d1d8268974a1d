//! Whether all policies that may concern a pod were pasted: another one can open what these close, and close what they leave open.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::evidence::Evidence;
use crate::flow::policy::{KINDS, Matrix};
use crate::flow::{Next, Step, Verdict};
use crate::model::workload::DEFAULT_NAMESPACE;
use crate::model::{Entity, Model};

/// What was listed, found out once for each namespace.
pub struct Listings<'m, 'a> {
    model: &'m Model<'a>,
    known: RefCell<BTreeMap<(&'static str, String), Option<Evidence>>>,
    /// Whether the policies stand in files, below no command: whoever pastes manifests pastes all there are.
    manifests: bool,
}

const NAMESPACED: &str = "NetworkPolicy";

impl<'m, 'a> Listings<'m, 'a> {
    /// Of a model.
    pub fn new(model: &'m Model<'a>) -> Self {
        let mut policies = KINDS.iter().flat_map(|(kind, _)| model.all(kind)).peekable();
        let manifests = policies.peek().is_some() && !policies.any(|policy| is_printed(model, policy));
        Self {
            model,
            known: RefCell::default(),
            manifests,
        }
    }

    /// What shows that all policies of a kind in a namespace were pasted.
    fn listed(&self, kind: &'static str, namespace: &str) -> Option<Evidence> {
        let mut known = self.known.borrow_mut();
        known
            .entry((kind, namespace.to_owned()))
            .or_insert_with(|| self.model.all_listed(kind, namespace))
            .clone()
    }

    /// What would tell of policies that were not read, or not pasted, and may change what a step says of a pod. A step that says that no
    /// policy concerns the packet is given the list that shows it.
    pub fn ask(&self, matrix: &Matrix<'_>, at: usize, step: &mut Step) -> Vec<Next> {
        let mut next = matrix.policies.asks();
        let Some(workload) = matrix.workloads.get(at) else {
            return next;
        };
        let any = !matrix.policies.all.is_empty() || !next.is_empty();
        if self.manifests && !self.is_printed(workload.kind, workload.namespace, workload.name) {
            return next;
        }
        let mut ask = |command: String, why: String| {
            next.push(Next {
                command,
                decides: Vec::new(),
                why,
            });
        };
        match self.listed(NAMESPACED, workload.namespace) {
            Some(list) => {
                if step.verdict == Verdict::Assumed && step.evidence.is_empty() {
                    step.evidence.push(list);
                }
            }
            // A NetworkPolicy more can only let through more.
            None if step.verdict == Verdict::Passes => {}
            None if any => ask(
                format!("kubectl get networkpolicies -n {} -o yaml", workload.namespace),
                format!("Whether {} has other policies was not pasted.", workload.namespace),
            ),
            None => ask(
                "kubectl get networkpolicies -A -o yaml".to_owned(),
                "No policy was pasted: whether there are some is not known.".to_owned(),
            ),
        }
        for (kind, resource) in KINDS {
            let whole = kind == NAMESPACED || self.model.all(kind).next().is_none() || self.listed(kind, "").is_some();
            if !whole {
                ask(
                    format!("kubectl get {resource} -o yaml"),
                    format!("Whether there is another {kind} was not pasted."),
                );
            }
        }
        next
    }

    fn is_printed(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let without = if namespace == DEFAULT_NAMESPACE { "" } else { namespace };
        [namespace, without]
            .into_iter()
            .filter_map(|namespace| self.model.get(kind, namespace, name))
            .any(|entity| is_printed(self.model, entity))
    }
}

/// Whether a command printed an object.
fn is_printed(model: &Model<'_>, entity: &Entity<'_>) -> bool {
    entity.views.iter().any(|view| {
        let artifact = model.artifacts.get(view.artifact());
        artifact.is_some_and(|artifact| model.command_of(artifact).is_some())
    })
}
