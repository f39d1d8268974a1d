//! The steps of a flow in words.

use leptos::prelude::*;
use whypath_analyzers::view::StepView;

use super::{Cites, Mark, Words};
use crate::state::{Desk, Selection};

/// One step: verdict, who, what, remark, citations.
#[component]
pub fn StepLine(
    /// The step.
    step: StepView,
    /// Which one it is.
    this: Selection,
) -> impl IntoView {
    let word = step.verdict.clone();
    view! {
        <span class="step">
            <Mark verdict=step.verdict />
            <span class="offscreen">{word}": "</span>
            <span class="step-words">
                <b>{step.actor}</b>
                " "
                <Words text=step.action />
                {step.note.map(|note| view! { <span class="faint">" " <Words text=note /></span> })}
                " "
                <Cites cites=step.cites of=this />
            </span>
        </span>
    }
}

/// All steps of a picture.
#[component]
pub fn Steps(
    /// The steps.
    steps: Vec<StepView>,
    /// The picture's index.
    picture: usize,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    (!steps.is_empty()).then(|| {
        let summary = match steps.len() {
            1 => "The step in words".to_owned(),
            count => format!("The {count} steps in words"),
        };
        view! {
            <details class="steps">
                <summary>{summary}</summary>
                <ol>
                    {steps
                        .into_iter()
                        .enumerate()
                        .map(|(number, step)| {
                            let this = Selection::Step(picture, number);
                            view! {
                                <li class:is-selected=move || desk.selection.get() == Some(this)>
                                    <StepLine step this />
                                </li>
                            }
                        })
                        .collect_view()}
                </ol>
            </details>
        }
    })
}
