//! The line where a worker enters is missing.
//!
//! Expect: is `enter_worker` the first line of `main`?

use shared::processes::ProcessPool;
use shared::{Downloads, Outcomes, Result, Workers};
use std::process::ExitCode;
use std::time::Instant;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(5);

fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let mut pool = ProcessPool::start(downloads.workers, &downloads.timeout)?;
    Ok(pool.map(&downloads.urls))
}

fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads)?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}
