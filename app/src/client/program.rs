//! The worker's program, fetched and compiled once, so that a worker can be started again without the network.

use js_sys::{Array, Promise, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, Response, Url, Window, window};

/// Follows the glue code that wasm-bindgen wrote. An exception in an asynchronous function reaches nobody; thrown
/// from a timer it reaches the page's error handler.
const BOOTSTRAP: &str = "
self.onmessage = ({ data }) => {
  self.onmessage = null;
  wasm_bindgen({ module_or_path: data }).catch((error) => setTimeout(() => { throw error; }));
};
";

/// The glue code, and the compiled module that it needs.
#[derive(Debug)]
pub struct Program {
    script: String,
    module: JsValue,
}

impl Program {
    /// Fetches and compiles the program.
    ///
    /// # Errors
    /// The exception, where a file cannot be fetched or is no WebAssembly that this browser understands.
    pub async fn fetch() -> Result<Self, JsValue> {
        let window = window().ok_or("there is no window")?;
        // The files have the same names in every build; with the build in the URL no cache can mix two of them.
        let build = build_id(&window).unwrap_or_default();
        let wasm = window.fetch_with_str(&format!("./worker_bg.wasm?{build}"));
        let script = window.fetch_with_str(&format!("./worker.js?{build}"));
        let module = compile(&wasm).await?;
        let script = JsFuture::from(ok(script).await?.text()?)
            .await?
            .as_string()
            .ok_or("worker.js is no text")?;
        Ok(Self { script, module })
    }

    /// The compiled module, which a worker waits for as its first message.
    pub(super) fn module(&self) -> &JsValue {
        &self.module
    }

    /// A `blob:` URL to start workers from: such a worker inherits this page's policy.
    pub(super) fn to_blob_url(&self) -> Result<String, JsValue> {
        let parts = Array::of2(&self.script.as_str().into(), &BOOTSTRAP.into());
        let options = BlobPropertyBag::new();
        options.set_type("text/javascript");
        let blob = Blob::new_with_str_sequence_and_options(&parts, &options)?;
        Url::create_object_url_with_blob(&blob)
    }
}

/// Compiles while the bytes arrive; or after, where the server does not say `application/wasm`.
async fn compile(fetching: &Promise) -> Result<JsValue, JsValue> {
    let response = ok(fetching.clone()).await?;
    let copy = response.clone()?;
    let streaming = WebAssembly::compile_streaming(&Promise::resolve::<JsValue>(&response));
    if let Ok(module) = JsFuture::from(streaming).await {
        return Ok(module);
    }
    let bytes = JsFuture::from(copy.array_buffer()?).await?;
    JsFuture::from(WebAssembly::compile(&bytes)).await
}

async fn ok(fetching: Promise) -> Result<Response, JsValue> {
    let response: Response = JsFuture::from(fetching).await?.dyn_into()?;
    if response.ok() {
        Ok(response)
    } else {
        Err(format!("{} answered {}", response.url(), response.status()).into())
    }
}

fn build_id(window: &Window) -> Option<String> {
    window
        .document()?
        .query_selector("meta[name=whypath-build]")
        .ok()??
        .get_attribute("content")
}
