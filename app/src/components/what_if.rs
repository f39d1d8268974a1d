//! What if one fact were another one: the changes that would lead a packet further, and one of the reader's own.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use whypath_analyzers::view::{ChangeView, RemedyView};

use super::{CopyButton, Mark, NextCommand};
use crate::state::{Desk, PathState};

/// The list beside a path's picture.
#[component]
pub fn WhatIf(
    /// The picture's index.
    picture: usize,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let path = Memo::new(move |_| desk.paths.with(|paths| paths.get(&picture).cloned()));
    let own = RwSignal::new(String::new());
    let changes =
        move || path.with_untracked(|path| path.as_ref().map(|path| path.changes.clone()).unwrap_or_default());
    let with = move |change: ChangeView| {
        let mut all = changes();
        all.push(change);
        desk.what_if(picture, all, None);
    };
    let try_own = move || {
        let text = own.get_untracked();
        if !text.trim().is_empty() {
            desk.what_if(picture, changes(), Some(text.trim().to_owned()));
        }
    };
    view! {
        <div class="what-if">
            {move || {
                let changes = path.with(|path| path.as_ref().map(|path| path.changes.clone()).unwrap_or_default());
                (!changes.is_empty()).then(|| assumed(desk, picture, &changes))
            }}
            <details
                prop:open=move || path.with(|path| path.as_ref().is_some_and(|path| path.open))
                on:toggle=move |event| {
                    let open = is_open(&event);
                    let known = path.with_untracked(|path| path.as_ref().is_some_and(|path| path.open));
                    if open != known {
                        desk.open_what_if(picture, open);
                    }
                }
            >
                <summary>"What if …"</summary>
                {move || path.get().map(|path| remedies(&path, with))}
                <form
                    class="what-if-own"
                    on:submit=move |event| {
                        event.prevent_default();
                        try_own();
                    }
                >
                    <label>
                        "Another value: line of the document, pointer, value"
                        <input
                            type="text"
                            spellcheck="false"
                            autocomplete="off"
                            autocapitalize="off"
                            placeholder="12#/SecurityGroups/0/IpPermissions=[]"
                            prop:value=own
                            on:input=move |event| own.set(event_target_value(&event))
                        />
                    </label>
                    <button type="submit" class="btn btn-small">
                        "Try"
                    </button>
                </form>
                <p class="what-if-says" role="status">
                    {move || path.with(|path| path.as_ref().and_then(|path| path.refused.clone()))}
                </p>
            </details>
        </div>
    }
    .into_any()
}

fn is_open(event: &web_sys::Event) -> bool {
    let details = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    details.is_some_and(|details| details.has_attribute("open"))
}

/// What is assumed, each with a button that takes it back.
fn assumed(desk: Desk, picture: usize, changes: &[ChangeView]) -> impl IntoView + use<> {
    let all = changes.to_vec();
    let lines = changes
        .iter()
        .enumerate()
        .map(|(number, change)| {
            let mut rest = all.clone();
            rest.remove(number);
            let words = format!("If {}", change.words);
            view! {
                <li>
                    <Mark verdict="assumed".to_owned() />
                    <span>{words}</span>
                    <button
                        type="button"
                        class="btn btn-small take-back"
                        on:click=move |_| desk.what_if(picture, rest.clone(), None)
                    >
                        "Take back"
                    </button>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="plain assumptions">{lines}</ul> }
}

/// What would lead the packet further.
fn remedies(path: &PathState, with: impl Fn(ChangeView) + Copy + 'static) -> AnyView {
    let Some(found) = path.remedies.clone() else {
        return view! { <p class="faint">"Trying what would open it…"</p> }.into_any();
    };
    let next = path
        .next
        .iter()
        .take(3)
        .map(|next| view! { <NextCommand next=next.clone() /> })
        .collect_view();
    let none = found.is_empty();
    let list = found
        .into_iter()
        .map(
            |RemedyView {
                 change,
                 command,
                 verdict,
                 reason,
             }| {
                let then = match (verdict.as_str(), reason) {
                    ("blocked", Some(reason)) => format!("then it stops elsewhere: {reason}"),
                    ("blocked", None) => "then it stops elsewhere".to_owned(),
                    ("unknown", _) => "then it is not known".to_owned(),
                    _ => "then nothing stops it any more".to_owned(),
                };
                let words = change.words.clone();
                view! {
                    <li>
                        <button type="button" class="remedy-button" on:click=move |_| with(change.clone())>
                            <Mark verdict=verdict />
                            <span>
                                {words}
                                <span class="faint">" — " {then}</span>
                            </span>
                        </button>
                        {command
                            .map(|command| {
                                view! {
                                    <div class="code-block">
                                        <pre tabindex="0">
                                            <code>{command.clone()}</code>
                                        </pre>
                                        <CopyButton text=command />
                                    </div>
                                }
                            })}
                    </li>
                }
            },
        )
        .collect_view();
    view! {
        {none
            .then(|| {
                view! { <p class="faint">"No single change that is tried here would lead the packet further."</p> }
            })}
        <ul class="plain remedies">{list}</ul>
        {next}
    }
    .into_any()
}
