//! A thread for every worker, each joined before the next one starts.
//!
//! Expect: does one job wait for another: is a thread joined

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut results = Vec::new();
        while next.fetch_add(1, Ordering::Relaxed) < computations.jobs {
            results.push(fib(computations.number));
        }
        results
    };
    let mut results = Vec::new();
    for _ in 0..computations.workers {
        results.extend(thread::scope(|scope| {
            scope.spawn(work).join().expect("no panic")
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
