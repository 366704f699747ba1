//! The threads stop one job too late.
//!
//! Expect: is a job done more than once, or are there more jobs

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let started = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..computations.workers {
            scope.spawn(|| {
                while started.fetch_add(1, Ordering::Relaxed) <= computations.jobs {
                    let result = fib(computations.number);
                    results.lock().expect("no panic").push(result);
                }
            });
        }
    });
    let mut results = results.into_inner()?;
    results.truncate(computations.jobs);
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
