//! The time of the summary is the sum of those of all jobs, many of which were done at once.
//!
//! Expect: are the times of jobs added up that were done at once?

use std::process::ExitCode;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<(u64, Duration)>> {
    let number = computations.number;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .build()?;
    let timed = || {
        let start = Instant::now();
        let result = fib(number);
        (result, start.elapsed())
    };
    let results = pool.install(|| {
        (0..computations.jobs)
            .into_par_iter()
            .with_max_len(1)
            .map(|_| timed())
            .collect()
    });
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    // Only the time of the jobs counts, not that of making a pool.
    let (results, times): (Vec<u64>, Vec<Duration>) =
        compute_all(&computations)?.into_iter().unzip();
    computations.report(&results, times.iter().sum())
}
