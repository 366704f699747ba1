//! The threads compute, and nobody collects what they return.
//!
//! Expect: is the result of every job handed to `report`?

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let jobs = AtomicUsize::new(0);
    let work = || {
        let mut results = Vec::new();
        while jobs.fetch_add(1, Ordering::Relaxed) < computations.jobs {
            results.push(fib(computations.number));
        }
        results
    };
    thread::scope(|scope| {
        for _ in 0..computations.workers {
            scope.spawn(work);
        }
    });
    Ok(Vec::new())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
