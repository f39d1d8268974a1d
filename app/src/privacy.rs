//! The page's promise that nothing pasted leaves it, enforced by the browser.
//!
//! The policy in `index.html` allows requests to the page's own origin, because the program has to be fetched. Once
//! that is done, [`lock_down`] takes that permission away, too. A policy that is added can only narrow what is
//! allowed and never be removed again.
//!
//! A worker inherits the policies of the page at the moment of its start if it is started from a `blob:` URL, and
//! only then: one from a network URL would follow the headers of its own response, which a static host does not
//! set. Hence the order at start-up: fetch everything, lock down, start the worker.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, window};

/// From now on neither the page nor a worker started later can fetch, beacon or open a socket to anywhere.
///
/// # Errors
/// The exception, where the document refuses the new element. Nothing must be analyzed then.
pub fn lock_down() -> Result<(), JsValue> {
    let document = window()
        .and_then(|window| window.document())
        .ok_or("there is no document")?;
    let policy = document.create_element("meta")?.unchecked_into::<Element>();
    policy.set_attribute("http-equiv", "Content-Security-Policy")?;
    policy.set_attribute("content", "connect-src 'none'")?;
    // Browsers read a policy in the head only.
    document
        .head()
        .ok_or("the document has no head")?
        .append_child(&policy)?;
    Ok(())
}
