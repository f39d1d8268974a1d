//! The ends that a paste knows: who can be asked about by name, and what somebody who types one means.

use std::net::IpAddr;

use super::{Endpoint, Protocol, Query};
use crate::artifact::Node as Value;
use crate::flow::packet_path::endpoint::EndpointError;
use crate::model::aws::elbv2::listener::path_of;
use crate::model::service::Service;
use crate::model::{Entity, Model, Node, Pod};

/// No more of one kind are listed; the others can be typed.
const LISTED: usize = 4000;

/// Somebody or something that a way can begin or end at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// As `contract.md` writes it, without a port.
    pub text: String,
    /// What it is, in a word or two.
    pub kind: &'static str,
    /// Its name as a reader knows it.
    pub name: String,
    /// An address, a node: what tells it from others.
    pub detail: String,
    /// The ports that it is known to serve.
    pub ports: Vec<(u16, Protocol)>,
}

impl End {
    fn new(text: String, kind: &'static str, name: impl Into<String>) -> Self {
        Self {
            text,
            kind,
            name: name.into(),
            detail: String::new(),
            ports: Vec::new(),
        }
    }
}

/// All of them: what people ask about most comes first.
pub fn all(model: &Model<'_>) -> Vec<End> {
    let mut ends = vec![End::new("internet".to_owned(), "Internet", "the Internet")];
    ends.extend(model.all("Pod").filter(|pod| Pod(pod).is_alive()).take(LISTED).map(pod));
    ends.extend(model.all("Service").take(LISTED).map(service));
    ends.extend(model.all("Node").take(LISTED).map(node));
    ends.extend(balancers(model));
    ends.extend(api_servers(model));
    ends.extend(hosts(model));
    ends.extend(clusters(model));
    ends.extend(instances(model));
    ends.extend(interfaces(model));
    ends
}

fn pod(entity: &Entity<'_>) -> End {
    let path = entity.path();
    let mut end = End::new(format!("pod:{path}"), "pod", path);
    let ip = Pod(entity).ip().map(|ip| ip.value.to_string());
    let node = Pod(entity).node_name().map(|node| format!("on {}", node.value));
    end.detail = ip.into_iter().chain(node).collect::<Vec<_>>().join(" ");
    let containers = entity.at(&["spec", "containers"]);
    for port in containers
        .map(|containers| containers.items())
        .unwrap_or_default()
        .iter()
        .flat_map(|container| container.list("ports"))
    {
        let number = port.get("containerPort").and_then(|port| port.number());
        add_port(&mut end, number, port.str_of("protocol"));
    }
    end
}

fn service(entity: &Entity<'_>) -> End {
    let path = entity.path();
    let mut end = End::new(format!("svc:{path}"), "Service", path);
    let service = Service(entity);
    let address = service
        .cluster_addresses()
        .first()
        .map(|address| address.value.to_string());
    end.detail = std::iter::once(service.kind().to_owned())
        .chain(address)
        .collect::<Vec<_>>()
        .join(" ");
    for port in service.ports() {
        add_port(&mut end, Some(port.port.into()), Some(port.protocol));
    }
    end
}

fn node(entity: &Entity<'_>) -> End {
    let mut end = End::new(format!("node:{}", entity.name), "node", entity.name);
    end.detail = Node(entity)
        .internal_ip()
        .map(|ip| ip.value.to_string())
        .unwrap_or_default();
    end
}

fn add_port(end: &mut End, number: Option<i64>, protocol: Option<&str>) {
    let protocol = match protocol {
        Some("UDP") => Protocol::Udp,
        Some("SCTP") => Protocol::Sctp,
        _ => Protocol::Tcp,
    };
    if let Some(port) = number.and_then(|number| u16::try_from(number).ok())
        && !end.ports.contains(&(port, protocol))
    {
        end.ports.push((port, protocol));
    }
}

/// The endpoints of the clusters that were described.
fn api_servers(model: &Model<'_>) -> Vec<End> {
    let one = |cluster: crate::model::aws::eks::Cluster<'_>| {
        let name = cluster.name()?;
        let mut end = End::new(format!("api:{name}"), "API server", format!("the API server of {name}"));
        end.detail = cluster.host().map(|host| host.value).unwrap_or_default();
        Some(end)
    };
    model.clusters().into_iter().filter_map(one).take(LISTED).collect()
}

