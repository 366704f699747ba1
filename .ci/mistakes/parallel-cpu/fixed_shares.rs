//! Every thread gets a share of the jobs beforehand.
//!
//! Expect: does a worker get its jobs beforehand

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let share = computations.jobs.div_ceil(computations.workers);
    let jobs: Vec<usize> = (0..computations.jobs).collect();
    Ok(thread::scope(|scope| {
        let compute = |jobs: &[usize]| -> Vec<u64> {
            jobs.iter().map(|_| fib(computations.number)).collect()
        };
        let threads: Vec<_> = jobs
            .chunks(share)
            .map(|jobs| scope.spawn(move || compute(jobs)))
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
