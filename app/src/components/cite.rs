//! Citations: buttons that show the lines.

use leptos::prelude::*;
use whypath_analyzers::view::CiteView;

use crate::state::{Desk, Selection};

/// More citations than this are behind a button.
const SHOWN: usize = 6;

/// Citations in a row.
#[component]
pub fn Cites(
    /// What is cited.
    cites: Vec<CiteView>,
    /// What rests on it.
    #[prop(optional)]
    of: Option<Selection>,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let all = RwSignal::new(cites.len() <= SHOWN + 1);
    let rest = cites.len().saturating_sub(SHOWN);
    let button = move |cite: CiteView| {
        let label = cite.label.clone();
        view! {
            <button
                type="button"
                class="cite"
                title="Show these lines"
                on:click=move |event| {
                    event.stop_propagation();
                    desk.select_cite(of, &cite);
                }
            >
                {label}
            </button>
        }
    };
    view! {
        <span class="cites">
            {move || {
                let shown = if all.get() { cites.len() } else { SHOWN };
                cites.iter().take(shown).cloned().map(button).collect_view()
            }}
            {move || {
                (!all.get())
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="cite cite-more"
                                on:click=move |event| {
                                    event.stop_propagation();
                                    all.set(true);
                                }
                            >
                                {format!("{rest} more")}
                            </button>
                        }
                    })
            }}
        </span>
    }
}
