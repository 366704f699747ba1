//! A barrier waits for as many threads as there are workers, but of a few jobs each has one
//! thread.
//!
//! Expect: does it wait for workers that have nothing to do, because there are fewer jobs?

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Instant;

use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let Computations {
        number,
        jobs,
        workers,
    } = *computations;
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(jobs));
    // All of them begin together.
    let ready = Barrier::new(workers);
    thread::scope(|scope| {
        // More threads than jobs would have nothing to do.
        for _ in 0..workers.min(jobs) {
            scope.spawn(|| {
                ready.wait();
                while next.fetch_add(1, Ordering::Relaxed) < jobs {
                    let result = fib(number);
                    results.lock().unwrap().push(result);
                }
            });
        }
    });
    Ok(results.into_inner().unwrap())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
