//! Buttons that open the browser's file chooser.

use leptos::html::Input;
use leptos::prelude::*;
use web_sys::FileList;

use crate::state::Desk;

/// Two buttons, for files and for a folder, and the inputs behind them.
#[component]
pub fn FileChooser() -> impl IntoView {
    let desk = expect_context::<Desk>();
    view! {
        <Chooser
            id="files"
            label="Files to analyse"
            title="Texts, captures (.pcap, .pcapng), archives (.gz, .tar.gz, .zip) of up to 512 MB and 20,000 files when unpacked"
            folder=false
            take=move |files| desk.add_files(&files)
        >
            "Files…"
        </Chooser>
        <Chooser
            id="folder"
            label="Folder to analyse"
            title="All files of a folder, up to 512 MB and 20,000 files; hidden ones are left out. Your browser may call it an upload: nothing is sent"
            folder=true
            take=move |files| desk.add_folder(&files)
        >
            "Folder…"
        </Chooser>
    }
}

/// A button, and the input that it stands for.
#[component]
fn Chooser(
    /// The input's id.
    id: &'static str,
    /// What the input is for.
    label: &'static str,
    /// What can be chosen.
    title: &'static str,
    /// Whether a folder is chosen, with all that is in it.
    folder: bool,
    /// Takes what was chosen.
    take: impl Fn(FileList) + 'static,
    /// What stands on the button.
    children: Children,
) -> impl IntoView {
    let chooser = NodeRef::<Input>::new();
    view! {
        <button
            type="button"
            class="btn"
            title=title
            on:click=move |_| {
                if let Some(chooser) = chooser.get_untracked() {
                    chooser.click();
                }
            }
        >
            {children()}
        </button>
        <input
            type="file"
            multiple=!folder
            prop:webkitdirectory=folder
            class="offscreen"
            id=id
            tabindex="-1"
            aria-label=label
            node_ref=chooser
            on:change=move |_| {
                if let Some(chooser) = chooser.get_untracked() {
                    if let Some(files) = chooser.files() {
                        take(files);
                    }
                    // Or the same could not be chosen again.
                    chooser.set_value("");
                }
            }
        />
    }
}
