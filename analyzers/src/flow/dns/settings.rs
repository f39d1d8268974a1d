//! The resolver settings of a client: its `resolv.conf`, where one was pasted that is its own.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::pod::{self, Pod};
use super::resolver::{DEFAULT_NDOTS, MAX_NDOTS, Resolver};
use crate::artifact::ResolvConf;
use crate::evidence::Evidence;
use crate::model::Model;

/// glibc and musl read three name servers (`MAXNS`); more are ignored.
const MAX_SERVERS: usize = 3;

/// A `resolv.conf`, and whose it is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The pod that the command was run in.
    pub pod: Option<Pod>,
    /// The source that it was pasted in.
    pub source: String,
    /// The servers that are asked.
    pub servers: Vec<IpAddr>,
    /// The search list.
    pub search: Vec<String>,
    /// Where the search list stands.
    pub search_evidence: Vec<Evidence>,
    /// `ndots`.
    pub ndots: u32,
    /// Where it stands; empty where the default applies.
    pub ndots_evidence: Vec<Evidence>,
}

impl Settings {
    fn new(conf: &ResolvConf, pod: Option<Pod>, source: &str) -> Self {
        let ndots = conf.option("ndots");
        Self {
            pod,
            source: source.to_owned(),
            servers: conf
                .nameservers
                .iter()
                .take(MAX_SERVERS)
                .map(|server| server.value)
                .collect(),
            search: conf.search.iter().map(|domain| lower(&domain.value)).collect(),
            search_evidence: conf.search.iter().map(|domain| domain.evidence.clone()).collect(),
            ndots: ndots.as_ref().map_or(DEFAULT_NDOTS, |ndots| ndots.value.min(MAX_NDOTS)),
            ndots_evidence: ndots.into_iter().map(|ndots| ndots.evidence).collect(),
        }
    }

    /// The namespace that the kubelet put first on the search list: `shop` of `shop.svc.cluster.local`.
    pub fn namespace(&self) -> Option<&str> {
        let (namespace, rest) = self.search.first()?.split_once('.')?;
        rest.starts_with("svc.").then_some(namespace)
    }

    fn same(&self, other: &Self) -> bool {
        self.search == other.search && self.ndots == other.ndots
    }
}

fn lower(domain: &str) -> String {
    // Names are compared without regard to case (RFC 4343), and captures are read in lower case. The root stays a dot.
    let lower = domain.to_ascii_lowercase();
    match lower.strip_suffix('.') {
        Some(bare) if !bare.is_empty() => bare.to_owned(),
        _ => lower,
    }
}

/// All that were pasted, in order.
pub fn all(model: &Model<'_>) -> Vec<Settings> {
    model
        .resolv_confs()
        .map(|(artifact, conf)| {
            Settings::new(
                conf,
                model.command_of(artifact).and_then(pod::of_command),
                model.sources.name(artifact.span.source),
            )
        })
        .collect()
}

/// The settings that are a client's own: those of its pod before those whose search list it is seen to use, before those that
/// name the server that it asks. Where several fit equally well and differ, none is chosen.
pub fn of_client<'s>(
    all: &'s [Settings],
    pod: Option<&Pod>,
    servers: &BTreeSet<IpAddr>,
    names: &BTreeSet<&str>,
) -> Option<&'s Settings> {
    let fit = |settings: &Settings| -> u8 {
        let uses_list = settings.search.first().is_some_and(|domain| {
            names.iter().any(|name| {
                name.strip_suffix(domain.as_str())
                    .is_some_and(|rest| rest.ends_with('.'))
            })
        });
        match (pod, &settings.pod) {
            (Some(client), Some(owner)) if client.name == owner.name => 3,
            _ if uses_list => 2,
            // Another pod's file says nothing of this pod, if that is all there is.
            (Some(_), Some(_)) => 0,
            _ if settings.servers.iter().any(|server| servers.contains(server)) => 1,
            _ => 0,
        }
    };
    let best = all.iter().map(fit).max().filter(|&fit| fit > 0)?;
    let mut fitting = all.iter().filter(|settings| fit(settings) == best);
    let first = fitting.next()?;
    fitting.all(|other| other.same(first)).then_some(first)
}

/// Whose rules a pod's programs follow: musl's where its image or its `/etc/os-release` says Alpine, else glibc's, which is an
/// assumption.
pub fn resolver(model: &Model<'_>, pod: Option<&Pod>) -> Resolver {
    let Some(pod) = pod else {
        return Resolver::Glibc;
    };
    let alpine_image = model
        .all("Pod")
        .filter(|entity| entity.name == pod.name && pod.namespace.as_ref().is_none_or(|ns| *ns == entity.namespace))
        .filter_map(|entity| entity.at(&["spec", "containers"]))
        .flat_map(|containers| containers.items())
        .any(|container| container.str_of("image").is_some_and(|image| image.contains("alpine")));
    let alpine_release = model.segments.iter().any(|segment| {
        segment
            .command
            .as_ref()
            .filter(|command| command.text.contains("os-release"))
            .and_then(pod::of_command)
            .is_some_and(|other| other.name == pod.name)
            && model
                .sources
                .lines_in(segment.body)
                .any(|(_, line)| line.trim() == "ID=alpine")
    });
    if alpine_image || alpine_release {
        Resolver::Musl
    } else {
        Resolver::Glibc
    }
}
