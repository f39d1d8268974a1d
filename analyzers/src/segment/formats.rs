//! The formats, and for each its sniffer and its parser.

use super::Segment;
use crate::artifact::{Artifact, Artifacts, Content};
use crate::problem::Problem;
use crate::text::Sources;

/// What an output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Format {
    /// `kubectl get`'s table.
    KubectlTable,
    /// Kubernetes objects as YAML.
    KubernetesYaml,
    /// Kubernetes objects as JSON.
    KubernetesJson,
    /// What aws-cli prints with `--output json`.
    AwsJson,
    /// `tcpdump`'s text.
    Tcpdump,
    /// `resolv.conf`.
    ResolvConf,
    /// A log, or an error message.
    Log,
    /// Not recognised.
    Unknown,
}

impl Format {
    /// The name of `contract.md`.
    pub fn name(self) -> &'static str {
        match self {
            Self::KubectlTable => "kubectl-table",
            Self::KubernetesYaml => "kubernetes-yaml",
            Self::KubernetesJson => "kubernetes-json",
            Self::AwsJson => "aws-json",
            Self::Tcpdump => "tcpdump",
            Self::ResolvConf => "resolv.conf",
            Self::Log => "log",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a segment of this format: adds what was read to `artifacts` and what was not to `problems`.
    pub fn read(
        self,
        sources: &Sources,
        index: usize,
        segment: &Segment,
        artifacts: &mut Artifacts,
        problems: &mut Vec<Problem>,
    ) {
        let _ = (sources, problems);
        artifacts.add(Artifact {
            segment: index,
            span: segment.body,
            kinds: vec![(self.name().to_owned(), 1)],
            content: Content::Lines,
        });
    }
}
