//! Computes a Fibonacci number several times, with a pool of worker processes.
//!
//! Run it with `cargo run -p parallel-cpu --example processes`; its last lines are like these:
//!
//! ```text
//! fib(35) = 9227465, 20 times
//! Completed in 0.24s
//! ```
//!
//! Lay `parallel-cpu/src/main.rs` beside it: Python needs processes to use every core, and here
//! they are as fast as threads, but jobs and results must travel, and nothing can be shared.

use std::process::ExitCode;
use std::time::Instant;

use shared::processes::{ProcessPool, enter_worker};
use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "Computes a Fibonacci number several times, with a pool of worker processes.";
const WORKERS: Workers = Workers::EveryCore;

fn compute(_: &(), number: &u32) -> Result<u64> {
    Ok(fib(*number))
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let mut pool = ProcessPool::start(computations.workers, &())?;
    let jobs = vec![computations.number; computations.jobs];
    pool.map(&jobs).into_iter().collect()
}

fn main() -> Result<ExitCode> {
    // A worker is this program, started again: it enters here and never comes past this line.
    enter_worker(|()| (), compute);
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    // The calls of `fib` were made in the workers, so they cannot be counted in this process.
    computations.report_results(&results, start.elapsed())
}
