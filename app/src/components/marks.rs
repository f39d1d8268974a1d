//! Verdicts: a mark, a word and a colour, in this order of importance.

use leptos::prelude::*;

/// The mark of a verdict: octagon, disc, diamond or dashed ring. What is no verdict but weighs something has a triangle.
#[component]
pub fn Mark(
    /// `passes`, `blocked`, `assumed`, `risk`; anything else is unknown.
    verdict: String,
) -> impl IntoView {
    let class = format!("mark mark-{verdict}");
    match verdict.as_str() {
        "blocked" => view! {
            <svg class=class viewBox="0 0 18 18" aria-hidden="true">
                <path class="mark-shape" d="M5.7 1h6.6L17 5.7v6.6L12.3 17H5.7L1 12.3V5.7z" />
                <path class="mark-sign" d="m6 6 6 6m0-6-6 6" />
            </svg>
        }
        .into_any(),
        "passes" => view! {
            <svg class=class viewBox="0 0 18 18" aria-hidden="true">
                <circle class="mark-shape" cx="9" cy="9" r="8" />
                <path class="mark-sign" d="M5.2 9.3 8 12l5-6" />
            </svg>
        }
        .into_any(),
        "assumed" => view! {
            <svg class=class viewBox="0 0 18 18" aria-hidden="true">
                <path class="mark-shape" d="M9 .6 17.4 9 9 17.4.6 9z" />
                <path
                    class="mark-sign"
                    d="M5.5 7.6c1.2-1.3 2.3-1.3 3.5 0s2.3 1.3 3.5 0M5.5 10.8c1.2-1.3 2.3-1.3 3.5 0s2.3 1.3 3.5 0"
                />
            </svg>
        }
        .into_any(),
        "risk" => view! {
            <svg class=class viewBox="0 0 18 18" aria-hidden="true">
                <path class="mark-shape" d="M9 1.4 17.2 16H.8z" />
                <path class="mark-sign" d="M9 6.6v4.2M9 12.6v1.6" />
            </svg>
        }
        .into_any(),
        _ => view! {
            <svg class="mark mark-unknown" viewBox="0 0 18 18" aria-hidden="true">
                <circle class="mark-shape" cx="9" cy="9" r="7.5" />
                <path class="mark-sign" d="M6.7 7.1c0-3 4.6-3 4.6 0 0 1.7-2.3 1.8-2.3 3.6M9 12.4v1.4" />
            </svg>
        }
        .into_any(),
    }
}

/// A verdict as a mark with its word.
#[component]
pub fn Verdict(
    /// The verdict whose mark and colour are shown.
    verdict: String,
    /// Another word than the verdict's own.
    #[prop(optional, into)]
    word: Option<String>,
) -> impl IntoView {
    let word = word.unwrap_or_else(|| verdict.clone());
    view! {
        <span class=format!("verdict verdict-{verdict}")>
            <Mark verdict=verdict.clone() />
            {word}
        </span>
    }
}

/// The mark and colour that stand for a class of findings that no flow shows.
pub fn class_mark(class: &str) -> &'static str {
    match class {
        "fault" => "blocked",
        "risk" | "security" => "risk",
        _ => "unknown",
    }
}
