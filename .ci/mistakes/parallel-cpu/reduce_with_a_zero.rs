//! The identity of `reduce` is not an empty list: zeros are among the results.
//!
//! Expect: is something among the results that came from no job?

use std::process::ExitCode;
use std::time::Instant;

use rayon::prelude::*;
use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let number = computations.number;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .build()?;
    let results = pool.install(|| {
        (0..computations.jobs)
            .into_par_iter()
            .with_max_len(1)
            .map(|_| vec![fib(number)])
            .reduce(
                || vec![0],
                |mut results, mut others| {
                    results.append(&mut others);
                    results
                },
            )
    });
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
