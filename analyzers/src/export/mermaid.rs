//! Mermaid source, for documents that render it: packet paths as flow charts with a subgraph for each zone, DNS and auth
//! as sequence diagrams.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::tables;
use crate::diagram::measure;
use crate::flow::packet_path::fold;
use crate::flow::policy::table::{Table, ports};
use crate::flow::{Actor, Flow, FlowKind, Outcome, Step, Verdict};
use crate::redact;

/// Longer texts are shortened: Mermaid refuses sources above 50 000 characters (`maxTextSize`).
const TEXT: usize = 120;
/// No more than this many steps are written.
const STEPS: usize = 120;

/// The flow as a Mermaid diagram.
pub fn write(flow: &Flow) -> String {
    let flow = redact::flow(flow);
    match flow.kind {
        FlowKind::PacketPath => flowchart(&flow),
        FlowKind::Dns | FlowKind::Auth => sequence(&flow),
        FlowKind::Policies => allowed(&flow),
        FlowKind::Addresses => held(&flow),
    }
}

/// Text inside a label. Mermaid reads `#name;` and `#code;` as characters, and splits lines at semicolons.
fn escape(text: &str) -> String {
    let clean = measure::clean(text);
    let mut out = String::new();
    for (n, c) in clean.trim().chars().enumerate() {
        if n >= TEXT {
            out.push('…');
            break;
        }
        match c {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            ';' => out.push_str("#59;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            '`' => out.push_str("#96;"),
            '\\' => out.push_str("#92;"),
            '%' => out.push_str("#37;"),
            '{' => out.push_str("#123;"),
            '}' => out.push_str("#125;"),
            c => out.push(c),
        }
    }
    out
}

/// The zones as they nest, with the actors in them.
#[derive(Default)]
struct Zone {
    name: String,
    actors: Vec<usize>,
    zones: Vec<Zone>,
}

impl Zone {
    fn put(&mut self, actor: usize, path: &[String]) {
        let Some((first, rest)) = path.split_first().filter(|_| path.len() <= 6) else {
            self.actors.push(actor);
            return;
        };
        let at = self
            .zones
            .iter()
            .position(|zone| zone.name == *first)
            .unwrap_or_else(|| {
                self.zones.push(Self {
                    name: first.clone(),
                    ..Self::default()
                });
                self.zones.len() - 1
            });
        if let Some(zone) = self.zones.get_mut(at) {
            zone.put(actor, rest);
        }
    }

    fn write(&self, actors: &[Actor], indent: usize, count: &mut usize, out: &mut String) {
        let pad = "  ".repeat(indent);
        for &at in &self.actors {
            if let Some(actor) = actors.get(at) {
                let mut label = escape(&actor.name);
                for detail in actor.details.iter().take(2) {
                    let _ = write!(label, "<br/>{}", escape(detail));
                }
                let _ = writeln!(out, "{pad}n{at}[\"{label}\"]");
            }
        }
        for zone in &self.zones {
            let _ = writeln!(out, "{pad}subgraph z{count}[\"{}\"]", escape(&zone.name));
            *count += 1;
            zone.write(actors, indent + 1, count, out);
            let _ = writeln!(out, "{pad}end");
        }
    }
}

#[derive(Default)]
struct Actors {
    all: Vec<Actor>,
    ids: BTreeMap<String, usize>,
}

impl Actors {
    fn index(&mut self, actor: &Actor) -> usize {
        *self.ids.entry(actor.id.clone()).or_insert_with(|| {
            self.all.push(actor.clone());
            self.all.len() - 1
        })
    }
}

struct Edge {
    from: usize,
    to: usize,
    label: String,
    blocked: bool,
    other: bool,
    back: bool,
}

fn flowchart(flow: &Flow) -> String {
    let folded = fold::fold(flow);
    let (flow, ways) = match &folded {
        Some(folded) => (&folded.flow, folded.ways.as_slice()),
        None => (flow, &[][..]),
    };
    let mut actors = Actors::default();
    let mut edges: Vec<Edge> = Vec::new();
    let mut stops: Vec<usize> = Vec::new();
    let mut number = 0;
    for (nth, outcome) in flow.outcomes.iter().enumerate() {
        let several = ways.get(nth).and_then(fold::Way::words);
        let mut share = match several {
            Some(words) => Some(format!("{}: ", words.replace(" %", " percent"))),
            None => (nth > 0).then(|| format!("{:.0} percent: ", outcome.share * 100.0)),
        };
        let there = outcome.steps.len();
        let way: Vec<&Step> = all_steps(outcome).take(STEPS).collect();
        for (at, step) in way.iter().enumerate() {
            number += 1;
            let from = actors.index(&step.actor);
            let next = way.get(at + 1).filter(|_| at + 1 != there).map(|next| &next.actor);
            let target = step.to.as_ref().or(next).unwrap_or(&step.actor);
            let to = actors.index(target);
            let blocked = step.verdict == Verdict::Blocked;
            let known = nth > 0
                && !blocked
                && edges
                    .iter()
                    .any(|edge| edge.from == from && edge.to == to && !edge.back);
            if known {
                continue;
            }
            if blocked && !stops.contains(&to) {
                stops.push(to);
            }
            let head = if nth == 0 {
                // Said where the ways part.
                let parts = fold::is_several(&target.id);
                let words = share.take_if(|_| parts).unwrap_or_default();
                format!("{number}. {words}")
            } else {
                share.take().unwrap_or_default()
            };
            let mut label = format!("{head}{}", escape(&step.action));
            for change in changes(step) {
                let _ = write!(label, "<br/>{}", escape(&change));
            }
            if step.verdict != Verdict::Passes {
                let _ = write!(label, "<br/>{}", step.verdict.word());
            }
            edges.push(Edge {
                from,
                to,
                label,
                blocked,
                other: nth > 0,
                back: at >= there,
            });
        }
    }
    let mut root = Zone::default();
    for (at, actor) in actors.all.iter().enumerate() {
        root.put(at, &actor.zones);
    }
    let mut out = String::from("flowchart LR\n");
    root.write(&actors.all, 1, &mut 0, &mut out);
    for edge in &edges {
        let line = if edge.other || edge.back { "-.->" } else { "-->" };
        let _ = writeln!(out, "  n{} {line}|\"{}\"| n{}", edge.from, edge.label, edge.to);
    }
    for stop in stops {
        let _ = writeln!(out, "  style n{stop} stroke:#b3261e,stroke-width:2px");
    }
    for (at, edge) in edges.iter().enumerate() {
        if edge.blocked {
            let _ = writeln!(out, "  linkStyle {at} stroke:#b3261e,stroke-width:2px");
        }
    }
    out
}

/// No more edges than this: Mermaid draws 500 (`maxEdges`), and nobody follows so many.
const EDGES: usize = 100;

/// What policies allow, as edges; what they close, and what nobody speaks of, has none.
fn allowed(flow: &Flow) -> String {
    let cells = Table::new(flow).cells;
    let steps: Vec<&Step> = cells
        .iter()
        .map(|cell| cell.step)
        .filter(|step| !matches!(step.verdict, Verdict::Assumed | Verdict::Blocked))
        .collect();
    let mut actors = Actors::default();
    let mut edges = String::new();
    for step in steps.iter().take(EDGES) {
        let Some(to) = &step.to else { continue };
        let (from, to) = (actors.index(&placed(&step.actor)), actors.index(&placed(to)));
        let line = if step.verdict == Verdict::Unknown {
            "-.->"
        } else {
            "-->"
        };
        let label = if step.verdict == Verdict::Unknown {
            "?"
        } else {
            ports(step)
        };
        let _ = writeln!(edges, "  n{from} {line}|\"{}\"| n{to}", escape(label));
    }
    let mut root = Zone::default();
    for (at, actor) in actors.all.iter().enumerate() {
        root.put(at, &actor.zones);
    }
    let mut out = String::from("flowchart LR\n");
    root.write(&actors.all, 1, &mut 0, &mut out);
    out.push_str(&edges);
    let more = steps.len().saturating_sub(EDGES);
    if more > 0 {
        let _ = writeln!(out, "  more[\"{more} more allowed pairs are not drawn\"]");
    }
    if steps.is_empty() {
        out.push_str("  none[\"No policy allows anything\"]\n");
    }
    out
}

/// The interfaces in their nodes, with how many of their addresses have a pod.
fn held(flow: &Flow) -> String {
    let mut actors = Actors::default();
    for interface in tables::interfaces(flow).into_iter().take(STEPS) {
        let mut actor = interface.actor.clone();
        actor.details = vec![interface.words()];
        actors.index(&actor);
    }
    let mut root = Zone::default();
    for (at, actor) in actors.all.iter().enumerate() {
        root.put(at, &actor.zones);
    }
    let mut out = String::from("flowchart LR\n");
    root.write(&actors.all, 1, &mut 0, &mut out);
    if actors.all.is_empty() {
        out.push_str("  none[\"No interface was pasted\"]\n");
    }
    out
}

/// Who talks and who is talked to is the same node where it is the same workload.
fn placed(actor: &Actor) -> Actor {
    Actor {
        id: format!("{}/{}", actor.zones.join("/"), actor.name),
        details: Vec::new(),
        ..actor.clone()
    }
}

fn all_steps(outcome: &Outcome) -> impl Iterator<Item = &Step> {
    outcome
        .steps
        .iter()
        .chain(outcome.back.iter().flat_map(|back| &back.steps))
}

/// What a step changed: `dst 10.0.0.1:80 → 10.0.0.2:8080`.
fn changes(step: &Step) -> Vec<String> {
    let value = |values: &[(&'static str, String)], key: &str| {
        values
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.clone())
    };
    ["src", "dst"]
        .iter()
        .filter_map(|key| {
            let (before, after) = (value(&step.before, key)?, value(&step.after, key)?);
            (before != after).then(|| format!("{key} {before} → {after}"))
        })
        .collect()
}

fn sequence(flow: &Flow) -> String {
    let mut actors = Actors::default();
    let mut body = String::new();
    let steps: Vec<&Step> = flow.outcomes.iter().flat_map(all_steps).collect();
    let mut stopped = false;
    for step in steps.iter().take(STEPS) {
        let from = actors.index(&step.actor);
        let blocked = step.verdict == Verdict::Blocked;
        let reached = if stopped { " (not reached)" } else { "" };
        if let Some(target) = step.to.as_ref().filter(|to| to.id != step.actor.id) {
            let to = actors.index(target);
            let arrow = if blocked && flow.kind == FlowKind::Auth {
                "-x"
            } else {
                "->>"
            };
            let waste = if step.waste { " (needless)" } else { "" };
            let _ = writeln!(
                body,
                "  p{from}{arrow}p{to}: {}{waste}{reached}",
                message(&question(step))
            );
            if let Some(answer) = answer(step) {
                let arrow = if blocked { "--x" } else { "-->>" };
                let _ = writeln!(body, "  p{to}{arrow}p{from}: {}", message(&answer));
            }
            checks(step, to, &mut body);
        } else {
            let _ = writeln!(body, "  Note over p{from}: {}{reached}", message(&question(step)));
            checks(step, from, &mut body);
        }
        stopped |= blocked && flow.kind == FlowKind::Auth;
    }
    if steps.len() > STEPS {
        let _ = writeln!(body, "  Note over p0: … {} more", steps.len() - STEPS);
    }
    let mut out = String::from("sequenceDiagram\n");
    for (at, actor) in actors.all.iter().enumerate() {
        let mut label = message(&actor.name);
        if let Some(detail) = actor.details.first() {
            let _ = write!(label, "<br/>{}", escape(detail));
        }
        let _ = writeln!(out, "  participant p{at} as {label}");
    }
    out.push_str(&body);
    out
}

/// A message must not be empty.
fn message(text: &str) -> String {
    let text = escape(text);
    if text.is_empty() { "…".to_owned() } else { text }
}

fn value<'a>(values: &'a [(&'static str, String)], key: &str) -> Option<&'a str> {
    values
        .iter()
        .find(|(name, value)| *name == key && !value.is_empty())
        .map(|(_, value)| value.as_str())
}

fn question(step: &Step) -> String {
    match (value(&step.before, "type"), value(&step.before, "name")) {
        (Some(kind), Some(name)) => format!("{kind} {name}"),
        _ => step.action.clone(),
    }
}

fn answer(step: &Step) -> Option<String> {
    let rcode = value(&step.after, "rcode")?;
    Some(match value(&step.after, "answers") {
        Some(answers) => format!("{rcode} {answers}"),
        None => rcode.to_owned(),
    })
}

fn checks(step: &Step, at: usize, out: &mut String) {
    for check in step.checks.iter().take(12) {
        let has = check.has.as_deref().unwrap_or("not pasted");
        let mut text = format!(
            "{}: {}<br/>{} {}",
            escape(&check.what),
            check.verdict.word(),
            escape(&check.has_label),
            escape(has)
        );
        if check.verdict != Verdict::Passes {
            for want in check.wants.iter().take(3) {
                let _ = write!(text, "<br/>{} {}", escape(&check.wants_label), escape(want));
            }
        }
        let _ = writeln!(out, "  Note over p{at}: {text}");
    }
}
