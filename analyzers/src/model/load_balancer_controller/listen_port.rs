//! On which ports an Ingress group's load balancer listens, and what each port's Ingresses agree on: protocol, certificates, who is let in.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde_json::Value as Json;

use super::annotation::{Annotations, member as json_member};
use super::{Group, Member, Refusal, Settings};
use crate::artifact::Node;
use crate::evidence::{Evidence, Fact};
use crate::model::decided::Decided;

/// What is known of a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenPort {
    /// `HTTP` or `HTTPS`
    pub protocol: Decided<String>,
    /// Who may connect.
    pub inbound_ipv4: Vec<Decided<String>>,
    /// The same for IPv6.
    pub inbound_ipv6: Vec<Decided<String>>,
    /// The same by prefix lists.
    pub prefix_lists: Vec<Decided<String>>,
    /// `ssl-policy`
    pub ssl_policy: Option<Decided<String>>,
    /// The certificates that are asked for.
    pub certificates: Vec<Decided<String>>,
    /// Whether an Ingress' certificates are looked for by its hosts.
    pub certificates_by_host: bool,
    /// `mutual-authentication`: the mode.
    pub mutual_authentication: Option<Decided<String>>,
}

/// By port.
pub type ListenPorts = BTreeMap<u16, ListenPort>;

/// What an Ingress asks for.
///
/// # Errors
/// It asks for something that the controller does not take.
pub fn asked_by(member: &Member<'_, '_>) -> Result<ListenPorts, Refusal> {
    let annotations = Annotations::of_ingress(member.ingress);
    let certificates = strings(member.parameter("certificateArn"))
        .or_else(|| annotations.list("certificate-arn").map(|list| spread(&list)))
        .unwrap_or_default();
    let ssl_policy = member
        .parameter("sslPolicy")
        .and_then(|node| node.fact())
        .or_else(|| annotations.text("ssl-policy"))
        .map(Decided::from);
    let prefix_lists = strings(member.parameter("prefixListsIDs"))
        .or_else(|| strings(member.parameter("PrefixListsIDs")))
        .or_else(|| {
            annotations
                .list("security-group-prefix-lists")
                .map(|list| spread(&list))
        })
        .unwrap_or_default();
    let (inbound_ipv4, inbound_ipv6) = inbound(member, &annotations)?;
    let modes = mutual_authentication(&annotations)?;
    let ports = ports(&annotations, !certificates.is_empty())?;
    let ports = ports.into_iter().map(|(port, protocol)| {
        let secure = protocol.value == "HTTPS";
        let config = ListenPort {
            protocol,
            inbound_ipv4: inbound_ipv4.clone(),
            inbound_ipv6: inbound_ipv6.clone(),
            prefix_lists: prefix_lists.clone(),
            ssl_policy: ssl_policy.clone().filter(|_| secure),
            certificates: if secure { certificates.clone() } else { Vec::new() },
            certificates_by_host: secure && certificates.is_empty(),
            mutual_authentication: modes.get(&port).filter(|_| secure).cloned(),
        };
        (port, config)
    });
    Ok(ports.collect())
}

/// The elements of a list, each with its evidence.
fn strings(node: Option<Node<'_>>) -> Option<Vec<Decided<String>>> {
    let all: Vec<Decided<String>> = node?
        .items()
        .iter()
        .filter_map(|item| item.fact().map(Decided::from))
        .collect();
    (!all.is_empty()).then_some(all)
}

/// The elements of an annotation, each with its evidence.
fn spread(list: &Fact<Vec<String>>) -> Vec<Decided<String>> {
    let one = |value: &String| Decided::read(value.clone(), list.evidence.clone());
    list.value.iter().map(one).collect()
}

type Blocks = Vec<Decided<String>>;

fn inbound(member: &Member<'_, '_>, annotations: &Annotations<'_, '_>) -> Result<(Blocks, Blocks), Refusal> {
    let all = strings(member.parameter("inboundCIDRs"))
        .or_else(|| annotations.list("inbound-cidrs").map(|list| spread(&list)))
        .unwrap_or_default();
    if let Some(wrong) = all.iter().find(|block| !is_block(&block.value)) {
        return Err(Refusal::new(
            format!(
                "invalid inbound-cidrs settings on Ingress: {}: invalid CIDR address: {}",
                member.ingress.path(),
                wrong.value
            ),
            wrong.by.evidence().cloned(),
        ));
    }
    let (six, four) = all.into_iter().partition(|block| block.value.contains(':'));
    Ok((four, six))
}

