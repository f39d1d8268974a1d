//! Leads the legs through the gutters between the places, each on a track and with a slot for its chip of its own, so that
//! no leg runs through a box, and no chip covers anything but its own leg.
//!
//! Gutters are numbered from the left: `2c` is the one before column `c`, `2c + 1` the lane inside the column's own zone,
//! at the left of its boxes, for legs that leave neither. A leg's last horizontal piece, or its vertical run between two
//! neighbours of one column, carries the chip.

use std::collections::BTreeMap;

use super::legs::{Leg, NAME_TEXT, Place, Plan, Way};
use super::place::{Grid, Zone};
use crate::diagram::canvas::{self, LINE};
use crate::diagram::measure;
use crate::diagram::scene::{Role, Scene, Shape, TextRole};
use crate::flow::{Flow, Verdict};

const MARGIN: f64 = 14.0;
const ZONE_PAD: f64 = 14.0;
const ZONE_LABEL: f64 = 28.0;
const SIDE: f64 = 25.0;
const TRACK: f64 = 12.0;
const PORT: f64 = 26.0;
const BOX_PAD: f64 = 14.0;

/// A horizontal piece of a leg in a row.
#[derive(Debug, Clone)]
struct Piece {
    row: usize,
    gutters: (usize, usize),
    height: f64,
    /// From the row's top to the piece's upper edge.
    top: f64,
}

/// On which side of a gutter a vertical track lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hand {
    Left,
    Right,
}

#[derive(Debug, Clone, Copy)]
struct Track {
    gutter: usize,
    hand: Hand,
    nth: usize,
}

/// How a leg goes.
#[derive(Debug, Clone)]
enum Route {
    /// Straight along a row.
    Along { piece: usize },
    /// Straight up or down a column to the neighbour.
    Column { below: (usize, usize), port: usize },
    /// Out at the bottom and down, then along the row of the end.
    Drop {
        below: (usize, usize),
        port: usize,
        piece: usize,
    },
    /// Out at a side, up or down a gutter, then along the row of the end.
    Side { out: usize, track: Track, piece: usize },
    /// As [`Route::Side`], but over the channel above the row of the end, because something stands between.
    Over {
        out: usize,
        track: Track,
        channel: (usize, usize),
        last: Track,
        piece: usize,
    },
}

/// A slot for a leg that leaves or reaches a box at its top or bottom.
#[derive(Debug, Clone, Copy)]
struct Port {
    leg: usize,
    width: f64,
    order: u8,
}

#[derive(Debug, Default)]
struct Router {
    routes: Vec<Route>,
    pieces: Vec<Piece>,
    ports: BTreeMap<(usize, usize), Vec<Port>>,
    tracks: BTreeMap<(usize, Hand), usize>,
    channels: BTreeMap<usize, usize>,
    /// The widest chip of each gutter.
    chips: BTreeMap<usize, f64>,
    /// The highest chip directly above each row.
    hanging: BTreeMap<usize, f64>,
}

impl Router {
    fn piece(&mut self, row: usize, gutters: (usize, usize), height: f64) -> usize {
        self.pieces.push(Piece {
            row,
            gutters,
            height: height.max(PORT),
            top: 0.0,
        });
        self.pieces.len() - 1
    }

    fn track(&mut self, gutter: usize, hand: Hand) -> Track {
        let count = self.tracks.entry((gutter, hand)).or_default();
        *count += 1;
        Track {
            gutter,
            hand,
            nth: *count - 1,
        }
    }

    fn chip(&mut self, gutter: usize, width: f64) {
        let widest = self.chips.entry(gutter).or_default();
        *widest = widest.max(width);
    }

