//! Every other job is a copy of the one before.
//!
//! Expect: is a job left out, or a result copied?

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let mut results = Vec::new();
    while results.len() < computations.jobs {
        let result = fib(computations.number);
        results.push(result);
        results.push(result);
    }
    results.truncate(computations.jobs);
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
