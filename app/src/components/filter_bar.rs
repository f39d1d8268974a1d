//! Looks for something among many members, outputs and problems.

use leptos::prelude::*;

use crate::state::Desk;

/// With no more things than this there is nothing to look for.
const FEW: usize = 8;

/// The field and the check box.
#[component]
pub fn FilterBar() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let needed = Memo::new(move |_| {
        let members: usize = desk.contents.with(|all| {
            all.values()
                .map(|contents| contents.members.len() + contents.skipped.len())
                .sum()
        });
        let parts = desk.outcome.with(|outcome| {
            outcome.as_ref().map_or(0, |outcome| {
                outcome.workbench.segments.len() + outcome.workbench.problems.len()
            })
        });
        members.max(parts) > FEW || desk.filter.with(|filter| !filter.is_open())
    });
    view! {
        <Show when=move || needed.get()>
            <div class="filter" role="search" aria-label="Sources">
                <input
                    type="search"
                    id="filter"
                    placeholder="Name, command or format"
                    aria-label="Show only those with this name, command or format"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || desk.filter.with(|filter| filter.words.clone())
                    on:input=move |event| {
                        let words = event_target_value(&event);
                        desk.filter.update(|filter| filter.words = words);
                    }
                />
                <label>
                    <input
                        type="checkbox"
                        id="only-problems"
                        prop:checked=move || desk.filter.with(|filter| filter.only_problems)
                        on:change=move |event| {
                            let only = event_target_checked(&event);
                            desk.filter.update(|filter| filter.only_problems = only);
                        }
                    />
                    "Only what was not understood"
                </label>
            </div>
        </Show>
    }
    .into_any()
}
