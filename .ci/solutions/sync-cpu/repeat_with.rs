//! An iterator that has no end, and is asked for so many.

use shared::{Computations, Result, Workers, fib};
use std::iter;
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let job = || fib(computations.number);
    Ok(iter::repeat_with(job).take(computations.jobs).collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
