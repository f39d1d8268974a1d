//! Where an end of a way is: its address, its node, and the workload that policies know it by.

use std::net::IpAddr;

use super::policies::{self, Side};
use super::standing::{self, Standing};
use crate::evidence::{Evidence, Fact};
use crate::flow::Next;
use crate::flow::packet_path::Endpoint;
use crate::flow::policy::Matrix;
use crate::model::{Model, Node, Pod, ip_in_name};

/// An end of a way.
#[derive(Debug, Clone)]
pub struct Place {
    /// As the reader knows it.
    pub name: String,
    /// Its address, where it is known.
    pub address: Option<IpAddr>,
    /// Where address and node were read.
    pub evidence: Vec<Evidence>,
    /// The port that is asked about.
    pub port: Option<u16>,
    /// The node that it is on.
    pub node: Option<String>,
    /// The node that it is on or that it is by what was pasted of it, wherever its packet is.
    pub home: Option<String>,
    /// The number of the workload, where it is a pod's.
    pub workload: Option<usize>,
    /// Namespace and name, where it is a pod.
    pub pod: Option<(String, String)>,
    /// Whether it is anywhere in the Internet.
    pub internet: bool,
    /// What would bring its address.
    pub missing: Option<Next>,
    /// What is wrong with it, where it is a pod.
    pub standing: Option<Standing>,
}

impl Place {
    /// The place of an endpoint; `None` of those that no cluster knows.
    pub fn of(model: &Model<'_>, matrix: &Matrix<'_>, end: &Endpoint) -> Option<Self> {
        let mut place = Self {
            name: end.to_string(),
            address: None,
            evidence: Vec::new(),
            port: None,
            node: None,
            home: None,
            workload: None,
            pod: None,
            internet: false,
            missing: None,
            standing: None,
        };
        match end {
            Endpoint::Pod { namespace, name, port } => {
                place.port = *port;
                place.be_pod(model, matrix, namespace, name);
                if place.address.is_none() {
                    place.missing = Some(Next {
                        command: format!("kubectl get pod {name} -n {namespace} -o yaml"),
                        decides: Vec::new(),
                        why: format!("The address of {} and its node were not pasted.", place.name),
                    });
                }
            }
            Endpoint::Node { name, port } => {
                place.port = *port;
                place.node = Some(name.clone());
                place.home.clone_from(&place.node);
                let ip = model.get("Node", "", name).and_then(|node| Node(node).internal_ip());
                let ip = ip.or_else(|| model.host_by_node(name).ip);
                place.address = ip.map(|fact| place.read(fact)).or_else(|| ip_in_name(name));
                if place.address.is_none() {
                    place.missing = Some(Next {
                        command: format!("kubectl get node {name} -o wide"),
                        decides: Vec::new(),
                        why: format!("The address of {} was not pasted.", place.name),
                    });
                }
            }
            Endpoint::Ip { address, port } => {
                place.port = *port;
                place.address = Some(*address);
                place.be_address(model, matrix, *address);
            }
            Endpoint::Internet => place.internet = true,
            _ => return None,
        }
        Some(place)
    }

    /// The place behind an address that a packet was sent on to.
    pub fn at(model: &Model<'_>, matrix: &Matrix<'_>, address: IpAddr, port: Option<u16>) -> Self {
        let end = Endpoint::Ip { address, port };
        Self::of(model, matrix, &end).unwrap_or_else(|| Self {
            name: end.to_string(),
            address: Some(address),
            evidence: Vec::new(),
            port,
            node: None,
            home: None,
            workload: None,
            pod: None,
            internet: false,
            missing: None,
            standing: None,
        })
    }

    fn be_pod(&mut self, model: &Model<'_>, matrix: &Matrix<'_>, namespace: &str, name: &str) {
        self.workload = policies::place(matrix, namespace, name);
        self.pod = Some((namespace.to_owned(), name.to_owned()));
        if let Some(entity) = model.get("Pod", namespace, name) {
            self.address = Pod(entity).ip().map(|fact| self.read(fact));
            self.node = Pod(entity).node_name().map(|fact| self.read(fact));
            self.home.clone_from(&self.node);
            self.standing = standing::of(&self.name, entity);
        }
    }

    fn be_address(&mut self, model: &Model<'_>, matrix: &Matrix<'_>, address: IpAddr) {
        if let Some(entity) = model.pod_by_ip(address) {
            self.name = Endpoint::Pod {
                namespace: entity.namespace.to_owned(),
                name: entity.name.to_owned(),
                port: self.port,
            }
            .to_string();
            self.be_pod(model, matrix, entity.namespace, entity.name);
        } else {
            let node = model
                .all("Node")
                .find(|node| Node(node).internal_ips().iter().any(|ip| ip.value == address));
            self.node = node.map(|node| node.name.to_owned());
            self.home.clone_from(&self.node);
        }
    }

    /// The value of a fact, whose place is kept.
    fn read<T>(&mut self, fact: Fact<T>) -> T {
        self.evidence.push(fact.evidence);
        fact.value
    }

    /// Whether there is no way to it or from it, whatever else is known.
    pub fn is_gone(&self) -> bool {
        self.standing.as_ref().is_some_and(|standing| standing.ends)
    }

    /// As policies see it.
    pub fn side(&self) -> Side {
        Side {
            name: self.name.clone(),
            workload: self.workload,
            address: self.address,
            internet: self.internet,
            is_pod: self.pod.is_some(),
            node: self.home.clone(),
            evidence: self.evidence.clone(),
        }
    }
}
