//! The ends of a packet: `10.0.0.1.80`, `2001:db8::1.443`, `10.0.0.1.https`, `ip-10-0-0-1.ec2.internal.53`.

use std::net::{IpAddr, Ipv4Addr};

use crate::artifact::{Endpoint, Party};

/// `source > destination: payload`, as texts. `None` where a text does not begin so.
pub fn cut(text: &str) -> Option<(&str, &str, &str)> {
    let bytes = text.as_bytes();
    let source = bytes.iter().position(|byte| *byte == b' ')?;
    let rest = text.get(source..)?.strip_prefix(" > ")?;
    let end = rest.bytes().position(|byte| byte == b' ').unwrap_or(rest.len());
    let destination = rest.get(..end)?.strip_suffix(':')?;
    if source == 0 || destination.is_empty() {
        return None;
    }
    Some((text.get(..source)?, destination, rest.get(end + 1..).unwrap_or("")))
}

/// An end that can be read without asking anybody.
pub fn endpoint(text: &str) -> Option<Endpoint> {
    if let Some(endpoint) = v4(text) {
        return Some(endpoint);
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(Endpoint { address, port: None });
    }
    if let Some((host, port)) = text.rsplit_once('.')
        && let Some(port) = port_of(port)
        && let Some(address) = host.split('%').next().and_then(address)
    {
        return Some(Endpoint {
            address,
            port: Some(port),
        });
    }
    address(text).map(|address| Endpoint { address, port: None })
}

fn address(host: &str) -> Option<IpAddr> {
    host.parse().ok().or_else(|| of_ec2(host).map(IpAddr::V4))
}

/// Four numbers with a fifth for the port, or without.
fn v4(text: &str) -> Option<Endpoint> {
    let mut octets = [0_u8; 4];
    let (mut index, mut value, mut digits) = (0_usize, 0_u32, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' if digits < 5 => {
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
            }
            b'.' if digits > 0 => {
                *octets.get_mut(index)? = u8::try_from(value).ok()?;
                (index, value, digits) = (index + 1, 0, 0);
            }
            _ => return None,
        }
    }
    if digits == 0 {
        return None;
    }
    let port = match index {
        3 => {
            *octets.last_mut()? = u8::try_from(value).ok()?;
            None
        }
        4 => Some(u16::try_from(value).ok()?),
        _ => return None,
    };
    Some(Endpoint {
        address: Ipv4Addr::from(octets).into(),
        port,
    })
}

/// The address that EC2's names of hosts are made of: `ip-10-0-0-1.ec2.internal`, `ip-10-0-0-1.eu-west-1.compute.internal`
/// (Amazon EC2 User Guide, "EC2 instance hostnames and domains", IP name).
fn of_ec2(name: &str) -> Option<Ipv4Addr> {
    let (host, domain) = name.split_once('.')?;
    if domain != "ec2.internal" && !domain.ends_with(".compute.internal") {
        return None;
    }
    let mut octets = [0_u8; 4];
    let mut parts = host.strip_prefix("ip-")?.split('-');
    for octet in &mut octets {
        *octet = parts.next()?.parse().ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

/// An end whose host is a name.
pub fn party(text: &str) -> Party {
    if let Some((host, port)) = text.rsplit_once('.')
        && let Some(port) = port_of(port)
    {
        return Party {
            host: host.into(),
            port: Some(port),
        };
    }
    Party {
        host: text.into(),
        port: None,
    }
}

/// A port as a number or as a service.
pub fn port_of(text: &str) -> Option<u16> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return text.parse().ok();
    }
    service(text)
}

/// The ports whose names tcpdump prints without `-nn` in captures around a cluster: `/etc/services` of Amazon Linux, Debian and
/// Alpine, where they agree with IANA's registry of service names.
fn service(name: &str) -> Option<u16> {
    Some(match name {
        "ftp-data" => 20,
        "ftp" => 21,
        "ssh" => 22,
        "telnet" => 23,
        "smtp" => 25,
        "domain" => 53,
        "bootps" => 67,
        "bootpc" => 68,
        "tftp" => 69,
        "http" => 80,
        "kerberos" | "kerberos-sec" => 88,
        "pop3" => 110,
        "sunrpc" => 111,
        "ntp" => 123,
        "netbios-ns" => 137,
        "netbios-dgm" => 138,
        "netbios-ssn" => 139,
        "imap2" | "imap" => 143,
        "snmp" => 161,
        "snmp-trap" | "snmptrap" => 162,
        "bgp" => 179,
        "ldap" => 389,
        "https" => 443,
        "microsoft-ds" => 445,
        "isakmp" => 500,
        "syslog" => 514,
        "dhcpv6-client" => 546,
        "dhcpv6-server" => 547,
        "submission" => 587,
        "ldaps" => 636,
        "domain-s" => 853,
        "rsync" => 873,
        "imaps" => 993,
        "pop3s" => 995,
        "ms-sql-s" => 1433,
        "radius" => 1812,
        "nfs" => 2049,
        "etcd-client" => 2379,
        "etcd-server" => 2380,
        "mysql" => 3306,
        "ms-wbt-server" => 3389,
        "ipsec-nat-t" => 4500,
        "vxlan" => 4789,
        "mdns" => 5353,
        "hostmon" => 5355,
        "postgresql" | "postgres" => 5432,
        "amqp" => 5672,
        "amqps" => 5671,
        "geneve" => 6081,
        "redis" => 6379,
        "http-alt" | "webcache" => 8080,
        "pcsync-https" => 8443,
        "git" => 9418,
        "memcache" | "memcached" => 11211,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_read() {
        for (text, expected) in [
            ("10.0.0.1.80", "10.0.0.1:80"),
            ("10.0.0.1", "10.0.0.1"),
            ("10.0.0.1.https", "10.0.0.1:443"),
            ("2001:db8::1.443", "[2001:db8::1]:443"),
            ("fe80::1", "fe80::1"),
            ("::ffff:10.0.0.1.53", "[::ffff:10.0.0.1]:53"),
            ("ip-10-0-3-17.ec2.internal.53412", "10.0.3.17:53412"),
            ("ip-10-0-3-17.eu-west-1.compute.internal", "10.0.3.17"),
            ("ip-10-0-3-17.eu-west-1.compute.internal.https", "10.0.3.17:443"),
        ] {
            assert_eq!(
                endpoint(text).map(|end| end.to_string()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        for text in [
            "10.0.0.256",
            "10.0.0",
            "10.0.0.1.99999",
            "kube-dns.domain",
            "ip-10-0-3-17.example.com",
            "",
            ".",
        ] {
            assert_eq!(endpoint(text), None, "{text}");
        }
        assert_eq!(
            (&*party("kube-dns.domain").host, party("kube-dns.domain").port),
            ("kube-dns", Some(53))
        );
    }

    #[test]
    fn lines_are_cut_at_the_addresses() {
        assert_eq!(cut("a.1 > b.2: UDP, length 3"), Some(("a.1", "b.2", "UDP, length 3")));
        assert_eq!(cut("a > b:"), Some(("a", "b", "")));
        assert_eq!(cut("1.1 > 2.1 at-lap#4 27"), None);
        assert_eq!(cut(" > b: x"), None);
    }
}
