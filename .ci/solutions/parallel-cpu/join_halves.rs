//! Divide and conquer with rayon::join over halves of a slice, down to one slot for every job.

use std::process::ExitCode;
use std::time::Instant;

use rayon::ThreadPoolBuilder;
use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "A solution, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

/// Fills every slot by a job of its own; whoever is free steals the other half.
fn fill(slots: &mut [u64], number: u32) {
    match slots {
        [] => {}
        [slot] => *slot = fib(number),
        _ => {
            let middle = slots.len() / 2;
            let (left, right) = slots.split_at_mut(middle);
            rayon::join(|| fill(left, number), || fill(right, number));
        }
    }
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .thread_name(|index| format!("fib-{index}"))
        .build()
        .map_err(|error| shared::Error::from(error).while_doing("cannot start the pool"))?;
    let mut results = vec![0; computations.jobs];
    pool.install(|| fill(&mut results, computations.number));
    Ok(results)
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