fn balancers(model: &Model<'_>) -> Vec<End> {
    model
        .load_balancers()
        .iter()
        .take(LISTED)
        .map(|lb| {
            let kind = if lb.is_network() {
                "Network Load Balancer"
            } else {
                "load balancer"
            };
            let mut end = End::new(format!("lb:{}", lb.name()), kind, lb.name());
            end.detail = lb.scheme().map(|scheme| scheme.value).unwrap_or_default();
            let listeners = path_of(lb.arn()).map(|path| model.listeners_of(&path).all);
            for listener in listeners.unwrap_or_default() {
                let datagrams = matches!(listener.protocol, "UDP" | "QUIC");
                add_port(&mut end, Some(listener.port.into()), datagrams.then_some("UDP"));
            }
            end
        })
        .collect()
}

/// The API servers' endpoints.
fn clusters(model: &Model<'_>) -> Vec<End> {
    let described = model
        .aws_roots()
        .into_iter()
        .filter_map(|(_, root)| root.get("cluster"));
    let mut ends: Vec<End> = Vec::new();
    for cluster in described {
        let Some(name) = cluster.str_of("name") else { continue };
        let mut end = End::new(format!("api:{name}"), "API server", name);
        cluster
            .str_of("endpoint")
            .unwrap_or_default()
            .clone_into(&mut end.detail);
        end.ports = vec![(443, Protocol::Tcp)];
        if !ends.contains(&end) {
            ends.push(end);
        }
    }
    ends
}

/// The hosts of Ingresses and of routes of the Gateway API.
fn hosts(model: &Model<'_>) -> Vec<End> {
    let mut ends: Vec<End> = Vec::new();
    let mut add = |host: &str, kind: &'static str, detail: String, port: u16| {
        // `*.example.com` is no host, but many.
        if !host.is_empty() && !host.contains('*') && !ends.iter().any(|end| end.name == host) && ends.len() < LISTED {
            let mut end = End::new(format!("host:{host}"), kind, host);
            end.detail = detail;
            end.ports = vec![(port, Protocol::Tcp)];
            ends.push(end);
        }
    };
    for ingress in model.all("Ingress") {
        let rules = ingress
            .at(&["spec", "rules"])
            .map(|rules| rules.items())
            .unwrap_or_default();
        // Who serves certificates is asked at their port (`spec.tls`; `certificate-arn` of the AWS Load Balancer Controller).
        let secure = ingress.at(&["spec", "tls"]).is_some()
            || ingress
                .at(&["metadata", "annotations", "alb.ingress.kubernetes.io/certificate-arn"])
                .is_some();
        for host in rules.iter().filter_map(|rule| rule.str_of("host")) {
            add(host, "Ingress host", ingress.path(), if secure { 443 } else { 80 });
        }
    }
    for kind in ["HTTPRoute", "GRPCRoute", "TLSRoute"] {
        for route in model.all(kind) {
            let names = route
                .at(&["spec", "hostnames"])
                .map(|names| names.items())
                .unwrap_or_default();
            for host in names.iter().filter_map(Value::str) {
                add(host, "Gateway host", route.path(), 443);
            }
        }
    }
    ends
}

fn instances(model: &Model<'_>) -> Vec<End> {
    model
        .instances()
        .iter()
        .filter_map(|instance| {
            let id = instance.str_of("InstanceId")?;
            let tags = instance.list("Tags");
            let name = tags
                .iter()
                .find(|tag| tag.str_of("Key") == Some("Name"))
                .and_then(|tag| tag.str_of("Value"));
            let mut end = End::new(format!("instance:{id}"), "instance", id);
            let address = instance.str_of("PrivateIpAddress");
            end.detail = name.into_iter().chain(address).collect::<Vec<_>>().join(" ");
            Some(end)
        })
        .take(LISTED)
        .collect()
}

/// Those that are of no instance: a load balancer's, an endpoint's, one that nobody has.
fn interfaces(model: &Model<'_>) -> Vec<End> {
    let mut ends: Vec<End> = Vec::new();
    for (_, node) in model.aws_list("NetworkInterfaces") {
        let Some(id) = node.str_of("NetworkInterfaceId") else {
            continue;
        };
        let attached = node.at(&["Attachment", "InstanceId"]).is_some();
        if attached || ends.len() >= LISTED {
            continue;
        }
        let mut end = End::new(format!("eni:{id}"), "interface", id);
        let words = [node.str_of("PrivateIpAddress"), node.str_of("Description")];
        end.detail = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        ends.push(end);
    }
    ends
}

/// What somebody means who types two ends, and perhaps the port of the second: the forms of `contract.md`, or an address, an id or a name of
/// the DNS alone.
///
/// # Errors
/// What it should look like.
pub fn understood(from: &str, to: &str, port: Option<u16>, protocol: Protocol) -> Result<Query, EndpointError> {
    Ok(Query {
        from: end(from.trim(), None)?,
        to: end(to.trim(), port)?,
        protocol,
        at: None,
    })
}

