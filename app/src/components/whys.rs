//! A chain of whys.

use leptos::prelude::*;
use whypath_analyzers::view::WhyView;

use super::{Cites, Words};
use crate::state::{Desk, Selection};

/// From the symptom down to the cause, each with what proves it.
#[component]
pub fn Whys(
    /// The finding's index.
    finding: usize,
    /// Its whys.
    whys: Vec<WhyView>,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    (!whys.is_empty()).then(|| {
        view! {
            <ol class="whys">
                {whys
                    .into_iter()
                    .enumerate()
                    .map(|(number, why)| {
                        let this = Selection::Why(finding, number);
                        view! {
                            <li
                                id=this.element_id()
                                tabindex="-1"
                                class:is-selected=move || desk.selection.get() == Some(this)
                            >
                                <Words text=why.text />
                                " "
                                <Cites cites=why.cites of=this />
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        }
    })
}
