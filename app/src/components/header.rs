//! The line on top.

use leptos::prelude::*;

use super::{CopyButton, ThemeToggle};
use crate::state::Desk;

/// The name, what is on the desk, and what concerns the whole page.
#[component]
pub fn Header() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let report = move || {
        desk.outcome
            .get()
            .map(|outcome| outcome.workbench.markdown.clone())
            .filter(|markdown| !markdown.is_empty())
    };
    view! {
        <header class="top">
            <h1 class="brand">
                <span class="brand-why">"why"</span>
                "path"
            </h1>
            <p class="tagline">"Paste terminal output, see the path, get the why"</p>
            {move || {
                report()
                    .map(|text| view! { <CopyButton text label="Copy report" what="Copy report: everything that was found, as Markdown" /> })
            }}
            <ThemeToggle />
        </header>
    }
}
