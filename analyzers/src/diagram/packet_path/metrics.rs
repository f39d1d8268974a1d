//! Where columns, gutters, rows and channels are, and how large.

use super::legs::{NAME_TEXT, Place, Plan};
use super::place::{Grid, Zone};
use super::route::{Hand, Router, SIDE, TRACK, Track};
use crate::diagram::canvas::LINE;
use crate::diagram::measure;
use crate::diagram::scene::TextRole;

pub const BOX_PAD: f64 = 14.0;
pub const MARGIN: f64 = 14.0;

const ZONE_PAD: f64 = 14.0;

const ZONE_LABEL: f64 = 28.0;

/// Where columns, gutters, rows and channels are.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Left edge and width of each gutter.
    pub gutters: Vec<(f64, f64)>,
    /// Left edge and width of the boxes of each column.
    pub boxes: Vec<(f64, f64)>,
    /// Top and height of each row.
    pub rows: Vec<(f64, f64)>,
    /// Where a row's pieces begin, from its top.
    pub shift: Vec<f64>,
    /// The first track of the channel above each row.
    pub channels: Vec<f64>,
    pub top: f64,
    pub bottom: f64,
    pub width: f64,
    pub levels: usize,
}

pub fn pair(all: &[(f64, f64)], at: usize) -> (f64, f64) {
    all.get(at).copied().unwrap_or_default()
}

