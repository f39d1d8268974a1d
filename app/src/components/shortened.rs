//! A list of which only the beginning is shown at first.

use std::sync::Arc;

use leptos::prelude::*;

use crate::state::run::grouped;

/// Makes the element of a thing.
pub type RowView = Arc<dyn Fn(usize) -> AnyView + Send + Sync>;

/// The first rows, and a button that shows more.
#[component]
pub fn Shortened(
    /// The things, by number.
    items: Vec<usize>,
    /// How many are shown.
    shown: RwSignal<usize>,
    /// How many more a click shows.
    more: usize,
    /// What they are called.
    what: &'static str,
    /// Makes an element of one.
    row: RowView,
) -> impl IntoView {
    let count = items.len();
    let hidden = Memo::new(move |_| count.saturating_sub(shown.get()));
    view! {
        <ul class="parts">
            <For
                each=move || items.clone().into_iter().take(shown.get())
                key=|item| *item
                children=move |item| row(item)
            />
        </ul>
        <Show when=move || { hidden.get() > 0 }>
            <button type="button" class="link more" on:click=move |_| shown.update(|shown| *shown += more)>
                {move || {
                    let next = hidden.get().min(more);
                    let rest = hidden.get() - next;
                    if rest > 0 {
                        format!("Show {} more of {} {what}", grouped(next), grouped(count))
                    } else {
                        format!("Show the other {} {what}", grouped(next))
                    }
                }}
            </button>
        </Show>
    }
    .into_any()
}
