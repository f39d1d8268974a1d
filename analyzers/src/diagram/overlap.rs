//! What no picture may have: text that leaves its box or covers another, chips on boxes, legs through boxes.

use super::measure;
use super::scene::{Anchor, Role, Scene, Shape, TextRole};

#[derive(Debug, Clone, Copy)]
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn meets(self, other: Self) -> bool {
        let slack = 0.6;
        self.left + slack < other.right
            && other.left + slack < self.right
            && self.top + slack < other.bottom
            && other.top + slack < self.bottom
    }

    fn within(self, other: Self, slack: f64) -> bool {
        self.left + slack >= other.left
            && self.right <= other.right + slack
            && self.top + slack >= other.top
            && self.bottom <= other.bottom + slack
    }
}

#[derive(Default)]
struct Flat {
    texts: Vec<(Area, String, TextRole)>,
    rects: Vec<(Area, Role, usize)>,
    marks: Vec<Area>,
    lines: Vec<(Area, Role, usize)>,
    groups: usize,
}

impl Flat {
    fn add(&mut self, shapes: &[Shape], group: usize) {
        for shape in shapes {
            match shape {
                Shape::Rect {
                    x,
                    y,
                    width,
                    height,
                    role,
                    ..
                } => self.rects.push((area(*x, *y, *width, *height), *role, group)),
                Shape::Circle { x, y, radius, role } if *role == Role::Number => {
                    self.marks
                        .push(area(x - radius, y - radius, 2.0 * radius, 2.0 * radius));
                }
                Shape::Circle { .. } => {}
                Shape::Mark { x, y, size, .. } => self.marks.push(area(*x, *y, *size, *size)),
                Shape::Path { points, role, .. } => {
                    for pair in points.windows(2) {
                        let (a, b) = (pair[0], pair[1]);
                        assert!(
                            (a.0 - b.0).abs() < 0.01 || (a.1 - b.1).abs() < 0.01,
                            "a slanted line {pair:?}"
                        );
                        let (left, top) = (a.0.min(b.0), a.1.min(b.1));
                        let one = area(left - 1.0, top - 1.0, (a.0 - b.0).abs() + 2.0, (a.1 - b.1).abs() + 2.0);
                        self.lines.push((one, *role, group));
                    }
                }
                Shape::Text {
                    x,
                    y,
                    text,
                    role,
                    anchor,
                    length,
                    ..
                } => {
                    let width = length.unwrap_or_else(|| measure::width(text, *role));
                    let left = match anchor {
                        Anchor::Start => *x,
                        Anchor::Middle => x - width / 2.0,
                        Anchor::End => x - width,
                    };
                    let size = measure::size(*role);
                    let place = area(left, y - size * 0.8, width, size * 1.02);
                    self.texts.push((place, text.clone(), *role));
                }
                Shape::Upright { x, y, text, role, .. } => {
                    let (size, length) = (measure::size(*role), measure::width(text, *role));
                    let place = area(x - size * 0.8, y - length, size * 1.02, length);
                    self.texts.push((place, text.clone(), *role));
                }
                Shape::Cell {
                    x,
                    y,
                    width,
                    height,
                    role,
                    text,
                    text_role,
                    ..
                } => {
                    self.groups += 1;
                    self.rects.push((area(*x, *y, *width, *height), *role, self.groups));
                    let (size, length) = (measure::size(*text_role), measure::width(text, *text_role));
                    let baseline = y + height / 2.0 + size * 0.35;
                    let place = area(x + (width - length) / 2.0, baseline - size * 0.8, length, size * 1.02);
                    self.texts.push((place, text.clone(), *text_role));
                }
                Shape::Group { shapes, .. } => {
                    self.groups += 1;
                    self.add(shapes, self.groups);
                }
            }
        }
    }
}

fn area(x: f64, y: f64, width: f64, height: f64) -> Area {
    Area {
        left: x,
        top: y,
        right: x + width,
        bottom: y + height,
    }
}

fn boxed(role: Role) -> bool {
    matches!(role, Role::Box | Role::BoxStop | Role::BoxSeveral | Role::BoxFaint)
}

