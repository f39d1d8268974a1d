//! What is in an archive or a folder, and what each of it was read as.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;

use super::{Shortened, UnopenedList};
use crate::protocol::{Contents, Member, TextId};
use crate::state::{Desk, Findable, Outcome, run::grouped, size_in_words};

/// So many are shown at first, and with each click more.
const SHOWN: usize = 100;

/// The members of an archive or a folder.
#[component]
pub fn MemberList(
    /// The source.
    source: u32,
    /// What is in it.
    contents: Arc<Contents>,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let shown = RwSignal::new(SHOWN);
    let shown_skipped = RwSignal::new(SHOWN);
    let members = Arc::clone(&contents);
    let directory: Arc<str> = contents.directory().into();
    let findable = {
        let members = Arc::clone(&contents);
        Memo::new(move |_| {
            let outcome = desk.outcome.get();
            Arc::new(findable(source, &members, outcome.as_deref()))
        })
    };
    view! {
        {move || {
            let outcome = desk.outcome.get();
            let (members, directory) = (Arc::clone(&members), Arc::clone(&directory));
            let findable = findable.get();
            let passing = desk.filter.with(|filter| filter.passing(&findable));
            let summary = summary(&directory, &findable, passing.len());
            view! {
                <p class="faint members-summary">{summary}</p>
                {outcome.clone().map(|outcome| view! { <UnopenedList source outcome /> })}
                <Shortened
                    items=passing
                    shown
                    more=SHOWN
                    what="files"
                    row=Arc::new(move |number| {
                        members
                            .members
                            .get(number)
                            .map(|member| {
                                member_entry(desk, text_of(source, number), member, &directory, outcome.as_deref())
                            })
                            .into_any()
                    })
                />
            }
                .into_any()
        }}
        {(!contents.skipped.is_empty())
            .then(|| {
                let (skipped, all) = (Arc::clone(&contents), Arc::clone(&contents));
                view! {
                    <details class="skipped">
                        <summary>{skipped_in_words(&contents)}</summary>
                        {move || {
                            let items = desk.filter.with(|filter| filter.passing(&findable_skipped(&skipped)));
                            let all = Arc::clone(&all);
                            view! {
                                <Shortened
                                    items
                                    shown=shown_skipped
                                    more=SHOWN
                                    what="skipped files"
                                    row=Arc::new(move |member| skipped_entry(&all, member))
                                />
                            }
                        }}
                    </details>
                }
            })}
    }
}

fn text_of(source: u32, member: usize) -> TextId {
    TextId {
        source,
        member: u32::try_from(member).unwrap_or(u32::MAX),
    }
}

fn findable(source: u32, contents: &Contents, outcome: Option<&Outcome>) -> Vec<Findable> {
    contents
        .members
        .iter()
        .enumerate()
        .map(|(number, member)| {
            let mut says = vec![member.path.as_str()];
            let view = outcome.and_then(|outcome| Some((outcome, outcome.source(text_of(source, number))?)));
            if let Some((outcome, view)) = view {
                for (format, _) in &view.formats {
                    says.extend([format.as_str(), outcome.title(format)]);
                }
            }
            Findable::new(view.is_some_and(|(_, view)| Outcome::has_problems(view)), &says)
        })
        .collect()
}

fn findable_skipped(contents: &Contents) -> Vec<Findable> {
    contents
        .skipped
        .iter()
        .map(|member| Findable::new(true, &[&member.path, &member.why]))
        .collect()
}

/// `14 texts in i-0f3c/, 10 not understood in full`, or `2 of 14 texts …`.
fn summary(directory: &str, findable: &[Findable], passing: usize) -> String {
    let total = findable.len();
    let mut said = match total {
        1 => "1 text".to_owned(),
        total => format!("{} texts", grouped(total)),
    };
    if passing < total {
        said = format!("{} of {said}", grouped(passing));
    }
    if !directory.is_empty() {
        said.push_str(" in ");
        said.push_str(directory);
    }
    let not_understood = findable.iter().filter(|member| member.has_problems()).count();
    if not_understood > 0 {
        said.push_str(", ");
        said.push_str(&grouped(not_understood));
        said.push_str(" not understood in full");
    }
    said
}

fn member_entry(desk: Desk, text: TextId, member: &Member, directory: &str, outcome: Option<&Outcome>) -> AnyView {
    let view = outcome.and_then(|outcome| Some((outcome, outcome.source(text)?)));
    let warns = view.is_some_and(|(_, view)| Outcome::has_problems(view));
    let (sign, word) = match view {
        None => ("○", "not analysed yet: "),
        Some(_) if warns => ("▲", "not understood in full: "),
        Some(_) => ("●", "understood: "),
    };
    let reads = view.map(|(outcome, view)| outcome.read_as(view)).unwrap_or_default();
    let problems = match view.map_or(0, |(_, view)| view.problems) {
        0 => String::new(),
        1 => "1 problem".to_owned(),
        count => format!("{} problems", grouped(count)),
    };
    let shown = member.path.strip_prefix(directory).unwrap_or(&member.path);
    let (directory, name) = match shown.rsplit_once('/') {
        Some((directory, name)) => (format!("{directory}/"), name.to_owned()),
        None => (String::new(), shown.to_owned()),
    };
    view! {
        <li class:warn=warns>
            <button
                type="button"
                class="part member"
                class:is-selected=move || desk.shown.get() == Some(text)
                title=member.path.clone()
                data-member=member.path.clone()
                on:click=move |_| desk.open_text(text)
            >
                <i aria-hidden="true">{sign}</i>
                <span class="offscreen">{word}</span>
                <code class="path">
                    <span class="path-directory">
                        <bdi>{directory}</bdi>
                    </span>
                    <span class="path-name">{name}</span>
                </code>
                <span class="part-reads">{reads}</span>
                <span class="part-lines">{if problems.is_empty() { size_of(member.bytes) } else { problems }}</span>
            </button>
        </li>
    }
    .into_any()
}

fn skipped_entry(contents: &Contents, number: usize) -> AnyView {
    let Some(member) = contents.skipped.get(number) else {
        return ().into_any();
    };
    view! {
        <li class="skipped-member">
            <code>{member.path.clone()}</code>
            <span class="faint">
                {match member.bytes {
                    Some(bytes) => format!("{}, {}", member.why, size_in_words(bytes)),
                    None => member.why.clone(),
                }}
            </span>
        </li>
    }
    .into_any()
}

/// `14 files skipped: empty (2), program (12)`.
fn skipped_in_words(contents: &Contents) -> String {
    let total = contents.skipped.len();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for member in &contents.skipped {
        *counts.entry(&member.why).or_default() += 1;
    }
    let whys: Vec<String> = counts
        .into_iter()
        .map(|(why, count)| format!("{why} ({})", grouped(count)))
        .collect();
    format!(
        "{} {} skipped: {}",
        grouped(total),
        if total == 1 { "file" } else { "files" },
        whys.join(", ")
    )
}

fn size_of(bytes: usize) -> String {
    size_in_words(u64::try_from(bytes).unwrap_or(u64::MAX))
}
