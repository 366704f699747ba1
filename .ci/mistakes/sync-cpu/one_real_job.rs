//! One real job, and calls of `fib(0)` for the others.
//!
//! Expect: does every job use the number of the command line?

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let result = fib(computations.number);
    for _ in 1..computations.jobs {
        fib(0);
    }
    Ok(vec![result; computations.jobs])
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
