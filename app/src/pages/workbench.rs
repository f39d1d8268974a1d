//! The page on which output is pasted and explained.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use crate::client::{Event, Program, WorkerClient};
use crate::privacy;

/// The workbench: for now a worker that repeats what it is told.
#[component]
pub fn Workbench() -> impl IntoView {
    let paste = RwSignal::new(String::new());
    let answer = RwSignal::new(String::new());
    // What tests wait for: "starting", "ready", or why it is neither.
    let status = RwSignal::new(String::from("starting"));
    let worker = RwSignal::new_local(None::<WorkerClient>);

    spawn_local(async move {
        let hear = move |event| match event {
            Event::Ready => status.set("ready".into()),
            Event::Answer { text, .. } => answer.set(text),
            Event::Crashed { reason, .. } => status.set(reason),
        };
        match start(hear).await {
            Ok(client) => worker.set(Some(client)),
            Err(error) => status.set(format!("{error:?}")),
        }
    });

    let ask = move |_| {
        worker.with_untracked(|worker| {
            if let Some(worker) = worker {
                worker.submit(paste.get_untracked());
            }
        });
    };
    let stop = move |_| {
        status.set("starting".into());
        worker.with_untracked(|worker| {
            if let Some(Err(error)) = worker.as_ref().map(WorkerClient::restart) {
                status.set(format!("{error:?}"));
            }
        });
    };

    view! {
        <main data-worker=status>
            <h1>"Whypath"</h1>
            <textarea aria-label="What the terminal printed" prop:value=paste on:input:target=move |event| paste.set(event.target().value())></textarea>
            <button id="ask" on:click=ask>"Why?"</button>
            <button id="stop" on:click=stop>"Stop"</button>
            <output>{answer}</output>
        </main>
    }
}

/// Fetches everything that there is to fetch, closes the door, and only then starts the worker.
async fn start(hear: impl Fn(Event) + 'static) -> Result<WorkerClient, JsValue> {
    let program = Program::fetch().await?;
    privacy::lock_down()?;
    WorkerClient::start(program, hear)
}
