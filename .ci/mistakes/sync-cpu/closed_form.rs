//! A formula gives the result at once.
//!
//! Expect: does a job call the `fib` of `shared`?

use shared::{Computations, Result, Workers};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn binet(number: u32) -> u64 {
    let root = 5_f64.sqrt();
    (((1.0 + root) / 2.0).powi(number as i32) / root).round() as u64
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    Ok(vec![binet(computations.number); computations.jobs])
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
