//! The page's side of the worker: starting it, handing it jobs, stopping it.
//!
//! ```text
//! let program = Rc::new(Program::fetch().await?);   // the only requests: worker.js and worker_bg.wasm
//! privacy::lock_down()?;                            // from here on there are none
//! let worker = WorkerClient::start("analyst", program, on_event)?;
//! let job = worker.submit(&Ask::Samples, []);       // answered by Event::Answer with the same job
//! worker.restart();                                 // forgets all jobs; needs no network
//! ```
//!
//! The messages: the page sends the compiled program once, the worker says `"ready"`, and from then on the page
//! sends `[job, ask, [body, …]]` and the worker answers `[job, answer]`, with `ask` and `answer` as the JSON of
//! [`protocol`](crate::protocol). A body is a blob, or the list of a folder's.

mod body;
mod job;
mod program;
mod worker_client;

pub use body::Body;
pub(crate) use body::size_of;
pub use job::JobId;
pub use program::Program;
pub use worker_client::{Event, WorkerClient};
