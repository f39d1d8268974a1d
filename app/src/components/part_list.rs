//! The outputs that were found in a text, and what of it was not understood.

use std::sync::Arc;

use leptos::prelude::*;
use whypath_analyzers::view::{ProblemView, SegmentView};

use super::Shortened;
use crate::protocol::TextId;
use crate::state::{Desk, Filter, Findable, Outcome, Selection, run::grouped};

/// So many outputs are shown at first, and so many problems.
const SHOWN: usize = 30;
const SHOWN_PROBLEMS: usize = 10;
/// A click shows so many more.
const MORE: usize = 100;

/// The parts of a text.
#[component]
pub fn PartList(
    /// The text.
    text: TextId,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let (shown, shown_problems) = (RwSignal::new(SHOWN), RwSignal::new(SHOWN_PROBLEMS));
    move || {
        let outcome = desk.outcome.get()?;
        let source = outcome.index_of(text)?;
        let filter = desk.filter.get();
        let segments = passing_segments(&outcome, source, &filter);
        let problems = passing_problems(&outcome, source, &filter);
        let titled = !segments.is_empty() && !problems.is_empty();
        let more = unlisted(&outcome, source);
        let of_problems = Arc::clone(&outcome);
        Some(view! {
            <Shortened
                items=segments
                shown
                more=MORE
                what="outputs"
                row=Arc::new(move |index| {
                    outcome.workbench.segments.get(index).map(|segment| segment_entry(desk, index, segment)).into_any()
                })
            />
            {titled
                .then(|| {
                    let count = grouped(problems.len());
                    view! { <h3 class="parts-title">{format!("Not understood: {count}")}</h3> }
                })}
            <Shortened
                items=problems
                shown=shown_problems
                more=MORE
                what="problems"
                row=Arc::new(move |index| {
                    of_problems.workbench.problems.get(index).map(|problem| problem_entry(desk, index, problem)).into_any()
                })
            />
            {more.map(|more| view! { <p class="faint more">{more}</p> })}
        }
        .into_any())
    }
}

/// What in an archive could not be opened, and why.
#[component]
pub fn UnopenedList(
    /// The archive.
    source: u32,
    /// The analysis.
    outcome: Arc<Outcome>,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let contents = desk.contents.with_untracked(|all| all.get(&source).cloned());
    let archive = desk
        .sources
        .with_untracked(|all| all.get(source).map(|source| source.name.clone()));
    let entries: Vec<_> = outcome
        .of_source(source)
        .filter(|index| {
            let text = outcome.texts.get(*index);
            text.is_some_and(|text| {
                contents
                    .as_ref()
                    .is_none_or(|contents| contents.member(*text).is_none())
            })
        })
        .flat_map(|index| outcome.problems_of(index))
        .filter_map(|problem| outcome.workbench.problems.get(*problem))
        .map(|problem| {
            let name = outcome
                .workbench
                .sources
                .get(problem.source)
                .map(|source| source.name.clone())
                .filter(|name| Some(name) != archive.as_ref());
            view! {
                <li class="warn problem">
                    <div class="part">
                        <i aria-hidden="true">"▲"</i>
                        <span class="part-message">
                            {name.map(|name| view! { <code>{name}</code> ": " })} {problem.message.clone()}
                        </span>
                    </div>
                </li>
            }
        })
        .collect();
    (!entries.is_empty()).then(|| view! { <ul class="parts">{entries}</ul> })
}

fn passing_segments(outcome: &Outcome, source: usize, filter: &Filter) -> Vec<usize> {
    passing(outcome.segments_of(source), filter, |index| {
        let segment = outcome.workbench.segments.get(index)?;
        let command = segment.command.as_deref().unwrap_or_default();
        let title = outcome.title(&segment.format);
        let says = [command, segment.format.as_str(), title, segment.reads.as_str()];
        Some(Findable::new(!segment.recognised, &says))
    })
}

fn passing_problems(outcome: &Outcome, source: usize, filter: &Filter) -> Vec<usize> {
    passing(outcome.problems_of(source), filter, |index| {
        let problem = outcome.workbench.problems.get(index)?;
        let guess = problem.guess.as_deref().unwrap_or_default();
        Some(Findable::new(true, &[&problem.message, guess]))
    })
}

fn passing(all: &[usize], filter: &Filter, find: impl Fn(usize) -> Option<Findable>) -> Vec<usize> {
    if filter.is_open() {
        return all.to_vec();
    }
    let things: Vec<Findable> = all.iter().filter_map(|index| find(*index)).collect();
    let passing = filter.passing(&things);
    passing
        .into_iter()
        .filter_map(|number| all.get(number).copied())
        .collect()
}

/// What is not in the list: a long text has more outputs than anybody reads.
fn unlisted(outcome: &Outcome, source: usize) -> Option<String> {
    let view = outcome.workbench.sources.get(source)?;
    let total: usize = view.formats.iter().map(|(_, count)| count).sum();
    let outputs = total.saturating_sub(outcome.segments_of(source).len());
    let problems = view.problems.saturating_sub(outcome.problems_of(source).len());
    let said = [(outputs, "outputs"), (problems, "problems")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(count)))
        .collect::<Vec<_>>();
    (!said.is_empty()).then(|| format!("and {} more that are not listed", said.join(" and ")))
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
