//! Network policies (`NetworkPolicyDescriber` in kubernetes/kubectl `pkg/describe/describe.go`).

use super::fields::{self, As, Field};
use super::layout::{self, Entry};
use crate::artifact::Placed;
use crate::text::Piece;

const FIELDS: &[Field] = &[];

/// Reads a policy.
pub fn read(root: &mut Placed, entries: &[Entry<'_, '_>]) {
    fields::map(root, entries.iter().copied(), FIELDS, |root, entry| {
        match entry.key().str() {
            "Created on" => created(&entry.value()).is_some_and(|time| {
                root.put_at(
                    &["metadata", "creationTimestamp"],
                    entry.piece(),
                    Placed::value(time, entry.value()),
                );
                true
            }),
            "Spec" => {
                spec(root, entry);
                true
            }
            _ => false,
        }
    });
}

fn spec(root: &mut Placed, spec: &Entry<'_, '_>) {
    let mut made = Placed::object(spec.piece());
    for entry in spec.entries() {
        let value = entry.value();
        match entry.key().str() {
            "PodSelector" => {
                // No selector means all pods of the namespace, and is said in words.
                let all = value.is_empty() || value.starts_with("<none> ");
                put_selector(
                    &mut made,
                    "podSelector",
                    &entry,
                    if all { value.part(0..0) } else { value },
                );
            }
            "Allowing ingress traffic" => made.put("ingress", rules(&entry, "from")),
            "Allowing egress traffic" => made.put("egress", rules(&entry, "to")),
            "Not affecting ingress traffic" | "Not affecting egress traffic" => {}
            "Policy Types" => {
                fields::put(&mut made, &["policyTypes"], As::Commas, &entry);
            }
            _ => fields::keep(&mut made, &entry),
        }
    }
    root.put("spec", made);
}

/// The rules of one direction, with a line of dashes between them; `peers` is the member that holds who is on the other side.
fn rules(entry: &Entry<'_, '_>, peers: &str) -> Placed {
    let mut rules = Placed::array(entry.piece());
    let mut open: Option<Placed> = None;
    for inner in entry.entries() {
        let line = inner.line.text;
        if line.starts_with("---") {
            rules_push(&mut rules, &mut open);
            continue;
        }
        // Nothing is allowed: the list is empty.
        if line.starts_with("<none>") {
            continue;
        }
        let rule = open.get_or_insert_with(|| Placed::object(line));
        rule.extend(inner.piece());
        let value = inner.value();
        let any = value.starts_with("<any>");
        match inner.key().str() {
            "To Port" | "To Port Range" | "From" | "To" if any => {}
            name @ ("To Port" | "To Port Range") => {
                if let Some(port) = port(value, name == "To Port Range") {
                    rule.push_at(&["ports"], inner.piece(), port);
                } else {
                    fields::keep(rule, &inner);
                }
            }
            "From" | "To" => rule.push_at(&[peers], inner.piece(), peer(&inner)),
            // Before 1.11.
            "From PodSelector" | "To PodSelector" => {
                let mut peer = Placed::object(inner.piece());
                put_selector(&mut peer, "podSelector", &inner, value);
                rule.push_at(&[peers], inner.piece(), peer);
            }
            "From NamespaceSelector" | "To NamespaceSelector" => {
                let mut peer = Placed::object(inner.piece());
                put_selector(&mut peer, "namespaceSelector", &inner, value);
                rule.push_at(&[peers], inner.piece(), peer);
            }
            _ => fields::keep(rule, &inner),
        }
    }
    rules_push(&mut rules, &mut open);
    rules
}

fn rules_push(rules: &mut Placed, open: &mut Option<Placed>) {
    if let Some(rule) = open.take() {
        rules.push(rule);
    }
}

/// `8080/TCP`, `dns/UDP`, `9000-9010/TCP`; a port that is not given is printed as `<nil>`.
fn port(value: Piece<'_>, range: bool) -> Option<Placed> {
    let (port, protocol) = value.rsplit_once("/")?;
    let mut made = Placed::object(value);
    if range {
        let (first, last) = port.split_once("-")?;
        made.put("port", Placed::number(first));
        made.put("endPort", Placed::number(last));
    } else if port.str() != "<nil>" {
        made.put_number("port", port);
    }
    made.put_text("protocol", protocol);
    Some(made)
}

