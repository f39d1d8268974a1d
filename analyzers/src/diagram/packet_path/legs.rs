//! Which places there are, which legs join them, and what each leg says.

use crate::diagram::canvas::{Chip, Row, Table};
use crate::diagram::scene::{Role, TextRole};
use crate::flow::packet_path::fold;
use crate::flow::{Actor, ActorKind, Flow, Outcome, Step, Values, Verdict};

/// The most that a line of a box or a chip may take, in pixels.
const BOX_TEXT: f64 = 250.0;
const CHIP_TEXT: f64 = 206.0;

/// Somebody in the picture.
#[derive(Debug, Clone)]
pub struct Place {
    /// The actor's id.
    pub id: String,
    /// The actor's name.
    pub name: String,
    /// What it is in, outermost first.
    pub zones: Vec<String>,
    /// The lines below the name.
    pub details: Table,
    /// What it does by itself: the step's index and lines.
    pub local: Vec<Local>,
    /// How a way that ends here ends.
    pub ends: Vec<Verdict>,
    /// Whether the flow stops here.
    pub stop: bool,
}

/// Something that a place does by itself.
#[derive(Debug, Clone)]
pub struct Local {
    /// The step's index.
    pub step: usize,
    /// The number to show; other ways have none.
    pub number: Option<usize>,
    /// The step in words.
    pub label: String,
    /// Its lines.
    pub table: Table,
}

/// Which way a leg belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The way that is explained.
    There,
    /// The way of its answer.
    Back,
    /// Another way.
    Other,
}

/// A leg from one place to another.
#[derive(Debug, Clone)]
pub struct Leg {
    /// Index of the place where it begins.
    pub from: usize,
    /// Index of the place where it ends.
    pub to: usize,
    /// The step's index.
    pub step: usize,
    /// The number to show.
    pub number: Option<usize>,
    /// Which way it belongs to.
    pub way: Way,
    /// What is known of it.
    pub verdict: Verdict,
    /// What it says.
    pub chip: Chip,
    /// The step in words.
    pub label: String,
}

/// Places and legs.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// In order of appearance.
    pub places: Vec<Place>,
    /// In the order of the steps.
    pub legs: Vec<Leg>,
}

/// Reads a flow. `ways` says what each of its ways stands for, where some were put together.
pub fn read(flow: &Flow, ways: &[fold::Way]) -> Plan {
    let mut plan = Plan::default();
    let mut index = 0;
    for (nth, outcome) in flow.outcomes.iter().enumerate() {
        let way = ways.get(nth);
        index = way.map_or(index, |way| way.first);
        let back = outcome.back.as_ref().map_or(&[] as &[Step], |back| &back.steps);
        let mut teller = Teller {
            outcome,
            asked: outcome
                .steps
                .first()
                .and_then(|step| value(&step.after, "dst").or_else(|| value(&step.before, "dst"))),
            main: nth == 0,
            // One share is shown where the way leaves those already drawn.
            share: (flow.outcomes.len() > 1).then(|| told(outcome, way)),
        };
        teller.walk(
            &mut plan,
            &outcome.steps,
            index,
            if nth == 0 { Way::There } else { Way::Other },
        );
        if nth == 0 {
            teller.walk(&mut plan, back, index + outcome.steps.len(), Way::Back);
        }
        teller.end(&mut plan, back);
        index += outcome.steps.len() + back.len();
    }
    share_main(flow, ways.first(), &mut plan);
    plan
}

/// A way's share, and those of all that it stands for.
fn told(outcome: &Outcome, way: Option<&fold::Way>) -> String {
    way.and_then(fold::Way::words).unwrap_or_else(|| percent(outcome.share))
}

/// Where other ways leave the one that is explained, its own share is told too.
fn share_main(flow: &Flow, way: Option<&fold::Way>, plan: &mut Plan) {
    let several = way.is_some_and(|way| way.count > 1);
    let other = plan.legs.iter().find(|leg| leg.way == Way::Other).map(|leg| leg.from);
    // A way that stands for several says so where they part.
    let own = || {
        let folded = |leg: &&Leg| plan.places.get(leg.to).is_some_and(|place| fold::is_several(&place.id));
        plan.legs.iter().find(folded).filter(|_| several).map(|leg| leg.from)
    };
    let Some(parting) = other.or_else(own) else {
        return;
    };
    if let (Some(leg), Some(outcome)) = (
        plan.legs
            .iter_mut()
            .find(|leg| leg.from == parting && leg.way == Way::There),
        flow.outcomes.first(),
    ) {
        let share = Row::plain(&told(outcome, way), TextRole::Label, CHIP_TEXT);
        leg.chip.table.rows.insert(0, share);
    }
}

