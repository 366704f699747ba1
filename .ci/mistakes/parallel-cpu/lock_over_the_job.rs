//! The list of results is locked while a job is under way.
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
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..computations.workers {
            scope.spawn(|| {
                loop {
                    let mut results = results.lock().expect("no panic");
                    if results.len() == computations.jobs {
                        return;
                    }
                    results.push(fib(computations.number));
                }
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
