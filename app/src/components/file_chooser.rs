//! A button that opens the browser's file chooser.

use leptos::html::Input;
use leptos::prelude::*;

use crate::state::Desk;

/// The button, and the input behind it.
#[component]
pub fn FileChooser() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let chooser = NodeRef::<Input>::new();
    view! {
        <button
            type="button"
            class="btn"
            title="Texts, captures (.pcap, .pcapng), archives (.gz, .tar.gz, .zip) of up to 512 MB and 20,000 files when unpacked"
            on:click=move |_| {
                if let Some(chooser) = chooser.get_untracked() {
                    chooser.click();
                }
            }
        >
            "Files…"
        </button>
        <input
            type="file"
            multiple
            class="offscreen"
            id="files"
            tabindex="-1"
            aria-label="Files to analyse"
            node_ref=chooser
            on:change=move |_| {
                if let Some(chooser) = chooser.get_untracked() {
                    if let Some(files) = chooser.files() {
                        desk.add_files(&files);
                    }
                    // Or the same file could not be chosen again.
                    chooser.set_value("");
                }
            }
        />
    }
}
