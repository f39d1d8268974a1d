//! Paths that the reader asks for: from where to where, and what if.

use serde::{Deserialize, Serialize};

use super::PictureView;
use crate::analysis::Analysis;
use crate::artifact::{ArtifactId, Value};
use crate::flow::packet_path::{self, Protocol, Query, Question, ends};
use crate::flow::{Details, Flow, FlowKind};
use crate::what_if::{self, Change, Remedy};

/// An end that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndView {
    /// As it is asked for, without a port.
    pub text: String,
    /// `pod`, `Service` and so on.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// An address, a node.
    pub detail: String,
    /// The ports that it is known to serve, each with its protocol.
    pub ports: Vec<(u16, String)>,
}

/// A question: from where to where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct AskView {
    /// From whom.
    pub from: String,
    /// To whom, without a port where `port` has it.
    pub to: String,
    /// The port.
    pub port: Option<u16>,
    /// `tcp`, `udp`, `sctp`, `icmp`.
    pub protocol: String,
}

/// A change that is assumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    /// The number of the document.
    pub artifact: usize,
    /// The pointer in it.
    pub pointer: String,
    /// The value, as JSON; `None` takes a member out.
    pub value: Option<String>,
    /// In words, as they follow an *if*.
    pub words: String,
}

/// A change that leads the packet further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemedyView {
    /// The change.
    pub change: ChangeView,
    /// The command that makes it so.
    pub command: Option<String>,
    /// What becomes of the path.
    pub verdict: String,
    /// Where it stops then, as the reason's code.
    pub reason: Option<String>,
}

/// Which path is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    /// The one between two ends.
    Ends(AskView),
    /// The one of that picture.
    Picture(usize),
}

/// A path that was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PathView {
    /// Its picture.
    pub picture: PictureView,
    /// What is assumed.
    pub changes: Vec<ChangeView>,
    /// What would lead the packet further.
    pub remedies: Vec<RemedyView>,
    /// What would settle what is not known.
    pub next: Vec<super::NextView>,
}

impl Analysis {
    /// The ends that can be chosen.
    pub(super) fn end_views(&self) -> Vec<EndView> {
        let ends = ends::all(&self.model());
        ends.into_iter()
            .map(|end| EndView {
                text: end.text,
                kind: end.kind.to_owned(),
                name: end.name,
                detail: end.detail,
                ports: end
                    .ports
                    .iter()
                    .map(|(port, protocol)| (*port, word(*protocol).to_owned()))
                    .collect(),
            })
            .collect()
    }

    /// The question that findings point at, else the first path's.
    pub(super) fn proposed_view(&self) -> Option<AskView> {
        let of_findings = self
            .findings
            .iter()
            .filter_map(|finding| self.flows.all.get(finding.flow?));
        let paths = self.flows.of(FlowKind::PacketPath).map(|(_, flow)| flow);
        of_findings.chain(paths).find_map(ask_view)
    }

    /// A path that is asked for, with what is assumed; `also` is a change as somebody writes it.
    ///
    /// # Errors
    /// Why it cannot be asked so, in a sentence.
    pub fn path_view(&mut self, asked: &Asked, changes: &[ChangeView], also: Option<&str>) -> Result<PathView, String> {
        let mut all = changes.iter().map(change).collect::<Result<Vec<Change>, String>>()?;
        if let Some(also) = also {
            all.push(what_if::parse(self, also).map_err(|why| why.to_string())?);
        }
        let flow = match asked {
            Asked::Ends(ask) => packet_path::compute(&self.model(), &query(ask)?),
            Asked::Picture(index) => self
                .flows
                .all
                .get(*index)
                .filter(|flow| flow.kind == FlowKind::PacketPath)
                .cloned()
                .ok_or("There is no such path.")?,
        };
        let changed = if all.is_empty() {
            flow
        } else {
            what_if::path(self, &flow, &all).map_err(|why| why.to_string())?
        };
        let remedies = what_if::remedies(self, &changed, &all);
        Ok(PathView {
            picture: self.picture_view(&changed),
            changes: all.iter().map(change_view).collect(),
            remedies: remedies.iter().map(remedy_view).collect(),
            next: changed.next.iter().map(super::next_view).collect(),
        })
    }
}

