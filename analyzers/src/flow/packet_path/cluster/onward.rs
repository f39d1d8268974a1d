//! A packet that another node gets: that one's own rules make of it what they make of what comes from outside, such as a node's port.

use std::net::SocketAddr;

use super::place::Place;
use super::service::{Leads, leads};
use super::{Asked, Ways};
use crate::flow::packet_path::{Endpoint, Query, end, node};
use crate::flow::{Next, Outcome, Verdict};
use crate::model::service::Service;

impl Asked<'_, '_> {
    /// The ways of a packet that comes, as it was sent, to another node than its sender's: one for each that this node's rules make of it.
    pub(super) fn at_next_node(&self, outcome: Outcome, next: &mut Vec<Next>) -> Vec<Outcome> {
        let Some((ways, asks)) = self.next_node(&outcome) else {
            return vec![outcome];
        };
        next.extend(asks);
        ways
    }

    fn next_node(&self, first: &Outcome) -> Option<Ways> {
        let to: SocketAddr = first.ends_at.as_deref()?.parse().ok()?;
        let name = node::node_with(self.model, to.ip())?;
        let here = self.query.at.as_deref().or(self.from.node.as_deref());
        // Without a sender's node its rules were asked already.
        if first.verdict == Verdict::Blocked || here.is_none_or(|here| here == name) {
            return None;
        }
        let seen = first.source_seen.as_ref().and_then(|seen| seen.parse().ok());
        let source = seen.or(self.from.address)?;
        let query = Query {
            from: Endpoint::Ip {
                address: source,
                port: None,
            },
            to: Endpoint::Ip {
                address: to.ip(),
                port: Some(to.port()),
            },
            protocol: self.query.protocol,
            at: Some(name.to_owned()),
        };
        let there = Asked {
            model: self.model,
            query: &query,
            from: Place {
                address: Some(source),
                node: Some(name.to_owned()),
                ..self.from.clone()
            },
            matrix: self.matrix,
            listings: self.listings,
            network: self.network,
            machines: self.machines,
            brought: false,
            onward: true,
        };
        let (mut ways, mut next) = there.at_node(source, to.ip(), to.port())?;
        for second in &mut ways {
            next.extend(there.go_on(second));
            follow(first, second);
        }
        Some((ways, next))
    }

    /// Where an address is a Service's own, and none of its ports is asked for: nobody answers. `ways`: what the node makes of the packet.
    pub(super) fn wrong_port(&self, to: &Place, ways: &[Outcome]) -> Option<Ways> {
        let (address, port) = (to.address?, to.port?);
        self.query.protocol.name()?;
        let asked = end(address, port);
        if ways.iter().any(|way| way.ends_at.as_ref() != Some(&asked)) {
            return None;
        }
        let has = |service: Service<'_, '_>| service.cluster_addresses().iter().any(|own| own.value == address);
        let service = self.model.all("Service").find(|entity| has(Service(entity)))?;
        match leads(self.model, service, port, self.query.protocol, Some(address.is_ipv6())) {
            Leads::Ways(outcomes, next) => Some((outcomes, next)),
            Leads::Address(_) => None,
        }
    }
}

/// Puts what came before in front of a way.
fn follow(first: &Outcome, second: &mut Outcome) {
    let mut steps = first.steps.clone();
    steps.append(&mut second.steps);
    second.steps = steps;
    second.share *= first.share;
    second.verdict = second.verdict.max(first.verdict);
    if second.ends_at.is_some() && !second.snat {
        second.snat = first.snat;
    }
    if second.back.is_none() && second.verdict != Verdict::Blocked {
        second.back.clone_from(&first.back);
    }
}

#[cfg(test)]
mod tests {
    use crate::Input;
    use crate::analysis::read;
    use crate::flow::packet_path::{Protocol, Query, compute};
    use crate::flow::{Flow, Reason, Verdict};

    const PODS: &str = r#"$ kubectl get pod web-0 -n shop -o json
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0", "namespace": "shop", "labels": {"app": "web"}},
 "spec": {"nodeName": "ip-10-0-1-7.ec2.internal", "containers": [{"name": "web"}]}, "status": {"phase": "Running", "podIP": "10.0.1.20"}}
"#;
    const NODES: &str = "\
$ kubectl get nodes -o wide
NAME                       STATUS   ROLES    AGE   VERSION               INTERNAL-IP   EXTERNAL-IP   OS-IMAGE            KERNEL-VERSION                  CONTAINER-RUNTIME
ip-10-0-1-7.ec2.internal   Ready    <none>   3d    v1.33.1-eks-1234567   10.0.1.7      <none>        Amazon Linux 2023   6.1.0-20.amzn2023.x86_64   containerd://1.7.27
ip-10-0-2-9.ec2.internal   Ready    <none>   3d    v1.33.1-eks-1234567   10.0.2.9      <none>        Amazon Linux 2023   6.1.0-20.amzn2023.x86_64   containerd://1.7.27
";
    const FRONT: &str = "\
$ kubectl get services,endpointslices -n shop -o yaml
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: front, namespace: shop}
  spec:
    type: NodePort
    clusterIP: 172.20.6.6
    externalTrafficPolicy: Local
    ports: [{port: 80, nodePort: 31000, protocol: TCP, targetPort: 8080}]
