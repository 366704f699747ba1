//! The number of jobs is cut down to 16 bits.
//!
//! Expect: does something have room for only so many: a number of few bits

use std::process::ExitCode;
use std::time::Instant;

use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let number = computations.number;
    let jobs = computations.jobs as u16;
    Ok((0..jobs).map(|_| fib(number)).collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
