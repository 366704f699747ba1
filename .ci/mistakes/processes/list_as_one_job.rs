//! The whole list is one job of the pool, and the worker that gets it uses threads.
//!
//! Expect: who computes, threads or processes, and does the pool know how many

use shared::processes::{ProcessPool, enter_worker};
use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute(workers: &usize, job: &(u32, usize)) -> Result<Vec<u64>> {
    let (number, jobs) = *job;
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..*workers {
            scope.spawn(|| {
                while next.fetch_add(1, Ordering::Relaxed) < jobs {
                    let result = fib(number);
                    results.lock().expect("no panic").push(result);
                }
            });
        }
    });
    Ok(results.into_inner().expect("no panic"))
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let mut pool = ProcessPool::start(1, &computations.workers)?;
    let mut results: Vec<Result<Vec<u64>>> = pool.map(&[(computations.number, computations.jobs)]);
    results.remove(0)
}

fn main() -> Result<ExitCode> {
    enter_worker(|workers: usize| workers, compute);
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report_results(&results, start.elapsed())
}