pub fn bump(all: &mut [f64], at: usize, least: f64) {
    if let Some(value) = all.get_mut(at) {
        *value = value.max(least);
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of zones and tracks are small")]
pub fn float(n: usize) -> f64 {
    n as f64
}

/// Zones that are drawn over all rows; deeper ones hug what is in them.
const FULL: usize = 2;

impl Metrics {
    pub fn new(plan: &Plan, grid: &Grid, router: &mut Router) -> Self {
        let mut metrics = Self {
            levels: grid
                .zones
                .iter()
                .map(|zone| zone.depth + 1)
                .max()
                .unwrap_or(0)
                .min(FULL),
            ..Self::default()
        };
        let mut widths = vec![0.0_f64; grid.columns];
        let mut heights = router.stack(grid.rows);
        let stacks = heights.clone();
        for height in &mut heights {
            *height += 12.0;
        }
        for (at, place) in plan.places.iter().enumerate() {
            let (column, row) = grid.cell(at);
            let (width, height) = box_size(place);
            bump(&mut widths, column, width);
            bump(&mut heights, row, height);
        }
        for (&(column, _), ports) in &router.ports {
            let total: f64 = ports.iter().map(|port| port.width + 14.0).sum();
            bump(&mut widths, column, total + 10.0);
        }
        metrics.shift = heights
            .iter()
            .zip(&stacks)
            .map(|(height, stack)| (height - stack) / 2.0)
            .collect();
        metrics.across(grid, router, &widths);
        // A zone is at least as wide as its label.
        let mut zones: Vec<&Zone> = grid.zones.iter().collect();
        zones.sort_by_key(|zone| std::cmp::Reverse(zone.depth));
        for zone in zones {
            let (left, right) = metrics.zone_x(grid, zone);
            let (label, _) = measure::fit(&zone.name, TextRole::Label, ZONE_TEXT);
            let lacking = measure::width(&label, TextRole::Label) + 28.0 - (right - left);
            if lacking > 0.0
                && let Some(width) = widths.get_mut(zone.columns.1)
            {
                *width += lacking;
                metrics.across(grid, router, &widths);
            }
        }
        metrics.down(grid, router, &heights);
        metrics
    }

    fn across(&mut self, grid: &Grid, router: &Router, widths: &[f64]) {
        self.gutters.clear();
        self.boxes.clear();
        let mut x = MARGIN;
        for at in 0..=2 * grid.columns {
            let column = at / 2;
            let tracks = tracks(router, at, Hand::Left) + tracks(router, at, Hand::Right);
            let chip = router.chips.get(&at).map_or(0.0, |chip| chip + 2.0 * SIDE);
            let mut width = tracks + chip;
            if at.is_multiple_of(2) {
                let pads = float(closing(grid, column) + opening(grid, column)) * ZONE_PAD;
                let inner = column > 0 && column < grid.columns;
                width += pads + if inner && width == 0.0 { SIDE } else { 0.0 };
            } else if width > 0.0 {
                width += SIDE;
            }
            self.gutters.push((x, width));
            x += width;
            if at % 2 == 1 {
                let width = widths.get(column).copied().unwrap_or(0.0);
                self.boxes.push((x, width));
                x += width;
            }
        }
        self.width = x + MARGIN;
    }

    fn down(&mut self, grid: &Grid, router: &Router, heights: &[f64]) {
        self.top = MARGIN;
        let mut y = MARGIN + float(self.levels) * ZONE_LABEL;
        for (row, height) in heights.iter().enumerate() {
            let closing = if row == 0 {
                0
            } else {
                deep(grid, |zone| zone.rows.1 + 1 == row)
            };
            let opening = float(deep(grid, |zone| zone.rows.0 == row)) * ZONE_LABEL;
            let hanging = router.hanging.get(&row).map_or(0.0, |chip| chip + 2.0 * 19.0);
            let tracks = router.channels.get(&row).map_or(0.0, |&n| float(n) * TRACK);
            y += float(closing) * ZONE_PAD + if row == 0 { 2.0 } else { 14.0 };
            self.channels.push(y + TRACK / 2.0);
            y += tracks + if tracks > 0.0 { 8.0 } else { 0.0 } + opening.max(hanging);
            self.rows.push((y, *height));
            y += height;
        }
        let closing = deep(grid, |zone| zone.rows.1 + 1 == grid.rows);
        self.bottom = y + float(closing + self.levels) * ZONE_PAD;
    }

    /// Left and right edge of a zone.
    pub fn zone_x(&self, grid: &Grid, zone: &Zone) -> (f64, f64) {
        let inner = |edge: fn(&Zone) -> usize| {
            float(
                grid.zones
                    .iter()
                    .filter(|other| other.depth >= zone.depth && edge(other) == edge(zone))
                    .count(),
            ) * ZONE_PAD
        };
        let left = pair(&self.gutters, 2 * zone.columns.0 + 1).0 - inner(|zone| zone.columns.0);
        let (x, width) = pair(&self.boxes, zone.columns.1);
        (left, x + width + inner(|zone| zone.columns.1))
    }

    /// Top and bottom edge of a zone.
    pub fn zone_y(&self, grid: &Grid, zone: &Zone) -> (f64, f64) {
        if zone.depth < FULL {
            return (
                self.top + float(zone.depth) * ZONE_LABEL,
                self.bottom - float(zone.depth) * ZONE_PAD,
            );
        }
        let within = |other: &&Zone| {
            other.depth >= zone.depth && other.columns.0 >= zone.columns.0 && other.columns.1 <= zone.columns.1
        };
        let levels = |edge: fn(&Zone) -> usize| {
            let deepest = grid
                .zones
                .iter()
                .filter(within)
                .filter(|other| edge(other) == edge(zone));
            float(deepest.map(|other| other.depth + 1 - zone.depth).max().unwrap_or(1))
        };
        let (top, _) = pair(&self.rows, zone.rows.0);
        let (last, height) = pair(&self.rows, zone.rows.1);
        (
            top - levels(|zone| zone.rows.0) * ZONE_LABEL,
            last + height + levels(|zone| zone.rows.1) * ZONE_PAD,
        )
    }

    pub fn track_x(&self, grid: &Grid, track: Track) -> f64 {
        let (x, width) = pair(&self.gutters, track.gutter);
        let lane = track.gutter % 2 == 1;
        let step = float(track.nth) * TRACK;
        match track.hand {
            Hand::Left if lane => x + 6.0 + step,
            Hand::Left => x + float(closing(grid, track.gutter / 2)) * ZONE_PAD + SIDE + step,
            Hand::Right => x + width - float(opening(grid, track.gutter / 2)) * ZONE_PAD - SIDE - step,
        }
    }

    /// The middle of the part of a gutter that holds chips.
    pub fn chip_x(&self, grid: &Grid, router: &Router, gutter: usize) -> f64 {
        let (x, width) = pair(&self.gutters, gutter);
        let (mut left, mut right) = (tracks(router, gutter, Hand::Left), tracks(router, gutter, Hand::Right));
        if gutter.is_multiple_of(2) {
            left += float(closing(grid, gutter / 2)) * ZONE_PAD;
            right += float(opening(grid, gutter / 2)) * ZONE_PAD;
        } else {
            right += SIDE;
        }
        f64::midpoint(x + left, x + width - right)
    }

    pub fn piece_y(&self, router: &Router, piece: usize) -> f64 {
        let Some(piece) = router.pieces.get(piece) else {
            return 0.0;
        };
        let shift = self.shift.get(piece.row).copied().unwrap_or(0.0);
        pair(&self.rows, piece.row).0 + shift + piece.top + piece.height / 2.0
    }

    pub fn port_x(&self, router: &Router, below: (usize, usize), leg: usize) -> f64 {
        let (x, width) = pair(&self.boxes, below.0);
        let Some(ports) = router.ports.get(&below) else {
            return x;
        };
        let mut ports = ports.clone();
        ports.sort_by_key(|port| (port.order, port.leg));
        let total: f64 = ports.iter().map(|port| port.width + 14.0).sum();
        let mut at = x + (width - total) / 2.0;
        for port in &ports {
            if port.leg == leg {
                return at + port.width / 2.0 + 7.0;
            }
            at += port.width + 14.0;
        }
        at
    }

    pub fn side(&self, column: usize, right: bool) -> f64 {
        let (x, width) = pair(&self.boxes, column);
        if right { x + width } else { x }
    }
}

/// The width that a gutter's tracks of one side take.
fn tracks(router: &Router, gutter: usize, hand: Hand) -> f64 {
    match router.tracks.get(&(gutter, hand)) {
        Some(&n) if gutter.is_multiple_of(2) => SIDE + float(n) * TRACK,
        Some(&n) => float(n) * TRACK,
        None => 0.0,
    }
}

pub const ZONE_TEXT: f64 = 330.0;

/// How many zones end before a column.
fn closing(grid: &Grid, column: usize) -> usize {
    grid.zones.iter().filter(|zone| zone.columns.1 + 1 == column).count()
}

/// How many zones begin with a column.
fn opening(grid: &Grid, column: usize) -> usize {
    grid.zones.iter().filter(|zone| zone.columns.0 == column).count()
}

/// How many levels of hugging zones have an edge there.
fn deep(grid: &Grid, edge: impl Fn(&Zone) -> bool) -> usize {
    grid.zones
        .iter()
        .filter(|zone| zone.depth >= FULL && edge(zone))
        .map(|zone| zone.depth + 1 - FULL)
        .max()
        .unwrap_or(0)
}

pub fn box_size(place: &Place) -> (f64, f64) {
    let (name, _) = measure::fit(&place.name, TextRole::Title, NAME_TEXT);
    let title = measure::width(&name, TextRole::Title) + float(place.ends.len()) * 28.0;
    let local = place
        .local
        .iter()
        .map(|local| indent(local.number) + local.table.width());
    let width = local.fold(title.max(place.details.width()), f64::max) + 2.0 * BOX_PAD;
    let local: f64 = place
        .local
        .iter()
        .map(|local| local.table.height().max(22.0) + 7.0)
        .sum();
    (width.max(120.0), 24.0 + LINE + place.details.height() + local)
}

pub fn indent(number: Option<usize>) -> f64 {
    if number.is_some() { 28.0 } else { 0.0 }
}