fn peer(entry: &Entry<'_, '_>) -> Placed {
    let mut peer = Placed::object(entry.piece());
    for inner in entry.entries() {
        let value = inner.value();
        match inner.key().str() {
            "PodSelector" => put_selector(&mut peer, "podSelector", &inner, value),
            "NamespaceSelector" => put_selector(&mut peer, "namespaceSelector", &inner, value),
            "IPBlock" => {
                let mut block = Placed::object(inner.piece());
                for part in inner.entries() {
                    match part.key().str() {
                        "CIDR" => block.put_text("cidr", part.value()),
                        "Except" => {
                            fields::put(&mut block, &["except"], As::Commas, &part);
                        }
                        _ => fields::keep(&mut block, &part),
                    }
                }
                peer.put("ipBlock", block);
            }
            _ => fields::keep(&mut peer, &inner),
        }
    }
    peer
}

/// Puts a selector; one that cannot be read is kept as it was printed, for an empty one selects everything.
fn put_selector(made: &mut Placed, name: &str, entry: &Entry<'_, '_>, value: Piece<'_>) {
    match selector(value, entry.piece()) {
        Some(selector) => made.put(name, selector),
        None => fields::keep(made, entry),
    }
}

/// A label selector as `metav1.FormatLabelSelector` prints it: `app=cart,tier in (a,b),!legacy,env`.
pub fn selector(text: Piece<'_>, place: Piece<'_>) -> Option<Placed> {
    let mut made = Placed::object(if text.is_empty() { place } else { text });
    let mut depth = 0_usize;
    let terms = text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    for term in terms.map(Piece::trim).filter(|term| !term.is_empty()) {
        if let Some((name, operator, values)) = set(term) {
            let mut expression = Placed::object(term);
            expression.put("key", Placed::text(name));
            expression.put("operator", Placed::value(operator, term));
            let values = values
                .split(|c| c == ',')
                .map(Piece::trim)
                .filter(|value| !value.is_empty());
            for value in values {
                expression.push_at(&["values"], value, Placed::text(value));
            }
            made.push_at(&["matchExpressions"], term, expression);
        } else if let Some((name, value)) = term.split_once("=") {
            if !is_name(&name) || value.contains(' ') {
                return None;
            }
            made.put_at(&["matchLabels", name.str()], term, Placed::text(value));
        } else {
            let (name, operator) = match term.strip_prefix("!") {
                Some(name) => (name, "DoesNotExist"),
                None => (term, "Exists"),
            };
            if !is_name(&name) {
                return None;
            }
            let mut expression = Placed::object(term);
            expression.put("key", Placed::text(name));
            expression.put("operator", Placed::value(operator, term));
            made.push_at(&["matchExpressions"], term, expression);
        }
    }
    Some(made)
}

/// Name, operator and values of `tier in (a,b)`.
fn set(term: Piece<'_>) -> Option<(Piece<'_>, &'static str, Piece<'_>)> {
    let inside = term.strip_suffix(")")?;
    for (word, operator) in [(" notin (", "NotIn"), (" in (", "In")] {
        if let Some((name, values)) = inside.split_once(word) {
            return is_name(&name).then_some((name, operator, values));
        }
    }
    None
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'))
}

/// `2025-03-04 10:12:01 +0100 CET`, as Go prints a time by itself.
fn created(text: &str) -> Option<String> {
    let mut words = text.split_ascii_whitespace();
    let (date, clock, zone) = (words.next()?, words.next()?, words.next()?);
    let mut date = date.split('-');
    let (year, month, day) = (date.next()?, date.next()?.parse::<usize>().ok()?, date.next()?);
    let month = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    .get(month.checked_sub(1)?)?;
    layout::time(&format!("Day, {day} {month} {year} {clock} {zone}"))
}
