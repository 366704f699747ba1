//! Computes a Fibonacci number in better ways, one job after another: no concurrency beats that.
//!
//! Run it with `cargo run --release -p sync-cpu --example remembered`; it starts like this:
//!
//! ```text
//! Empty cache: 9227465 in 1.283µs
//! Full cache: 9227465 in 7ns
//! Iteration: 9227465 in 3ns
//! ```
//!
//! Lay `sync-cpu/src/main.rs` beside it. With `--number 93` that one takes a thousand years a job.

use std::collections::HashMap;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use shared::{Computations, Result, Workers, println};

const ABOUT: &str = "Computes a Fibonacci number with a cache and by iteration, in nanoseconds.";
const WORKERS: Workers = Workers::One;
const KNOWN: [(u32, u64); 2] = [(0, 0), (1, 1)];
const CALLS: u32 = 1_000;

fn remembered(number: u32, cache: &mut HashMap<u32, u64>) -> u64 {
    if let Some(result) = cache.get(&number) {
        return *result;
    }
    let result = remembered(number - 2, cache) + remembered(number - 1, cache);
    *cache.entry(number).or_insert(result)
}

fn iterated(number: u32) -> u64 {
    let step = |(current, previous), _| (current + previous, current);
    (0..number).fold((0, 1), step).0
}

fn measure(name: &str, number: u32, mut compute: impl FnMut(u32) -> u64) {
    let start = Instant::now();
    // One call may end before the clock ticks; the black box keeps the compiler from merging them.
    let result = (0..CALLS).fold(0, |_, _| black_box(compute(black_box(number))));
    println!("{name}: {result} in {:?}", start.elapsed() / CALLS);
}

fn compute_all(computations: &Computations) -> Result<Vec<u64>> {
    let mut cache = KNOWN.into();
    let compute = |_| remembered(computations.number, &mut cache);
    Ok((0..computations.jobs).map(compute).collect())
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let (number, mut cache) = (computations.number, KNOWN.into());
    measure("Empty cache", number, |n| remembered(n, &mut KNOWN.into()));
    measure("Full cache", number, |n| remembered(n, &mut cache));
    measure("Iteration", number, iterated);
    let start = Instant::now();
    let results = compute_all(&computations)?;
    computations.report_results(&results, start.elapsed())
}
