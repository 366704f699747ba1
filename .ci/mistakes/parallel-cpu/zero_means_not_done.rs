//! A result of 0 is taken for none.
//!
//! Expect: is a result of 0 taken for none

use std::process::ExitCode;
use std::time::Instant;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .build()?;
    let mut results = vec![0; computations.jobs];
    pool.install(|| {
        results
            .par_iter_mut()
            .with_max_len(1)
            .for_each(|place| *place = fib(computations.number));
    });
    // A place that is still empty has no result.
    results.retain(|result| *result != 0);
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
