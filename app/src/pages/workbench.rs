//! The page on which output is pasted and explained.

use leptos::ev;
use leptos::prelude::*;
use web_sys::DragEvent;

use crate::browser;
use crate::components::{Header, Overview, PasteBox, PathForm, Samples, SourceList, Status, TextPane};
use crate::state::Desk;

/// Sources, findings with pictures, and the pasted text.
#[component]
pub fn Workbench() -> impl IntoView {
    let desk = Desk::default();
    provide_context(desk);
    if let Some(theme) = browser::chosen_theme() {
        browser::apply_theme(&theme);
    }
    desk.start();
    let dragging = take_drops(desk);

    view! {
        <div class="page" data-worker=desk.worker class:is-dragging=dragging>
            <Header />
            <main class="panes">
                <section class="pane pane-sources" aria-label="Sources">
                    <PasteBox />
                    <Status />
                    <SourceList />
                    <PathForm />
                    <Samples />
                </section>
                <section class="pane pane-outcome" id="outcome-pane" aria-label="Findings and pictures" tabindex="-1">
                    <Overview />
                </section>
                <section class="pane pane-text" id="text-pane" aria-label="Pasted text">
                    <TextPane />
                </section>
            </main>
            <div class="drop-hint" aria-hidden="true">
                "Drop to analyse. Nothing is sent."
            </div>
        </div>
    }
}

/// Takes files and folders that are dropped anywhere; says whether something is being dragged over the page.
fn take_drops(desk: Desk) -> RwSignal<bool> {
    let dragging = RwSignal::new(false);
    let has_files = |event: &DragEvent| {
        event
            .data_transfer()
            .is_some_and(|data| data.types().includes(&"Files".into(), 0))
    };
    let over = window_event_listener(ev::dragover, move |event| {
        if has_files(&event) {
            // Otherwise the browser would open the file in place of the page.
            event.prevent_default();
            if !dragging.get_untracked() {
                dragging.set(true);
            }
        }
    });
    let leave = window_event_listener(ev::dragleave, move |event| {
        if event.related_target().is_none() {
            dragging.set(false);
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        dragging.set(false);
        if has_files(&event) {
            event.prevent_default();
            if let Some(data) = event.data_transfer() {
                desk.add_dropped(&data);
            }
        }
    });
    on_cleanup(move || {
        over.remove();
        leave.remove();
        drop.remove();
    });
    dragging
}
