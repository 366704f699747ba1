//! A fast algorithm in place of the work.
//!
//! Expect: does a job call the `fib` of `shared`, and is it done at all?

use shared::{Computations, Result, Workers};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn iterated(number: u32) -> u64 {
    let step = |(current, next), _| (next, current + next);
    (0..number).fold((0_u64, 1_u64), step).0
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    Ok((0..computations.jobs)
        .map(|_| iterated(computations.number))
        .collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
