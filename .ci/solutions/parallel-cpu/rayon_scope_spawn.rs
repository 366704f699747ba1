//! A task of a `rayon::scope` for every job, results through a locked list.

use rayon::ThreadPoolBuilder;
use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let results = Mutex::new(Vec::with_capacity(computations.jobs));
    ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .build()?
        .scope(|scope| {
            for _ in 0..computations.jobs {
                scope.spawn(|_| {
                    let result = fib(computations.number);
                    results.lock().expect("no panic").push(result);
                });
            }
        });
    Ok(results.into_inner().expect("no panic"))
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
