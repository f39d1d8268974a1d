//! Fetching the worker's program, in a browser but without the page: here, the test runner's server has no such file.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use whypath_app::client::Program;

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn a_program_that_is_not_there_is_an_error_that_names_it() {
    let error = Program::fetch().await.expect_err("there is no such file");
    let said = error.as_string().unwrap_or_default();
    assert!(said.contains("worker_bg.wasm") && said.contains("404"), "{error:?}");
}
