//! A button that puts a text on the clipboard.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;

/// How long the button says that it is done.
const SAID: Duration = Duration::from_millis(1600);

/// A button that puts a text on the clipboard and says so.
#[component]
pub fn CopyButton(
    /// The text.
    text: String,
    /// What stands on the button.
    #[prop(default = "Copy")]
    label: &'static str,
    /// What it copies, for those who cannot see what it stands beside.
    #[prop(optional)]
    what: Option<&'static str>,
) -> impl IntoView {
    let said = RwSignal::new(None::<&'static str>);
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            said.set(Some(match browser::copy(&text).await {
                Ok(()) => "Copied",
                Err(_) => "Not allowed",
            }));
            set_timeout(
                move || {
                    // The button may be gone by then.
                    said.try_set(None);
                },
                SAID,
            );
        });
    };
    view! {
        <button type="button" class="btn btn-small copy" aria-label=what on:click=copy>
            <span aria-live="polite">{move || said.get().unwrap_or(label)}</span>
        </button>
    }
}
