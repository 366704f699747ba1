//! Computes a Fibonacci number several times, one after another.
//!
//! Run it with `cargo run -p sync-cpu`; its last lines are like these:
//!
//! ```text
//! fib(35) = 9227465, 20 times
//! Completed in 0.47s
//! ```
//!
//! Lay `parallel-cpu/src/main.rs` beside it: the model is in `compute_all`.

use std::process::ExitCode;
use std::time::Instant;

use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "Computes a Fibonacci number several times, one after another. One core works, the others rest.";
const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let compute = |_| fib(computations.number);
    Ok((0..computations.jobs).map(compute).collect())
}

fn main() -> Result<ExitCode> {
    // By default `fib(35)`, 20 times.
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    // Checks every result, and prints the summary.
    computations.report(&results, start.elapsed())
}
