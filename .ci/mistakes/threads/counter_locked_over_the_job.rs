//! The counter is locked while a job is under way.
//!
//! Expect: does one job wait for another: is a thread joined

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let left = Mutex::new(computations.jobs);
    let work = || {
        let mut results = Vec::new();
        loop {
            let mut left = left.lock().expect("no panic");
            if *left == 0 {
                return results;
            }
            *left -= 1;
            results.push(fib(computations.number));
        }
    };
    Ok(thread::scope(|scope| {
        let threads: Vec<_> = (0..computations.workers)
            .map(|_| scope.spawn(work))
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