- apiVersion: discovery.k8s.io/v1
  kind: EndpointSlice
  metadata: {name: front-abc12, namespace: shop, labels: {kubernetes.io/service-name: front}}
  addressType: IPv4
  ports: [{name: \"\", port: 8080, protocol: TCP}]
  endpoints:
  - {addresses: [10.0.1.40], conditions: {ready: true}, nodeName: ip-10-0-1-7.ec2.internal}
";
    const POLICIES: &str = "\
$ kubectl get networkpolicies -A -o yaml
apiVersion: v1
kind: List
items:
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: x, namespace: other}
  spec: {podSelector: {}, policyTypes: [Ingress]}
";
    const OTHER: &str = "node:ip-10-0-2-9.ec2.internal:31000";

    fn path(text: &str, from: &str, to: &str) -> Flow {
        let input = Input {
            name: "paste".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let query = Query {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            protocol: Protocol::Tcp,
            at: None,
        };
        compute(&read(vec![input], &mut |_| {}).model(), &query)
    }

    fn reason(flow: &Flow) -> Option<&str> {
        flow.outcomes.first()?.reason.map(Reason::code)
    }

    #[test]
    fn a_nodes_port_is_asked_of_that_node() {
        let text = [PODS, NODES, FRONT, POLICIES].concat();
        for (from, to) in [
            ("pod:shop/web-0", OTHER),
            ("node:ip-10-0-1-7.ec2.internal", OTHER),
            ("pod:shop/web-0", "ip:10.0.2.9:31000"),
            ("ip:203.0.113.9", OTHER),
        ] {
            let flow = path(&text, from, to);
            assert_eq!(
                (flow.verdict, reason(&flow)),
                (Verdict::Blocked, Some("no-local-endpoint")),
                "{from} {to}"
            );
            assert!(
                flow.steps()
                    .any(|step| step.actor.id == "node:ip-10-0-2-9.ec2.internal"),
                "{from} {to}"
            );
        }
        // On the sender's own node the endpoint is at hand.
        let own = path(&text, "pod:shop/web-0", "node:ip-10-0-1-7.ec2.internal:31000");
        assert_eq!(own.outcomes[0].ends_at.as_deref(), Some("10.0.1.40:8080"));
        assert_ne!(own.verdict, Verdict::Blocked);
        // A port that no Service has is the node's own affair.
        let ssh = path(&text, "pod:shop/web-0", "node:ip-10-0-2-9.ec2.internal:22");
        assert_eq!((reason(&ssh), ssh.outcomes.len()), (None, 1));
    }

    #[test]
    fn another_node_sends_on_in_its_own_name() {
        let text = [PODS, NODES, FRONT]
            .concat()
            .replace("TrafficPolicy: Local", "TrafficPolicy: Cluster");
        let flow = path(&text, "pod:shop/web-0", OTHER);
        let [way] = flow.outcomes.as_slice() else {
            panic!("{:?}", flow.outcomes);
        };
        assert_eq!(way.ends_at.as_deref(), Some("10.0.1.40:8080"));
        assert_eq!((way.source_seen.as_deref(), way.snat), (Some("10.0.2.9"), true));
        let other = way
            .steps
            .iter()
            .find(|step| step.actor.id == "node:ip-10-0-2-9.ec2.internal");
        assert_eq!(other.map(|step| step.verdict), Some(Verdict::Assumed));
        // What the pod's own policies say was not pasted.
        assert_ne!(flow.verdict, Verdict::Blocked);
    }

    #[test]
    fn without_what_tells_of_the_other_node_nothing_is_said_of_its_port() {
        let all = [PODS, NODES, FRONT, POLICIES];
        for left_out in 0..all.len() {
            let parts: Vec<&str> = (0..all.len())
                .filter(|part| *part != left_out)
                .map(|part| all[part])
                .collect();
            let flow = path(&parts.concat(), "pod:shop/web-0", OTHER);
            assert!(flow.verdict == Verdict::Blocked || !flow.next.is_empty() || flow.verdict == Verdict::Assumed);
            assert_ne!(flow.verdict, Verdict::Passes, "{left_out}");
        }
    }

    #[test]
    fn a_port_that_a_service_has_not_is_nobodys() {
        let text = [PODS, NODES, FRONT, POLICIES].concat();
        let flow = path(&text, "pod:shop/web-0", "ip:172.20.6.6:9999");
        assert_eq!((flow.verdict, reason(&flow)), (Verdict::Blocked, Some("wrong-port")));
        let named = path(&text, "pod:shop/web-0", "svc:shop/front:9999");
        assert_eq!(reason(&named), Some("wrong-port"));
        // An address that is no Service's may be anything.
        let other = path(&text, "pod:shop/web-0", "ip:172.20.6.7:9999");
        assert_eq!(reason(&other), None);
    }
}
