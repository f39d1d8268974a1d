//! A command whose output would settle something.

use leptos::prelude::*;
use whypath_analyzers::view::NextView;

use super::{CopyButton, Mark, Words};

/// What to run next, and why.
#[component]
pub fn NextCommand(
    /// The command.
    next: NextView,
) -> impl IntoView {
    let decides = next.decides.join(", ");
    view! {
        <div class="next">
            <Mark verdict="unknown".to_owned() />
            <div class="next-words">
                <p>
                    <Words text=next.why />
                    {(!decides.is_empty()).then(|| view! { <span class="faint">{format!(" Decides {decides}.")}</span> })}
                </p>
                <div class="code-block">
                    <pre tabindex="0">
                        <code>{next.command.clone()}</code>
                    </pre>
                    <CopyButton text=next.command />
                </div>
            </div>
        </div>
    }
}
