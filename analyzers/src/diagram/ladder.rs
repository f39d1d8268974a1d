//! The ladder of DNS queries: a lifeline for each who asks or answers, a row for each exchange.

use super::canvas::{Chip, Row, Table};
use super::scene::{Anchor, Role, Scene, Shape, TextRole};
use super::{describe, measure};
use crate::flow::{Actor, Flow, Outcome, Step, Verdict};

/// More rows than this are collapsed.
const ROWS: usize = 40;
const MARGIN: f64 = 24.0;
/// The least distance between lifelines.
const GAP: f64 = 150.0;
const NAME: f64 = 240.0;
const QUESTION: f64 = 400.0;
const ANSWER: f64 = 330.0;

/// One row: an exchange, or several of the same name and result.
#[derive(Debug, Clone)]
struct Exchange {
    step: usize,
    from: usize,
    to: Option<usize>,
    question: String,
    answer: String,
    types: Vec<String>,
    name: String,
    rcode: String,
    answers: Vec<String>,
    took: Option<i64>,
    waste: bool,
    verdict: Verdict,
    label: String,
    more: usize,
}

/// Draws the flow.
pub fn draw(flow: &Flow) -> Scene {
    let mut lines: Vec<Actor> = Vec::new();
    let mut exchanges = Vec::new();
    let mut index = 0;
    for outcome in &flow.outcomes {
        for step in steps(outcome) {
            read(step, index, &mut lines, &mut exchanges);
            index += 1;
        }
    }
    let exchanges = collapse(exchanges);
    let xs = columns(&lines, &exchanges);
    layout(flow, &lines, &xs, &exchanges)
}

fn steps(outcome: &Outcome) -> impl Iterator<Item = &Step> {
    outcome
        .steps
        .iter()
        .chain(outcome.back.iter().flat_map(|back| &back.steps))
}

fn value<'a>(step: &'a Step, key: &str) -> Option<&'a str> {
    step.before
        .iter()
        .chain(&step.after)
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value.as_str())
}

fn read(step: &Step, index: usize, lines: &mut Vec<Actor>, exchanges: &mut Vec<Exchange>) {
    let mut line = |actor: &Actor| {
        lines.iter().position(|known| known.id == actor.id).unwrap_or_else(|| {
            lines.push(actor.clone());
            lines.len() - 1
        })
    };
    let from = line(&step.actor);
    let to = step.to.as_ref().map(&mut line).filter(|&to| to != from);
    let name = value(step, "name").unwrap_or("").to_owned();
    let kind = value(step, "type").unwrap_or("").to_owned();
    let rcode = value(step, "rcode").unwrap_or("").to_owned();
    let answers: Vec<String> = value(step, "answers")
        .unwrap_or("")
        .split(',')
        .map(|answer| answer.trim().to_owned())
        .filter(|answer| !answer.is_empty())
        .collect();
    // A and AAAA of one name go out together; they share a row where they share a result.
    let twin = exchanges.iter_mut().rev().take(2).find(|other| {
        !name.is_empty()
            && (from, to, &name, &rcode, step.waste, step.verdict)
                == (
                    other.from,
                    other.to,
                    &other.name,
                    &other.rcode,
                    other.waste,
                    other.verdict,
                )
            && !other.types.contains(&kind)
    });
    if let Some(twin) = twin {
        twin.types.push(kind);
        twin.types.sort();
        twin.answers.extend(answers);
        twin.took = twin.took.max(step.took);
        twin.write();
        return;
    }
    let mut exchange = Exchange {
        step: index,
        from,
        to,
        question: step.action.clone(),
        answer: String::new(),
        types: vec![kind],
        name,
        rcode,
        answers,
        took: step.took,
        waste: step.waste,
        verdict: step.verdict,
        label: format!("{}: {}; {}", step.actor.name, step.action, step.verdict.word()),
        more: 0,
    };
    exchange.write();
    exchanges.push(exchange);
}

impl Exchange {
    /// Puts question and answer into words.
    fn write(&mut self) {
        if !self.name.is_empty() {
            let types: Vec<&str> = self
                .types
                .iter()
                .map(String::as_str)
                .filter(|kind| !kind.is_empty())
                .collect();
            format!("{} {}", types.join(", "), self.name)
                .trim()
                .clone_into(&mut self.question);
        }
        let mut parts = Vec::new();
        if !self.rcode.is_empty() {
            parts.push(self.rcode.clone());
        }
        match self.answers.as_slice() {
            [] => {}
            [one] => parts.push(one.clone()),
            [one, rest @ ..] => parts.push(format!("{one} and {} more", rest.len())),
        }
        parts.extend(self.took.map(took));
        self.answer = parts.join(" · ");
    }

    /// An exchange in one line: needless ones, and those whose answer is not known.
    fn single(&self) -> bool {
        self.waste || self.answer.is_empty()
    }

