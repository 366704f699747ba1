//! A fast algorithm in place of the work.
//!
//! Expect: does a job call the `fib` of `shared`, and is it done at all?

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::{Computations, Result, Workers};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn iterated(number: u32) -> u64 {
    let step = |(current, next), _| (next, current + next);
    (0..number).fold((0_u64, 1_u64), step).0
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .build()?;
    let compute = |_| iterated(computations.number);
    let jobs = (0..computations.jobs).into_par_iter().with_max_len(1);
    Ok(pool.install(|| jobs.map(compute).collect()))
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
