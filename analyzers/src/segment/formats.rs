//! The formats, and for each its sniffer and its parser.

use super::Segment;
use super::sniff::{self, Sniffer};
use crate::artifact::{
    Artifact, Artifacts, Content, aws_json, kubectl_table, kubernetes_object, resolv_conf, tcpdump_text,
};
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
    /// Kubernetes objects as JSON, and what `kubectl -o jsonpath` prints as JSON.
    KubernetesJson,
    /// What aws-cli prints with `--output json`, `yaml`, or of a single value `text`.
    AwsJson,
    /// JSON of no known origin.
    Json,
    /// YAML of no known origin.
    Yaml,
    /// `tcpdump`'s text.
    Tcpdump,
    /// `resolv.conf`.
    ResolvConf,
    /// A log, or an error message.
    Log,
    /// Not recognised.
    Unknown,
}

/// The sniffers in the order in which they are asked: the more telling first.
pub const SNIFFERS: [Sniffer; 6] = [
    sniff::json::take,
    sniff::kubectl_table::take,
    sniff::tcpdump::take,
    sniff::resolv_conf::take,
    sniff::yaml::take,
    sniff::log::take,
];

impl Format {
    /// The name of `contract.md`.
    pub fn name(self) -> &'static str {
        match self {
            Self::KubectlTable => "kubectl-table",
            Self::KubernetesYaml => "kubernetes-yaml",
            Self::KubernetesJson => "kubernetes-json",
            Self::AwsJson => "aws-json",
            Self::Json => "json",
            Self::Yaml => "yaml",
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
        if sources.text(segment.body).trim().is_empty() {
            return;
        }
        let content = match self {
            Self::KubectlTable => return kubectl_table::read(sources, index, segment, artifacts, problems),
            Self::KubernetesYaml | Self::Yaml => {
                return kubernetes_object::read_yaml(sources, index, segment, artifacts, problems);
            }
            Self::KubernetesJson | Self::Json => {
                return kubernetes_object::read_json(sources, index, segment, artifacts, problems);
            }
            Self::AwsJson => return aws_json::read(sources, index, segment, artifacts, problems),
            Self::ResolvConf => Content::ResolvConf(resolv_conf::read(sources, segment.body, problems)),
            Self::Tcpdump => {
                let line = segment
                    .command
                    .as_ref()
                    .map(|command| super::CommandLine::new(&command.text));
                let deltas = line.is_some_and(|line| line.args.iter().any(|arg| is_delta_option(arg)));
                Content::Capture(tcpdump_text::read(sources, segment.body, deltas, problems))
            }
            Self::Log => Content::Lines,
            Self::Unknown => {
                problems.push(super::guess::not_recognised(sources, segment));
                Content::Lines
            }
        };
        artifacts.add(Artifact {
            segment: index,
            span: segment.body,
            kinds: vec![(self.name().to_owned(), 1)],
            content,
        });
    }
}

/// Whether an argument of tcpdump holds `-ttt`, alone or among other letters (`-nnttt`), and not `-tttt` or `-ttttt`.
fn is_delta_option(arg: &str) -> bool {
    arg.starts_with('-') && !arg.starts_with("--") && arg.bytes().filter(|byte| *byte == b't').count() == 3
}
