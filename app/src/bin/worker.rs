//! The worker: analyzers without a page. It is started from the page's compiled copy, see `client` in the library.

use js_sys::{Array, global};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

fn main() {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    let listener = {
        let scope = scope.clone();
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(message) = answer(&event.data()) {
                post(&scope, &message);
            }
        })
    };
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // It listens for as long as the worker lives.
    listener.forget();
    // Not before: what is sent to a worker that does not listen yet is lost.
    post(&scope, &"ready".into());
}

/// Answers `[job, text]` with `[job, text]`.
fn answer(message: &JsValue) -> Option<JsValue> {
    let pair = message.dyn_ref::<Array>()?;
    let text = pair.get(1).as_string()?;
    Some(Array::of2(&pair.get(0), &format!("echo: {text}").into()).into())
}

fn post(scope: &DedicatedWorkerGlobalScope, message: &JsValue) {
    // Numbers and texts can always be copied, and that is all that may fail here.
    let _ = scope.post_message(message);
}
