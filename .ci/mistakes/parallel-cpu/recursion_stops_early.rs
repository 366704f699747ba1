//! Jobs are split in halves, again and again, down to three.
//!
//! Expect: does a worker get its jobs beforehand

use rayon::ThreadPoolBuilder;
use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute(number: u32, jobs: usize) -> Vec<u64> {
    if jobs <= 3 {
        return (0..jobs).map(|_| fib(number)).collect();
    }
    let half = jobs / 2;
    let (mut results, rest) =
        rayon::join(|| compute(number, half), || compute(number, jobs - half));
    results.extend(rest);
    results
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .build()?;
    Ok(pool.install(|| compute(computations.number, computations.jobs)))
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
