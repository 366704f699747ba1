//! Has rayon split the jobs into as many equal shares as there are workers.
//!
//! Expect: is the list cut into fewer parts than there are workers?

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .build()?;
    let compute = |_| fib(computations.number);
    let share = computations.jobs.div_ceil(computations.workers);
    let jobs = (0..computations.jobs).into_par_iter().with_min_len(share);
    Ok(pool.install(|| jobs.map(compute).collect()))
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
