//! Computes a Fibonacci number several times, spread over every core.
//!
//! Run it with `cargo run -p parallel-cpu`; its last lines are like these:
//!
//! ```text
//! fib(35) = 9227465, 20 times
//! Completed in 0.24s
//! ```
//!
//! Lay `sync-cpu/src/main.rs` beside it: the model is in `compute_all`.

use std::process::ExitCode;
use std::time::Instant;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "Computes a Fibonacci number several times, spread over every core. More workers than cores are no faster.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .build()?;
    let compute = |_| fib(computations.number);
    // One job at a time: a thread that took several would still be busy with them when the
    // other threads have nothing left to do.
    let jobs = (0..computations.jobs).into_par_iter().with_max_len(1);
    // `install` runs the parallel `map` on the threads of this pool.
    Ok(pool.install(|| jobs.map(compute).collect()))
}

fn main() -> Result<ExitCode> {
    // By default `fib(35)`, 20 times.
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    // Checks every result, and prints the summary.
    computations.report(&results, start.elapsed())
}
