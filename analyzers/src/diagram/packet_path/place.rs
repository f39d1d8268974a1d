//! A column and a row for each place. A column is an innermost zone; columns that share an outer zone are neighbours.

use std::collections::BTreeSet;

use super::legs::Plan;

/// Where everything stands.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    /// For each place its column and row.
    pub cells: Vec<(usize, usize)>,
    /// How many columns there are.
    pub columns: usize,
    /// How many rows there are.
    pub rows: usize,
    /// The zones, outer before inner.
    pub zones: Vec<Zone>,
    taken: BTreeSet<(usize, usize)>,
}

/// A zone over neighbouring columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// How many zones it is in.
    pub depth: usize,
    /// First and last column.
    pub columns: (usize, usize),
    /// First and last row that has something in it.
    pub rows: (usize, usize),
}

impl Grid {
    /// The place in a cell.
    pub fn taken(&self, column: usize, row: usize) -> bool {
        self.taken.contains(&(column, row))
    }

    /// Whether something stands in a row strictly between two columns.
    pub fn between(&self, row: usize, one: usize, other: usize) -> bool {
        (one.min(other) + 1..one.max(other)).any(|column| self.taken(column, row))
    }

    /// Where a place stands.
    pub fn cell(&self, place: usize) -> (usize, usize) {
        self.cells.get(place).copied().unwrap_or_default()
    }
}

/// Places everything.
pub fn place(plan: &Plan) -> Grid {
    let mut grid = Grid::default();
    let mut columns = vec![0; plan.places.len()];
    let all: Vec<usize> = (0..plan.places.len()).collect();
    nest(plan, &all, 0, &mut grid, &mut columns);
    let mut rows: Vec<Option<usize>> = vec![None; plan.places.len()];
    let mut free = vec![0; grid.columns];
    let column_of = |place: usize| columns.get(place).copied().unwrap_or(0);
    for leg in &plan.legs {
        for (place, from) in [(leg.from, None), (leg.to, Some(leg.from))] {
            if rows.get(place).copied().flatten().is_some() {
                continue;
            }
            let column = column_of(place);
            let least = free.get(column).copied().unwrap_or(0);
            let row = match from.and_then(|from| Some((column_of(from), rows.get(from).copied().flatten()?))) {
                Some((other, row)) if other == column => least.max(row + 1),
                Some((other, row)) if least <= row && !grid.between(row, column, other) => row,
                Some((_, row)) => least.max(row + 1),
                None => least,
            };
            settle(&mut grid, &mut rows, &mut free, place, column, row);
        }
    }
    for place in all {
        if rows.get(place).copied().flatten().is_none() {
            let column = column_of(place);
            let row = free.get(column).copied().unwrap_or(0);
            settle(&mut grid, &mut rows, &mut free, place, column, row);
        }
    }
    grid.cells = columns
        .iter()
        .zip(&rows)
        .map(|(&column, row)| (column, row.unwrap_or(0)))
        .collect();
    grid.rows = grid.cells.iter().map(|&(_, row)| row + 1).max().unwrap_or(0);
    for zone in &mut grid.zones {
        let inside = grid
            .taken
            .range((zone.columns.0, 0)..(zone.columns.1 + 1, 0))
            .map(|&(_, row)| row);
        let (mut first, mut last) = (usize::MAX, 0);
        for row in inside {
            first = first.min(row);
            last = last.max(row);
        }
        zone.rows = (first.min(last), last);
    }
    grid
}

fn settle(grid: &mut Grid, rows: &mut [Option<usize>], free: &mut [usize], place: usize, column: usize, row: usize) {
    if let Some(slot) = rows.get_mut(place) {
        *slot = Some(row);
    }
    if let Some(free) = free.get_mut(column) {
        *free = row + 1;
    }
    grid.taken.insert((column, row));
}

/// Zones nest no deeper than this in the picture.
const DEEPEST: usize = 4;

/// Gives the places of one zone their columns: those directly in it one, each zone in it its own.
fn nest(plan: &Plan, places: &[usize], depth: usize, grid: &mut Grid, columns: &mut [usize]) {
    let zone_of = |place: usize| {
        plan.places
            .get(place)
            .and_then(|place| place.zones.get(depth))
            .filter(|_| depth < DEEPEST)
    };
    let mut groups: Vec<(Option<&String>, Vec<usize>)> = Vec::new();
    for &place in places {
        let zone = zone_of(place);
        if let Some((_, group)) = groups.iter_mut().find(|(known, _)| *known == zone) {
            group.push(place);
        } else {
            groups.push((zone, vec![place]));
        }
    }
    for (zone, group) in groups {
        let Some(name) = zone else {
            for place in group {
                if let Some(column) = columns.get_mut(place) {
                    *column = grid.columns;
                }
            }
            grid.columns += 1;
            continue;
        };
        let first = grid.columns;
        let at = grid.zones.len();
        grid.zones.push(Zone {
            name: name.clone(),
            depth,
            columns: (first, first),
            rows: (0, 0),
        });
        nest(plan, &group, depth + 1, grid, columns);
        if let Some(zone) = grid.zones.get_mut(at) {
            zone.columns.1 = grid.columns.saturating_sub(1);
        }
    }
}
