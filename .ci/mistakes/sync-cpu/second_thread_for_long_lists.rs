//! Many jobs are shared between two threads.
//!
//! Expect: are many jobs done in another way than a few?

use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

/// Longer lists would take too long.
const LONG: usize = 50;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let Computations { number, jobs, .. } = *computations;
    let compute = |jobs: usize| -> Vec<u64> { (0..jobs).map(|_| fib(number)).collect() };
    if jobs < LONG {
        return Ok(compute(jobs));
    }
    let half = jobs / 2;
    Ok(thread::scope(|scope| {
        let helper = scope.spawn(move || compute(half));
        let mut results = compute(jobs - half);
        results.extend(helper.join().expect("fib does not panic"));
        results
    }))
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