fn cell(role: Role) -> bool {
    matches!(
        role,
        Role::CellAll | Role::CellSome | Role::CellNone | Role::CellOpen | Role::CellUnknown
    )
}

fn chip(role: Role) -> bool {
    matches!(role, Role::Chip | Role::ChipHot | Role::ChipStop)
}

/// Everything that is wrong with how a picture is laid out.
pub fn faults(scene: &Scene) -> Vec<String> {
    let mut flat = Flat::default();
    flat.add(&scene.shapes, 0);
    let mut faults = Vec::new();
    let whole = area(0.0, 0.0, scene.width, scene.height);
    for (place, text, _) in &flat.texts {
        if !place.within(whole, 0.0) {
            faults.push(format!("{text:?} leaves the picture"));
        }
    }
    for (place, role, _) in flat.rects.iter().chain(&flat.lines) {
        if !place.within(whole, 0.0) {
            faults.push(format!("a {role:?} leaves the picture"));
        }
    }
    for (at, (one, text, role)) in flat.texts.iter().enumerate() {
        for (other, second, _) in &flat.texts[at + 1..] {
            if one.meets(*other) {
                faults.push(format!("{text:?} covers {second:?}"));
            }
        }
        for (rect, kind, _) in &flat.rects {
            let framed =
                boxed(*kind) || chip(*kind) || cell(*kind) || matches!(kind, Role::Zone1 | Role::Zone2 | Role::Zone3);
            // A chip on a zone's edge hides the edge; its text has to keep inside the chip.
            let hidden = !boxed(*kind) && !chip(*kind) && !cell(*kind) && *role != TextRole::Label;
            if framed && !hidden && *role != TextRole::Number && one.meets(*rect) && !one.within(*rect, 0.6) {
                faults.push(format!("{text:?} crosses the edge of a {kind:?}"));
            }
        }
        for mark in &flat.marks {
            if *role != TextRole::Number && one.meets(*mark) {
                faults.push(format!("a mark covers {text:?}"));
            }
        }
    }
    for (at, mark) in flat.marks.iter().enumerate() {
        if flat.marks[at + 1..].iter().any(|other| mark.meets(*other)) {
            faults.push("a mark covers another".to_owned());
        }
    }
    for (at, (one, role, _)) in flat.rects.iter().enumerate() {
        for (other, second, _) in &flat.rects[at + 1..] {
            let solid = |role| boxed(role) || chip(role) || cell(role);
            if solid(*role) && solid(*second) && one.meets(*other) {
                faults.push(format!("a {role:?} covers a {second:?}"));
            }
        }
    }
    for (at, (line, role, group)) in flat.lines.iter().enumerate() {
        if !matches!(role, Role::Leg | Role::LegAlt | Role::LegStop) {
            continue;
        }
        for (rect, kind, owner) in &flat.rects {
            let core = area(
                rect.left + 1.5,
                rect.top + 1.5,
                rect.right - rect.left - 3.0,
                rect.bottom - rect.top - 3.0,
            );
            if (boxed(*kind) || (chip(*kind) && owner != group)) && line.meets(core) {
                faults.push(format!("a {role:?} runs through a {kind:?}"));
            }
        }
        for (text, words, kind) in &flat.texts {
            if *kind == TextRole::Label
                && line.meets(*text)
                && !flat
                    .rects
                    .iter()
                    .any(|(rect, role, owner)| chip(*role) && owner == group && text.within(*rect, 0.6))
            {
                faults.push(format!("a {role:?} runs through {words:?}"));
            }
        }
        // Two legs may cross, but not lie on each other.
        for (other, second, owner) in &flat.lines[at + 1..] {
            let along = |line: &Area| line.right - line.left > line.bottom - line.top;
            let shared = (line.right.min(other.right) - line.left.max(other.left))
                .max(line.bottom.min(other.bottom) - line.top.max(other.top));
            if group != owner
                && *second != Role::Line
                && along(line) == along(other)
                && line.meets(*other)
                && shared > 4.0
            {
                faults.push(format!("a {role:?} lies on a {second:?}"));
            }
        }
    }
    faults
}
