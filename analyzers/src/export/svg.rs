//! SVG that opens anywhere: self-contained, `<text>` only, no `foreignObject`, no ids, no `style`.
//!
//! Looks are presentation attributes, with which the file opens in any editor; a page's own rules for the classes win over
//! them (SVG 2, section 6.4: presentation attributes have no specificity), which is how `picture.css` darkens a picture.

use std::fmt::Write as _;

use crate::diagram::measure;
use crate::diagram::scene::{Anchor, Role, Scene, Shape, TextRole};
use crate::flow::Verdict;

const SANS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif";
const MONO: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

const PAPER: &str = "#ffffff";
const INK: &str = "#1c1d1f";
const INK_2: &str = "#55585d";
const INK_3: &str = "#6e7177";
const RULE: &str = "#e4e4e0";
const RULE_STRONG: &str = "#c9c9c3";
const PASS: &str = "#1b7a4b";
const PASS_SOFT: &str = "#e6f4ec";
const BLOCK: &str = "#b3261e";
const BLOCK_SOFT: &str = "#fbe9e7";
const ASSUME: &str = "#8a5a00";
const ASSUME_SOFT: &str = "#fdf1db";
const UNKNOWN: &str = "#6246a8";

/// The rules that a page lays over the classes of a picture; colours come from custom properties of the page.
pub const STYLESHEET: &str = include_str!("picture.css");

/// Class and presentation attributes of a shape.
struct Looks {
    class: &'static str,
    fill: &'static str,
    stroke: &'static str,
    width: f64,
}

fn looks(role: Role) -> Looks {
    let (class, fill, stroke, width) = match role {
        Role::Zone1 => ("zone z1", "#f6f6f3", RULE_STRONG, 1.0),
        Role::Zone2 => ("zone z2", "#efefeb", RULE_STRONG, 1.0),
        Role::Zone3 => ("zone z3", PAPER, RULE_STRONG, 1.0),
        Role::Box => ("box", PAPER, RULE_STRONG, 1.25),
        Role::BoxStop => ("box stop", PAPER, BLOCK, 2.0),
        Role::BoxSeveral => ("box several", PAPER, INK_3, 2.0),
        Role::BoxFaint => ("box faint", PAPER, RULE, 1.25),
        Role::Chip => ("chip", PAPER, RULE, 1.0),
        Role::ChipHot => ("chip hot", ASSUME_SOFT, ASSUME, 1.0),
        Role::ChipStop => ("chip stop", BLOCK_SOFT, BLOCK, 1.0),
        Role::Leg => ("leg", "none", INK, 2.25),
        Role::LegStop => ("leg bad", "none", BLOCK, 2.25),
        Role::LegAlt => ("leg alt", "none", INK_3, 1.5),
        Role::Line => ("ll", "none", RULE_STRONG, 1.25),
        Role::Message => ("msg", "none", INK, 1.5),
        Role::MessageWaste => ("msg waste", "none", INK_3, 1.25),
        Role::Number => ("num", INK, "none", 0.0),
        Role::Difference => ("diff", BLOCK_SOFT, BLOCK, 1.25),
        Role::CellAll => ("cell all", PASS_SOFT, PASS, 2.0),
        Role::CellSome => ("cell some", PASS_SOFT, PASS, 1.0),
        Role::CellNone => ("cell none", BLOCK_SOFT, BLOCK_SOFT, 1.0),
        Role::CellOpen => ("cell open", PAPER, RULE_STRONG, 1.0),
        Role::CellUnknown => ("cell unknown", PAPER, UNKNOWN, 1.0),
        Role::Plate => ("plate", PAPER, "none", 0.0),
    };
    Looks {
        class,
        fill,
        stroke,
        width,
    }
}

fn text_looks(role: TextRole) -> (&'static str, &'static str, &'static str) {
    match role {
        TextRole::Title => ("t", "600", INK),
        TextRole::Label => ("zl", "600", INK_3),
        TextRole::Code => ("a", "400", INK_2),
        TextRole::CodeStrong => ("rw", "600", INK),
        TextRole::CodeFaint => ("a w", "400", INK_3),
        TextRole::CodeStop => ("rw no", "600", BLOCK),
        TextRole::Number => ("numt", "700", PAPER),
        TextRole::Note => ("note", "400", INK_2),
    }
}

/// The picture as an SVG document.
pub fn write(scene: &Scene) -> String {
    let mut out = String::new();
    let (width, height) = (number(scene.width.ceil()), number(scene.height.ceil()));
    let _ = write!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="picture" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" font-family="{SANS}">"#
    );
    let _ = write!(out, "<title>{}</title>", escape(&scene.title));
    if !scene.description.is_empty() {
        let _ = write!(out, "<desc>{}</desc>", escape(&scene.description));
    }
    let _ = writeln!(
        out,
        r#"<rect class="paper" x="0" y="0" width="{width}" height="{height}" fill="{PAPER}"/>"#
    );
    for shape in &scene.shapes {
        write_shape(&mut out, shape);
    }
    out.push_str("</svg>\n");
    out
}

