//! Equal shares: the jobs that are left over are not done.
//!
//! Expect: is a job left out, or a result copied?

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let share = computations.jobs / computations.workers;
    let compute = || -> Vec<u64> { (0..share).map(|_| fib(computations.number)).collect() };
    Ok(thread::scope(|scope| {
        let threads: Vec<_> = (0..computations.workers)
            .map(|_| scope.spawn(compute))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"))
            .collect()
    }))
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
