//! The lines of one text, of which only those that can be seen are elements.

use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, MouseEvent, ResizeObserver};
use whypath_analyzers::view::SegmentView;

use super::{SegmentHead, segment_head::heads};
use crate::protocol::{Line, TextId};
use crate::state::{CHUNK, Desk, Outcome, Place, Row, Rows, Selection, Viewport, run::grouped};

/// The height of a line, in CSS pixels; the style sheet says the same.
const LINE_HEIGHT: f64 = 19.0;

/// A text with line numbers, and above each part of it what that was read as.
#[component]
pub fn TextLines(
    /// The text.
    text: TextId,
    /// How many lines it has.
    lines: usize,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let pane = NodeRef::<Div>::new();
    let scroll = RwSignal::new(0.0);
    let height = RwSignal::new(600.0);
    let heads = Memo::new(move |_| {
        let outcome = desk.outcome.get();
        outcome.map(|outcome| heads(&outcome, text, lines)).unwrap_or_default()
    });
    let layout = Memo::new(move |_| heads.with(|heads| Rows::new(lines, heads.iter().map(|(_, part)| part.first))));
    let viewport = move || Viewport {
        line_height: LINE_HEIGHT,
        height: height.get(),
        scroll: scroll.get(),
        lines: layout.with(Rows::count),
    };
    let visible = Memo::new(move |_| viewport().visible());

    watch_height(pane, height);
    // A goal is reached once; the next one is another place or the same one asked for again.
    Effect::new(move |_| {
        let Some(goal) = desk.goal.get() else { return };
        let Some(pane) = pane.get() else { return };
        if goal.text != text || lines == 0 {
            return;
        }
        let (row, count) = layout.with_untracked(|rows| (rows.row_of(goal.line), rows.count()));
        let at = viewport_now(scroll, height, count);
        if !at.shows(row) || goal.line == 1 {
            let to = at.scroll_to(if goal.line == 1 { 1 } else { row });
            scroll.set(to);
            // The browser lays the page out before the next frame anyway; to scroll now would have it done twice.
            #[allow(
                clippy::cast_possible_truncation,
                reason = "no element is taller than an i32 can count"
            )]
            request_animation_frame(move || pane.set_scroll_top(to as i32));
        }
        desk.goal.set(None);
    });

    let marked = Memo::new(move |_| {
        let outcome = desk.outcome.get()?;
        let selection = desk.selection.get()?;
        let index = outcome.index_of(text)?;
        let ranges: Vec<(usize, usize)> = outcome
            .cites(selection)
            .iter()
            .filter(|cite| cite.source == index)
            .map(|cite| (cite.first, cite.last))
            .collect();
        Some((
            ranges,
            matches!(selection, Selection::Segment(_) | Selection::Problem(_)),
        ))
    });

    let rows = move || {
        let (first, count) = visible.get();
        let outcome = desk.outcome.get();
        let asked = desk.asked.get();
        let marked = marked.get().unwrap_or_default();
        if lines == 0 {
            // How many there are is told with the first of them.
            desk.window(text, 0);
        }
        let layout = layout.get();
        (first..first + count)
            .map(|row| match layout.at(row) {
                Row::Head(head) => heads.with(|heads| head_row(text, heads.get(head), outcome.as_deref())),
                Row::Line(number) => {
                    let chunk = desk.window(text, (number - 1) / CHUNK);
                    let line = chunk.and_then(|chunk| chunk.get((number - 1) % CHUNK).cloned());
                    line_row(desk, text, number, line, outcome.as_ref(), &marked, asked).into_any()
                }
            })
            .collect_view()
    };
    let digits = grouped(lines).len().max(3);

    view! {
        <div
            class="text"
            node_ref=pane
            tabindex="0"
            role="region"
            aria-label="Pasted text"
            data-lines=lines.to_string()
            on:scroll=move |_| {
                if let Some(pane) = pane.get_untracked() {
                    scroll.set(f64::from(pane.scroll_top()));
                }
            }
            on:click=move |event| ask(desk, text, &event)
        >
            <div class="text-all" style:height=move || format!("{}px", viewport().scroll_height())>
                <div
                    class="text-lines"
                    style:top=move || format!("{}px", viewport().top())
                    style:--digits=digits.to_string()
                >
                    {rows}
                </div>
            </div>
        </div>
    }
}

