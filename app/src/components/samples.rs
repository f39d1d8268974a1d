//! Cases that can be tried with one click.

use leptos::prelude::*;

use super::{Mark, class_mark};
use crate::protocol::Shows;
use crate::state::Desk;

/// The list of samples.
#[component]
pub fn Samples() -> impl IntoView {
    let desk = expect_context::<Desk>();
    view! {
        {move || {
            let samples = desk.samples.get();
            (!samples.is_empty())
                .then(|| {
                    view! {
                        <section class="samples" aria-labelledby="samples-title">
                            <h2 id="samples-title">"Samples"</h2>
                            <ul>
                                {samples
                                    .into_iter()
                                    .map(|sample| {
                                        let mark = match sample.shows {
                                            Shows::Fault => class_mark(&sample.class),
                                            Shows::Healthy | Shows::Picture => "passes",
                                            Shows::Incomplete => "unknown",
                                        };
                                        let word = match sample.shows {
                                            Shows::Fault => "fault",
                                            Shows::Healthy => "healthy",
                                            Shows::Incomplete => "something missing",
                                            Shows::Picture => "picture",
                                        };
                                        view! {
                                            <li>
                                                <button
                                                    type="button"
                                                    class="sample"
                                                    data-sample=sample.code.clone()
                                                    data-shows=word
                                                    on:click={
                                                        let sample = sample.clone();
                                                        move |_| desk.load_sample(&sample)
                                                    }
                                                >
                                                    <Mark verdict=mark.to_owned() />
                                                    <span>
                                                        {sample.title.clone()}
                                                        <span class="offscreen">{format!(" ({word})")}</span>
                                                    </span>
                                                </button>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        </section>
                    }
                })
        }}
    }
}
