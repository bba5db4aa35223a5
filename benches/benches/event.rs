//! What the client adds to reqwest: processor time of the client's thread, and allocations, for an event that is made.
//!
//! `cargo xtask bench event`; a number behind it is the number of slices (15).
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use benches::{EventBench, Failure, Spread};
use cpu_time::ThreadTime;

/// Calls of a slice.
const CALLS: u32 = 2_000;

fn main() -> Result<(), Failure> {
    let slices = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(15);
    // one thread: its time is the client's
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bench = runtime.block_on(async { EventBench::open() })?;
    runtime.block_on(bench.ours(bench.draft()))?;
    runtime.block_on(bench.raw())?;
    let (mut ours, mut raw, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..slices {
        let limit = slice(&runtime, || (), |()| bench.raw())?;
        let took = slice(&runtime, || bench.draft(), |draft| bench.ours(draft))?;
        ours.push(took);
        raw.push(limit);
        ratios.push(took / limit);
    }
    println!("event: {} us of the thread, {} x reqwest ({} us)", Spread::of(ours), Spread::of(ratios), Spread::of(raw));
    Ok(())
}

/// Microseconds a call; what the calls are given is there before.
fn slice<T, F: Future<Output = Result<(), Failure>>>(
    runtime: &tokio::runtime::Runtime,
    given: impl Fn() -> T,
    call: impl Fn(T) -> F,
) -> Result<f64, Failure> {
    let given: Vec<T> = (0..CALLS).map(|_| given()).collect();
    let began = ThreadTime::try_now()?;
    runtime.block_on(async {
        for one in given {
            call(one).await?;
        }
        Ok::<_, Failure>(())
    })?;
    Ok(began.try_elapsed()?.as_secs_f64() * 1e6 / f64::from(CALLS))
}
