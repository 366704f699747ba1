//! A `map` whose items nobody takes.
//!
//! Expect: An iterator does nothing until something takes its items.

use std::process::ExitCode;
use std::time::Instant;

use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let mut results = Vec::with_capacity(computations.jobs);
    // `let _` because we do not need what map gives.
    let _ = (0..computations.jobs).map(|_| results.push(fib(computations.number)));
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
