//! The number is computed once, and the result copied.
//!
//! Expect: is one result copied instead of computed again?

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
    let result = pool.install(|| fib(computations.number));
    Ok(vec![result; computations.jobs])
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
