//! What stands above a part of a text: what it was read as, and how sure that is.

use leptos::prelude::*;
use whypath_analyzers::view::SegmentView;

use crate::protocol::TextId;
use crate::state::desk::{CAPTURE, head_id};
use crate::state::{Desk, Outcome, Place};

/// The head of a part.
#[component]
pub fn SegmentHead(
    /// The text.
    text: TextId,
    /// Which part.
    index: usize,
    /// The part.
    segment: SegmentView,
    /// What a person calls its format.
    title: String,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let sign = if segment.recognised { "●" } else { "▲" };
    let place = Place {
        text,
        line: segment.first,
    };
    let last = segment.last;
    let sure = if segment.chosen {
        "chosen by you".to_owned()
    } else if segment.recognised && segment.format != CAPTURE {
        format!("{} % sure", segment.confidence)
    } else {
        String::new()
    };
    let shown = if segment.recognised || segment.chosen {
        title
    } else {
        format!("{title}: choose a format")
    };
    // What is shown comes first: whoever speaks to the page says what can be read.
    let label = format!(
        "{shown}{}{sure}, lines {} to {}. Choose another format.",
        if sure.is_empty() { "" } else { ", " },
        segment.first,
        segment.last
    );
    let format = if segment.format == CAPTURE {
        view! { <span class="head-format">"Each line is what was read of a packet, its number the packet’s."</span> }
            .into_any()
    } else {
        view! {
            <button
                type="button"
                class="head-format"
                id=head_id(segment.first)
                aria-haspopup="dialog"
                aria-expanded=move || (desk.choosing.get() == Some(index)).to_string()
                aria-label=label
                title="Choose another format"
                on:click=move |event| {
                    event.stop_propagation();
                    desk.choosing.update(|choosing| *choosing = (*choosing != Some(index)).then_some(index));
                }
            >
                {shown}
                <span aria-hidden="true">" ▾"</span>
            </button>
        }
        .into_any()
    };
    view! {
        <div class="head" class:warn=!segment.recognised data-head=segment.first.to_string()>
            <i aria-hidden="true">{sign}</i>
            {format}
            <span class="head-sure">{sure}</span>
            {segment
                .chosen
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="link head-undo"
                            on:click=move |event| {
                                event.stop_propagation();
                                desk.unchoose(place, last);
                            }
                        >
                            "Undo"
                        </button>
                    }
                })}
        </div>
    }
    .into_any()
}

/// The parts of a text that have a head, with their indices, in the order of their lines.
pub fn heads(outcome: &Outcome, text: TextId, lines: usize) -> Vec<(usize, SegmentView)> {
    let mut heads: Vec<(usize, SegmentView)> = outcome
        .segments_in(text)
        .filter(|(_, segment)| (1..=lines).contains(&segment.first))
        .map(|(index, segment)| (index, segment.clone()))
        .collect();
    heads.sort_by_key(|(_, segment)| segment.first);
    heads
}
