//! The jobs are counted from 1, and the last is left out; its result is copied.
//!
//! Expect: is a job left out, or a result copied?

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let mut results = Vec::new();
    for _ in 1..computations.jobs {
        results.push(fib(computations.number));
    }
    results.resize(computations.jobs, results.first().copied().unwrap_or(1));
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