    fn route(&mut self, grid: &Grid, nth: usize, leg: &Leg) -> Route {
        let ((from, top), (to, row)) = (grid.cell(leg.from), grid.cell(leg.to));
        let (width, height) = (leg.chip.width(), leg.chip.height());
        if from == to {
            let (upper, lower) = (top.min(row), top.max(row));
            let neighbours = !(upper + 1..lower).any(|row| grid.taken(from, row));
            if neighbours {
                let tallest = self.hanging.entry(lower).or_default();
                *tallest = tallest.max(height);
                let port = self.port((from, upper), nth, width.max(PORT), 1);
                return Route::Column {
                    below: (from, upper),
                    port,
                };
            }
            let lane = 2 * from + 1;
            self.chip(lane, width);
            let out = self.piece(top, (lane, lane), PORT);
            let track = self.track(lane, Hand::Left);
            let piece = self.piece(row, (lane, lane), height);
            return Route::Side { out, track, piece };
        }
        let right = to > from;
        // The gutter at the end's near side holds the chip.
        let near = if right { 2 * to } else { 2 * (to + 1) };
        self.chip(near, width);
        let clear = !grid.between(row, from, to);
        let leave = if right { 2 * (from + 1) } else { 2 * from };
        let span = |start: usize| if right { (start, 2 * to + 1) } else { (near, start) };
        if top == row && clear {
            let start = if right { leave } else { leave + 1 };
            let piece = self.piece(row, span(start), height);
            return Route::Along { piece };
        }
        let below_empty = row > top && !(top + 1..=row).any(|row| grid.taken(from, row));
        if below_empty && clear {
            let port = self.port((from, top), nth, PORT, if right { 2 } else { 0 });
            let start = if right { leave } else { leave + 1 };
            let piece = self.piece(row, span(start), height);
            return Route::Drop {
                below: (from, top),
                port,
                piece,
            };
        }
        let hand = if right { Hand::Left } else { Hand::Right };
        let out = self.piece(top, if right { (leave, leave) } else { (leave, leave + 1) }, PORT);
        let track = self.track(leave, hand);
        if clear {
            let piece = self.piece(row, span(leave), height);
            return Route::Side { out, track, piece };
        }
        let used = self.channels.entry(row).or_default();
        *used += 1;
        let channel = (row, *used - 1);
        let last = self.track(near, hand);
        let piece = self.piece(row, span(near), height);
        Route::Over {
            out,
            track,
            channel,
            last,
            piece,
        }
    }

    fn port(&mut self, below: (usize, usize), leg: usize, width: f64, order: u8) -> usize {
        self.ports.entry(below).or_default().push(Port { leg, width, order });
        leg
    }

    /// Stacks the pieces of each row so that none covers another in any gutter; returns the rows' least heights.
    fn stack(&mut self, rows: usize) -> Vec<f64> {
        let mut sky: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        let mut heights = vec![0.0_f64; rows];
        for piece in &mut self.pieces {
            let gutters = piece.gutters.0..=piece.gutters.1;
            piece.top = gutters
                .clone()
                .filter_map(|gutter| sky.get(&(piece.row, gutter)))
                .fold(0.0, |a: f64, &b| a.max(b));
            let bottom = piece.top + piece.height + 6.0;
            for gutter in gutters {
                sky.insert((piece.row, gutter), bottom);
            }
            bump(&mut heights, piece.row, bottom - 6.0);
        }
        heights
    }
}

/// Where columns, gutters, rows and channels are.
#[derive(Debug, Default)]
struct Metrics {
    /// Left edge and width of each gutter.
    gutters: Vec<(f64, f64)>,
    /// Left edge and width of the boxes of each column.
    boxes: Vec<(f64, f64)>,
    /// Top and height of each row.
    rows: Vec<(f64, f64)>,
    /// Where a row's pieces begin, from its top.
    shift: Vec<f64>,
    /// The first track of the channel above each row.
    channels: Vec<f64>,
    top: f64,
    bottom: f64,
    width: f64,
    levels: usize,
}

fn pair(all: &[(f64, f64)], at: usize) -> (f64, f64) {
    all.get(at).copied().unwrap_or_default()
}

