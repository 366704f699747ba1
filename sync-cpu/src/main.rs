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

const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let compute = |_| fib(computations.number);
    Ok((0..computations.jobs).map(compute).collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(env!("CARGO_PKG_DESCRIPTION"), WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
