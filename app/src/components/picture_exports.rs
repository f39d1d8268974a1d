//! What of a picture can leave the page.

use leptos::prelude::*;

use super::CopyButton;
use crate::browser;
use crate::state::Desk;

/// Buttons that download or copy, byte for byte what the terminal writes.
#[component]
pub fn PictureExports(
    /// The name of the file.
    file: String,
    /// The picture.
    svg: String,
    /// The same as Mermaid.
    mermaid: String,
    /// The whole report.
    markdown: String,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    view! {
        <button
            type="button"
            class="btn btn-small"
            data-export="svg"
            aria-label="Download the picture as SVG"
            on:click=move |_| {
                if browser::download(&file, "image/svg+xml", &svg).is_err() {
                    desk.say("The browser refused the download.".into());
                }
            }
        >
            "SVG"
        </button>
        <CopyButton text=mermaid label="Mermaid" what="Copy the picture as Mermaid" />
        <CopyButton text=markdown label="Markdown" what="Copy the whole report as Markdown" />
    }
}
