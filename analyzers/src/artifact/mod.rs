//! What was read from a segment. One parser a file; each is total and says what it could not read.

pub(crate) mod aws;
mod base64;
mod capture;
pub(crate) mod cni;
pub(crate) mod config;
pub mod dns;
mod document;
pub(crate) mod fragment;
pub(crate) mod host;
pub(crate) mod json;
mod json_kind;
mod json_repair;
pub(crate) mod kubectl;
pub(crate) mod kubernetes_object;
pub(crate) mod log;
pub(crate) mod node;
mod outline;
pub(crate) mod packet;
pub mod pcap;
mod placed;
pub(crate) mod reach;
pub(crate) mod resolv_conf;
pub(crate) mod tcpdump;
#[cfg(test)]
pub(crate) mod testing;
pub mod tls;
pub mod token;
mod unread;
mod value;
mod words;
mod yaml;

use std::sync::OnceLock;

use crate::text::{Sources, Span};
use document::Whereabouts;

pub use capture::{
    Arp, Capture, Direction, DnsMessage, DnsRecord, DnsRecords, Edns, Endpoint, Frame, Header, Icmp, IpHeader, Mac,
    Mnemonic, Numbers, Packet, Party, Quoted, TcpFlags, TcpOptions, TcpSegment, Trailer, Transport, Tunnel, TunnelKind,
};
pub use document::{Document, Node, Syntax};
pub use log::{Entry, Field, Level, Log, Origin, Program};
pub use placed::{Placed, Places};
pub use resolv_conf::ResolvConf;
pub use value::{Map, Text, Value};

/// Which artifact of an analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactId(pub usize);

/// Something that was read, with its lines.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// The index of the segment that it was read from.
    pub segment: usize,
    /// The lines that it was read from.
    pub span: Span,
    /// What it holds and how many of each: `v1/Pod`, `aws/ec2/describe-subnets`, or the format's name.
    pub kinds: Vec<(String, usize)>,
    /// The thing itself.
    pub content: Content,
}

/// The kinds of content that parsers make.
#[derive(Debug, Clone)]
pub enum Content {
    /// A JSON, YAML or table document.
    Document(Document),
    /// Packets, from `tcpdump`'s text.
    Capture(Capture),
    /// A resolver configuration.
    ResolvConf(ResolvConf),
    /// The entries of a log.
    Log(Log),
    /// Text that is read line by line: error messages, notes.
    Lines,
}

/// All artifacts of an analysis.
#[derive(Debug, Clone, Default)]
pub struct Artifacts {
    all: Vec<Artifact>,
    /// Where the values of each stand, once one of them was cited.
    whereabouts: Vec<OnceLock<Whereabouts>>,
}

/// The document that a value holds as text, as ConfigMaps hold files: YAML, which JSON is as well. What cannot be read of it is left out;
/// who uses it cites the whole value.
pub fn embedded(text: &str) -> Value {
    yaml::read(text).value
}

impl Artifacts {
    /// Adds one and returns its id.
    pub fn add(&mut self, artifact: Artifact) -> ArtifactId {
        self.all.push(artifact);
        self.whereabouts.push(OnceLock::new());
        ArtifactId(self.all.len() - 1)
    }

    /// All artifacts with their ids, in the order of the paste.
    pub fn iter(&self) -> impl Iterator<Item = (ArtifactId, &Artifact)> {
        self.all
            .iter()
            .enumerate()
            .map(|(i, artifact)| (ArtifactId(i), artifact))
    }

    /// Says of the documents that touch a span that lines of them are missing: what is absent in them may exist.
    pub fn set_incomplete(&mut self, span: Span) {
        // Artifacts stand in the order of the paste, but for those of one segment.
        let first = self
            .all
            .partition_point(|artifact| (artifact.span.source, artifact.span.end) < (span.source, span.start));
        for artifact in self.all.iter_mut().skip(first) {
            if artifact.span.source != span.source || artifact.span.start > span.end {
                break;
            }
            if let Content::Document(document) = &mut artifact.content {
                document.complete = false;
            }
        }
    }

    /// The artifact of that id.
    pub fn get(&self, id: ArtifactId) -> Option<&Artifact> {
        self.all.get(id.0)
    }

    /// The document of an artifact, where it is one.
    pub fn document(&self, id: ArtifactId) -> Option<&Document> {
        match &self.get(id)?.content {
            Content::Document(document) => Some(document),
            _ => None,
        }
    }

    /// Puts other values into a document and returns those that it had. Its text, and so where its values stand, stays the same.
    pub(crate) fn put_value(&mut self, id: ArtifactId, value: Value) -> Option<Value> {
        match &mut self.all.get_mut(id.0)?.content {
            Content::Document(document) => Some(std::mem::replace(&mut document.value, value)),
            _ => None,
        }
    }

    /// The bytes of the value at `pointer` in a document: [`Document::locate`], with the text read once for all citations.
    pub fn locate(&self, sources: &Sources, id: ArtifactId, pointer: &str) -> Option<Span> {
        let document = self.document(id)?;
        let kept = self.whereabouts.get(id.0)?;
        let whereabouts = kept.get_or_init(|| document.whereabouts(sources));
        Some(document.locate_in(whereabouts, sources, pointer))
    }

    /// The roots of all documents, in the order of the paste.
    pub fn roots(&self) -> impl Iterator<Item = (&Artifact, Node<'_>)> {
        self.iter().filter_map(|(id, artifact)| match &artifact.content {
            Content::Document(document) => Some((artifact, Node::root(id, document))),
            _ => None,
        })
    }
}
