//! Every thread is joined right after it was spawned.
//!
//! Expect: does one job wait for another: is a thread joined

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    Ok(thread::scope(|scope| {
        let compute = |_| {
            scope
                .spawn(|| fib(computations.number))
                .join()
                .expect("no panic")
        };
        (0..computations.jobs).map(compute).collect()
    }))
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
