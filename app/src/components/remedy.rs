//! What to change, and how to see that it worked.

use leptos::prelude::*;

use super::{CopyButton, Prose};

/// The fix, and the command that verifies it.
#[component]
pub fn Remedy(
    /// What to change: Markdown.
    fix: String,
    /// A command.
    verify: String,
) -> impl IntoView {
    view! {
        {(!fix.is_empty())
            .then(|| {
                view! {
                    <section class="remedy">
                        <h3>"Fix"</h3>
                        <div class="prose">
                            <Prose text=fix />
                        </div>
                    </section>
                }
            })}
        {(!verify.is_empty())
            .then(|| {
                view! {
                    <section class="remedy">
                        <h3>"Verify"</h3>
                        <div class="prose">
                            <div class="code-block">
                                <pre tabindex="0">
                                    <code>{verify.clone()}</code>
                                </pre>
                                <CopyButton text=verify />
                            </div>
                        </div>
                    </section>
                }
            })}
    }
}
