//! What reading may cost: a second for each megabyte, and twenty times the memory.

use std::sync::{LazyLock, Once};
use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;
use whypath_analyzers::{Input, analyze};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A small input may take this long.
const FLOOR: Duration = Duration::from_secs(1);
/// And this much: the first segments and findings cost the same, however short the text is.
const FLOOR_BYTES: usize = 1 << 20;

/// An input of these bytes.
pub fn input(bytes: &[u8]) -> Vec<Input> {
    vec![Input { name: "fuzz".to_owned(), bytes: bytes.to_vec() }]
}

/// How long this thread had a processor: what other programs of the machine take is no cost of this input. The first number of the
/// kernel's `/proc/PID/schedstat` (Documentation/scheduler/sched-stats.rst), in nanoseconds; elsewhere the clock.
fn time() -> Duration {
    static CLOCK: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|line| line.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| CLOCK.elapsed(), Duration::from_nanos)
}

/// Runs `work`, and panics where it took too much.
pub fn within(bytes: usize, work: impl FnOnce()) {
    // Tables that are made once are no cost of this input.
    static READY: Once = Once::new();
    READY.call_once(|| drop(analyze(input(b"$ kubectl get pods\n{}\n"), &mut |_| {})));
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let begin = time();
    work();
    let took = time().saturating_sub(begin);
    let peak = MEMORY.peak_usage().saturating_sub(before);
    assert!(took <= FLOOR + Duration::from_micros(bytes as u64), "{took:?} for {bytes} bytes");
    assert!(peak <= FLOOR_BYTES + 20 * bytes, "{peak} bytes of memory for {bytes} bytes");
}
