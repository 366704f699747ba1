//! The time of the summary is only what is left over from whole seconds.
//!
//! Expect: is that the whole time from before the first job to after the last?

use std::process::ExitCode;
use std::time::{Duration, Instant};

use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let mut results = Vec::with_capacity(computations.jobs);
    for _ in 0..computations.jobs {
        results.push(fib(computations.number));
    }
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    // Milliseconds are exact enough.
    let milliseconds = start.elapsed().subsec_millis();
    computations.report(&results, Duration::from_millis(milliseconds.into()))
}
