//! Leads the legs through the gutters between the places, each on a track and with a slot for its chip of its own, so that
//! no leg runs through a box, and no chip covers anything but its own leg.
//!
//! Gutters are numbered from the left: `2c` is the one before column `c`, `2c + 1` the lane inside the column's own zone,
//! at the left of its boxes, for legs that leave neither. A leg's last horizontal piece, or its vertical run between two
//! neighbours of one column, carries the chip.

use std::collections::BTreeMap;

use super::legs::Leg;
use super::metrics::bump;
use super::place::Grid;

pub const SIDE: f64 = 25.0;
pub const TRACK: f64 = 12.0;
const PORT: f64 = 26.0;

/// A horizontal piece of a leg in a row.
#[derive(Debug, Clone)]
pub struct Piece {
    pub row: usize,
    pub gutters: (usize, usize),
    pub height: f64,
    /// From the row's top to the piece's upper edge.
    pub top: f64,
}

/// On which side of a gutter a vertical track lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hand {
    Left,
    Right,
}

#[derive(Debug, Clone, Copy)]
pub struct Track {
    pub gutter: usize,
    pub hand: Hand,
    pub nth: usize,
}

/// How a leg goes.
#[derive(Debug, Clone)]
pub enum Route {
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
pub struct Port {
    pub leg: usize,
    pub width: f64,
    pub order: u8,
}

#[derive(Debug, Default)]
pub struct Router {
    pub routes: Vec<Route>,
    pub pieces: Vec<Piece>,
    pub ports: BTreeMap<(usize, usize), Vec<Port>>,
    pub tracks: BTreeMap<(usize, Hand), usize>,
    pub channels: BTreeMap<usize, usize>,
    /// The widest chip of each gutter.
    pub chips: BTreeMap<usize, f64>,
    /// The highest chip directly above each row.
    pub hanging: BTreeMap<usize, f64>,
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

    /// Decides how a leg goes, and takes what it needs of pieces, tracks and slots.
    pub fn route(&mut self, grid: &Grid, nth: usize, leg: &Leg) -> Route {
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
    pub fn stack(&mut self, rows: usize) -> Vec<f64> {
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
