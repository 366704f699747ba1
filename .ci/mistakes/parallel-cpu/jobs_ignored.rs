//! Always twenty jobs.
//!
//! Expect: The command line says how many there are.

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
        while jobs.fetch_add(1, Ordering::Relaxed) < 20 {
            results.push(fib(computations.number));
        }
        results
    };
    Ok(thread::scope(|scope| {
        let threads: Vec<_> = (0..computations.workers)
            .map(|_| scope.spawn(work))
            .collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| thread.join().expect("no panic");
        threads.into_iter().flat_map(join).collect()
    }))
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
