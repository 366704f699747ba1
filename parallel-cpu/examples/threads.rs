//! Computes a Fibonacci number several times, by threads that take the jobs one by one.
//!
//! Run it with `cargo run -p parallel-cpu --example threads`; its last lines are like these:
//!
//! ```text
//! fib(35) = 9227465, 20 times
//! Completed in 0.24s
//! ```
//!
//! Lay `parallel-cpu/src/main.rs` beside it: this is what rayon's pool spares you. Python's
//! threads take turns at its interpreter and are no help here; these all compute at once.

use std::io;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use shared::{Computations, Result, Workers, fib};

const ABOUT: &str = "Computes a Fibonacci number several times, by threads and no crate.";
const WORKERS: Workers = Workers::EveryCore;

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let started = AtomicUsize::new(0);
    let work = || {
        let mut results = Vec::new();
        // Whoever is done takes the next job: with an equal share for each, all would wait for
        // the slowest in the end.
        while started.fetch_add(1, Ordering::Relaxed) < computations.jobs {
            results.push(fib(computations.number));
        }
        results
    };
    // The scope ends when all its threads have: that is why they may borrow the counter.
    thread::scope(|scope| {
        // `scope.spawn` would panic if the system had no more threads; this is an error.
        let start = |_| thread::Builder::new().spawn_scoped(scope, work);
        let threads: Vec<_> = (0..computations.workers)
            .map(start)
            .collect::<io::Result<_>>()?;
        let join = |thread: thread::ScopedJoinHandle<'_, _>| thread.join().expect("no panic");
        Ok(threads.into_iter().flat_map(join).collect())
    })
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report(&results, start.elapsed())
}
