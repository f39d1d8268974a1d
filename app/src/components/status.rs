//! What the analysis is doing, and what the reader has to know.

use leptos::prelude::*;

use super::NoticeLine;
use crate::state::{Desk, Run};

/// The state of the analysis, the button that cancels it, and the last notice.
#[component]
pub fn Status() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let working = Memo::new(move |_| desk.run.with(Run::is_working));
    let trouble = Memo::new(move |_| {
        desk.run
            .with(|run| matches!(run, Run::Broken(_) | Run::Unusable(_) | Run::Cancelled))
    });
    let sentence = Memo::new(move |_| desk.run.with(Run::sentence));
    // A screen reader is told of the beginning and the end, not of every output that was read.
    let told = Memo::new(move |_| match desk.run.get() {
        Run::Working(_) => "Analysing.".to_owned(),
        Run::Done => desk.outcome.with(|outcome| {
            outcome
                .as_ref()
                .map(|outcome| outcome.in_a_sentence())
                .unwrap_or_default()
        }),
        run => run.sentence(),
    });
    view! {
        <div class="status" data-run=move || desk.run.with(Run::word)>
            <p class="offscreen" role="status">
                {told}
            </p>
            {move || {
                working
                    .get()
                    .then(|| {
                        view! {
                            <div class="working">
                                <p aria-hidden="true">{sentence}</p>
                                <progress
                                    aria-label="Analysis"
                                    max="1"
                                    prop:value=move || desk.run.with(Run::fraction).unwrap_or(0.0)
                                ></progress>
                                <button type="button" class="btn btn-small" id="cancel" on:click=move |_| desk.cancel()>
                                    "Cancel"
                                </button>
                            </div>
                        }
                    })
            }}
            {move || {
                trouble
                    .get()
                    .then(|| {
                        view! {
                            <div class="trouble">
                                <p>{sentence}</p>
                                {move || {
                                    (!matches!(desk.run.get(), Run::Unusable(_)))
                                        .then(|| {
                                            view! {
                                                <button
                                                    type="button"
                                                    class="btn btn-small"
                                                    id="again"
                                                    on:click=move |_| desk.analyse()
                                                >
                                                    "Analyse again"
                                                </button>
                                            }
                                        })
                                }}
                            </div>
                        }
                    })
            }}
            <NoticeLine />
        </div>
    }
}