/// Whether that is a range of addresses.
fn is_block(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, length)| {
        let bits = match address.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => 32,
            Ok(IpAddr::V6(_)) => 128,
            Err(_) => return false,
        };
        length.parse::<u8>().is_ok_and(|length| length <= bits)
    })
}

/// `listen-ports`, a list of objects `{PROTOCOL: PORT}`; 443 where certificates are asked for, 80 otherwise.
fn ports(annotations: &Annotations<'_, '_>, secure: bool) -> Result<BTreeMap<u16, Decided<String>>, Refusal> {
    let Some(text) = annotations.text("listen-ports") else {
        let (port, protocol, why) = if secure {
            (
                443,
                "HTTPS",
                "the default of `listen-ports` with a certificate is HTTPS 443",
            )
        } else {
            (
                80,
                "HTTP",
                "the default of `listen-ports` without a certificate is HTTP 80",
            )
        };
        return Ok(BTreeMap::from([(port, Decided::default(protocol.to_owned(), why))]));
    };
    let refused = |message: String| Refusal::new(message, [text.evidence.clone()]);
    let unread = || refused(format!("failed to parse listen-ports configuration: `{}`", text.value));
    let entries: Json = serde_json::from_str(&text.value).map_err(|_| unread())?;
    let entries = entries.as_array().ok_or_else(unread)?;
    if entries.is_empty() {
        return Err(refused(format!("empty listen-ports configuration: `{}`", text.value)));
    }
    let mut all = BTreeMap::new();
    for entry in entries {
        for (protocol, port) in entry.as_object().ok_or_else(unread)? {
            let number = port.as_i64().ok_or_else(unread)?;
            let port = u16::try_from(number)
                .ok()
                .filter(|port| *port > 0)
                .ok_or_else(|| refused(format!("listen port must be within [1, 65535]: {number}")))?;
            if !matches!(protocol.as_str(), "HTTP" | "HTTPS") {
                return Err(refused(format!(
                    "listen protocol must be within [HTTP, HTTPS]: {protocol}"
                )));
            }
            all.insert(port, Decided::read(protocol.clone(), text.evidence.clone()));
        }
    }
    Ok(all)
}

/// `mutual-authentication`: the mode of each port.
fn mutual_authentication(annotations: &Annotations<'_, '_>) -> Result<BTreeMap<u16, Decided<String>>, Refusal> {
    let Some(fact) = annotations.json("mutual-authentication")? else {
        return Ok(BTreeMap::new());
    };
    let mut modes = BTreeMap::new();
    for entry in fact.value.as_array().into_iter().flatten() {
        let port = json_member(entry, "port").and_then(Json::as_u64).unwrap_or_default();
        let mode = json_member(entry, "mode").and_then(Json::as_str).unwrap_or_default();
        let refused = |message: String| Refusal::new(message, [fact.evidence.clone()]);
        let port = u16::try_from(port)
            .ok()
            .filter(|port| *port > 0)
            .ok_or_else(|| refused(format!("listen port must be within [1, 65535]: {port}")))?;
        if !matches!(mode, "off" | "passthrough" | "verify") {
            return Err(refused(format!(
                "mutualAuthentication mode value must be among [off, passthrough, verify] for port {port} : {mode}"
            )));
        }
        if mode == "verify" && json_member(entry, "trustStore").is_none() {
            return Err(refused(format!(
                "trustStore is required when mutualAuthentication mode is verify for port {port}"
            )));
        }
        modes.insert(port, Decided::read(mode.to_owned(), fact.evidence.clone()));
    }
    Ok(modes)
}

/// What the Ingresses of each port agree on, and which they are, by their places in the group.
///
/// # Errors
/// They do not agree, or one asks for something that the controller does not take.
pub fn of_group(
    group: &Group<'_, '_>,
    settings: &Settings,
) -> Result<(ListenPorts, BTreeMap<u16, Vec<usize>>), Refusal> {
    let mut by_port: BTreeMap<u16, Vec<(String, ListenPort)>> = BTreeMap::new();
    let mut members: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
    for (place, member) in group.members.iter().enumerate() {
        let path = member.ingress.path();
        let asked = asked_by(member).map_err(|refusal| refusal.within(&format!("ingress: {path}")))?;
        for (port, config) in asked {
            by_port.entry(port).or_default().push((path.clone(), config));
            members.entry(port).or_default().push(place);
        }
    }
    let mut ports = ListenPorts::new();
    for (port, configs) in by_port {
        let merged = merged(&configs, settings)
            .map_err(|refusal| refusal.within(&format!("failed to merge listenPort config for port: {port}")))?;
        if let Some(merged) = merged {
            ports.insert(port, merged);
        }
    }
    Ok((ports, members))
}

