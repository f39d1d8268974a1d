//! The drawing itself, whose steps can be chosen.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, KeyboardEvent};

use crate::state::{Desk, Selection};

/// A drawing.
#[component]
pub fn Drawing(
    /// The picture's index.
    picture: usize,
    /// The drawing.
    svg: String,
    /// The step that is looked at.
    chosen: Memo<Option<usize>>,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let canvas = NodeRef::<Div>::new();
    // The drawing is markup of its own: what is chosen in it is told to its elements directly.
    Effect::new(move |_| {
        let chosen = chosen.get();
        let Some(canvas) = canvas.get() else { return };
        for (number, element) in step_elements(&canvas) {
            let classes = element.class_list();
            // The name of a class is never refused.
            let _ = classes.toggle_with_force("on", chosen == Some(number));
        }
    });
    Effect::new(move |_| {
        if let Some(canvas) = canvas.get() {
            make_operable(&canvas);
        }
    });
    let choose = move |target: Option<EventTarget>| -> bool {
        let step = target.and_then(|target| step_of(&target));
        if let Some(step) = step {
            desk.select(Selection::Step(picture, step));
        }
        step.is_some()
    };
    view! {
        <div
            class="canvas"
            style:--width=width_of(&svg)
            node_ref=canvas
            inner_html=without_styles(&svg)
            on:click=move |event| {
                choose(event.target());
            }
            on:keydown=move |event: KeyboardEvent| {
                if (event.key() == "Enter" || event.key() == " ") && choose(event.target()) {
                    event.prevent_default();
                }
            }
        ></div>
    }
}

/// The drawing without its own style sheet: the page has one for it, which knows light and dark, and the page's
/// policy does not let other ones in.
fn without_styles(svg: &str) -> String {
    let start = svg.find("<svg").unwrap_or(0);
    let mut rest = svg.get(start..).unwrap_or_default();
    let mut out = String::with_capacity(rest.len());
    while let Some((before, after)) = rest.split_once("<style") {
        out.push_str(before);
        rest = after.split_once("</style>").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// The width that the drawing wants, in CSS pixels.
fn width_of(svg: &str) -> String {
    svg.split_once(" width=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(width, _)| width)
        .filter(|width| width.parse::<f64>().is_ok())
        .unwrap_or("0")
        .to_owned()
}

fn step_elements(canvas: &Element) -> Vec<(usize, Element)> {
    let Ok(list) = canvas.query_selector_all("[data-step]") else {
        return Vec::new();
    };
    (0..list.length())
        .filter_map(|index| list.get(index)?.dyn_into::<Element>().ok())
        .filter_map(|element| Some((element.get_attribute("data-step")?.parse().ok()?, element)))
        .collect()
}

fn step_of(target: &EventTarget) -> Option<usize> {
    let element = target.dyn_ref::<Element>()?.closest("[data-step]").ok()??;
    element.get_attribute("data-step")?.parse().ok()
}

/// To a screen reader a picture as a whole has no parts; a group has. What stands written in a step is its name,
/// by which it can also be called by voice, and what it means is its description.
fn make_operable(canvas: &Element) {
    // These names and values are never refused.
    if let Ok(Some(svg)) = canvas.query_selector("svg") {
        let _ = svg.set_attribute("role", "group");
    }
    for (_, element) in step_elements(canvas) {
        // What has a name of its own keeps it.
        if let Ok(Some(_)) = element.query_selector(":scope > title") {
            continue;
        }
        let written = element.text_content().is_some_and(|text| !text.trim().is_empty());
        if written && let Some(label) = element.get_attribute("aria-label") {
            let _ = element.remove_attribute("aria-label");
            let _ = element.set_attribute("aria-description", &label);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{width_of, without_styles};

    #[test]
    fn the_width_is_the_svgs_own() {
        assert_eq!(
            width_of("<svg viewBox=\"0 0 9 9\" width=\"1180\" height=\"4\"><rect width=\"3\"/>"),
            "1180"
        );
        assert_eq!(width_of("<svg width=\"100%\">"), "0");
    }

    #[test]
    fn style_sheets_are_left_out() {
        assert_eq!(
            without_styles("<?xml version=\"1.0\"?><svg><style>a{}</style><g/><style type=\"x\">b</style></svg>"),
            "<svg><g/></svg>"
        );
        assert_eq!(without_styles("<svg><style>never closed"), "<svg>");
        assert_eq!(without_styles(""), "");
    }
}
