//! Halves of the jobs, again and again, down to one, with `rayon::join`.

use rayon::ThreadPoolBuilder;
use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute(number: u32, results: &mut [u64]) {
    if let [result] = results {
        *result = fib(number);
    } else if !results.is_empty() {
        let (one, other) = results.split_at_mut(results.len() / 2);
        rayon::join(|| compute(number, one), || compute(number, other));
    }
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let mut results = vec![0; computations.jobs];
    ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .build_global()?;
    // The thread that asks is none of the pool.
    rayon::scope(|_| compute(computations.number, &mut results));
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
