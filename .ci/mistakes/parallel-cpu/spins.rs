//! The main thread looks again and again whether all results are there.
//!
//! Expect: does it look again and again whether something

use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use std::{hint, thread};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let (left, results) = (AtomicUsize::new(computations.jobs), Mutex::new(Vec::new()));
    Ok(thread::scope(|scope| {
        for _ in 0..computations.workers {
            scope.spawn(|| {
                let take = |left: usize| left.checked_sub(1);
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                    .is_ok()
                {
                    let result = fib(computations.number);
                    results.lock().expect("no panic").push(result);
                }
            });
        }
        while results.lock().expect("no panic").len() < computations.jobs {
            hint::spin_loop();
        }
        std::mem::take(&mut *results.lock().expect("no panic"))
    }))
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
