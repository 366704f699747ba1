//! The parent computes every result again to check it.
//!
//! Expect: is a job done more than once, or are there more jobs

use shared::processes::{ProcessPool, enter_worker};
use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute(_: &(), number: &u32) -> Result<u64> {
    Ok(fib(*number))
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let mut pool = ProcessPool::start(computations.workers, &())?;
    let jobs = vec![computations.number; computations.jobs];
    let results: Vec<u64> = pool.map(&jobs).into_iter().collect::<Result<_>>()?;
    assert!(
        results
            .iter()
            .all(|result| *result == fib(computations.number))
    );
    Ok(results)
}

fn main() -> Result<ExitCode> {
    enter_worker(|()| (), compute);
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report_results(&results, start.elapsed())
}
