//! A few jobs are done one after another.
//!
//! Expect: are a few jobs done in another way than many?

use std::process::ExitCode;
use std::time::Instant;

use rayon::prelude::*;
use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let Computations {
        number,
        jobs,
        workers,
    } = *computations;
    // A pool is not worth it for a handful of jobs.
    if jobs <= workers {
        return Ok((0..jobs).map(|_| fib(number)).collect());
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(workers)
        .build()?;
    let results = pool.install(|| {
        (0..jobs)
            .into_par_iter()
            .with_max_len(1)
            .map(|_| fib(number))
            .collect()
    });
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
