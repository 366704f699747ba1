//! Computes a Fibonacci number several times by async tasks: awaited, then off the event loop.
//!
//! Run it with `cargo run --release -p parallel-cpu --example async_tasks`, for 30 by default:
//!
//! ```text
//! Every call awaited, on one thread: 1.13s
//! fib(30) = 832040, 20 times
//! Completed in 0.04s
//! ```
//!
//! Lay `parallel-cpu/src/main.rs` beside it: nothing waits here, so an event loop overlaps nothing.

use std::process::ExitCode;
use std::time::Instant;

use shared::{Computations, Error, Result, Workers, fib, println};
use tokio::{runtime::Builder, task::JoinSet};

const ABOUT: &str = "Computes a Fibonacci number by async tasks: awaited, then beside the loop.";
const WORKERS: Workers = Workers::EveryCore;

async fn awaited_fib(number: u32) -> u64 {
    if number < 2 {
        return number.into();
    }
    // A future that held two of its kind would have no size; every call allocates a box instead.
    Box::pin(awaited_fib(number - 2)).await + Box::pin(awaited_fib(number - 1)).await
}

async fn await_all(computations: &Computations) -> Vec<u64> {
    let compute = |_| awaited_fib(computations.number);
    let tasks: JoinSet<u64> = (0..computations.jobs).map(compute).collect();
    // The first task is done before the second begins: nothing in it ever has to wait.
    tasks.join_all().await
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let mut builder = Builder::new_multi_thread();
    builder.max_blocking_threads(computations.workers);
    let (runtime, mut tasks) = (builder.build()?, JoinSet::new());
    let number = computations.number;
    for _ in 0..computations.jobs {
        tasks.spawn_blocking_on(move || fib(number), runtime.handle());
    }
    Ok(runtime.block_on(tasks.join_all()))
}

fn main() -> Result<ExitCode> {
    let computations = Computations::with_default_number(ABOUT, WORKERS, "30");
    let start = Instant::now();
    let event_loop = Builder::new_current_thread().build()?;
    let awaited = event_loop.block_on(await_all(&computations));
    println!("Every call awaited, on one thread: {:.2?}", start.elapsed());
    let start = Instant::now();
    let results = compute_all(&computations)?;
    if results != awaited {
        return Err(Error::new("the two ways disagree"));
    }
    computations.report(&results, start.elapsed())
}
