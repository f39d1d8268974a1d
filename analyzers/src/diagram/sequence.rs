//! The auth flow: who shows what to whom, a verdict between each two, and below it the comparisons that decided.

use super::canvas;
use super::scene::{Anchor, Role, Scene, Shape, TextRole};
use super::{describe, measure};
use crate::flow::{Actor, Check, Flow, Step, Verdict};

const MARGIN: f64 = 20.0;
/// A row of boxes is broken where it gets wider.
const WIDEST: f64 = 980.0;
const BOX_TEXT: f64 = 210.0;
const BETWEEN: f64 = 74.0;
/// Characters of a value in one line.
const VALUE: usize = 92;

/// Somebody in the row, and the step that leads to them.
struct Node {
    actor: Actor,
    lead: Option<(usize, Verdict)>,
    own: Option<(usize, Verdict)>,
    reached: bool,
    stop: bool,
}

/// Draws the flow.
pub fn draw(flow: &Flow) -> Scene {
    let steps: Vec<&Step> = flow.outcomes.first().map_or_else(Vec::new, |outcome| {
        outcome
            .steps
            .iter()
            .chain(outcome.back.iter().flat_map(|back| &back.steps))
            .collect()
    });
    let nodes = nodes(&steps);
    let mut shapes = Vec::new();
    let (mut width, mut y) = row(&nodes, &steps, &mut shapes);
    let stopped = steps.iter().position(|step| step.verdict == Verdict::Blocked);
    for (at, step) in steps.iter().enumerate() {
        let late = stopped.is_some_and(|stopped| at > stopped);
        if step.checks.is_empty() || late {
            continue;
        }
        let (right, bottom) = panel(step, at, y + 16.0, &mut shapes);
        width = width.max(right);
        y = bottom;
    }
    // Panels are as wide as the picture.
    let width = width + MARGIN;
    for shape in &mut shapes {
        if let Shape::Group { shapes, .. } = shape {
            for shape in shapes {
                stretch(shape, width);
            }
        }
    }
    Scene {
        width,
        height: y + MARGIN,
        title: flow.title.clone(),
        description: describe(flow),
        shapes,
    }
}

/// Rules, frames and right-hand marks of a panel are drawn with a width of 0 until the picture's width is known.
fn stretch(shape: &mut Shape, full: f64) {
    match shape {
        Shape::Rect { x, width, role, .. } if *role == Role::Zone3 => *width = full - MARGIN - *x,
        Shape::Path { points, role, .. } if *role == Role::Line => {
            if let Some(last) = points.last_mut() {
                last.0 = full - MARGIN - 16.0;
            }
        }
        Shape::Mark { x, size, .. } if *x < 0.0 => *x = full - MARGIN - 14.0 - *size,
        _ => {}
    }
}

fn nodes(steps: &[&Step]) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut stopped = false;
    for (at, step) in steps.iter().enumerate() {
        let reached = !stopped;
        let verdict = step.verdict;
        if nodes.last().is_none_or(|last| last.actor.id != step.actor.id) {
            // A leap to somebody new without a message in between: nothing is known of how it came there.
            nodes.push(Node {
                actor: step.actor.clone(),
                lead: None,
                own: None,
                reached,
                stop: false,
            });
        }
        match &step.to {
            Some(to) if to.id != step.actor.id => nodes.push(Node {
                actor: to.clone(),
                lead: Some((at, verdict)),
                own: None,
                reached,
                stop: reached && verdict == Verdict::Blocked,
            }),
            _ => {
                if let Some(node) = nodes.last_mut() {
                    let worse = node.own.is_none_or(|(_, known)| known < verdict);
                    if worse {
                        node.own = Some((at, verdict));
                    }
                    node.stop |= reached && verdict == Verdict::Blocked;
                }
            }
        }
        stopped |= verdict == Verdict::Blocked;
    }
    nodes
}

fn box_width(node: &Node) -> f64 {
    let mark = if node.own.is_some() && node.reached { 24.0 } else { 0.0 };
    let name = measure::width(&node.actor.name, TextRole::Title).min(BOX_TEXT) + mark;
    let details = details(node);
    let widest = details
        .iter()
        .map(|detail| measure::width(detail, TextRole::Code).min(BOX_TEXT));
    (widest.fold(name, f64::max) + 28.0).max(110.0)
}

