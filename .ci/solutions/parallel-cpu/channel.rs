//! Threads send their results over a channel.

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let left = AtomicUsize::new(computations.jobs);
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..computations.workers {
            let (sender, left) = (sender.clone(), &left);
            scope.spawn(move || {
                let take = |left: usize| left.checked_sub(1);
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                    .is_ok()
                {
                    let _ = sender.send(fib(computations.number));
                }
            });
        }
    });
    drop(sender);
    Ok(results.iter().collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