fn write_shape(out: &mut String, shape: &Shape) {
    match shape {
        Shape::Rect {
            x,
            y,
            width,
            height,
            radius,
            role,
        } => {
            let _ = write!(
                out,
                r#"<rect x="{}" y="{}" width="{}" height="{}" rx="{}""#,
                number(*x),
                number(*y),
                number(*width),
                number(*height),
                number(*radius)
            );
            attributes(out, &looks(*role));
            out.push_str("/>\n");
        }
        Shape::Circle { x, y, radius, role } => {
            let _ = write!(
                out,
                r#"<circle cx="{}" cy="{}" r="{}""#,
                number(*x),
                number(*y),
                number(*radius)
            );
            attributes(out, &looks(*role));
            out.push_str("/>\n");
        }
        Shape::Path {
            points,
            arrow,
            dashed,
            role,
        } => write_path(out, points, *arrow, *dashed, *role),
        Shape::Text {
            x,
            y,
            text,
            role,
            anchor,
            length,
            full,
        } => write_text(out, (*x, *y), text, *role, *anchor, *length, full.as_deref()),
        Shape::Upright { x, y, text, role, full } => write_upright(out, (*x, *y), text, *role, full.as_deref()),
        Shape::Cell {
            x,
            y,
            width,
            height,
            role,
            text,
            text_role,
            step,
            label,
        } => {
            let label = escape(&measure::clean(label));
            let _ = write!(
                out,
                r#"<g class="step" data-step="{step}" tabindex="0" role="button" aria-label="{label}"><title>{label}</title>"#,
            );
            let _ = write!(
                out,
                r#"<rect x="{}" y="{}" width="{}" height="{}" rx="3""#,
                number(*x),
                number(*y),
                number(*width),
                number(*height)
            );
            attributes(out, &looks(*role));
            if *role == Role::CellUnknown {
                out.push_str(r#" stroke-dasharray="3 2""#);
            }
            out.push_str("/>");
            let middle = (x + width / 2.0, y + height / 2.0 + measure::size(*text_role) * 0.35);
            write_text(out, middle, text, *text_role, Anchor::Middle, None, None);
            out.push_str("</g>\n");
        }
        Shape::Mark { x, y, size, verdict } => write_mark(out, (*x, *y), *size, *verdict),
        Shape::Group { step, label, shapes } => {
            let _ = writeln!(
                out,
                r#"<g class="step" data-step="{step}" tabindex="0" role="button" aria-label="{}">"#,
                escape(&measure::clean(label))
            );
            for shape in shapes {
                write_shape(out, shape);
            }
            out.push_str("</g>\n");
        }
    }
}

fn attributes(out: &mut String, looks: &Looks) {
    let _ = write!(out, r#" class="{}" fill="{}""#, looks.class, looks.fill);
    if looks.stroke != "none" {
        let _ = write!(
            out,
            r#" stroke="{}" stroke-width="{}""#,
            looks.stroke,
            number(looks.width)
        );
    }
}

/// A line; its arrow head is a polygon of its own, because `context-stroke` markers open in few programs.
fn write_path(out: &mut String, points: &[(f64, f64)], arrow: bool, dashed: bool, role: Role) {
    let looks = looks(role);
    let mut points = points.to_vec();
    let head = if arrow { shorten(&mut points) } else { None };
    out.push_str("<path d=\"");
    for (at, (x, y)) in points.iter().enumerate() {
        let _ = write!(out, "{}{} {}", if at == 0 { "M" } else { "L" }, number(*x), number(*y));
    }
    out.push('"');
    attributes(out, &looks);
    match role {
        Role::LegAlt => out.push_str(r#" stroke-dasharray="1 5" stroke-linecap="round""#),
        _ if dashed => out.push_str(r#" stroke-dasharray="7 4""#),
        _ => out.push_str(r#" stroke-linejoin="round""#),
    }
    out.push_str("/>\n");
    if let Some([a, b, c]) = head {
        let _ = writeln!(
            out,
            r#"<polygon class="{} head" points="{},{} {},{} {},{}" fill="{}"/>"#,
            looks.class,
            number(a.0),
            number(a.1),
            number(b.0),
            number(b.1),
            number(c.0),
            number(c.1),
            looks.stroke
        );
    }
}

/// Takes the arrow head's length off the line's end and returns the head.
fn shorten(points: &mut [(f64, f64)]) -> Option<[(f64, f64); 3]> {
    const LENGTH: f64 = 9.0;
    const HALF: f64 = 4.5;
    let [.., (px, py), end] = points else { return None };
    let (tip_x, tip_y) = *end;
    let (dx, dy) = (tip_x - *px, tip_y - *py);
    let length = dx.hypot(dy);
    if length < 1.0 {
        return None;
    }
    let (ux, uy) = (dx / length, dy / length);
    let (bx, by) = (tip_x - ux * LENGTH, tip_y - uy * LENGTH);
    *end = (tip_x - ux * (LENGTH - 1.0), tip_y - uy * (LENGTH - 1.0));
    Some([
        (tip_x, tip_y),
        (bx - uy * HALF, by + ux * HALF),
        (bx + uy * HALF, by - ux * HALF),
    ])
}

fn write_text(
    out: &mut String,
    (x, y): (f64, f64),
    text: &str,
    role: TextRole,
    anchor: Anchor,
    length: Option<f64>,
    full: Option<&str>,
) {
    let (class, weight, colour) = text_looks(role);
    let _ = write!(
        out,
        r#"<text class="{class}" x="{}" y="{}" font-size="{}" font-weight="{weight}" fill="{colour}""#,
        number(x),
        number(y),
        number(measure::size(role))
    );
    if measure::mono(role) {
        let _ = write!(out, r#" font-family="{MONO}""#);
    }
    match anchor {
        Anchor::Start => {}
        Anchor::Middle => out.push_str(r#" text-anchor="middle""#),
        Anchor::End => out.push_str(r#" text-anchor="end""#),
    }
    if let Some(length) = length {
        let _ = write!(out, r#" textLength="{}" lengthAdjust="spacing""#, number(length));
    }
    if text.starts_with(' ') || text.ends_with(' ') || text.contains("  ") {
        out.push_str(r#" xml:space="preserve""#);
    }
    out.push('>');
    if let Some(full) = full {
        let _ = write!(out, "<title>{}</title>", escape(full));
    }
    out.push_str(&escape(text));
    out.push_str("</text>\n");
}

/// Text that is read upwards.
fn write_upright(out: &mut String, (x, y): (f64, f64), text: &str, role: TextRole, full: Option<&str>) {
    let _ = write!(
        out,
        r#"<g transform="translate({} {}) rotate(-90)">"#,
        number(x),
        number(y)
    );
    write_text(out, (0.0, 0.0), text, role, Anchor::Start, None, full);
    out.push_str("</g>\n");
}

/// The marks differ in shape, so that they are told apart without colour: octagon, disc, diamond, dashed ring.
fn write_mark(out: &mut String, (x, y): (f64, f64), size: f64, verdict: Verdict) {
    let scale = number4(size / 18.0);
    let word = verdict.word();
    let _ = write!(
        out,
        r#"<g class="mark {word}" transform="translate({} {}) scale({scale})"><title>{word}</title>"#,
        number(x),
        number(y)
    );
    let _ = match verdict {
        Verdict::Passes => write!(
            out,
            r#"<circle class="mf" cx="9" cy="9" r="8" fill="{PASS}"/><path class="ms" d="M5.2 9.3L8 12L13 6" fill="none" stroke="{PAPER}" stroke-width="2"/>"#
        ),
        Verdict::Blocked => write!(
            out,
            r#"<path class="mf" d="M5.7 1h6.6L17 5.7v6.6L12.3 17H5.7L1 12.3V5.7z" fill="{BLOCK}"/><path class="ms" d="M6 6L12 12M12 6L6 12" fill="none" stroke="{PAPER}" stroke-width="2"/>"#
        ),
        Verdict::Assumed => write!(
            out,
            r#"<path class="mf" d="M9 0.5L17.5 9L9 17.5L0.5 9z" fill="{ASSUME}"/><path class="ms" d="M5.5 8c1.2-1.3 2.3-1.3 3.5 0s2.3 1.3 3.5 0M5.5 11c1.2-1.3 2.3-1.3 3.5 0s2.3 1.3 3.5 0" fill="none" stroke="{PAPER}" stroke-width="1.4"/>"#
        ),
        Verdict::Unknown => write!(
            out,
            r#"<circle class="mo" cx="9" cy="9" r="7.5" fill="{PAPER}" stroke="{UNKNOWN}" stroke-width="1.6" stroke-dasharray="2.6 2"/><path class="mq" d="M6.9 7.2a2.1 2.1 0 1 1 3 1.9c-.7.3-.9.7-.9 1.4M9 12.3v1.2" fill="none" stroke="{UNKNOWN}" stroke-width="1.5"/>"#
        ),
    };
    out.push_str("</g>\n");
}

/// At most two decimals, and no `-0`.
fn number(value: f64) -> String {
    decimals(value, 2)
}

fn number4(value: f64) -> String {
    decimals(value, 4)
}

fn decimals(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.digits$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// Text for XML 1.0: markup escaped, and what XML forbids replaced (section 2.2).
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}' => out.push(c),
            _ => out.push('\u{FFFD}'),
        }
    }
    out
}
