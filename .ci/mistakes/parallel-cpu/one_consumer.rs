//! Jobs are sent over a channel, and one thread takes them all.
//!
//! Expect: does one job wait for another

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let (sender, receiver) = mpsc::sync_channel(computations.workers);
    let (results, finished) = mpsc::channel();
    thread::spawn(move || {
        for number in receiver {
            results.send(fib(number)).expect("somebody collects");
        }
    });
    for _ in 0..computations.jobs {
        sender.send(computations.number).expect("somebody computes");
    }
    drop(sender);
    Ok(finished.iter().collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
