//! The middle pane: findings first, then what to run next, then the pictures.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use super::{Finding, NextCommand, Picture, Verdict, Welcome, welcome::WhatToPaste};
use crate::state::outcome::is_table;
use crate::state::{Desk, Outcome, Run, pictures_in_order, run::grouped};

/// No more findings and pictures than this are shown at once.
const SHOWN: usize = 40;

/// What came of the analysis.
#[component]
pub fn Overview() -> impl IntoView {
    let desk = expect_context::<Desk>();
    // A picture that is asked for afterwards is no reason to draw all others again.
    let number = Memo::new(move |_| {
        desk.outcome
            .with(|outcome| outcome.as_ref().map(|outcome| outcome.number))
    });
    let asked = Memo::new(move |_| {
        desk.outcome.with(|outcome| {
            let outcome = outcome.as_ref()?;
            (outcome.workbench.pictures.len() > outcome.own).then_some(outcome.own)
        })
    });
    let stale = move || desk.run.with(|run| !matches!(run, Run::Done));
    view! {
        {move || match number.get().and_then(|_| desk.outcome.get_untracked()) {
            Some(outcome) => {
                view! {
                    <div class="outcome" class:is-stale=stale>
                        {move || asked.get().map(|index| view! { <Picture index /> })}
                        {show(&outcome)}
                    </div>
                }
                    .into_any()
            }
            None if desk.sources.with(crate::state::Sources::is_empty) => view! { <Welcome /> }.into_any(),
            None => ().into_any(),
        }}
    }
}

fn show(outcome: &Arc<Outcome>) -> impl IntoView + use<> {
    let bench = &outcome.workbench;
    let roots: Vec<usize> = bench
        .findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| finding.root)
        .map(|(index, _)| index)
        .collect();
    let pictures = pictures_in_order(bench);
    let recognised = bench.segments.iter().any(|segment| segment.recognised);
    let head = if roots.is_empty() {
        Some(if recognised {
            quiet(outcome).into_any()
        } else {
            not_recognised(outcome).into_any()
        })
    } else {
        None
    };
    let hidden = roots.len().saturating_sub(SHOWN) + pictures.len().saturating_sub(SHOWN);
    let parts: Vec<Part> = roots
        .into_iter()
        .take(SHOWN)
        .map(Part::Finding)
        .chain((!bench.next.is_empty()).then_some(Part::Next))
        .chain(pictures.into_iter().take(SHOWN).map(Part::Picture))
        .collect();
    let outcome = Arc::clone(outcome);
    view! {
        {head}
        <Gradually outcome parts />
        {(hidden > 0)
            .then(|| {
                view! {
                    <p class="faint">
                        {format!(
                            "{} findings and pictures more are not shown here; the report that “Copy report” copies has them all.",
                            grouped(hidden),
                        )}
                    </p>
                }
            })}
    }
}

/// What stands below each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Finding(usize),
    Next,
    Picture(usize),
}

fn part_view(outcome: &Arc<Outcome>, part: Part) -> AnyView {
    let outcome = Arc::clone(outcome);
    match part {
        Part::Finding(index) => view! { <Finding outcome index /> }.into_any(),
        Part::Picture(index) => view! { <Picture index /> }.into_any(),
        Part::Next => view! {
            <section class="nexts" aria-labelledby="next-title">
                <h2 id="next-title">"Run this next"</h2>
                {outcome
                    .workbench
                    .next
                    .iter()
                    .take(SHOWN)
                    .map(|next| view! { <NextCommand next=next.clone() /> })
                    .collect_view()}
            </section>
        }
        .into_any(),
    }
}

/// One part after the other, so that the page can answer a click between any two.
#[component]
fn Gradually(
    /// The analysis.
    outcome: Arc<Outcome>,
    /// Its parts.
    parts: Vec<Part>,
) -> impl IntoView {
    let count = parts.len();
    let shown = RwSignal::new(count.min(1));
    show_more(shown, count);
    view! {
        <For
            each=move || parts.clone().into_iter().take(shown.get())
            key=|part| *part
            children=move |part| part_view(&outcome, part)
        />
        <span hidden aria-hidden="true" data-parts=move || if shown.get() < count { "coming" } else { "all" }></span>
    }
}

fn show_more(shown: RwSignal<usize>, count: usize) {
    // What is shown may have been replaced by then, and with it the signal.
    if shown.try_get_untracked().is_some_and(|now| now < count) {
        set_timeout(
            move || {
                shown.try_update(|now| *now += 1);
                show_more(shown, count);
            },
            Duration::ZERO,
        );
    }
}

/// Nothing is wrong, as far as the rules can tell.
fn quiet(outcome: &Outcome) -> impl IntoView + use<> {
    let bench = &outcome.workbench;
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for segment in bench.segments.iter().filter(|segment| segment.recognised) {
        for read in segment.reads.split(", ").filter(|read| !read.is_empty()) {
            if let Some((count, kind)) = read.split_once(' ')
                && let Ok(count) = count.parse::<usize>()
            {
                *kinds.entry(kind).or_default() += count;
            }
        }
    }
    let read: Vec<String> = kinds
        .into_iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let open = !bench.next.is_empty();
    // A table judges nothing.
    let judged = || bench.pictures.iter().filter(|picture| !is_table(&picture.kind));
    // The mark claims no more than the weakest of the pictures does.
    let verdict = ["blocked", "unknown", "assumed"]
        .into_iter()
        .find(|verdict| judged().any(|picture| picture.verdict == *verdict))
        .unwrap_or(if open || judged().next().is_none() {
            "unknown"
        } else {
            "passes"
        });
    let (word, sentence) = if verdict == "blocked" {
        (
            "stops",
            "Something below stops, and none of the rules that Whypath has explains why: see at which step.",
        )
    } else if open {
        (
            "not decided",
            "Nothing that was pasted proves a fault, but something that would decide is missing. Run the commands below \
             and paste what they print.",
        )
    } else {
        (
            "no fault found",
            "Nothing that was pasted shows a fault that Whypath knows. That is no proof that there is none: it is what \
             was looked at.",
        )
    };
    view! {
        <div class="card quiet">
            <Verdict verdict=verdict.to_owned() word />
            <p>{sentence}</p>
            {(!read.is_empty()).then(|| view! { <p class="faint">"Read: " {read.join(", ")}</p> })}
        </div>
    }
}

fn not_recognised(outcome: &Outcome) -> impl IntoView + use<> {
    let problems: Vec<String> = outcome
        .workbench
        .problems
        .iter()
        .take(5)
        .map(|problem| problem.message.clone())
        .collect();
    view! {
        <div class="card quiet not-recognised">
            <Verdict verdict="unknown".to_owned() word="nothing recognised" />
            <p>
                "Nothing in it looks like the output of a command that Whypath reads. Paste the command line, too: it says what the output is."
            </p>
            {(!problems.is_empty())
                .then(|| {
                    view! {
                        <ul class="plain">
                            {problems.into_iter().map(|message| view! { <li>{message}</li> }).collect_view()}
                        </ul>
                    }
                })}
            <WhatToPaste />
        </div>
    }
}
