//! What is on the desk, and what was recognised in it.

use std::sync::Arc;

use leptos::prelude::*;
use whypath_analyzers::view::{ProblemView, SegmentView};

use crate::state::{Desk, Outcome, Selection, run::grouped, size_in_words};

/// The sources, each with its parts.
#[component]
pub fn SourceList() -> impl IntoView {
    let desk = expect_context::<Desk>();
    view! {
        {move || {
            let sources: Vec<(u32, String, String)> = desk
                .sources
                .with(|all| {
                    all.iter()
                        .map(|source| {
                            let lines = source
                                .lines
                                .map(|lines| match lines {
                                    1 => " · 1 line".to_owned(),
                                    lines => format!(" · {} lines", grouped(lines)),
                                });
                            let size = size_in_words(source.size);
                            (source.id, source.name.clone(), format!("{size}{}", lines.unwrap_or_default()))
                        })
                        .collect()
                });
            (!sources.is_empty())
                .then(|| {
                    let several = sources.len() > 1;
                    view! {
                        <section class="sources" aria-labelledby="sources-title">
                            <div class="section-head">
                                <h2 id="sources-title">"Sources"</h2>
                                {several
                                    .then(|| {
                                        view! {
                                            <button type="button" class="link" id="clear" on:click=move |_| desk.clear()>
                                                "Clear all"
                                            </button>
                                        }
                                    })}
                            </div>
                            {sources
                                .into_iter()
                                .map(|(id, name, size)| view! { <SourceEntry id name size /> })
                                .collect_view()}
                        </section>
                    }
                })
        }}
    }
}

/// A source and what was recognised in it.
#[component]
fn SourceEntry(
    /// Its id.
    id: u32,
    /// Its name.
    name: String,
    /// Its size, in words.
    size: String,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let remove_label = format!("Remove {name}");
    view! {
        <div class="source">
            <div class="source-head">
                <button
                    type="button"
                    class="source-name"
                    title=name.clone()
                    on:click=move |_| {
                        desk.go_to(crate::state::Place { source: id, line: 1 });
                    }
                >
                    {name.clone()}
                </button>
                <span class="faint">{size}</span>
                <button
                    type="button"
                    class="btn btn-small btn-bare"
                    aria-label=remove_label
                    title="Remove"
                    on:click=move |_| desk.remove(id)
                >
                    "×"
                </button>
            </div>
            {move || desk.outcome.get().map(|outcome| parts(desk, &outcome, id))}
        </div>
    }
}

fn parts(desk: Desk, outcome: &Arc<Outcome>, id: u32) -> impl IntoView + use<> {
    let source = outcome.index_of(id);
    let bench = &outcome.workbench;
    let segments = bench
        .segments
        .iter()
        .enumerate()
        .filter(|(_, segment)| Some(segment.source) == source)
        .map(|(index, segment)| segment_entry(desk, index, segment))
        .collect_view();
    let problems = bench
        .problems
        .iter()
        .enumerate()
        .filter(|(_, problem)| Some(problem.source) == source)
        .map(|(index, problem)| problem_entry(desk, index, problem))
        .collect_view();
    let unlisted = bench.segments_total.saturating_sub(bench.segments.len());
    let unlisted_problems = bench.problems_total.saturating_sub(bench.problems.len());
    let last = bench.sources.len().checked_sub(1) == source;
    let more = (last && unlisted + unlisted_problems > 0).then(|| {
        view! {
            <p class="faint more">
                {format!(
                    "and {} outputs and {} problems more that are not listed",
                    grouped(unlisted),
                    grouped(unlisted_problems),
                )}
            </p>
        }
    });
    view! {
        <ul class="parts">{segments} {problems}</ul>
        {more}
    }
}

fn segment_entry(desk: Desk, index: usize, segment: &SegmentView) -> impl IntoView + use<> {
    let this = Selection::Segment(index);
    let what = segment.command.clone().unwrap_or_else(|| {
        if segment.recognised {
            format!("({})", segment.format)
        } else {
            "not recognised".into()
        }
    });
    let reads = if segment.recognised {
        if segment.reads.is_empty() {
            segment.format.clone()
        } else {
            segment.reads.clone()
        }
    } else if segment.command.is_some() {
        "output not recognised".into()
    } else {
        String::new()
    };
    let (sign, word) = if segment.recognised {
        ("●", "recognised: ")
    } else {
        ("▲", "not recognised: ")
    };
    view! {
        <li id=this.element_id() class:warn=!segment.recognised>
            <button
                type="button"
                class="part"
                class:is-selected=move || desk.selection.get() == Some(this)
                title=what.clone()
                on:click=move |_| desk.select(this)
            >
                <i aria-hidden="true">{sign}</i>
                <span class="offscreen">{word}</span>
                <code>{what.clone()}</code>
                <span class="part-reads">{reads}</span>
                <span class="part-lines">{lines(segment.first, segment.last)}</span>
            </button>
        </li>
    }
}

fn problem_entry(desk: Desk, index: usize, problem: &ProblemView) -> impl IntoView + use<> {
    let this = Selection::Problem(index);
    let guess = problem.guess.clone();
    view! {
        <li id=this.element_id() class="warn problem">
            <button
                type="button"
                class="part"
                class:is-selected=move || desk.selection.get() == Some(this)
                on:click=move |_| desk.select(this)
            >
                <i aria-hidden="true">"▲"</i>
                <span class="part-message">
                    {problem.message.clone()}
                    {guess.map(|guess| view! { <span class="guess">{format!(" Closest guess: {guess}.")}</span> })}
                </span>
                <span class="part-lines">{lines(problem.first, problem.last)}</span>
            </button>
        </li>
    }
}

fn lines(first: usize, last: usize) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}–{last}")
    }
}