/// What the Ingresses of a port agree on; `None` where there are none.
///
/// # Errors
/// They do not agree.
pub fn merged(configs: &[(String, ListenPort)], settings: &Settings) -> Result<Option<ListenPort>, Refusal> {
    let Some((first_path, first)) = configs.first() else {
        return Ok(None);
    };
    let protocol = first.protocol.clone();
    let mut blocks: Option<(&str, &ListenPort)> = None;
    let mut lists: Option<(&str, &ListenPort)> = None;
    let mut ssl_policy: Option<(&str, &Decided<String>)> = None;
    let mut mutual_authentication: Option<(&str, &Decided<String>)> = None;
    for (path, config) in configs {
        if config.protocol.value != protocol.value {
            let known = Side::one(first_path, &protocol);
            return Err(conflicting("protocol", known, Side::one(path, &config.protocol)));
        }
        if !(config.inbound_ipv4.is_empty() && config.inbound_ipv6.is_empty()) {
            match blocks {
                Some((other, known))
                    if values(&known.inbound_ipv4) != values(&config.inbound_ipv4)
                        || values(&known.inbound_ipv6) != values(&config.inbound_ipv6) =>
                {
                    let lists = |path, config: &ListenPort| {
                        Side::lists(path, &[config.inbound_ipv4.as_slice(), config.inbound_ipv6.as_slice()])
                    };
                    return Err(conflicting("inbound-cidrs", lists(other, known), lists(path, config)));
                }
                Some(_) => {}
                None => blocks = Some((path, config)),
            }
        }
        if !config.prefix_lists.is_empty() {
            match lists {
                Some((other, known)) if values(&known.prefix_lists) != values(&config.prefix_lists) => {
                    let known = Side::lists(other, &[known.prefix_lists.as_slice()]);
                    let own = Side::lists(path, &[config.prefix_lists.as_slice()]);
                    return Err(conflicting("inbound-prefix-lists", known, own));
                }
                Some(_) => {}
                None => lists = Some((path, config)),
            }
        }
        agree("sslPolicy", &mut ssl_policy, path, config.ssl_policy.as_ref())?;
        agree(
            "mTLS Attributes",
            &mut mutual_authentication,
            path,
            config.mutual_authentication.as_ref(),
        )?;
    }
    let (mut inbound_ipv4, mut inbound_ipv6) = blocks
        .map(|(_, config)| (sorted(&config.inbound_ipv4), sorted(&config.inbound_ipv6)))
        .unwrap_or_default();
    let prefix_lists = lists
        .map(|(_, config)| sorted(&config.prefix_lists))
        .unwrap_or_default();
    if inbound_ipv4.is_empty() && inbound_ipv6.is_empty() && prefix_lists.is_empty() {
        let why = "without `inbound-cidrs` everybody may connect";
        inbound_ipv4.push(Decided::default("0.0.0.0/0".to_owned(), why));
        inbound_ipv6.push(Decided::default("::/0".to_owned(), why));
    }
    let mut ssl_policy = ssl_policy.map(|(_, policy)| policy.clone());
    if protocol.value == "HTTPS" && ssl_policy.is_none() {
        let default = settings.default_ssl_policy.clone();
        ssl_policy = Some(Decided::default(default, "the controller's --default-ssl-policy"));
    }
    Ok(Some(ListenPort {
        certificates: certificates(configs),
        certificates_by_host: configs.iter().any(|(_, config)| config.certificates_by_host),
        protocol,
        inbound_ipv4,
        inbound_ipv6,
        prefix_lists,
        ssl_policy,
        mutual_authentication: mutual_authentication.map(|(_, mode)| mode.clone()),
    }))
}

