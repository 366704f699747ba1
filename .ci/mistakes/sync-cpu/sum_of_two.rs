//! A job is computed as the sum of the two numbers before.
//!
//! Expect: does every job use the number of the command line?

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let number = computations.number;
    let compute = |_| match number {
        0 | 1 => fib(number),
        _ => fib(number - 1) + fib(number - 2),
    };
    Ok((0..computations.jobs).map(compute).collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
