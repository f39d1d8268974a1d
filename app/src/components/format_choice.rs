//! Chooses what a part of a text is read as.

use leptos::html::Input;
use leptos::prelude::*;
use web_sys::KeyboardEvent;
use whypath_analyzers::view::{FormatView, SegmentView};

use crate::browser;
use crate::state::Desk;
use crate::state::desk::{CAPTURE, JOIN, LINES_ONLY, head_id};

/// The formats, while one is being chosen.
#[component]
pub fn FormatChoice() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let chosen_for = Memo::new(move |_| {
        let index = desk.choosing.get()?;
        let outcome = desk.outcome.get()?;
        let segment = outcome.workbench.segments.get(index)?.clone();
        let joins = outcome
            .segments_of(segment.source)
            .first()
            .is_some_and(|first| *first != index);
        Some((index, segment, joins))
    });
    move || {
        chosen_for
            .get()
            .map(|(index, segment, joins)| view! { <Choice index segment joins /> })
    }
}

/// The panel.
#[component]
fn Choice(
    /// Which part.
    index: usize,
    /// The part.
    segment: SegmentView,
    /// Whether there is a part above it.
    joins: bool,
) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let field = NodeRef::<Input>::new();
    let words = RwSignal::new(String::new());
    let from = RwSignal::new(segment.first);
    let options = StoredValue::new(options(desk, joins));
    let current = segment.format.clone();
    let (first, last) = (segment.first, segment.last);
    let choose = move |format: &str| desk.choose(index, from.get_untracked().clamp(first, last), format);
    let passing = Memo::new(move |_| {
        let words = words.get().to_lowercase();
        options.with_value(|options| {
            options
                .iter()
                .filter(|option| option.name != JOIN || from.get() == first)
                .filter(|option| {
                    let said = format!("{} {}", option.title, option.name).to_lowercase();
                    words.split_whitespace().all(|word| said.contains(word))
                })
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            browser::focus(&field);
        }
    });
    let close = move || {
        desk.choosing.set(None);
        if let Some(head) = browser::element(&head_id(first)) {
            browser::focus(&head);
        }
    };
    let title = move || match from.get() {
        from if from == last => format!("Read line {last} as"),
        from => format!("Read lines {from} to {last} as"),
    };
    view! {
        <section
            class="format-choice"
            role="dialog"
            aria-labelledby="format-choice-title"
            on:keydown=move |event: KeyboardEvent| {
                if event.key() == "Escape" {
                    event.prevent_default();
                    close();
                }
            }
        >
            <div class="section-head">
                <h3 id="format-choice-title">{title}</h3>
                <button type="button" class="btn btn-small btn-bare" aria-label="Close" on:click=move |_| close()>
                    "×"
                </button>
            </div>
            {(first < last)
                .then(|| {
                    view! {
                        <label class="from">
                            "A new output begins on line"
                            <input
                                type="number"
                                id="format-from"
                                min=first
                                max=last
                                value=first
                                on:input=move |event| {
                                    let line = event_target_value(&event).parse().unwrap_or(first);
                                    from.set(line.clamp(first, last));
                                }
                            />
                        </label>
                    }
                })}
            <input
                type="search"
                id="format-words"
                placeholder="Find a format"
                aria-label="Find a format"
                autocomplete="off"
                spellcheck="false"
                node_ref=field
                on:input=move |event| words.set(event_target_value(&event))
                on:keydown=move |event: KeyboardEvent| {
                    // Enter takes what is left, if that is one.
                    if event.key() == "Enter"
                        && let [only] = passing.get_untracked().as_slice()
                    {
                        event.prevent_default();
                        choose(&only.name);
                    }
                }
            />
            <ul>
                {move || {
                    let current = current.clone();
                    passing
                        .get()
                        .into_iter()
                        .map(|FormatView { name, title }| {
                            let is_current = name == current;
                            view! {
                                <li>
                                    <button
                                        type="button"
                                        class="format"
                                        data-format=name.clone()
                                        aria-pressed=is_current.to_string()
                                        on:click={
                                            let name = name.clone();
                                            move |_| choose(&name)
                                        }
                                    >
                                        <span>{title}</span>
                                        <code class="faint">{name.clone()}</code>
                                    </button>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </section>
    }
    .into_any()
}

fn options(desk: Desk, joins: bool) -> Vec<FormatView> {
    let option = |name: &str, title: &str| FormatView {
        name: name.to_owned(),
        title: title.to_owned(),
    };
    let mut options = vec![option(LINES_ONLY, "lines only")];
    if joins {
        options.push(option(JOIN, "a part of the output above"));
    }
    let formats = desk.outcome.with_untracked(|outcome| {
        outcome
            .as_ref()
            .map(|outcome| outcome.workbench.formats.clone())
            .unwrap_or_default()
    });
    let mut formats: Vec<FormatView> = formats
        .into_iter()
        .filter(|format| format.name != LINES_ONLY && format.name != CAPTURE)
        .collect();
    formats.sort_by_key(|format| without_article(&format.title).to_lowercase());
    options.extend(formats);
    options
}

/// Nobody looks for logs under A.
fn without_article(title: &str) -> &str {
    ["a ", "an ", "the "]
        .iter()
        .find_map(|article| title.strip_prefix(article))
        .unwrap_or(title)
}
