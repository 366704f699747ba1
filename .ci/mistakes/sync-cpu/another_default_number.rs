//! The number by default is another than that of the other programs.
//!
//! Expect: are the options those of `Computations::from_command_line`?

use std::process::ExitCode;
use std::time::Instant;

use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    Ok((0..computations.jobs)
        .map(|_| fib(computations.number))
        .collect())
}

fn main() -> Result<ExitCode> {
    // Only one core works, so a smaller number will do.
    let computations = Computations::with_default_number(ABOUT, WORKERS, "30");
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
