//! Chooses an end of a path: by typing some of its name, its kind or its address, or from the list.

use leptos::html::Input;
use leptos::prelude::*;
use web_sys::KeyboardEvent;
use whypath_analyzers::view::EndView;

use crate::browser;
use crate::state::{Desk, path::matching};

/// A field with its list.
#[derive(Debug, Clone, Copy)]
struct Chooser {
    id: &'static str,
    value: RwSignal<String>,
    chosen: Callback<EndView>,
    open: RwSignal<bool>,
    /// Whether what is written was typed: what was chosen is no word to look for.
    typed: RwSignal<bool>,
    active: RwSignal<Option<usize>>,
    offered: Memo<(Vec<EndView>, usize)>,
}

impl Chooser {
    fn new(id: &'static str, value: RwSignal<String>, chosen: Callback<EndView>) -> Self {
        let desk = expect_context::<Desk>();
        let (open, typed) = (RwSignal::new(false), RwSignal::new(false));
        let offered = Memo::new(move |_| {
            if !open.get() {
                return (Vec::new(), 0);
            }
            let words = if typed.get() { value.get() } else { String::new() };
            desk.outcome.with(|outcome| {
                outcome
                    .as_ref()
                    .map_or_else(|| (Vec::new(), 0), |outcome| matching(&outcome.workbench.ends, &words))
            })
        });
        Self {
            id,
            value,
            chosen,
            open,
            typed,
            active: RwSignal::new(None),
            offered,
        }
    }

    fn option(self, number: usize) -> String {
        format!("{}-{number}", self.id)
    }

    fn choose(self, end: EndView) {
        self.value.set(end.text.clone());
        self.typed.set(false);
        self.open.set(false);
        self.active.set(None);
        self.chosen.run(end);
    }

    fn typed(self, text: String) {
        self.value.set(text);
        self.typed.set(true);
        self.open.set(true);
        self.active.set(None);
    }

    fn key(self, event: &KeyboardEvent) {
        match event.key().as_str() {
            "ArrowDown" | "ArrowUp" => {
                event.prevent_default();
                self.walk(event.key() == "ArrowDown");
            }
            "Enter" => {
                let active = self.active.get_untracked();
                let end = active.and_then(|at| self.offered.with_untracked(|(ends, _)| ends.get(at).cloned()));
                if let Some(end) = end {
                    event.prevent_default();
                    self.choose(end);
                } else {
                    self.open.set(false);
                }
            }
            "Escape" if self.open.get_untracked() => {
                event.stop_propagation();
                self.open.set(false);
            }
            _ => {}
        }
    }

    fn walk(self, down: bool) {
        if !self.open.get_untracked() {
            self.open.set(true);
            return;
        }
        let count = self.offered.with_untracked(|(ends, _)| ends.len());
        self.active.update(|active| {
            *active = match (*active, down) {
                _ if count == 0 => None,
                (None, true) => Some(0),
                (None | Some(0), false) => Some(count - 1),
                (Some(now), true) => Some((now + 1) % count),
                (Some(now), false) => Some(now - 1),
            };
        });
        let active = self.active.get_untracked();
        if let Some(element) = active.and_then(|at| browser::element(&self.option(at))) {
            browser::show(&element);
        }
    }
}

/// A field with a list (the combobox pattern of the ARIA Authoring Practices).
#[component]
pub fn EndChooser(
    /// What stands above it.
    label: &'static str,
    /// The field's id.
    id: &'static str,
    /// What is written in it.
    value: RwSignal<String>,
    /// Hears of an end that was chosen.
    chosen: Callback<EndView>,
) -> impl IntoView {
    let chooser = Chooser::new(id, value, chosen);
    let Chooser { open, active, .. } = chooser;
    let field = NodeRef::<Input>::new();
    let list = format!("{id}-list");
    view! {
        <div class="chooser">
            <label for=id>{label}</label>
            <input
                type="text"
                id=id
                node_ref=field
                role="combobox"
                aria-autocomplete="list"
                aria-expanded=move || open.get().to_string()
                aria-controls=list.clone()
                aria-activedescendant=move || active.get().map(|at| chooser.option(at))
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder="name, address or kind"
                prop:value=value
                on:focus=move |_| {
                    if let Some(field) = field.get_untracked() {
                        field.select();
                    }
                }
                on:click=move |_| open.set(true)
                on:blur=move |_| open.set(false)
                on:input=move |event| chooser.typed(event_target_value(&event))
                on:keydown=move |event: KeyboardEvent| chooser.key(&event)
            />
            <div class="chooser-list" id=list role="listbox" aria-label=label hidden=move || !open.get()>
                {move || offers(chooser)}
            </div>
        </div>
    }
    .into_any()
}

fn offers(chooser: Chooser) -> AnyView {
    let (ends, more) = chooser.offered.get();
    let none = ends.is_empty();
    let options = ends
        .into_iter()
        .enumerate()
        .map(|(number, end)| {
            let shown = end.clone();
            let is_active = move || chooser.active.get() == Some(number);
            view! {
                <div
                    class="chooser-end"
                    class:is-active=is_active
                    id=chooser.option(number)
                    role="option"
                    aria-selected=move || is_active().to_string()
                    data-end=end.text.clone()
                    // The field keeps the focus.
                    on:mousedown=move |event| event.prevent_default()
                    on:click=move |_| chooser.choose(end.clone())
                >
                    <span class="chooser-kind">{shown.kind}</span>
                    <span class="chooser-name">{shown.name}</span>
                    <span class="chooser-detail">{shown.detail}</span>
                </div>
            }
        })
        .collect_view();
    view! {
        {options}
        {(more > 0).then(|| view! { <p class="more">{format!("{more} more: type some of the name")}</p> })}
        {none
            .then(|| {
                view! { <p class="more">"Nothing of that name was pasted. An address or svc:NS/NAME will do, too."</p> }
            })}
    }
    .into_any()
}
