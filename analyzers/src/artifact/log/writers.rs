//! Who wrote which entries, where what stands before them tells several writers apart: `kubectl logs --all-containers --prefix`, stern, the
//! journal of a node. One writer's name says nothing of the others' entries.

use std::collections::BTreeMap;

use super::program::{SAMPLE, by_command, by_name, by_words};
use super::{Log, Program, entry};
use crate::segment::CommandLine;
use crate::segment::log_prefix::{self, Writer};
use crate::text::Sources;

/// More writers than any collector follows: what looked like their names was something else.
const MOST: usize = 1000;

/// What is known of a log's writers.
pub struct Told {
    /// The program that wrote all of it.
    pub program: Option<Program>,
    /// How many entries there are of each kind.
    pub kinds: Vec<(String, usize)>,
}

/// The entries of one writer.
#[derive(Default)]
struct Share {
    entries: usize,
    program: Option<Program>,
    /// Whether its words are those of two programs.
    unclear: bool,
}

impl Share {
    fn program(&self) -> Option<Program> {
        self.program.filter(|_| !self.unclear)
    }
}

/// The name that stands before an entry, the most telling one; empty where none does.
fn named<'a>(writer: &Writer<'a>) -> &'a str {
    writer.container.or(writer.unit).or(writer.pod).unwrap_or_default()
}

fn writer(text: &str) -> Writer<'_> {
    log_prefix::strip(text.split('\n').next().unwrap_or_default()).source
}

/// Who wrote a log.
pub fn told(line: Option<&CommandLine>, log: &Log, sources: &Sources) -> Told {
    let first = log.entries.iter().take(SAMPLE);
    let prefixes: Vec<Writer<'_>> = first
        .map(|span| writer(sources.text(*span)))
        .filter(|writer| !named(writer).is_empty())
        .collect();
    let shares = if prefixes.is_empty() {
        BTreeMap::new()
    } else {
        shares(log, sources)
    };
    if shares.is_empty() || shares.len() > MOST {
        return one(Program::of(line, log, sources), log);
    }
    let containers = prefixes.iter().any(|writer| writer.unit.is_none());
    let commanded = line.and_then(by_command);
    // A unit's journal has the lines that systemd writes about it, too.
    if !containers && commanded.is_some() {
        return one(commanded, log);
    }
    // Without a name before it an entry of the journal is a remark of its own; among those of containers it may be anybody's.
    let counted: Vec<&Share> = shares
        .iter()
        .filter(|(name, _)| containers || !name.is_empty())
        .map(|(_, share)| share)
        .collect();
    let alone = match counted.as_slice() {
        [one] => one.program().or(commanded),
        _ => None,
    };
    let first = counted.first().and_then(|share| share.program());
    let agreed = first.filter(|first| counted.iter().all(|share| share.program() == Some(*first)));
    let program = agreed.or(alone);
    let mut kinds = BTreeMap::new();
    for share in shares.values() {
        let name = share.program().or(program).map_or("log", Program::format);
        *kinds.entry(name.to_owned()).or_insert(0) += share.entries;
    }
    Told {
        program,
        kinds: kinds.into_iter().collect(),
    }
}

fn one(program: Option<Program>, log: &Log) -> Told {
    let name = program.map_or("log", Program::format);
    Told {
        program,
        kinds: vec![(name.to_owned(), log.entries.len())],
    }
}

