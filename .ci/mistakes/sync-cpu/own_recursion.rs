//! The function is written by hand instead of called.
//!
//! Expect: does a job call the `fib` of `shared`?

use shared::{Computations, Result, Workers};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn fib(number: u32) -> u64 {
    match number {
        0 | 1 => u64::from(number),
        _ => fib(number - 1) + fib(number - 2),
    }
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    Ok((0..computations.jobs)
        .map(|_| fib(computations.number))
        .collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
