//! Computes a Fibonacci number several times, with tasks on threads that may be kept busy.
//!
//! Run it with `cargo run -p parallel-cpu --example async_tasks_cured`; it ends like this:
//!
//! ```text
//! fib(35) = 9227465, 20 times
//! Completed in 0.24s
//! ```
//!
//! Lay `parallel-cpu/examples/async_tasks.rs` beside it: `spawn_blocking` is the cure, and the
//! jobs need no `async`. It is a pool of threads again; other tasks could go on meanwhile.

use std::process::ExitCode;
use std::time::Instant;

use shared::{Computations, Result, Workers, fib};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

const ABOUT: &str = "Computes a Fibonacci number by tasks on threads that may be kept busy. The event loop would be free for other tasks.";
const WORKERS: Workers = Workers::EveryCore;

async fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let number = computations.number;
    let mut tasks = JoinSet::new();
    for _ in 0..computations.jobs {
        tasks.spawn_blocking(move || fib(number));
    }
    Ok(tasks.join_all().await)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    // By default there may be 512 of these threads: made for waiting, too many for computing.
    let runtime = Builder::new_multi_thread()
        .max_blocking_threads(computations.workers)
        .build()?;
    let results = runtime.block_on(compute_all(&computations))?;
    computations.report(&results, start.elapsed())
}