struct Teller<'a> {
    outcome: &'a Outcome,
    asked: Option<&'a str>,
    main: bool,
    share: Option<String>,
}

impl Teller<'_> {
    fn walk(&mut self, plan: &mut Plan, steps: &[Step], first: usize, way: Way) {
        for (at, step) in steps.iter().enumerate() {
            let from = plan.place(&step.actor);
            let next = steps.get(at + 1).map(|next| &next.actor);
            let target = step.to.as_ref().or(next).filter(|to| to.id != step.actor.id);
            let index = first + at;
            let number = self.main.then_some(index + 1);
            let opening = at == 0 && way != Way::Back;
            if let Some(target) = target {
                let to = plan.place(target);
                let known = !self.main
                    && plan.legs.iter().any(|leg| {
                        leg.from == from && leg.to == to && leg.way != Way::Back && step.verdict != Verdict::Blocked
                    });
                if known {
                    continue;
                }
                let chip = self.chip(step, opening, way);
                plan.legs.push(Leg {
                    from,
                    to,
                    step: index,
                    number,
                    way,
                    verdict: step.verdict,
                    chip,
                    label: spoken(step, Some(target)),
                });
            } else {
                let local = Local {
                    step: index,
                    number,
                    label: spoken(step, None),
                    table: self.table(step, opening, way, BOX_TEXT - 28.0),
                };
                if let Some(place) = plan.places.get_mut(from)
                    && !place.local.iter().any(|known| known.table == local.table)
                {
                    place.local.push(local);
                }
            }
            if step.verdict == Verdict::Blocked {
                let stop = target.map_or(Some(from), |target| plan.find(&target.id));
                if let Some(place) = stop.and_then(|stop| plan.places.get_mut(stop)) {
                    place.stop = true;
                    // Where a leg stops, the mark stands on the leg's end.
                    if target.is_none() {
                        place.end(Verdict::Blocked);
                    }
                }
            }
        }
    }

    /// Marks the place where the way ends.
    fn end(&self, plan: &mut Plan, back: &[Step]) {
        let steps = &self.outcome.steps;
        let Some(last) = steps.last() else { return };
        let blocked = steps.iter().chain(back).any(|step| step.verdict == Verdict::Blocked);
        let there = Verdict::all(steps.iter().map(|step| step.verdict));
        let verdict = if self.main && !back.is_empty() {
            there
        } else {
            self.outcome.verdict
        };
        // A blocked way has its mark where it stops; but the answers of other ways are not drawn, so theirs stands here.
        if blocked && (self.main || there == Verdict::Blocked) {
            return;
        }
        let id = last.to.as_ref().map_or(&last.actor.id, |to| &to.id);
        if let Some(place) = plan.find(id).and_then(|at| plan.places.get_mut(at)) {
            place.end(verdict);
        }
    }

    fn chip(&mut self, step: &Step, opening: bool, way: Way) -> Chip {
        let mut table = self.table(step, opening, way, CHIP_TEXT);
        if way == Way::Other
            && let Some(share) = self.share.take()
        {
            table.rows.retain(|row| row.role != TextRole::Note);
            table.rows.insert(0, Row::plain(&share, TextRole::Label, CHIP_TEXT));
        }
        table.mark = matches!(step.verdict, Verdict::Assumed | Verdict::Unknown).then_some(step.verdict);
        let role = match (way, step.verdict) {
            (_, Verdict::Blocked) => Role::ChipStop,
            (Way::There | Way::Back, _) if changes(step) => Role::ChipHot,
            _ => Role::Chip,
        };
        Chip { table, role }
    }

    /// What a step says: what is done, and what it changed.
    fn table(&self, step: &Step, opening: bool, way: Way, max: f64) -> Table {
        let mut rows = Row::words(&step.action, TextRole::Note, max);
        let changed = changes(step);
        for (key, short) in [("src", "source"), ("dst", "dest")] {
            let after = value(&step.after, key).or_else(|| value(&step.before, key));
            let (Some(before), Some(after)) = (value(&step.before, key).or(after), after) else {
                continue;
            };
            if before != after {
                if way != Way::Other {
                    rows.push(Row::labelled(
                        &format!("{short} was"),
                        before,
                        TextRole::Code,
                        max - 62.0,
                    ));
                }
                rows.push(Row::labelled(
                    &format!("{short} now"),
                    after,
                    TextRole::CodeStrong,
                    max - 62.0,
                ));
            } else if opening {
                rows.push(Row::labelled(
                    if key == "src" { "from" } else { "to" },
                    after,
                    TextRole::Code,
                    max - 62.0,
                ));
            } else if changed && way != Way::Other && key == "src" {
                rows.push(Row::labelled("source kept", after, TextRole::CodeStrong, max - 72.0));
            }
        }
        if !changed && !opening && way != Way::Other {
            // Nothing changed: where it stops, both ends matter all the same.
            if let Some(src) = value(&step.after, "src").or_else(|| value(&step.before, "src"))
                && (way == Way::Back || step.verdict == Verdict::Blocked)
            {
                rows.push(Row::labelled("from", src, TextRole::CodeStrong, max - 62.0));
            }
        }
        if way == Way::Back
            && step.verdict == Verdict::Blocked
            && let Some(asked) = self.asked
            && value(&step.after, "src").is_none_or(|src| src != asked)
        {
            rows.push(Row::labelled("asked", asked, TextRole::Code, max - 62.0));
        }
        Table { rows, mark: None }
    }
}

