//! Rounds: as many jobs as workers, and when all are done the next ones.
//!
//! Expect: does the next job wait for the oldest one or for all the others, or did only

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let mut results = Vec::new();
    while results.len() < computations.jobs {
        let round = computations.workers.min(computations.jobs - results.len());
        results.extend(thread::scope(|scope| {
            let compute = || fib(computations.number);
            let threads: Vec<_> = (0..round).map(|_| scope.spawn(compute)).collect();
            let join = |thread: thread::ScopedJoinHandle<'_, u64>| thread.join().expect("no panic");
            threads.into_iter().map(join).collect::<Vec<_>>()
        }));
    }
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
