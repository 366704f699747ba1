//! There is room for the results of 64 threads.
//!
//! Expect: the program panicked

use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

/// More cores than any computer of ours has.
const MOST_THREADS: usize = 64;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .build()?;
    // Every thread has a list of its own, so that none has to wait for a lock.
    let lists = [const { Mutex::new(Vec::new()) }; MOST_THREADS];
    pool.install(|| {
        (0..computations.jobs)
            .into_par_iter()
            .with_max_len(1)
            .for_each(|_| {
                let result = fib(computations.number);
                let thread = rayon::current_thread_index().unwrap_or(0);
                lists[thread].lock().unwrap().push(result);
            });
    });
    Ok(lists
        .into_iter()
        .flat_map(|list| list.into_inner().unwrap())
        .collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