fn shares<'a>(log: &Log, sources: &'a Sources) -> BTreeMap<&'a str, Share> {
    let mut shares: BTreeMap<&str, Share> = BTreeMap::new();
    for span in &log.entries {
        let text = sources.text(*span);
        let name = named(&writer(text));
        let share = shares.entry(name).or_insert_with(|| Share {
            program: by_name(name),
            ..Share::default()
        });
        share.entries += 1;
        if by_name(name).is_none() && share.entries <= SAMPLE {
            let words = by_words(&entry(text).1);
            share.unclear |= share.program.is_some() && words.is_some() && share.program != words;
            share.program = share.program.or(words);
        }
        if shares.len() > MOST {
            break;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::super::Program;
    use crate::analysis::{self, Input};
    use crate::artifact::Content;

    fn told(text: &str) -> (Option<Program>, Vec<(String, usize)>) {
        let input = Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let analysis = analysis::read(vec![input], &mut |_| {});
        let (_, artifact) = analysis.artifacts.iter().next().unwrap();
        let Content::Log(log) = &artifact.content else {
            panic!("{text}")
        };
        (log.program, artifact.kinds.clone())
    }

    fn kinds(all: &[(&str, usize)]) -> Vec<(String, usize)> {
        all.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn the_entries_of_containers_are_of_their_programs() {
        let text = "$ kubectl logs -n pay biller-0 --all-containers --prefix\n\
            [pod/biller-0/biller] listening on 8443\n\
            [pod/biller-0/biller] the queue is empty\n\
            [pod/biller-0/istio-proxy] 2025-03-02T11:08:54.917000Z\tinfo\tReadiness succeeded in 1.2s\n";
        assert_eq!(told(text), (None, kinds(&[("istio-proxy-log", 1), ("log", 2)])));
        let coredns = "$ kubectl logs -n kube-system -l k8s-app=kube-dns --prefix\n\
            [pod/coredns-5d78c9869d-7xk2p/coredns] .:53\n\
            [pod/coredns-5d78c9869d-m4w8z/coredns] .:53\n";
        assert_eq!(told(coredns), (Some(Program::CoreDns), kinds(&[("coredns-log", 2)])));
        // The container's name is the chart's, but the command and its words tell.
        let karpenter = "$ kubectl logs -n kube-system deploy/karpenter --prefix\n\
            [pod/karpenter-7f9c6d5b48-x2x4k/controller] {\"level\":\"INFO\",\"time\":\"2025-03-02T11:08:54.917Z\",\"message\":\"started\"}\n";
        assert_eq!(
            told(karpenter),
            (Some(Program::Karpenter), kinds(&[("karpenter-log", 1)]))
        );
    }

    #[test]
    fn sterns_own_lines_are_no_entries() {
        let text = "$ stern -n pay biller\n\
            + biller-5d78c9869d-7xk2p › biller\n\
            + biller-5d78c9869d-7xk2p › istio-proxy\n\
            biller-5d78c9869d-7xk2p biller the queue is empty\n\
            biller-5d78c9869d-7xk2p istio-proxy 2025-03-02T11:08:54.917000Z\tinfo\tReadiness succeeded in 1.2s\n\
            - biller-5d78c9869d-7xk2p › biller\n";
        assert_eq!(told(text), (None, kinds(&[("istio-proxy-log", 1), ("log", 1)])));
    }

    #[test]
    fn the_journal_of_a_node_has_many_writers() {
        let journal = "Mar  2 11:08:54 ip-10-8-3-4.ec2.internal sshd[411]: Accepted publickey for ec2-user\n\
            Mar  2 11:08:55 ip-10-8-3-4.ec2.internal kubelet[2841]: E0302 11:08:55.000001    2841 kubelet.go:2448] \"Error getting node\"\n";
        let both = kinds(&[("kubelet-log", 1), ("log", 1)]);
        assert_eq!(told(&format!("$ journalctl --no-pager\n{journal}")), (None, both));
        let unit = "$ journalctl -u kubelet --no-pager\n\
            Mar  2 11:08:54 ip-10-8-3-4.ec2.internal systemd[1]: Started kubelet.service.\n\
            Mar  2 11:08:55 ip-10-8-3-4.ec2.internal kubelet[2841]: starting\n";
        assert_eq!(told(unit), (Some(Program::Kubelet), kinds(&[("kubelet-log", 2)])));
    }
}
