//! What the page says before anything is on the desk, and when nothing in it was recognised.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::{CopyButton, Mark, class_mark};
use crate::protocol::Shows;
use crate::state::Desk;

/// The first words.
#[component]
pub fn Welcome() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let stories = move || -> Vec<_> {
        desk.samples
            .get()
            .into_iter()
            .filter(|sample| sample.shows == Shows::Fault)
            .collect()
    };
    view! {
        <div class="welcome">
            <h2>"Which way does it go, where does it stop, and why?"</h2>
            <p>
                "Paste what "
                <code>"kubectl"</code>
                ", "
                <code>"aws"</code>
                ", "
                <code>"tcpdump"</code>
                " or a node’s shell printed, several commands at once, prompts included. Whypath draws the way of the packet, the DNS query or the credential, \
                says where it stops, and cites the lines that prove it."
            </p>
            <p>
                "Or drop files, as many as you like: logs and manifests, captures ("
                <code>".pcap"</code>
                ", "
                <code>".pcapng"</code>
                "), a whole bundle ("
                <code>".tar.gz"</code>
                ", "
                <code>".zip"</code>
                ") or the folder that it was unpacked into, up to 512 MB and 20,000 files. They are opened in this page."
            </p>
            {move || {
                let stories = stories();
                (!stories.is_empty())
                    .then(|| {
                        view! {
                            <h3>"Or look at one of these first"</h3>
                            <ul class="stories">
                                {stories
                                    .into_iter()
                                    .map(|sample| {
                                        let mark = class_mark(&sample.class);
                                        view! {
                                            <li>
                                                <button
                                                    type="button"
                                                    class="card story"
                                                    on:click={
                                                        let sample = sample.clone();
                                                        move |_| desk.load_sample(&sample)
                                                    }
                                                >
                                                    <Mark verdict=mark.to_owned() />
                                                    <span class="story-title">{sample.title.clone()}</span>
                                                    <span class="faint">{sample.code.clone()}</span>
                                                </button>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        }
                    })
            }}
            <WhatToPaste />
            <ul class="legend" aria-label="The four verdicts">
                <li>
                    <Mark verdict="passes".to_owned() />
                    <b>"passes"</b>
                    " the lines show that it works"
                </li>
                <li>
                    <Mark verdict="blocked".to_owned() />
                    <b>"blocked"</b>
                    " the lines show that it stops"
                </li>
                <li>
                    <Mark verdict="assumed".to_owned() />
                    <b>"assumed"</b>
                    " a documented default says so"
                </li>
                <li>
                    <Mark verdict="unknown".to_owned() />
                    <b>"unknown"</b>
                    " and which command would tell"
                </li>
            </ul>
        </div>
    }
}

/// The commands whose output the rules read.
#[component]
pub fn WhatToPaste() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let commands = move || {
        let mut seen = BTreeSet::new();
        desk.samples
            .get()
            .into_iter()
            .flat_map(|sample| sample.needs)
            .filter(|command| seen.insert(command.clone()))
            .collect::<Vec<_>>()
    };
    view! {
        {move || {
            let commands = commands();
            (!commands.is_empty())
                .then(|| {
                    let text = commands.join("\n");
                    view! {
                        <h3>"Worth pasting, as far as you have it"</h3>
                        <div class="code-block">
                            <pre tabindex="0">
                                <code>{text.clone()}</code>
                            </pre>
                            <CopyButton text />
                        </div>
                    }
                })
        }}
    }
}