fn details(node: &Node) -> Vec<String> {
    if node.reached {
        node.actor.details.iter().take(2).cloned().collect()
    } else {
        vec!["not reached".to_owned()]
    }
}

/// The row of boxes, broken where it gets too wide.
fn row(nodes: &[Node], steps: &[&Step], out: &mut Vec<Shape>) -> (f64, f64) {
    let lines = nodes.iter().map(|node| details(node).len()).max().unwrap_or(0);
    let height = [36.0, 52.0, 69.0].get(lines).copied().unwrap_or(69.0);
    let (mut x, mut y, mut right) = (MARGIN, MARGIN, MARGIN);
    let mut previous: Option<(f64, f64)> = None;
    for (at, node) in nodes.iter().enumerate() {
        let width = box_width(node);
        let gap = if at == 0 { 0.0 } else { BETWEEN };
        if at > 0 && x + gap + width > WIDEST {
            x = MARGIN;
            y += height + 34.0;
        } else {
            x += gap;
        }
        if let Some((end, line)) = previous {
            out.push(between(
                node,
                steps,
                (end, line + height / 2.0),
                (x, y + height / 2.0),
                height,
            ));
        }
        draw_node(node, steps, (x, y), (width, height), out);
        x += width;
        previous = Some((x, y));
        right = right.max(x);
    }
    (right, y + height)
}

fn spoken(step: &Step) -> String {
    let to = step
        .to
        .as_ref()
        .map(|to| format!(" to {}", to.name))
        .unwrap_or_default();
    format!("{}{to}: {}; {}", step.actor.name, step.action, step.verdict.word())
}

/// The arrow between two boxes with its mark.
fn between(node: &Node, steps: &[&Step], from: (f64, f64), to: (f64, f64), height: f64) -> Shape {
    let broken = (from.1 - to.1).abs() > 1.0;
    let points = if broken {
        let middle = from.1 + height / 2.0 + 17.0;
        let enter = to.0 + 24.0;
        vec![
            (from.0 - 24.0, from.1 + height / 2.0),
            (from.0 - 24.0, middle),
            (enter, middle),
            (enter, to.1 - height / 2.0),
        ]
    } else {
        vec![from, to]
    };
    let blocked = node.lead.is_some_and(|(_, verdict)| verdict == Verdict::Blocked);
    let role = match (node.reached, blocked) {
        (false, _) => Role::LegAlt,
        (true, true) => Role::LegStop,
        (true, false) => Role::Leg,
    };
    let mark_at = if broken {
        (f64::midpoint(from.0 - 24.0, to.0 + 24.0), from.1 + height / 2.0 + 17.0)
    } else {
        (f64::midpoint(from.0, to.0) - 4.0, from.1)
    };
    let mut shapes = vec![Shape::Path {
        points,
        arrow: true,
        dashed: false,
        role,
    }];
    let Some((step, verdict)) = node.lead else {
        return Shape::Group {
            step: 0,
            label: String::new(),
            shapes,
        };
    };
    if node.reached {
        shapes.push(Shape::Circle {
            x: mark_at.0,
            y: mark_at.1,
            radius: 13.0,
            role: Role::Plate,
        });
        shapes.push(Shape::Mark {
            x: mark_at.0 - 11.0,
            y: mark_at.1 - 11.0,
            size: 22.0,
            verdict,
        });
    }
    Shape::Group {
        step,
        label: steps.get(step).map(|step| spoken(step)).unwrap_or_default(),
        shapes,
    }
}

