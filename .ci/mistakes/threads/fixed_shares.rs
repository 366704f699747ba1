//! Every thread gets an equal share, and the remainder is one thread's.
//!
//! Expect: does a worker get its jobs beforehand

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let share = computations.jobs / computations.workers;
    let rest = computations.jobs % computations.workers;
    let compute =
        |jobs: usize| -> Vec<u64> { (0..jobs).map(|_| fib(computations.number)).collect() };
    Ok(thread::scope(|scope| {
        let jobs = |worker| if worker == 0 { share + rest } else { share };
        let start = |worker| scope.spawn(move || compute(jobs(worker)));
        let threads: Vec<_> = (0..computations.workers).map(start).collect();
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