/// The first one asked for is the default one; the others are for those who name their hosts. There the default one may stand again, once.
fn certificates(configs: &[(String, ListenPort)]) -> Vec<Decided<String>> {
    let mut all = configs.iter().flat_map(|(_, config)| &config.certificates);
    let Some(default) = all.next() else {
        return Vec::new();
    };
    let mut seen = BTreeSet::new();
    let others = all.filter(|certificate| seen.insert(certificate.value.as_str()));
    std::iter::once(default).chain(others).cloned().collect()
}

fn agree<'c>(
    what: &str,
    known: &mut Option<(&'c str, &'c Decided<String>)>,
    path: &'c str,
    own: Option<&'c Decided<String>>,
) -> Result<(), Refusal> {
    let Some(own) = own else { return Ok(()) };
    match known {
        Some((other, known)) if known.value != own.value => {
            Err(conflicting(what, Side::one(other, known), Side::one(path, own)))
        }
        Some(_) => Ok(()),
        None => {
            *known = Some((path, own));
            Ok(())
        }
    }
}

fn values(of: &[Decided<String>]) -> BTreeSet<&str> {
    of.iter().map(|one| one.value.as_str()).collect()
}

fn sorted(of: &[Decided<String>]) -> Vec<Decided<String>> {
    let by_value: BTreeMap<&str, &Decided<String>> = of.iter().map(|one| (one.value.as_str(), one)).collect();
    by_value.into_values().cloned().collect()
}

/// What two Ingresses ask for, each with its name and where it stands.
struct Side<'s> {
    path: &'s str,
    words: String,
    evidence: Vec<Evidence>,
}

impl<'s> Side<'s> {
    fn one(path: &'s str, value: &Decided<String>) -> Self {
        Self {
            path,
            words: value.value.clone(),
            evidence: value.by.evidence().cloned().into_iter().collect(),
        }
    }

    fn lists(path: &'s str, lists: &[&[Decided<String>]]) -> Self {
        let words = |list: &&[Decided<String>]| {
            let sorted: Vec<&str> = values(list).into_iter().collect();
            format!("[{}]", sorted.join(" "))
        };
        let all: Vec<String> = lists.iter().map(words).collect();
        Self {
            path,
            words: all.join(", "),
            evidence: lists
                .iter()
                .flat_map(|list| list.iter())
                .filter_map(|value| value.by.evidence().cloned())
                .collect(),
        }
    }
}

fn conflicting(what: &str, known: Side<'_>, own: Side<'_>) -> Refusal {
    Refusal::new(
        format!(
            "conflicting {what}, {}: {} | {}: {}",
            known.path, known.words, own.path, own.words
        ),
        known.evidence.into_iter().chain(own.evidence),
    )
}

/// The port to which plain requests are sent away: `ssl-redirect` of a member, or of a class.
///
/// # Errors
/// Members disagree, nothing listens there, or not by HTTPS.
pub fn ssl_redirect(group: &Group<'_, '_>, ports: &ListenPorts) -> Result<Option<Decided<u16>>, Refusal> {
    let mut asked: BTreeMap<i64, Evidence> = BTreeMap::new();
    for member in &group.members {
        if let Some(port) = member.parameter("sslRedirectPort") {
            // A class whose port is no number turns the redirect off.
            let Some(number) = port.number() else {
                return Ok(None);
            };
            asked.entry(number).or_insert(port.evidence());
            continue;
        }
        let own = Annotations::of_ingress(member.ingress)
            .number("ssl-redirect")
            .map_err(|refusal| refusal.within(&format!("ingress: {}", member.ingress.path())))?;
        if let Some(own) = own {
            asked.entry(own.value).or_insert(own.evidence);
        }
    }
    let mut all = asked.iter();
    let Some((port, evidence)) = all.next() else {
        return Ok(None);
    };
    if all.next().is_some() {
        let words: Vec<String> = asked.keys().map(i64::to_string).collect();
        return Err(Refusal::new(
            format!("conflicting sslRedirect port: [{}]", words.join(" ")),
            asked.values().cloned(),
        ));
    }
    let number = u16::try_from(*port).ok();
    match number.and_then(|number| Some((number, ports.get(&number)?))) {
        None => Err(Refusal::new(
            format!("listener does not exist for SSLRedirect port: {port}"),
            [evidence.clone()],
        )),
        Some((_, config)) if config.protocol.value != "HTTPS" => Err(Refusal::new(
            format!("listener protocol non-SSL for SSLRedirect port: {port}"),
            [evidence.clone()],
        )),
        Some((number, _)) => Ok(Some(Decided::read(number, evidence.clone()))),
    }
}
