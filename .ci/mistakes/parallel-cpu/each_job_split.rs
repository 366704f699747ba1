//! Jobs are done one after another, each of them by two threads.
//!
//! Expect: does every job use the number of the command line?

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
    let number = computations.number;
    let compute = |_| match number {
        0 | 1 => fib(number),
        _ => {
            let (one, other) = rayon::join(|| fib(number - 1), || fib(number - 2));
            one + other
        }
    };
    Ok(pool.install(|| (0..computations.jobs).map(compute).collect()))
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