fn bump(all: &mut [f64], at: usize, least: f64) {
    if let Some(value) = all.get_mut(at) {
        *value = value.max(least);
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of zones and tracks are small")]
fn float(n: usize) -> f64 {
    n as f64
}

/// Zones that are drawn over all rows; deeper ones hug what is in them.
const FULL: usize = 2;

impl Metrics {
    fn new(plan: &Plan, grid: &Grid, router: &mut Router) -> Self {
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
    fn zone_x(&self, grid: &Grid, zone: &Zone) -> (f64, f64) {
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
    fn zone_y(&self, grid: &Grid, zone: &Zone) -> (f64, f64) {
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

    fn track_x(&self, grid: &Grid, track: Track) -> f64 {
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
    fn chip_x(&self, grid: &Grid, router: &Router, gutter: usize) -> f64 {
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

    fn piece_y(&self, router: &Router, piece: usize) -> f64 {
        let Some(piece) = router.pieces.get(piece) else {
            return 0.0;
        };
        let shift = self.shift.get(piece.row).copied().unwrap_or(0.0);
        pair(&self.rows, piece.row).0 + shift + piece.top + piece.height / 2.0
    }

    fn port_x(&self, router: &Router, below: (usize, usize), leg: usize) -> f64 {
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

    fn side(&self, column: usize, right: bool) -> f64 {
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

const ZONE_TEXT: f64 = 330.0;

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

fn box_size(place: &Place) -> (f64, f64) {
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

fn indent(number: Option<usize>) -> f64 {
    if number.is_some() { 28.0 } else { 0.0 }
}

/// Draws the picture.
pub fn draw(flow: &Flow, plan: &Plan, grid: &Grid) -> Scene {
    let mut router = Router::default();
    for (nth, leg) in plan.legs.iter().enumerate() {
        let route = router.route(grid, nth, leg);
        router.routes.push(route);
    }
    let metrics = Metrics::new(plan, grid, &mut router);
    let mut shapes = Vec::new();
    for zone in &grid.zones {
        let ((left, right), (top, bottom)) = (metrics.zone_x(grid, zone), metrics.zone_y(grid, zone));
        shapes.push(Shape::Rect {
            x: left,
            y: top,
            width: right - left,
            height: bottom - top,
            radius: if zone.depth == 0 { 10.0 } else { 8.0 },
            role: match zone.depth {
                0 => Role::Zone1,
                1 => Role::Zone2,
                _ => Role::Zone3,
            },
        });
        shapes.push(canvas::fitted(
            left + 14.0,
            top + 19.0,
            &zone.name,
            TextRole::Label,
            ZONE_TEXT,
        ));
    }
    for (at, place) in plan.places.iter().enumerate() {
        shapes.extend(draw_box(place, grid.cell(at), &metrics));
    }
    // The way that is explained lies over the others.
    let mut order: Vec<usize> = (0..plan.legs.len()).collect();
    order.sort_by_key(|&at| plan.legs.get(at).map(|leg| leg.way != Way::Other));
    for at in order {
        if let (Some(leg), Some(route)) = (plan.legs.get(at), router.routes.get(at)) {
            shapes.push(draw_leg(leg, route, grid, &router, &metrics));
        }
    }
    Scene {
        width: metrics.width,
        height: metrics.bottom + MARGIN,
        title: flow.title.clone(),
        description: super::super::describe(flow),
        shapes,
    }
}

fn draw_box(place: &Place, (column, row): (usize, usize), metrics: &Metrics) -> Vec<Shape> {
    let ((x, width), (y, height)) = (pair(&metrics.boxes, column), pair(&metrics.rows, row));
    let mut shapes = vec![Shape::Rect {
        x,
        y,
        width,
        height,
        radius: 7.0,
        role: if place.stop { Role::BoxStop } else { Role::Box },
    }];
    let (_, needs) = box_size(place);
    let mut at = y + (height - needs) / 2.0 + 12.0;
    shapes.push(canvas::fitted(
        x + BOX_PAD,
        at + 13.0,
        &place.name,
        TextRole::Title,
        NAME_TEXT,
    ));
    let mut right = x + width - BOX_PAD;
    for &verdict in &place.ends {
        right -= 20.0;
        // Below the mark of a leg that stops at the box's upper edge, which reaches 11 into the box.
        shapes.push(Shape::Mark {
            x: right,
            y: at - 0.5,
            size: 18.0,
            verdict,
        });
        right -= 4.0;
    }
    at += LINE + 1.0;
    shapes.extend(place.details.draw(x + BOX_PAD, at, width - 2.0 * BOX_PAD));
    at += place.details.height() + 5.0;
    for local in &place.local {
        let mut group = Vec::new();
        if let Some(number) = local.number {
            group.extend(canvas::number(x + BOX_PAD + 10.0, at + 9.0, number));
        }
        group.extend(
            local
                .table
                .draw(x + BOX_PAD + indent(local.number), at, local.table.width()),
        );
        shapes.push(Shape::Group {
            step: local.step,
            label: local.label.clone(),
            shapes: group,
        });
        at += local.table.height().max(22.0) + 7.0;
    }
    shapes
}

fn draw_leg(leg: &Leg, route: &Route, grid: &Grid, router: &Router, metrics: &Metrics) -> Shape {
    let ((from, top), (to, row)) = (grid.cell(leg.from), grid.cell(leg.to));
    let right = to > from;
    let (points, chip) = match route {
        Route::Along { piece } => {
            let y = metrics.piece_y(router, *piece);
            (
                vec![(metrics.side(from, right), y), (metrics.side(to, !right), y)],
                chip_at(leg, grid, router, metrics, *piece, (to, right)),
            )
        }
        Route::Column { below, port } => {
            let x = metrics.port_x(router, *below, *port);
            let lower = top.max(row);
            let (upper_top, upper_height) = pair(&metrics.rows, below.1);
            let (bottom, end) = (upper_top + upper_height, pair(&metrics.rows, lower).0);
            let hanging = router.hanging.get(&lower).copied().unwrap_or(0.0);
            let middle = end - 19.0 - hanging / 2.0;
            let chip = leg
                .chip
                .draw(x - leg.chip.width() / 2.0, middle - leg.chip.height() / 2.0);
            let points = if row > top {
                vec![(x, bottom), (x, end)]
            } else {
                vec![(x, end), (x, bottom)]
            };
            (points, chip)
        }
        Route::Drop { below, port, piece } => {
            let x = metrics.port_x(router, *below, *port);
            let y = metrics.piece_y(router, *piece);
            let (start, height) = pair(&metrics.rows, top);
            (
                vec![(x, start + height), (x, y), (metrics.side(to, !right), y)],
                chip_at(leg, grid, router, metrics, *piece, (to, right)),
            )
        }
        Route::Side { out, track, piece } => {
            let x = metrics.track_x(grid, *track);
            let (start, y) = (metrics.piece_y(router, *out), metrics.piece_y(router, *piece));
            let end = if from == to {
                metrics.side(to, false)
            } else {
                metrics.side(to, !right)
            };
            (
                vec![(metrics.side(from, right), start), (x, start), (x, y), (end, y)],
                chip_at(leg, grid, router, metrics, *piece, (to, right)),
            )
        }
        Route::Over {
            out,
            track,
            channel,
            last,
            piece,
        } => {
            let (x, second) = (metrics.track_x(grid, *track), metrics.track_x(grid, *last));
            let (start, y) = (metrics.piece_y(router, *out), metrics.piece_y(router, *piece));
            let over = metrics.channels.get(channel.0).copied().unwrap_or(0.0) + float(channel.1) * TRACK;
            (
                vec![
                    (metrics.side(from, right), start),
                    (x, start),
                    (x, over),
                    (second, over),
                    (second, y),
                    (metrics.side(to, !right), y),
                ],
                chip_at(leg, grid, router, metrics, *piece, (to, right)),
            )
        }
    };
    finish_leg(leg, points, chip)
}

/// The line with its chip, its number and the mark of where it stops.
fn finish_leg(leg: &Leg, points: Vec<(f64, f64)>, chip: Vec<Shape>) -> Shape {
    let blocked = leg.verdict == Verdict::Blocked;
    let ends = (points.first().copied(), points.last().copied());
    let mut shapes = vec![Shape::Path {
        points,
        arrow: true,
        dashed: leg.way == Way::Back,
        role: match leg.way {
            _ if blocked => Role::LegStop,
            Way::Other => Role::LegAlt,
            Way::There | Way::Back => Role::Leg,
        },
    }];
    shapes.extend(chip);
    if let (Some(number), Some((x, y))) = (leg.number, ends.0) {
        shapes.extend(canvas::number(x, y, number));
    }
    if let (true, Some((x, y))) = (blocked, ends.1) {
        shapes.push(Shape::Mark {
            x: x - 11.0,
            y: y - 11.0,
            size: 22.0,
            verdict: Verdict::Blocked,
        });
    }
    Shape::Group {
        step: leg.step,
        label: leg.label.clone(),
        shapes,
    }
}

/// The chip in the gutter at the near side of its leg's end.
fn chip_at(leg: &Leg, grid: &Grid, router: &Router, metrics: &Metrics, piece: usize, end: (usize, bool)) -> Vec<Shape> {
    let (to, right) = end;
    let gutter = match (grid.cell(leg.from).0 == to, right) {
        (true, _) => 2 * to + 1,
        (false, true) => 2 * to,
        (false, false) => 2 * (to + 1),
    };
    let x = metrics.chip_x(grid, router, gutter) - leg.chip.width() / 2.0;
    let y = metrics.piece_y(router, piece) - leg.chip.height() / 2.0;
    leg.chip.draw(x, y)
}
