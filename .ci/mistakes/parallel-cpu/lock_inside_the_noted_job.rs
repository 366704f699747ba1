//! Several jobs are noted as under way, but a lock lets one of them compute.
//!
//! Expect: does a job wait for a lock that another holds while it computes

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use shared::jobs::Job;
use shared::{Computations, Result, Workers};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(computations.workers)
        .build()?;
    let lock = Mutex::new(());
    let compute = |_| {
        let _job = Job::begin(format_args!("fib({})", computations.number));
        let _one_at_a_time = lock.lock();
        add_up(computations.number)
    };
    let jobs = (0..computations.jobs).into_par_iter().with_max_len(1);
    Ok(pool.install(|| jobs.map(compute).collect()))
}

fn add_up(number: u32) -> u64 {
    match number {
        0 | 1 => number.into(),
        _ => add_up(number - 1) + add_up(number - 2),
    }
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
