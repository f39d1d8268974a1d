//! How endpoints are written: the forms of `contract.md`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// One end of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// `pod:NS/NAME[:PORT]`
    Pod {
        /// Namespace.
        namespace: String,
        /// Name.
        name: String,
        /// Port.
        port: Option<u16>,
    },
    /// `svc:NS/NAME:PORT`
    Service {
        /// Namespace.
        namespace: String,
        /// Name.
        name: String,
        /// Port.
        port: u16,
    },
    /// `node:NAME[:PORT]`
    Node {
        /// Name.
        name: String,
        /// Port.
        port: Option<u16>,
    },
    /// `ip:ADDR[:PORT]`, IPv6 in brackets
    Ip {
        /// Address.
        address: IpAddr,
        /// Port.
        port: Option<u16>,
    },
    /// `instance:i-…[:PORT]`
    Instance {
        /// Instance id.
        id: String,
        /// Port.
        port: Option<u16>,
    },
    /// `eni:eni-…[:PORT]`
    Interface {
        /// Interface id.
        id: String,
        /// Port.
        port: Option<u16>,
    },
    /// `lb:NAME:PORT`
    LoadBalancer {
        /// Name, or DNS name.
        name: String,
        /// Listener port.
        port: u16,
    },
    /// `host:DNS.NAME[:PORT]`
    Host {
        /// DNS name.
        name: String,
        /// Port.
        port: Option<u16>,
    },
    /// `internet`
    Internet,
    /// `api[:CLUSTER]`: the API server's endpoint of an EKS cluster
    Api {
        /// The cluster's name; `None` for the only one that is known.
        cluster: Option<String>,
    },
}

impl Endpoint {
    /// The port, where one is told.
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Pod { port, .. }
            | Self::Node { port, .. }
            | Self::Ip { port, .. }
            | Self::Instance { port, .. }
            | Self::Interface { port, .. }
            | Self::Host { port, .. } => *port,
            Self::Service { port, .. } | Self::LoadBalancer { port, .. } => Some(*port),
            Self::Internet | Self::Api { .. } => None,
        }
    }

    /// As `contract.md` writes it, which is how it is read again.
    pub fn written(&self) -> String {
        let text = self.written_without_port();
        match (self, self.port()) {
            (Self::Ip { address, .. }, Some(port)) if address.is_ipv6() => format!("ip:[{address}]:{port}"),
            (_, Some(port)) => format!("{text}:{port}"),
            (_, None) => text,
        }
    }

    /// The same without its port.
    pub fn written_without_port(&self) -> String {
        match self {
            Self::Pod { namespace, name, .. } => format!("pod:{namespace}/{name}"),
            Self::Service { namespace, name, .. } => format!("svc:{namespace}/{name}"),
            Self::Node { name, .. } => format!("node:{name}"),
            Self::Ip { address, .. } => format!("ip:{address}"),
            Self::Instance { id, .. } => format!("instance:{id}"),
            Self::Interface { id, .. } => format!("eni:{id}"),
            Self::LoadBalancer { name, .. } => format!("lb:{name}"),
            Self::Host { name, .. } => format!("host:{name}"),
            Self::Internet => "internet".to_owned(),
            Self::Api { cluster: None } => "api".to_owned(),
            Self::Api { cluster: Some(name) } => format!("api:{name}"),
        }
    }
}

/// Why a written endpoint is not one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointError {
    /// What was written.
    pub text: String,
    /// What it should look like.
    pub wants: &'static str,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an endpoint; write {}", self.text, self.wants)
    }
}

impl std::error::Error for EndpointError {}

