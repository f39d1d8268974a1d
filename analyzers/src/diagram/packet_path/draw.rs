//! Draws the places and the legs between them.

use super::legs::{Leg, NAME_TEXT, Place, Plan, Way};
use super::metrics::{BOX_PAD, MARGIN, Metrics, ZONE_TEXT, box_size, float, indent, pair};
use super::place::Grid;
use super::route::{Route, Router, TRACK};
use crate::diagram::canvas::{self, LINE};
use crate::diagram::scene::{Role, Scene, Shape, TextRole};
use crate::flow::packet_path::fold;
use crate::flow::{Flow, Verdict};

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
        role: if place.stop {
            Role::BoxStop
        } else if fold::is_several(&place.id) {
            Role::BoxSeveral
        } else {
            Role::Box
        },
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
