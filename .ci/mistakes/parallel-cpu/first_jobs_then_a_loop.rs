//! Only the first jobs start together, then one comes after another.
//!
//! Expect: does the next job wait for the oldest one or for all the others, or did only

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let first = computations.workers.min(computations.jobs);
    let mut results: Vec<u64> = thread::scope(|scope| {
        let compute = || fib(computations.number);
        let threads: Vec<_> = (0..first).map(|_| scope.spawn(compute)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    results.extend((first..computations.jobs).map(|_| fib(computations.number)));
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