const FORMS: &str = "pod:NS/NAME[:PORT], svc:NS/NAME:PORT, node:NAME[:PORT], ip:ADDR[:PORT], instance:i-…[:PORT], \
                     eni:eni-…[:PORT], lb:NAME:PORT, host:NAME[:PORT], api[:CLUSTER] or internet";

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |wants| EndpointError {
            text: text.to_owned(),
            wants,
        };
        if text == "internet" {
            return Ok(Self::Internet);
        }
        if text == "api" {
            return Ok(Self::Api { cluster: None });
        }
        let (scheme, rest) = text.split_once(':').ok_or_else(|| error(FORMS))?;
        if rest.is_empty() {
            return Err(error(FORMS));
        }
        if scheme == "ip" {
            return ip(rest).ok_or_else(|| error("ip:10.0.0.1, ip:10.0.0.1:80 or ip:[2001:db8::1]:80"));
        }
        if scheme == "api" {
            return Ok(Self::Api {
                // It has one port, and somebody may write it.
                cluster: Some(rest.strip_suffix(":443").unwrap_or(rest).to_owned()),
            });
        }
        let (name, port) = match rest.rsplit_once(':') {
            Some((name, port)) => (name, Some(port.parse().map_err(|_| error("a port from 0 to 65535"))?)),
            None => (rest, None),
        };
        let namespaced = || {
            name.split_once('/')
                .filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty())
                .map(|(namespace, name)| (namespace.to_owned(), name.to_owned()))
                .ok_or_else(|| error("NS/NAME after the colon"))
        };
        Ok(match scheme {
            "pod" => {
                let (namespace, name) = namespaced()?;
                Self::Pod { namespace, name, port }
            }
            "svc" => {
                let (namespace, name) = namespaced()?;
                let port = port.ok_or_else(|| error("svc:NS/NAME:PORT, with the port"))?;
                Self::Service { namespace, name, port }
            }
            "node" => Self::Node {
                name: name.to_owned(),
                port,
            },
            "instance" => Self::Instance {
                id: name.to_owned(),
                port,
            },
            "eni" => Self::Interface {
                id: name.to_owned(),
                port,
            },
            "host" => Self::Host {
                name: name.to_owned(),
                port,
            },
            "lb" => Self::LoadBalancer {
                name: name.to_owned(),
                port: port.ok_or_else(|| error("lb:NAME:PORT, with the listener's port"))?,
            },
            _ => return Err(error(FORMS)),
        })
    }
}

fn ip(text: &str) -> Option<Endpoint> {
    if let Ok(address) = text.parse() {
        return Some(Endpoint::Ip { address, port: None });
    }
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some(Endpoint::Ip {
            address: socket.ip(),
            port: Some(socket.port()),
        });
    }
    let address = text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()?;
    Some(Endpoint::Ip { address, port: None })
}

impl fmt::Display for Endpoint {
    /// In words: `pod shop/cart-0`, `lb shop-api:443`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = |f: &mut fmt::Formatter<'_>, port: Option<u16>| match port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        };
        match self {
            Self::Pod { namespace, name, port } => write!(f, "pod {namespace}/{name}").and_then(|()| with(f, *port)),
            Self::Service { namespace, name, port } => write!(f, "svc {namespace}/{name}:{port}"),
            Self::Node { name, port } => write!(f, "node {name}").and_then(|()| with(f, *port)),
            Self::Ip { address, port } => crate::artifact::Endpoint {
                address: *address,
                port: *port,
            }
            .fmt(f),
            Self::Instance { id, port } | Self::Interface { id, port } => {
                write!(f, "{id}").and_then(|()| with(f, *port))
            }
            Self::LoadBalancer { name, port } => write!(f, "lb {name}:{port}"),
            Self::Host { name, port } => write!(f, "{name}").and_then(|()| with(f, *port)),
            Self::Internet => f.write_str("the Internet"),
            Self::Api { cluster: None } => f.write_str("the API server"),
            Self::Api { cluster: Some(name) } => write!(f, "the API server of {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn every_form_of_the_contract_is_read() {
        for (text, words) in [
            ("pod:shop/cart-0", "pod shop/cart-0"),
            ("pod:shop/cart-0:8080", "pod shop/cart-0:8080"),
            ("svc:shop/cart:80", "svc shop/cart:80"),
            (
                "node:ip-10-0-0-1.ec2.internal:10250",
                "node ip-10-0-0-1.ec2.internal:10250",
            ),
            ("ip:10.0.0.1", "10.0.0.1"),
            ("ip:[2001:db8::1]:80", "[2001:db8::1]:80"),
            ("instance:i-0abc", "i-0abc"),
            ("lb:shop-api:443", "lb shop-api:443"),
            ("host:example.com:443", "example.com:443"),
            ("internet", "the Internet"),
            ("api", "the API server"),
            ("api:shop-prod", "the API server of shop-prod"),
        ] {
            let endpoint: Endpoint = text.parse().expect(text);
            assert_eq!(endpoint.to_string(), words);
            assert_eq!(endpoint.written(), text);
        }
    }

    #[test]
    fn a_wrong_form_says_what_is_right() {
        for text in [
            "",
            "pod",
            "pod:",
            "pod:cart",
            "svc:shop/cart",
            "lb:x",
            "ip:10.0.0",
            "node:a:99999",
            "x:y",
        ] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }
}
