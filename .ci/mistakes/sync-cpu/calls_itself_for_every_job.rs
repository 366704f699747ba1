//! The function calls itself for every job: many of them need more stack than there is.
//!
//! Expect: does a function call itself as often as there are pages or jobs?

use std::process::ExitCode;
use std::time::Instant;

use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    Ok(compute(computations.number, computations.jobs))
}

/// All but one, and then that one.
fn compute(number: u32, jobs: usize) -> Vec<u64> {
    if jobs == 0 {
        return Vec::new();
    }
    let mut results = compute(number, jobs - 1);
    results.push(fib(number));
    results
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
