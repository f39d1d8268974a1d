//! Where texts come in.

use js_sys::{JsString, Reflect};
use leptos::ev;
use leptos::html::Textarea;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ClipboardEvent, KeyboardEvent};

use super::FileChooser;
use crate::state::Desk;

/// A longer text does not go into the box, which would lay out every line of it, but becomes a source at once.
const LONG: u32 = 200_000;

/// The box to paste and type in, and its buttons.
#[component]
pub fn PasteBox() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let area = NodeRef::<Textarea>::new();

    let analyse = move || {
        let Some(area) = area.get_untracked() else { return };
        // The text is taken as it is, without being copied into this program: it may be long.
        let text = Reflect::get(&area, &"value".into()).unwrap_or(JsValue::NULL);
        let empty = text.dyn_ref::<JsString>().is_none_or(|text| text.trim().length() == 0);
        if empty && desk.sources.with_untracked(|sources| !sources.is_empty()) {
            desk.analyse();
        } else {
            desk.add_text(&text);
            if !empty {
                area.set_value("");
            }
        }
    };
    let take_long = move |event: &ClipboardEvent, at_least: u32| {
        let text = event
            .clipboard_data()
            .and_then(|data| {
                Reflect::get(&data, &"getData".into())
                    .ok()?
                    .dyn_into::<js_sys::Function>()
                    .ok()
            })
            .zip(event.clipboard_data())
            .and_then(|(get, data)| get.call1(&data, &"text/plain".into()).ok());
        if let Some(text) = text
            && text.dyn_ref::<JsString>().is_some_and(|text| text.length() >= at_least)
        {
            event.prevent_default();
            desk.add_text(&text);
        }
    };

    // What is pasted beside the box is meant for it, too.
    let pasted = window_event_listener(ev::paste, move |event| {
        let in_field = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|target| target.closest("textarea, input").ok().flatten().is_some());
        if !in_field {
            take_long(&event, 1);
        }
    });
    on_cleanup(move || pasted.remove());

    view! {
        <div class="paste">
            <label for="paste">"Paste terminal output or drop files"</label>
            <textarea
                id="paste"
                node_ref=area
                rows="5"
                spellcheck="false"
                autocomplete="off"
                autocapitalize="off"
                aria-describedby="privacy"
                placeholder="$ kubectl get pods -A -o wide\n…\n$ aws ec2 describe-subnets …\n…"
                on:paste=move |event| take_long(&event, LONG)
                on:keydown=move |event: KeyboardEvent| {
                    if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                        event.prevent_default();
                        analyse();
                    }
                }
            ></textarea>
            <p class="privacy" id="privacy">
                <svg viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3 7h10v7H3z" />
                </svg>
                "Everything stays in this page. Nothing is sent."
            </p>
            <div class="paste-buttons">
                <button type="button" class="btn btn-primary" id="analyse" on:click=move |_| analyse()>
                    "Analyse"
                    <kbd aria-hidden="true">"Ctrl ↵"</kbd>
                </button>
                <FileChooser />
            </div>
        </div>
    }
}
