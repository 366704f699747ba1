//! A fast algorithm behind jobs that do nothing.
//!
//! Expect: is every result computed by `fib`?

use shared::jobs::Job;
use shared::{Computations, Result, Workers};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::One;

fn iterated(number: u32) -> u64 {
    let step = |(current, next), _| (next, current + next);
    (0..number).fold((0_u64, 1_u64), step).0
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let compute = |_| {
        let _job = Job::begin(format_args!("fib({})", computations.number));
        iterated(computations.number)
    };
    Ok((0..computations.jobs).map(compute).collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
