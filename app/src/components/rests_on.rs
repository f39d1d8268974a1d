//! What rests on a line.

use leptos::prelude::*;

use crate::state::{Desk, Place};

/// What rests on the line that the reader asks about, each a way back to it.
#[component]
pub fn RestsOn() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let shown = move || {
        let Place { text, line } = desk.asked.get()?;
        let rests = desk.outcome.get()?.rests_on(text, line);
        Some((line, rests))
    };
    view! {
        <div class="rests-on" aria-live="polite">
            {move || {
                shown()
                    .map(|(line, rests)| {
                        let title = if rests.is_empty() {
                            format!("Nothing rests on line {line}")
                        } else {
                            format!("Rests on line {line}")
                        };
                        view! {
                            <div class="section-head">
                                <h3>{title}</h3>
                                <button
                                    type="button"
                                    class="btn btn-small btn-bare"
                                    aria-label="Close"
                                    on:click=move |_| desk.asked.set(None)
                                >
                                    "×"
                                </button>
                            </div>
                            <ul>
                                {rests
                                    .into_iter()
                                    .map(|rest| {
                                        view! {
                                            <li>
                                                <button
                                                    type="button"
                                                    class="link"
                                                    on:click=move |_| desk.go_back(rest.what)
                                                >
                                                    {rest.label}
                                                </button>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        }
                    })
            }}
        </div>
    }
}
