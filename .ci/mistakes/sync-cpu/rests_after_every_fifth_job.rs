//! A rest after every fifth job.
//!
//! Expect: does it pause between its jobs?

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let compute = |job| {
        if job % 5 == 4 {
            thread::sleep(Duration::from_millis(5));
        }
        fib(computations.number)
    };
    Ok((0..computations.jobs).map(compute).collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
