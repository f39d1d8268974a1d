//! A picture with its caption, its exports and its steps.

use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, KeyboardEvent};
use whypath_analyzers::view::PictureView;

use super::{CopyButton, StepLine, Steps, Verdict};
use crate::browser;
use crate::state::{Desk, Outcome, Selection, outcome::kind_in_words};

/// A picture.
#[component]
pub fn Picture(
    /// The analysis.
    outcome: Arc<Outcome>,
    /// The picture's index.
    index: usize,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let picture = outcome.workbench.pictures.get(index).cloned()?;
    let PictureView {
        kind,
        title,
        subtitle,
        verdict,
        svg,
        mermaid,
        steps,
    } = picture;
    let heading = kind_in_words(&kind);
    let canvas = NodeRef::<Div>::new();
    let chosen = Memo::new(move |_| match desk.selection.get() {
        Some(Selection::Step(picture, step)) if picture == index => Some(step),
        _ => None,
    });
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
            desk.select(Selection::Step(index, step));
        }
        step.is_some()
    };
    let large = RwSignal::new(false);
    let width = width_of(&svg);
    let file = format!("whypath-{kind}-{}.svg", index + 1);
    let drawn = without_styles(&svg);
    let markdown = outcome.workbench.markdown.clone();
    let chosen_steps = steps.clone();
    Some(view! {
        <figure
            class="card figure"
            class:is-large=large
            on:keydown=move |event: KeyboardEvent| {
                if event.key() == "Escape" {
                    large.set(false);
                }
            }
            id=Selection::Step(index, 0).element_id()
            tabindex="-1"
            data-kind=kind.clone()
            data-verdict=verdict.clone()
        >
            <figcaption>
                <div class="figure-title">
                    <Verdict verdict=verdict.clone() />
                    <h2>{heading}</h2>
                    <span class="figure-of">{title}</span>
                    <span class="faint">{subtitle}</span>
                </div>
                <div class="figure-buttons">
                    <button
                        type="button"
                        class="btn btn-small"
                        aria-pressed=move || large.get().to_string()
                        on:click=move |_| large.update(|large| *large = !*large)
                    >
                        {move || if large.get() { "Smaller" } else { "Enlarge" }}
                    </button>
                    <button
                        type="button"
                        class="btn btn-small"
                        data-export="svg"
                        aria-label="Download the picture as SVG"
                        on:click=move |_| {
                            if browser::download(&file, "image/svg+xml", &svg).is_err() {
                                desk.say("The browser refused the download.".into());
                            }
                        }
                    >
                        "SVG"
                    </button>
                    <CopyButton text=mermaid label="Mermaid" what="Copy the picture as Mermaid" />
                    <CopyButton text=markdown label="Markdown" what="Copy the whole report as Markdown" />
                </div>
            </figcaption>
            <div class="canvas-scroll" tabindex="0" role="group" aria-label=format!("{heading}, drawn")>
                <div
                    class="canvas"
                    style:--width=width
                    node_ref=canvas
                    inner_html=drawn
                    on:click=move |event| {
                        choose(event.target());
                    }
                    on:keydown=move |event: KeyboardEvent| {
                        if (event.key() == "Enter" || event.key() == " ") && choose(event.target()) {
                            event.prevent_default();
                        }
                    }
                ></div>
            </div>
            {move || {
                let number = chosen.get()?;
                let step = chosen_steps.get(number).cloned()?;
                Some(
                    view! {
                        <p class="chosen-step">
                            <span class="step-number">{number + 1}</span>
                            <StepLine step this=Selection::Step(index, number) />
                        </p>
                    },
                )
            }}
            <Steps outcome=Arc::clone(&outcome) picture=index />
        </figure>
    })
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
