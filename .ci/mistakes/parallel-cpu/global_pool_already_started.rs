//! The global pool is started before it is built with the right number of threads.
//!
//! Expect: the program says `Error: The global thread pool has already been initialized.`

use std::process::ExitCode;
use std::time::Instant;

use rayon::prelude::*;
use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let number = computations.number;
    // Without an option there are enough threads already.
    if computations.workers != rayon::current_num_threads() {
        rayon::ThreadPoolBuilder::new()
            .num_threads(computations.workers)
            .build_global()?;
    }
    Ok((0..computations.jobs)
        .into_par_iter()
        .with_max_len(1)
        .map(|_| fib(number))
        .collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
