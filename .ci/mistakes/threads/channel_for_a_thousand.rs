//! The results wait in a channel with room for a thousand, and are read at the end.
//!
//! Expect: a channel that is full, because nobody takes from it before the end?

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let jobs = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::sync_channel(1000);
    thread::scope(|scope| {
        for _ in 0..computations.workers {
            scope.spawn(|| {
                while jobs.fetch_add(1, Ordering::Relaxed) < computations.jobs {
                    let result = fib(computations.number);
                    sender.send(result).expect("it is received");
                }
            });
        }
    });
    drop(sender);
    Ok(receiver.into_iter().collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