fn draw_node(node: &Node, steps: &[&Step], (x, y): (f64, f64), (width, height): (f64, f64), out: &mut Vec<Shape>) {
    let mut shapes = vec![Shape::Rect {
        x,
        y,
        width,
        height,
        radius: 7.0,
        role: match (node.stop, node.reached) {
            (true, _) => Role::BoxStop,
            (_, true) => Role::Box,
            _ => Role::BoxFaint,
        },
    }];
    let title = if node.reached { TextRole::Title } else { TextRole::Label };
    shapes.push(canvas::fitted(x + 14.0, y + 22.0, &node.actor.name, title, BOX_TEXT));
    let role = if node.reached {
        TextRole::Code
    } else {
        TextRole::CodeFaint
    };
    for (at, detail) in details(node).iter().enumerate() {
        let line = if at == 0 { 39.0 } else { 56.0 };
        shapes.push(canvas::fitted(x + 14.0, y + line, detail, role, BOX_TEXT));
    }
    match node.own {
        Some((step, verdict)) if node.reached => {
            shapes.push(Shape::Mark {
                x: x + width - 28.0,
                y: y + 8.0,
                size: 20.0,
                verdict,
            });
            out.push(Shape::Group {
                step,
                label: steps.get(step).map(|step| spoken(step)).unwrap_or_default(),
                shapes,
            });
        }
        _ => out.extend(shapes),
    }
}

/// The comparisons of a step, both sides one under the other. Returns the right and the lower edge.
fn panel(step: &Step, at: usize, top: f64, out: &mut Vec<Shape>) -> (f64, f64) {
    let mut shapes = Vec::new();
    let mut right: f64 = 0.0;
    let heading = canvas::fitted(
        MARGIN,
        top + 10.0,
        &format!("{}: {}", step.actor.name, step.action),
        TextRole::Label,
        860.0,
    );
    if let Shape::Text { text, role, .. } = &heading {
        right = right.max(MARGIN + measure::width(text, *role));
    }
    shapes.push(heading);
    let what = step
        .checks
        .iter()
        .map(|check| measure::width(&check.what, TextRole::Code).min(150.0));
    let what = what.fold(40.0, f64::max) + 16.0;
    let label = step
        .checks
        .iter()
        .flat_map(|check| [&check.has_label, &check.wants_label])
        .map(|label| measure::width(label, TextRole::Note).min(150.0))
        .fold(0.0, f64::max)
        + 14.0;
    let frame = shapes.len();
    shapes.push(Shape::Rect {
        x: MARGIN,
        y: top + 20.0,
        width: 0.0,
        height: 0.0,
        radius: 8.0,
        role: Role::Zone3,
    });
    let mut y = top + 22.0;
    for (nth, check) in step.checks.iter().enumerate() {
        if nth > 0 {
            shapes.push(Shape::Path {
                points: vec![(MARGIN + 16.0, y), (MARGIN + 16.0, y)],
                arrow: false,
                dashed: false,
                role: Role::Line,
            });
        }
        y += 8.0;
        shapes.push(Shape::Mark {
            x: -1.0,
            y: y + 1.0,
            size: 20.0,
            verdict: check.verdict,
        });
        shapes.push(canvas::fitted(
            MARGIN + 16.0,
            y + 15.0,
            &check.what,
            TextRole::Code,
            150.0,
        ));
        for (label_text, pieces) in sides(check) {
            shapes.push(canvas::fitted(
                MARGIN + 16.0 + what,
                y + 15.0,
                &label_text,
                TextRole::Note,
                150.0,
            ));
            let (edge, lower) = value(&pieces, MARGIN + 16.0 + what + label, y, &mut shapes);
            right = right.max(edge);
            y = lower;
        }
        y += 6.0;
    }
    if let Some(Shape::Rect { height, .. }) = shapes.get_mut(frame) {
        *height = y - top - 20.0;
    }
    if let Some(note) = &step.note {
        y += 4.0;
        for (text, full) in measure::wrap(note, TextRole::Note, 700.0, 3) {
            y += 16.0;
            right = right.max(MARGIN + measure::width(&text, TextRole::Note));
            shapes.push(Shape::Text {
                x: MARGIN,
                y,
                text,
                role: TextRole::Note,
                anchor: Anchor::Start,
                length: None,
                full,
            });
        }
    }
    out.push(Shape::Group {
        step: at,
        label: spoken(step),
        shapes,
    });
    // Room for the mark at the right.
    (right + 46.0, y)
}

/// A part of a value and how it is shown.
type Piece = (String, TextRole, bool);

