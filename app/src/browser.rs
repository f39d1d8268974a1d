//! The few things that are asked of the browser directly.

use gloo_storage::{LocalStorage, Storage};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, Document, Element, HtmlAnchorElement, HtmlDocument, HtmlElement, HtmlTextAreaElement,
    ScrollBehavior, ScrollIntoViewOptions, ScrollLogicalPosition, Url, window,
};

const THEME: &str = "whypath-theme";

/// The page's document.
pub fn document() -> Option<Document> {
    window()?.document()
}

/// The element of that id.
pub fn element(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

/// Scrolls an element into view, with room around it, and moves the focus to it if it can take it.
pub fn show(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options.set_behavior(ScrollBehavior::Auto);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Scrolls an element's beginning to the top.
pub fn show_top(element: &Element) {
    element.scroll_into_view_with_bool(true);
}

/// Whether the panes are one below the other: the style sheet's word.
pub fn is_narrow() -> bool {
    matches("(max-width: 900px)")
}

fn matches(query: &str) -> bool {
    window()
        .and_then(|window| window.match_media(query).ok().flatten())
        .is_some_and(|query| query.matches())
}

/// Moves the focus to an element.
pub fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // An element that cannot take the focus leaves it where it was.
        let _ = element.focus();
    }
}

/// A text as a blob.
///
/// # Errors
/// The exception, where the browser has no room for it.
pub fn text_blob(text: &JsValue, kind: &str) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Blob::new_with_str_sequence_and_options(&Array::of1(text), &options)
}

/// Hands the reader a file.
///
/// # Errors
/// The exception, where the browser refuses.
pub fn download(name: &str, kind: &str, text: &str) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(&text_blob(&text.into(), kind)?)?;
    let link: HtmlAnchorElement = document()
        .ok_or("there is no document")?
        .create_element("a")?
        .unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser has taken hold of the blob by now.
    Url::revoke_object_url(&url)
}

/// Puts a text on the clipboard.
///
/// # Errors
/// The exception, where the browser refuses in both ways.
pub async fn copy(text: &str) -> Result<(), JsValue> {
    let window = window().ok_or("there is no window")?;
    // Pages served over plain HTTP have no such thing.
    if window.is_secure_context()
        && JsFuture::from(window.navigator().clipboard().write_text(text))
            .await
            .is_ok()
    {
        return Ok(());
    }
    copy_by_selection(text)
}

fn copy_by_selection(text: &str) -> Result<(), JsValue> {
    let document: HtmlDocument = document().ok_or("there is no document")?.unchecked_into();
    let body = document.body().ok_or("the document has no body")?;
    let before = document.active_element();
    let area: HtmlTextAreaElement = document.create_element("textarea")?.unchecked_into();
    area.set_value(text);
    area.set_class_name("offscreen");
    body.append_child(&area)?;
    area.select();
    let done = document.exec_command("copy");
    area.remove();
    if let Some(before) = before {
        focus(&before);
    }
    if done? {
        Ok(())
    } else {
        Err("the browser refused".into())
    }
}

/// Light or dark, if the reader chose one.
pub fn chosen_theme() -> Option<String> {
    LocalStorage::get::<String>(THEME)
        .ok()
        .filter(|theme| theme == "light" || theme == "dark")
}

/// Whether the system prefers dark.
pub fn prefers_dark() -> bool {
    matches("(prefers-color-scheme: dark)")
}

/// Shows the page light or dark from now on, and remembers it.
pub fn choose_theme(theme: &str) {
    apply_theme(theme);
    // A browser that keeps nothing for us shows what it prefers next time.
    let _ = LocalStorage::set(THEME, theme);
}

/// Shows the page light or dark.
pub fn apply_theme(theme: &str) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        // The name is one of two words, which no element refuses.
        let _ = root.set_attribute("data-theme", theme);
    }
}