    fn question_role(&self) -> TextRole {
        if self.waste {
            TextRole::CodeFaint
        } else {
            TextRole::CodeStrong
        }
    }

    fn answer_role(&self) -> TextRole {
        match (self.waste, self.verdict) {
            (true, _) => TextRole::CodeFaint,
            (false, Verdict::Blocked) => TextRole::CodeStop,
            (false, _) => TextRole::Code,
        }
    }

    fn width(&self) -> f64 {
        let question = measure::width(&self.question, self.question_role()).min(QUESTION);
        let answer = measure::width(&self.answer, self.answer_role()).min(ANSWER);
        if self.single() && !self.answer.is_empty() {
            question + answer + 58.0
        } else {
            question.max(answer) + 40.0
        }
    }
}

/// `0.4 ms`, `1.2 s`.
fn took(micros: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let ms = micros as f64 / 1000.0;
    match ms {
        ms if ms < 0.05 => format!("{micros} µs"),
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1000.0 => format!("{ms:.0} ms"),
        ms => format!("{:.1} s", ms / 1000.0),
    }
}

/// Keeps the first rows of every run of needless ones when there are too many.
fn collapse(all: Vec<Exchange>) -> Vec<Exchange> {
    if all.len() <= ROWS {
        return all;
    }
    let mut kept: Vec<Exchange> = Vec::new();
    let mattering = all.iter().filter(|exchange| !exchange.waste).count();
    let mut waste_left = ROWS.saturating_sub(mattering.min(ROWS / 2));
    let mut other_left = ROWS / 2;
    for exchange in all {
        let left = if exchange.waste {
            &mut waste_left
        } else {
            &mut other_left
        };
        if *left > 0 {
            *left -= 1;
            kept.push(exchange);
        } else if let Some(last) = kept.last_mut() {
            last.more += 1;
        }
    }
    kept
}

/// The lifelines' places: far enough apart for every text between them.
fn columns(lines: &[Actor], exchanges: &[Exchange]) -> Vec<f64> {
    let half = |actor: &Actor| {
        let name = measure::width(&actor.name, TextRole::Title).min(NAME);
        let detail = |detail: &String| measure::width(detail, TextRole::Code).min(NAME);
        actor.details.iter().take(2).map(detail).fold(name, f64::max) / 2.0
    };
    let mut xs: Vec<f64> = Vec::new();
    for (at, actor) in lines.iter().enumerate() {
        let x = match (xs.last(), at.checked_sub(1).and_then(|at| lines.get(at))) {
            (Some(last), Some(previous)) => (last + half(previous) + half(actor) + 24.0).max(last + GAP),
            _ => MARGIN + half(actor).max(36.0),
        };
        let needed = exchanges
            .iter()
            .filter_map(|exchange| {
                let to = exchange.to?;
                let (left, right) = (exchange.from.min(to), exchange.from.max(to));
                (right == at).then(|| xs.get(left).copied().unwrap_or(0.0) + exchange.width())
            })
            .fold(x, f64::max);
        xs.push(needed);
    }
    xs
}

fn layout(flow: &Flow, lines: &[Actor], xs: &[f64], exchanges: &[Exchange]) -> Scene {
    let x_of = |line: usize| xs.get(line).copied().unwrap_or(MARGIN);
    let details = lines.iter().map(|actor| actor.details.len().min(2)).max().unwrap_or(0);
    let top = 34.0 + [0.0, 16.0, 32.0].get(details).copied().unwrap_or(32.0);
    let mut rows = Vec::new();
    let mut y = top + 14.0;
    let mut right = xs.last().copied().unwrap_or(0.0) + MARGIN;
    for exchange in exchanges {
        right = right.max(row(&mut rows, &mut y, exchange, &x_of));
    }
    for (actor, &x) in lines.iter().zip(xs) {
        let name = measure::width(&actor.name, TextRole::Title).min(NAME);
        let wide = actor
            .details
            .iter()
            .take(2)
            .map(|detail| measure::width(detail, TextRole::Code).min(NAME));
        right = right.max(x + wide.fold(name, f64::max) / 2.0 + MARGIN);
    }
    let bottom = y + 8.0;
    let mut shapes = Vec::new();
    for (actor, &x) in lines.iter().zip(xs) {
        let mut at = 26.0;
        let names = std::iter::once((&actor.name, TextRole::Title));
        for (text, role) in names.chain(actor.details.iter().take(2).map(|detail| (detail, TextRole::Code))) {
            let (text, full) = measure::fit(text, role, NAME);
            shapes.push(Shape::Text {
                x,
                y: at,
                text,
                role,
                anchor: Anchor::Middle,
                length: None,
                full,
            });
            at += 16.0;
        }
        shapes.push(Shape::Path {
            points: vec![(x, top), (x, bottom)],
            arrow: false,
            dashed: false,
            role: Role::Line,
        });
    }
    shapes.extend(rows);
    let mut height = bottom + 16.0;
    if let Some(note) = summary(flow) {
        let chip = Chip {
            table: Table {
                rows: Row::words(&note, TextRole::Note, (right - 3.0 * MARGIN).clamp(200.0, 620.0)),
                mark: None,
            },
            role: Role::ChipHot,
        };
        let x = x_of(0);
        right = right.max(x + chip.width() + MARGIN);
        shapes.extend(chip.draw(x, height - 4.0));
        height += chip.height() + 12.0;
    }
    Scene {
        width: right,
        height,
        title: flow.title.clone(),
        description: describe(flow),
        shapes,
    }
}