/// Both sides of a comparison, the part that differs told apart.
fn sides(check: &Check) -> Vec<(String, Vec<Piece>)> {
    let plain = |text: &str, role| vec![(measure::clean(text), role, false)];
    let missing = |text: &str| vec![(text.to_owned(), TextRole::Note, false)];
    let Some(has) = &check.has else {
        let wants = check
            .wants
            .iter()
            .map(|want| (check.wants_label.clone(), plain(want, TextRole::Code)));
        return std::iter::once((check.has_label.clone(), missing("not pasted")))
            .chain(wants.take(4))
            .collect();
    };
    let nearest = check.wants.iter().max_by_key(|want| {
        let (head, tail) = common(has, want);
        // Ties go to the first one.
        (head + tail, std::cmp::Reverse(want.chars().count()))
    });
    let Some(want) = nearest else {
        return vec![
            (check.has_label.clone(), plain(has, TextRole::CodeStrong)),
            (check.wants_label.clone(), missing("not pasted")),
        ];
    };
    if check.verdict != Verdict::Blocked {
        let mut sides = vec![(check.has_label.clone(), plain(has, TextRole::CodeStrong))];
        if has != want {
            sides.push((check.wants_label.clone(), plain(want, TextRole::Code)));
        }
        return sides;
    }
    let (head, tail) = common(has, want);
    let mut sides = vec![
        (check.has_label.clone(), split(has, head, tail)),
        (check.wants_label.clone(), split(want, head, tail)),
    ];
    if check.wants.len() > 1 {
        let more = format!("or one of {} others, which differ more", check.wants.len() - 1);
        sides.push((String::new(), missing(&more)));
    }
    sides
}

/// Lengths in characters of the longest common beginning, and of the longest common end of the rest.
fn common(one: &str, other: &str) -> (usize, usize) {
    let head = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let rest = one.chars().count().min(other.chars().count()) - head;
    let tail = one
        .chars()
        .rev()
        .zip(other.chars().rev())
        .take(rest)
        .take_while(|(a, b)| a == b)
        .count();
    (head, tail)
}

fn split(text: &str, head: usize, tail: usize) -> Vec<Piece> {
    let all: Vec<char> = measure::clean(text).chars().collect();
    let end = all.len().saturating_sub(tail).max(head);
    let part = |from: usize, to: usize| all.get(from..to).unwrap_or_default().iter().collect::<String>();
    let different = part(head, end);
    // Blanks that make the difference have to be seen.
    let different = if different.trim().is_empty() {
        "␣".repeat(different.chars().count())
    } else {
        different
    };
    vec![
        (part(0, head), TextRole::CodeStrong, false),
        (different, TextRole::CodeStop, true),
        (part(end, all.len()), TextRole::CodeStrong, false),
    ]
}

/// Draws a value in as many lines as it takes; returns its right and lower edge.
fn value(pieces: &[Piece], x: f64, top: f64, out: &mut Vec<Shape>) -> (f64, f64) {
    let (mut column, mut y, mut right) = (0_usize, top, x);
    let at = |column: usize| {
        #[expect(clippy::cast_precision_loss, reason = "a line has less than 100 characters")]
        let column = column as f64;
        x + column * measure::set_advance(TextRole::CodeStrong)
    };
    for (text, role, boxed) in pieces {
        if *role == TextRole::Note {
            out.push(canvas::text(x, y + 15.0, text.clone(), *role));
            right = right.max(x + measure::width(text, *role));
            continue;
        }
        let chars: Vec<char> = text.chars().take(VALUE * 8).collect();
        let mut rest = chars.as_slice();
        if rest.is_empty() && *boxed {
            // Something is missing here.
            out.push(frame(at(column) - 1.5, y, 3.0));
        }
        while !rest.is_empty() {
            if column >= VALUE {
                column = 0;
                y += 18.0;
            }
            let (now, later) = rest.split_at(rest.len().min(VALUE - column));
            let (from, to) = (at(column), at(column + now.len()));
            if *boxed {
                out.push(frame(from - 2.0, y, to - from + 4.0));
            }
            out.push(Shape::Text {
                x: from,
                y: y + 15.0,
                text: now.iter().collect(),
                role: *role,
                anchor: Anchor::Start,
                length: Some(to - from),
                full: None,
            });
            right = right.max(to);
            column += now.len();
            rest = later;
        }
    }
    (right, y + 21.0)
}

fn frame(x: f64, y: f64, width: f64) -> Shape {
    Shape::Rect {
        x,
        y: y + 3.5,
        width,
        height: 16.5,
        radius: 3.0,
        role: Role::Difference,
    }
}
