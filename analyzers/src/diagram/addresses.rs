//! The map of addresses: a frame a node, a line an interface, a cell an address; those of a prefix stand together.

use super::canvas::{self, LINE};
use super::measure;
use super::scene::{Anchor, Role, Scene, Shape, TextRole};
use crate::flow::addresses::{OWN, POD, use_of, value};
use crate::flow::{Actor, Flow, Outcome, Step, Verdict};

const MARGIN: f64 = 16.0;
const PAD: f64 = 12.0;
const GAP: f64 = 4.0;
/// The head of a node.
const HEAD: f64 = 26.0;
/// The longest name of an interface.
const NAME: f64 = 220.0;
const CELL: f64 = 46.0;
const CELL_HEIGHT: f64 = 24.0;
/// So many cells stand side by side: half a prefix.
const SIDE: usize = 8;
/// Between nodes, and between interfaces.
const BETWEEN: f64 = 12.0;

/// An address with its step's number.
type Address<'f> = (usize, &'f Step);

/// An interface: its addresses, those of each prefix apart.
struct Interface<'f> {
    actor: &'f Actor,
    blocks: Vec<(&'f str, Vec<Address<'f>>)>,
}

/// Draws the flow.
pub fn draw(flow: &Flow) -> Scene {
    let right = MARGIN + PAD + NAME + 16.0 + float(SIDE) * (CELL + GAP) + PAD;
    let (mut shapes, mut y, mut number) = (Vec::new(), MARGIN, 0);
    for outcome in &flow.outcomes {
        let (node, bottom) = draw_node(outcome, number, y, right);
        shapes.extend(node);
        number += outcome.steps.len() + outcome.back.as_ref().map_or(0, |back| back.steps.len());
        y = bottom + BETWEEN;
    }
    let (legend, bottom) = legend(flow, y, right);
    shapes.extend(legend);
    Scene {
        width: right + MARGIN,
        height: bottom + MARGIN,
        title: flow.title.clone(),
        description: super::describe(flow),
        shapes,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a node has some hundred addresses")]
fn float(n: usize) -> f64 {
    n as f64
}

fn interfaces(outcome: &Outcome, first: usize) -> Vec<Interface<'_>> {
    let mut all: Vec<Interface<'_>> = Vec::new();
    for (at, step) in outcome.steps.iter().enumerate() {
        if all.last().is_none_or(|last| last.actor.id != step.actor.id) {
            all.push(Interface {
                actor: &step.actor,
                blocks: Vec::new(),
            });
        }
        let Some(interface) = all.last_mut() else { continue };
        let block = value(step, "prefix");
        match interface.blocks.last_mut() {
            Some((known, addresses)) if *known == block => addresses.push((first + at, step)),
            _ => interface.blocks.push((block, vec![(first + at, step)])),
        }
    }
    all
}

fn draw_node(outcome: &Outcome, first: usize, top: f64, right: f64) -> (Vec<Shape>, f64) {
    let mut inner = Vec::new();
    let count = |what: &str| outcome.steps.iter().filter(|step| use_of(step) == what).count();
    let counts = format!("{} of {} with a pod", count(POD), outcome.steps.len());
    let width = measure::width(&counts, TextRole::Note);
    let end = right - PAD;
    inner.push(canvas::anchored(end, top + 17.0, counts, TextRole::Note, Anchor::End));
    let room = end - width - 16.0 - MARGIN - PAD;
    inner.push(canvas::fitted(
        MARGIN + PAD,
        top + 17.0,
        &outcome.label,
        TextRole::Label,
        room,
    ));
    let mut y = top + HEAD;
    for (at, interface) in interfaces(outcome, first).iter().enumerate() {
        if at > 0 {
            y += BETWEEN;
        }
        let (drawn, bottom) = draw_interface(interface, y);
        inner.extend(drawn);
        y = bottom;
    }
    let bottom = y + PAD;
    let mut shapes = vec![Shape::Rect {
        x: MARGIN,
        y: top,
        width: right - MARGIN,
        height: bottom - top,
        radius: 8.0,
        role: Role::Zone1,
    }];
    shapes.extend(inner);
    (shapes, bottom)
}

fn draw_interface(interface: &Interface<'_>, top: f64) -> (Vec<Shape>, f64) {
    let (left, cells) = (MARGIN + PAD, MARGIN + PAD + NAME + 16.0);
    let mut shapes = vec![canvas::fitted(
        left,
        top + 15.0,
        &interface.actor.name,
        TextRole::Title,
        NAME,
    )];
    let mut text = top + 15.0;
    for detail in &interface.actor.details {
        text += LINE;
        shapes.push(canvas::fitted(left, text, detail, TextRole::Note, NAME));
    }
    let mut y = top;
    for (block, addresses) in &interface.blocks {
        if !block.is_empty() {
            shapes.push(canvas::fitted(
                cells,
                y + 13.0,
                block,
                TextRole::Code,
                float(SIDE) * CELL,
            ));
            y += LINE + 2.0;
        }
        for line in addresses.chunks(SIDE) {
            for (at, (number, step)) in line.iter().enumerate() {
                shapes.push(cell(*number, step, cells + float(at) * (CELL + GAP), y));
            }
            y += CELL_HEIGHT + GAP;
        }
    }
    (shapes, (y - GAP).max(text + 5.0))
}

fn looks(step: &Step) -> (Role, TextRole) {
    match use_of(step) {
        POD => (Role::CellAll, TextRole::CodeStrong),
        OWN => (Role::CellSome, TextRole::Code),
        _ if step.verdict == Verdict::Unknown => (Role::CellUnknown, TextRole::CodeFaint),
        _ => (Role::CellOpen, TextRole::CodeFaint),
    }
}

fn cell(number: usize, step: &Step, x: f64, y: f64) -> Shape {
    let (role, text_role) = looks(step);
    let address = value(step, "address");
    // The end tells it from its neighbours: `.44` of IPv4, the last group of IPv6.
    let sign = if address.contains(':') { ':' } else { '.' };
    let last = address.rsplit(sign).next().unwrap_or(address);
    let (text, _) = measure::fit(&format!("{sign}{last}"), text_role, CELL - 8.0);
    Shape::Cell {
        x,
        y,
        width: CELL,
        height: CELL_HEIGHT,
        role,
        text,
        text_role,
        step: number,
        label: format!("{} of {}", step.action, step.actor.name),
    }
}

/// What each kind of cell means.
const MEANINGS: [(Role, &str); 4] = [
    (Role::CellAll, "a pod's"),
    (Role::CellSome, "the interface's own"),
    (Role::CellOpen, "free, kept for pods to come"),
    (Role::CellUnknown, "no pod that was pasted has it"),
];
const SAMPLE: f64 = 22.0;

fn legend(flow: &Flow, top: f64, right: f64) -> (Vec<Shape>, f64) {
    let (mut x, mut y) = (MARGIN, top);
    let mut shapes = Vec::new();
    for (role, words) in MEANINGS {
        if !flow.steps().any(|step| looks(step).0 == role) {
            continue;
        }
        let width = SAMPLE + 8.0 + measure::width(words, TextRole::Note);
        if x > MARGIN && x + width > right {
            (x, y) = (MARGIN, y + LINE + 6.0);
        }
        shapes.push(Shape::Rect {
            x,
            y,
            width: SAMPLE,
            height: LINE,
            radius: 3.0,
            role,
        });
        shapes.push(canvas::text(x + SAMPLE + 8.0, y + 12.5, words, TextRole::Note));
        x += width + 20.0;
    }
    (shapes, y + LINE)
}
