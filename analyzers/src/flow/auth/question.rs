//! What can be asked of auth: the options of `whypath auth`.

use super::{Details, web_identity};
use crate::flow::{Actor, ActorKind, Details as FlowDetails, Flow, FlowKind, Next, Outcome, Step, Verdict};
use crate::model::Model;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An IAM principal, by its ARN.
    Arn(String),
    /// A Kubernetes user with groups.
    User {
        /// The user's name.
        name: String,
        /// The groups.
        groups: Vec<String>,
    },
    /// A ServiceAccount.
    ServiceAccount {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// The holder of a token.
    Token(String),
    /// A node.
    Node(String),
}

impl Subject {
    /// The subject in a few words.
    fn words(&self) -> String {
        match self {
            Self::Arn(arn) => arn.clone(),
            Self::User { name, .. } => format!("user {name}"),
            Self::ServiceAccount { namespace, name } => format!("ServiceAccount {namespace}/{name}"),
            Self::Token(_) => "the token's holder".to_owned(),
            Self::Node(name) => format!("node {name}"),
        }
    }
}

/// What is asked of the Kubernetes API.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Access {
    /// `get`, `list` …
    pub verb: String,
    /// `pods`, `pods/log` …
    pub resource: String,
    /// Empty for the core group.
    pub api_group: String,
    /// The namespace, where it is of one.
    pub namespace: Option<String>,
    /// The object's name, where it is about one.
    pub name: Option<String>,
}

/// A question about auth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Who asks.
    pub subject: Subject,
    /// What is asked of the Kubernetes API.
    pub access: Option<Access>,
    /// What is asked of AWS: `sts:AssumeRoleWithWebIdentity`, `s3:PutObject`.
    pub action: Option<String>,
    /// On which AWS resource.
    pub on: Option<String>,
}

/// Answers a question.
pub fn compute(model: &Model<'_>, question: &Question) -> Flow {
    match (&question.subject, &question.access) {
        (Subject::ServiceAccount { namespace, name }, None) => web_identity::compute(
            model,
            namespace,
            name,
            question.action.as_deref(),
            question.on.as_deref(),
        ),
        (subject, access) => not_told(subject, access.as_ref(), question),
    }
}

/// A question that nothing pasted is read for: what would have to be known, and the command that shows it.
fn not_told(subject: &Subject, access: Option<&Access>, question: &Question) -> Flow {
    let wanted = access.map_or_else(
        || question.action.clone().unwrap_or_else(|| "access".to_owned()),
        |access| format!("{} {}", access.verb, access.resource),
    );
    let (username, groups) = match subject {
        Subject::User { name, groups } => (Some(name.clone()), groups.clone()),
        Subject::ServiceAccount { namespace, name } => (
            Some(format!("system:serviceaccount:{namespace}:{name}")),
            web_identity::groups(namespace),
        ),
        Subject::Arn(_) | Subject::Token(_) | Subject::Node(_) => (None, Vec::new()),
    };
    let next = match access {
        Some(access) => Next {
            command: can_i(subject, access),
            decides: vec!["AUTH-005".to_owned()],
            why: "Whether a role allows it is decided by the API server's RBAC objects, which are not evaluated here."
                .to_owned(),
        },
        None => Next {
            command: "aws sts get-caller-identity".to_owned(),
            decides: Vec::new(),
            why: "Who asks, and with which policies, is not told by what was pasted.".to_owned(),
        },
    };
    let actor = Actor {
        id: "auth:subject".to_owned(),
        kind: ActorKind::Credential,
        name: subject.words(),
        details: Vec::new(),
        zones: Vec::new(),
    };
    let mut step = Step::new(actor, format!("asks to {wanted}"), Verdict::Unknown);
    step.note = Some(next.why.clone());
    Flow {
        kind: FlowKind::Auth,
        title: format!("{} → {wanted}", subject.words()),
        subtitle: "what was pasted does not tell".to_owned(),
        verdict: Verdict::Unknown,
        outcomes: vec![Outcome {
            label: "the request".to_owned(),
            share: 1.0,
            verdict: Verdict::Unknown,
            reason: None,
            ends_at: None,
            source_seen: None,
            snat: false,
            steps: vec![step],
            back: None,
        }],
        next: vec![next],
        details: FlowDetails::Auth(Details {
            username,
            groups,
            canonical_arn: match subject {
                Subject::Arn(arn) => Some(arn.clone()),
                _ => None,
            },
            ..Details::default()
        }),
    }
}

fn can_i(subject: &Subject, access: &Access) -> String {
    let resource = if access.api_group.is_empty() {
        access.resource.clone()
    } else {
        match access.resource.split_once('/') {
            Some((resource, sub)) => format!("{resource}.{}/{sub}", access.api_group),
            None => format!("{}.{}", access.resource, access.api_group),
        }
    };
    let mut command = format!("kubectl auth can-i {} {resource}", access.verb);
    if let Some(name) = &access.name {
        command = format!("kubectl auth can-i {} {resource}/{name}", access.verb);
    }
    if let Some(namespace) = &access.namespace {
        command.push_str(" -n ");
        command.push_str(namespace);
    }
    match subject {
        Subject::User { name, groups } => {
            command.push_str(" --as ");
            command.push_str(name);
            for group in groups {
                command.push_str(" --as-group ");
                command.push_str(group);
            }
        }
        Subject::ServiceAccount { namespace, name } => {
            command.push_str(" --as system:serviceaccount:");
            command.push_str(namespace);
            command.push(':');
            command.push_str(name);
        }
        Subject::Node(name) => {
            command.push_str(" --as system:node:");
            command.push_str(name);
            command.push_str(" --as-group system:nodes");
        }
        Subject::Arn(_) | Subject::Token(_) => {}
    }
    command
}