impl Plan {
    fn find(&self, id: &str) -> Option<usize> {
        self.places.iter().position(|place| place.id == id)
    }

    fn place(&mut self, actor: &Actor) -> usize {
        if let Some(at) = self.find(&actor.id) {
            return at;
        }
        let mut details: Vec<Row> = Vec::new();
        for detail in actor.details.iter().take(3) {
            details.push(Row::plain(detail, TextRole::Code, BOX_TEXT));
        }
        let kind = match actor.kind {
            ActorKind::Pod => Some("pod"),
            ActorKind::Node => Some("node"),
            ActorKind::Instance => Some("instance"),
            ActorKind::Interface => Some("network interface"),
            ActorKind::Subnet => Some("subnet"),
            ActorKind::Gateway => Some("gateway"),
            _ => None,
        };
        if details.is_empty()
            && let Some(kind) = kind
        {
            details.push(Row::plain(kind, TextRole::Note, BOX_TEXT));
        }
        self.places.push(Place {
            id: actor.id.clone(),
            name: actor.name.clone(),
            zones: actor.zones.clone(),
            details: Table {
                rows: details,
                mark: None,
            },
            local: Vec::new(),
            ends: Vec::new(),
            stop: false,
        });
        self.places.len() - 1
    }
}

impl Place {
    fn end(&mut self, verdict: Verdict) {
        if !self.ends.contains(&verdict) {
            self.ends.push(verdict);
        }
    }
}

/// The most that a name may take.
pub const NAME_TEXT: f64 = BOX_TEXT;

fn changes(step: &Step) -> bool {
    ["src", "dst"].iter().any(|key| {
        matches!((value(&step.before, key), value(&step.after, key)), (Some(before), Some(after)) if before != after)
    })
}

fn value<'a>(values: &'a Values, key: &str) -> Option<&'a str> {
    values
        .iter()
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value.as_str())
}

/// `50 %`.
pub fn percent(share: f64) -> String {
    let percent = (share * 100.0).clamp(0.0, 100.0);
    if percent > 0.0 && percent < 1.0 {
        "under 1 %".to_owned()
    } else {
        format!("{percent:.0} %")
    }
}

fn spoken(step: &Step, to: Option<&Actor>) -> String {
    let to = to.map(|to| format!(" to {}", to.name)).unwrap_or_default();
    format!("{}{to}: {}; {}", step.actor.name, step.action, step.verdict.word())
}
