//! A picture with its caption, its exports and its steps.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, KeyboardEvent};
use whypath_analyzers::view::PictureView;

use super::{Drawing, PictureExports, StepLine, Steps, Verdict, WhatIf};
use crate::state::outcome::{is_table, kind_in_words};
use crate::state::{Desk, Selection};

/// A picture. What it shows can be changed by what is assumed.
#[component]
pub fn Picture(
    /// The picture's index.
    index: usize,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let picture = Memo::new(move |_| {
        desk.outcome.with(|outcome| {
            let outcome = outcome.as_ref()?;
            outcome.workbench.pictures.get(index).cloned()
        })
    });
    let kind = picture.with_untracked(|picture| picture.as_ref().map(|picture| picture.kind.clone()))?;
    let (large, open) = (RwSignal::new(false), RwSignal::new(false));
    let is_path = kind == "packet-path";
    let verdict = move || picture.with(|picture| picture.as_ref().map(|picture| picture.verdict.clone()));
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
            data-kind=kind
            data-verdict=verdict
        >
            {move || picture.get().map(|picture| shown(desk, index, picture, (large, open)))}
            {is_path.then(|| view! { <WhatIf picture=index /> })}
        </figure>
    })
}

/// Whether it is the box of several that are drawn as one.
fn stands_for_several(target: Option<EventTarget>) -> bool {
    let element = target.and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.class_list().contains("several"))
}

fn shown(desk: Desk, index: usize, picture: PictureView, (large, open): (RwSignal<bool>, RwSignal<bool>)) -> AnyView {
    let PictureView {
        kind,
        title,
        subtitle,
        verdict,
        svg,
        opened,
        mermaid,
        steps,
        ..
    } = picture;
    let heading = kind_in_words(&kind);
    // Each of its cells says in words what it is.
    let is_table = is_table(&kind);
    let chosen = Memo::new(move |_| match desk.selection.get() {
        Some(Selection::Step(picture, step)) if picture == index => Some(step),
        _ => None,
    });
    let file = format!("whypath-{kind}-{}.svg", index + 1);
    let folded = svg.clone();
    let can_open = opened.is_some();
    let drawn = move || match (&opened, open.get()) {
        (Some(opened), true) => opened.clone(),
        _ => folded.clone(),
    };
    let markdown = desk.outcome.with_untracked(|outcome| {
        outcome
            .as_ref()
            .map(|outcome| outcome.workbench.markdown.clone())
            .unwrap_or_default()
    });
    let chosen_steps = steps.clone();
    view! {
        <figcaption>
            <div class="figure-title">
                {(!is_table).then(|| view! { <Verdict verdict=verdict /> })}
                <h2>{heading}</h2>
                <span class="figure-of">{title}</span>
                <span class="faint">{subtitle}</span>
            </div>
            <div class="figure-buttons">
                {can_open
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="btn btn-small unfold"
                                aria-pressed=move || open.get().to_string()
                                on:click=move |_| open.update(|open| *open = !*open)
                            >
                                {move || if open.get() { "Fold" } else { "Show all ways" }}
                            </button>
                        }
                    })}
                <button
                    type="button"
                    class="btn btn-small enlarge"
                    aria-pressed=move || large.get().to_string()
                    on:click=move |_| large.update(|large| *large = !*large)
                >
                    {move || if large.get() { "Smaller" } else { "Enlarge" }}
                </button>
                <PictureExports file svg mermaid markdown />
            </div>
        </figcaption>
        <div
            class="canvas-scroll"
            tabindex="0"
            role="group"
            aria-label=format!("{heading}, drawn")
            on:click=move |event| {
                if can_open && stands_for_several(event.target()) {
                    open.set(true);
                }
            }
        >
            {move || view! { <Drawing picture=index svg=drawn() chosen /> }}
        </div>
        {move || {
            let number = chosen.get()?;
            let step = chosen_steps.get(number).cloned()?;
            Some(
                view! {
                    <p class="chosen-step">
                        {(!is_table).then(|| view! { <span class="step-number">{number + 1}</span> })}
                        <StepLine step this=Selection::Step(index, number) />
                    </p>
                },
            )
        }}
        {(!is_table).then(|| view! { <Steps steps picture=index /> })}
    }
    .into_any()
}
