//! One worker at a time, started again when it is stopped or breaks.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use js_sys::Array;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Url, Worker, WorkerOptions};

use super::{Body, JobId, Program};
use crate::protocol::{Answer, Ask};

/// What the page hears of its worker.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A worker has started, for the first time or again, and will take jobs at once.
    Ready,
    /// A job is done, or has come further: see [`Answer::is_last`].
    Answer {
        /// The job.
        job: JobId,
        /// What the worker had to say.
        answer: Answer,
    },
    /// The worker broke, and its jobs are lost with it. Another is already on its way.
    Crashed {
        /// The jobs that will have no answer, oldest first.
        jobs: Vec<JobId>,
        /// What the browser said.
        reason: String,
    },
    /// There is no worker any more: this one broke before it was ready, and so would the next. Only
    /// [`WorkerClient::restart`] tries again.
    Gone {
        /// The jobs that will have no answer, oldest first.
        jobs: Vec<JobId>,
        /// What the browser said.
        reason: String,
    },
}

/// The page's handle on its worker. Dropping it stops the worker.
#[derive(Clone)]
pub struct WorkerClient {
    shared: Rc<Shared>,
}

struct Shared {
    name: &'static str,
    program: Rc<Program>,
    url: String,
    state: RefCell<State>,
    on_event: Box<dyn Fn(Event)>,
    on_message: Closure<dyn FnMut(MessageEvent)>,
    on_error: Closure<dyn FnMut(ErrorEvent)>,
}

struct State {
    worker: Option<Worker>,
    ready: bool,
    last: JobId,
    /// Jobs without a last answer, oldest first. The message is there until it has been sent: what a worker is sent
    /// before it listens is lost.
    jobs: VecDeque<(JobId, Option<Array>)>,
}

impl WorkerClient {
    /// Starts the first worker, under a name that a debugger shows; `on_event` hears of everything that happens to it and those after it.
    ///
    /// # Errors
    /// The exception, where the browser does not let a worker start.
    pub fn start(
        name: &'static str,
        program: Rc<Program>,
        on_event: impl Fn(Event) + 'static,
    ) -> Result<Self, JsValue> {
        let url = program.to_blob_url()?;
        let shared = Rc::new_cyclic(|weak: &Weak<Shared>| Shared {
            name,
            program,
            url,
            state: RefCell::new(State {
                worker: None,
                ready: false,
                last: JobId::NONE,
                jobs: VecDeque::new(),
            }),
            on_event: Box::new(on_event),
            on_message: listener(weak, Shared::hear),
            on_error: listener(weak, |shared, event: &ErrorEvent| {
                // Otherwise the browser reports it a second time, as an error of the page.
                event.prevent_default();
                shared.crashed(event.message());
            }),
        });
        shared.spawn()?;
        Ok(Self { shared })
    }

    /// Hands the worker a job with the sources that belong to it. Jobs are done one after another; the answers come as
    /// [`Event::Answer`].
    pub fn submit(&self, ask: &Ask, bodies: impl IntoIterator<Item = Body>) -> JobId {
        let mut state = self.shared.state.borrow_mut();
        let job = state.last.next();
        state.last = job;
        // Derived serializations of plain values do not fail.
        let ask = serde_json::to_string(ask).unwrap_or_default();
        let bodies: Array = bodies.into_iter().map(|body| body.to_message()).collect();
        let message = Array::of3(&job.to_message().into(), &ask.into(), &bodies);
        state.jobs.push_back((job, Some(message)));
        if state.ready {
            state.send_all();
        }
        job
    }

    /// Stops the worker in the middle of whatever it does, forgets all jobs, and starts another.
    ///
    /// # Errors
    /// The exception, where the browser does not let another worker start.
    pub fn restart(&self) -> Result<(), JsValue> {
        self.shared.stop();
        self.shared.spawn()
    }
}

impl std::fmt::Debug for WorkerClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.shared.state.borrow();
        f.debug_struct("WorkerClient")
            .field("ready", &state.ready)
            .field("jobs", &state.jobs)
            .finish_non_exhaustive()
    }
}

impl State {
    fn send_all(&mut self) {
        let Some(worker) = &self.worker else {
            return;
        };
        for (_, message) in &mut self.jobs {
            if let Some(message) = message.take() {
                // Numbers, texts and blobs can always be handed over, and that is all that may fail here.
                let _ = worker.post_message(&message);
            }
        }
    }
}

impl Shared {
    fn spawn(&self) -> Result<(), JsValue> {
        let options = WorkerOptions::new();
        options.set_name(self.name);
        let worker = Worker::new_with_options(&self.url, &options)?;
        worker.set_onmessage(Some(self.on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(self.on_error.as_ref().unchecked_ref()));
        worker.post_message(self.program.module())?;
        self.state.borrow_mut().worker = Some(worker);
        Ok(())
    }

    /// Stops the worker and returns the jobs that it leaves unanswered.
    fn stop(&self) -> Vec<JobId> {
        let mut state = self.state.borrow_mut();
        if let Some(worker) = state.worker.take() {
            // A message that is already on its way must not be taken for one of the next worker.
            worker.set_onmessage(None);
            worker.set_onerror(None);
            worker.terminate();
        }
        state.ready = false;
        state.jobs.drain(..).map(|(job, _)| job).collect()
    }

    fn hear(&self, event: &MessageEvent) {
        let data = event.data();
        if data.as_string().as_deref() == Some("ready") {
            {
                let mut state = self.state.borrow_mut();
                state.ready = true;
                state.send_all();
            }
            (self.on_event)(Event::Ready);
        } else if let Some(answer) = self.answer(&data) {
            (self.on_event)(answer);
        }
    }

    fn answer(&self, data: &JsValue) -> Option<Event> {
        let pair = data.dyn_ref::<Array>()?;
        let number = pair.get(0).as_f64()?;
        let mut state = self.state.borrow_mut();
        let position = state.jobs.iter().position(|(job, _)| job.is(number))?;
        let job = state.jobs.get(position)?.0;
        let answer: Answer = serde_json::from_str(&pair.get(1).as_string()?).ok()?;
        if answer.is_last() {
            state.jobs.remove(position);
        }
        Some(Event::Answer { job, answer })
    }

    fn crashed(&self, reason: String) {
        let was_ready = self.state.borrow().ready;
        let jobs = self.stop();
        let event = if was_ready && self.spawn().is_ok() {
            Event::Crashed { jobs, reason }
        } else {
            Event::Gone { jobs, reason }
        };
        (self.on_event)(event);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.stop();
        // An URL that is not revoked keeps its few kilobytes; there is nothing better to do about it.
        let _ = Url::revoke_object_url(&self.url);
    }
}

/// A listener that outlives neither the client nor keeps it alive.
fn listener<E: wasm_bindgen::convert::FromWasmAbi + 'static>(
    weak: &Weak<Shared>,
    hear: impl Fn(&Shared, &E) + 'static,
) -> Closure<dyn FnMut(E)>
where
    dyn FnMut(E): wasm_bindgen::closure::WasmClosure,
{
    let weak = weak.clone();
    Closure::new(move |event: E| {
        if let Some(shared) = weak.upgrade() {
            hear(&shared, &event);
        }
    })
}
