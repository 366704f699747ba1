//! As many workers as asked for, but never more than the machine has cores.
//!
//! Expect: where does the number of workers come from

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let cores = available_parallelism()?.get();
    let pool = ThreadPoolBuilder::new()
        .num_threads(computations.workers.min(cores))
        .build()?;
    let compute = |_| fib(computations.number);
    let jobs = (0..computations.jobs).into_par_iter().with_max_len(1);
    Ok(pool.install(|| jobs.map(compute).collect()))
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
