//! From where to where: the question that a path answers.

use leptos::prelude::*;
use whypath_analyzers::view::{AskView, EndView};

use super::EndChooser;
use crate::state::{Desk, PathState, path::question};

/// What is written in the form.
#[derive(Debug, Clone, Copy)]
struct Form {
    desk: Desk,
    from: RwSignal<String>,
    to: RwSignal<String>,
    port: RwSignal<String>,
    protocol: RwSignal<String>,
}

impl Form {
    fn new(desk: Desk) -> Self {
        let empty = || RwSignal::new(String::new());
        Self {
            desk,
            from: empty(),
            to: empty(),
            port: empty(),
            protocol: RwSignal::new("tcp".to_owned()),
        }
    }

    /// What is proposed takes the place of what was written.
    fn fill(self, ask: AskView) {
        self.from.set(ask.from);
        self.to.set(ask.to);
        self.port.set(ask.port.map(|port| port.to_string()).unwrap_or_default());
        self.protocol.set(ask.protocol);
    }

    fn ask(self) {
        let written = |field: RwSignal<String>| field.get_untracked();
        let (from, to) = (written(self.from), written(self.to));
        if let Some(ask) = question(&from, &to, &written(self.port), &written(self.protocol)) {
            self.desk.ask_path(ask);
        }
    }

    /// An end was chosen: its port is the one that is meant, where it serves no other.
    fn chosen_to(self, end: &EndView) {
        let now = self.port.get_untracked().parse::<u16>().ok();
        let serves = |port: u16| end.ports.iter().any(|(known, _)| *known == port);
        if let Some((first, carries)) = end.ports.first()
            && !now.is_some_and(serves)
        {
            self.port.set(first.to_string());
            self.protocol.set(carries.clone());
        }
        self.ask();
    }

    fn swap(self) {
        let was = self.from.get_untracked();
        self.from.set(self.to.get_untracked());
        self.to.set(was);
        // The other end serves other ports.
        self.port.set(String::new());
    }
}

/// The choosers, port and protocol.
#[component]
pub fn PathForm() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let form = Form::new(desk);
    let number = Memo::new(move |_| {
        desk.outcome
            .with(|outcome| outcome.as_ref().map(|outcome| outcome.number))
    });
    Effect::new(move |_| {
        if number.get().is_some() {
            let asks = desk
                .outcome
                .with_untracked(|outcome| outcome.as_ref().and_then(|outcome| outcome.workbench.asks.clone()));
            form.fill(asks.unwrap_or_else(|| AskView {
                protocol: "tcp".to_owned(),
                ..AskView::default()
            }));
        }
    });
    let is_useful = Memo::new(move |_| {
        desk.outcome.with(|outcome| {
            // The Internet alone is nobody's question.
            outcome
                .as_ref()
                .is_some_and(|outcome| outcome.workbench.ends.len() > 1 || outcome.workbench.asks.is_some())
        })
    });
    let asked = Memo::new(move |_| {
        let own = desk.outcome.with(|outcome| outcome.as_ref().map(|outcome| outcome.own));
        desk.paths.with(|paths| own.and_then(|own| paths.get(&own).cloned()))
    });
    let words = move |read: fn(&PathState) -> Option<String>| asked.with(|path| path.as_ref().and_then(read));
    let from_chosen = Callback::new(move |_: EndView| form.ask());
    let to_chosen = Callback::new(move |end: EndView| form.chosen_to(&end));
    view! {
        <Show when=move || is_useful.get()>
            <form
                class="path-form"
                aria-labelledby="path-title"
                on:submit=move |event| {
                    event.prevent_default();
                    form.ask();
                }
            >
                <h2 id="path-title">"Path"</h2>
                <EndChooser label="From" id="path-from" value=form.from chosen=from_chosen />
                <EndChooser label="To" id="path-to" value=form.to chosen=to_chosen />
                {how(form)}
                <div class="path-buttons">
                    <button type="submit" class="btn btn-small" id="path-show">
                        "Show the path"
                    </button>
                    <button type="button" class="btn btn-small" id="path-swap" on:click=move |_| form.swap()>
                        "Swap"
                    </button>
                </div>
                <p class="path-says" role="status">
                    {move || words(|path| path.waiting.then(|| "Following the packet…".to_owned()))}
                    {move || words(|path| path.refused.clone())}
                </p>
            </form>
        </Show>
    }
    .into_any()
}

/// Port and protocol.
fn how(form: Form) -> impl IntoView {
    let Form { port, protocol, .. } = form;
    view! {
        <div class="path-how">
            <label>
                "Port"
                <input
                    type="text"
                    id="path-port"
                    inputmode="numeric"
                    autocomplete="off"
                    disabled=move || protocol.get() == "icmp"
                    prop:value=port
                    on:input=move |event| port.set(event_target_value(&event))
                />
            </label>
            <label>
                "Protocol"
                <select
                    id="path-protocol"
                    prop:value=protocol
                    on:change=move |event| protocol.set(event_target_value(&event))
                >
                    <option value="tcp">"TCP"</option>
                    <option value="udp">"UDP"</option>
                    <option value="sctp">"SCTP"</option>
                    <option value="icmp">"ICMP"</option>
                </select>
            </label>
        </div>
    }
}
