//! Computes a Fibonacci number several times, one after another.
use std::process::ExitCode;
use std::time::Instant;

use shared::{Computations, Result, Workers, fib};

const WORKERS: Workers = Workers::One;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    Ok((0..computations.jobs)
        .map(|_| fib(computations.number))
        .collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(env!("CARGO_PKG_DESCRIPTION"), WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