fn end(text: &str, port: Option<u16>) -> Result<Endpoint, EndpointError> {
    let text = formed(text);
    let own = text.parse::<Endpoint>();
    let Some(port) = port else { return own };
    // Some have the one port that they have.
    let has = |own: &Endpoint| own.port().is_some() || matches!(own, Endpoint::Internet | Endpoint::Api { .. });
    if own.as_ref().is_ok_and(has) {
        return own;
    }
    let with = match text.strip_prefix("ip:") {
        Some(address) if address.contains(':') && !address.starts_with('[') => format!("ip:[{address}]:{port}"),
        _ => format!("{text}:{port}"),
    };
    with.parse()
}

/// With the word that says what it is, where that can be told.
fn formed(text: &str) -> String {
    let id = |prefix: &str| text.starts_with(prefix) && !text.contains(['.', '/']);
    if text.parse::<IpAddr>().is_ok() || text.parse::<std::net::SocketAddr>().is_ok() {
        format!("ip:{text}")
    } else if id("i-") {
        format!("instance:{text}")
    } else if id("eni-") {
        format!("eni:{text}")
    } else if text.eq_ignore_ascii_case("internet") {
        "internet".to_owned()
    } else if text.contains('.')
        && !["pod:", "svc:", "node:", "ip:", "lb:", "host:", "api:"]
            .iter()
            .any(|form| text.starts_with(form))
    {
        format!("host:{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{all, understood};
    use crate::analysis::{Input, read};
    use crate::flow::packet_path::Protocol;

    #[test]
    fn what_is_typed_is_understood() {
        for (text, port, wanted) in [
            ("10.0.1.7", Some(80), "ip:10.0.1.7:80"),
            ("10.0.1.7:8080", Some(80), "ip:10.0.1.7:8080"),
            ("2001:db8::7", Some(80), "ip:[2001:db8::7]:80"),
            ("2001:db8::7", None, "ip:2001:db8::7"),
            ("ip:2001:db8::7", Some(80), "ip:[2001:db8::7]:80"),
            (" svc:shop/cart ", Some(80), "svc:shop/cart:80"),
            ("svc:shop/cart:8080", Some(80), "svc:shop/cart:8080"),
            ("pod:shop/cart-0", None, "pod:shop/cart-0"),
            ("i-0123456789abcdef0", Some(22), "instance:i-0123456789abcdef0:22"),
            ("eni-0123456789abcdef0", None, "eni:eni-0123456789abcdef0"),
            ("shop.example.com", Some(443), "host:shop.example.com:443"),
            (
                "node:ip-10-0-1-7.ec2.internal",
                Some(10250),
                "node:ip-10-0-1-7.ec2.internal:10250",
            ),
            ("Internet", Some(443), "internet"),
            ("api:shop-1.29", Some(443), "api:shop-1.29"),
            ("api", None, "api"),
        ] {
            let query = understood("internet", text, port, Protocol::Tcp).expect(text);
            assert_eq!(query.to.written(), wanted, "{text}");
        }
        for text in ["", "cart", "svc:shop/cart", "pod:cart"] {
            assert!(understood("internet", text, None, Protocol::Tcp).is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_paste_names_can_be_chosen() {
        let text = "$ kubectl get pods -n shop -o wide\n\
            NAME     READY   STATUS    RESTARTS   AGE   IP          NODE                        NOMINATED NODE   READINESS GATES\n\
            cart-0   1/1     Running   0          3d    10.0.1.77   ip-10-0-1-7.ec2.internal    <none>           <none>\n\
            $ kubectl get svc -n shop\n\
            NAME   TYPE        CLUSTER-IP     EXTERNAL-IP   PORT(S)            AGE\n\
            cart   ClusterIP   172.20.9.14    <none>        80/TCP,53/UDP      3d\n";
        let input = Input {
            name: "paste 1".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let analysis = read(vec![input], &mut |_| {});
        let ends = all(&analysis.model());
        let find = |text: &str| ends.iter().find(|end| end.text == text).expect(text);
        assert_eq!(find("pod:shop/cart-0").detail, "10.0.1.77 on ip-10-0-1-7.ec2.internal");
        let service = find("svc:shop/cart");
        assert_eq!(service.detail, "ClusterIP 172.20.9.14");
        assert_eq!(service.ports, [(80, Protocol::Tcp), (53, Protocol::Udp)]);
        assert_eq!(find("internet").name, "the Internet");
    }
}
