//! A picture with its caption, its exports and its steps.

use std::sync::Arc;

use leptos::prelude::*;
use web_sys::KeyboardEvent;
use whypath_analyzers::view::PictureView;

use super::{Drawing, PictureExports, StepLine, Steps, Verdict};
use crate::state::outcome::{is_table, kind_in_words};
use crate::state::{Desk, Outcome, Selection};

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
    // Each of its cells says in words what it is.
    let is_table = is_table(&kind);
    let chosen = Memo::new(move |_| match desk.selection.get() {
        Some(Selection::Step(picture, step)) if picture == index => Some(step),
        _ => None,
    });
    let large = RwSignal::new(false);
    let file = format!("whypath-{kind}-{}.svg", index + 1);
    let drawn = svg.clone();
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
                    {(!is_table).then(|| view! { <Verdict verdict=verdict.clone() /> })}
                    <h2>{heading}</h2>
                    <span class="figure-of">{title}</span>
                    <span class="faint">{subtitle}</span>
                </div>
                <div class="figure-buttons">
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
            <div class="canvas-scroll" tabindex="0" role="group" aria-label=format!("{heading}, drawn")>
                <Drawing picture=index svg=drawn chosen />
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
            {(!is_table).then(|| view! { <Steps outcome=Arc::clone(&outcome) picture=index /> })}
        </figure>
    })
}
