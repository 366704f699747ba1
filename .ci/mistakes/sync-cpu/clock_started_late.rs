//! Looks at the clock when the jobs are done already.
//!
//! Expect: is the clock read before the first job begins

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let compute = |_| fib(computations.number);
    Ok((0..computations.jobs).map(compute).collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let results = compute_all(&computations)?;
    let start = Instant::now();
    computations.report(&results, start.elapsed())
}
