//! Computes a Fibonacci number several times, one job after another, each job on every core.
//!
//! Run it with `cargo run --release -p parallel-cpu --example one_job`; it prints:
//!
//! ```text
//! A plain call: 0.0208 s
//! Split to the end: 0.3012 s
//! fib(35) = 9227465, 20 times
//! Completed in 0.22s
//! ```
//!
//! Lay `parallel-cpu/src/main.rs` beside it: there a job has one core, and as many run as there are
//! cores. Split to the end, it has no cut-off, and offers even the smallest call to other threads.
//! On Linux with 2 cores (Intel Xeon, virtual) a split job is 1.9 times as fast as a plain call.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use rayon::ThreadPoolBuilder;
use shared::{Computations, Result, Workers, println};

const ABOUT: &str =
    "Computes a Fibonacci number several times, one job after another, each of them on every core.";
const WORKERS: Workers = Workers::EveryCore;
const CUT_OFF: u32 = 25;

fn plain(number: u32) -> u64 {
    if number < 2 {
        return number.into();
    }
    plain(number - 2) + plain(number - 1)
}

fn split(number: u32, cut_off: u32) -> u64 {
    // To offer a call to another thread costs more than a small call itself.
    if number < cut_off.max(2) {
        return plain(number);
    }
    let (two, one) = rayon::join(|| split(number - 2, cut_off), || split(number - 1, cut_off));
    two + one
}

fn measure(what: &str, compute: impl FnOnce() -> u64) {
    let start = Instant::now();
    black_box(compute());
    println!("{what}: {:.4} s", start.elapsed().as_secs_f64());
}

fn main() -> Result<ExitCode> {
    let computations = Computations::from_command_line(ABOUT, WORKERS);
    let (number, workers) = (computations.number, computations.workers);
    let pool = ThreadPoolBuilder::new().num_threads(workers).build()?;
    measure("A plain call", || plain(black_box(number)));
    measure("Split to the end", || pool.install(|| split(number, 0)));
    let compute = |_| pool.install(|| split(black_box(number), CUT_OFF));
    let start = Instant::now();
    let results: Vec<u64> = (0..computations.jobs).map(compute).collect();
    computations.report_results(&results, start.elapsed())
}
