//! There is a thread for every job; only so many at a time have a permit to compute.
//!
//! Expect: is a thread started for every job?

use std::process::ExitCode;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Instant;

use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let permits = &Mutex::new(computations.workers);
    let given_back = &Condvar::new();
    let results = thread::scope(|scope| {
        let threads: Vec<_> = (0..computations.jobs)
            .map(|_| {
                scope.spawn(move || {
                    let mut free = given_back
                        .wait_while(permits.lock().unwrap(), |free| *free == 0)
                        .unwrap();
                    *free -= 1;
                    drop(free);
                    let result = fib(computations.number);
                    *permits.lock().unwrap() += 1;
                    given_back.notify_one();
                    result
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("fib does not panic"))
            .collect()
    });
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
