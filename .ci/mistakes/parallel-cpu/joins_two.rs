//! `rayon::join` does two halves: no more than two at once.
//!
//! Expect: where does the number of workers come from

use rayon::ThreadPoolBuilder;
use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .build()?;
    let compute =
        |jobs: usize| -> Vec<u64> { (0..jobs).map(|_| fib(computations.number)).collect() };
    let half = computations.jobs / 2;
    let (mut results, rest) = pool.join(|| compute(half), || compute(computations.jobs - half));
    results.extend(rest);
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
