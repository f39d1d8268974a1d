//! What is on the desk, and what was recognised in it.

use leptos::prelude::*;

use super::{FilterBar, MemberList, PartList, UnopenedList};
use crate::protocol::TextId;
use crate::state::{Desk, run::grouped, size_in_words};

/// The sources, each with its parts.
#[component]
pub fn SourceList() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let is_empty = Memo::new(move |_| desk.sources.with(crate::state::Sources::is_empty));
    let several = Memo::new(move |_| desk.sources.with(|all| all.iter().count() > 1));
    let sources = move || {
        desk.sources.with(|all| {
            all.iter()
                .map(|source| (source.id, source.name.clone(), source.size))
                .collect::<Vec<_>>()
        })
    };
    view! {
        <Show when=move || !is_empty.get()>
            <section class="sources" aria-labelledby="sources-title">
                <div class="section-head">
                    <h2 id="sources-title">"Sources"</h2>
                    <Show when=move || several.get()>
                        <button type="button" class="link" id="clear" on:click=move |_| desk.clear()>
                            "Clear all"
                        </button>
                    </Show>
                </div>
                <FilterBar />
                <For
                    each=sources
                    key=|(id, ..)| *id
                    children=move |(id, name, size)| view! { <SourceEntry id name size /> }.into_any()
                />
            </section>
        </Show>
    }
}

/// A source and what was recognised in it.
#[component]
fn SourceEntry(
    /// Its id.
    id: u32,
    /// Its name.
    name: String,
    /// Its size in bytes.
    size: u64,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let contents = Memo::new(move |_| desk.contents.with(|all| all.get(&id).cloned()));
    let is_listed = Memo::new(move |_| contents.with(|contents| contents.as_ref().is_some_and(|all| all.is_listed())));
    let lines = Memo::new(move |_| desk.lines.with(|lines| lines.get(&TextId::first_of(id)).copied()));
    let measure = move || {
        let lines = lines.get().filter(|_| !is_listed.get()).map(|lines| match lines {
            1 => " · 1 line".to_owned(),
            lines => format!(" · {} lines", grouped(lines)),
        });
        format!("{}{}", size_in_words(size), lines.unwrap_or_default())
    };
    let remove_label = format!("Remove {name}");
    view! {
        <div class="source">
            <div class="source-head">
                <button
                    type="button"
                    class="source-name"
                    title=name.clone()
                    on:click=move |_| {
                        desk.go_to(crate::state::Place {
                            text: TextId::first_of(id),
                            line: 1,
                        });
                    }
                >
                    {name.clone()}
                </button>
                <span class="faint">{measure}</span>
                <button
                    type="button"
                    class="btn btn-small btn-bare"
                    aria-label=remove_label
                    title="Remove"
                    on:click=move |_| desk.remove(id)
                >
                    "×"
                </button>
            </div>
            {move || match contents.get() {
                Some(contents) if contents.is_listed() => view! { <MemberList source=id contents /> }.into_any(),
                contents => {
                    // What is packed alone may be damaged.
                    let unopened = move || {
                        contents
                            .is_some()
                            .then(|| desk.outcome.get().map(|outcome| view! { <UnopenedList source=id outcome /> }))
                    };
                    view! {
                        {unopened}
                        <PartList text=TextId::first_of(id) />
                    }
                        .into_any()
                }
            }}
        </div>
    }
}
