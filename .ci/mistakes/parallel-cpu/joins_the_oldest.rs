//! When all workers are busy, the program waits for the oldest thread.
//!
//! Expect: wait for the oldest one or for all the others

use shared::{Computations, Result, Workers, fib};
use std::collections::VecDeque;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let number = computations.number;
    let mut running: VecDeque<thread::JoinHandle<u64>> = VecDeque::new();
    let mut results = Vec::new();
    for _ in 0..computations.jobs {
        if running.len() == computations.workers {
            let oldest = running.pop_front().expect("it has some");
            results.push(oldest.join().expect("no panic"));
        }
        running.push_back(thread::spawn(move || fib(number)));
    }
    for thread in running {
        results.push(thread.join().expect("no panic"));
    }
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
