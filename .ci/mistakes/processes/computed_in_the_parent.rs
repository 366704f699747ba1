//! The workers only send the number back, and threads of the parent compute.
//!
//! Expect: are the jobs done in the parent instead of the workers?

use shared::processes::{ProcessPool, enter_worker};
use shared::{Computations, Result, Workers, fib};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::EveryCore;

fn compute(_: &(), number: &u32) -> Result<u64> {
    Ok((*number).into())
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let mut pool = ProcessPool::start(computations.workers, &())?;
    let numbers = vec![computations.number; computations.jobs];
    let numbers: Result<Vec<u64>> = pool.map(&numbers).into_iter().collect();
    let queue = Mutex::new(numbers?.into_iter());
    let work = || {
        let mut results = Vec::new();
        loop {
            let Some(number) = queue.lock().expect("no panic").next() else {
                return results;
            };
            results.push(fib(number as u32));
        }
    };
    Ok(thread::scope(|scope| {
        let workers = 0..computations.workers;
        let threads: Vec<_> = workers.map(|_| scope.spawn(work)).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| thread.join().expect("no panic");
        threads.into_iter().flat_map(join).collect()
    }))
}

fn main() -> Result<ExitCode> {
    enter_worker(|()| (), compute);
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report_results(&results, start.elapsed())
}
