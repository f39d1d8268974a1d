//! What the reader has to know.

use leptos::prelude::*;

use crate::state::{Desk, desk::Undo};

/// The last notice, until it is dismissed or another comes.
#[component]
pub fn NoticeLine() -> impl IntoView {
    let desk = expect_context::<Desk>();
    view! {
        <div role="alert">
            {move || {
                desk.notice
                    .get()
                    .map(|notice| {
                        view! {
                            <div class="notice">
                                <p>{notice.text}</p>
                                {notice
                                    .undo
                                    .map(|undo| {
                                        let label = match undo {
                                            Undo::Sample => "Put them back",
                                            Undo::Choice => "Undo",
                                        };
                                        view! {
                                            <button
                                                type="button"
                                                class="btn btn-small"
                                                on:click=move |_| desk.undo(undo)
                                            >
                                                {label}
                                            </button>
                                        }
                                    })}
                                <button
                                    type="button"
                                    class="btn btn-small btn-bare"
                                    aria-label="Dismiss"
                                    on:click=move |_| desk.notice.set(None)
                                >
                                    "×"
                                </button>
                            </div>
                        }
                    })
            }}
        </div>
    }
}
