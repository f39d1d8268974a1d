//! The pasted text.

use leptos::prelude::*;

use super::{FormatChoice, RestsOn, TextLines};
use crate::protocol::TextId;
use crate::state::{Desk, Place};

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    /// An archive of which no member was chosen yet.
    Archive,
    Text(TextId, usize),
}

/// A text that can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tab {
    text: TextId,
    name: String,
    title: String,
    /// Members of archives come and go.
    closes: bool,
}

/// The texts, one tab each, and what rests on the line that was clicked.
#[component]
pub fn TextPane() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let tabs = Memo::new(move |_| tabs(desk));
    let shown = Memo::new(move |_| shown(desk));
    let is_current = move |text| matches!(shown.get(), Shown::Text(shown, _) if shown == text);
    view! {
        <div class="tabs">
            <For
                each=move || tabs.get()
                key=|tab| tab.text
                children=move |Tab { text, name, title, closes }| {
                    let label = format!("Close {title}");
                    view! {
                        <span class="tab-and-close" class:is-current=move || is_current(text)>
                            <button
                                type="button"
                                class="tab"
                                aria-pressed=move || is_current(text).to_string()
                                title=title
                                on:click=move |_| {
                                    desk.asked.set(None);
                                    desk.go_to(Place { text, line: 1 });
                                }
                            >
                                {name}
                            </button>
                            {closes
                                .then(|| {
                                    view! {
                                        <button
                                            type="button"
                                            class="btn btn-small btn-bare tab-close"
                                            aria-label=label
                                            title="Close"
                                            on:click=move |_| desk.close_tab(text)
                                        >
                                            "×"
                                        </button>
                                    }
                                })}
                        </span>
                    }
                    .into_any()
                }
            />
            {move || tabs.with(Vec::is_empty).then(|| view! { <h2 class="tab-empty">"Pasted text"</h2> })}
        </div>
        {move || match shown.get() {
            Shown::Text(text, lines) => view! { <TextLines text lines /> }.into_any(),
            Shown::Archive => {
                view! { <p class="text-empty faint">"Choose one of its files to see its text here."</p> }.into_any()
            }
            Shown::Nothing => {
                view! {
                    <p class="text-empty faint">
                        "What you paste appears here with line numbers, and the lines that prove something are marked."
                    </p>
                }
                    .into_any()
            }
        }}
        <FormatChoice />
        <RestsOn />
    }
}

fn tabs(desk: Desk) -> Vec<Tab> {
    let opened = desk.tabs.get();
    let contents = desk.contents.get();
    desk.sources.with(|all| {
        all.iter()
            .flat_map(|source| {
                let members = contents.get(&source.id).filter(|contents| contents.is_listed());
                let texts: Vec<TextId> = match members {
                    Some(_) => opened.iter().copied().filter(|text| text.source == source.id).collect(),
                    None => vec![TextId::first_of(source.id)],
                };
                texts.into_iter().map(move |text| {
                    let member = members.and_then(|contents| contents.member(text));
                    let path = member.map(|member| member.path.as_str());
                    Tab {
                        text,
                        name: path.map_or(source.name.as_str(), file_name).to_owned(),
                        title: path.map_or_else(|| source.name.clone(), |path| format!("{}/{path}", source.name)),
                        closes: member.is_some(),
                    }
                })
            })
            .collect()
    })
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn shown(desk: Desk) -> Shown {
    let wanted = desk.shown.get();
    let text = desk.sources.with(|sources| {
        let wanted = wanted.filter(|text| sources.get(text.source).is_some());
        wanted.or_else(|| sources.iter().next().map(|source| TextId::first_of(source.id)))
    });
    let Some(text) = text else {
        return Shown::Nothing;
    };
    let listed = desk
        .contents
        .with(|all| all.get(&text.source).is_some_and(|contents| contents.is_listed()));
    if listed && !desk.tabs.with(|tabs| tabs.contains(&text)) {
        return Shown::Archive;
    }
    Shown::Text(text, desk.lines.with(|lines| lines.get(&text).copied().unwrap_or(0)))
}
