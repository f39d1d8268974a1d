//! A finding: verdict, title, whys, fix, verification.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent, window};
use whypath_analyzers::view::FindingView;

use super::{Cites, Remedy, Verdict, Whys, Words, class_mark};
use crate::browser;
use crate::state::{Desk, Outcome, Selection};

/// A finding with those that it explains folded under it.
#[component]
pub fn Finding(
    /// The analysis.
    outcome: Arc<Outcome>,
    /// The finding's index.
    index: usize,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let finding = outcome.workbench.findings.get(index).cloned()?;
    let this = Selection::Finding(index);
    let selected = move || match desk.selection.get() {
        Some(Selection::Finding(finding) | Selection::Why(finding, _)) => finding == index,
        _ => false,
    };
    let FindingView {
        code,
        class,
        title,
        subjects,
        explains,
        whys,
        fix,
        verify,
        picture,
        verdict,
        cites,
        ..
    } = finding;
    // Without a flow there is no verdict: then the class stands in its place.
    let (verdict, word) = match verdict {
        Some(verdict) => (verdict.clone(), verdict),
        None => (class_mark(&class).to_owned(), class.clone()),
    };
    let whole = whys.is_empty().then_some(cites);
    let title_label = title.clone();
    Some(view! {
        <article
            id=this.element_id()
            class=format!("card finding finding-{class}")
            class:is-selected=selected
            data-code=code.clone()
            tabindex="-1"
            on:click=move |event| {
                if is_plain_click(&event) {
                    desk.select(this);
                }
            }
        >
            <p class="finding-head">
                <Verdict verdict word />
                <span class="code">{code.clone()}</span>
                <span>{class.clone()}</span>
                <span class="subjects">{subjects.join(", ")}</span>
                {picture
                    .map(|picture| {
                        view! {
                            <button
                                type="button"
                                class="link"
                                on:click=move |_| {
                                    let id = Selection::Step(picture, 0).element_id();
                                    if let Some(figure) = browser::element(&id) {
                                        browser::show_top(&figure);
                                    }
                                }
                            >
                                "See the picture ↓"
                            </button>
                        }
                    })}
            </p>
            <h2>
                <button type="button" class="title-button" on:click=move |_| desk.select(this)>
                    <Words text=title_label />
                </button>
            </h2>
            <Whys finding=index whys />
            {whole.map(|cites| view! { <Cites cites of=this /> })}
            <Remedy fix verify />
            {(!explains.is_empty()).then(|| explained(&outcome, &explains))}
        </article>
    })
}

/// The findings that this one explains.
fn explained(outcome: &Arc<Outcome>, explains: &[usize]) -> impl IntoView + use<> {
    let summary = match explains.len() {
        1 => "Explains 1 more finding".to_owned(),
        count => format!("Explains {count} more findings"),
    };
    let inner = explains
        .iter()
        .map(|&index| {
            // The type of a component that contains itself has to be hidden from the compiler.
            view! { <Finding outcome=Arc::clone(outcome) index /> }.into_any()
        })
        .collect_view();
    view! {
        <details class="explains">
            <summary>{summary}</summary>
            {inner}
        </details>
    }
}

/// A click on the card itself: not on something in it, and not the end of selecting text.
fn is_plain_click(event: &MouseEvent) -> bool {
    let on_something = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .and_then(|target| target.closest("button, a, summary, pre, code, details").ok().flatten())
        .is_some();
    let selecting = window()
        .and_then(|window| window.get_selection().ok().flatten())
        .is_some_and(|selection| !selection.is_collapsed());
    !on_something && !selecting
}
