//! The pasted text.

use leptos::prelude::*;

use super::{RestsOn, TextLines};
use crate::state::{Desk, Place};

/// The texts, one tab each, and what rests on the line that was clicked.
#[component]
pub fn TextPane() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let tabs = Memo::new(move |_| {
        desk.sources.with(|all| {
            all.iter()
                .map(|source| (source.id, source.name.clone()))
                .collect::<Vec<_>>()
        })
    });
    let shown = Memo::new(move |_| {
        let shown = desk.shown.get();
        desk.sources.with(|sources| {
            let source = shown.and_then(|id| sources.get(id)).or_else(|| sources.iter().next())?;
            Some((source.id, source.lines.unwrap_or(0)))
        })
    });
    view! {
        <div class="tabs">
            {move || {
                tabs.get()
                    .into_iter()
                    .map(|(id, name)| {
                        let current = move || shown.get().is_some_and(|(shown, _)| shown == id);
                        view! {
                            <button
                                type="button"
                                class="tab"
                                aria-pressed=move || current().to_string()
                                title=name.clone()
                                on:click=move |_| {
                                    desk.asked.set(None);
                                    desk.go_to(Place { source: id, line: 1 });
                                }
                            >
                                {name.clone()}
                            </button>
                        }
                    })
                    .collect_view()
            }}
            {move || tabs.with(Vec::is_empty).then(|| view! { <h2 class="tab-empty">"Pasted text"</h2> })}
        </div>
        {move || match shown.get() {
            Some((source, lines)) => view! { <TextLines source lines /> }.into_any(),
            None => {
                view! {
                    <p class="text-empty faint">
                        "What you paste appears here with line numbers, and the lines that prove something are marked."
                    </p>
                }
                    .into_any()
            }
        }}
        <RestsOn />
    }
}
