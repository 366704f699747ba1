//! Computes a Fibonacci number several times, spread over every core.
use std::process::ExitCode;
use std::time::Instant;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::{Computations, Result, Workers, fib};

const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .build()?;
    let compute = |_| fib(computations.number);
    Ok(pool.install(|| {
        (0..computations.jobs)
            .into_par_iter()
            .with_max_len(1)
            .map(compute)
            .collect()
    }))
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(env!("CARGO_PKG_DESCRIPTION"), WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
