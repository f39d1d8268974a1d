//! The worker: analyzers without a page. It is started from the page's compiled copy, see `client` in the library.

#[path = "worker/answer.rs"]
mod answer;
#[path = "worker/body.rs"]
mod body;
#[path = "worker/texts.rs"]
mod texts;

use js_sys::{Array, global};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};
use whypath_app::protocol::{Answer, Ask};

use texts::Texts;

fn main() {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    let listener = {
        let scope = scope.clone();
        let mut texts = Texts::default();
        let mut analysed = None;
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some((job, ask, bodies)) = understand(&event.data()) {
                let mut say = |answer: &Answer| {
                    if let Ok(text) = serde_json::to_string(answer) {
                        post(&scope, &Array::of2(&job, &text.into()).into());
                    }
                };
                answer::answer(ask, &bodies, &mut texts, &mut analysed, &mut say);
            }
        })
    };
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // It listens for as long as the worker lives.
    listener.forget();
    // Not before: what is sent to a worker that does not listen yet is lost.
    post(&scope, &"ready".into());
}

/// `[job, ask, bodies]`.
fn understand(message: &JsValue) -> Option<(JsValue, Ask, Array)> {
    let message = message.dyn_ref::<Array>()?;
    let ask = serde_json::from_str(&message.get(1).as_string()?).ok()?;
    Some((message.get(0), ask, message.get(2).dyn_into().ok()?))
}

fn post(scope: &DedicatedWorkerGlobalScope, message: &JsValue) {
    // Numbers and texts can always be copied, and that is all that may fail here.
    let _ = scope.post_message(message);
}
