//! Text of a rule's page as elements.

use leptos::prelude::*;

use super::CopyButton;
use crate::prose::{Block, Inline, blocks, inlines};

/// One line of text with inline code.
#[component]
pub fn Words(
    /// The text.
    text: String,
) -> impl IntoView {
    render(inlines(&text))
}

/// A text of paragraphs, lists and fenced code.
#[component]
pub fn Prose(
    /// The text.
    text: String,
) -> impl IntoView {
    blocks(&text)
        .into_iter()
        .map(|block| match block {
            Block::Paragraph(parts) => view! { <p>{render(parts)}</p> }.into_any(),
            Block::List(true, items) => {
                view! { <ol>{items.into_iter().map(|item| view! { <li>{render(item)}</li> }).collect_view()}</ol> }
                    .into_any()
            }
            Block::List(false, items) => {
                view! { <ul>{items.into_iter().map(|item| view! { <li>{render(item)}</li> }).collect_view()}</ul> }
                    .into_any()
            }
            Block::Code(code) => view! { <CodeBlock code /> }.into_any(),
        })
        .collect_view()
}

/// Code with a button that copies it.
#[component]
fn CodeBlock(
    /// The code.
    code: String,
) -> impl IntoView {
    view! {
        <div class="code-block">
            <pre tabindex="0">
                <code>{code.clone()}</code>
            </pre>
            <CopyButton text=code />
        </div>
    }
}

fn render(parts: Vec<Inline>) -> impl IntoView {
    parts
        .into_iter()
        .map(|part| match part {
            Inline::Text(text) => text.into_any(),
            Inline::Code(code) => view! { <code>{code}</code> }.into_any(),
            Inline::Strong(text) => view! { <strong>{text}</strong> }.into_any(),
        })
        .collect_view()
}
