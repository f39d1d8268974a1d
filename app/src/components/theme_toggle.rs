//! Light or dark.

use leptos::prelude::*;

use crate::browser;

/// A button that turns light into dark and back. Until it is used, the system's preference holds.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let dark = RwSignal::new(browser::chosen_theme().map_or_else(browser::prefers_dark, |theme| theme == "dark"));
    let toggle = move |_| {
        dark.update(|dark| *dark = !*dark);
        browser::choose_theme(if dark.get_untracked() { "dark" } else { "light" });
    };
    view! {
        <button
            type="button"
            class="btn btn-icon"
            id="theme"
            aria-pressed=move || dark.get().to_string()
            aria-label="Dark colours"
            title=move || if dark.get() { "Light colours" } else { "Dark colours" }
            on:click=toggle
        >
            <svg viewBox="0 0 18 18" aria-hidden="true">
                <circle class="theme-ring" cx="9" cy="9" r="6.5" />
                <path class="theme-half" d="M9 2.5a6.5 6.5 0 0 1 0 13z" />
            </svg>
        </button>
    }
}
