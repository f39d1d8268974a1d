//! The rows, columns and cells of a flow of [`FlowKind::Policies`](crate::flow::FlowKind), for whoever shows it.

use std::collections::{BTreeMap, BTreeSet};

use crate::flow::{Actor, Flow, Step};

/// A row or a column.
#[derive(Debug, Clone, Copy)]
pub struct Line<'f> {
    /// Who.
    pub actor: &'f Actor,
    /// Whether it is the first one of its namespace.
    pub first: bool,
}

impl<'f> Line<'f> {
    /// The namespace.
    pub fn zone(&self) -> &'f str {
        zone(self.actor)
    }
}

/// A cell.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'f> {
    /// Of the row.
    pub row: usize,
    /// Of the column.
    pub column: usize,
    /// The step's index in the order of [`Flow::steps`].
    pub number: usize,
    /// The step.
    pub step: &'f Step,
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table<'f> {
    /// Who talks, those of a namespace together.
    pub rows: Vec<Line<'f>>,
    /// To whom, those of a namespace together.
    pub columns: Vec<Line<'f>>,
    /// The cells that there are, row by row.
    pub cells: Vec<Cell<'f>>,
}

impl<'f> Table<'f> {
    /// Reads a flow.
    pub fn new(flow: &'f Flow) -> Self {
        let steps: Vec<&Step> = flow.steps().collect();
        let rows = lines(steps.iter().map(|step| &step.actor));
        let columns = lines(steps.iter().filter_map(|step| step.to.as_ref()));
        let places = |lines: &[Line<'f>]| -> BTreeMap<&'f str, usize> {
            let lines = lines.iter().enumerate();
            lines.map(|(at, line)| (line.actor.id.as_str(), at)).collect()
        };
        let (of_rows, of_columns) = (places(&rows), places(&columns));
        let mut cells: BTreeMap<(usize, usize), Cell<'f>> = BTreeMap::new();
        for (number, step) in steps.into_iter().enumerate() {
            let row = of_rows.get(step.actor.id.as_str());
            let column = step.to.as_ref().and_then(|to| of_columns.get(to.id.as_str()));
            if let (Some(&row), Some(&column)) = (row, column) {
                let cell = Cell {
                    row,
                    column,
                    number,
                    step,
                };
                cells.entry((row, column)).or_insert(cell);
            }
        }
        let cells = cells.into_values().collect();
        Self { rows, columns, cells }
    }
}

/// What a step says of ports.
pub fn ports(step: &Step) -> &str {
    let ports = step.after.iter().find(|(name, _)| *name == "ports");
    ports.map_or("", |(_, ports)| ports.as_str())
}

fn zone(actor: &Actor) -> &str {
    actor.zones.first().map_or("", String::as_str)
}

/// Everybody once, in order, those of a namespace together.
fn lines<'f>(actors: impl Iterator<Item = &'f Actor>) -> Vec<Line<'f>> {
    let mut seen = BTreeSet::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut zones: Vec<Vec<&'f Actor>> = Vec::new();
    for actor in actors {
        if !seen.insert(actor.id.as_str()) {
            continue;
        }
        let next = zones.len();
        let place = *places.entry(zone(actor)).or_insert(next);
        match zones.get_mut(place) {
            Some(all) => all.push(actor),
            None => zones.push(vec![actor]),
        }
    }
    let of = |all: Vec<&'f Actor>| {
        let actors = all.into_iter().enumerate();
        actors
            .map(|(at, actor)| Line { actor, first: at == 0 })
            .collect::<Vec<_>>()
    };
    zones.into_iter().flat_map(of).collect()
}