/// The question that a path answers; the port stands by itself.
pub(super) fn ask_view(flow: &Flow) -> Option<AskView> {
    let Details::PacketPath(details) = &flow.details else {
        return None;
    };
    Some(match details.question.as_ref()? {
        Question::Ends(query) => AskView {
            from: query.from.written(),
            to: query.to.written_without_port(),
            port: query.to.port(),
            protocol: word(query.protocol).to_owned(),
        },
        Question::Balancer {
            namespace,
            name,
            balancer,
        } => AskView {
            from: format!("pod:{namespace}/{name}"),
            to: format!("lb:{balancer}"),
            port: None,
            protocol: word(Protocol::Tcp).to_owned(),
        },
    })
}

fn query(ask: &AskView) -> Result<Query, String> {
    let protocol = match ask.protocol.as_str() {
        "udp" => Protocol::Udp,
        "sctp" => Protocol::Sctp,
        "icmp" => Protocol::Icmp,
        _ => Protocol::Tcp,
    };
    // ICMP has no ports.
    let port = ask.port.filter(|_| protocol != Protocol::Icmp);
    ends::understood(&ask.from, &ask.to, port, protocol).map_err(|why| format!("{why}."))
}

fn word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Sctp => "sctp",
        Protocol::Icmp => "icmp",
        Protocol::IpIp => "ipip",
    }
}

fn change(view: &ChangeView) -> Result<Change, String> {
    let value = match &view.value {
        Some(text) => Some(
            serde_json::from_str::<serde_json::Value>(text)
                .map(Value::from)
                .map_err(|why| format!("`{text}` is no value: {why}."))?,
        ),
        None => None,
    };
    Ok(Change {
        artifact: ArtifactId(view.artifact),
        pointer: view.pointer.clone(),
        value,
        words: view.words.clone(),
    })
}

fn change_view(change: &Change) -> ChangeView {
    ChangeView {
        artifact: change.artifact.0,
        pointer: change.pointer.clone(),
        value: change.value.as_ref().map(|value| value.to_json().to_string()),
        words: change.words.clone(),
    }
}

fn remedy_view(remedy: &Remedy) -> RemedyView {
    RemedyView {
        change: change_view(&remedy.change),
        command: remedy.command.clone(),
        verdict: remedy.verdict.word().to_owned(),
        reason: remedy.reason.map(|reason| reason.code().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{AskView, Asked};
    use crate::analysis::{Analysis, Input, analyze};

    fn analysis(text: &str) -> Analysis {
        let input = Input {
            name: "paste 1".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        analyze(vec![input], &mut |_| {})
    }

    #[test]
    fn the_pair_of_the_attempt_is_proposed_and_can_be_asked_for() {
        let mut analysis = analysis(include_str!("../../samples/P11.txt"));
        let bench = analysis.workbench();
        let asks = bench.asks.expect("a question");
        let wanted = AskView {
            from: "ip:10.42.1.23".to_owned(),
            to: "ip:10.42.2.99".to_owned(),
            port: Some(8080),
            protocol: "tcp".to_owned(),
        };
        assert_eq!(asks, wanted);
        assert!(bench.ends.iter().any(|end| end.text == "instance:i-0e9d8c7b6a5f4e3d2"));
        let path = analysis.path_view(&Asked::Ends(asks), &[], None).expect("a path");
        assert_eq!(path.picture, bench.pictures[0]);
        let change = path.remedies[0].change.clone();
        let open = analysis
            .path_view(&Asked::Picture(0), std::slice::from_ref(&change), None)
            .expect("a path");
        assert_eq!(open.picture.verdict, "assumed");
        assert_eq!(open.changes, [change]);
        assert!(open.remedies.is_empty());
    }

    #[test]
    fn a_question_that_is_none_is_refused_in_words() {
        let mut analysis = analysis("$ kubectl get pods\nNo resources found in default namespace.\n");
        let ask = |to: &str| {
            Asked::Ends(AskView {
                from: "internet".to_owned(),
                to: to.to_owned(),
                port: None,
                protocol: "tcp".to_owned(),
            })
        };
        let why = analysis.path_view(&ask("svc:shop/cart"), &[], None).unwrap_err();
        assert!(why.contains("svc:NS/NAME:PORT"), "{why}");
        assert!(analysis.path_view(&Asked::Picture(7), &[], None).is_err());
        assert!(analysis.path_view(&ask("10.0.0.1"), &[], Some("nonsense")).is_err());
    }
}
