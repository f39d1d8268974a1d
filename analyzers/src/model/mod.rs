//! The cluster, the VPC and the node as known so far. Every fact carries where it was read.
//!
//! The model borrows from the artifacts and adds an index: objects by kind, namespace and name, each with all the views of it
//! that were pasted (a table's row, a YAML document, …). Typed accessors, one file a kind, know the fields' names.

pub mod aws;
pub mod decided;
pub mod endpoint_slice;
mod entity;
mod hosts;
mod kubernetes;
mod listed;
pub mod load_balancer_controller;
mod node;
mod pod;
pub mod selector;
pub mod service;
pub mod workload;

use crate::artifact::{self, Artifact, Artifacts, Capture, Content, ResolvConf, Syntax};
use crate::segment::{Command, Segment};
use crate::text::{Sources, Span};

pub use entity::Entity;
pub(crate) use node::ip_in_name;
pub use node::{Host, Node};
pub use pod::Pod;

/// What is known, indexed.
pub struct Model<'a> {
    /// The pasted texts.
    pub sources: &'a Sources,
    /// Their segments.
    pub segments: &'a [Segment],
    /// What was read from them.
    pub artifacts: &'a Artifacts,
    /// In the order of their keys.
    kubernetes: Vec<Entity<'a>>,
    instances: hosts::Instances<'a>,
    names: hosts::Names<'a>,
}

impl<'a> Model<'a> {
    /// Indexes the artifacts.
    pub fn new(sources: &'a Sources, segments: &'a [Segment], artifacts: &'a Artifacts) -> Self {
        let mut model = Self {
            sources,
            segments,
            artifacts,
            kubernetes: kubernetes::index(artifacts),
            instances: hosts::Instances::default(),
            names: hosts::Names::default(),
        };
        model.instances = hosts::Instances::new(model.all_instances());
        let names = hosts::Names::new(&model);
        model.names = names;
        model
    }

    /// All Kubernetes objects of a kind (`Pod`, `Service`, …), by namespace and name.
    pub fn all(&self, kind: &str) -> impl Iterator<Item = &Entity<'a>> {
        let first = self.kubernetes.partition_point(|entity| entity.kind < kind);
        self.kubernetes
            .iter()
            .skip(first)
            .take_while(move |entity| entity.kind == kind)
    }

    /// The object of that kind, namespace (empty for cluster-scoped kinds) and name.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<&Entity<'a>> {
        let place = self
            .kubernetes
            .binary_search_by(|entity| entity.key().cmp(&(kind, namespace, name)))
            .ok()?;
        self.kubernetes.get(place)
    }

    /// The command that printed an artifact, where it was pasted.
    pub fn command_of(&self, artifact: &Artifact) -> Option<&'a Command> {
        self.segments.get(artifact.segment)?.command.as_ref()
    }

    /// The elements of the top-level list `list` of every AWS document (`TargetGroups`, `SecurityGroups`, …), with the
    /// command that printed each.
    pub fn aws_list(&self, list: &str) -> Vec<(Option<&'a Command>, artifact::Node<'a>)> {
        self.aws_roots()
            .into_iter()
            .flat_map(|(command, root)| root.list(list).into_iter().map(move |node| (command, node)))
            .collect()
    }

    /// The roots of all AWS documents, with the command that printed each.
    pub fn aws_roots(&self) -> Vec<(Option<&'a Command>, artifact::Node<'a>)> {
        self.artifacts
            .roots()
            .filter(|(artifact, _)| artifact.kinds.iter().any(|(kind, _)| kind.starts_with("aws/")))
            .map(|(artifact, node)| (self.command_of(artifact), node))
            .collect()
    }

    /// The captures.
    pub fn captures(&self) -> impl Iterator<Item = (&'a Artifact, &'a Capture)> {
        self.artifacts
            .iter()
            .filter_map(|(_, artifact)| match &artifact.content {
                Content::Capture(capture) => Some((artifact, capture)),
                _ => None,
            })
    }

    /// The resolver configurations.
    pub fn resolv_confs(&self) -> impl Iterator<Item = (&'a Artifact, &'a ResolvConf)> {
        self.artifacts
            .iter()
            .filter_map(|(_, artifact)| match &artifact.content {
                Content::ResolvConf(conf) => Some((artifact, conf)),
                _ => None,
            })
    }

    /// The lines of logs, error messages and whatever else tools print for people, also where nothing recognised it: all but captures and
    /// the documents of APIs.
    pub fn lines(&self) -> impl Iterator<Item = (Span, &'a str)> {
        let sources = self.sources;
        self.artifacts
            .iter()
            .filter(|(_, artifact)| match &artifact.content {
                Content::Lines | Content::Log(_) => true,
                Content::Document(document) => document.syntax == Syntax::Placed,
                _ => false,
            })
            .flat_map(move |(_, artifact)| sources.lines_in(artifact.span))
    }
}