/// What stands below the ladder.
fn summary(flow: &Flow) -> Option<String> {
    (!flow.subtitle.is_empty()).then(|| flow.subtitle.clone())
}

/// Text that lines run behind, on a ground of its own.
fn plated(x: f64, y: f64, text: &str, role: TextRole, max: f64, anchor: Anchor) -> Vec<Shape> {
    let (text, full) = measure::fit(text, role, max);
    let width = measure::width(&text, role);
    let left = if anchor == Anchor::End { x - width } else { x };
    vec![
        Shape::Rect {
            x: left - 3.0,
            y: y - 11.0,
            width: width + 6.0,
            height: 15.0,
            radius: 2.0,
            role: Role::Plate,
        },
        Shape::Text {
            x,
            y,
            text,
            role,
            anchor,
            length: None,
            full,
        },
    ]
}

/// Draws one exchange and returns how far to the right it reaches.
fn row(out: &mut Vec<Shape>, y: &mut f64, exchange: &Exchange, x_of: &impl Fn(usize) -> f64) -> f64 {
    let x = x_of(exchange.from);
    let mut shapes = Vec::new();
    let mut right: f64 = 0.0;
    let role = if exchange.waste {
        Role::MessageWaste
    } else {
        Role::Message
    };
    if let Some(to) = exchange.to {
        let end = x_of(to);
        let (low, high) = (x.min(end), x.max(end));
        let line = |from: f64, to: f64, at: f64, dashed: bool, role: Role| Shape::Path {
            points: vec![(from, at), (to, at)],
            arrow: true,
            dashed,
            role,
        };
        let (role_q, role_a) = (exchange.question_role(), exchange.answer_role());
        *y += if exchange.waste { 14.0 } else { 20.0 };
        shapes.extend(plated(
            low + 12.0,
            *y,
            &exchange.question,
            role_q,
            QUESTION,
            Anchor::Start,
        ));
        if exchange.single() {
            if !exchange.answer.is_empty() {
                shapes.extend(plated(high - 16.0, *y, &exchange.answer, role_a, ANSWER, Anchor::End));
            }
            *y += 7.0;
            shapes.push(line(x, end, *y, false, role));
            *y += 8.0;
        } else {
            *y += 7.0;
            shapes.push(line(x, end, *y, false, role));
            *y += 19.0;
            shapes.extend(plated(low + 12.0, *y, &exchange.answer, role_a, ANSWER, Anchor::Start));
            *y += 7.0;
            let back = if exchange.verdict == Verdict::Blocked {
                Role::LegStop
            } else {
                role
            };
            shapes.push(line(end, x, *y, true, back));
            *y += 12.0;
        }
        if !exchange.waste {
            shapes.push(Shape::Mark {
                x: x - 10.0,
                y: *y - if exchange.single() { 18.0 } else { 22.0 },
                size: 20.0,
                verdict: exchange.verdict,
            });
        }
    } else {
        let words: Vec<&str> = [exchange.question.as_str(), exchange.answer.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        let chip = Chip {
            table: Table {
                rows: Row::words(&words.join(" · "), TextRole::Note, QUESTION),
                mark: (!exchange.waste && exchange.verdict != Verdict::Passes).then_some(exchange.verdict),
            },
            role: if exchange.verdict == Verdict::Blocked {
                Role::ChipStop
            } else {
                Role::Chip
            },
        };
        *y += 10.0;
        shapes.extend(chip.draw(x - 12.0, *y));
        right = right.max(x - 12.0 + chip.width() + MARGIN);
        *y += chip.height() + 6.0;
    }
    if exchange.more > 0 {
        *y += 16.0;
        let note = format!("… {} more like these", exchange.more);
        right = right.max(x + 12.0 + measure::width(&note, TextRole::Note) + MARGIN);
        shapes.extend(plated(x + 12.0, *y, &note, TextRole::Note, QUESTION, Anchor::Start));
        *y += 6.0;
    }
    out.push(Shape::Group {
        step: exchange.step,
        label: exchange.label.clone(),
        shapes,
    });
    right
}
