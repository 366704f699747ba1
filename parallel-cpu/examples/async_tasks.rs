//! Computes a Fibonacci number several times, with a task for each and every call awaited.
//!
//! Run it with `cargo run --release -p parallel-cpu --example async_tasks`; for 30 by default:
//!
//! ```text
//! fib(30) = 832040, 20 times
//! Completed in 0.56s
//! ```
//!
//! Lay `parallel-cpu/examples/async_tasks_cured.rs` beside it: the jobs leave the event loop there.

use std::process::ExitCode;
use std::time::Instant;

use shared::jobs::Job;
use shared::{Computations, Result, Workers};
use tokio::task::JoinSet;

const ABOUT: &str = "Computes a Fibonacci number by async tasks on one thread, with every call awaited. Nothing waits, so nothing overlaps.";
const WORKERS: Workers = Workers::One;

async fn awaited_fib(number: u32) -> u64 {
    if number < 2 {
        return number.into();
    }
    // A future that held its own kind would be infinitely large, so every call needs a new box.
    Box::pin(awaited_fib(number - 2)).await + Box::pin(awaited_fib(number - 1)).await
}

async fn compute(number: u32) -> u64 {
    // `fib` of `shared` notes its calls as jobs; this one is to be seen, too.
    let _job = Job::begin(format_args!("fib({number})"));
    awaited_fib(number).await
}

async fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let future = |_| compute(computations.number);
    // To collect them into a set spawns them as tasks. The first is done before the second
    // begins: a task gives way at an `await` that has to wait, and none has to.
    let tasks: JoinSet<u64> = (0..computations.jobs).map(future).collect();
    Ok(tasks.join_all().await)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let computations = Computations::with_default_number(ABOUT, WORKERS, "30");
    let start = Instant::now();
    let results = compute_all(&computations).await?;
    computations.report(&results, start.elapsed())
}