fn viewport_now(scroll: RwSignal<f64>, height: RwSignal<f64>, lines: usize) -> Viewport {
    Viewport {
        line_height: LINE_HEIGHT,
        height: height.get_untracked(),
        scroll: scroll.get_untracked(),
        lines,
    }
}

fn head_row(text: TextId, head: Option<&(usize, SegmentView)>, outcome: Option<&Outcome>) -> AnyView {
    head.zip(outcome)
        .map(|((index, segment), outcome)| {
            let title = outcome.title(&segment.format).to_owned();
            view! { <SegmentHead text index=*index segment=segment.clone() title /> }
        })
        .into_any()
}

fn line_row(
    desk: Desk,
    source: TextId,
    number: usize,
    line: Option<Line>,
    outcome: Option<&Arc<Outcome>>,
    (ranges, mild): &(Vec<(usize, usize)>, bool),
    asked: Option<Place>,
) -> impl IntoView + use<> {
    let within = |(first, last): &(usize, usize)| (*first..=*last).contains(&number);
    let hit = ranges.iter().any(within);
    let cited = outcome.is_some_and(|outcome| {
        outcome
            .index_of(source)
            .is_some_and(|index| outcome.evidence.is_cited(index, number))
    });
    let this = Place {
        text: source,
        line: number,
    };
    let is_asked = asked == Some(this);
    let mut class = String::from("line");
    for (name, holds) in [
        (" hit", hit && !*mild),
        (" mild", hit && *mild),
        (" cited", cited),
        (" asked", is_asked),
    ] {
        if holds {
            class.push_str(name);
        }
    }
    let more = line.as_ref().map_or(0, |line| line.more);
    let text = line.map(|line| line.text).unwrap_or_default();
    let gutter = if cited {
        view! {
            <button
                type="button"
                class="ln"
                aria-label=format!("Line {number}: what rests on it?")
                on:click=move |event| {
                    event.stop_propagation();
                    desk.asked.set(Some(this));
                }
            >
                {number}
            </button>
        }
        .into_any()
    } else {
        view! { <span class="ln">{number}</span> }.into_any()
    };
    view! {
        <div class=class data-line=number.to_string()>
            {gutter}
            <span class="tx">{text}</span>
            {(more > 0).then(|| view! { <span class="cut">{format!("… {} characters more", grouped(more))}</span> })}
        </div>
    }
}

/// A click on a line that something rests on asks what.
fn ask(desk: Desk, text: TextId, event: &MouseEvent) {
    let line = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .and_then(|target| target.closest(".cited").ok().flatten())
        .and_then(|row| row.get_attribute("data-line"))
        .and_then(|line| line.parse().ok());
    if let Some(line) = line {
        desk.asked.set(Some(Place { text, line }));
    }
}

/// Keeps `height` the height of the pane.
fn watch_height(pane: NodeRef<Div>, height: RwSignal<f64>) {
    Effect::new(move |_| {
        let Some(pane) = pane.get() else { return };
        let watched = pane.clone();
        let listener = Closure::<dyn FnMut()>::new(move || {
            // The pane may be gone by then.
            height.try_set(f64::from(watched.client_height()));
        });
        if let Ok(observer) = ResizeObserver::new(listener.as_ref().unchecked_ref()) {
            observer.observe(&pane);
            let kept = StoredValue::new_local((observer, listener));
            on_cleanup(move || {
                kept.with_value(|(observer, _)| observer.disconnect());
            });
        }
    });
}
